//! What of a group its condition looks at.

use super::{Plan, Scalar, SourceId, walk};

/// What of a group is looked at, each by its position in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Aggregates.
    pub gathers: Vec<bool>,
    /// Outcomes.
    pub outcomes: Vec<bool>,
    /// Sources whose events are counted.
    pub events: Vec<bool>,
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
        };
        walk::site(&plan.atoms, &plan.condition, &mut |part| needed.note(part));
        // An outcome refers to earlier ones alone.
        for (index, (_, value)) in plan.outcomes.iter().enumerate().rev() {
            if needed.outcomes.get(index) == Some(&true) {
                walk::scalar(&plan.atoms, value, &mut |part| needed.note(part));
            }
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
            Scalar::Const(_)
            | Scalar::Field(..)
            | Scalar::Each(..)
            | Scalar::Whole(..)
            | Scalar::Captured(..)
            | Scalar::Call(..)
            | Scalar::Arith(..)
            | Scalar::If(..)
            | Scalar::Truth(_)
            | Scalar::Key(_)
            | Scalar::WindowStart
            | Scalar::WindowEnd => None,
        };
        place.into_iter().for_each(|place| *place = true);
    }
}
