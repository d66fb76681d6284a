//! The windows of a group: which there are, and which rows lie in them.

use std::collections::{BTreeMap, BTreeSet};

use super::groups::Group;
use super::inside::Inside;
use super::interner::Interner;
use super::join::Joiner;
use super::joined::Joined;
use super::judge::Judge;
use super::options;
use super::reach::Range;
use super::satisfied::{Emit, Needs};
use super::store::{RowId, Store};
use super::sweep::Sweep;
use crate::plan::{Shape, SourceId, WindowPlan};
use crate::value::{Duration, Timestamp, Window};

/// How many hop windows hold a moment.
pub(super) const OVERLAP: i64 = 10;

/// An event of a group: when it happened, and its place in the input.
pub(super) type Moment = (Timestamp, u64);

/// The windows of the groups of a plan.
#[derive(Clone, Copy)]
pub(super) struct Windows<'w> {
    pub(super) judge: &'w Judge<'w>,
    pub(super) joiner: &'w Joiner<'w>,
    pub(super) stores: &'w [Store],
    pub(super) values: &'w Interner,
    pub(super) needs: &'w Needs,
    /// None: all rows of a group are one.
    pub(super) window: Option<WindowPlan>,
}

/// A window and the rows that lie in it.
pub(super) struct Candidate<'r> {
    pub(super) rows: Inside<'r>,
    pub(super) range: Range,
    pub(super) window: Window,
}

