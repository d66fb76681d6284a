//! From the kept rows of a plan to its detections.

use std::cell::Cell;
use std::sync::Arc;

use super::detection::{Detection, Named};
use super::eval::Scope;
use super::groups::Group;
use super::options::RunOptions;
use super::satisfied::Satisfied;
use super::shelf::Shelf;
use super::state::PlanState;
use super::steps::columns;
use super::store::Store;
use super::{evidence, suppress};
use crate::plan::{Needed, Plan};
use crate::value::{Value, Window};

/// The outcomes of a group, where its condition holds.
pub(super) fn outcomes(plan: &Plan, scope: Scope<'_>) -> Option<Vec<Value<'static>>> {
    outcomes_where(plan, |_| true, scope)
}

/// Those that are needed, 0 for others, where the condition holds; none at all where none is needed.
pub(super) fn needed_outcomes(plan: &Plan, needed: &Needed, scope: Scope<'_>) -> Option<Vec<Value<'static>>> {
    if !needed.outcomes.contains(&true) {
        return scope.holds(&plan.condition).then(Vec::new);
    }
    outcomes_where(plan, |index| needed.outcomes.get(index) == Some(&true), scope)
}

fn outcomes_where(
    plan: &Plan,
    needed: impl Fn(usize) -> bool,
    scope: Scope<'_>,
) -> Option<Vec<Value<'static>>> {
    let mut outcomes: Vec<Value<'static>> = Vec::with_capacity(plan.outcomes.len());
    for (index, (_, value)) in plan.outcomes.iter().enumerate() {
        let of = |value| Scope { outcomes: &outcomes, ..scope }.value(value).into_static();
        outcomes.push(if needed(index) { of(value) } else { Value::Int(0) });
    }
    let holds = Scope { outcomes: &outcomes, ..scope }.holds(&plan.condition);
    holds.then_some(outcomes)
}

/// Judges the kept rows of one plan.
pub(super) struct Judge<'j> {
    pub(super) index: usize,
    pub(super) plan: &'j Plan,
    pub(super) options: &'j RunOptions,
    /// What reports call the inputs.
    pub(super) names: &'j Arc<[String]>,
    /// Results out of range.
    pub(super) overflows: &'j Cell<u64>,
}

/// The same without what one thread counts for itself.
#[derive(Clone, Copy)]
pub(super) struct Shared<'j> {
    index: usize,
    plan: &'j Plan,
    pub(super) options: &'j RunOptions,
    names: &'j Arc<[String]>,
}

impl<'j> Shared<'j> {
    pub(super) fn judge<'t>(self, overflows: &'t Cell<u64>) -> Judge<'t>
    where
        'j: 't,
    {
        let Shared { index, plan, options, names } = self;
        Judge { index, plan, options, names, overflows }
    }
}

/// What came of the rows of one plan.
pub(super) struct Judged {
    pub(super) found: Vec<Detection>,
    /// Windows reported, suppressed ones among them.
    pub(super) windows: u64,
    /// Events without a usable time.
    pub(super) untimed: u64,
}

impl<'j> Judge<'j> {
    pub(super) fn shared(&self) -> Shared<'j> {
        let Judge { index, plan, options, names, .. } = *self;
        Shared { index, plan, options, names }
    }

    /// The detections of the plan.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn detections(&self, mut state: PlanState) -> Result<Judged, String> {
        if self.plan.window.is_none() {
            return Ok(Judged { found: self.unsuppressed(self.alone(state)), windows: 0, untimed: 0 });
        }
        let columns = columns(self.plan, &state.stores, &mut state.values);
        let shelf = Shelf::new(self.plan, state, self.names);
        let mint = Mint::new(self.plan, &shelf);
        let found =
            self.groups_spread((&shelf.stores, &shelf.values), columns, &|context, group, found| {
                let emit = &mut |one: &Satisfied<'_>| found.push(mint.detection(context.judge, group, one));
                context.windows().group(group, emit);
            })?;
        let (windows, untimed) = (found.len() as u64, self.untimed(&shelf.stores));
        Ok(Judged { found: self.unsuppressed(found), windows, untimed })
    }

    /// Those of a rule without match.
    fn alone(&self, state: PlanState) -> Vec<Detection> {
        let (count, shelf) = (state.alone.len(), Shelf::new(self.plan, state, self.names));
        let mint = Mint::new(self.plan, &shelf);
        (0..count).filter_map(|index| mint.alone(self, index)).collect()
    }

    fn unsuppressed(&self, found: Vec<Detection>) -> Vec<Detection> {
        suppress::suppress(self.plan, self.options, found)
    }

    pub(super) fn untimed(&self, stores: &[Store]) -> u64 {
        let timed = |index: usize| self.plan.sources.get(index).is_some_and(|one| one.kind.is_timed());
        let stores = stores.iter().enumerate().filter(|(index, _)| timed(*index));
        stores.map(|(_, store)| store.untimed() as u64).sum()
    }
}

/// Makes the detections of a plan.
struct Mint<'m> {
    shelf: &'m Arc<Shelf>,
    /// The names of match variables, of outcomes and of event variables, which all detections share.
    keys: Arc<[String]>,
    outcomes: Arc<[String]>,
    labels: Vec<Arc<str>>,
}

impl<'m> Mint<'m> {
    fn new(plan: &Plan, shelf: &'m Arc<Shelf>) -> Mint<'m> {
        Mint {
            shelf,
            keys: plan.keys.iter().map(|key| key.name.clone()).collect(),
            outcomes: plan.outcomes.iter().map(|(name, _)| name.clone()).collect(),
            labels: plan.sources.iter().map(|source| Arc::from(source.name.as_str())).collect(),
        }
    }

    fn detection(&self, judge: &Judge<'_>, group: &Group<'_>, satisfied: &Satisfied<'_>) -> Detection {
        let matches = group.key.iter().map(|value| value.clone().into_static());
        Detection {
            rule: judge.index,
            window: satisfied.window,
            matches: Named::new(&self.keys, matches),
            outcomes: Named::new(&self.outcomes, satisfied.outcomes.iter().cloned()),
            events: evidence::of_rows((judge, &self.labels), self.shelf, satisfied.rows),
            first: satisfied.first,
        }
    }

    /// Of an event alone.
    fn alone(&self, judge: &Judge<'_>, index: usize) -> Option<Detection> {
        let (kept, outcomes) = self.shelf.alone(index)?;
        Some(Detection {
            rule: judge.index,
            window: kept.at().map(|at| Window { start: at, end: at }),
            matches: Named::new(&self.keys, []),
            outcomes: Named::of(&self.outcomes, outcomes),
            events: evidence::of_one((judge, &self.labels), self.shelf, index),
            first: kept.sequence,
        })
    }
}
