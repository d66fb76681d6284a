//! What a record lacks of the fields that its rows keep: rows keep zero values alone, which do not tell.

use std::collections::BTreeMap;

use super::name::Names;
use super::{Code, reason};
use crate::exec::eval::{JoinedRow, Scope};
use crate::ingest::record::NO_ELEMENT;
use crate::ingest::wanted::ListId;
use crate::plan::{SourceId, SourcePlan};

/// A field that has no value of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) code: Code,
    pub(super) field: Option<String>,
    /// What stands in its place, where something does.
    pub(super) written: Option<String>,
}

/// By source, place of the record in the input, and capture.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<(SourceId, u64, usize), Gap>);

impl Gaps {
    pub(super) fn add(&mut self, (source, sequence): (SourceId, u64), gaps: Vec<(usize, Gap)>) {
        self.0.extend(gaps.into_iter().map(|(capture, gap)| ((source, sequence, capture), gap)));
    }

    /// What the record behind a joined row lacks of what the row keeps.
    pub(super) fn get(&self, row: JoinedRow<'_>, (source, capture): (SourceId, usize)) -> Option<&Gap> {
        let place = row.stores.get(source.0)?.place(*row.rows.get(source.0)?)?;
        self.0.get(&(source, place, capture))
    }
}

/// What the event of `scope` lacks of what its rows keep. Where a list has several elements, rows differ, and nothing is said.
pub(super) fn of_event(
    names: Names<'_>,
    source: &SourcePlan,
    scope: Scope<'_>,
    elements: &mut [u32],
) -> Vec<(usize, Gap)> {
    let Some(event) = scope.event else { return Vec::new() };
    for (list, element) in (0..).zip(elements.iter_mut()) {
        *element = if event.record.count(ListId(list)) == 1 { 0 } else { NO_ELEMENT };
    }
    let scope = Scope { elements, ..scope };
    let kept = source.captures.iter().enumerate();
    kept.filter_map(|(index, kept)| Some((index, reason::gap(names, scope, &kept.value)?))).collect()
}
