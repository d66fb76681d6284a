//! Texts of which every event that any plan wants contains at least one.

use super::{Atom, AtomId, Plan, Predicate, Scalar, Site, SourcePlan};
use crate::ingest::needle::Needle;
use crate::ingest::wanted::{Leaf, SlotId, Wanted};
use crate::regex::{Literal, Pattern};
use crate::value::Value;
use crate::value::operators::{Case, CompareOp};

/// With more than this the search finds something in every line.
const MOST: usize = 100;

/// Nothing where some source of some plan does without.
pub(super) fn needles(plans: &[&Plan], wanted: &Wanted) -> Option<Vec<Needle>> {
    let sources = plans.iter().flat_map(|plan| plan.sources.iter().map(move |source| (*plan, source)));
    let records = sources.filter(|(_, source)| source.kind.root().is_some());
    let sets: Option<Vec<_>> = records.map(|(plan, source)| Finder { plan, wanted }.source(source)).collect();
    let mut all: Vec<Needle> = sets?.into_iter().flatten().collect();
    all.sort();
    all.dedup();
    (!all.is_empty() && all.len() <= MOST).then_some(all)
}

/// Looks for the texts of one plan.
#[derive(Clone, Copy)]
struct Finder<'p> {
    plan: &'p Plan,
    wanted: &'p Wanted,
}

/// How a text of a record reaches a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaches {
    AsItIs,
    InLowerCase,
}

impl Finder<'_> {
    /// All that a source asks of a record by itself must hold.
    fn source(self, source: &SourcePlan) -> Option<Vec<Needle>> {
        let filters = source.factors.iter().flat_map(|factor| &factor.filter);
        self.best(source.once.iter().chain(filters))
    }

    /// The set that is found least, where all the tests must hold.
    fn best<'s>(self, sites: impl Iterator<Item = &'s Site>) -> Option<Vec<Needle>> {
        sites.filter_map(|site| self.site(site)).max_by_key(|set| worth(set))
    }

    fn site(self, site: &Site) -> Option<Vec<Needle>> {
        match &site.predicate {
            Predicate::All(sites) => self.best(sites.iter()),
            Predicate::Any(sites) => self.each(sites),
            Predicate::AtLeast(count, sites) if *count > 0 => self.each(sites),
            Predicate::Test(AtomId(index)) => self.atom(self.plan.atoms.get(*index)?),
            Predicate::AtLeast(..) | Predicate::Not(_) => None,
        }
    }

    /// Any of the tests may be the one that holds.
    fn each(self, sites: &[Site]) -> Option<Vec<Needle>> {
        let sets: Option<Vec<_>> = sites.iter().map(|site| self.site(site)).collect();
        sets.map(|sets| sets.into_iter().flatten().collect())
    }

    fn atom(self, atom: &Atom) -> Option<Vec<Needle>> {
        match atom {
            Atom::Compare { op: CompareOp::Eq, left, right, case, .. } => self.equal(left, right, *case),
            Atom::Matches(value, pattern) => self.matches(value, self.plan.patterns.get(*pattern)?),
            Atom::Holds(value) => self.holds(value),
            Atom::AnyOf(_, inner) => self.atom(inner),
            // `all` of nothing is true.
            Atom::Compare { .. }
            | Atom::InList(..)
            | Atom::InColumn(..)
            | Atom::Cell(_)
            | Atom::NotZero(_)
            | Atom::AllOf(..) => None,
        }
    }

    fn equal(self, left: &Scalar, right: &Scalar, case: Case) -> Option<Vec<Needle>> {
        let ((value, Scalar::Const(Value::Text(text))) | (Scalar::Const(Value::Text(text)), value)) =
            (left, right)
        else {
            return None;
        };
        self.contains(value, text, case)
    }

    /// A value that contains a text.
    fn contains(self, value: &Scalar, text: &str, case: Case) -> Option<Vec<Needle>> {
        let case = match self.reaches(value)? {
            Reaches::AsItIs => case,
            Reaches::InLowerCase => Case::Fold,
        };
        Needle::of(text, case).map(|needle| vec![needle])
    }

    fn matches(self, value: &Scalar, pattern: &Pattern) -> Option<Vec<Needle>> {
        let reaches = self.reaches(value)?;
        let needle = |literal: &Literal| match reaches {
            Reaches::AsItIs => Needle::of_ascii(&literal.text, literal.case),
            Reaches::InLowerCase => Needle::of(&literal.text, Case::Fold),
        };
        let literals = pattern.literals_by(&|literal| needle(literal).map_or(0, |needle| needle.worth()));
        literals?.iter().map(needle).collect()
    }

    /// Functions that are true only of a value that contains a text.
    fn holds(self, value: &Scalar) -> Option<Vec<Needle>> {
        let Scalar::Call(function, args, pattern) = value else { return None };
        match (function.name, args.as_slice(), pattern) {
            ("re.regex", [value, ..], Some(pattern)) => {
                self.matches(value, self.plan.patterns.get(*pattern)?)
            }
            (
                "strings.contains" | "strings.starts_with" | "strings.ends_with",
                [value, Scalar::Const(Value::Text(text))],
                None,
            ) => self.contains(value, text, Case::Exact),
            _ => None,
        }
    }

    /// How the text of a field reaches a test: nothing for what is no text of the record.
    fn reaches(self, value: &Scalar) -> Option<Reaches> {
        if let Some(inner) = value.lowered() {
            return self.reaches(inner).map(|_| Reaches::InLowerCase);
        }
        let (Scalar::Field(_, slot) | Scalar::Each(_, slot, _)) = value else { return None };
        self.is_text(*slot).then_some(Reaches::AsItIs)
    }

    fn is_text(self, slot: SlotId) -> bool {
        matches!(self.wanted.slot(slot).leaf, Leaf::Text | Leaf::MapText)
    }
}

/// The needle met most often decides how rarely a set is found; more of them are met more often.
fn worth(set: &[Needle]) -> (u32, usize) {
    let least = set.iter().map(Needle::worth).min().unwrap_or(0);
    let many = u32::try_from(set.len()).map_or(u32::BITS, u32::ilog2);
    (least.saturating_sub(many), usize::MAX - set.len())
}
