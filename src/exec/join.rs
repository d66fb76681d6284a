//! Joins the rows of a plan's sources: by hash on the values that must be equal, within the reach of a window.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use super::eval::{JoinedRow, Scope};
use super::hashed::Hashed;
use super::interner::{Interner, ValueId};
use super::joined::Joined;
use super::store::{ABSENT, RowId, Store, Untimed};
use crate::plan::{Across, Join, Plan, Presence, Shape, Site, SourceId, Tie};
use crate::value::operators::Case;
use crate::value::{Timestamp, Value};

/// How a source is joined to those before it.
struct Step<'j> {
    source: SourceId,
    /// The rows of the source by the values it is joined by, in time order.
    index: Index<'j>,
    /// Joins with several alternatives beyond the one it is found by.
    joins: Vec<&'j Join>,
    /// Tests that can be made once it is joined.
    across: Vec<&'j Across>,
}

enum Index<'j> {
    /// Nothing ties it to the sources before it by equality.
    All(Vec<RowId>),
    /// Equalities, all of which must hold.
    Every { ties: Vec<Facing>, rows: Hashed },
    /// An `or` of equalities.
    Any { join: &'j Join, rows: Vec<(Facing, Hashed)> },
}

/// A tie seen from the source that is joined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facing {
    /// A source joined before, and its capture.
    pub(super) known: (SourceId, usize),
    /// The capture of the source that is joined.
    pub(super) own: usize,
    pub(super) case: Case,
}

/// Columns of comparable values, by source, capture and case.
pub(super) type Columns = FxHashMap<(SourceId, usize, Case), Vec<ValueId>>;

/// A plan's sources in the order they are joined.
pub(super) struct Joiner<'j> {
    plan: &'j Plan,
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

/// The stretch of time that rows must lie in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) from: Timestamp,
    /// Belongs to it.
    pub(super) to: Timestamp,
}

