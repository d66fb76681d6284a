//! What of a group its condition looks at.

use super::{Atom, Plan, Predicate, Presence, Scalar, Site, SourceId, walk};
use crate::value::Value;
use crate::value::operators::CompareOp;

/// What of a group is looked at, each by its position in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Aggregates.
    pub gathers: Vec<bool>,
    /// Outcomes.
    pub outcomes: Vec<bool>,
    /// Sources whose events are counted.
    pub events: Vec<bool>,
    /// When the window is: others with the same rows may then differ.
    pub window: bool,
}

/// The fewest joined rows that a window has in which the condition holds: most groups of a rule that counts have fewer, and
/// none of their windows need be judged. Only counts that are asked first are looked at, so that no result out of range is
/// missed.
pub fn fewest_rows(plan: &Plan) -> usize {
    let needed = Needed::by_condition(plan);
    if needed.gathers.iter().chain(&needed.outcomes).any(|needed| *needed) {
        return 0;
    }
    required(&plan.condition).into_iter().map_while(|site| fewest(plan, site)).max().unwrap_or(0)
}

/// What must hold where the site does, in the order it is asked: an `and` stands within the `and` of all statements.
fn required(site: &Site) -> Vec<&Site> {
    match &site.predicate {
        Predicate::All(sites) => sites.iter().flat_map(required).collect(),
        Predicate::Any(_) | Predicate::Not(_) | Predicate::Test(_) | Predicate::AtLeast(..) => vec![site],
    }
}

/// The fewest rows where a count of events is as the site asks; nothing where it asks something else.
fn fewest(plan: &Plan, site: &Site) -> Option<usize> {
    let Predicate::Test(id) = site.predicate else { return None };
    let Atom::Compare { op, left, right, .. } = plan.atom(id)? else { return None };
    let (source, op, bound) = match (left, right) {
        (Scalar::Events(source), Scalar::Const(Value::Int(bound))) => (source, *op, *bound),
        (Scalar::Const(Value::Int(bound)), Scalar::Events(source)) => (source, op.mirrored(), *bound),
        _ => return None,
    };
    // A source that may be absent joins the rows of a window later.
    let bound = match (plan.source(*source)?.presence, op) {
        (Presence::Bound, CompareOp::Gt) => bound.saturating_add(1),
        (Presence::Bound, CompareOp::Ge | CompareOp::Eq) => bound,
        (Presence::Bound, CompareOp::Ne | CompareOp::Lt | CompareOp::Le) | (Presence::Unbound, _) => 0,
    };
    Some(usize::try_from(bound).unwrap_or(0))
}

impl Needed {
    /// All that is reported, and what that looks at.
    pub fn all(plan: &Plan) -> Needed {
        let mut needed = Needed::by_condition(plan);
        let outcomes = plan.outcomes.iter();
        outcomes.for_each(|(_, value)| walk::scalar(&plan.atoms, value, &mut |part| needed.note(part)));
        needed.gathers.fill(true);
        needed.outcomes.fill(true);
        needed
    }

    /// What decides whether the condition holds.
    pub fn by_condition(plan: &Plan) -> Needed {
        let mut needed = Needed {
            gathers: vec![false; plan.gathers.len()],
            outcomes: vec![false; plan.outcomes.len()],
            events: vec![false; plan.sources.len()],
            window: false,
        };
        walk::site(&plan.atoms, &plan.condition, &mut |part| needed.note(part));
        // An outcome refers to earlier ones alone.
        for (index, (_, value)) in plan.outcomes.iter().enumerate().rev() {
            if needed.outcomes.get(index) == Some(&true) {
                walk::scalar(&plan.atoms, value, &mut |part| needed.note(part));
            }
        }
        let gathers = plan.gathers.iter().zip(needed.gathers.clone()).filter(|(_, needed)| *needed);
        for value in gathers.flat_map(|(gather, _)| gather.arguments.iter().chain([&gather.value])) {
            walk::scalar(&plan.atoms, value, &mut |part| {
                needed.window |= matches!(part, Scalar::WindowStart | Scalar::WindowEnd);
            });
        }
        needed
    }

    /// Is nothing left out that takes time?
    pub fn is_all(&self) -> bool {
        self.gathers.iter().chain(&self.outcomes).all(|needed| *needed)
    }

    fn note(&mut self, part: &Scalar) {
        let place = match part {
            Scalar::Gathered(index) => self.gathers.get_mut(*index),
            Scalar::Outcome(index) => self.outcomes.get_mut(*index),
            Scalar::Events(SourceId(index)) => self.events.get_mut(*index),
            Scalar::WindowStart | Scalar::WindowEnd => Some(&mut self.window),
            Scalar::Const(_)
            | Scalar::Field(..)
            | Scalar::Each(..)
            | Scalar::Whole(..)
            | Scalar::Captured(..)
            | Scalar::Call(..)
            | Scalar::Arith(..)
            | Scalar::If(..)
            | Scalar::Truth(_)
            | Scalar::Key(_) => None,
        };
        place.into_iter().for_each(|place| *place = true);
    }
}
