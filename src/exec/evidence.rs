//! The events behind a detection, by variable.

use std::sync::Arc;

use super::detection::Evidence;
use super::inside::Inside;
use super::judge::Judge;
use super::shelf::{self, Shelf};
use super::store::RowId;
use crate::schema::Root;
use crate::value::Timestamp;

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
        let event = |row: &[RowId]| {
            let row = *row.get(index)?;
            Some((store.at(row), store.place(row)?, row))
        };
        let mut events: Vec<(Option<Timestamp>, u64, RowId)> = rows.rows().filter_map(event).collect();
        events.sort_by_key(|(at, place, _)| (*at, *place));
        events.dedup_by_key(|(_, place, _)| *place);
        let shown = events.iter().take(judge.options.samples).map(|(.., row)| *row).collect();
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
