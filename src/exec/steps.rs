//! In which order the sources of a plan are joined, and by what.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::hashed::{Hashed, Listed};
use super::interner::{Interner, ValueId};
use super::join::{Joiner, cell, hash};
use super::store::{ABSENT, RowId, Store};
use crate::plan::{Across, Join, Plan, Presence, SourceId, Tie};
use crate::value::operators::Case;

/// How a source is joined to those before it.
pub(super) struct Step<'j> {
    pub(super) source: SourceId,
    /// The rows of the source by the values it is joined by, in time order.
    pub(super) index: Index<'j>,
    /// Joins with several alternatives beyond the one it is found by.
    pub(super) joins: Vec<&'j Join>,
    /// Tests that can be made once it is joined.
    pub(super) across: Vec<&'j Across>,
}

pub(super) enum Index<'j> {
    /// Nothing ties it to the sources before it by equality.
    All(Listed),
    /// Equalities, all of which must hold.
    Every { ties: Vec<Tied>, rows: Hashed },
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

/// Two columns of which a joined row must have the same value.
pub(super) struct Tied {
    /// A source joined before.
    pub(super) known: SourceId,
    pub(super) theirs: Arc<Vec<ValueId>>,
    /// Of the source that is joined.
    pub(super) ours: Arc<Vec<ValueId>>,
}

/// Columns of comparable values, by source, capture and case.
pub(super) type Columns = FxHashMap<(SourceId, usize, Case), Arc<Vec<ValueId>>>;

impl<'j> Joiner<'j> {
    /// The next source to join: one that an equality ties to those joined, before one that none does.
    pub(super) fn next(&self, joined: &[SourceId], presence: Presence) -> Option<SourceId> {
        let ids = (0..self.plan.sources.len()).map(SourceId);
        let open: Vec<SourceId> = ids
            .filter(|id| {
                !joined.contains(id) && self.plan.source(*id).is_some_and(|one| one.presence == presence)
            })
            .collect();
        let tied = |id: &&SourceId| self.plan.joins.iter().any(|join| facing(join, **id, joined).is_some());
        open.iter().find(tied).or(open.first()).copied()
    }

    /// How a source is joined to those before.
    pub(super) fn step(&self, source: SourceId, joined: &[SourceId]) -> Step<'j> {
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
            let rows = self.hashed(source, &own);
            let tied = |tie: Facing| Tied {
                known: tie.known.0,
                theirs: self.shared_column((tie.known.0, tie.known.1, tie.case)),
                ours: self.shared_column((source, tie.own, tie.case)),
            };
            return Index::Every { ties: ties.into_iter().map(tied).collect(), rows };
        }
        if joins.is_empty() {
            return Index::All(self.listed(source));
        }
        let join = joins.remove(0);
        let faces = facing(join, source, joined).unwrap_or_default();
        let rows =
            faces.into_iter().map(|tie| (tie, self.hashed(source, &[(source, tie.own, tie.case)]))).collect();
        Index::Any { join, rows }
    }

    fn hashed(&self, source: SourceId, columns: &[(SourceId, usize, Case)]) -> Hashed {
        let listed = self.listed(source);
        let columns: Vec<&[ValueId]> = columns.iter().map(|column| self.column(*column)).collect();
        let of = |row: &RowId| hash(columns.iter().map(|column| cell(column, *row)));
        let hashes: Vec<u64> = listed.rows.iter().map(of).collect();
        Hashed::new(listed, hashes)
    }
}

/// The source that most match variables are taken from, so that rows come key by key.
pub(super) fn start(plan: &Plan) -> SourceId {
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
            let value =
                |row| store.value(row, capture).map_or(ValueId::MAX, |id| values.comparable(id, case));
            Arc::new(rows.map(value).collect())
        });
    }
    columns
}
