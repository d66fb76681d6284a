//! The events behind a detection, by variable.

use super::detection::Evidence;
use super::interner::Interner;
use super::joined::Joined;
use super::judge::Judge;
use super::known::Fields;
use super::store::{Kept, RowId, Store};
use crate::ingest::evidence::sample;
use crate::ingest::known::Known;
use crate::schema::Root;

/// Of a rule that looks at each event alone.
pub(super) fn of_one(judge: &Judge<'_>, kept: &Kept) -> Vec<Evidence> {
    let name = judge.plan.sources.first().map(|source| source.name.clone());
    let known = || Known { at: kept.at, ..Known::default() };
    let samples =
        (0..judge.options.samples.min(1)).map(|_| sample(&kept.origin, judge.names, &known)).collect();
    vec![Evidence { label: name.unwrap_or_default(), kind: Root::Udm, count: 1, samples }]
}

/// Of joined rows: the distinct records of each source, in time order, those of entities as they came.
pub(super) fn of_rows(
    judge: &Judge<'_>,
    (stores, values): (&[Store], &Interner),
    rows: &Joined,
) -> Vec<Evidence> {
    let sources = judge.plan.sources.iter().zip(stores).enumerate();
    let evidence = sources.map(|(index, (source, store))| {
        let event = |row: &[RowId]| row.get(index).and_then(|row| Some((store.event(*row)?, *row)));
        let mut events: Vec<(&Kept, RowId)> = rows.rows().filter_map(event).collect();
        events.sort_by_key(|(kept, _)| (kept.at, kept.sequence));
        events.dedup_by_key(|(kept, _)| kept.sequence);
        let fields = Fields { source, store, values };
        let samples = events.iter().take(judge.options.samples);
        let samples = samples.map(|(kept, row)| sample(&kept.origin, judge.names, &|| fields.of(*row)));
        let samples = samples.collect();
        Evidence {
            label: source.name.clone(),
            kind: source.kind.root().unwrap_or(Root::Udm),
            count: events.len(),
            samples,
        }
    });
    evidence.filter(|one| one.count > 0).collect()
}
