//! A rule or a search as a page: what it looks for, on which events, by which indicators, and what it gives.

mod attack;
mod coverage;
mod html;
mod indicators;
mod json;
mod searches;
mod tests_of;
mod text;
mod words;

use super::Form;
use crate::syntax::ast::{Assignment, MatchClause, Rule, Stmt};
use crate::syntax::print::print_expr;
use crate::text::{Source, Span};
use attack::TacticRow;
use coverage::Coverage;
pub use indicators::Catalog;
use indicators::{Indicator, Named};
use tests_of::Subjects;

/// All that a page says of a rule or a search.
#[derive(Debug)]
pub struct Page {
    kind: Kind,
    name: String,
    title: String,
    description: String,
    attack: Vec<TacticRow>,
    references: Vec<String>,
    coverage: Vec<Coverage>,
    body: String,
    stages: Vec<Stage>,
    indicators: Vec<Indicator>,
    counted: Counted,
    outputs: Vec<(String, String)>,
}

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rule,
    Search,
}

/// Were the rules of a catalogue counted?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Yes,
    No,
}

impl Counted {
    fn by(catalog: Option<&Catalog>) -> Counted {
        if catalog.is_some() { Counted::Yes } else { Counted::No }
    }
}

/// What is decided together: of a rule the group first, then each variable; of a search each stage, then the root.
#[derive(Debug)]
struct Stage {
    title: String,
    /// Headings, which may be empty, and what the rule has there.
    parts: Vec<(String, Vec<String>)>,
    words: String,
}

impl Page {
    /// The page of a rule; `start` is where what belongs to it begins in its text, comments before it included.
    pub fn new(rule: &Rule, source: &Source, start: u32, catalog: Option<&Catalog>) -> Page {
        let subjects = [Subjects::of(rule)];
        let outcomes = rule.body.outcome.iter().flat_map(|section| &section.items);
        let output = |one: &Assignment| match one {
            Assignment::Set { name, value, .. } => {
                Some((name.node.clone(), squashed(source.slice(value.span))))
            }
            Assignment::Broken(_) => None,
        };
        let span = rule.span.0;
        Page {
            kind: Kind::Rule,
            name: rule.name.node.clone(),
            title: meta(rule, "rule_name").unwrap_or_else(|| titled(&rule.name.node)),
            description: meta(rule, "description").unwrap_or_default(),
            attack: attack::rows(rule),
            references: references(rule),
            coverage: coverage::rows(&subjects),
            body: source.slice(Span { start, ..span }).trim().to_owned(),
            stages: subjects.iter().flat_map(|one| stages(rule, source, one)).collect(),
            indicators: indicators::rows(&Named::Rule(&rule.name.node), &subjects, catalog),
            counted: Counted::by(catalog),
            outputs: outcomes.filter_map(output).collect(),
        }
    }
}

/// The pages of several rules and searches.
pub fn render(form: Form, pages: &[Page]) -> String {
    match form {
        Form::Text => text::render(pages),
        Form::Json => json::render(pages),
        Form::Html => html::render(pages),
    }
}

/// A meta value.
fn meta(rule: &Rule, key: &str) -> Option<String> {
    let mut pairs = rule.meta.iter().flat_map(|section| &section.items);
    let pair = pairs.find(|pair| pair.key.node.eq_ignore_ascii_case(key))?;
    pair.value.as_text().map(|text| text.trim().to_owned())
}

/// `reference`, `references`, `reference2`, …, and the page of the technique.
fn references(rule: &Rule) -> Vec<String> {
    let pairs = rule.meta.iter().flat_map(|section| &section.items);
    let keys = pairs.map(|pair| pair.key.node.as_str());
    let keys = keys.filter(|key| key.starts_with("reference") || *key == "mitre_attack_url");
    let values = keys.filter_map(|key| meta(rule, key));
    let parts = values.flat_map(|value| value.split([',', ' ']).map(str::to_owned).collect::<Vec<_>>());
    parts.filter(|part| !part.is_empty()).collect()
}

/// `win_susp_whoami` is `Win susp whoami`.
fn titled(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn stages(rule: &Rule, source: &Source, subjects: &Subjects<'_>) -> Vec<Stage> {
    let first = group_stage(rule, source);
    let variables = subjects.variables().iter().enumerate();
    let stage = |(index, name): (usize, &String)| {
        let types = subjects.event_types(name);
        let types = if types.is_empty() { String::new() } else { format!(" · {}", types.join(", ")) };
        let statements = subjects.statements(name).into_iter();
        Stage {
            title: format!("Stage {}: events: ${name}{types}", index + 1),
            parts: vec![(String::new(), statements.map(|one| dedented(source, one.span)).collect())],
            words: String::new(),
        }
    };
    std::iter::once(first).chain(variables.map(stage)).collect()
}

fn group_stage(rule: &Rule, source: &Source) -> Stage {
    let clause = rule.body.match_.as_ref().and_then(|section| section.items.first());
    let conditions = rule.body.condition.iter().flat_map(|section| &section.items);
    let conditions: Vec<_> = conditions
        .filter_map(|one| match one {
            Stmt::Predicate(expr) => Some(expr),
            Stmt::Broken(_) => None,
        })
        .collect();
    let mut parts = Vec::new();
    if let Some(clause) = clause {
        parts.push(("match:".to_owned(), vec![match_text(clause, source)]));
    }
    let written = conditions.iter().map(|one| dedented(source, one.span)).collect();
    parts.push(("condition:".to_owned(), written));
    let title = if clause.is_some() { "Stage 0: match + condition" } else { "Stage 0: condition" };
    Stage { title: title.to_owned(), parts, words: words::fires(&rule.body, clause, &conditions) }
}

fn match_text(clause: &MatchClause, source: &Source) -> String {
    match squashed(source.slice(clause.span.0)) {
        text if text.is_empty() => clause.keys.iter().map(print_expr).collect::<Vec<_>>().join(", "),
        text => text,
    }
}

fn squashed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of a statement without the indentation it stands at.
fn dedented(source: &Source, span: Span) -> String {
    let indent = source.position(span.start).column.saturating_sub(1) as usize;
    let line = |(index, line): (usize, &str)| {
        let blank = line.chars().take(indent).take_while(|letter| letter.is_whitespace()).count();
        if index == 0 { line.to_owned() } else { line.chars().skip(blank).collect() }
    };
    source.slice(span).lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}
