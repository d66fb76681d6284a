//! How diagnostics are shown: the only place that knows miette or JSON.

mod excerpt;
mod github;
mod sarif;

use std::fmt;

use excerpt::Excerpt;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use serde::Serialize;

pub use github::github;
pub use sarif::sarif;

use super::{Diagnostic, Severity};
use crate::text::{Position, Source, Sources, Span};

/// In which form diagnostics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, with excerpts of the source.
    Text,
    /// One array of objects.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub.
    Github,
}

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences.
    On,
    /// Plain text.
    Off,
}

/// For people: each finding with its place, an excerpt of the source, and the correction.
pub fn text(sources: &Sources, diagnostics: &[Diagnostic], colour: Colour, width: usize) -> String {
    let theme = match colour {
        Colour::On => GraphicalTheme::unicode(),
        Colour::Off => GraphicalTheme::unicode_nocolor(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width.max(40)).with_links(false);
    let mut out = String::new();
    for diagnostic in sorted(sources, diagnostics) {
        let Some(source) = sources.get(diagnostic.label.span.source) else { continue };
        // Writing to a string does not fail.
        let _ = handler.render_report(&mut out, &Report::new(source, diagnostic));
        out.push('\n');
    }
    out
}

/// The same as one JSON array.
pub fn json(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let all: Vec<Row> = sorted(sources, diagnostics)
        .into_iter()
        .filter_map(|one| Some(Row::new(sources.get(one.label.span.source)?, one)))
        .collect();
    serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
}

/// By the name of the file, then by place.
fn sorted<'d>(sources: &Sources, diagnostics: &'d [Diagnostic]) -> Vec<&'d Diagnostic> {
    let name = |one: &Diagnostic| sources.get(one.label.span.source).map(|source| source.name.as_str());
    let mut all: Vec<&Diagnostic> = diagnostics.iter().collect();
    all.sort_by(|left, right| {
        let place = |one: &Diagnostic| (one.label.span.start, one.label.span.end);
        name(left).cmp(&name(right)).then(place(left).cmp(&place(right)))
    });
    all
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'d> {
    file: &'d str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    severity: &'static str,
    code: &'static str,
    message: &'d str,
    help: Option<&'d str>,
}

impl<'d> Row<'d> {
    fn new(source: &'d Source, diagnostic: &'d Diagnostic) -> Row<'d> {
        let (start, end) = places(source, diagnostic.label.span);
        Row {
            file: &source.name,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            severity: diagnostic.severity.name(),
            code: diagnostic.code.id,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
        }
    }
}

/// First place, and one past the last; a line end belongs to the line it ends.
fn places(source: &Source, span: Span) -> (Position, Position) {
    let (start, end) = (source.position(span.start), source.position(span.end));
    if end.column > 1 || span.end <= span.start {
        return (start, end);
    }
    let last = source.position(span.end - 1);
    (start, Position { column: last.column + 1, ..last })
}

/// One finding as miette takes it, free of control characters.
struct Report {
    source: Excerpt,
    message: String,
    code: String,
    help: Option<String>,
    severity: Severity,
    labels: Vec<LabeledSpan>,
}

impl Report {
    fn new(source: &Source, diagnostic: &Diagnostic) -> Report {
        let (excerpt, labels) = Excerpt::new(source, diagnostic);
        Report {
            source: excerpt,
            message: visible(&diagnostic.message),
            code: diagnostic.code.id.to_owned(),
            help: diagnostic.help.as_deref().map(visible),
            severity: diagnostic.severity,
            labels,
        }
    }
}

/// A rule is someone else's text, and must not steer the reader's terminal.
fn visible(text: &str) -> String {
    let shown = |c: char| if is_unsafe(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// Control characters, and those that turn the direction of writing.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
