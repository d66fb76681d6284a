//! How diagnostics are shown: the only place that knows miette or JSON.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use super::{Diagnostic, Severity};
use crate::text::{Source, Sources};

/// Whether diagnostics are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences.
    On,
    /// Plain text.
    Off,
}

/// Diagnostics for people, with excerpts of the source.
pub fn text(sources: &Sources, found: &[Diagnostic], colour: Colour, width: usize) -> String {
    let theme = match colour {
        Colour::On => GraphicalTheme::unicode(),
        Colour::Off => GraphicalTheme::unicode_nocolor(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
    let mut out = String::new();
    for one in found {
        let Some(source) = sources.get(one.label.span.source) else { continue };
        // Writing to a string does not fail.
        let _ = handler.render_report(&mut out, report(source, one).as_ref());
        out.push('\n');
    }
    out
}

fn report(source: &Source, one: &Diagnostic) -> Report {
    let labels = std::iter::once(&one.label).chain(&one.also).map(|label| {
        let text = (!label.text.is_empty()).then(|| label.text.clone());
        LabeledSpan::new_with_span(text, label.span.range())
    });
    let severity = match one.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Info => miette::Severity::Advice,
    };
    let mut shown =
        MietteDiagnostic::new(visible(&one.message)).with_code(one.code.id).with_severity(severity);
    shown = shown.with_labels(labels);
    if let Some(help) = &one.help {
        shown = shown.with_help(visible(help));
    }
    Report::new(shown).with_source_code(NamedSource::new(visible(&source.name), shown_text(&source.text)))
}

/// Control characters of a rule must not drive the terminal; each keeps its width in bytes, so that places still fit.
fn shown_text(text: &str) -> String {
    text.chars()
        .map(
            |letter| {
                if letter.is_ascii_control() && !matches!(letter, '\n' | '\t' | '\r') { '?' } else { letter }
            },
        )
        .collect()
}

fn visible(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

/// Diagnostics as one JSON array; lines and columns from 1, columns in Unicode scalar values.
pub fn json(sources: &Sources, found: &[Diagnostic]) -> String {
    let object = |one: &Diagnostic| {
        let source = sources.get(one.label.span.source)?;
        let (start, end) = (source.position(one.label.span.start), source.position(one.label.span.end));
        Some(serde_json::json!({
            "file": source.name, "line": start.line, "column": start.column, "endLine": end.line,
            "endColumn": end.column, "severity": one.severity.name(), "code": one.code.id,
            "message": one.message, "help": one.help,
        }))
    };
    serde_json::Value::Array(found.iter().filter_map(object).collect()).to_string()
}
