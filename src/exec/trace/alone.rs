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

/// The outcome that stands for the key of suppression.
pub(super) const KEY: &str = "suppression_key";

/// An event as a group of its own.
pub(super) struct Alone {
    pub(super) group: GroupTrace,
    /// What was seen of the condition.
    pub(super) marks: Marks,
    /// What it is suppressed by: the outcome `suppression_key`.
    pub(super) key: Option<Value<'static>>,
}

/// The group of the event of `scope`, where it has what the rule asks of an event, and what was seen of the condition.
pub(super) fn group(
    names: Names<'_>,
    source: &SourcePlan,
    scope: Scope<'_>,
    elements: &mut Vec<u32>,
) -> Option<Alone> {
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
    let named = plan.outcomes.iter().zip(outcomes.iter());
    let key = named.filter(|((name, _), _)| name == KEY).map(|(_, value)| value.clone()).next();
    Some(Alone { group, marks, key })
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
