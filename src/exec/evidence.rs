//! The events behind a detection, by variable.

use super::detection::Evidence;
use super::joined::Joined;
use super::judge::Judge;
use super::store::{Kept, Store};
use crate::ingest::evidence::sample;
use crate::schema::Root;

/// Of a rule that looks at each event alone.
pub(super) fn of_one(judge: &Judge<'_>, kept: &Kept) -> Vec<Evidence> {
    let name = judge.plan.sources.first().map(|source| source.name.clone());
    let samples = (0..judge.options.samples.min(1)).map(|_| sample(&kept.origin, judge.names)).collect();
    vec![Evidence { label: name.unwrap_or_default(), kind: Root::Udm, count: 1, samples }]
}

/// Of joined rows: the distinct records of each source, in time order, those of entities as they came.
pub(super) fn of_rows(judge: &Judge<'_>, stores: &[Store], rows: &Joined) -> Vec<Evidence> {
    let sources = judge.plan.sources.iter().zip(stores).enumerate();
    let evidence = sources.map(|(index, (source, store))| {
        let mut events: Vec<&Kept> = rows.rows().filter_map(|row| store.event(*row.get(index)?)).collect();
        events.sort_by_key(|kept| (kept.at, kept.sequence));
        events.dedup_by_key(|kept| kept.sequence);
        let samples = events.iter().take(judge.options.samples);
        let samples = samples.map(|kept| sample(&kept.origin, judge.names)).collect();
        Evidence {
            label: source.name.clone(),
            kind: source.kind.root().unwrap_or(Root::Udm),
            count: events.len(),
            samples,
        }
    });
    evidence.filter(|one| one.count > 0).collect()
}
