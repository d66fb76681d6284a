//! The doors of the library that the commands go through.
//!
//! Stand-ins until the rooms behind them are merged: rules are parsed, nothing is checked further, nothing is found.

use std::path::PathBuf;

use crate::diag::Diagnostic;
use crate::exec::detection::{Detection, RuleInfo, RuleType};
use crate::exec::options::{DamageReport, RunOptions, Summary};
use crate::syntax::ast::{self, ExprKind, Literal};
use crate::text::Sources;

/// Where reference lists are looked for.
#[derive(Debug, Clone, Default)]
pub struct ListFolders {
    /// Those of `--lists`, which come first.
    pub given: Vec<PathBuf>,
    /// The rule path on the command line: no folder above it is searched.
    pub root: PathBuf,
}

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// What is opened.
        path: PathBuf,
        /// What reports call it.
        name: String,
        /// How it came into the run.
        origin: Origin,
    },
}

/// How a file came into a run: one that was named must hold events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Its own path was given.
    Named,
    /// It was found in a folder.
    InFolder,
}

/// What a run gives back.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// In the order of the output.
    pub detections: Vec<Detection>,
    /// What was read.
    pub summary: Summary,
    /// The bad record that ended a strict run.
    pub strict_stop: Option<DamageReport>,
}

/// Whether diagnostics are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences.
    On,
    /// Plain text.
    Off,
}

/// A rule ready to run.
#[derive(Debug, Clone)]
pub struct Plan(RuleInfo);

/// Everything wrong with a file beyond its form.
pub fn check(_file: &ast::File) -> Vec<Diagnostic> {
    Vec::new()
}

/// What of a rule is valid but not run here.
pub fn unsupported(_rule: &ast::Rule) -> Vec<Diagnostic> {
    Vec::new()
}

/// A plan, or why there is none.
///
/// # Errors
/// What keeps the rule from running, a list that is not there among it.
pub fn compile(rule: &ast::Rule, file: &str, _lists: &ListFolders) -> Result<Plan, Vec<Diagnostic>> {
    let pairs = rule.meta.iter().flat_map(|meta| &meta.items);
    let meta = pairs.map(|pair| (pair.key.node.clone(), literal(&pair.value.kind))).collect();
    let has_match = rule.body.match_.is_some();
    let rule_type = if has_match { RuleType::MultiEvent } else { RuleType::SingleEvent };
    Ok(Plan(RuleInfo { name: rule.name.node.clone(), file: file.to_owned(), meta, rule_type, has_match }))
}

fn literal(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Literal(Literal::Text(text) | Literal::Raw(text)) => text.clone(),
        _ => String::new(),
    }
}

/// What reports show of a rule.
pub fn info(plan: &Plan) -> RuleInfo {
    plan.0.clone()
}

/// Runs all plans over all inputs.
pub fn run(_plans: Vec<Plan>, inputs: &[Input], _options: &RunOptions) -> Run {
    let files = u64::try_from(inputs.len()).unwrap_or(u64::MAX);
    Run { summary: Summary { files, ..Summary::default() }, ..Run::default() }
}

/// Diagnostics for people, with excerpts of the source.
pub fn render_text(sources: &Sources, found: &[Diagnostic], _colour: Colour, _width: usize) -> String {
    let line = |one: &Diagnostic| {
        let source = sources.get(one.label.span.source)?;
        let at = source.position(one.label.span.start);
        let (severity, code) = (one.severity.name(), one.code.id);
        Some(format!("{}:{}:{}: {severity} [{code}]: {}\n", source.name, at.line, at.column, one.message))
    };
    found.iter().filter_map(line).collect()
}

/// Diagnostics as one JSON array.
pub fn render_json(sources: &Sources, found: &[Diagnostic]) -> String {
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
