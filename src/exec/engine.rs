//! All plans over all inputs in one pass: rows of matching events are kept, then grouped and judged.

use std::cell::Cell;
use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::detection::Detection;
use super::eval::Scope;
use super::groups;
use super::options::{Damage, DamageReport, RunOptions, Summary};
use super::samples::Held;
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::ingest::source::{Care, Form, Input, Origin, Position, Sink, Source, SourceError};
use crate::ingest::wanted::{ListId, Wanted};
use crate::plan::{Plan, Site};
use crate::value::operators::total_order;
use crate::value::{Timestamp, Value};

/// What a run gives back.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// In the order of the output.
    pub detections: Vec<Detection>,
    /// What was read.
    pub summary: Summary,
    /// The bad record that ended a strict run.
    pub strict_stop: Option<DamageReport>,
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
    pub(super) held: Rc<Held>,
    pub(super) rows: Vec<Row>,
    /// Outcomes of a rule without match, which looks at each event alone.
    pub(super) outcomes: Option<Vec<Value<'static>>>,
}

/// The most rows one event may have.
const MAX_ROWS: usize = 1_000_000;

/// Runs plans over inputs.
pub fn run(plans: &[Plan], wanted: &Wanted, inputs: &[Input], options: &RunOptions) -> Run {
    let mut engine = Engine::new(plans, wanted, options);
    let care = match options.damage {
        Damage::Counted => Care::Lazy,
        Damage::Fatal => Care::Whole,
    };
    let mut source = Source::new(wanted, options.max_record, care);
    for input in inputs {
        engine.path = input.name().into();
        let before = engine.run.summary.records;
        match source.read(input, &mut engine) {
            Ok(bytes) => {
                engine.run.summary.bytes += bytes;
                engine.run.summary.files += u64::from(engine.run.summary.records > before);
            }
            Err(error) => engine.failure(input, &error),
        }
        if engine.run.strict_stop.is_some() {
            return engine.run;
        }
    }
    engine.finish()
}

struct Engine<'e> {
    plans: &'e [Plan],
    options: &'e RunOptions,
    run: Run,
    kept: Vec<Vec<Kept>>,
    stopped: Vec<bool>,
    path: Rc<str>,
    sequence: u64,
    elements: Vec<u32>,
    overflows: Cell<u64>,
}

impl<'e> Engine<'e> {
    fn new(plans: &'e [Plan], wanted: &'e Wanted, options: &'e RunOptions) -> Engine<'e> {
        Engine {
            plans,
            options,
            run: Run::default(),
            kept: plans.iter().map(|_| Vec::new()).collect(),
            stopped: vec![false; plans.len()],
            path: "".into(),
            sequence: 0,
            elements: vec![NO_ELEMENT; wanted.lists().len()],
            overflows: Cell::new(0),
        }
    }

    fn failure(&mut self, input: &Input, error: &SourceError) {
        let name = input.name().to_owned();
        let in_folder = matches!(input, Input::File { origin: Origin::InFolder, .. });
        match error {
            SourceError::Unknown if in_folder => self.run.summary.not_events.push(name),
            SourceError::Unknown => {
                self.run.summary.failures.push((name, "its content is no known event format".to_owned()));
            }
            SourceError::Io(error) => self.run.summary.failures.push((name, error.to_string())),
        }
    }

    fn in_span(&self, at: Option<Timestamp>) -> bool {
        let (since, until) = (self.options.since, self.options.until);
        match at {
            Some(at) => since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until),
            None => since.is_none() && until.is_none(),
        }
    }

    fn finish(mut self) -> Run {
        let mut found = Vec::new();
        for (index, (plan, kept)) in self.plans.iter().zip(&mut self.kept).enumerate() {
            if self.stopped.get(index) == Some(&true) {
                continue;
            }
            let judge = groups::Judge { index, plan, options: self.options, overflows: &self.overflows };
            match judge.detections(kept, &mut self.run.summary) {
                Ok(detections) => found.extend(detections),
                Err(why) => self.run.summary.stopped.push((plan.info.name.clone(), why)),
            }
        }
        found.sort_by(|left, right| order(self.plans, left, right));
        self.run.detections = found;
        self.run.summary.overflows += self.overflows.get();
        self.run
    }

    /// The rows of the event that satisfy the plan; nothing where it does not match.
    fn rows(&mut self, plan: &'e Plan, event: &Event<'_>) -> Result<Option<Matched>, String> {
        let seed = self.sequence;
        let overflows = Cell::new(0);
        let mut rows = Vec::new();
        let mut outcomes = None;
        let mut seen = 0;
        self.elements.fill(NO_ELEMENT);
        let now = self.options.now;
        let alone = scope(plan, *event, &self.elements, now, seed, &overflows);
        if !all(&alone, &plan.once) {
            return Ok(None);
        }
        let mut elements = self.elements.clone();
        unnest(event, &plan.unnest, &mut elements, &mut |elements| {
            seen += 1;
            let scope = scope(plan, *event, elements, now, seed, &overflows);
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
            let gathered = groups::gather(plan, rows.iter(), &overflows);
            let window = event.at().map(|at| crate::value::Window { start: at, end: at });
            let single = Scope { gathered: &gathered, count: 1, window, ..alone };
            outcomes = groups::judge(plan, single);
            if outcomes.is_none() {
                return Ok(None);
            }
        }
        self.overflows.set(self.overflows.get() + overflows.get());
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
    fn event(&mut self, event: &Event<'_>, position: Position, form: Form, raw: &[u8]) {
        // Counted over all records, so that it does not depend on what the reader dropped early.
        self.sequence = self.run.summary.records + 1;
        let at = event.at();
        if !self.in_span(at) {
            return;
        }
        let mut held: Option<Rc<Held>> = None;
        let plans = self.plans;
        for (index, plan) in plans.iter().enumerate() {
            if self.stopped.get(index) == Some(&true) {
                continue;
            }
            let matched = match self.rows(plan, event) {
                Ok(Some(matched)) => matched,
                Ok(None) => continue,
                Err(why) => {
                    self.run.summary.stopped.push((plan.info.name.clone(), why));
                    if let Some(stopped) = self.stopped.get_mut(index) {
                        *stopped = true;
                    }
                    continue;
                }
            };
            let hold = || Rc::new(Held { path: Rc::clone(&self.path), position, form, raw: raw.into() });
            let held = Rc::clone(held.get_or_insert_with(hold));
            let Matched { rows, outcomes } = matched;
            if let Some(kept) = self.kept.get_mut(index) {
                kept.push(Kept { at, sequence: self.sequence, held, rows, outcomes });
            }
        }
    }

    fn record(&mut self) {
        self.run.summary.records += 1;
    }

    fn damage(&mut self, place: String, cause: String) -> ControlFlow<()> {
        self.run.summary.bad += 1;
        let path = self.path.to_string();
        let report = DamageReport { path, place, cause, count: 1 };
        if self.options.damage == Damage::Fatal {
            self.run.strict_stop = Some(report);
            return ControlFlow::Break(());
        }
        match self.run.summary.damages.last_mut() {
            Some(last) if last.path == report.path => last.count += 1,
            _ => self.run.summary.damages.push(report),
        }
        ControlFlow::Continue(())
    }
}