impl Range {
    pub(super) fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }
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

    /// The next source to join: one that an equality ties to those joined, before one that none does.
    fn next(&self, joined: &[SourceId], presence: Presence) -> Option<SourceId> {
        let ids = (0..self.plan.sources.len()).map(SourceId);
        let open: Vec<SourceId> = ids
            .filter(|id| {
                !joined.contains(id) && self.plan.source(*id).is_some_and(|one| one.presence == presence)
            })
            .collect();
        let tied = |id: &&SourceId| self.plan.joins.iter().any(|join| facing(join, **id, joined).is_some());
        open.iter().find(tied).or(open.first()).copied()
    }

    fn step(&self, source: SourceId, joined: &[SourceId]) -> Step<'j> {
        let (mut ties, mut joins) = (Vec::new(), Vec::new());
        for join in &self.plan.joins {
            match facing(join, source, joined).as_deref() {
                Some([tie]) => ties.push(*tie),
                Some(_) => joins.push(join),
                None => {}
            }
        }
        let index = self.index(source, ties, &mut joins, joined);
        let ready = |across: &&Across| {
            across.sources.contains(&source)
                && across.sources.iter().all(|other| *other == source || joined.contains(other))
        };
        Step { source, index, joins, across: self.plan.across.iter().filter(ready).collect() }
    }

    fn index(
        &self,
        source: SourceId,
        ties: Vec<Facing>,
        joins: &mut Vec<&'j Join>,
        joined: &[SourceId],
    ) -> Index<'j> {
        if !ties.is_empty() {
            let own: Vec<_> = ties.iter().map(|tie| (source, tie.own, tie.case)).collect();
            return Index::Every { rows: self.hashed(source, &own), ties };
        }
        if joins.is_empty() {
            return Index::All(self.candidates(source));
        }
        let join = joins.remove(0);
        let faces = facing(join, source, joined).unwrap_or_default();
        let rows =
            faces.into_iter().map(|tie| (tie, self.hashed(source, &[(source, tie.own, tie.case)]))).collect();
        Index::Any { join, rows }
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
        rows.into_iter().filter(|row| self.is_candidate(source, *row)).collect()
    }

    /// Rows that come as columns have not met their own tests yet.
    fn is_candidate(&self, source: SourceId, row: RowId) -> bool {
        let Some(plan) = self.plan.source(source).filter(|one| one.kind.root().is_none()) else {
            return true;
        };
        let mut rows = vec![ABSENT; self.plan.sources.len()];
        set(&mut rows, source, row);
        plan.once.iter().all(|site| self.holds(site, &rows))
    }

    fn hashed(&self, source: SourceId, columns: &[(SourceId, usize, Case)]) -> Hashed {
        let rows = self.candidates(source);
        let columns: Vec<&[ValueId]> = columns.iter().map(|column| self.column(*column)).collect();
        let of = |row: &RowId| hash(columns.iter().map(|column| cell(column, *row)));
        let hashes: Vec<u64> = rows.iter().map(of).collect();
        Hashed::new(&rows, &hashes)
    }

    fn column(&self, column: (SourceId, usize, Case)) -> &[ValueId] {
        self.columns.get(&column).map_or(&[], Vec::as_slice)
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

    /// Joins the sources that must be there to a row of the first; `reach` is the longest a window is.
    ///
    /// # Errors
    /// Where there are too many rows.
    pub(super) fn join(&self, first: RowId, reach: Reach, out: &mut Joined) -> Result<(), String> {
        let at = self.stores.get(self.start.0).and_then(|store| store.at(first)).unwrap_or_default();
        let mut row = vec![ABSENT; self.plan.sources.len()];
        set(&mut row, self.start, first);
        self.extend(&self.steps, &mut row, (at, at), reach, out)
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
        for candidate in self.matching(step, row, reach.range(span)) {
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

    /// The rows of a step's source that the equalities allow, within a stretch of time.
    fn matching(&self, step: &Step<'_>, row: &[RowId], range: Range) -> Vec<RowId> {
        let known = |tie: &Facing| {
            let (source, capture) = tie.known;
            self.comparable((source, capture, tie.case), row.get(source.0).copied().unwrap_or(ABSENT))
        };
        match &step.index {
            Index::All(rows) => self.within(step.source, rows, range).to_vec(),
            Index::Every { ties, rows } => {
                let found = rows.get(hash(ties.iter().map(known)));
                let equal = |candidate: &RowId| {
                    ties.iter().all(|tie| {
                        self.comparable((step.source, tie.own, tie.case), *candidate) == known(tie)
                    })
                };
                self.within(step.source, found, range).iter().copied().filter(equal).collect()
            }
            Index::Any { rows, .. } => {
                let of = |(tie, rows): &(Facing, Hashed)| {
                    let found = rows.get(hash([known(tie)].into_iter()));
                    self.within(step.source, found, range).to_vec()
                };
                let mut all: Vec<RowId> = rows.iter().flat_map(of).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
        }
    }

    /// The part of rows in time order that lies in a stretch of time.
    fn within<'r>(&self, source: SourceId, rows: &'r [RowId], range: Range) -> &'r [RowId] {
        let Some(store) = self.stores.get(source.0).filter(|_| self.is_timed(source)) else { return rows };
        let at = |row: &RowId| store.at(*row).unwrap_or_default();
        let from = rows.partition_point(|row| at(row) < range.from);
        let to = rows.partition_point(|row| at(row) <= range.to);
        rows.get(from..to).unwrap_or_default()
    }

    /// What the hash did not decide: alternatives, tests across sources, the intervals of entities.
    fn fits(&self, step: &Step<'_>, row: &[RowId]) -> bool {
        let any = match &step.index {
            Index::Any { join, .. } => self.holds_any(join, row),
            Index::All(_) | Index::Every { .. } => true,
        };
        any && step.joins.iter().all(|join| self.holds_any(join, row))
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
        let Some(kept) = self.stores.get(event.0).and_then(|store| store.event(event_row)) else {
            return true;
        };
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
        let Some(at) = kept.at() else { return start.is_none() && end.is_none() };
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
    pub(super) fn outer(&self, rows: &Joined, range: Range) -> Joined {
        let mut rows = rows.clone();
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
        for candidate in self.matching(step, &row, range) {
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

    fn range(self, (first, last): (Timestamp, Timestamp)) -> Range {
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

fn set(row: &mut [RowId], source: SourceId, id: RowId) {
    if let Some(place) = row.get_mut(source.0) {
        *place = id;
    }
}

/// The value of a row in a column.
fn cell(column: &[ValueId], row: RowId) -> ValueId {
    let index = if row == ABSENT { 0 } else { row as usize + 1 };
    column.get(index).copied().unwrap_or(ValueId::MAX)
}

fn hash(ids: impl Iterator<Item = ValueId>) -> u64 {
    let mut hasher = FxHasher::default();
    ids.for_each(|id| id.hash(&mut hasher));
    hasher.finish()
}

/// The source that most match variables are taken from, so that rows come key by key.
fn start(plan: &Plan) -> SourceId {
    let keys = |id: &SourceId| plan.keys.iter().filter(|key| key.source == *id).count();
    let bound = |id: &SourceId| {
        plan.source(*id).is_some_and(|one| one.presence == Presence::Bound && one.kind.is_timed())
    };
    let ids = (0..plan.sources.len()).map(SourceId).filter(bound);
    // Where nothing happens at a time, as over the rows of stages alone, any source will do.
    ids.rev().max_by_key(keys).unwrap_or(SourceId(0))
}

/// The alternatives of a join seen from `source`, where the other side is joined already.
pub(super) fn facing(join: &Join, source: SourceId, joined: &[SourceId]) -> Option<Vec<Facing>> {
    let face = |tie: &Tie| {
        let (known, own) = if tie.right.0 == source { (tie.left, tie.right) } else { (tie.right, tie.left) };
        let fits = own.0 == source && joined.contains(&known.0);
        fits.then_some(Facing { known, own: own.1, case: tie.case })
    };
    join.any.iter().map(face).collect()
}

/// The columns that joins compare, by row, the row that is not there first.
pub(super) fn columns(plan: &Plan, stores: &[Store], values: &mut Interner) -> Columns {
    let mut columns = Columns::default();
    let sides = plan
        .joins
        .iter()
        .flat_map(|join| &join.any)
        .flat_map(|tie| [(tie.left, tie.case), (tie.right, tie.case)]);
    for ((source, capture), case) in sides {
        let Some(store) = stores.get(source.0) else { continue };
        columns.entry((source, capture, case)).or_insert_with(|| {
            let rows = std::iter::once(ABSENT).chain(0..u32::try_from(store.len()).unwrap_or(ABSENT));
            rows.map(|row| store.value(row, capture).map_or(ValueId::MAX, |id| values.comparable(id, case)))
                .collect()
        });
    }
    columns
}
