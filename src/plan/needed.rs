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
    /// When the window is: others with the same rows may then differ.
    pub window: bool,
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
