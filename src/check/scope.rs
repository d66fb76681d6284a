//! The names of a rule: event variables, placeholders and what binds them, match variables, outcomes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::types;
use crate::aggregates;
use crate::schema::{self, Root};
use crate::syntax::ast::{Assignment, Body, Expr, ExprKind, FieldRef, Name, Stmt};
use crate::syntax::{conjuncts, walk};
use crate::text::Span;
use crate::value::Type;
use crate::value::operators::CompareOp;

/// Among so many variables nobody looks for the nearest name.
pub(super) const MANY: usize = 500;

/// Whether a field may stand without an event variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// `rule NAME { … }`
    Rule,
    /// Statements alone.
    Search,
}

/// `$e` of `$e.principal.ip`.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventVariable<'t> {
    /// The first word after its first mention.
    pub(super) first_word: Option<&'t str>,
    /// Where it first stands.
    pub(super) span: Span,
    /// What it ranges over.
    pub(super) root: Root,
}

/// `$p` of `$e.principal.ip = $p`.
#[derive(Debug, Clone)]
pub(super) struct Placeholder<'t> {
    /// Where it first stands.
    pub(super) span: Span,
    /// What it equals, in statements of their own.
    pub(super) bindings: Vec<&'t Expr>,
    /// The event variables it depends on; none where it is not bound.
    pub(super) events: BTreeSet<&'t str>,
    /// The kinds of records whose fields without a variable it depends on.
    pub(super) bare: BTreeSet<Root>,
    /// Does it get its value from an event, directly or through another placeholder?
    pub(super) bound: bool,
    /// The kind of its first binding.
    pub(super) kind: Option<Type>,
}

/// `$x = …` under `outcome:`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// Where it is first assigned.
    pub(super) span: Span,
    /// Its kind, once known.
    pub(super) kind: Option<Type>,
    /// Has the check come past its assignment?
    pub(super) assigned: bool,
}

/// The kinds of columns, by stage and name.
pub(super) type Columns<'t> = BTreeMap<(&'t str, String), Type>;

/// All names of one body.
#[derive(Debug)]
pub(super) struct Scope<'t> {
    pub(super) language: Language,
    pub(super) events: BTreeMap<&'t str, EventVariable<'t>>,
    pub(super) placeholders: BTreeMap<&'t str, Placeholder<'t>>,
    pub(super) keys: BTreeMap<&'t str, Span>,
    /// The fields under `match:`, which searches allow, as written.
    pub(super) fields: BTreeSet<String>,
    pub(super) outcomes: BTreeMap<&'t str, Outcome>,
    /// Every variable, where it first stands.
    pub(super) first: BTreeMap<&'t str, Span>,
    /// Names that mean something else: the stages of a search.
    pub(super) foreign: BTreeSet<&'t str>,
    /// The kinds of what those stages give, where known, by stage and column.
    pub(super) columns: Columns<'t>,
    /// Is a part unreadable, so that nothing may be said about what is missing?
    pub(super) incomplete: bool,
    /// Does it have `match:`?
    pub(super) grouped: bool,
    /// Do its rows stand for many, by `match:` or, in a search, by an aggregate?
    pub(super) gathered: bool,
}

