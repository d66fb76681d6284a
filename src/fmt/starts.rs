//! Where lines must start: at units, headings and statements, and at the brace that closes a unit.

use rustc_hash::FxHashMap;

use crate::syntax::ast::{Assignment, Body, Expr, File, OrderItem, Rule, Search, Section, Stmt, Unit};
use crate::text::{Span, Spanned};

/// How far one level lies inside another.
pub(super) const STEP: usize = 2;

/// What starts at a place, with its indent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// `rule`, `stage`
    Unit,
    /// `events:`
    Heading(usize),
    /// A statement, or all items of a section that has commas between them.
    Item(usize),
    /// The brace that closes a unit.
    Close,
}

/// Every such place, in bytes.
pub(super) fn starts(file: &File) -> FxHashMap<usize, Start> {
    let mut found = Found(FxHashMap::default());
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => found.rule(rule),
            Unit::Search(search) => found.search(search),
        }
    }
    found.0
}

struct Found(FxHashMap<usize, Start>);

impl Found {
    fn add(&mut self, at: u32, start: Start) {
        self.0.insert(at as usize, start);
    }

    fn unit(&mut self, span: Span) {
        self.add(span.start, Start::Unit);
        self.add(span.end.saturating_sub(1), Start::Close);
    }

    fn rule(&mut self, rule: &Rule) {
        self.unit(rule.span.0);
        self.section(rule.meta.as_ref(), STEP, |pair| pair.key.span);
        self.section(rule.setup.as_ref(), STEP, |call| call.span.0);
        self.body(&rule.body, STEP);
        self.section(rule.options.as_ref(), STEP, |pair| pair.key.span);
        self.section(rule.export.as_ref(), STEP, |row| row.span.0);
    }

    fn search(&mut self, search: &Search) {
        for stage in &search.stages {
            self.unit(stage.span.0);
            self.body(&stage.body, STEP);
        }
        for join in &search.cross {
            self.add(join.span.0.start, Start::Item(0));
        }
        self.body(&search.root, 0);
        self.section(search.export.as_ref(), 0, |row| row.span.0);
    }

    fn body(&mut self, body: &Body, indent: usize) {
        self.section(body.events.as_ref(), indent, statement);
        self.section(body.match_.as_ref(), indent, |clause| clause.span.0);
        self.section(body.outcome.as_ref(), indent, assignment);
        self.section(body.condition.as_ref(), indent, statement);
        self.list(body.dedup.as_ref(), indent, expression);
        self.list(body.order.as_ref(), indent, |item: &OrderItem| item.key.span);
        self.list(body.limit.as_ref(), indent, |number: &Spanned<u64>| number.span);
        self.list(body.select.as_ref(), indent, expression);
        self.list(body.unselect.as_ref(), indent, expression);
    }

    fn section<T>(&mut self, section: Option<&Section<T>>, indent: usize, span: fn(&T) -> Span) {
        let Some(section) = section else { return };
        let inner = self.heading(section, indent);
        for item in &section.items {
            self.add(span(item).start, Start::Item(inner));
        }
    }

    /// Items with commas between them are one statement.
    fn list<T>(&mut self, section: Option<&Section<T>>, indent: usize, span: fn(&T) -> Span) {
        let Some(section) = section else { return };
        let inner = self.heading(section, indent);
        if let Some(item) = section.items.first() {
            self.add(span(item).start, Start::Item(inner));
        }
    }

    /// The indent of what stands under it. A search may begin without a heading.
    fn heading<T>(&mut self, section: &Section<T>, indent: usize) -> usize {
        let span = section.heading.0;
        if span.start == span.end {
            return indent;
        }
        self.add(span.start, Start::Heading(indent));
        indent + STEP
    }
}

fn statement(statement: &Stmt) -> Span {
    match statement {
        Stmt::Predicate(expr) => expr.span,
        Stmt::Broken(place) => place.0,
    }
}

fn assignment(assignment: &Assignment) -> Span {
    match assignment {
        Assignment::Set { span, .. } | Assignment::Broken(span) => span.0,
    }
}

fn expression(expr: &Expr) -> Span {
    expr.span
}
