//! From kept rows to detections: match keys, windows, the condition, the reporting rule, suppression.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::detection::{Detection, Evidence};
use super::engine::{Kept, Row};
use super::eval::Scope;
use super::options::{RunOptions, Summary, Windows};
use crate::ingest::record::NO_ELEMENT;
use crate::plan::{Plan, Shape, WindowPlan};
use crate::value::operators::total_order;
use crate::value::{Duration, Timestamp, Value, Window};

/// The aggregates of a plan over rows.
pub(super) fn gather<'r>(
    plan: &Plan,
    rows: impl Iterator<Item = &'r Row>,
    overflows: &Cell<u64>,
) -> Vec<Value<'static>> {
    let mut states: Vec<_> = plan.gathers.iter().map(|gather| (gather.aggregate.start)()).collect();
    for row in rows {
        for (state, value) in states.iter_mut().zip(&row.gathers) {
            state.add(value, 1);
        }
    }
    let finish = |state: Box<dyn crate::aggregates::Accumulator>| {
        let (value, overflow) = state.finish();
        overflows.set(overflows.get() + u64::from(overflow.is_some()));
        value
    };
    states.into_iter().map(finish).collect()
}

/// The outcomes of a group, where its condition holds.
pub(super) fn judge(plan: &Plan, scope: Scope<'_>) -> Option<Vec<Value<'static>>> {
    let mut outcomes: Vec<Value<'static>> = Vec::with_capacity(plan.outcomes.len());
    for (_, value) in &plan.outcomes {
        let value = Scope { outcomes: &outcomes, ..scope }.value(value).into_static();
        outcomes.push(value);
    }
    let holds = Scope { outcomes: &outcomes, ..scope }.holds(&plan.condition);
    holds.then_some(outcomes)
}

/// Match values in an order.
#[derive(Debug, Clone)]
struct Key(Vec<Value<'static>>);

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        self.0.iter().zip(&other.0).map(|(a, b)| total_order(a, b)).fold(Ordering::Equal, Ordering::then)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

/// An event of a group and those of its rows that have the group's match values.
struct Member<'k> {
    at: Timestamp,
    kept: &'k Kept,
    rows: Vec<&'k Row>,
}

/// Judges the kept rows of one plan.
pub(super) struct Judge<'j> {
    pub(super) index: usize,
    pub(super) plan: &'j Plan,
    pub(super) options: &'j RunOptions,
    pub(super) overflows: &'j Cell<u64>,
    /// What reports call the inputs.
    pub(super) names: &'j [String],
}

