//! Pages for people in a terminal.

use super::attack::{Named, TacticRow};
use super::{Counted, Kind, Page, Stage};
use crate::report::escape;

pub(super) fn render(pages: &[Page]) -> String {
    let pages: Vec<String> = pages.iter().map(page).collect();
    pages.join(&format!("\n{}\n\n", "-".repeat(72)))
}

fn page(page: &Page) -> String {
    let mut out = format!("{}\n{}\n", safe(&page.title), "=".repeat(page.title.chars().count()));
    for line in [&page.description].into_iter().filter(|line| !line.is_empty()) {
        out += &format!("{}\n", safe(line));
    }
    section(&mut out, "MITRE ATT&CK coverage", page.attack.iter().map(tactic).collect());
    section(&mut out, "References", page.references.iter().map(|one| safe(one)).collect());
    let coverage = page.coverage.iter();
    let coverage = coverage.map(|row| format!("{}  Event ID {}  {}", row.provider, row.id, row.title));
    section(&mut out, "Event coverage", coverage.collect());
    let (body, output) = match page.kind {
        Kind::Rule => ("Rule body", "Output fields"),
        Kind::Search => ("Search body", "Output columns"),
    };
    section(&mut out, &format!("{body}: {}", safe(&page.name)), vec![lines(&page.body)]);
    section(&mut out, "Stages and predicates", page.stages.iter().map(stage).collect());
    section(&mut out, "Indicators", indicators(page));
    let outputs = page.outputs.iter().map(|(name, source)| format!("{name} = {}", safe(source)));
    section(&mut out, output, outputs.collect());
    out
}

/// A section without anything in it is left out.
fn section(out: &mut String, title: &str, items: Vec<String>) {
    if items.is_empty() {
        return;
    }
    *out += &format!("\n{title}\n");
    for line in items.iter().flat_map(|item| item.lines()) {
        *out += format!("  {line}").trim_end();
        out.push('\n');
    }
}

fn tactic(row: &TacticRow) -> String {
    let techniques = row.techniques.iter().map(named).collect::<Vec<_>>().join(", ");
    let tactic = row.tactic.as_ref().map_or_else(|| "-".to_owned(), |tactic| tactic.name.clone());
    let id = row.tactic.as_ref().map(|tactic| format!(" ({})", tactic.id)).unwrap_or_default();
    format!("{tactic}{id}: {techniques}")
}

fn named(one: &Named) -> String {
    safe(format!("{} {}", one.id, one.name).trim())
}

fn stage(stage: &Stage) -> String {
    let mut out = format!("{}\n", stage.title);
    for (heading, written) in &stage.parts {
        let indent = if heading.is_empty() { "  " } else { "    " };
        if !heading.is_empty() {
            out += &format!("  {heading}\n");
        }
        for line in written.iter().flat_map(|one| one.lines()) {
            out += &format!("{indent}{}\n", safe(line));
        }
    }
    if !stage.words.is_empty() {
        out += &format!("  {}\n", safe(&stage.words));
    }
    out
}

fn indicators(page: &Page) -> Vec<String> {
    let rows = page.indicators.iter().map(|row| {
        let values = row.values.iter().map(|(value, others)| (shown(value), others));
        let values = values.map(|(value, others)| match (page.counted, others) {
            (Counted::No, _) => format!("\n  {value}"),
            (Counted::Yes, 1) => format!("\n  {value}  (1 other rule)"),
            (Counted::Yes, count) => format!("\n  {value}  ({count} other rules)"),
        });
        format!("{}  {}{}", row.field, row.kind, values.collect::<String>())
    });
    rows.collect()
}

/// An empty text would not be seen.
fn shown(value: &str) -> String {
    if value.is_empty() { "\"\"".to_owned() } else { safe(value) }
}

fn safe(text: &str) -> String {
    escape(text).into_owned()
}

fn lines(text: &str) -> String {
    let line = |line: &str| safe(&line.replace('\t', "    "));
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
