//! What is kept between reading and judging: batches of matches as workers make them, merged in input order.

use std::cell::Cell;

use super::eval::Scope;
use super::interner::Interner;
use super::layout::Layout;
use super::packed::Packed;
use super::rows::{Counts, Matched, Matcher};
use super::store::{Kept, Store};
use super::tally::{Tallies, Tallying};
use crate::ingest::record::{Event, Record};
use crate::ingest::sink::{Base, Origin};
use crate::ingest::wanted::Wanted;
use crate::plan::{Plan, SourceId, SourceKind, SourcePlan};
use crate::schema::Root;
use crate::tables::{Holds, Item, Table};
use crate::value::{Timestamp, Value};

/// What came of a chunk.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) found: Vec<Found>,
    /// The values of their rows.
    pub(super) values: Packed,
    /// Plans that cannot go on, with the cause.
    pub(super) stopped: Vec<(usize, String)>,
    pub(super) overflows: u64,
    pub(super) tallies: Tallies,
}

/// A match of a source of a plan.
pub(super) struct Found {
    pub(super) plan: usize,
    pub(super) source: SourceId,
    pub(super) at: Option<Timestamp>,
    /// Its place among the records of its chunk, from 0.
    pub(super) number: u64,
    pub(super) origin: Origin,
    pub(super) what: What,
}

/// What a match keeps.
pub(super) enum What {
    /// Rows for a group.
    Rows(Matched),
    /// The outcomes of a rule without match, which looks at each event alone.
    Alone(Vec<Value<'static>>),
}

/// What is kept for one plan.
#[derive(Default)]
pub(super) struct PlanState {
    pub(super) stores: Vec<Store>,
    pub(super) values: Interner,
    /// The events of a rule without match, and the outcomes of each.
    pub(super) alone: Vec<Kept>,
    pub(super) outcomes: Vec<Vec<Value<'static>>>,
    pub(super) stopped: Option<String>,
}

/// What is kept for all plans.
#[derive(Default)]
pub(super) struct State {
    pub(super) plans: Vec<PlanState>,
    pub(super) overflows: u64,
    pub(super) tallies: Tallies,
}

impl State {
    pub(super) fn new<'p>(
        plans: impl Iterator<Item = &'p Plan>,
        wanted: &Wanted,
        tallying: Tallying,
    ) -> State {
        let plans: Vec<PlanState> = plans.map(|plan| PlanState::new(plan, wanted)).collect();
        let tallies = Tallies::new(tallying, plans.len());
        State { plans, overflows: 0, tallies }
    }

    /// Takes in a batch; a stopped plan keeps nothing more.
    pub(super) fn take(&mut self, batch: Batch, base: &Base) {
        self.overflows += batch.overflows;
        self.tallies.merge(&batch.tallies);
        for found in batch.found {
            if let Some(state) = self.plans.get_mut(found.plan).filter(|state| state.stopped.is_none()) {
                state.take(found, &batch.values, base);
            }
        }
        for (plan, why) in batch.stopped {
            if let Some(state) = self.plans.get_mut(plan) {
                *state = PlanState { stopped: state.stopped.take().or(Some(why)), ..PlanState::default() };
            }
        }
    }
}

impl PlanState {
    fn new(plan: &Plan, wanted: &Wanted) -> PlanState {
        let mut state = PlanState::default();
        for source in &plan.sources {
            let layout = Layout::new(source);
            if let SourceKind::Table(table) = source.kind {
                state.stores.push(Store::new(layout, source.kind));
                state.fill(plan.tables.get(table));
                continue;
            }
            let (blank, values) = blank(plan, source, &layout, wanted);
            let mut store = Store::new(layout, source.kind);
            store.set_blank(blank, (&values, &mut state.values));
            state.stores.push(store);
        }
        state
    }

    /// Gives the last store the rows of a table: the number of each, then its cells.
    fn fill(&mut self, table: Option<&Table>) {
        let source = self.stores.len().saturating_sub(1);
        let Some(table) = table else { return };
        for (number, row) in table.rows().enumerate() {
            let number = Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
            let cells =
                table.columns().iter().zip(row).map(|(column, cell)| match (column.holds, cell.items()) {
                    (Holds::Many, items) => Value::List(items.iter().map(Item::value).collect()),
                    (Holds::One, [one, ..]) => one.value(),
                    (Holds::One, []) => Value::text(""),
                });
            self.push_columns(source, std::iter::once(number).chain(cells), None);
        }
    }

    /// Gives a source a row that comes as columns, of no event.
    pub(super) fn push_columns<'v>(
        &mut self,
        source: usize,
        cells: impl Iterator<Item = Value<'v>>,
        at: Option<Timestamp>,
    ) {
        let PlanState { stores, values, .. } = self;
        if let Some(store) = stores.get_mut(source) {
            store.push_columns(cells.map(|cell| values.id(cell)), at);
        }
    }

    fn take(&mut self, found: Found, values: &Packed, base: &Base) {
        let Found { source, at, number, mut origin, what, .. } = found;
        origin.settle(base);
        let kept = Kept::new(at, base.records + number + 1, origin);
        match what {
            What::Rows(matched) => {
                if let Some(store) = self.stores.get_mut(source.0) {
                    store.push(kept, matched, (values, &mut self.values));
                }
            }
            What::Alone(outcomes) => {
                self.alone.push(kept);
                self.outcomes.push(outcomes);
            }
        }
    }
}

/// The one row of a record without any field: what its captures are when a source is not there.
fn blank(plan: &Plan, source: &SourcePlan, layout: &Layout, wanted: &Wanted) -> (Matched, Packed) {
    let mut record = Record::default();
    record.clear(wanted);
    let event = Event { root: source.kind.root().unwrap_or(Root::Udm), wanted, record: &record, bytes: b"" };
    let overflows = Cell::new(0);
    let elements = vec![crate::ingest::record::NO_ELEMENT; wanted.lists().len()];
    let scope = Scope { event: Some(event), elements: &elements, ..Scope::bare(plan, &overflows) };
    let mut values = Packed::default();
    let blank = Matcher { plan, source, layout, counts: Counts::Unseen }.blank(&scope, &mut values);
    (blank, values)
}
