//! Joins the rows of a plan's sources: by hash on the values that must be equal, within the reach of a window.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::eval::{JoinedRow, Scope};
use super::hashed::Listed;
use super::interner::{Interner, ValueId};
use super::joined::Joined;
use super::reach::{Range, Reach};
use super::steps::{Columns, Facing, Index, Step, start};
use super::store::{ABSENT, RowId, Store, Untimed};
use crate::plan::{Join, Plan, Presence, Site, SourceId, SourcePlan};
use crate::value::operators::Case;
use crate::value::{Timestamp, Value};

/// A plan's sources in the order they are joined.
pub(super) struct Joiner<'j> {
    pub(super) plan: &'j Plan,
    stores: &'j [Store],
    values: &'j Interner,
    columns: Columns,
    /// Where joining starts.
    pub(super) start: SourceId,
    steps: Vec<Step<'j>>,
    /// Those whose rows may be absent.
    late: Vec<Step<'j>>,
    limit: usize,
}

impl<'j> Joiner<'j> {
    /// Prepares the joins of a plan; `limit` is the most rows of a group.
    pub(super) fn new(
        plan: &'j Plan,
        stores: &'j [Store],
        (values, columns): (&'j Interner, Columns),
        limit: usize,
    ) -> Joiner<'j> {
        let start = start(plan);
        let mut joiner =
            Joiner { plan, stores, values, columns, start, steps: Vec::new(), late: Vec::new(), limit };
        let mut joined = vec![start];
        for presence in [Presence::Bound, Presence::Unbound] {
            while let Some(next) = joiner.next(&joined, presence) {
                let step = joiner.step(next, &joined);
                joined.push(next);
                match presence {
                    Presence::Bound => joiner.steps.push(step),
                    Presence::Unbound => joiner.late.push(step),
                }
            }
        }
        joiner
    }

    /// All rows of a source that may be joined: events in time order, entities as they came.
    pub(super) fn candidates(&self, source: SourceId) -> Vec<RowId> {
        let Some(store) = self.stores.get(source.0) else { return Vec::new() };
        let rows = if self.is_timed(source) {
            let untimed = if self.plan.window.is_some() { Untimed::LeftOut } else { Untimed::Last };
            store.in_time_order(untimed)
        } else {
            (0..u32::try_from(store.len()).unwrap_or(ABSENT)).collect()
        };
        match self.plan.source(source).filter(|one| one.kind.root().is_none()) {
            Some(plan) => rows.into_iter().filter(|row| self.is_candidate((source, plan), *row)).collect(),
            None => rows,
        }
    }

    /// The same with the time of each, where they happen at one.
    pub(super) fn listed(&self, source: SourceId) -> Listed {
        let rows = self.candidates(source);
        let store = self.stores.get(source.0).filter(|_| self.is_timed(source));
        let times =
            store.into_iter().flat_map(|store| rows.iter().map(|row| store.at(*row).unwrap_or_default()));
        Listed { times: times.collect(), rows }
    }

    /// Rows that come as columns have not met their own tests yet.
    fn is_candidate(&self, (source, plan): (SourceId, &SourcePlan), row: RowId) -> bool {
        let mut rows = vec![ABSENT; self.plan.sources.len()];
        set(&mut rows, source, row);
        plan.once.iter().all(|site| self.holds(site, &rows))
    }

    pub(super) fn column(&self, column: (SourceId, usize, Case)) -> &[ValueId] {
        self.columns.get(&column).map_or(&[], |column| column.as_slice())
    }

    pub(super) fn shared_column(&self, column: (SourceId, usize, Case)) -> Arc<Vec<ValueId>> {
        self.columns.get(&column).cloned().unwrap_or_default()
    }

    pub(super) fn comparable(&self, column: (SourceId, usize, Case), row: RowId) -> ValueId {
        cell(self.column(column), row)
    }

    pub(super) fn is_timed(&self, source: SourceId) -> bool {
        self.plan.source(source).is_some_and(|one| one.kind.is_timed())
    }

