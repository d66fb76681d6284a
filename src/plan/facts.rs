//! Tests that several plans have in common: each distinct test of a record is one fact, whichever plans ask it.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use super::{Atom, Plan, Range, Scalar};
use crate::ingest::wanted::{ListId, SlotId, Wanted};
use crate::value::operators::Case;

/// A test of a record that several plans ask, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u32);

/// A fact as an atom asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Which.
    pub id: FactId,
    /// Whether it is one of the record, or has an answer for each element of a list.
    pub of: FactOf,
}

/// What a fact is a fact of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactOf {
    /// The record.
    Record,
    /// An element of this list.
    Element(ListId),
}

/// The facts that the atoms of all plans ask.
#[derive(Debug, Default)]
pub struct Facts {
    /// For each plan, the fact of each of its atoms.
    plans: Vec<Vec<Option<Fact>>>,
    count: u32,
}

impl Facts {
    /// The facts of these plans; a test that one atom alone asks is none, unless it is `kept`.
    pub(super) fn of(plans: &[&Plan], wanted: &Wanted, kept: &dyn Fn(usize, usize) -> bool) -> Facts {
        let mut known: FxHashMap<String, (FactId, u32)> = FxHashMap::default();
        let mut found: Vec<Vec<Option<(String, FactOf)>>> = Vec::new();
        for (index, plan) in plans.iter().enumerate() {
            let key = |(number, atom): (usize, &Atom)| {
                let key = key(plan, wanted, atom)?;
                let next = FactId(u32::try_from(known.len()).unwrap_or(u32::MAX));
                let uses = &mut known.entry(key.0.clone()).or_insert((next, 0)).1;
                *uses += if kept(index, number) { 2 } else { 1 };
                Some(key)
            };
            found.push(plan.atoms.iter().enumerate().map(key).collect());
        }
        let count = u32::try_from(known.len()).unwrap_or(u32::MAX);
        let fact = |(key, of): (String, FactOf)| {
            let (id, uses) = known.get(&key)?;
            (*uses > 1).then_some(Fact { id: *id, of })
        };
        let facts = found.into_iter().map(|atoms| atoms.into_iter().map(|one| fact(one?)).collect());
        Facts { plans: facts.collect(), count }
    }

    /// The facts of a plan, by atom.
    pub fn of_plan(&self, plan: usize) -> &[Option<Fact>] {
        self.plans.get(plan).map_or(&[], Vec::as_slice)
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }
}

/// A text that two atoms have in common exactly when they ask the same of a record; nothing for atoms that ask of more
/// than a record, of two lists, or of what may be looked up only by those who ask.
fn key(plan: &Plan, wanted: &Wanted, atom: &Atom) -> Option<(String, FactOf)> {
    let mut writer = Writer { plan, wanted, text: String::new(), of: None };
    writer.atom(atom)?;
    Some((writer.text, writer.of.unwrap_or(FactOf::Record)))
}

struct Writer<'p> {
    plan: &'p Plan,
    wanted: &'p Wanted,
    text: String,
    of: Option<FactOf>,
}

impl Writer<'_> {
    fn atom(&mut self, atom: &Atom) -> Option<()> {
        match atom {
            Atom::Compare { op, left, right, case, order } => {
                self.write(format_args!("({} {case:?} {order:?}", op.symbol()))?;
                self.scalar(left)?;
                self.scalar(right)
            }
            Atom::Matches(value, pattern) => {
                self.scalar(value)?;
                self.pattern(*pattern)
            }
            Atom::Holds(value) => {
                self.write(format_args!("?"))?;
                self.scalar(value)
            }
            Atom::NotZero(value) => {
                self.write(format_args!("!0"))?;
                self.scalar(value)
            }
            Atom::AnyOf(range, inner) => self.quantified("any", range, inner),
            Atom::AllOf(range, inner) => self.quantified("all", range, inner),
            Atom::InList(..) | Atom::InColumn(..) | Atom::Cell(_) => None,
        }
    }

    fn quantified(&mut self, word: &str, range: &Range, inner: &Atom) -> Option<()> {
        self.write(format_args!("{word}{}", range.number))?;
        self.scalar(&range.list)?;
        self.atom(inner)
    }

    fn scalar(&mut self, value: &Scalar) -> Option<()> {
        match value {
            Scalar::Const(value) => self.write(format_args!("({value:?})")),
            Scalar::Field(_, slot) => {
                self.lies_in(*slot)?;
                self.write(format_args!("(f{})", slot.0))
            }
            Scalar::Each(_, slot, number) => self.write(format_args!("(e{} {number})", slot.0)),
            Scalar::Whole(_, slot) => self.write(format_args!("(w{})", slot.0)),
            Scalar::Call(function, args, pattern) if is_plain(function.name) => {
                self.write(format_args!("({}", function.name))?;
                pattern.map_or(Some(()), |pattern| self.pattern(pattern))?;
                args.iter().try_for_each(|arg| self.scalar(arg))?;
                self.write(format_args!(")"))
            }
            // What is counted where it is out of range is evaluated by each who asks.
            Scalar::Call(..) | Scalar::Arith(..) => None,
            // These hold tests of their own, which have their own facts.
            Scalar::If(..) | Scalar::Truth(_) => None,
            Scalar::Captured(..)
            | Scalar::Gathered(_)
            | Scalar::Outcome(_)
            | Scalar::Key(_)
            | Scalar::Events(_)
            | Scalar::WindowStart
            | Scalar::WindowEnd => None,
        }
    }

    fn pattern(&mut self, index: usize) -> Option<()> {
        let pattern = self.plan.patterns.get(index)?;
        let case = if pattern.case() == Case::Fold { "i" } else { "" };
        // With its length before it, a text ends where it ends.
        self.write(format_args!("/{case}{}/{}", pattern.text().len(), pattern.text()))
    }

    /// Fields of two lists have an answer for each pair of elements.
    fn lies_in(&mut self, slot: SlotId) -> Option<()> {
        let of = match self.wanted.slot(slot).list {
            None => return Some(()),
            Some(list) => FactOf::Element(list),
        };
        (*self.of.get_or_insert(of) == of).then_some(())
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) -> Option<()> {
        self.text.write_fmt(text).ok()
    }
}

/// Is it a function of its arguments alone, whose result is never out of range?
fn is_plain(name: &str) -> bool {
    ["strings.", "re.", "net."].iter().any(|room| name.starts_with(room))
}
