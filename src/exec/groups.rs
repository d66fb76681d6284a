//! Groups of joined rows with the same match values, part by part: one after another, or spread over threads.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::interner::{Interner, ValueId};
use super::join::Joiner;
use super::joined::Joined;
use super::judge::{Judge, Shared};
use super::parts::Parts;
use super::reach::Reach;
use super::satisfied::Needs;
use super::state::PlanState;
use super::steps::{Columns, columns};
use super::store::{RowId, Store};
use super::windows::Windows;
use crate::plan::Key;
use crate::value::Value;

/// Joined rows that have the same match values.
pub(super) struct Group<'g> {
    pub(super) key: Vec<Value<'g>>,
    /// In the order of rows.
    pub(super) rows: Joined,
}

/// What groups are made of.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) judge: &'c Judge<'c>,
    pub(super) joiner: &'c Joiner<'c>,
    pub(super) stores: &'c [Store],
    pub(super) values: &'c Interner,
    needs: &'c Needs,
}

/// Rows below which a second thread costs more than it saves.
const FEW: usize = 10_000;

/// So many shares for each thread: keys differ in what they take.
const SHARES: usize = 16;

/// Takes a group; what it makes of it goes to the last argument.
type Visit<'v, T> = dyn Fn(&Context<'_>, &Group<'_>, &mut Vec<T>) + Sync + 'v;

/// What came of a share: by its place, with how many results were out of range.
type Done<T> = (usize, Result<Vec<T>, String>, u64);

impl<'c> Context<'c> {
    /// The windows of groups.
    pub(super) fn windows(&self) -> Windows<'c> {
        let Context { judge, joiner, stores, values, needs } = *self;
        Windows { judge, joiner, stores, values, needs, window: judge.plan.window }
    }

    fn visit(
        &self,
        (parts, share): (&Parts, Range<usize>),
        visit: &mut dyn FnMut(&Context<'_>, &Group<'_>),
    ) -> Result<(), String> {
        for part in parts.of(share) {
            let joined = self.joiner.join(part, Reach::of(self.judge.plan))?;
            for (key, rows) in self.by_key(joined) {
                let key = key.into_iter().map(|id| self.values.value(id)).collect();
                visit(self, &Group { key, rows });
            }
        }
        Ok(())
    }

    fn by_key(&self, mut joined: Joined) -> Vec<(Vec<ValueId>, Joined)> {
        if joined.is_empty() {
            return Vec::new();
        }
        if self.stores.len() > 1 {
            joined.sort(self.stores);
        }
        let key = |index: usize| self.key(joined.row(index));
        if (1..joined.len()).all(|index| key(index).eq(key(0))) {
            return vec![(key(0).collect(), joined)];
        }
        let mut groups: BTreeMap<Vec<ValueId>, Vec<usize>> = BTreeMap::new();
        for index in 0..joined.len() {
            groups.entry(key(index).collect()).or_default().push(index);
        }
        groups.into_iter().map(|(key, indices)| (key, joined.chosen(indices))).collect()
    }

    /// The match values of a row.
    fn key<'k>(&'k self, row: &'k [RowId]) -> impl Iterator<Item = ValueId> + 'k {
        let value = |key: &Key| {
            let row = row.get(key.source.0)?;
            self.stores.get(key.source.0)?.value(*row, key.capture)
        };
        self.judge.plan.keys.iter().map(move |key| value(key).unwrap_or(ValueId::MAX))
    }

    /// Visits the shares in several threads; what came of each, in order.
    fn spread<T: Send>(&self, parts: &Parts, shares: &[Range<usize>], visit: &Visit<'_, T>) -> Vec<Done<T>> {
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let rest = Rest { joiner: self.joiner, stores: self.stores, values: self.values, needs: self.needs };
        let shared = self.judge.shared();
        let work = || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(share) = shares.get(place) else { return };
                let (made, overflows) = rest.visit(shared, (parts, share.clone()), visit);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((place, made, overflows));
            }
        };
        thread::scope(|scope| {
            (1..shared.options.threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(place, ..)| *place);
        done
    }
}

/// A context without the judge, who counts for one thread.
#[derive(Clone, Copy)]
struct Rest<'c> {
    joiner: &'c Joiner<'c>,
    stores: &'c [Store],
    values: &'c Interner,
    needs: &'c Needs,
}

impl Rest<'_> {
    /// What came of a share, and how many results were out of range.
    fn visit<T>(
        self,
        shared: Shared<'_>,
        share: (&Parts, Range<usize>),
        visit: &Visit<'_, T>,
    ) -> (Result<Vec<T>, String>, u64) {
        let Rest { joiner, stores, values, needs } = self;
        let overflows = Cell::new(0);
        let judge = shared.judge(&overflows);
        let context = Context { judge: &judge, joiner, stores, values, needs };
        let mut made = Vec::new();
        let visited = context.visit(share, &mut |context, group| visit(context, group, &mut made));
        (visited.map(|()| made), overflows.get())
    }
}

impl Judge<'_> {
    /// Joins the kept rows and visits each group of rows with the same match values.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn groups(
        &self,
        state: &mut PlanState,
        visit: &mut dyn FnMut(&Context<'_>, &Group<'_>),
    ) -> Result<(), String> {
        let columns = columns(self.plan, &state.stores, &mut state.values);
        self.groups_of((&state.stores, &state.values), columns, visit)
    }

    /// The same of what is kept for good; `columns` are what its joins compare.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn groups_of(
        &self,
        (stores, values): (&[Store], &Interner),
        columns: Columns,
        visit: &mut dyn FnMut(&Context<'_>, &Group<'_>),
    ) -> Result<(), String> {
        let joiner = Joiner::new(self.plan, stores, (values, columns), self.options.max_group_rows);
        let needs = Needs::of(self.plan);
        let context = Context { judge: self, joiner: &joiner, stores, values, needs: &needs };
        let parts = Parts::new(self.plan, &joiner, stores);
        context.visit((&parts, 0..parts.len()), visit)
    }

    /// The same spread over the threads of the run; what the visits make, in the order of the groups.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn groups_spread<T: Send>(
        &self,
        (stores, values): (&[Store], &Interner),
        columns: Columns,
        visit: &Visit<'_, T>,
    ) -> Result<Vec<T>, String> {
        let joiner = Joiner::new(self.plan, stores, (values, columns), self.options.max_group_rows);
        let needs = Needs::of(self.plan);
        let context = Context { judge: self, joiner: &joiner, stores, values, needs: &needs };
        let parts = Parts::new(self.plan, &joiner, stores);
        if self.options.threads < 2 || parts.rows() < FEW {
            let mut made = Vec::new();
            context
                .visit((&parts, 0..parts.len()), &mut |context, group| visit(context, group, &mut made))?;
            return Ok(made);
        }
        let done = context.spread(&parts, &parts.shares(self.options.threads * SHARES), visit);
        let count = |(_, made, _): &Done<T>| made.as_ref().map_or(0, Vec::len);
        let mut all = Vec::with_capacity(done.iter().map(count).sum());
        for (_, made, overflows) in done {
            // What would not have been reached in one thread is not counted in several.
            self.overflows.set(self.overflows.get() + overflows);
            all.append(&mut made?);
        }
        Ok(all)
    }
}
