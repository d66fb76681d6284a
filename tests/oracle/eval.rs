//! Expressions: what they are worth in a joined row, or in a group of rows.

use serde_json::Value as Json;
use yaral::schema::{FieldType, Schema, schema};
use yaral::syntax::ast::{Comparison, Expr, ExprKind, FieldRef, Literal, Quantifier, Threshold};
use yaral::syntax::children;
use yaral::value::EnumId;
use yaral::value::operators::CompareOp;

use crate::fields::{self, Elements};
use crate::rows;
use crate::rule::Rule;
use crate::value::{Letters, V, arithmetic, holds};
use crate::variables::{self, Source};
use crate::world::{self, World};

/// One copy of a record, or one row of a data table.
#[derive(Debug, Clone)]
pub struct Copy<'j> {
    /// Which record of its source.
    pub record: usize,
    pub json: &'j Json,
    pub elements: Elements<'j>,
    pub at: Option<i64>,
}

/// What stands for a variable in a row.
#[derive(Debug, Clone, Copy)]
pub enum Slot<'w> {
    /// The copy.
    Here(&'w self::Copy<'w>),
    /// Nothing did join: its fields are zero values.
    Absent,
}

/// A joined row: a slot for each variable, in the order of joining.
pub type Row<'w> = Vec<Slot<'w>>;

/// The rows of a group, and the outcomes computed so far.
#[derive(Debug, Clone, Copy)]
pub struct Group<'g, 'w> {
    pub rows: &'g [Row<'w>],
    pub outcomes: &'g [(String, V)],
}

/// Where an expression is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'g, 'w> {
    pub rule: &'w Rule<'w>,
    pub world: &'w World,
    pub row: &'g [Slot<'w>],
    pub group: Option<Group<'g, 'w>>,
    pub window: Option<(i64, i64)>,
    /// The element that stands for the innermost `any` or `all` field.
    pub each: Option<&'g Each<'g>>,
}

/// An `any` or `all` field of a test, the element that stands for it, and those that do for the fields further out.
#[derive(Debug)]
pub struct Each<'g> {
    place: &'g Expr,
    value: V,
    outer: Option<&'g Each<'g>>,
}

impl<'g, 'w> Scope<'g, 'w> {
    pub fn value(&self, expr: &Expr) -> V {
        match &expr.kind {
            ExprKind::Literal(literal) => constant(literal),
            ExprKind::Field(field) => self.field(field),
            ExprKind::Quantified(..) => self.element(expr),
            ExprKind::Variable(name) => self.named(&name.node),
            ExprKind::Count(name) => V::count(self.count(&name.node)),
            ExprKind::Arith(op, left, right) => arithmetic(*op, &self.value(left), &self.value(right)),
            ExprKind::Call(call) if call.name.node == "group" => self.group_of_fields(expr),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::Absent(_)
            | ExprKind::Of(..) => V::Bool(self.truth(expr)),
            ExprKind::List(list) => self.cell(list),
            ExprKind::IsNull(_) | ExprKind::Negative(_) | ExprKind::Array(_) => {
                panic!("the checker lets no such expression through")
            }
        }
    }

