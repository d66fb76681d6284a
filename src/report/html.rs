//! Detections and rows as one page: a summary by rule, then each detection with its evidence. Nothing that an event or
//! a rule says becomes markup.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::markup::{CLOSING, code, escape, opening, table};
use super::text::{self, event_line, when};
use super::variable::{risk_score, severity};
use super::{Found, spread};
use crate::exec::detection::{Detection, Evidence, RuleInfo, Sample};
use crate::exec::query::Results;
use crate::value::Value;

/// The page, written as it comes: it may be long.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    let title = if found.rules.is_empty() { "Search results" } else { "Detections" };
    writeln!(out, "{}<h1>{title}</h1>", opening(title))?;
    if !found.rules.is_empty() {
        summary(out, found)?;
    }
    spread::write(out, found, &|at, detection, text| {
        let unknown = RuleInfo::default();
        one(text, found.rules.get(detection.rule).unwrap_or(&unknown), (at + 1, detection))
    })?;
    found.results.iter().try_for_each(|results| rows(out, results))?;
    out.write_all(CLOSING.as_bytes())
}

/// What a rule detected, in numbers.
#[derive(Default)]
struct Tally<'t> {
    count: usize,
    /// The places of the first and the last on the page.
    places: (usize, usize),
    shown: Option<(&'t Detection, &'t Detection)>,
}

fn summary(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    let rules = counted(found.rules.len(), "rule");
    if found.detections.is_empty() {
        return writeln!(out, "<p>No detections by {rules}.</p>");
    }
    let mut tallies: BTreeMap<usize, Tally<'_>> = BTreeMap::new();
    for (index, detection) in found.detections.iter().enumerate() {
        let tally = tallies.entry(detection.rule).or_default();
        let first = tally.shown.map_or(detection, |(first, _)| first);
        let place = if tally.count == 0 { index + 1 } else { tally.places.0 };
        *tally =
            Tally { count: tally.count + 1, places: (place, index + 1), shown: Some((first, detection)) };
    }
    let detections = counted(found.detections.len(), "detection");
    writeln!(out, "<p>{detections} by {} of {rules}.</p>", tallies.len())?;
    let rows: Vec<Vec<String>> =
        tallies.iter().filter_map(|(rule, tally)| Some(line(found.rules.get(*rule)?, tally))).collect();
    write!(out, "{}", table(&["Rule", "Severity", "Detections", "First", "Last"], &rows))
}

fn line(rule: &RuleInfo, tally: &Tally<'_>) -> Vec<String> {
    let link = |place: usize, detection: &Detection| {
        let time = detection.time().map_or_else(|| "no time".to_owned(), |at| at.to_rfc3339());
        format!("<a href=\"#d{place}\">{time}</a>")
    };
    let (first, last) = tally.shown.map_or_else(Default::default, |(first, last)| {
        (link(tally.places.0, first), link(tally.places.1, last))
    });
    vec![safe(&rule.name), severity(rule).unwrap_or("").to_lowercase(), tally.count.to_string(), first, last]
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Text without what would turn the direction of writing or hide a letter, then escaped.
fn safe(shown: &str) -> String {
    escape(&text::escape(shown))
}

fn one(out: &mut dyn Write, rule: &RuleInfo, (place, detection): (usize, &Detection)) -> io::Result<()> {
    writeln!(out, "<article id=\"d{place}\">\n<h2>{}</h2>", safe(&rule.name))?;
    if let Some(description) = rule.meta("description") {
        writeln!(out, "<p>{}</p>", safe(description))?;
    }
    let risk = risk_score(rule, detection).to_string();
    let severity = severity(rule).map(|name| format!(", severity {}", name.to_lowercase()));
    writeln!(out, "<p>{}; risk {}{}</p>", when(detection), safe(&risk), severity.unwrap_or_default())?;
    let worth = |(_, value): &(&String, &Value<'static>)| !text::is_empty(value);
    let row = |kind: &str, (name, value): (&String, &Value<'static>)| {
        vec![kind.to_owned(), code(&format!("${}", text::escape(name))), safe(&value.to_text())]
    };
    let matches = detection.matches.iter().filter(worth).map(|pair| row("match", pair));
    let outcomes = detection.outcomes.iter().filter(worth).map(|pair| row("outcome", pair));
    let values: Vec<Vec<String>> = matches.chain(outcomes).collect();
    if !values.is_empty() {
        write!(out, "{}", table(&["Kind", "Variable", "Value"], &values))?;
    }
    detection.events.iter().filter(|found| found.count > 0).try_for_each(|found| evidence(out, found))?;
    writeln!(out, "</article>")
}

fn evidence(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let events = counted(evidence.count, "event");
    let shown = match evidence.count.saturating_sub(evidence.samples.len()) {
        0 => String::new(),
        _ => format!(", the first {} here", evidence.samples.len()),
    };
    writeln!(out, "<h3>{}: {events}{shown}</h3>", code(&format!("${}", text::escape(&evidence.label))))?;
    evidence.samples.iter().try_for_each(|found| sample(out, &found))
}

/// A line, which opens to the whole event.
fn sample(out: &mut dyn Write, sample: &Sample) -> io::Result<()> {
    sample.read(|event| {
        let whole = if event.is_null() {
            "its file has changed since it was read".to_owned()
        } else {
            serde_json::to_string_pretty(event)?
        };
        let lines: Vec<String> = whole.lines().map(safe).collect();
        let line = escape(&event_line(event, sample));
        writeln!(out, "<details><summary>{line}</summary>\n<pre>{}</pre></details>", lines.join("\n"))
    })
}

fn rows(out: &mut dyn Write, results: &Results) -> io::Result<()> {
    writeln!(out, "<h2>{}: {}</h2>", safe(&results.name), counted(results.rows.len(), "row"))?;
    if results.rows.iter().any(|row| row.event.is_some()) {
        return results.rows.iter().filter_map(|row| row.event.as_ref()).try_for_each(|one| sample(out, one));
    }
    let (heading, body) = super::rows::texts(results);
    let heading: Vec<String> = heading.iter().map(|name| escape(name)).collect();
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    let body: Vec<Vec<String>> =
        body.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    writeln!(out, "<div class=\"wide\">{}</div>", table(&heading, &body))
}
