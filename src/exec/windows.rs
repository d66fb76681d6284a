//! The windows of a group: which there are, which are satisfied, which are reported.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::eval::{JoinedRow, Scope};
use super::gather::Gathering;
use super::interner::Interner;
use super::join::{Joiner, Range, Reach};
use super::joined::Joined;
use super::judge::{Group, Judge, outcomes};
use super::options;
use super::store::{RowId, Store};
use crate::plan::{Shape, SourceId, WindowPlan};
use crate::value::{Duration, Timestamp, Value, Window};

/// An event of a group: when it happened, and its place in the input.
pub(super) type Moment = (Timestamp, u64);

/// The windows of the groups of a plan.
pub(super) struct Windows<'w> {
    pub(super) judge: &'w Judge<'w>,
    pub(super) joiner: &'w Joiner<'w>,
    pub(super) stores: &'w [Store],
    pub(super) values: &'w Interner,
    /// None: all rows of a group are one.
    pub(super) window: Option<WindowPlan>,
}

/// A window and the rows that lie in it.
pub(super) struct Candidate {
    pub(super) rows: Joined,
    pub(super) range: Range,
    pub(super) window: Window,
}

/// A satisfied window.
pub(super) struct Satisfied {
    pub(super) window: Option<Window>,
    pub(super) rows: Joined,
    /// The events of its rows, in time order.
    pub(super) events: Vec<Moment>,
    pub(super) outcomes: Vec<Value<'static>>,
}

/// Takes a satisfied window that is reported.
pub(super) type Emit<'e> = dyn FnMut(&Satisfied) + 'e;

