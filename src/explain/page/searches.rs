//! The page of a search: what each stage reads, what it asks for, and the rows it gives; the root comes last.

use std::path::Path;

use super::coverage;
use super::indicators::{self, Catalog, Named};
use super::tests_of::{Language, Subjects};
use super::{Counted, Kind, Page, Stage, dedented, match_text, squashed, titled, words};
use crate::aggregates;
use crate::plan::DEFAULT_LIMIT;
use crate::schema::Root;
use crate::syntax::ast::{
    Assignment, Body, Direction, Expr, ExprKind, FieldRef, MatchClause, OrderItem, Search, Section, Stmt,
};
use crate::syntax::conjuncts;
use crate::syntax::print::print_expr;
use crate::syntax::walk;
use crate::text::Source;
use crate::value::number::grouped;
use crate::value::operators::CompareOp;

impl Page {
    /// The page of a search, which is named after its file.
    pub fn of_search(search: &Search, source: &Source, catalog: Option<&Catalog>) -> Page {
        let stem = Path::new(&source.name).file_stem();
        let name = stem.map_or(source.name.clone(), |stem| stem.to_string_lossy().into_owned());
        let stages = || search.stages.iter().map(|stage| stage.name.node.as_str()).collect::<Vec<_>>();
        let bodies = search.stages.iter().map(|stage| &stage.body).chain([&search.root]);
        let subjects: Vec<_> =
            bodies.map(|body| Subjects::of_body(body, Language::Search(stages()))).collect();
        let text = source.slice(source.span()).trim().to_owned();
        Page {
            kind: Kind::Search,
            title: titled(&name),
            name,
            description: String::new(),
            attack: Vec::new(),
            references: Vec::new(),
            coverage: coverage::rows(&subjects),
            body: text,
            stages: parts(search, source),
            indicators: indicators::rows(&Named::Search, &subjects, catalog),
            counted: Counted::by(catalog),
            outputs: outputs(&search.root, source),
        }
    }
}

/// How a search compares.
const FOLDED: &str =
    " Letters of either case are the same in strings, patterns and lists, unless --case-sensitive is given.";

/// The named stages, then the root.
fn parts(search: &Search, source: &Source) -> Vec<Stage> {
    let names: Vec<&str> = search.stages.iter().map(|stage| stage.name.node.as_str()).collect();
    let named = search.stages.iter().map(|stage| {
        let reads = reads(&stage.body, &names);
        part(&stage.body, (format!("Stage ${}", stage.name.node), reads), source)
    });
    let mut found = reads(&search.root, &names);
    for name in search.cross.iter().flat_map(|join| &join.stages) {
        let stage = format!("the rows of stage ${}", name.node);
        if !found.contains(&stage) {
            found.push(stage);
        }
    }
    let title = if names.is_empty() { "Search" } else { "Root" };
    let mut root = part(&search.root, (title.to_owned(), found), source);
    root.words += FOLDED;
    let names = search.cross.iter().flat_map(|join| &join.stages);
    let cross: Vec<String> = names.map(|name| format!("${}", name.node)).collect();
    if !cross.is_empty() {
        root.parts.insert(1, ("cross join:".to_owned(), cross));
    }
    named.chain([root]).collect()
}

fn part(body: &Body, (title, reads): (String, Vec<String>), source: &Source) -> Stage {
    let words = sentences(body, &reads);
    let written = [
        ("reads:", reads),
        ("events:", predicates(body.events.as_ref()).map(|one| dedented(source, one.span)).collect()),
        ("match:", items(body.match_.as_ref()).map(|clause| match_text(clause, source)).collect()),
        (
            "outcome:",
            outcomes(body).map(|(name, value)| format!("${name} = {}", slice(value, source))).collect(),
        ),
        ("condition:", predicates(body.condition.as_ref()).map(|one| dedented(source, one.span)).collect()),
        ("dedup:", printed(body.dedup.as_ref())),
        ("order:", items(body.order.as_ref()).map(ordered).collect()),
        ("limit:", items(body.limit.as_ref()).map(|limit| limit.node.to_string()).collect()),
        ("select:", printed(body.select.as_ref())),
        ("unselect:", printed(body.unselect.as_ref())),
    ];
    let parts = written.into_iter().filter(|(_, lines)| !lines.is_empty());
    Stage { title, parts: parts.map(|(heading, lines)| (heading.to_owned(), lines)).collect(), words }
}

