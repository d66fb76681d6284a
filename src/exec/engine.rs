//! All plans over all inputs in one pass: rows of matching events are kept, then grouped and judged.

use std::cell::Cell;
use std::cmp::Ordering;

use super::detection::Detection;
use super::eval::Scope;
use super::groups;
use super::options::{Reading, RunOptions, Summary};
use crate::ingest::reading::{ReadOptions, read_all};
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::ingest::sink::{Base, Found, Origin, Sink};
use crate::ingest::source::Input;
use crate::ingest::wanted::{ListId, Wanted};
use crate::plan::{Plan, Site};
use crate::value::operators::total_order;
use crate::value::{Timestamp, Value};

/// What a run gives back.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// In the order of the output.
    pub detections: Vec<Detection>,
    /// What was met.
    pub summary: Summary,
}

/// A row of a matching event, reduced to what its rule needs.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) keys: Vec<Value<'static>>,
    pub(super) gathers: Vec<Value<'static>>,
}

/// A matching event.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) at: Option<Timestamp>,
    pub(super) sequence: u64,
    pub(super) origin: Origin,
    pub(super) rows: Vec<Row>,
    /// Outcomes of a rule without match, which looks at each event alone.
    pub(super) outcomes: Option<Vec<Value<'static>>>,
}

/// The most rows one event may have.
const MAX_ROWS: usize = 1_000_000;

/// Runs plans over inputs.
pub fn run(plans: &[Plan], wanted: &Wanted, inputs: &[Input], options: &RunOptions) -> Run {
    let engine = Engine { plans, wanted, options };
    let mut merged = Merged::new(plans.len());
    let how = ReadOptions { max_record: options.max_record, damage: options.damage };
    let reading = read_all(inputs, wanted, how, &engine, &mut |batch, base| merged.take(plans, batch, &base));
    engine.finish(merged, reading)
}

struct Engine<'e> {
    plans: &'e [Plan],
    wanted: &'e Wanted,
    options: &'e RunOptions,
}

/// What came of a chunk, or of all chunks so far.
#[derive(Default)]
struct Merged {
    kept: Vec<Vec<Kept>>,
    stopped: Vec<Option<String>>,
    overflows: u64,
}

impl Merged {
    fn new(plans: usize) -> Merged {
        Merged { kept: (0..plans).map(|_| Vec::new()).collect(), stopped: vec![None; plans], overflows: 0 }
    }

    fn take(&mut self, plans: &[Plan], batch: Merged, base: &Base) {
        self.overflows += batch.overflows;
        for (index, mut kept) in batch.kept.into_iter().enumerate().take(plans.len()) {
            for one in &mut kept {
                one.sequence += base.records;
                one.origin.settle(base);
            }
            if let Some(all) = self.kept.get_mut(index) {
                all.append(&mut kept);
            }
        }
        for (known, fresh) in self.stopped.iter_mut().zip(batch.stopped) {
            *known = known.take().or(fresh);
        }
    }
}

impl<'e> Engine<'e> {
    fn in_span(&self, at: Option<Timestamp>) -> bool {
        let (since, until) = (self.options.since, self.options.until);
        match at {
            Some(at) => since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until),
            None => since.is_none() && until.is_none(),
        }
    }

    fn finish(&self, mut merged: Merged, reading: Reading) -> Run {
        let mut summary = Summary { reading, overflows: merged.overflows, ..Summary::default() };
        if summary.reading.strict_stop.is_some() {
            return Run { detections: Vec::new(), summary };
        }
        let names = summary.reading.names.clone();
        let overflows = Cell::new(0);
        let mut detections = Vec::new();
        for (index, (plan, kept)) in self.plans.iter().zip(&mut merged.kept).enumerate() {
            if let Some(why) = merged.stopped.get_mut(index).and_then(Option::take) {
                summary.stopped.push((plan.info.name.clone(), why));
                continue;
            }
            let judge =
                groups::Judge { index, plan, options: self.options, overflows: &overflows, names: &names };
            match judge.detections(kept, &mut summary) {
                Ok(found) => detections.extend(found),
                Err(why) => summary.stopped.push((plan.info.name.clone(), why)),
            }
        }
        detections.sort_by(|left, right| order(self.plans, left, right));
        summary.overflows += overflows.get();
        Run { detections, summary }
    }

    /// The rows of the event that satisfy the plan; nothing where it does not match.
    fn rows(
        &self,
        plan: &'e Plan,
        event: &Event<'_>,
        seed: u64,
        elements: &mut Vec<u32>,
        overflows: &Cell<u64>,
    ) -> Result<Option<Matched>, String> {
        let mut rows = Vec::new();
        let mut outcomes = None;
        let mut seen = 0;
        elements.fill(NO_ELEMENT);
        let now = self.options.now;
        let blank = elements.clone();
        let alone = scope(plan, *event, &blank, now, seed, overflows);
        if !all(&alone, &plan.once) {
            return Ok(None);
        }
        unnest(event, &plan.unnest, elements, &mut |elements| {
            seen += 1;
            let scope = scope(plan, *event, elements, now, seed, overflows);
            if all(&scope, &plan.filter) {
                rows.push(row(plan, &scope));
            }
            seen < MAX_ROWS
        });
        if seen >= MAX_ROWS {
            return Err("one event has over a million rows".to_owned());
        }
        if rows.is_empty() {
            return Ok(None);
        }
        if plan.window.is_none() {
            let gathered = groups::gather(plan, rows.iter(), overflows);
            let window = event.at().map(|at| crate::value::Window { start: at, end: at });
            let single = Scope { gathered: &gathered, count: 1, window, ..alone };
            outcomes = groups::judge(plan, single);
            if outcomes.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(Matched { rows, outcomes }))
    }
}