impl Windows<'_> {
    /// Reports the windows of a group.
    pub(super) fn group(&self, group: &Group<'_>, emit: &mut Emit<'_>) {
        let Some(window) = self.window else { return self.whole(group, emit) };
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
        let range = Range { from: Timestamp(i64::MIN), to: Timestamp(i64::MAX) };
        if let Some(satisfied) = self.satisfied(group, (group.rows.clone(), range), None) {
            emit(&satisfied);
        }
    }

    /// Every satisfied window.
    fn every(&self, group: &Group<'_>, window: WindowPlan, emit: &mut Emit<'_>) {
        self.candidates(group, window, &mut |candidate| {
            let Candidate { rows, range, window } = candidate;
            if let Some(satisfied) = self.satisfied(group, (rows, range), Some(window)) {
                emit(&satisfied);
            }
        });
    }

    /// Visits every window that may be satisfied, in time order, each with the rows that lie in it.
    pub(super) fn candidates(&self, group: &Group<'_>, window: WindowPlan, visit: &mut dyn FnMut(Candidate)) {
        if let Shape::Before(pivot) | Shape::After(pivot) = window.shape {
            return self.pivoted(group, (window, pivot), visit);
        }
        let spans = (0..group.rows.len()).map(|index| group.rows.span(index));
        let windows: BTreeSet<Window> = spans.flat_map(|span| containing(window, span)).collect();
        windows.into_iter().for_each(|window| visit(self.candidate(group, window)));
    }

    /// As few windows as cover every event of a satisfied one: for the first event not yet covered, the satisfied window
    /// that contains it and the most uncovered events, the earliest on a tie.
    fn covering(&self, group: &Group<'_>, length: Duration, emit: &mut Emit<'_>) {
        if self.stores.len() == 1 && !self.joiner.has_late() {
            return self.covering_alone(group, length, emit);
        }
        let mut covered: FxHashSet<u64> = FxHashSet::default();
        // A window is judged once, though up to ten events in a row ask for it.
        let mut judged: BTreeMap<Timestamp, Option<Satisfied>> = BTreeMap::new();
        for (at, place) in self.moments(group) {
            if covered.contains(&place) {
                continue;
            }
            judged = judged.split_off(&at.minus(length));
            let mut best: Option<(usize, Timestamp)> = None;
            for start in starts(at, length) {
                let window = Window { start, end: start.plus(length) };
                let Some(one) = judged.entry(start).or_insert_with(|| self.at(group, window)) else {
                    continue;
                };
                // Asked first: no event then counts the events of windows that it is not in, and each window is counted
                // at most ten times for each that is reported.
                if one.events.binary_search(&(at, place)).is_err() {
                    continue;
                }
                let fresh = one.events.iter().filter(|(_, place)| !covered.contains(place)).count();
                if best.is_none_or(|(most, _)| fresh > most) {
                    best = Some((fresh, start));
                }
            }
            let chosen = best.and_then(|(_, start)| judged.get(&start)?.as_ref());
            if let Some(satisfied) = chosen {
                covered.extend(satisfied.events.iter().map(|(_, place)| *place));
                emit(satisfied);
            }
        }
    }

    /// The same where every event in a window's time is in the window. Once a window is reported, its events from the
    /// first uncovered one to its end are covered and none after it, so that no set of them is kept, and of the windows
    /// only which start satisfied ones: a long group would else be in memory ten times over.
    fn covering_alone(&self, group: &Group<'_>, length: Duration, emit: &mut Emit<'_>) {
        let moments = self.moments(group);
        let window = |start: Timestamp| Window { start, end: start.plus(length) };
        let past = |start: Timestamp| moments.partition_point(|(at, _)| *at < start.plus(length));
        let mut judged: BTreeMap<Timestamp, bool> = BTreeMap::new();
        let mut next = 0;
        while let Some((at, _)) = moments.get(next) {
            judged = judged.split_off(&at.minus(length));
            let mut satisfied = starts(*at, length).filter(|start| {
                *judged.entry(*start).or_insert_with(|| self.at(group, window(*start)).is_some())
            });
            // Of those that hold as many, the earliest.
            let Some(first) = satisfied.next() else {
                next += 1;
                continue;
            };
            let best =
                satisfied.fold(first, |best, start| if past(start) > past(best) { start } else { best });
            next = past(best).max(next + 1);
            // What was out of range when the window was judged has been counted then.
            self.uncounted(|| self.at(group, window(best))).iter().for_each(&mut *emit);
        }
    }

    /// The events that may be in a window of the group, in time order.
    fn moments(&self, group: &Group<'_>) -> Vec<Moment> {
        let mut moments = match self.joiner.late_sources() {
            0 => return self.events(&group.rows),
            1 => self.moments_around(group),
            _ => self.moments_within(group),
        };
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Every event that could join a row in some window.
    fn moments_around(&self, group: &Group<'_>) -> Vec<Moment> {
        let around = (0..group.rows.len()).flat_map(|index| {
            let one = group.rows.chosen([index]);
            let range = Reach::of(self.judge.plan).around(group.rows.span(index));
            self.events(&self.joiner.outer(&one, range))
        });
        around.collect()
    }

    /// The events of satisfied windows: where one variable that may be absent joins another, an event may join the zero
    /// values of a window, and nothing in a larger one. Each window is judged once more for this.
    fn moments_within(&self, group: &Group<'_>) -> Vec<Moment> {
        let mut moments = Vec::new();
        if let Some(window) = self.window {
            self.uncounted(|| {
                self.every(group, window, &mut |satisfied| moments.extend(&satisfied.events));
            });
        }
        moments
    }

    /// Judges windows that are also judged elsewhere, where what is out of range is counted.
    fn uncounted<T>(&self, judging: impl FnOnce() -> T) -> T {
        let counted = self.judge.overflows.get();
        let found = judging();
        self.judge.overflows.set(counted);
        found
    }

    /// A window for each event of the pivot, which stands for that event alone.
    fn pivoted(
        &self,
        group: &Group<'_>,
        (window, pivot): (WindowPlan, SourceId),
        visit: &mut dyn FnMut(Candidate),
    ) {
        let Some(store) = self.stores.get(pivot.0) else { return };
        let moment = |row: &[RowId]| {
            let kept = store.event(*row.get(pivot.0)?)?;
            Some((kept.at()?, kept.sequence))
        };
        let mut by_pivot: BTreeMap<Moment, Vec<usize>> = BTreeMap::new();
        for (index, row) in group.rows.rows().enumerate() {
            if let Some(moment) = moment(row) {
                by_pivot.entry(moment).or_default().push(index);
            }
        }
        for ((at, _), rows) in by_pivot {
            let window = match window.shape {
                Shape::Before(_) => Window { start: at.minus(window.length), end: at },
                Shape::After(_) | Shape::Hop | Shape::Tumbling | Shape::Weeks(_) | Shape::Months(_) => {
                    Window { start: at, end: at.plus(window.length) }
                }
            };
            let range = Range { from: window.start, to: window.end };
            let inside = |index: &usize| lies_in(range, group.rows.span(*index));
            visit(Candidate { rows: group.rows.chosen(rows.into_iter().filter(inside)), range, window });
        }
    }

    /// A window whose end does not belong to it.
    fn candidate(&self, group: &Group<'_>, window: Window) -> Candidate {
        let range = Range { from: window.start, to: Timestamp(window.end.0.saturating_sub(1)) };
        Candidate { rows: self.rows_in(group, range), range, window }
    }

    /// The window of a group, where it is satisfied.
    fn at(&self, group: &Group<'_>, window: Window) -> Option<Satisfied> {
        let Candidate { rows, range, window } = self.candidate(group, window);
        self.satisfied(group, (rows, range), Some(window))
    }

    /// The rows all of whose events lie in `range`. Rows are in the order of the time of their first event variable,
    /// so only those whose first lies there are looked at.
    fn rows_in(&self, group: &Group<'_>, range: Range) -> Joined {
        let rows = &group.rows;
        let lead = self.lead();
        let at = |index: usize| {
            let row = rows.row(index).get(lead).copied();
            row.and_then(|row| self.stores.get(lead)?.at(row)).unwrap_or_default()
        };
        let (from, to) = (
            first(rows.len(), |index| at(index) >= range.from),
            first(rows.len(), |index| at(index) > range.to),
        );
        rows.chosen((from..to).filter(|index| lies_in(range, rows.span(*index))))
    }

    /// The first source that every row has.
    fn lead(&self) -> usize {
        let sources = &self.judge.plan.sources;
        let bound = |one: &crate::plan::SourcePlan| {
            one.presence == crate::plan::Presence::Bound && one.kind.is_timed()
        };
        sources.iter().position(bound).unwrap_or(0)
    }

    fn satisfied(
        &self,
        group: &Group<'_>,
        (rows, range): (Joined, Range),
        window: Option<Window>,
    ) -> Option<Satisfied> {
        if rows.is_empty() {
            return None;
        }
        let rows = if self.joiner.has_late() { self.outer(&rows, range) } else { rows };
        let plan = self.judge.plan;
        let events = self.events(&rows);
        let seed = events.first().map_or(0, |(_, place)| *place);
        let scope = Scope {
            keys: &group.key,
            window,
            now: self.judge.options.now,
            seed,
            ..Scope::bare(plan, self.judge.overflows)
        };
        let mut gathering = Gathering::new(plan, self.judge.overflows);
        for row in rows.rows() {
            gathering.add(JoinedRow { stores: self.stores, values: self.values, rows: row }, &scope);
        }
        let gathered = gathering.finish();
        let counts = self.counts(&rows);
        let outcomes = outcomes(plan, Scope { gathered: &gathered, counts: &counts, ..scope })?;
        Some(Satisfied { window, rows, events, outcomes })
    }

    pub(super) fn outer(&self, rows: &Joined, range: Range) -> Joined {
        let mut rows = self.joiner.outer(rows, range);
        rows.sort(self.stores);
        rows
    }

    /// Distinct events by source.
    pub(super) fn counts(&self, rows: &Joined) -> Vec<usize> {
        let count = |(source, store): (usize, &Store)| {
            let events = rows.rows().filter_map(|row| store.event(*row.get(source)?));
            let mut places: Vec<u64> = events.map(|kept| kept.sequence).collect();
            places.sort_unstable();
            places.dedup();
            places.len()
        };
        self.stores.iter().enumerate().map(count).collect()
    }

    /// The events of all event variables in the rows, in time order.
    pub(super) fn events(&self, rows: &Joined) -> Vec<Moment> {
        let mut events: Vec<Moment> = Vec::with_capacity(rows.len());
        for (source, store) in self.stores.iter().enumerate() {
            if self.judge.plan.sources.get(source).is_some_and(|one| !one.kind.is_timed()) {
                continue;
            }
            let kept = rows.rows().filter_map(|row| store.event(*row.get(source)?));
            events.extend(kept.filter_map(|kept| Some((kept.at()?, kept.sequence))));
        }
        events.sort_unstable();
        events.dedup();
        events
    }
}

