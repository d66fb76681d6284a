//! From a record to the sources of plans that it may matter to.

use std::sync::OnceLock;

use super::search::{Memory, Search};
use super::verdicts::Verdicts;
use crate::ingest::record::Event;
use crate::plan::dispatch::{Dispatch, File, Lead};

/// Leads records to the sources filed in a [`Dispatch`].
pub(super) struct Router<'p> {
    dispatch: &'p Dispatch<'p>,
    /// For each field of each of its files, made when the first value of the field comes: of hundreds of rules loaded, most
    /// look at fields that an input does not have.
    searches: Vec<Vec<OnceLock<Search<'p>>>>,
}

/// What one worker keeps from record to record: scratch space, and memories of no influence on what is found.
pub(super) struct Route {
    pub(super) verdicts: Verdicts,
    /// For each field of each file.
    memories: Vec<Vec<Memory>>,
    /// The record that last led to each target.
    led: Vec<u32>,
    record: u32,
    /// What the record at hand leads to, in order.
    pub(super) targets: Vec<usize>,
}

impl<'p> Router<'p> {
    pub(super) fn new(dispatch: &'p Dispatch<'p>) -> Router<'p> {
        let searches =
            dispatch.files.iter().map(|file| file.fields.iter().map(|_| OnceLock::new()).collect());
        Router { dispatch, searches: searches.collect() }
    }

    pub(super) fn route(&self) -> Route {
        let memories =
            |searches: &Vec<OnceLock<Search<'_>>>| searches.iter().map(|_| Memory::default()).collect();
        Route {
            verdicts: Verdicts::new(self.dispatch.facts.count()),
            memories: self.searches.iter().map(memories).collect(),
            led: vec![0; self.dispatch.targets.len()],
            record: 0,
            targets: Vec::new(),
        }
    }

    /// Sets the targets of `route` to those of the event.
    pub(super) fn lead(&self, route: &mut Route, event: &Event<'_>) {
        route.next();
        let files = self.dispatch.files.iter().zip(&self.searches);
        for (at, (file, searches)) in files.enumerate() {
            if file.root == event.root {
                route.file(at, (file, searches), event);
            }
        }
    }
}

impl Route {
    fn next(&mut self) {
        self.verdicts.next();
        self.targets.clear();
        self.record = self.record.checked_add(1).unwrap_or_else(|| {
            self.led.fill(0);
            1
        });
    }

    fn file<'p>(
        &mut self,
        at: usize,
        (file, searches): (&'p File<'p>, &[OnceLock<Search<'p>>]),
        event: &Event<'_>,
    ) {
        let Route { verdicts, memories, led, record, targets } = self;
        let mut arrive = |lead: &Lead<'_>, element: u32| {
            if let Some(fact) = lead.fact {
                verdicts.set(fact, element, true);
            }
            for target in &lead.targets {
                if let Some(last) = led.get_mut(*target).filter(|last| **last != *record) {
                    *last = *record;
                    targets.push(*target);
                }
            }
        };
        let memories = memories.get_mut(at).into_iter().flatten();
        for ((field, search), memory) in file.fields.iter().zip(searches).zip(memories) {
            for element in 0..event.record.extent(field.slot) {
                let Some(text) = event.text_of(field.slot, element) else { continue };
                let search = search.get_or_init(|| Search::new(field));
                let holding = memory.holding(search, &text).iter();
                holding
                    .filter_map(|test| field.leads.get(*test as usize))
                    .for_each(|lead| arrive(lead, element));
            }
        }
        targets.extend(&file.always);
        targets.sort_unstable();
    }
}
