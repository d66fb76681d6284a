//! Walks over values and tests: every part, through the tests inside.

use std::collections::BTreeSet;

use super::{Atom, AtomId, Predicate, Scalar, Site, SourceId};
use crate::ingest::wanted::{ListId, Wanted};

/// What stands directly beneath a value: values, and the test that chooses between them or is the value.
fn beneath(value: &Scalar) -> (Vec<&Scalar>, Option<&Site>) {
    match value {
        Scalar::Call(_, args, _) => (args.iter().collect(), None),
        Scalar::Arith(_, left, right) => (vec![left, right], None),
        Scalar::If(test, then, other) => (vec![then, other], Some(test)),
        Scalar::Truth(test) => (Vec::new(), Some(test)),
        Scalar::Const(_)
        | Scalar::Field(..)
        | Scalar::Each(..)
        | Scalar::Whole(..)
        | Scalar::Captured(..)
        | Scalar::Gathered(_)
        | Scalar::Outcome(_)
        | Scalar::Key(_)
        | Scalar::Events(_)
        | Scalar::WindowStart
        | Scalar::WindowEnd => (Vec::new(), None),
    }
}

/// Calls `visit` on every part of a value, those in the tests inside it among them.
pub(super) fn scalar(atoms: &[Atom], value: &Scalar, visit: &mut dyn FnMut(&Scalar)) {
    visit(value);
    let (values, test) = beneath(value);
    test.into_iter().for_each(|test| site(atoms, test, visit));
    values.into_iter().for_each(|value| scalar(atoms, value, visit));
}

/// The same for a test.
pub(super) fn site(atoms: &[Atom], test: &Site, visit: &mut dyn FnMut(&Scalar)) {
    match &test.predicate {
        Predicate::All(sites) | Predicate::Any(sites) | Predicate::AtLeast(_, sites) => {
            sites.iter().for_each(|test| site(atoms, test, visit));
        }
        Predicate::Not(inner) => site(atoms, inner, visit),
        Predicate::Test(AtomId(index)) => {
            if let Some(test) = atoms.get(*index) {
                atom(atoms, test, visit);
            }
        }
    }
}

fn atom(atoms: &[Atom], test: &Atom, visit: &mut dyn FnMut(&Scalar)) {
    match test {
        Atom::Compare { left, right, .. } => {
            scalar(atoms, left, visit);
            scalar(atoms, right, visit);
        }
        Atom::Matches(value, _) | Atom::InList(value, ..) | Atom::Holds(value) | Atom::NotZero(value) => {
            scalar(atoms, value, visit);
        }
        Atom::InColumn(value, ..) => scalar(atoms, value, visit),
        Atom::Cell(test) => {
            scalar(atoms, &test.value, visit);
            scalar(atoms, &test.row, visit);
        }
        Atom::AnyOf(range, inner) | Atom::AllOf(range, inner) => {
            scalar(atoms, &range.list, visit);
            atom(atoms, inner, visit);
        }
    }
}

/// The source that a part of a value comes from.
fn source(part: &Scalar) -> Option<SourceId> {
    match part {
        Scalar::Field(source, _)
        | Scalar::Each(source, ..)
        | Scalar::Whole(source, _)
        | Scalar::Captured(source, _) => Some(*source),
        Scalar::Const(_)
        | Scalar::Call(..)
        | Scalar::Arith(..)
        | Scalar::If(..)
        | Scalar::Truth(_)
        | Scalar::Gathered(_)
        | Scalar::Outcome(_)
        | Scalar::Key(_)
        | Scalar::Events(_)
        | Scalar::WindowStart
        | Scalar::WindowEnd => None,
    }
}

/// The sources a value comes from.
pub(super) fn sources(atoms: &[Atom], value: &Scalar) -> BTreeSet<SourceId> {
    let mut found = BTreeSet::new();
    scalar(atoms, value, &mut |part| found.extend(source(part)));
    found
}

/// The sources a test looks at.
pub(super) fn site_sources(atoms: &[Atom], test: &Site) -> BTreeSet<SourceId> {
    let mut found = BTreeSet::new();
    site(atoms, test, &mut |part| found.extend(source(part)));
    found
}

/// The lists a value looks into without `any`, `all` or index.
pub(super) fn lists(atoms: &[Atom], wanted: &Wanted, value: &Scalar) -> BTreeSet<ListId> {
    let mut found = BTreeSet::new();
    scalar(atoms, value, &mut |part| found.extend(list(wanted, part)));
    found
}

/// The lists a test looks into without `any`, `all` or index.
pub(super) fn site_lists(atoms: &[Atom], wanted: &Wanted, test: &Site) -> BTreeSet<ListId> {
    let mut found = BTreeSet::new();
    site(atoms, test, &mut |part| found.extend(list(wanted, part)));
    found
}

fn list(wanted: &Wanted, part: &Scalar) -> Option<ListId> {
    if let Scalar::Field(_, slot) = part { wanted.slot(*slot).list } else { None }
}

/// Does a value hold an element of `any` or `all` outside the tests in it?
pub(super) fn asks(value: &Scalar) -> bool {
    matches!(value, Scalar::Each(..)) || beneath(value).0.into_iter().any(asks)
}

/// How many parts a value has.
pub(super) fn size(atoms: &[Atom], value: &Scalar) -> usize {
    let mut count = 0;
    scalar(atoms, value, &mut |_| count += 1);
    count
}
