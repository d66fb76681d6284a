//! Rules without `match`: each event is a group of its own.

use std::cell::Cell;

use super::condition::shortfalls;
use super::coverage::Marks;
use super::name::Names;
use super::{GroupTrace, Reported};
use crate::exec::eval::Scope;
use crate::exec::gather;
use crate::exec::layout::Layout;
use crate::exec::packed::Packed;
use crate::exec::rows::{Counts, Matcher};
use crate::ingest::record::NO_ELEMENT;
use crate::plan::SourcePlan;
use crate::value::{Value, Window};

/// The group of the event of `scope`, where it has what the rule asks of an event, and what was seen of the condition.
pub(super) fn group(
    names: Names<'_>,
    source: &SourcePlan,
    scope: Scope<'_>,
    elements: &mut Vec<u32>,
) -> Option<(GroupTrace, Marks)> {
    let (plan, layout, overflows) = (names.plan, Layout::new(source), Cell::new(0));
    let scope = Scope { overflows: &overflows, ..scope };
    let matcher = Matcher { plan, source, layout: &layout, counts: Counts::of(plan) };
    let mut values = Packed::default();
    let matched = matcher.rows(scope, elements, &mut values).ok()??;
    elements.fill(NO_ELEMENT);
    let gathered = gather::alone(plan, &layout, (&matched, &values), &overflows);
    let window = scope.event.and_then(|event| event.at()).map(|at| Window { start: at, end: at });
    let scope = Scope { elements, gathered: &gathered, counts: &[1], window, ..scope };
    let outcomes = outcomes(scope);
    let scope = Scope { outcomes: &outcomes, ..scope };
    let mut marks = Marks::default();
    marks.site(scope, &plan.condition);
    let short = shortfalls(names, scope);
    let group = GroupTrace {
        matches: Vec::new(),
        window,
        reported: Reported::No,
        counts: vec![(source.name.clone(), 1)],
        reasons: short.into_iter().map(|short| short.reason).collect(),
    };
    Some((group, marks))
}

/// All outcomes, whether or not the condition holds.
pub(super) fn outcomes(scope: Scope<'_>) -> Vec<Value<'static>> {
    let mut outcomes: Vec<Value<'static>> = Vec::with_capacity(scope.plan.outcomes.len());
    for (_, value) in &scope.plan.outcomes {
        let value = Scope { outcomes: &outcomes, ..scope }.value(value).into_static();
        outcomes.push(value);
    }
    outcomes
}
