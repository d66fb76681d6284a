//! The groups of a rule with `match`: joined events by match values and window, and events that joined nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::coverage::Marks;
use super::name::Names;
use super::orphans::Orphans;
use super::windows::{Draft, WindowTrace, span_text};
use super::{Code, GroupTrace, Reason, Reported};
use crate::exec::detection::Detection;
use crate::exec::join::Joiner;
use crate::exec::judge::Judge;
use crate::exec::state::PlanState;
use crate::exec::steps::columns;
use crate::exec::store::{RowId, Store};
use crate::plan::{Presence, SourceId, SourceKind};
use crate::schema::Root;
use crate::value::Duration;

/// What became of the kept rows of a plan, before suppression; `marks` takes in what was seen of the condition.
///
/// # Errors
/// Where a group has too many rows.
pub(super) fn drafts(
    judge: &Judge<'_>,
    names: Names<'_>,
    state: &mut PlanState,
    marks: &RefCell<Marks>,
) -> Result<Vec<Draft>, String> {
    let (mut drafts, mut used) = (Vec::new(), BTreeSet::new());
    judge.groups(state, &mut |context, group| {
        used.extend(group.rows.rows().flat_map(places));
        WindowTrace { windows: &context.windows(), names, marks }.group(group, &mut drafts);
    })?;
    let columns = columns(judge.plan, &state.stores, &mut state.values);
    let (stores, values) = (&state.stores, &state.values);
    let joiner = Joiner::new(judge.plan, stores, (values, columns), judge.options.max_group_rows);
    let orphans = Orphans::new(names, &joiner, stores, values);
    drafts.extend(orphans.groups(&used).into_iter().map(Draft::unreported));
    if drafts.is_empty() {
        drafts.extend(unbound(names, stores));
    }
    Ok(drafts)
}

/// The sources and rows of a joined row.
fn places(row: &[RowId]) -> impl Iterator<Item = (SourceId, RowId)> + '_ {
    row.iter().enumerate().map(|(source, row)| (SourceId(source), *row))
}

/// A rule none of whose variables has an event.
fn unbound(names: Names<'_>, stores: &[Store]) -> Option<Draft> {
    let reasons = missing(names, stores);
    let none =
        GroupTrace { matches: Vec::new(), window: None, reported: Reported::No, counts: Vec::new(), reasons };
    (!none.reasons.is_empty()).then(|| Draft::unreported(none))
}

/// A reason for each variable that must be there and has no event.
pub(super) fn missing(names: Names<'_>, stores: &[Store]) -> Vec<Reason> {
    let sources = names.plan.sources.iter().zip(stores).enumerate();
    let empty = sources.filter(|(_, (source, store))| source.presence == Presence::Bound && store.len() == 0);
    empty.map(|(index, _)| no_event(names, SourceId(index))).collect()
}

/// What stands for a variable.
fn kind(names: Names<'_>, source: SourceId) -> &'static str {
    match names.plan.source(source).map(|source| source.kind) {
        Some(SourceKind::Records(Root::Entity)) => "an entity",
        Some(SourceKind::Records(Root::Detection)) => "a detection",
        Some(SourceKind::Table(_) | SourceKind::Stage(..)) => "a row",
        Some(SourceKind::Records(Root::Udm)) | None => "an event",
    }
}

/// No event stands for the variable.
pub(super) fn no_event(names: Names<'_>, source: SourceId) -> Reason {
    Reason {
        code: Code::VariableUnbound,
        field: Some(names.variable(source)),
        expected: Some(format!("{} that satisfies all its statements", kind(names, source))),
        actual: Some("none".to_owned()),
    }
}

/// Tells the groups that were reported from those that were suppressed.
pub(super) fn settle(names: Names<'_>, drafts: Vec<Draft>, detections: &[Detection]) -> Vec<GroupTrace> {
    let mut told = BTreeSet::new();
    let settled = drafts.into_iter().map(|draft| {
        let Draft { mut trace, found, first } = draft;
        // Two pivots of one moment have windows that nothing tells apart, and each detection stands for one of them.
        let same = |(index, one): &(usize, &Detection)| {
            !told.contains(index) && one.first == first && one.window == trace.window && is_of(one, &trace)
        };
        match (found, detections.iter().enumerate().find(same)) {
            (Reported::Yes, Some((index, _))) => {
                told.insert(index);
                trace.reported = Reported::Yes;
            }
            (Reported::Yes, None) => {
                let earlier = detections.iter().filter(|one| is_of(one, &trace));
                trace.reasons.push(suppressed(names, &trace, earlier));
            }
            (Reported::No, _) => {}
        }
        trace
    });
    settled.collect()
}

/// Has the detection the match values of the group?
fn is_of(detection: &Detection, trace: &GroupTrace) -> bool {
    detection.matches.iter().eq(trace.matches.iter().map(|(name, value)| (name, value)))
}

/// The last detection before it that suppresses it, of those with its key.
pub(super) fn suppressed<'d>(
    names: Names<'_>,
    trace: &GroupTrace,
    of_key: impl Iterator<Item = &'d Detection>,
) -> Reason {
    let length = names.plan.suppression.unwrap_or_default();
    let end = trace.window.map(|window| window.end);
    let last = of_key.filter_map(Detection::time).filter(|at| Some(*at) <= end).max();
    let actual = last.zip(end).map(|(last, end)| {
        format!("{} after the one of {}", span_text(Duration(end.0 - last.0)), last.to_rfc3339())
    });
    Reason {
        code: Code::Suppressed,
        field: Some("suppression_window".to_owned()),
        expected: Some(format!("at least {} after the last detection", length.to_text())),
        actual,
    }
}