impl Judge<'_> {
    /// The detections of the plan.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn detections(
        &self,
        kept: &mut [Kept],
        summary: &mut Summary,
    ) -> Result<Vec<Detection>, String> {
        kept.sort_by_key(|kept| (kept.at, kept.sequence));
        let found = match self.plan.window {
            None => kept.iter().filter_map(|kept| self.alone(kept)).collect(),
            Some(window) => {
                summary.untimed += kept.iter().filter(|kept| kept.at.is_none()).count() as u64;
                self.windowed(kept, window)?
            }
        };
        Ok(self.suppress(found))
    }

    fn alone(&self, kept: &Kept) -> Option<Detection> {
        let window = kept.at.map(|at| Window { start: at, end: at });
        let outcomes = kept.outcomes.clone()?;
        Some(self.detection(window, Vec::new(), outcomes, &[kept]))
    }

    fn windowed(&self, kept: &[Kept], window: WindowPlan) -> Result<Vec<Detection>, String> {
        let mut groups: BTreeMap<Key, Vec<Member>> = BTreeMap::new();
        for kept in kept {
            let Some(at) = kept.at else { continue };
            for row in &kept.rows {
                let members = groups.entry(Key(row.keys.clone())).or_default();
                match members.last_mut() {
                    Some(last) if last.kept.sequence == kept.sequence => last.rows.push(row),
                    _ => members.push(Member { at, kept, rows: vec![row] }),
                }
            }
        }
        let mut found = Vec::new();
        for (key, members) in &groups {
            if members.iter().map(|member| member.rows.len()).sum::<usize>() > self.options.max_group_rows {
                return Err(format!("a group has over {} rows", self.options.max_group_rows));
            }
            self.group(key, members, window, &mut found);
        }
        Ok(found)
    }

    fn group(&self, key: &Key, members: &[Member], window: WindowPlan, found: &mut Vec<Detection>) {
        match (window.shape, self.options.windows) {
            (Shape::Hop, Windows::Covering) => self.covering(key, members, window.length, found),
            (Shape::Hop, Windows::All) => {
                self.every(key, members, window.length, Duration(window.length.0 / 10), found);
            }
            (Shape::Tumbling, _) => self.every(key, members, window.length, window.length, found),
            (Shape::Before | Shape::After, _) => self.sliding(key, members, window, found),
        }
    }

    /// Every satisfied window whose starts are the multiples of `step`.
    fn every(
        &self,
        key: &Key,
        members: &[Member],
        length: Duration,
        step: Duration,
        found: &mut Vec<Detection>,
    ) {
        let mut starts: Vec<Timestamp> =
            members.iter().flat_map(|member| starts(member.at, length, step)).collect();
        starts.sort_unstable();
        starts.dedup();
        for start in starts {
            let window = Window { start, end: start.plus(length) };
            found.extend(self.satisfied(key, within(members, window), window));
        }
    }

    /// As few windows as cover every event of a satisfied one: for the first event not yet covered, the satisfied window
    /// with the most uncovered events, the earliest on a tie. Events come in time order, so what is uncovered begins there.
    fn covering(&self, key: &Key, members: &[Member], length: Duration, found: &mut Vec<Detection>) {
        let step = Duration(length.0 / 10);
        let mut next = 0;
        while let Some(first) = members.get(next) {
            let mut best: Option<(usize, Detection)> = None;
            for start in starts(first.at, length, step) {
                let window = Window { start, end: start.plus(length) };
                let uncovered = members.partition_point(|member| member.at < window.end) - next;
                if best.as_ref().is_some_and(|(most, _)| uncovered <= *most) {
                    continue;
                }
                if let Some(detection) = self.satisfied(key, within(members, window), window) {
                    best = Some((uncovered, detection));
                }
            }
            next += best.as_ref().map_or(1, |(uncovered, _)| *uncovered);
            found.extend(best.map(|(_, detection)| detection));
        }
    }

    /// The pivot is the one event variable, so each window holds its pivot alone.
    fn sliding(&self, key: &Key, members: &[Member], window: WindowPlan, found: &mut Vec<Detection>) {
        for pivot in members.chunks(1) {
            let Some(at) = pivot.first().map(|member| member.at) else { continue };
            let window = match window.shape {
                Shape::Before => Window { start: at.minus(window.length), end: at },
                Shape::After | Shape::Hop | Shape::Tumbling => {
                    Window { start: at, end: at.plus(window.length) }
                }
            };
            found.extend(self.satisfied(key, pivot, window));
        }
    }

    fn satisfied(&self, key: &Key, members: &[Member], window: Window) -> Option<Detection> {
        let rows = members.iter().flat_map(|member| member.rows.iter().copied());
        let gathered = gather(self.plan, rows, self.overflows);
        let seed = members.first()?.kept.sequence;
        let outcomes = judge(
            self.plan,
            Scope {
                plan: self.plan,
                event: None,
                elements: &[],
                each: NO_ELEMENT,
                gathered: &gathered,
                outcomes: &[],
                count: members.len(),
                window: Some(window),
                now: self.options.now,
                seed,
                overflows: self.overflows,
            },
        )?;
        let kept: Vec<&Kept> = members.iter().map(|member| member.kept).collect();
        let names = self.plan.keys.iter().map(|key| key.name.clone());
        let matches = names.zip(key.0.iter().cloned()).collect();
        Some(self.detection(Some(window), matches, outcomes, &kept))
    }

    fn detection(
        &self,
        window: Option<Window>,
        matches: Vec<(String, Value<'static>)>,
        outcomes: Vec<Value<'static>>,
        kept: &[&Kept],
    ) -> Detection {
        let names = self.plan.outcomes.iter().map(|(name, _)| name.clone());
        let samples = kept
            .iter()
            .take(self.options.samples)
            .map(|kept| crate::ingest::evidence::sample(&kept.origin, self.names))
            .collect();
        Detection {
            rule: self.index,
            window,
            matches,
            outcomes: names.zip(outcomes).collect(),
            events: vec![Evidence { label: self.plan.variable.clone(), count: kept.len(), samples }],
            first: kept.first().map_or(0, |kept| kept.sequence),
        }
    }

    /// A reported detection opens a span for its key; later ones that fall in it are dropped.
    fn suppress(&self, mut found: Vec<Detection>) -> Vec<Detection> {
        let Some(length) = self.plan.suppression.filter(|_| self.options.windows == Windows::Covering) else {
            return found;
        };
        found.sort_by_key(|detection| (detection.time().is_none(), detection.time(), detection.first));
        let mut open: BTreeMap<Key, Timestamp> = BTreeMap::new();
        found.retain(|detection| {
            let Some(at) = detection.time() else { return true };
            let key = suppression_key(self.plan, detection);
            if open.get(&key).is_some_and(|until| at < *until) {
                return false;
            }
            open.insert(key, at.plus(length));
            true
        });
        found
    }
}

fn suppression_key(plan: &Plan, detection: &Detection) -> Key {
    let values = if plan.info.has_match { &detection.matches } else { &detection.outcomes };
    let wanted = |name: &str| plan.info.has_match || name == "suppression_key";
    Key(values.iter().filter(|(name, _)| wanted(name)).map(|(_, value)| value.clone()).collect())
}

/// The starts of the windows that contain `at`, earliest first.
fn starts(at: Timestamp, length: Duration, step: Duration) -> impl Iterator<Item = Timestamp> {
    let last = at.0.div_euclid(step.0.max(1));
    let count = length.0 / step.0.max(1);
    (last - count + 1..=last).map(move |index| Timestamp(index.saturating_mul(step.0)))
}

fn within<'m, 'k>(members: &'m [Member<'k>], window: Window) -> &'m [Member<'k>] {
    let from = members.partition_point(|member| member.at < window.start);
    let to = members.partition_point(|member| member.at < window.end);
    members.get(from..to).unwrap_or_default()
}
