//! The value of an expression and the truth of a test, in a row of an event or in a group.

use std::cell::Cell;

use super::interner::Interner;
use super::ranging::UnderTest;
use super::store::{ABSENT, RowId, Store};
use super::verdicts::Shared;
use crate::functions::Args;
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::ingest::wanted::{Leaf, ListId, SlotId};
use crate::plan::facts::FactOf;
use crate::plan::{Atom, AtomId, CellTest, Plan, Predicate, Scalar, Site, SourceId};
use crate::schema::schema;
use crate::value::operators::{self, Case, CompareOp, compare, text_equal};
use crate::value::{EnumId, Timestamp, Value, Window};

/// What an expression may refer to.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) plan: &'s Plan,
    /// The event of the row.
    pub(super) event: Option<Event<'s>>,
    /// The element of each list the row stands for, by list.
    pub(super) elements: &'s [u32],
    /// The element under test of the innermost `any` or `all`.
    pub(super) each: Option<&'s UnderTest<'s>>,
    /// The joined row.
    pub(super) row: Option<JoinedRow<'s>>,
    /// The match variables of the group.
    pub(super) keys: &'s [Value<'s>],
    /// Aggregates of the group.
    pub(super) gathered: &'s [Value<'static>],
    /// Outcomes computed so far.
    pub(super) outcomes: &'s [Value<'static>],
    /// Distinct events of the group, by source.
    pub(super) counts: &'s [usize],
    pub(super) window: Option<Window>,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
    /// What is known of the event already.
    pub(super) shared: Option<Shared<'s>>,
    /// Results out of range.
    pub(super) overflows: &'s Cell<u64>,
}

/// A row of each source of a plan, side by side.
#[derive(Clone, Copy)]
pub(super) struct JoinedRow<'s> {
    pub(super) stores: &'s [Store],
    pub(super) values: &'s Interner,
    /// By source.
    pub(super) rows: &'s [RowId],
}

impl<'s> JoinedRow<'s> {
    fn value(&self, SourceId(source): SourceId, capture: usize) -> Value<'s> {
        let row = self.rows.get(source).copied().unwrap_or(ABSENT);
        let id = self.stores.get(source).and_then(|store| store.value(row, capture));
        id.map_or(Value::text(""), |id| self.values.value(id))
    }
}

