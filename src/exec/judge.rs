//! From the kept rows of a plan to its detections: partitions by match key, then windows.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::detection::{Detection, Named};
use super::eval::Scope;
use super::interner::{Interner, ValueId};
use super::join::{Columns, Joiner, Reach, columns};
use super::joined::Joined;
use super::options::RunOptions;
use super::shelf::Shelf;
use super::state::PlanState;
use super::store::{RowId, Store};
use super::windows::{Satisfied, Windows};
use super::{evidence, suppress};
use crate::plan::Plan;
use crate::value::{Value, Window};

/// The outcomes of a group, where its condition holds.
pub(super) fn outcomes(plan: &Plan, scope: Scope<'_>) -> Option<Vec<Value<'static>>> {
    let mut outcomes: Vec<Value<'static>> = Vec::with_capacity(plan.outcomes.len());
    for (_, value) in &plan.outcomes {
        let value = Scope { outcomes: &outcomes, ..scope }.value(value).into_static();
        outcomes.push(value);
    }
    let holds = Scope { outcomes: &outcomes, ..scope }.holds(&plan.condition);
    holds.then_some(outcomes)
}

/// Judges the kept rows of one plan.
pub(super) struct Judge<'j> {
    pub(super) index: usize,
    pub(super) plan: &'j Plan,
    pub(super) options: &'j RunOptions,
    /// What reports call the inputs.
    pub(super) names: &'j Arc<[String]>,
    /// Results out of range.
    pub(super) overflows: &'j Cell<u64>,
}

/// What came of the rows of one plan.
pub(super) struct Judged {
    pub(super) found: Vec<Detection>,
    /// Windows reported, suppressed ones among them.
    pub(super) windows: u64,
    /// Events without a usable time.
    pub(super) untimed: u64,
}

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
}

impl<'c> Context<'c> {
    /// The windows of groups.
    pub(super) fn windows(&self) -> Windows<'c> {
        let Context { judge, joiner, stores, values } = *self;
        Windows { judge, joiner, stores, values, window: judge.plan.window }
    }
}

impl Judge<'_> {
    /// The detections of the plan.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn detections(&self, mut state: PlanState) -> Result<Judged, String> {
        if self.plan.window.is_none() {
            return Ok(Judged { found: self.unsuppressed(self.alone(state)), windows: 0, untimed: 0 });
        }
        let columns = columns(self.plan, &state.stores, &mut state.values);
        let shelf = Shelf::new(self.plan, state, self.names);
        let (mut found, mint) = (Vec::new(), Mint::new(self, &shelf));
        self.groups_of((&shelf.stores, &shelf.values), columns, &mut |context, group| {
            context.windows().group(group, &mut |satisfied| found.push(mint.detection(group, satisfied)));
        })?;
        let (windows, untimed) = (found.len() as u64, self.untimed(&shelf.stores));
        Ok(Judged { found: self.unsuppressed(found), windows, untimed })
    }

    /// Those of a rule without match.
    fn alone(&self, state: PlanState) -> Vec<Detection> {
        let (count, shelf) = (state.alone.len(), Shelf::new(self.plan, state, self.names));
        let mint = Mint::new(self, &shelf);
        (0..count).filter_map(|index| mint.alone(index)).collect()
    }

    fn unsuppressed(&self, found: Vec<Detection>) -> Vec<Detection> {
        suppress::suppress(self.plan, self.options, found)
    }

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
        let context = Context { judge: self, joiner: &joiner, stores, values };
        let Some(parts) = Parts::new(self.plan, &joiner, stores) else { return Ok(()) };
        for part in parts.iter() {
            let mut joined = Joined::new(self.plan.sources.len());
            for (_, row) in part {
                joiner.join(*row, Reach::of(self.plan), &mut joined)?;
            }
            for (key, rows) in self.by_key(stores, joined) {
                let key = key.into_iter().map(|id| values.value(id)).collect();
                visit(&context, &Group { key, rows });
            }
        }
        Ok(())
    }

    pub(super) fn untimed(&self, stores: &[Store]) -> u64 {
        let timed = |index: usize| self.plan.sources.get(index).is_some_and(|one| one.kind.is_timed());
        let stores = stores.iter().enumerate().filter(|(index, _)| timed(*index));
        stores.map(|(_, store)| store.events.iter().filter(|kept| kept.at().is_none()).count() as u64).sum()
    }

    fn by_key(&self, stores: &[Store], mut joined: Joined) -> Vec<(Vec<ValueId>, Joined)> {
        if stores.len() > 1 {
            joined.sort(stores);
        }
        let key = |row: &[RowId]| -> Vec<ValueId> {
            let value = |key: &crate::plan::Key| {
                let row = row.get(key.source.0)?;
                stores.get(key.source.0)?.value(*row, key.capture)
            };
            self.plan.keys.iter().map(|key| value(key).unwrap_or(ValueId::MAX)).collect()
        };
        let mut groups: BTreeMap<Vec<ValueId>, Vec<usize>> = BTreeMap::new();
        for index in 0..joined.len() {
            groups.entry(key(joined.row(index))).or_default().push(index);
        }
        if groups.len() == 1 {
            return groups.into_keys().map(|key| (key, std::mem::take(&mut joined))).collect();
        }
        groups.into_iter().map(|(key, indices)| (key, joined.chosen(indices))).collect()
    }
}