    /// The rows of the source that joining starts from, in time order.
    pub(super) fn first(&self) -> Vec<RowId> {
        self.candidates(self.start)
    }

    /// Joins the sources that must be there to rows of the first; `reach` is the longest a window is.
    ///
    /// # Errors
    /// Where there are too many rows.
    pub(super) fn join(&self, first: &[RowId], reach: Reach) -> Result<Joined, String> {
        let mut joined = Joined::new(self.plan.sources.len());
        let store = self.stores.get(self.start.0);
        let mut row = vec![ABSENT; self.plan.sources.len()];
        for id in first {
            set(&mut row, self.start, *id);
            let at = store.and_then(|store| store.at(*id)).unwrap_or_default();
            self.extend(&self.steps, &mut row, (at, at), reach, &mut joined)?;
        }
        Ok(joined)
    }

    fn extend(
        &self,
        steps: &[Step<'_>],
        row: &mut Vec<RowId>,
        span: (Timestamp, Timestamp),
        reach: Reach,
        out: &mut Joined,
    ) -> Result<(), String> {
        let Some((step, rest)) = steps.split_first() else {
            out.push(row, span);
            if out.len() > self.limit {
                return Err(format!("a group has over {} rows", self.limit));
            }
            return Ok(());
        };
        for candidate in self.matching(step, row, reach.range(span)).iter().copied() {
            set(row, step.source, candidate);
            if self.fits(step, row) {
                self.extend(rest, row, self.widened(span, step.source, candidate), reach, out)?;
            }
        }
        set(row, step.source, ABSENT);
        Ok(())
    }

    pub(super) fn widened(
        &self,
        span: (Timestamp, Timestamp),
        source: SourceId,
        row: RowId,
    ) -> (Timestamp, Timestamp) {
        if !self.is_timed(source) {
            return span;
        }
        let at = self.stores.get(source.0).and_then(|store| store.at(row)).unwrap_or_default();
        (span.0.min(at), span.1.max(at))
    }

    /// The rows of a step's source within a stretch of time among which are all that the equalities allow.
    fn matching<'s>(&self, step: &'s Step<'_>, row: &[RowId], range: Range) -> Cow<'s, [RowId]> {
        let known = |tie: &Facing| {
            let (source, capture) = tie.known;
            self.comparable((source, capture, tie.case), id(row, source))
        };
        match &step.index {
            Index::All(rows) => Cow::Borrowed(rows.within(0..rows.len(), range)),
            Index::Every { ties, rows } => {
                let hash = hash(ties.iter().map(|tie| cell(&tie.theirs, id(row, tie.known))));
                Cow::Borrowed(rows.within(hash, range))
            }
            Index::Any { rows, .. } => {
                let inside =
                    rows.iter().flat_map(|(tie, rows)| rows.within(hash([known(tie)].into_iter()), range));
                let mut all: Vec<RowId> = inside.copied().collect();
                all.sort_unstable();
                all.dedup();
                Cow::Owned(all)
            }
        }
    }

    /// What the hash did not decide: alternatives, tests across sources, the intervals of entities.
    fn fits(&self, step: &Step<'_>, row: &[RowId]) -> bool {
        let equal = match &step.index {
            Index::Any { join, .. } => self.holds_any(join, row),
            Index::Every { ties, .. } => {
                let own = id(row, step.source);
                ties.iter().all(|tie| cell(&tie.ours, own) == cell(&tie.theirs, id(row, tie.known)))
            }
            Index::All(_) => true,
        };
        equal
            && step.joins.iter().all(|join| self.holds_any(join, row))
            && self.in_intervals(step.source, row)
            && step.across.iter().all(|across| self.holds(&across.site, row))
    }

    pub(super) fn holds_any(&self, join: &Join, row: &[RowId]) -> bool {
        let value = |(source, capture): (SourceId, usize), case: Case| {
            self.comparable((source, capture, case), row.get(source.0).copied().unwrap_or(ABSENT))
        };
        join.any.iter().any(|tie| value(tie.left, tie.case) == value(tie.right, tie.case))
    }

    pub(super) fn holds(&self, site: &Site, row: &[RowId]) -> bool {
        let overflows = std::cell::Cell::new(0);
        let row = JoinedRow { stores: self.stores, values: self.values, rows: row };
        Scope { row: Some(row), ..Scope::bare(self.plan, &overflows) }.holds(site)
    }

    /// Entities count only while their interval lasts, for the events they are tied to.
    pub(super) fn in_intervals(&self, joined: SourceId, row: &[RowId]) -> bool {
        let entities = self.plan.sources.iter().enumerate().filter(|(_, one)| !one.timed_by.is_empty());
        entities.into_iter().all(|(index, entity)| {
            let id = row.get(index).copied().unwrap_or(ABSENT);
            let mut events =
                entity.timed_by.iter().filter(|event| **event == joined || SourceId(index) == joined);
            id == ABSENT || events.all(|event| self.holds_at(SourceId(index), id, *event, row))
        })
    }

    fn holds_at(&self, entity: SourceId, id: RowId, event: SourceId, row: &[RowId]) -> bool {
        let event_row = row.get(event.0).copied().unwrap_or(ABSENT);
        let store = self.stores.get(event.0).filter(|store| store.place(event_row).is_some());
        let Some(store) = store else { return true };
        let interval = self.plan.source(entity).and_then(|source| source.interval);
        let Some((start, end)) = interval else { return true };
        let bound = |capture: usize| {
            let value = self.stores.get(entity.0)?.value(id, capture)?;
            match self.values.value(value) {
                // A bound that is not there is open.
                Value::Time(time) if time != Timestamp::default() => Some(time),
                _ => None,
            }
        };
        let (start, end) = (bound(start), bound(end));
        // What happened at no time known lies in no interval but the one without bounds.
        let Some(at) = store.at(event_row) else { return start.is_none() && end.is_none() };
        start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end)
    }