impl Windows<'_> {
    /// Reports the windows of a group.
    pub(super) fn group(&self, group: &Group<'_>, emit: &mut Emit<'_>) {
        let Some(window) = self.window else { return self.whole(group, emit) };
        if group.rows.len() < self.needs.rows {
            return;
        }
        match (window.shape, self.reported()) {
            (Shape::Hop, options::Windows::Covering) => self.covering(group, window.length, emit),
            (Shape::Hop, options::Windows::All)
            | (Shape::Tumbling | Shape::Weeks(_) | Shape::Months(_), _)
            | (Shape::Before(_) | Shape::After(_), _) => self.every(group, window, emit),
        }
    }

    /// A search shows each window of its rows; a rule reports as few as say all.
    fn reported(&self) -> options::Windows {
        match self.judge.plan.rows {
            Some(_) => options::Windows::All,
            None => self.judge.options.windows,
        }
    }

    fn whole(&self, group: &Group<'_>, emit: &mut Emit<'_>) {
        let holding =
            self.holding(group, (Inside::all(&group.rows), Range::EVER), None, &mut Sweep::default());
        holding.iter().for_each(|holding| emit(&self.satisfied(group, holding, &mut Sweep::default())));
    }

    /// All rows where there is no window, with what joins them of sources that may be absent.
    pub(super) fn with_late<'g>(&self, rows: &'g Joined) -> Inside<'g> {
        let all = Inside::all(rows);
        if self.joiner.has_late() { Inside::Own(self.outer(&all, Range::EVER)) } else { all }
    }

    /// Every satisfied window.
    fn every(&self, group: &Group<'_>, window: WindowPlan, emit: &mut Emit<'_>) {
        let mut sweep = Sweep::new(self, &self.needs.all);
        self.candidates(group, window, &mut |candidate| {
            let Candidate { rows, range, window } = candidate;
            let holding = self.holding(group, (rows, range), Some(window), &mut sweep);
            holding.iter().for_each(|holding| emit(&self.satisfied(group, holding, &mut sweep)));
        });
    }

    /// Begins to judge the windows of a group.
    pub(super) fn sweep(&self) -> Sweep {
        Sweep::new(self, &self.needs.condition)
    }

    /// Visits every window that may be satisfied, in time order, each with the rows that lie in it.
    pub(super) fn candidates<'g>(
        &self,
        group: &'g Group<'_>,
        window: WindowPlan,
        visit: &mut dyn FnMut(Candidate<'g>),
    ) {
        if let Shape::Before(pivot) | Shape::After(pivot) = window.shape {
            return self.pivoted(group, (window, pivot), visit);
        }
        let (mut windows, mut last) = (BTreeSet::new(), Vec::new());
        for index in 0..group.rows.len() {
            let holding = containing(window, group.rows.span(index));
            // Neighbours mostly lie in the same windows.
            if holding != last {
                windows.extend(&holding);
                last = holding;
            }
        }
        let mut near = 0..0;
        windows.into_iter().for_each(|window| visit(self.candidate(group, window, &mut near)));
    }

    /// A window for each event of the pivot, which stands for that event alone.
    fn pivoted<'g>(
        &self,
        group: &'g Group<'_>,
        (window, pivot): (WindowPlan, SourceId),
        visit: &mut dyn FnMut(Candidate<'g>),
    ) {
        let Some(store) = self.stores.get(pivot.0) else { return };
        let moment = |row: &[RowId]| store.moment(*row.get(pivot.0)?);
        let mut by_pivot: BTreeMap<Moment, Vec<usize>> = BTreeMap::new();
        for (index, row) in group.rows.rows().enumerate() {
            if let Some(moment) = moment(row) {
                by_pivot.entry(moment).or_default().push(index);
            }
        }
        for ((at, _), mut rows) in by_pivot {
            let window = match window.shape {
                Shape::Before(_) => Window { start: at.minus(window.length), end: at },
                Shape::After(_) | Shape::Hop | Shape::Tumbling | Shape::Weeks(_) | Shape::Months(_) => {
                    Window { start: at, end: at.plus(window.length) }
                }
            };
            let range = Range { from: window.start, to: window.end };
            rows.retain(|index| range.holds(group.rows.span(*index)));
            visit(Candidate { rows: Inside::Picked(&group.rows, rows), range, window });
        }
    }

    /// A window whose end does not belong to it; `near` is where the last one was found.
    pub(super) fn candidate<'g>(
        &self,
        group: &'g Group<'_>,
        window: Window,
        near: &mut std::ops::Range<usize>,
    ) -> Candidate<'g> {
        let range = Range { from: window.start, to: Timestamp(window.end.0.saturating_sub(1)) };
        Candidate { rows: self.rows_in(&group.rows, range, near), range, window }
    }

    /// The rows all of whose events lie in `range`. Rows are in the order of the time of their first event variable,
    /// so only those whose first lies there are looked at.
    fn rows_in<'g>(&self, rows: &'g Joined, range: Range, near: &mut std::ops::Range<usize>) -> Inside<'g> {
        if self.stores.len() == 1 {
            *near = between(rows.len(), |index| rows.span(index).0, (range, near));
            return Inside::Run(rows, near.clone());
        }
        let lead = self.lead();
        let at = |index: usize| {
            let row = rows.row(index).get(lead).copied();
            row.and_then(|row| self.stores.get(lead)?.at(row)).unwrap_or_default()
        };
        *near = between(rows.len(), at, (range, near));
        Inside::among(rows, near.clone(), |index| range.holds(rows.span(index)))
    }

    /// The first source that every row has.
    fn lead(&self) -> usize {
        let sources = &self.judge.plan.sources;
        let bound = |one: &crate::plan::SourcePlan| {
            one.presence == crate::plan::Presence::Bound && one.kind.is_timed()
        };
        sources.iter().position(bound).unwrap_or(0)
    }

    /// The rows with those of sources that may be absent, from a stretch of time.
    pub(super) fn outer(&self, rows: &Inside<'_>, range: Range) -> Joined {
        let mut rows = self.joiner.outer(rows.to_joined(), range);
        rows.sort(self.stores);
        rows
    }

    /// Distinct events by source.
    pub(super) fn counts(&self, rows: &Inside<'_>) -> Vec<usize> {
        (0..self.stores.len()).map(|source| self.count(rows, source)).collect()
    }

    /// Distinct events of a source.
    pub(super) fn count(&self, rows: &Inside<'_>, source: usize) -> usize {
        if let Some(count) = self.plain_count(rows, source) {
            return count;
        }
        let Some(store) = self.stores.get(source) else { return 0 };
        let found = rows.rows().filter_map(|row| store.place(*row.get(source)?));
        // Most windows hold one row, and are judged by the million.
        if rows.len() == 1 {
            return found.count();
        }
        let mut places: Vec<u64> = found.collect();
        places.sort_unstable();
        places.dedup();
        places.len()
    }

    /// The same where each row is an event.
    pub(super) fn plain_count(&self, rows: &Inside<'_>, source: usize) -> Option<usize> {
        self.is_row_an_event(source).then(|| rows.len())
    }

    /// Is each row another event of a source?
    pub(super) fn is_row_an_event(&self, source: usize) -> bool {
        self.stores.len() == 1 && self.stores.get(source).is_some_and(Store::is_row_an_event)
    }

    /// The events of all event variables in the rows, in time order.
    pub(super) fn events(&self, rows: &Inside<'_>) -> Vec<Moment> {
        let mut events: Vec<Moment> = Vec::with_capacity(rows.len());
        events.extend(self.moments_of(rows.rows()));
        events.sort_unstable();
        events.dedup();
        events
    }

    /// The same as they come, an event once for each row.
    pub(super) fn moments_of<'s>(
        &'s self,
        rows: impl Iterator<Item = &'s [RowId]> + Clone + 's,
    ) -> impl Iterator<Item = Moment> + 's {
        let is_timed =
            |source: usize| self.judge.plan.sources.get(source).is_none_or(|one| one.kind.is_timed());
        let stores = self.stores.iter().enumerate().filter(move |(source, _)| is_timed(*source));
        stores.flat_map(move |(source, store)| {
            rows.clone().filter_map(move |row| store.moment(*row.get(source)?))
        })
    }
}

