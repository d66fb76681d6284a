//! A window is judged by what its condition looks at; the rest of its outcomes waits until it is reported. Ten hop windows
//! hold each event, and few of them are.

use super::eval::{JoinedRow, Scope};
use super::gather::Gathering;
use super::groups::Group;
use super::inside::Inside;
use super::judge::needed_outcomes;
use super::reach::Range;
use super::windows::Windows;
use crate::plan::{Needed, Plan, fewest_rows};
use crate::value::{Value, Window};

/// What of its rows a plan looks at.
pub(super) struct Needs {
    /// To decide whether the condition holds.
    condition: Needed,
    /// To report.
    all: Needed,
    /// How many rows there are at least where it holds.
    pub(super) rows: usize,
}

impl Needs {
    pub(super) fn of(plan: &Plan) -> Needs {
        Needs { condition: Needed::by_condition(plan), all: Needed::all(plan), rows: fewest_rows(plan) }
    }
}

/// A window in which the condition holds.
pub(super) struct Holding<'r> {
    pub(super) rows: Inside<'r>,
    window: Option<Window>,
    /// Where the condition looks at all of them.
    outcomes: Option<Vec<Value<'static>>>,
    /// How many results out of range were counted when it was judged.
    counted: u64,
}

/// A satisfied window.
pub(super) struct Satisfied<'r> {
    pub(super) window: Option<Window>,
    pub(super) rows: &'r Inside<'r>,
    pub(super) outcomes: Vec<Value<'static>>,
    /// Where in the input the first of its events stands.
    pub(super) first: u64,
}

/// Takes a satisfied window that is reported.
pub(super) type Emit<'e> = dyn FnMut(&Satisfied<'_>) + 'e;

impl Windows<'_> {
    /// The window of these rows, where the condition holds in it.
    pub(super) fn holding<'g>(
        &self,
        group: &Group<'_>,
        (rows, range): (Inside<'g>, Range),
        window: Option<Window>,
    ) -> Option<Holding<'g>> {
        if rows.is_empty() || rows.len() < self.needs.rows {
            return None;
        }
        let rows = if self.joiner.has_late() { Inside::Own(self.outer(&rows, range)) } else { rows };
        let needed = &self.needs.condition;
        let before = self.judge.overflows.get();
        let outcomes = self.outcomes(group, (&rows, window), needed)?;
        let counted = self.judge.overflows.get() - before;
        Some(Holding { rows, window, outcomes: needed.is_all().then_some(outcomes), counted })
    }

    /// The same with all that is reported of it. What was out of range when it was judged has been counted then.
    pub(super) fn satisfied<'h>(&self, group: &Group<'_>, holding: &'h Holding<'_>) -> Satisfied<'h> {
        let Holding { rows, window, outcomes, counted } = holding;
        let outcomes = outcomes.clone().or_else(|| {
            let before = self.judge.overflows.get();
            let outcomes = self.outcomes(group, (rows, *window), &self.needs.all);
            self.judge.overflows.set(self.judge.overflows.get().saturating_sub(*counted).max(before));
            outcomes
        });
        let first = self.moments_of(rows.rows()).map(|(_, place)| place).min();
        Satisfied { window: *window, rows, outcomes: outcomes.unwrap_or_default(), first: first.unwrap_or(0) }
    }

    /// Those of the outcomes that are needed, where the condition holds.
    fn outcomes(
        &self,
        group: &Group<'_>,
        (rows, window): (&Inside<'_>, Option<Window>),
        needed: &Needed,
    ) -> Option<Vec<Value<'static>>> {
        let (judge, plan) = (self.judge, self.judge.plan);
        let bare = Scope::bare(plan, judge.overflows);
        let scope = Scope { keys: &group.key, window, now: judge.options.now, seed: self.seed(rows), ..bare };
        // Most conditions look at no aggregate, and windows are judged by the million.
        let gathered =
            if needed.gathers.contains(&true) { self.gathered(rows, needed, &scope) } else { Vec::new() };
        let count = |(source, needed): (usize, &bool)| if *needed { self.count(rows, source) } else { 0 };
        let counts: Vec<usize> = needed.events.iter().enumerate().map(count).collect();
        needed_outcomes(plan, needed, Scope { gathered: &gathered, counts: &counts, ..scope })
    }

    fn gathered(&self, rows: &Inside<'_>, needed: &Needed, scope: &Scope<'_>) -> Vec<Value<'static>> {
        let mut gathering = Gathering::of(self.judge.plan, needed, self.judge.overflows);
        for row in rows.rows() {
            gathering.add(JoinedRow { stores: self.stores, values: self.values, rows: row }, scope);
        }
        gathering.finish()
    }

    /// The place of the first event.
    fn seed(&self, rows: &Inside<'_>) -> u64 {
        // The rows of one source are in time order.
        let looked_at = if self.stores.len() == 1 { 1 } else { rows.len() };
        let first = self.moments_of(rows.rows().take(looked_at)).min();
        first.map_or(0, |(_, place)| place)
    }

    /// Judges windows that are also judged elsewhere, where what is out of range is counted.
    pub(super) fn uncounted<T>(&self, judging: impl FnOnce() -> T) -> T {
        let counted = self.judge.overflows.get();
        let found = judging();
        self.judge.overflows.set(counted);
        found
    }
}