fn lies_in(range: Range, (first, last): (Timestamp, Timestamp)) -> bool {
    range.contains(first) && range.contains(last)
}

/// The first of so many positions that satisfies `test`, where all that do come last.
fn first(len: usize, test: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low.midpoint(high);
        if test(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The starts of the hop windows that contain `at`, earliest first.
fn starts(at: Timestamp, length: Duration) -> impl Iterator<Item = Timestamp> {
    const OVERLAP: i64 = 10;
    let step = (length.0 / OVERLAP).max(1);
    let last = at.0.div_euclid(step);
    (last - OVERLAP + 1..=last).map(move |index| Timestamp(index.saturating_mul(step)))
}

/// The windows that hold all of a span.
fn containing(window: WindowPlan, (first, last): (Timestamp, Timestamp)) -> Vec<Window> {
    let length = window.length;
    let windows: Vec<Window> = match window.shape {
        Shape::Hop => starts(first, length).map(|start| Window { start, end: start.plus(length) }).collect(),
        Shape::Weeks(_) => vec![Window::block(first, length, Timestamp::MONDAY)],
        Shape::Months(count) => Window::months(first, count).into_iter().collect(),
        Shape::Tumbling | Shape::Before(_) | Shape::After(_) => {
            vec![Window::block(first, length, Timestamp::default())]
        }
    };
    windows.into_iter().filter(|window| last < window.end).collect()
}
