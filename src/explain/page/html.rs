//! Pages as HTML.

use super::attack::Named;
use super::{Counted, Kind, Page, Stage};
use crate::report::markup::{code, escape, page as whole, table};

const ROWS: &str = "What a row holds, and where it comes from.";

const EVENTS: &str = "Windows events that have what is tested.";

const INDICATORS: &str = "What fields are held against; event types are left out.";

const COUNTED: &str = "What fields are held against; event types are left out. The number behind a value says how many \
     other rules of the catalogue hold the same field against it: 0 is peculiar to this rule, many is common ground.";

const SHARED: &str = "What fields are held against; event types are left out. The number behind a value says how many \
     rules of the catalogue hold the same field against it.";

const OUTPUTS: &str = "What a detection carries; <code>$risk_score</code> says how much it weighs.";

pub(super) fn render(pages: &[Page]) -> String {
    let title = match pages {
        [one] => one.title.as_str(),
        _ if pages.iter().all(|page| page.kind == Kind::Rule) => "Detection rules",
        _ => "Rules and searches",
    };
    whole(title, &pages.iter().map(page).collect::<String>())
}

fn page(page: &Page) -> String {
    let (home, body) = match page.kind {
        Kind::Rule => ("Detection rules", "Rule body"),
        Kind::Search => ("Searches", "Search body"),
    };
    let mut out = format!("<p class=\"soft\">{home} › YARA-L</p>\n");
    out += &format!("<h1>{}</h1>\n<p>{}</p>\n", escape(&page.title), escape(&page.description));
    attack(page, &mut out);
    references(page, &mut out);
    coverage(page, &mut out);
    out += &format!("<h2>{body}</h2>\n<pre>{}</pre>\n<h2>Stages and predicates</h2>\n", escape(&page.body));
    page.stages.iter().for_each(|one| stage(one, &mut out));
    indicators(page, &mut out);
    outputs(page, &mut out);
    out
}

fn attack(page: &Page, out: &mut String) {
    let rows = page.attack.iter().map(|row| {
        let tactic = row.tactic.as_ref().map(named).unwrap_or_default();
        vec![tactic, row.techniques.iter().map(named).collect::<Vec<_>>().join("<br>")]
    });
    section(out, ("MITRE ATT&amp;CK coverage", ""), &["Tactic", "Techniques"], rows.collect());
}

fn named(one: &Named) -> String {
    escape(format!("{} {}", one.id, one.name).trim())
}

/// A title, and the sentence below it where there is one; the table is left out where it has no rows.
fn section(out: &mut String, (title, words): (&str, &str), head: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let words = if words.is_empty() { String::new() } else { format!("<p>{words}</p>\n") };
    *out += &format!("<h2>{title}</h2>\n{words}{}", table(head, &rows));
}

/// Only addresses of the web become links: a rule is not trusted.
fn references(page: &Page, out: &mut String) {
    if page.references.is_empty() {
        return;
    }
    *out += "<h2>References</h2>\n<ul>\n";
    for reference in &page.references {
        let shown = escape(reference);
        let is_address = ["https://", "http://"].iter().any(|start| reference.starts_with(start));
        *out += &match is_address {
            true => format!("<li><a href=\"{shown}\" rel=\"noreferrer\">{shown}</a></li>\n"),
            false => format!("<li>{shown}</li>\n"),
        };
    }
    *out += "</ul>\n";
}

fn coverage(page: &Page, out: &mut String) {
    let rows = page.coverage.iter();
    let rows = rows.map(|row| vec![escape(row.provider), format!("Event ID {}", row.id), escape(row.title)]);
    section(out, ("Event coverage", EVENTS), &["Provider", "Event", "Title"], rows.collect());
}

fn stage(stage: &Stage, out: &mut String) {
    *out += &format!("<h3>{}</h3>\n", escape(&stage.title));
    for (heading, written) in &stage.parts {
        let indent = |text: &String| {
            let before = if heading.is_empty() { "" } else { "  " };
            text.lines().map(|line| format!("{before}{}\n", escape(line))).collect::<String>()
        };
        let heading = if heading.is_empty() { String::new() } else { format!("{}\n", escape(heading)) };
        *out += &format!("<pre>{heading}{}</pre>\n", written.iter().map(indent).collect::<String>());
    }
    if !stage.words.is_empty() {
        *out += &format!("<p>{}</p>\n", escape(&stage.words));
    }
}

fn indicators(page: &Page, out: &mut String) {
    let rows = page.indicators.iter().map(|row| {
        let values = row
            .values
            .iter()
            .map(|(value, others)| (if value.is_empty() { "\"\"" } else { value.as_str() }, others));
        let values = values.map(|(value, others)| match page.counted {
            Counted::Yes => format!("{} <span class=\"soft\">{others}</span>", code(value)),
            Counted::No => code(value),
        });
        vec![code(&row.field), escape(&row.kind), values.collect::<Vec<_>>().join("<br>")]
    });
    let counted = match page.kind {
        Kind::Rule => COUNTED,
        Kind::Search => SHARED,
    };
    let (words, values) = match page.counted {
        Counted::Yes => (counted, "Values, and how many other rules look for the same"),
        Counted::No => (INDICATORS, "Values"),
    };
    section(out, ("Indicators", words), &["Field", "Kind", values], rows.collect());
}

fn outputs(page: &Page, out: &mut String) {
    let rows = page.outputs.iter().map(|(name, source)| vec![code(name), code(source)]);
    let (titles, name) = match page.kind {
        Kind::Rule => (("Output fields", OUTPUTS), "Field"),
        Kind::Search => (("Output columns", ROWS), "Column"),
    };
    section(out, titles, &[name, "Source"], rows.collect());
}