    pub fn truth(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Or(parts) => parts.iter().any(|part| self.truth(part)),
            ExprKind::And(parts) => parts.iter().all(|part| self.truth(part)),
            ExprKind::Not(inner) => !self.truth(inner),
            ExprKind::Of(threshold, parts) => self.enough(threshold, parts),
            ExprKind::Absent(name) => self.count(&name.node) == 0,
            ExprKind::Variable(name) if self.group.is_some() && self.outcome(&name.node).is_none() => {
                self.count(&name.node) > 0
            }
            _ => self.quantified(expr),
        }
    }

    fn enough(&self, threshold: &Threshold, parts: &[Expr]) -> bool {
        let held = parts.iter().filter(|part| self.truth(part)).count() as u64;
        match threshold {
            Threshold::AtLeast(number) => held >= *number,
            Threshold::Any => held > 0,
            Threshold::All => held == parts.len() as u64,
        }
    }

    /// A single test; each `any` or `all` in it ranges over a whole list.
    fn quantified(&self, expr: &Expr) -> bool {
        self.ranging(expr, &quantifiers(expr))
    }

    /// The test, of whose `any` and `all` those that are `open` have no element yet: the first stands outermost.
    fn ranging(&self, expr: &Expr, open: &[(&Expr, Quantifier, &FieldRef)]) -> bool {
        let Some(((place, quantifier, field), rest)) = open.split_first() else { return self.single(expr) };
        let json = self.slot(field).map(|copy| copy.json);
        let values = fields::all_values(json, self.rule.info(field));
        let mut tests = values.into_iter().map(|value| {
            let each = Each { place, value, outer: self.each };
            Scope { each: Some(&each), ..*self }.ranging(expr, rest)
        });
        match quantifier {
            Quantifier::Any => tests.any(|held| held),
            Quantifier::All => tests.all(|held| held),
        }
    }

    fn single(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Compare(test) => self.compare(test),
            ExprKind::In(test) => self.contained(test),
            _ => self.value(expr).is_true(),
        }
    }

    fn compare(&self, test: &Comparison) -> bool {
        let letters = self.letters(test.nocase.is_some());
        let op = test.op.node;
        for (value, other) in [(&test.left, &test.right), (&test.right, &test.left)] {
            if let ExprKind::Literal(Literal::Regex(pattern)) = &other.kind {
                let found = world::found(pattern, &self.value(value).shown(), letters);
                return found == (op == CompareOp::Eq);
            }
        }
        for (value, other, op) in [(&test.left, &test.right, op), (&test.right, &test.left, op.mirrored())] {
            if let ExprKind::List(list) = &other.kind {
                let column = list.column.as_ref().map_or("", |column| &column.node);
                return self.row_test(op, &self.value(value), (&list.name.node, column), letters);
            }
        }
        let (left, right) = (self.value(&test.left), self.value(&test.right));
        match self.enum_of(&test.left).or(self.enum_of(&test.right)) {
            Some(id) if op.is_ordering() => in_order(schema(), id, op, &left, &right),
            _ => holds(op, &left, &right, letters),
        }
    }

    pub fn letters(&self, nocase: bool) -> Letters {
        if nocase { Letters::Folded } else { self.rule.letters() }
    }

    pub fn slot(&self, field: &FieldRef) -> Option<&'w self::Copy<'w>> {
        match self.row.get(self.rule.index(&variables::owner(field)?)?)? {
            Slot::Here(copy) => Some(copy),
            Slot::Absent => None,
        }
    }

    fn field(&self, field: &FieldRef) -> V {
        let Some(owner) = variables::owner(field) else {
            let (start, end) = self.window.unwrap_or_default();
            let word = field.segments.first().map_or("", |word| &word.name.node);
            return V::Time(if word == "window_start" { start } else { end });
        };
        let copy = self.slot(field);
        if let Some(rows) = self.world.stages.get(&owner) {
            return rows.column(copy.expect("the rows of stages are there").record, &rows::path(field));
        }
        let none = Elements::new();
        let elements = copy.map_or(&none, |copy| &copy.elements);
        fields::value(copy.map(|copy| copy.json), self.rule.info(field), elements)
    }

    fn group_of_fields(&self, call: &Expr) -> V {
        let first = variables::grouped(call)[0];
        let none = Elements::new();
        let elements = self.slot(first).map_or(&none, |copy| &copy.elements);
        fields::group_value(&variables::group_path(call), self.rule.info(first), elements)
    }

    fn element(&self, expr: &Expr) -> V {
        let mut around = std::iter::successors(self.each, |each| each.outer);
        let each = around.find(|each| std::ptr::eq(each.place, expr));
        each.expect("`any` and `all` stand in a test").value.clone()
    }

    pub fn outcome(&self, name: &str) -> Option<&V> {
        let group = self.group?;
        group.outcomes.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// An outcome or a placeholder.
    fn named(&self, name: &str) -> V {
        if let Some(value) = self.outcome(name) {
            return value.clone();
        }
        let binding = self.rule.binding(name).expect("the placeholder is bound");
        self.value(binding)
    }

    /// Distinct events of a variable, or distinct values of a placeholder, among what did join.
    fn count(&self, name: &str) -> usize {
        let rows = self.group.map(|group| group.rows).unwrap_or_default();
        if let Some(index) = self.rule.index(name) {
            return records(rows, index).len();
        }
        let (binding, needs) = self.rule.value_of(name).expect("the placeholder is bound");
        let here = |row: &&Row| needs.iter().all(|index| matches!(row[*index], Slot::Here(_)));
        let values = rows.iter().filter(here).map(|row| self.in_row(row).value(binding).identity());
        values.collect::<std::collections::BTreeSet<_>>().len()
    }

    pub fn in_row(&self, row: &'g [Slot<'w>]) -> Scope<'g, 'w> {
        Scope { row, group: None, ..*self }
    }

    fn enum_of(&self, expr: &Expr) -> Option<EnumId> {
        match &expr.kind {
            ExprKind::Field(field) | ExprKind::Quantified(_, field) if self.is_read(field) => {
                match self.rule.info(field).kind {
                    FieldType::Enum(id) => Some(id),
                    _ => None,
                }
            }
            ExprKind::Variable(name) if self.outcome(&name.node).is_none() => {
                self.enum_of(self.rule.binding(&name.node)?)
            }
            _ => None,
        }
    }

    /// A field of a record?
    pub fn is_read(&self, field: &FieldRef) -> bool {
        variables::owner(field).is_some() && !variables::is_column(field, &self.world.stages)
    }
}

