//! SARIF 2.1.0, as code scanning services read it: one run, with the codes it found as its rules.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::{places, sorted};
use crate::diag::{Code, Diagnostic, Edit, Severity};
use crate::text::{Source, Sources, Span};

/// What a path keeps of itself in a URI.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|')
    .add(b'[')
    .add(b']');

/// The whole report.
pub fn sarif(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let found = sorted(sources, diagnostics);
    let mut used: Vec<&Code> = found.iter().map(|one| one.code).collect();
    used.sort_by_key(|code| code.id);
    used.dedup();
    let results: Vec<Value> = found.iter().filter_map(|one| result(sources, &used, one)).collect();
    let driver = json!({
        "name": "yaral",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": used.iter().map(|code| rule(code)).collect::<Vec<_>>(),
    });
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    });
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.page},
        "help": {"text": code.page},
        "defaultConfiguration": {"level": level(code.severity)},
    })
}

fn result(sources: &Sources, used: &[&Code], one: &Diagnostic) -> Option<Value> {
    let source = sources.get(one.label.span.source)?;
    let help = one.help.as_ref().map(|help| format!("\nHelp: {help}")).unwrap_or_default();
    let also = one.also.iter().filter_map(|label| {
        let source = sources.get(label.span.source)?;
        Some(json!({"physicalLocation": location(source, label.span), "message": {"text": label.text}}))
    });
    let fixes = (!one.fix.is_empty()).then(|| fix(source, one));
    Some(json!({
        "ruleId": one.code.id,
        "ruleIndex": used.iter().position(|code| *code == one.code),
        "level": level(one.severity),
        "message": {"text": format!("{}{help}", one.message)},
        "locations": [{"physicalLocation": location(source, one.label.span)}],
        "relatedLocations": also.collect::<Vec<_>>(),
        "fixes": fixes.into_iter().collect::<Vec<_>>(),
    }))
}

fn uri(source: &Source) -> String {
    let path = utf8_percent_encode(&source.name, PATH).to_string();
    let first = path.split('/').next().unwrap_or_default();
    match path.as_str() {
        absolute if absolute.starts_with('/') => format!("file://{absolute}"),
        // A colon in the first word would make a scheme of it.
        _ if first.contains(':') => format!("./{path}"),
        _ => path,
    }
}

fn location(source: &Source, span: Span) -> Value {
    json!({"artifactLocation": {"uri": uri(source)}, "region": region(source, span)})
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = places(source, span);
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

fn fix(source: &Source, one: &Diagnostic) -> Value {
    let replacement = |edit: &Edit| json!({"deletedRegion": region(source, edit.span), "insertedContent": {"text": edit.text}});
    json!({
        "description": {"text": one.help.clone().unwrap_or_default()},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(source)},
            "replacements": one.fix.iter().map(replacement).collect::<Vec<_>>(),
        }],
    })
}
