//! What a run keeps of a plan's events until its detections have been shown.

use std::fmt;
use std::sync::Arc;

use super::interner::Interner;
use super::known::Fields;
use super::state::PlanState;
use super::store::{Kept, Store};
use crate::ingest::evidence::{self, Sample, Samples, Spot};
use crate::ingest::known::Known;
use crate::ingest::sink::Origin;
use crate::plan::Plan;
use crate::schema::{Root, Step};

/// The events of rules without `match`, which are in no store.
const ALONE: u32 = u32::MAX;

/// Kept events of a plan.
pub(super) struct Shelf {
    pub(super) stores: Vec<Store>,
    pub(super) values: Interner,
    alone: Vec<Kept>,
    sources: Vec<Source>,
    names: Arc<[String]>,
}

/// What is to be known of a source to tell what is known of its events.
struct Source {
    root: Option<Root>,
    /// For each capture the field that it is, where it is one.
    paths: Vec<Option<Arc<[Step]>>>,
}

impl fmt::Debug for Shelf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Shelf")
    }
}

impl Shelf {
    /// Takes over what was kept; `names` are what reports call the inputs.
    pub(super) fn new(plan: &Plan, state: PlanState, names: &Arc<[String]>) -> Arc<Shelf> {
        let sources = plan.sources.iter().map(|source| Source {
            root: source.kind.root(),
            paths: source.captures.iter().map(|capture| capture.path.clone()).collect(),
        });
        let PlanState { stores, values, alone, .. } = state;
        Arc::new(Shelf { stores, values, alone, sources: sources.collect(), names: Arc::clone(names) })
    }

    /// The event of a rule without `match`.
    pub(super) fn alone(&self, index: usize) -> Option<&Kept> {
        self.alone.get(index)
    }
}

/// The event of a row.
pub(super) fn sample(shelf: &Arc<Shelf>, source: usize, row: u32) -> Sample {
    Sample::kept(Arc::<Shelf>::clone(shelf), Spot { source: short(source), row })
}

/// The events of rows of one source.
pub(super) fn samples(shelf: &Arc<Shelf>, source: usize, rows: Box<[u32]>) -> Samples {
    Samples::kept(Arc::<Shelf>::clone(shelf), short(source), rows)
}

/// The event of a rule without `match`, as often as samples are asked for and it is there.
pub(super) fn sample_alone(shelf: &Arc<Shelf>, index: usize, most: usize) -> Samples {
    let rows = [short(index)].into_iter().take(most).collect();
    Samples::kept(Arc::<Shelf>::clone(shelf), ALONE, rows)
}

impl evidence::Shelf for Shelf {
    fn origin(&self, Spot { source, row }: Spot) -> Option<&Origin> {
        let kept = match source {
            ALONE => self.alone.get(row as usize),
            _ => self.stores.get(source as usize)?.event(row),
        };
        kept.map(|kept| &kept.origin)
    }

    fn known(&self, Spot { source, row }: Spot) -> Known {
        if source == ALONE {
            let at = self.alone.get(row as usize).and_then(Kept::at);
            return Known { at, ..Known::default() };
        }
        let found = self.sources.get(source as usize).zip(self.stores.get(source as usize));
        let known = found.map(|(Source { root, paths }, store)| {
            Fields { root: *root, paths, store, values: &self.values }.of(row)
        });
        known.unwrap_or_default()
    }

    fn names(&self) -> &[String] {
        &self.names
    }
}

/// Sources and rows are counted by 32 bits: memory ends before.
fn short(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