/// The rows that joining starts from, split by those match variables that they hold: the joined rows of one part are all
/// that is in memory at a time.
struct Parts<'p> {
    store: &'p Store,
    /// The captures behind those match variables but the first.
    rest: Vec<usize>,
    /// Sorted, each with the first of those values: to look each up in the store at every comparison took a twentieth of
    /// the time that a run takes over two million events.
    rows: Vec<(ValueId, RowId)>,
}

impl<'p> Parts<'p> {
    fn new(plan: &Plan, joiner: &Joiner<'_>, stores: &'p [Store]) -> Option<Parts<'p>> {
        let own = plan.keys.iter().filter(|key| key.source == joiner.start);
        let mut captures = own.map(|key| key.capture);
        let (first, rest) = (captures.next(), captures.collect());
        let store = stores.get(joiner.start.0)?;
        let value = |row: RowId| first.and_then(|first| store.value(row, first)).unwrap_or(ValueId::MAX);
        let rows = joiner.first().into_iter().map(|row| (value(row), row)).collect();
        let mut parts = Parts { store, rest, rows };
        let mut rows = std::mem::take(&mut parts.rows);
        rows.sort_by(|(left, one), (right, other)| {
            left.cmp(right).then_with(|| parts.behind(*one).cmp(parts.behind(*other)))
        });
        Some(Parts { rows, ..parts })
    }

    /// The values of a row but the first.
    fn behind(&self, row: RowId) -> impl Iterator<Item = Option<ValueId>> + '_ {
        self.rest.iter().map(move |capture| self.store.value(row, *capture))
    }

    fn iter(&self) -> impl Iterator<Item = &[(ValueId, RowId)]> {
        self.rows.chunk_by(|(left, one), (right, other)| {
            left == right && self.behind(*one).eq(self.behind(*other))
        })
    }
}

/// Makes the detections of a plan.
struct Mint<'m> {
    judge: &'m Judge<'m>,
    shelf: &'m Arc<Shelf>,
    /// The names of match variables, of outcomes and of event variables, which all detections share.
    keys: Arc<[String]>,
    outcomes: Arc<[String]>,
    labels: Vec<Arc<str>>,
}

impl<'m> Mint<'m> {
    fn new(judge: &'m Judge<'m>, shelf: &'m Arc<Shelf>) -> Mint<'m> {
        let plan = judge.plan;
        Mint {
            judge,
            shelf,
            keys: plan.keys.iter().map(|key| key.name.clone()).collect(),
            outcomes: plan.outcomes.iter().map(|(name, _)| name.clone()).collect(),
            labels: plan.sources.iter().map(|source| Arc::from(source.name.as_str())).collect(),
        }
    }

    fn detection(&self, group: &Group<'_>, satisfied: &Satisfied) -> Detection {
        let matches = group.key.iter().map(|value| value.clone().into_static());
        Detection {
            rule: self.judge.index,
            window: satisfied.window,
            matches: Named::new(&self.keys, matches),
            outcomes: Named::new(&self.outcomes, satisfied.outcomes.iter().cloned()),
            events: evidence::of_rows((self.judge, &self.labels), self.shelf, &satisfied.rows),
            first: satisfied.events.iter().map(|(_, place)| *place).min().unwrap_or(0),
        }
    }

    /// Of an event alone.
    fn alone(&self, index: usize) -> Option<Detection> {
        let (kept, outcomes) = self.shelf.alone(index)?;
        Some(Detection {
            rule: self.judge.index,
            window: kept.at().map(|at| Window { start: at, end: at }),
            matches: Named::new(&self.keys, []),
            outcomes: Named::of(&self.outcomes, outcomes),
            events: evidence::of_one((self.judge, &self.labels), self.shelf, index),
            first: kept.sequence,
        })
    }
}