    /// Does any source come in only where it has rows?
    pub(super) fn has_late(&self) -> bool {
        self.late_sources() > 0
    }

    /// How many do.
    pub(super) fn late_sources(&self) -> usize {
        self.late.len()
    }

    /// Joins the sources that may be absent to rows of the others, from a stretch of time: a left outer join, row by row.
    pub(super) fn outer(&self, mut rows: Joined, range: Range) -> Joined {
        for step in &self.late {
            let mut next = Joined::new(self.plan.sources.len());
            for index in 0..rows.len() {
                self.outer_row(step, (rows.row(index), rows.span(index)), range, &mut next);
            }
            rows = next;
        }
        rows
    }

    fn outer_row(
        &self,
        step: &Step<'_>,
        (row, span): (&[RowId], (Timestamp, Timestamp)),
        range: Range,
        out: &mut Joined,
    ) {
        let mut row = row.to_vec();
        let before = out.len();
        for candidate in self.matching(step, &row, range).iter().copied() {
            set(&mut row, step.source, candidate);
            if self.fits(step, &row) {
                out.push(&row, self.widened(span, step.source, candidate));
            }
        }
        if out.len() == before {
            set(&mut row, step.source, ABSENT);
            out.push(&row, span);
        }
    }
}

fn set(row: &mut [RowId], source: SourceId, id: RowId) {
    if let Some(place) = row.get_mut(source.0) {
        *place = id;
    }
}

fn id(row: &[RowId], source: SourceId) -> RowId {
    row.get(source.0).copied().unwrap_or(ABSENT)
}

/// The value of a row in a column.
pub(super) fn cell(column: &[ValueId], row: RowId) -> ValueId {
    let index = if row == ABSENT { 0 } else { row as usize + 1 };
    column.get(index).copied().unwrap_or(ValueId::MAX)
}

/// What rows are found by that have these values. One by itself is its own: numbers that lie close are then an index.
pub(super) fn hash(mut ids: impl Iterator<Item = ValueId>) -> u64 {
    let first = u64::from(ids.next().unwrap_or(ValueId::MAX));
    let mix = |hash: u64, id| {
        let mut hasher = FxHasher::default();
        (hash, id).hash(&mut hasher);
        hasher.finish()
    };
    ids.fold(first, mix)
}
