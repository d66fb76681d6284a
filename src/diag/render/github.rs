//! Workflow commands that become annotations of a pull request.

use super::{places, sorted};
use crate::diag::{Diagnostic, Severity};
use crate::text::Sources;

/// One line for each finding.
pub fn github(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for one in sorted(sources, diagnostics) {
        let Some(source) = sources.get(one.label.span.source) else { continue };
        let (start, end) = places(source, one.label.span);
        let command = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        // GitHub refuses columns where an annotation runs over several lines.
        let columns = if start.line == end.line {
            format!(",col={},endColumn={}", start.column, end.column)
        } else {
            String::new()
        };
        let file = property(&source.name);
        let help = one.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        let text = data(&format!("{}{help}", one.message));
        let lines = format!("line={},endLine={}", start.line, end.line);
        out += &format!("::{command} file={file},{lines}{columns},title={}::{text}\n", one.code.id);
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
