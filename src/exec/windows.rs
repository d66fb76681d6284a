//! The windows of a group: which there are, which are satisfied, which are reported.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::detection::Detection;
use super::eval::{JoinedRow, Scope};
use super::gather::Gathering;
use super::interner::Interner;
use super::join::{Joiner, Range, Reach};
use super::joined::Joined;
use super::judge::{Group, Judge, outcomes};
use super::store::{RowId, Store};
use super::{evidence, options};
use crate::plan::{Shape, SourceId, WindowPlan};
use crate::schema::Root;
use crate::value::{Duration, Timestamp, Value, Window};

/// An event of a group: when it happened, and its place in the input.
pub(super) type Moment = (Timestamp, u64);

/// The windows of the groups of a plan.
pub(super) struct Windows<'w> {
    pub(super) judge: &'w Judge<'w>,
    pub(super) joiner: &'w Joiner<'w>,
    pub(super) stores: &'w [Store],
    pub(super) values: &'w Interner,
    pub(super) window: WindowPlan,
}

/// A satisfied window.
struct Satisfied {
    window: Window,
    rows: Joined,
    /// The events of its rows, in time order.
    events: Vec<Moment>,
    outcomes: Vec<Value<'static>>,
}

impl Windows<'_> {
    /// Reports the detections of a group.
    pub(super) fn group(&self, group: &Group<'_>, found: &mut Vec<Detection>) {
        let length = self.window.length;
        let step = Duration(length.0 / 10);
        match (self.window.shape, self.judge.options.windows) {
            (Shape::Hop, options::Windows::Covering) => self.covering(group, step, found),
            (Shape::Hop, options::Windows::All) => self.every(group, step, found),
            (Shape::Tumbling, _) => self.every(group, length, found),
            (Shape::Before(pivot) | Shape::After(pivot), _) => self.sliding(group, pivot, found),
        }
    }

    /// Every satisfied window whose starts are the multiples of `step`.
    fn every(&self, group: &Group<'_>, step: Duration, found: &mut Vec<Detection>) {
        let length = self.window.length;
        let spans = (0..group.rows.len()).map(|index| group.rows.span(index));
        let mut starts: Vec<Timestamp> = spans
            .flat_map(|(first, last)| {
                starts(first, length, step).filter(move |start| last < start.plus(length))
            })
            .collect();
        starts.sort_unstable();
        starts.dedup();
        for start in starts {
            if let Some(satisfied) = self.at(group, start) {
                found.push(self.detection(group, &satisfied));
            }
        }
    }

    /// As few windows as cover every event of a satisfied one: for the first event not yet covered, the satisfied window
    /// that contains it and the most uncovered events, the earliest on a tie.
    fn covering(&self, group: &Group<'_>, step: Duration, found: &mut Vec<Detection>) {
        let mut covered: FxHashSet<u64> = FxHashSet::default();
        // A window is judged once, though up to ten events in a row ask for it.
        let mut judged: BTreeMap<Timestamp, Option<Satisfied>> = BTreeMap::new();
        for (at, place) in self.moments(group) {
            if covered.contains(&place) {
                continue;
            }
            judged = judged.split_off(&at.minus(self.window.length));
            let mut best: Option<(usize, Timestamp)> = None;
            for start in starts(at, self.window.length, step) {
                let Some(one) = judged.entry(start).or_insert_with(|| self.at(group, start)) else {
                    continue;
                };
                let fresh = one.events.iter().filter(|(_, place)| !covered.contains(place)).count();
                let holds = one.events.binary_search(&(at, place)).is_ok();
                if holds && best.is_none_or(|(most, _)| fresh > most) {
                    best = Some((fresh, start));
                }
            }
            let chosen = best.and_then(|(_, start)| judged.get(&start)?.as_ref());
            if let Some(satisfied) = chosen {
                covered.extend(satisfied.events.iter().map(|(_, place)| *place));
                found.push(self.detection(group, satisfied));
            }
        }
    }

    /// The events that may be in a window of the group, in time order.
    fn moments(&self, group: &Group<'_>) -> Vec<Moment> {
        if !self.joiner.has_late() {
            return self.events(&group.rows);
        }
        let mut moments = Vec::new();
        for index in 0..group.rows.len() {
            let one = group.rows.chosen(|other| other == index);
            let range = Reach::of(self.judge.plan).around(group.rows.span(index));
            moments.extend(self.events(&self.joiner.outer(&one, range)));
        }
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// A window for each event of the pivot.
    fn sliding(&self, group: &Group<'_>, pivot: SourceId, found: &mut Vec<Detection>) {
        let Some(store) = self.stores.get(pivot.0) else { return };
        let moment = |row: &[RowId]| {
            let kept = store.event(*row.get(pivot.0)?)?;
            Some((kept.at?, kept.sequence))
        };
        let mut by_pivot: BTreeMap<Moment, Vec<usize>> = BTreeMap::new();
        for (index, row) in group.rows.rows().enumerate() {
            if let Some(moment) = moment(row) {
                by_pivot.entry(moment).or_default().push(index);
            }
        }
        for ((at, _), rows) in by_pivot {
            let window = match self.window.shape {
                Shape::Before(_) => Window { start: at.minus(self.window.length), end: at },
                Shape::After(_) | Shape::Hop | Shape::Tumbling => {
                    Window { start: at, end: at.plus(self.window.length) }
                }
            };
            let range = Range { from: window.start, to: window.end };
            let inside = |index: &usize| lies_in(range, group.rows.span(*index));
            let rows: FxHashSet<usize> = rows.into_iter().filter(inside).collect();
            let rows = group.rows.chosen(|index| rows.contains(&index));
            if let Some(satisfied) = self.satisfied(group, (rows, range), window) {
                found.push(self.detection(group, &satisfied));
            }
        }
    }

    /// The window of a group that starts at `start`, where it is satisfied.
    fn at(&self, group: &Group<'_>, start: Timestamp) -> Option<Satisfied> {
        let window = Window { start, end: start.plus(self.window.length) };
        let range = Range { from: start, to: Timestamp(window.end.0.saturating_sub(1)) };
        let rows = self.rows_in(group, range);
        self.satisfied(group, (rows, range), window)
    }

    /// The rows all of whose events lie in `range`. Rows are in the order of the time of their first event variable,
    /// so only those whose first lies there are looked at.
    pub(super) fn rows_in(&self, group: &Group<'_>, range: Range) -> Joined {
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
        let mut chosen = Joined::new(self.stores.len());
        for index in (from..to).filter(|index| lies_in(range, rows.span(*index))) {
            chosen.push(rows.row(index), rows.span(index));
        }
        chosen
    }

    /// The first source that every row has.
    fn lead(&self) -> usize {
        let sources = &self.judge.plan.sources;
        let bound = |one: &crate::plan::SourcePlan| {
            one.presence == crate::plan::Presence::Bound && one.root != Root::Entity
        };
        sources.iter().position(bound).unwrap_or(0)
    }

    fn satisfied(
        &self,
        group: &Group<'_>,
        (rows, range): (Joined, Range),
        window: Window,
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
            window: Some(window),
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
            if self.judge.plan.sources.get(source).is_some_and(|one| one.root == Root::Entity) {
                continue;
            }
            let kept = rows.rows().filter_map(|row| store.event(*row.get(source)?));
            events.extend(kept.filter_map(|kept| Some((kept.at?, kept.sequence))));
        }
        events.sort_unstable();
        events.dedup();
        events
    }

    fn detection(&self, group: &Group<'_>, satisfied: &Satisfied) -> Detection {
        let plan = self.judge.plan;
        let names = plan.keys.iter().map(|key| key.name.clone());
        let matches = names.zip(group.key.iter().map(|value| value.clone().into_static())).collect();
        let outcomes =
            plan.outcomes.iter().map(|(name, _)| name.clone()).zip(satisfied.outcomes.iter().cloned());
        Detection {
            rule: self.judge.index,
            window: Some(satisfied.window),
            matches,
            outcomes: outcomes.collect(),
            events: evidence::of_rows(self.judge, self.stores, &satisfied.rows),
            first: satisfied.events.iter().map(|(_, place)| *place).min().unwrap_or(0),
        }
    }
}

pub(super) fn lies_in(range: Range, (first, last): (Timestamp, Timestamp)) -> bool {
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

/// The starts of the windows that contain `at`, earliest first.
pub(super) fn starts(at: Timestamp, length: Duration, step: Duration) -> impl Iterator<Item = Timestamp> {
    let last = at.0.div_euclid(step.0.max(1));
    let count = length.0 / step.0.max(1);
    (last - count + 1..=last).map(move |index| Timestamp(index.saturating_mul(step.0)))
}
