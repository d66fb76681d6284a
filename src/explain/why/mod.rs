//! Why a rule did or did not report: the trace of its events and groups in words.

mod html;
mod json;
mod pick;
mod text;

use super::Form;
use crate::exec::detection::Place;
use crate::exec::trace::{GroupTrace, Reason, RuleTrace};
use crate::report::position;
use crate::text::{Sources, Span};

/// A rule and what it made of the events.
#[derive(Debug)]
pub struct Explained<'e> {
    /// The rule's name.
    pub rule: &'e str,
    /// What it made of the events.
    pub trace: &'e RuleTrace,
}

/// The explanations of all rules. `width` is how many columns a line of text may have.
pub fn render(form: Form, sources: &Sources, rules: &[Explained<'_>], width: usize) -> String {
    match form {
        Form::Text => text::render(sources, rules, width),
        Form::Json => json::render(sources, rules),
        Form::Html => html::render(sources, rules),
    }
}

/// `detection` or `no detection`.
fn verdict(trace: &RuleTrace) -> &'static str {
    if trace.detections.is_empty() { "no detection" } else { "detection" }
}

/// The text of a part of the rule, on one line.
fn one_line(sources: &Sources, span: Span) -> String {
    let text = sources.get(span.source).map_or("", |source| source.slice(span));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `a.evtx, record 12`
fn place_text(place: &Place) -> String {
    format!("{}, {}", place.path, position(place.position))
}

/// `$hostname = ws1, 10:00 to 10:05`
fn group_title(group: &GroupTrace) -> String {
    let matches = group.matches.iter().map(|(name, value)| format!("${name} = {}", value.to_text()));
    let matches = matches.collect::<Vec<_>>().join(", ");
    let window = group.window.map(|window| match (window.start, window.end) {
        (start, end) if start == end => start.to_rfc3339(),
        (start, end) => format!("{} to {}", start.to_rfc3339(), end.to_rfc3339()),
    });
    let parts: Vec<String> =
        [Some(matches), window].into_iter().flatten().filter(|p| !p.is_empty()).collect();
    if parts.is_empty() { "no group came about".to_owned() } else { parts.join(", ") }
}

/// `#failure is 3, expected > 4`
fn reason_text(reason: &Reason) -> String {
    let actual = reason.actual.as_ref();
    let actual = actual.map(|text| if reason.is_of_field() { format!("\"{text}\"") } else { text.clone() });
    let met = match (&reason.field, actual) {
        (Some(field), Some(actual)) => Some(format!("{field} is {actual}")),
        (field, actual) => field.clone().or(actual),
    };
    let expected = reason.expected.as_ref().map(|expected| format!("expected {expected}"));
    let parts: Vec<String> = [met, expected].into_iter().flatten().collect();
    format!("{}: {}", reason.code.word(), parts.join("; "))
}
