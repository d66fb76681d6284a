//! The events behind a detection, by variable.

use std::sync::Arc;

use super::detection::Evidence;
use super::inside::Inside;
use super::judge::Judge;
use super::shelf::{self, Shelf};
use super::store::{Kept, RowId};
use crate::schema::Root;

/// Of a rule that looks at each event alone.
pub(super) fn of_one(
    (judge, labels): (&Judge<'_>, &[Arc<str>]),
    shelf: &Arc<Shelf>,
    index: usize,
) -> Vec<Evidence> {
    let label = labels.first().map_or_else(|| Arc::from(""), Arc::clone);
    let samples = shelf::sample_alone(shelf, index, judge.options.samples);
    vec![Evidence { label, kind: Root::Udm, count: 1, samples }]
}

/// Of joined rows: the distinct records of each source, in time order, those of entities as they came.
pub(super) fn of_rows(
    (judge, labels): (&Judge<'_>, &[Arc<str>]),
    shelf: &Arc<Shelf>,
    rows: &Inside<'_>,
) -> Vec<Evidence> {
    let sources = judge.plan.sources.iter().zip(&shelf.stores).zip(labels).enumerate();
    let evidence = sources.map(|(index, ((source, store), label))| {
        let event = |row: &[RowId]| row.get(index).and_then(|row| Some((store.event(*row)?, *row)));
        let mut events: Vec<(&Kept, RowId)> = rows.rows().filter_map(event).collect();
        events.sort_by_key(|(kept, _)| (kept.at(), kept.sequence));
        events.dedup_by_key(|(kept, _)| kept.sequence);
        let shown = events.iter().take(judge.options.samples).map(|(_, row)| *row).collect();
        Evidence {
            label: Arc::clone(label),
            kind: source.kind.root().unwrap_or(Root::Udm),
            count: events.len(),
            samples: shelf::samples(shelf, index, shown),
        }
    });
    // A run may detect millions of times: no room is left over.
    let evidence: Box<[Evidence]> = evidence.filter(|one| one.count > 0).collect();
    evidence.into_vec()
}