impl<'t> Scope<'t> {
    /// The names of `body`.
    pub(super) fn new(body: &'t Body, language: Language) -> Scope<'t> {
        let mut scope = Scope {
            language,
            events: BTreeMap::new(),
            placeholders: BTreeMap::new(),
            keys: BTreeMap::new(),
            fields: BTreeSet::new(),
            outcomes: BTreeMap::new(),
            first: BTreeMap::new(),
            foreign: BTreeSet::new(),
            columns: Columns::new(),
            incomplete: is_broken(body),
            grouped: body.match_.is_some(),
            gathered: body.match_.is_some() || (language == Language::Search && gathers(body)),
        };
        let statements: Vec<&Expr> = statements(body).collect();
        scope.declare_events(&statements);
        scope.declare_placeholders(&statements);
        scope.declare_outcomes(body);
        scope.declare_keys(body);
        scope.settle();
        scope
    }

    /// Takes the names of stages out.
    pub(super) fn leave_out(&mut self, names: &[&'t str]) {
        for name in names {
            self.events.remove(name);
            self.placeholders.remove(name);
            self.foreign.insert(name);
        }
    }

    /// Gives the columns of stages their kinds, and what is bound to them.
    pub(super) fn read_stages(&mut self, columns: Columns<'t>) {
        self.columns = columns;
        self.settle();
    }

    /// An outcome has been read.
    pub(super) fn assign(&mut self, name: &'t str, span: Span, kind: Option<Type>) {
        let outcome = self.outcomes.entry(name).or_insert(Outcome { span, kind, assigned: true });
        if !outcome.assigned {
            (outcome.kind, outcome.assigned) = (kind, true);
        }
    }

    fn declare_events(&mut self, statements: &[&'t Expr]) {
        for statement in statements {
            walk(statement, &mut |expr| {
                if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &expr.kind {
                    self.declare_event(field);
                }
            });
        }
    }

    fn declare_event(&mut self, field: &'t FieldRef) {
        let Some(name) = &field.variable else { return };
        let first_word = field.segments.first().map(|segment| segment.name.node.as_str());
        let fresh = EventVariable { first_word, span: name.span, root: root(field) };
        self.events.entry(&name.node).or_insert(fresh);
        self.first.entry(&name.node).or_insert(name.span);
    }

    fn declare_placeholders(&mut self, statements: &[&'t Expr]) {
        for statement in statements {
            walk(statement, &mut |expr| {
                if let ExprKind::Variable(name) = &expr.kind {
                    self.declare_placeholder(name);
                }
            });
            for (name, value) in equalities(statement) {
                if let Some(placeholder) = self.placeholders.get_mut(name) {
                    placeholder.bindings.push(value);
                }
            }
        }
    }

    fn declare_placeholder(&mut self, name: &'t Name) {
        self.first.entry(&name.node).or_insert(name.span);
        if self.events.contains_key(name.node.as_str()) {
            return;
        }
        self.placeholders.entry(&name.node).or_insert_with(|| Placeholder {
            span: name.span,
            bindings: Vec::new(),
            events: BTreeSet::new(),
            bare: BTreeSet::new(),
            bound: false,
            kind: None,
        });
    }

    fn declare_outcomes(&mut self, body: &'t Body) {
        for item in body.outcome.iter().flat_map(|section| &section.items) {
            let Assignment::Set { name, .. } = item else { continue };
            let fresh = Outcome { span: name.span, kind: None, assigned: false };
            self.outcomes.entry(&name.node).or_insert(fresh);
            self.first.entry(&name.node).or_insert(name.span);
        }
    }

    fn declare_keys(&mut self, body: &'t Body) {
        let clauses = body.match_.iter().flat_map(|section| &section.items);
        for key in clauses.flat_map(|clause| &clause.keys) {
            if let Some(name) = key.as_variable() {
                self.keys.entry(&name.node).or_insert(name.span);
            }
            self.fields.extend(key.as_field().map(super::fields::text));
        }
    }

    /// Follows bindings through placeholders: what is learnt of one is passed on to those that take its value.
    fn settle(&mut self) {
        let dependents = self.dependents();
        let mut open: VecDeque<&'t str> = self.placeholders.keys().copied().collect();
        while let Some(name) = open.pop_front() {
            let Some(old) = self.placeholders.get(name) else { continue };
            let new = self.learn(old);
            let size = |placeholder: &Placeholder| (placeholder.events.len(), placeholder.bare.len());
            let grown = old.bound != new.bound || size(old) != size(&new) || old.kind != new.kind;
            if grown {
                self.placeholders.insert(name, new);
                open.extend(dependents.get(name).into_iter().flatten());
            }
        }
    }

    /// The placeholders that a placeholder gives its value to.
    fn dependents(&self) -> BTreeMap<&'t str, Vec<&'t str>> {
        let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, placeholder) in &self.placeholders {
            for binding in &placeholder.bindings {
                walk(binding, &mut |part| {
                    if let ExprKind::Variable(source) = &part.kind {
                        all.entry(&source.node).or_default().push(name);
                    }
                });
            }
        }
        all
    }

    fn learn(&self, old: &Placeholder<'t>) -> Placeholder<'t> {
        let mut new = old.clone();
        for binding in &old.bindings {
            let source = self.source(binding);
            new.bound |= source.bound;
            new.events.extend(source.events);
            new.bare.extend(source.bare);
        }
        new.kind = old.kind.or_else(|| old.bindings.iter().find_map(|binding| types::type_of(self, binding)));
        new
    }

    /// What an expression takes its value from.
    pub(super) fn source(&self, expr: &'t Expr) -> Source<'t> {
        let mut source = Source::default();
        walk(expr, &mut |part| {
            if let Some(field) = part.as_any_field() {
                source.bound = true;
                match &field.variable {
                    Some(name) => source.events.insert(&name.node),
                    None => source.bare.insert(root(field)),
                };
            } else if let Some(name) = part.as_variable() {
                if let Some(placeholder) = self.placeholders.get(name.node.as_str()) {
                    source.bound |= placeholder.bound;
                    source.events.extend(&placeholder.events);
                    source.bare.extend(&placeholder.bare);
                }
            } else {
                source.bound |= part.as_list().is_some();
            }
        });
        source
    }

    /// The nearest name to a misspelt one; `$p` and `$e` are not near.
    pub(super) fn nearest(&self, name: &str) -> Option<&'t str> {
        if name.chars().count() < 3 || self.placeholders.len() > MANY {
            return None;
        }
        let known = self.events.keys().chain(self.outcomes.keys());
        let bound = self.placeholders.iter().filter(|(_, found)| found.bound).map(|(name, _)| name);
        schema::nearest(name, known.chain(bound).copied().filter(|other| *other != name))
    }
}

/// What an expression takes its value from.
#[derive(Debug, Default)]
pub(super) struct Source<'t> {
    /// Does it depend on an event at all?
    pub(super) bound: bool,
    /// On which event variables.
    pub(super) events: BTreeSet<&'t str>,
    /// On fields without a variable of which kinds of records.
    pub(super) bare: BTreeSet<Root>,
}

/// What a field is of, by its first word.
pub(super) fn root(field: &FieldRef) -> Root {
    let word = field.segments.first().map(|segment| segment.name.node.as_str());
    word.and_then(schema::root_meant).unwrap_or(Root::Udm)
}

/// The readable statements of `events:`.
pub(super) fn statements(body: &Body) -> impl Iterator<Item = &Expr> {
    let items = body.events.iter().flat_map(|section| &section.items);
    items.filter_map(|stmt| match stmt {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    })
}

/// Every readable expression of a body: statements, outcomes, condition.
pub(super) fn expressions(body: &Body) -> impl Iterator<Item = &Expr> {
    let conditions = body.condition.iter().flat_map(|section| &section.items).filter_map(|stmt| match stmt {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    });
    statements(body).chain(outcomes(body).map(|(_, value)| value)).chain(conditions)
}

/// The readable assignments of `outcome:`.
pub(super) fn outcomes(body: &Body) -> impl Iterator<Item = (&Name, &Expr)> {
    body.outcome.iter().flat_map(|section| &section.items).filter_map(|item| match item {
        Assignment::Set { name, value, .. } => Some((name, value)),
        Assignment::Broken(_) => None,
    })
}

/// The equalities of a statement that hold whenever it does: itself, or a part of its outermost `and`.
fn equalities(expr: &Expr) -> Vec<(&str, &Expr)> {
    let compared = conjuncts(expr).into_iter().filter_map(Expr::as_compare);
    let equal = compared.filter(|comparison| comparison.op.node == CompareOp::Eq);
    let pairs = equal.flat_map(|test| [(&test.left, &test.right), (&test.right, &test.left)]);
    pairs.filter_map(|(side, other)| Some((side.as_variable()?.node.as_str(), other))).collect()
}

/// Does an outcome aggregate?
fn gathers(body: &Body) -> bool {
    let mut found = false;
    for (_, value) in outcomes(body) {
        walk(value, &mut |part| {
            found |=
                matches!(&part.kind, ExprKind::Call(call) if aggregates::find(&call.name.node).is_some());
        });
    }
    found
}

/// Could a part of it not be read?
pub(super) fn is_broken(body: &Body) -> bool {
    let broken = |stmt: &Stmt| matches!(stmt, Stmt::Broken(_));
    let statements =
        |section: &crate::syntax::ast::Section<Stmt>| section.broken || section.items.iter().any(broken);
    body.events.as_ref().is_some_and(statements)
        || body.condition.as_ref().is_some_and(statements)
        || body.match_.as_ref().is_some_and(|section| section.broken)
        || body.outcome.as_ref().is_some_and(|section| {
            section.broken || section.items.iter().any(|item| matches!(item, Assignment::Broken(_)))
        })
}