/// The distinct records that stand for a variable in rows.
pub fn records(rows: &[Row<'_>], variable: usize) -> std::collections::BTreeSet<usize> {
    let here = rows.iter().filter_map(|row| match row[variable] {
        Slot::Here(copy) => Some(copy.record),
        Slot::Absent => None,
    });
    here.collect()
}

pub fn is_event(rule: &Rule<'_>, variable: usize) -> bool {
    rule.variables[variable].source == Source::Event
}

/// Do windows hold its rows? Those of stages happen when their windows start, where no event says more.
pub fn is_timed(rule: &Rule<'_>, variable: usize) -> bool {
    let one = &rule.variables[variable];
    match one.source {
        Source::Event => true,
        Source::Entity | Source::Table => false,
        Source::Stage => {
            rule.window().is_some()
                && rule.written.stages[&one.name].windowed
                && !rule.variables.iter().any(|one| one.source == Source::Event)
        }
    }
}

/// Each `any` and `all` of a test, not of a test within it.
fn quantifiers(expr: &Expr) -> Vec<(&Expr, Quantifier, &FieldRef)> {
    if let ExprKind::Quantified(quantifier, field) = &expr.kind {
        return vec![(expr, *quantifier, field)];
    }
    let skip = usize::from(matches!(&expr.kind, ExprKind::Call(call) if call.name.node == "if"));
    let inner = children(expr).into_iter().skip(skip).filter(|child| !is_test(child));
    inner.flat_map(quantifiers).collect()
}

fn is_test(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::Of(..)
    )
}

fn constant(literal: &Literal) -> V {
    match literal {
        Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text) => V::text(text),
        Literal::Int(number) => V::Int(i128::from(*number)),
        Literal::Float(number) => V::Float(*number),
        Literal::Bool(truth) => V::Bool(*truth),
        Literal::Null | Literal::Duration(_) => panic!("the checker lets no such literal through"),
    }
}

/// Enum names by their numbers; a name the enum does not have is in no order.
fn in_order(schema: &Schema, id: EnumId, op: CompareOp, left: &V, right: &V) -> bool {
    let number = |value: &V| schema.enumeration(id).and_then(|names| names.number(&value.shown()));
    match (number(left), number(right)) {
        (Some(left), Some(right)) => op.holds(Some(left.cmp(&right))),
        _ => false,
    }
}

/// The order in which values are told apart.
pub fn distinct(values: Vec<V>) -> Vec<V> {
    let mut seen = std::collections::BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(value.identity())).collect()
}
