//! Why a rule did or did not report: the trace of its events and groups in words.

mod html;
mod json;
mod pick;
mod text;

use self::pick::{Groups, Picked};
use super::Form;
use crate::exec::detection::Place;
use crate::exec::trace::{GroupTrace, Reason, Reported, RuleTrace};
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

/// `none of 14 events matches; the nearest are`
fn matching(picked: &Picked<'_>) -> String {
    match (picked.judged, picked.matching) {
        (1, 0) => "the event does not match".to_owned(),
        (1, 1) => "the event matches".to_owned(),
        (judged, 0) => format!("none of {judged} events matches; the nearest are"),
        (judged, matching) => format!("{matching} of {judged} events match, among them"),
    }
}

/// `reported (2 $process)`
fn outcome_of(group: &GroupTrace) -> String {
    let reported = match group.reported {
        Reported::Yes => "reported",
        Reported::No => "not reported",
    };
    let counts = group.counts.iter().filter(|(_, count)| *count > 0);
    let counts = counts.map(|(name, count)| format!("{count} ${name}")).collect::<Vec<_>>().join(", ");
    if counts.is_empty() { reported.to_owned() } else { format!("{reported} ({counts})") }
}

/// What is left unsaid of groups: `2 more not reported`.
fn more(groups: &Groups<'_>) -> impl Iterator<Item = String> {
    let more = [
        (groups.more_short, "more not reported"),
        (groups.more_reported, "more reported"),
        (groups.covered, "more windows whose events the reported ones hold"),
    ];
    more.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"))
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
