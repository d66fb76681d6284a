//! How far apart the events of a joined row may lie.

use crate::plan::{Plan, Shape};
use crate::value::Timestamp;

/// The stretch of time that rows must lie in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) from: Timestamp,
    /// Belongs to it.
    pub(super) to: Timestamp,
}

impl Range {
    /// All time.
    pub(super) const EVER: Range = Range { from: Timestamp(i64::MIN), to: Timestamp(i64::MAX) };

    fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }

    /// Does all of a span lie in it?
    pub(super) fn holds(self, (first, last): (Timestamp, Timestamp)) -> bool {
        self.contains(first) && self.contains(last)
    }
}

/// How far apart the events of a joined row may lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach(pub(super) i64);

impl Reach {
    /// Of the windows of a plan: two events of a hop or tumbling window lie less than its length apart.
    pub(super) fn of(plan: &Plan) -> Reach {
        plan.window.map_or(Reach(i64::MAX), |window| match window.shape {
            Shape::Hop | Shape::Tumbling | Shape::Weeks(_) | Shape::Months(_) => Reach(window.length.0 - 1),
            Shape::Before(_) | Shape::After(_) => Reach(window.length.0),
        })
    }

    /// Of what may join rows of this span.
    pub(super) fn range(self, (first, last): (Timestamp, Timestamp)) -> Range {
        Range {
            from: Timestamp(last.0.saturating_sub(self.0)),
            to: Timestamp(first.0.saturating_add(self.0)),
        }
    }

    /// Around rows of this span.
    pub(super) fn around(self, (first, last): (Timestamp, Timestamp)) -> Range {
        Range {
            from: Timestamp(first.0.saturating_sub(self.0)),
            to: Timestamp(last.0.saturating_add(self.0)),
        }
    }
}