/// The rows whose time lies in a range, where they stand in the order of time. Windows come one after another, so that
/// both ends mostly lie a step or two from where they were, which saves two searches among all rows of a long group.
fn between(
    len: usize,
    at: impl Fn(usize) -> Timestamp,
    (range, near): (Range, &std::ops::Range<usize>),
) -> std::ops::Range<usize> {
    let from = first_near((0, near.start), len, |index| at(index) >= range.from);
    from..first_near((from, near.end), len, |index| at(index) > range.to)
}

/// The first position from `start` on that satisfies `test`, where all that do come last.
fn first_near((start, near): (usize, usize), len: usize, test: impl Fn(usize) -> bool) -> usize {
    let mut low = near.max(start);
    if low > start && (low > len || test(low - 1)) {
        return first(start..len.min(low), test);
    }
    let mut step = 1;
    while low < len {
        let probe = (low + step - 1).min(len - 1);
        if test(probe) {
            return first(low..probe, test);
        }
        (low, step) = (probe + 1, step * 2);
    }
    len
}

/// The first position in `range` that satisfies `test`, where all that do come last.
fn first(range: std::ops::Range<usize>, test: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low.midpoint(high);
        if test(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// How far apart the starts of hop windows are.
pub(super) fn step(length: Duration) -> i64 {
    (length.0 / OVERLAP).max(1)
}

/// The numbers of the hop windows that contain `at`, earliest first: how many steps they start after the epoch.
pub(super) fn numbers(at: Timestamp, length: Duration) -> impl Iterator<Item = i64> {
    let last = last_number(at, length);
    last - OVERLAP + 1..=last
}

/// The number of the last of them.
pub(super) fn last_number(at: Timestamp, length: Duration) -> i64 {
    at.0.div_euclid(step(length))
}

/// A hop window by its number.
pub(super) fn numbered(number: i64, length: Duration) -> Window {
    let start = Timestamp(number.saturating_mul(step(length)));
    Window { start, end: start.plus(length) }
}

/// The windows that hold all of a span.
pub(super) fn containing(window: WindowPlan, (first, last): (Timestamp, Timestamp)) -> Vec<Window> {
    let length = window.length;
    let mut windows: Vec<Window> = match window.shape {
        Shape::Hop => numbers(first, length).map(|number| numbered(number, length)).collect(),
        Shape::Weeks(_) => vec![Window::block(first, length, Timestamp::MONDAY)],
        Shape::Months(count) => Window::months(first, count).into_iter().collect(),
        Shape::Tumbling | Shape::Before(_) | Shape::After(_) => {
            vec![Window::block(first, length, Timestamp::default())]
        }
    };
    windows.retain(|window| last < window.end);
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_window_are_found_from_wherever_the_last_were() {
        let times = [1, 1, 3, 4, 4, 4, 7, 9].map(Timestamp);
        let count = |test: &dyn Fn(Timestamp) -> bool| times.iter().filter(|at| test(**at)).count();
        for (from, to) in (0..11).flat_map(|from| (from..12).map(move |to| (Timestamp(from), Timestamp(to))))
        {
            let expected = count(&|at| at < from)..count(&|at| at <= to);
            for near in (0..10).flat_map(|start| (start..11).map(move |end| start..end)) {
                let found = between(times.len(), |index| times[index], (Range { from, to }, &near));
                assert_eq!(found, expected, "{from:?} {to:?} {near:?}");
            }
        }
    }
}
