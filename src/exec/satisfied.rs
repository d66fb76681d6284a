//! A window is judged by what its condition looks at; the rest of its outcomes waits until it is reported. Ten hop windows
//! hold each event, and few of them are.

use super::eval::{JoinedRow, Scope};
use super::gather::Gathering;
use super::groups::Group;
use super::inside::Inside;
use super::judge::needed_outcomes;
use super::reach::Range;
use super::sweep::{Sweep, Verdict};
use super::windows::Windows;
use crate::plan::{Needed, Plan, fewest_rows};
use crate::value::{Value, Window};

/// What of its rows a plan looks at.
pub(super) struct Needs {
    /// To decide whether the condition holds.
    pub(super) condition: Needed,
    /// To report.
    pub(super) all: Needed,
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
        sweep: &mut Sweep,
    ) -> Option<Holding<'g>> {
        if rows.is_empty() || rows.len() < self.needs.rows {
            return None;
        }
        let rows = if self.joiner.has_late() { Inside::Own(self.outer(&rows, range)) } else { rows };
        let Verdict { outcomes, counted } = self.verdict(group, (&rows, window), sweep);
        let outcomes = outcomes?;
        let is_all = self.needs.condition.is_all();
        Some(Holding { rows, window, outcomes: is_all.then_some(outcomes), counted })
    }

    fn verdict(
        &self,
        group: &Group<'_>,
        (rows, window): (&Inside<'_>, Option<Window>),
        sweep: &mut Sweep,
    ) -> Verdict {
        let (needed, overflows) = (&self.needs.condition, self.judge.overflows);
        if let Some(known) = sweep.known(rows).filter(|_| !needed.window) {
            overflows.set(overflows.get() + known.counted);
            return known.clone();
        }
        let before = overflows.get();
        let outcomes = self.outcomes(group, (rows, window), needed, sweep);
        let verdict = Verdict { outcomes, counted: overflows.get() - before };
        sweep.remember(rows, &verdict);
        verdict
    }

    /// The same with all that is reported of it. What was out of range when it was judged has been counted then.
    pub(super) fn satisfied<'h>(
        &self,
        group: &Group<'_>,
        holding: &'h Holding<'_>,
        sweep: &mut Sweep,
    ) -> Satisfied<'h> {
        let Holding { rows, window, outcomes, counted } = holding;
        let outcomes = outcomes.clone().or_else(|| {
            let before = self.judge.overflows.get();
            let outcomes = self.outcomes(group, (rows, *window), &self.needs.all, sweep);
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
        sweep: &mut Sweep,
    ) -> Option<Vec<Value<'static>>> {
        let (judge, plan) = (self.judge, self.judge.plan);
        let bare = Scope::bare(plan, judge.overflows);
        let scope = Scope { keys: &group.key, window, now: judge.options.now, seed: self.seed(rows), ..bare };
        // Most conditions look at no aggregate, and windows are judged by the million.
        let gathered = if needed.gathers.contains(&true) {
            self.gathered(rows, (needed, sweep), &scope)
        } else {
            Vec::new()
        };
        let mut count = |source: usize| {
            self.plain_count(rows, source)
                .or_else(|| sweep.count(self, (rows, source)))
                .unwrap_or_else(|| self.count(rows, source))
        };
        let counts =
            needed.events.iter().enumerate().map(|(source, needed)| if *needed { count(source) } else { 0 });
        let counts: Vec<usize> = counts.collect();
        needed_outcomes(plan, needed, Scope { gathered: &gathered, counts: &counts, ..scope })
    }

    fn gathered(
        &self,
        rows: &Inside<'_>,
        (needed, sweep): (&Needed, &mut Sweep),
        scope: &Scope<'_>,
    ) -> Vec<Value<'static>> {
        let (plan, overflows) = (self.judge.plan, self.judge.overflows);
        let slid = sweep.results(self, rows, needed);
        let is_open = |index: usize| {
            needed.gathers.get(index) == Some(&true) && !matches!(slid.get(index), Some(Some(_)))
        };
        let mut gathered = vec![Value::Int(0); plan.gathers.len()];
        if (0..plan.gathers.len()).any(is_open) {
            let mut gathering = Gathering::of(plan, is_open, overflows);
            for row in rows.rows() {
                gathering.add(JoinedRow { stores: self.stores, values: self.values, rows: row }, scope);
            }
            gathered = gathering.finish();
        }
        for (place, slid) in gathered.iter_mut().zip(slid) {
            let Some((value, overflow)) = slid else { continue };
            overflows.set(overflows.get() + u64::from(overflow.is_some()));
            *place = value;
        }
        gathered
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