/// Events, entities and stages, in the order they are first mentioned.
fn reads(body: &Body, stages: &[&str]) -> Vec<String> {
    let mut found: Vec<(Option<&str>, String)> = Vec::new();
    for expr in read_in(body) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && !is_window_word(field)
            {
                let name = field.variable.as_ref().map(|name| name.node.as_str());
                if !found.iter().any(|(known, _)| *known == name) {
                    found.push((name, read(field, stages)));
                }
            }
        });
    }
    if found.is_empty() {
        vec!["events".to_owned()]
    } else {
        found.into_iter().map(|(_, text)| text).collect()
    }
}

fn read(field: &FieldRef, stages: &[&str]) -> String {
    let root = field.segments.first().and_then(|first| Root::from_word(&first.name.node));
    let what = match root {
        None | Some(Root::Udm) => "events",
        Some(_) => field.segments.first().map_or("", |first| first.name.node.as_str()),
    };
    match &field.variable {
        Some(name) if stages.contains(&name.node.as_str()) => format!("the rows of stage ${}", name.node),
        Some(name) => format!("{what} ${}", name.node),
        None => what.to_owned(),
    }
}

fn read_in(body: &Body) -> impl Iterator<Item = &Expr> {
    let keys = items(body.match_.as_ref()).flat_map(|clause| &clause.keys);
    let outcomes = outcomes(body).map(|(_, value)| value);
    predicates(body.events.as_ref()).chain(keys).chain(outcomes)
}

/// What a body asks for and gives, a sentence for each step.
fn sentences(body: &Body, reads: &[String]) -> String {
    let asked = predicates(body.events.as_ref()).map(|one| words::predicate(body, one));
    let asked = asked.collect::<Vec<_>>().join(", and ");
    let where_ = if asked.is_empty() { asked } else { format!(" where {asked}") };
    let mut all = vec![format!("Takes {}{where_}.", reads.join(" with ")), rows(body)];
    let kept: Vec<_> = predicates(body.condition.as_ref()).map(|one| words::predicate(body, one)).collect();
    let order: Vec<_> = items(body.order.as_ref()).map(ordered_in_words).collect();
    let limit = items(body.limit.as_ref()).next().map_or(DEFAULT_LIMIT, |limit| limit.node);
    let steps = [
        ("Keeps a row when ", kept.join(" and "), ""),
        ("Of rows alike in ", printed(body.dedup.as_ref()).join(", "), " only the first stays"),
        ("Sorts by ", order.join(", then by "), ""),
        ("Gives at most ", counted(limit), ""),
        ("Shows only ", printed(body.select.as_ref()).join(", "), ""),
        ("Does not show ", printed(body.unselect.as_ref()).join(", "), ""),
    ];
    let steps = steps.iter().filter(|(_, words, _)| !words.is_empty());
    all.extend(steps.map(|(before, words, after)| format!("{before}{words}{after}.")));
    all.join(" ")
}

fn counted(rows: u64) -> String {
    format!("{} row{}", grouped(rows), if rows == 1 { "" } else { "s" })
}

/// What makes a row.
fn rows(body: &Body) -> String {
    let mut clauses = items(body.match_.as_ref());
    if let Some(clause) = clauses.next() {
        let window = clause.window.as_ref().map(words::window).unwrap_or_default();
        return format!("What has the same {}{window} makes one row.", keys(clause).join(", "));
    }
    if outcomes(body).any(|(_, value)| aggregates_in(value)) {
        return "All of it together makes one row.".to_owned();
    }
    let is_event = outcomes(body).next().is_none();
    if is_event { "Each event is a row." } else { "Each makes a row of its outcomes." }.to_owned()
}

fn aggregates_in(value: &Expr) -> bool {
    let mut found = false;
    walk(value, &mut |part| {
        if let ExprKind::Call(call) = &part.kind {
            found |= aggregates::find(&call.name.node).is_some();
        }
    });
    found
}