impl<'s> Scope<'s> {
    /// Where nothing is given but the plan.
    pub(super) fn bare(plan: &'s Plan, overflows: &'s Cell<u64>) -> Scope<'s> {
        Scope {
            plan,
            event: None,
            elements: &[],
            each: None,
            row: None,
            keys: &[],
            gathered: &[],
            outcomes: &[],
            counts: &[],
            window: None,
            now: Timestamp::default(),
            seed: 0,
            shared: None,
            overflows,
        }
    }

    pub(super) fn holds(&self, site: &Site) -> bool {
        match &site.predicate {
            Predicate::All(sites) => sites.iter().all(|site| self.holds(site)),
            Predicate::Any(sites) => sites.iter().any(|site| self.holds(site)),
            Predicate::Not(site) => !self.holds(site),
            Predicate::Test(id) => self.test(*id),
            Predicate::AtLeast(count, sites) => {
                sites.iter().filter(|site| self.holds(site)).take(*count).count() >= *count
            }
        }
    }

    /// A test that other plans ask too is answered once for each record, or for each element of its list.
    fn test(&self, AtomId(index): AtomId) -> bool {
        let answer = || self.plan.atoms.get(index).is_some_and(|atom| self.atom(atom));
        let Some(shared) = self.shared else { return answer() };
        let Some(fact) = shared.facts.get(index).copied().flatten() else { return answer() };
        let element = match fact.of {
            FactOf::Record => 0,
            FactOf::Element(ListId(list)) => self.elements.get(list as usize).copied().unwrap_or(NO_ELEMENT),
        };
        shared.verdicts.get(fact, element).unwrap_or_else(|| {
            let holds = answer();
            shared.verdicts.set(fact, element, holds);
            holds
        })
    }

    pub(super) fn atom(&self, atom: &'s Atom) -> bool {
        match atom {
            Atom::Compare { op, left, right, case, order } => self.compare(*op, left, right, *case, *order),
            Atom::Matches(value, pattern) => self.matches(value, *pattern),
            Atom::InList(value, list, case) => {
                let value = self.value(value);
                self.plan.reference.get(*list).is_some_and(|list| list.contains(&value.to_text(), *case))
            }
            Atom::InColumn(value, column, case) => {
                let value = self.value(value);
                self.plan.columns.get(*column).is_some_and(|column| column.set.contains(&value, *case))
            }
            Atom::Cell(test) => self.cell(test),
            Atom::Holds(value) => self.value(value) == Value::Bool(true),
            Atom::NotZero(value) => !self.is_zero(value),
            Atom::AnyOf(range, atom) => self.elements(range).any(|element| self.at(&element).atom(atom)),
            Atom::AllOf(range, atom) => self.elements(range).all(|element| self.at(&element).atom(atom)),
        }
    }

    fn cell(&self, test: &'s CellTest) -> bool {
        let row = match self.value(&test.row) {
            Value::Int(row) => usize::try_from(row).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        let table = self.plan.tables.get(test.table);
        table.is_some_and(|table| {
            table.matches((row, test.column), test.op, &self.value(&test.value), test.case)
        })
    }

    fn compare(
        &self,
        op: CompareOp,
        left: &'s Scalar,
        right: &'s Scalar,
        case: Case,
        order: Option<EnumId>,
    ) -> bool {
        // Most tests hold a field against a literal: no value is made for them.
        if let (CompareOp::Eq | CompareOp::Ne, Some(text), Scalar::Const(Value::Text(known))) =
            (op, self.str(left), right)
        {
            return text_equal(text, known, case) == (op == CompareOp::Eq);
        }
        let (left, right) = (self.value(left), self.value(right));
        let Some(known) = order.and_then(|id| schema().enumeration(id)) else {
            return compare(op, &left, &right, case);
        };
        let number = |value: &Value| known.number(&value.to_text());
        op.holds(number(&left).zip(number(&right)).map(|(left, right)| left.cmp(&right)))
    }

    fn str(&self, value: &Scalar) -> Option<&'s str> {
        let event = self.event.as_ref()?;
        match value {
            Scalar::Field(_, slot) => event.str(*slot, self.element(*slot)),
            Scalar::Each(_, slot, number) => event.str(*slot, self.place(*number)?),
            _ => None,
        }
    }

    fn matches(&self, value: &'s Scalar, pattern: usize) -> bool {
        let Some(pattern) = self.plan.patterns.get(pattern) else { return false };
        match self.str(value) {
            Some(text) => pattern.is_match(text),
            None => pattern.is_match(&self.value(value).to_text()),
        }
    }

    pub(super) fn is_zero(&self, value: &'s Scalar) -> bool {
        match self.value(value) {
            Value::Text(text) => text.is_empty() || self.zero_name(value) == Some(text.as_ref()),
            Value::Bytes(bytes) => bytes.is_empty(),
            Value::Int(number) => number == 0,
            Value::Uint(number) => number == 0,
            Value::Float(number) => number == 0.0,
            Value::Bool(truth) => !truth,
            Value::Time(time) => time == Timestamp::default(),
            Value::List(items) => items.is_empty(),
        }
    }

    fn zero_name(&self, value: &Scalar) -> Option<&'static str> {
        let Scalar::Field(_, slot) = value else { return None };
        let Leaf::Enum(id) = self.event?.wanted.slot(*slot).leaf else { return None };
        schema().enumeration(id).map(|known| known.zero())
    }

    pub(super) fn element(&self, slot: SlotId) -> u32 {
        let list = self.event.and_then(|event| event.wanted.slot(slot).list);
        list.map_or(0, |ListId(list)| self.elements.get(list as usize).copied().unwrap_or(NO_ELEMENT))
    }

    pub(super) fn value(&self, scalar: &'s Scalar) -> Value<'s> {
        match scalar {
            Scalar::Const(value) => value.borrowed(),
            Scalar::Field(_, slot) => self.field(*slot, self.element(*slot)),
            Scalar::Each(_, slot, number) => self.each_value(*slot, *number),
            Scalar::Whole(_, slot) => {
                Value::List((0..self.count(*slot)).map(|element| self.field(*slot, element)).collect())
            }
            Scalar::Captured(source, capture) => {
                self.row.map_or(Value::text(""), |row| row.value(*source, *capture))
            }
            Scalar::Call(function, args, pattern) => self.call(function, args, *pattern),
            Scalar::Arith(op, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                let is_float = [&left, &right].iter().any(|side| matches!(side, Value::Float(_)));
                operators::arithmetic(*op, &left, &right).unwrap_or_else(|_| {
                    let zero = self.overflow();
                    if is_float { Value::Float(0.0) } else { zero }
                })
            }
            Scalar::If(test, then, other) => self.value(if self.holds(test) { then } else { other }),
            Scalar::Truth(site) => Value::Bool(self.holds(site)),
            Scalar::Gathered(index) => self.gathered.get(*index).map_or(Value::Int(0), Value::borrowed),
            Scalar::Outcome(index) => self.outcomes.get(*index).map_or(Value::Int(0), Value::borrowed),
            Scalar::Key(index) => self.keys.get(*index).map_or(Value::text(""), Value::borrowed),
            Scalar::Events(SourceId(source)) => self.whole(self.counts.get(*source).copied().unwrap_or(0)),
            Scalar::WindowStart => Value::Time(self.window.unwrap_or_default().start),
            Scalar::WindowEnd => Value::Time(self.window.unwrap_or_default().end),
        }
    }

    pub(super) fn field(&self, slot: SlotId, element: u32) -> Value<'s> {
        self.event.map_or(Value::text(""), |event| event.value(slot, element))
    }

    fn whole(&self, number: usize) -> Value<'s> {
        Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn overflow(&self) -> Value<'s> {
        self.overflows.set(self.overflows.get() + 1);
        Value::Int(0)
    }

    fn call(
        &self,
        function: &crate::functions::Function,
        args: &'s [Scalar],
        pattern: Option<usize>,
    ) -> Value<'s> {
        let values: Vec<Value<'s>> = args.iter().map(|arg| self.value(arg)).collect();
        let pattern = pattern.and_then(|pattern| self.plan.patterns.get(pattern));
        let args = Args { values: &values, pattern, now: self.now, seed: self.seed };
        (function.body)(&args).unwrap_or_else(|_| self.overflow())
    }
}