struct Matched {
    rows: Vec<Row>,
    outcomes: Option<Vec<Value<'static>>>,
}

fn scope<'s>(
    plan: &'s Plan,
    event: Event<'s>,
    elements: &'s [u32],
    now: Timestamp,
    seed: u64,
    overflows: &'s Cell<u64>,
) -> Scope<'s> {
    Scope {
        plan,
        event: Some(event),
        elements,
        each: NO_ELEMENT,
        gathered: &[],
        outcomes: &[],
        count: 0,
        window: None,
        now,
        seed,
        overflows,
    }
}

fn all(scope: &Scope<'_>, sites: &[Site]) -> bool {
    sites.iter().all(|site| scope.holds(site))
}

fn row(plan: &Plan, scope: &Scope<'_>) -> Row {
    Row {
        keys: plan.keys.iter().map(|key| scope.value(&key.value).into_static()).collect(),
        gathers: plan.gathers.iter().map(|gather| scope.value(&gather.value).into_static()).collect(),
    }
}

/// Visits every choice of one element per list, the first list turning slowest; an empty list is one row of zero values.
/// `visit` says whether to go on.
fn unnest(
    event: &Event<'_>,
    lists: &[ListId],
    elements: &mut Vec<u32>,
    visit: &mut dyn FnMut(&[u32]) -> bool,
) -> bool {
    let Some((list, rest)) = lists.split_first() else { return visit(elements) };
    let parent = match event.wanted.parent(*list) {
        Some(ListId(parent)) => elements.get(parent as usize).copied().unwrap_or(NO_ELEMENT),
        None => 0,
    };
    let mut children: Vec<u32> = event.record.children(*list, parent).collect();
    if children.is_empty() {
        children.push(NO_ELEMENT);
    }
    for child in children {
        if let Some(element) = elements.get_mut(list.0 as usize) {
            *element = child;
        }
        if !unnest(event, rest, elements, visit) {
            return false;
        }
    }
    true
}

fn order(plans: &[Plan], left: &Detection, right: &Detection) -> Ordering {
    let info = |found: &Detection| plans.get(found.rule).map(|plan| (&plan.info.name, &plan.info.file));
    let time = |found: &Detection| (found.time().is_none(), found.time());
    let values = left.matches.iter().zip(&right.matches).map(|((_, a), (_, b))| total_order(a, b));
    time(left)
        .cmp(&time(right))
        .then_with(|| info(left).cmp(&info(right)))
        .then_with(|| values.fold(Ordering::Equal, Ordering::then))
        .then_with(|| left.first.cmp(&right.first))
}

impl Sink for Engine<'_> {
    /// The element of each list that a row stands for.
    type Worker = Vec<u32>;
    type Batch = Merged;

    fn worker(&self) -> Vec<u32> {
        vec![NO_ELEMENT; self.wanted.lists().len()]
    }

    fn event(&self, worker: &mut Vec<u32>, batch: &mut Merged, event: &Event<'_>, found: &Found<'_>) {
        let at = event.at();
        if !self.in_span(at) {
            return;
        }
        let mut origin: Option<Origin> = None;
        for (index, plan) in self.plans.iter().enumerate() {
            let overflows = Cell::new(0);
            let matched = self.rows(plan, event, found.seed, worker, &overflows);
            let matched = match matched {
                Ok(Some(matched)) => matched,
                Ok(None) => continue,
                Err(why) => {
                    batch.stopped.resize(self.plans.len(), None);
                    batch.stopped.get_mut(index).map(|stopped| stopped.get_or_insert(why));
                    continue;
                }
            };
            batch.overflows += overflows.get();
            let origin = origin.get_or_insert_with(|| found.origin()).clone();
            let Matched { rows, outcomes } = matched;
            batch.kept.resize_with(self.plans.len(), Vec::new);
            if let Some(kept) = batch.kept.get_mut(index) {
                kept.push(Kept { at, sequence: found.number, origin, rows, outcomes });
            }
        }
    }
}