/// The columns of the root as they are shown, and where each comes from.
fn outputs(root: &Body, source: &Source) -> Vec<(String, String)> {
    let clauses = || items(root.match_.as_ref());
    let keys = clauses().flat_map(|clause| &clause.keys);
    let mut all: Vec<(String, String)> = keys.map(|key| key_column(key, root)).collect();
    all.extend(outcomes(root).map(|(name, value)| (name.to_owned(), slice(value, source))));
    if clauses().any(|clause| clause.window.is_some()) {
        all.extend(["window_start", "window_end"].map(|end| (end.to_owned(), "the window".to_owned())));
    }
    let shown = |section: &Option<Section<Expr>>| items(section.as_ref()).map(column).collect();
    let (only, but): (Vec<String>, Vec<String>) = (shown(&root.select), shown(&root.unselect));
    // A run shows no column that rows have not; where rows are events, they have every path.
    let is_event = all.is_empty();
    if !only.is_empty() {
        let place = |name: String| match all.iter().find(|(column, _)| *column == name) {
            Some(known) => Some(known.clone()),
            None => is_event.then(|| (name.clone(), name)),
        };
        all = only.into_iter().filter_map(place).collect();
    }
    all.retain(|(column, _)| !but.contains(column));
    all
}

fn key_column(key: &Expr, body: &Body) -> (String, String) {
    let name = print_expr(key);
    let ExprKind::Variable(variable) = &key.kind else { return (column(key), name) };
    let mut statements = predicates(body.events.as_ref());
    let value = statements.find_map(|statement| meaning(statement, &variable.node));
    (variable.node.clone(), value.map_or(name, print_expr))
}

/// The other side of `$name = value`.
fn meaning<'s>(statement: &'s Expr, name: &str) -> Option<&'s Expr> {
    let is_it = |side: &Expr| side.as_variable().is_some_and(|found| found.node == name);
    let tests = conjuncts(statement).into_iter().filter_map(Expr::as_compare);
    let equal = tests.filter(|test| test.op.node == CompareOp::Eq);
    let mut sides = equal.flat_map(|test| [(&test.left, &test.right), (&test.right, &test.left)]);
    sides.find(|(side, value)| is_it(side) && value.as_literal().is_none()).map(|(_, value)| value)
}

/// `$host` is the column `host`, and `$e.principal.hostname` is `principal.hostname`.
fn column(item: &Expr) -> String {
    if let Some(name) = item.as_variable() {
        return name.node.clone();
    }
    let Some(field) = item.as_field() else { return print_expr(item) };
    let plain = FieldRef { variable: None, segments: field.segments.clone() };
    print_expr(&Expr { kind: ExprKind::Field(plain), span: item.span })
}

fn is_window_word(field: &FieldRef) -> bool {
    let [segment] = field.segments.as_slice() else { return false };
    field.variable.is_none() && ["window_start", "window_end"].contains(&segment.name.node.as_str())
}

fn items<T>(section: Option<&Section<T>>) -> impl Iterator<Item = &T> {
    section.into_iter().flat_map(|section| &section.items)
}

fn predicates(section: Option<&Section<Stmt>>) -> impl Iterator<Item = &Expr> {
    items(section).filter_map(|one| match one {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    })
}

fn outcomes(body: &Body) -> impl Iterator<Item = (&str, &Expr)> {
    items(body.outcome.as_ref()).filter_map(|one| match one {
        Assignment::Set { name, value, .. } => Some((name.node.as_str(), value)),
        Assignment::Broken(_) => None,
    })
}

fn keys(clause: &MatchClause) -> Vec<String> {
    clause.keys.iter().map(print_expr).collect()
}

fn printed(section: Option<&Section<Expr>>) -> Vec<String> {
    items(section).map(print_expr).collect()
}

fn slice(value: &Expr, source: &Source) -> String {
    squashed(source.slice(value.span))
}

fn ordered(item: &OrderItem) -> String {
    let direction = match item.direction {
        Direction::Ascending => "",
        Direction::Descending => " desc",
    };
    format!("{}{direction}", print_expr(&item.key))
}

fn ordered_in_words(item: &OrderItem) -> String {
    let first = match item.direction {
        Direction::Ascending => "smallest",
        Direction::Descending => "largest",
    };
    format!("{} ({first} first)", print_expr(&item.key))
}
