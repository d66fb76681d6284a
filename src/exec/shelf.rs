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
use crate::value::Value;

/// The events of rules without `match`, which are in no store.
const ALONE: u32 = u32::MAX;

/// Kept events of a plan.
pub(super) struct Shelf {
    pub(super) stores: Vec<Store>,
    pub(super) values: Interner,
    alone: Vec<Kept>,
    /// The outcomes of each of those.
    outcomes: Vec<Arc<[Value<'static>]>>,
    /// For each outcome the field that it shows, where it shows one.
    shown: Vec<Option<Arc<[Step]>>>,
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
        let PlanState { stores, values, alone, outcomes, .. } = state;
        let (sources, shown, names) = (sources.collect(), plan.shown.clone(), Arc::clone(names));
        Arc::new(Shelf { stores, values, alone, outcomes, shown, sources, names })
    }

    /// The event of a rule without `match`, and its outcomes.
    pub(super) fn alone(&self, index: usize) -> Option<(&Kept, &Arc<[Value<'static>]>)> {
        self.alone.get(index).zip(self.outcomes.get(index))
    }

    /// What is known of such an event: the fields that its outcomes show.
    fn known_alone(&self, index: usize) -> Option<Known> {
        let (kept, outcomes) = self.alone(index)?;
        let root = self.sources.first().and_then(|source| source.root);
        let shown = outcomes.iter().zip(&self.shown);
        let fields = shown.filter_map(|(value, path)| Some((Arc::clone(path.as_ref()?), value)));
        let (mut row, mut rows) = (Vec::new(), Vec::new());
        for (path, value) in fields {
            match value {
                Value::List(items) => {
                    rows.extend(items.iter().map(|item| vec![(Arc::clone(&path), item.clone())]))
                }
                Value::Text(_)
                | Value::Bytes(_)
                | Value::Int(_)
                | Value::Uint(_)
                | Value::Float(_)
                | Value::Bool(_)
                | Value::Time(_) => row.push((path, value.clone())),
            }
        }
        rows.insert(0, row);
        Some(Known { at: kept.at().filter(|_| root == Some(Root::Udm)), rows })
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
        match source {
            ALONE => self.alone.get(row as usize).map(|kept| &kept.origin),
            _ => self.stores.get(source as usize)?.origin(row),
        }
    }

    fn known(&self, Spot { source, row }: Spot) -> Known {
        if source == ALONE {
            return self.known_alone(row as usize).unwrap_or_default();
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
