//! Reads the input once: chosen events go to the engine as in a run, and beside it to what explains them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::alone::Alone;
use super::coverage::{self, Marks};
use super::gaps::{self, Gap, Gaps};
use super::groups::{drafts, no_event, settle, suppressed};
use super::name::{Folded, Names};
use super::{Code, EventTrace, GroupTrace, Reason, Reported, RuleTrace, Trace, Truth, alone, tree};
use crate::exec::detection::{Detection, Place, Position};
use crate::exec::engine::{Engine, Program, Worker};
use crate::exec::eval::Scope;
use crate::exec::judge::Judge;
use crate::exec::options::RunOptions;
use crate::exec::state::{Batch, PlanState, State};
use crate::exec::tally::Tallying;
use crate::ingest::evidence::place;
use crate::ingest::reading::read_all;
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::ingest::sink::{Base, Found, Origin, Sink};
use crate::ingest::source::{Input, Stand};
use crate::ingest::wanted::{SlotId, Wanted};
use crate::plan::dispatch::Dispatch;
use crate::plan::{Lacking, Plan, SourceId, SourceKind, Written};
use crate::schema::Root;

/// Which events are judged.
#[derive(Debug, Clone)]
pub enum Choice {
    /// All.
    All,
    /// Those of this line, record or place in an array.
    Record(u64),
    /// Those with this text in this field.
    Where(SlotId, String),
}

/// Judges the chosen events as if the input held no others.
pub fn trace(
    (plans, written): (&[Plan], &[Written]),
    wanted: &Wanted,
    inputs: &[Input],
    options: &RunOptions,
    choice: &Choice,
) -> Trace {
    let all: Vec<&Plan> = plans.iter().collect();
    let dispatch = Dispatch::new(&all, wanted);
    let engine = Engine::new(Program { plans, queries: &[] }, (wanted, &dispatch), options);
    let (folded, no_gaps): (Vec<Folded>, _) = (plans.iter().map(Folded::of).collect(), Gaps::default());
    let known = plans.iter().zip(written).zip(&folded);
    let names = known.map(|((plan, written), folded)| Names { plan, written, folded, gaps: &no_gaps });
    let names = names.collect();
    let tracer = Tracer { engine, names, options, choice };
    let (mut state, mut seen) = (State::new(plans.iter(), wanted, Tallying::Off), Vec::new());
    let (mut chosen, mut entities) = (0, Entities::None);
    let reading =
        read_all(inputs, wanted, options.reading(), &tracer, &mut |mut batch: TraceBatch, base: Base| {
            batch.settle(choice, &base);
            chosen += batch.chosen.iter().filter(|(.., root)| *root != Root::Entity).count() as u64;
            if batch.chosen.iter().any(|(.., root)| *root == Root::Entity) {
                entities = Entities::Some;
            }
            seen.extend(batch.seen);
            state.take(batch.inner, &base);
        });
    let mut rules: Vec<RuleTrace> = Vec::new();
    let inputs: Arc<[String]> = reading.names.as_slice().into();
    for ((index, names), state) in tracer.names.iter().enumerate().zip(state.plans) {
        let overflows = Cell::new(0);
        let judge = Judge { index, plan: names.plan, options, names: &inputs, overflows: &overflows };
        let mut own: Vec<Seen> = seen.extract_if(.., |one: &mut Seen| one.plan == index).collect();
        let gaps = gaps_of(&mut own);
        let names = Names { gaps: &gaps, ..*names };
        let mut trace = rule(&judge, names, state, own);
        if entities == Entities::None {
            trace.groups.iter_mut().for_each(|group| without_entities(names, &mut group.reasons));
        }
        rules.push(trace);
    }
    Trace { rules, reading, chosen }
}

fn gaps_of(seen: &mut [Seen]) -> Gaps {
    let mut gaps = Gaps::default();
    for one in seen {
        gaps.add((one.source, one.sequence), std::mem::take(&mut one.gaps));
    }
    gaps
}

/// Was any record of the entity graph read?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entities {
    None,
    Some,
}

/// That a variable of entities has none is no matter of its statements where there was none to be had.
fn without_entities(names: Names<'_>, reasons: &mut [Reason]) {
    let sources = names.plan.sources.iter().enumerate();
    let graph = sources.filter(|(_, source)| source.kind == SourceKind::Records(Root::Entity));
    let graph: Vec<String> = graph.map(|(index, _)| names.variable(SourceId(index))).collect();
    let is_graph = |field: &Option<String>| field.as_ref().is_some_and(|field| graph.contains(field));
    let unbound = |one: &&mut Reason| one.code == Code::VariableUnbound && is_graph(&one.field);
    for reason in reasons.iter_mut().filter(unbound) {
        reason.code = Code::ListMissing;
        reason.expected = Some("records of the entity graph".to_owned());
        reason.actual = Some("none".to_owned());
    }
}

fn rule(judge: &Judge<'_>, names: Names<'_>, mut state: PlanState, seen: Vec<Seen>) -> RuleTrace {
    let stopped = state.stopped.take();
    let seen_of_windows = RefCell::default();
    let drafts = judge.plan.window.map(|_| drafts(judge, names, &mut state, &seen_of_windows));
    let marks = marks((judge, names), &mut state, &seen, seen_of_windows.into_inner());
    let judged = stopped.map_or_else(|| judge.detections(state), Err);
    let missing: Vec<Reason> = names.written.missing.iter().map(list_missing).collect();
    let (detections, stopped) = match judged {
        Ok(_) if !missing.is_empty() => (Vec::new(), None),
        Ok(judged) => (judged.found, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let groups = match drafts {
        Some(drafts) => settle(names, drafts.unwrap_or_default(), &detections),
        None => settle_alone(names, &seen, &detections),
    };
    let groups = if missing.is_empty() { groups } else { not_run(groups, &missing) };
    let event = |seen: Seen| EventTrace { place: place(&seen.origin, judge.names), ..seen.trace };
    RuleTrace { detections, events: seen.into_iter().map(event).collect(), groups, marks, stopped }
}

/// What was seen of each part of a rule. Without a single group, no event was there to be counted.
fn marks(
    (judge, names): (&Judge<'_>, Names<'_>),
    state: &mut PlanState,
    seen: &[Seen],
    mut condition: Marks,
) -> Marks {
    seen.iter().filter_map(|seen| seen.alone.as_ref()).for_each(|alone| condition.merge(&alone.marks));
    if condition == Marks::default() {
        condition.nothing(names, Scope::bare(judge.plan, judge.overflows));
    }
    let trees = seen.iter().map(|seen| &seen.trace.tree);
    coverage::marks((judge, names), state, trees, &condition)
}

fn list_missing((what, why): (&Lacking, &String)) -> Reason {
    let expected = match what {
        Lacking::List(name) => format!("the reference list %{name}"),
        Lacking::Table(name) => format!("the data table %{name}"),
    };
    Reason { code: Code::ListMissing, field: None, expected: Some(expected), actual: Some(why.clone()) }
}

/// Without its lists and tables a rule is not run, so that alone is why none of its groups is reported.
fn not_run(groups: Vec<GroupTrace>, missing: &[Reason]) -> Vec<GroupTrace> {
    groups.into_iter().map(|group| GroupTrace { reasons: missing.to_vec(), ..group }).collect()
}

fn settle_alone(names: Names<'_>, seen: &[Seen], detections: &[Detection]) -> Vec<GroupTrace> {
    let mut groups = Vec::new();
    let mut keys = BTreeMap::new();
    for seen in seen.iter().filter(|seen| seen.alone.is_some()) {
        keys.insert(seen.sequence, seen.alone.as_ref().and_then(|alone| alone.key.clone()));
    }
    for (sequence, alone) in seen.iter().filter_map(|seen| Some((seen.sequence, seen.alone.as_ref()?))) {
        let mut group = alone.group.clone();
        if detections.iter().any(|one| one.first == sequence) {
            group.reported = Reported::Yes;
        } else if group.reasons.is_empty() {
            let of_key = detections.iter().filter(|one| keys.get(&one.first) == Some(&alone.key));
            group.reasons.push(suppressed(names, &group, of_key));
        }
        groups.push(group);
    }
    if groups.is_empty() {
        let (matches, counts, reasons) = (Vec::new(), Vec::new(), vec![no_event(names, SourceId(0))]);
        groups.push(GroupTrace { matches, window: None, reported: Reported::No, counts, reasons });
    }
    groups
}

struct Tracer<'t> {
    engine: Engine<'t>,
    names: Vec<Names<'t>>,
    options: &'t RunOptions,
    choice: &'t Choice,
}

/// What came of a chunk.
#[derive(Default)]
struct TraceBatch {
    inner: Batch,
    seen: Vec<Seen>,
    /// The places of chosen records in the chunk, with where they stand. Entities are judged whatever is chosen.
    chosen: Vec<(u64, Origin, Root)>,
}

/// An event in the part of a variable of a plan.
struct Seen {
    plan: usize,
    source: SourceId,
    number: u64,
    /// As in the engine.
    sequence: u64,
    origin: Origin,
    trace: EventTrace,
    alone: Option<Alone>,
    gaps: Vec<(usize, Gap)>,
}

impl TraceBatch {
    /// Now that lines are known, drops the events that were not chosen by theirs.
    fn settle(&mut self, choice: &Choice, base: &Base) {
        self.chosen.iter_mut().for_each(|(_, origin, _)| origin.settle(base));
        for seen in &mut self.seen {
            seen.origin.settle(base);
            seen.sequence = base.records + seen.number + 1;
        }
        let Choice::Record(wanted) = choice else { return };
        let is_wanted =
            |origin: &Origin, root: Root| root == Root::Entity || is_numbered(&place(origin, &[]), *wanted);
        self.chosen.retain(|(_, origin, root)| is_wanted(origin, *root));
        let kept: Vec<u64> = self.chosen.iter().map(|(number, ..)| *number).collect();
        self.seen.retain(|seen| kept.contains(&seen.number));
        self.inner.found.retain(|found| kept.contains(&found.number));
    }
}

/// Is it the line, the EventRecordID or the place of the record?
fn is_numbered(place: &Place, wanted: u64) -> bool {
    match place.position {
        Position::Line(number) | Position::Record(number) | Position::Index(number) => number == wanted,
        Position::Logged { record, at: Stand::Line(number) | Stand::Index(number) } => {
            record == wanted || number == wanted
        }
    }
}

impl Tracer<'_> {
    fn is_chosen(&self, event: &Event<'_>) -> bool {
        if event.root == Root::Entity {
            return true;
        }
        let Choice::Where(slot, text) = self.choice else { return true };
        let list = event.wanted.slot(*slot).list;
        let count = list.map_or(1, |list| event.record.count(list));
        let mut elements = 0..u32::try_from(count).unwrap_or(NO_ELEMENT);
        elements.any(|element| event.value(*slot, element).to_text() == *text)
    }

    fn see(
        &self,
        plan: usize,
        (event, found): (&Event<'_>, &Found<'_>),
        elements: &mut Vec<u32>,
        seen: &mut Vec<Seen>,
    ) {
        let Some(names) = self.names.get(plan).copied() else { return };
        let overflows = Cell::new(0);
        let (now, source_seed) = (self.options.now, found.seed);
        let bare = Scope::bare(names.plan, &overflows);
        let scope = Scope { event: Some(*event), now, seed: source_seed, ..bare };
        for (index, source) in
            names.plan.sources.iter().enumerate().filter(|(_, one)| one.kind.root() == Some(event.root))
        {
            let Some(tree) = tree::tree(names, SourceId(index), scope, elements) else { continue };
            let origin = found.origin();
            let trace = EventTrace {
                place: place(&origin, &[]),
                at: event.at(),
                variable: source.name.clone(),
                verdict: tree.truth != Truth::False,
                tree,
            };
            let alone = match names.plan.window {
                Some(_) => None,
                None => alone::group(names, source, scope, elements),
            };
            let gaps = match names.plan.window {
                Some(_) => gaps::of_event(names, source, scope, elements),
                None => Vec::new(),
            };
            let source = SourceId(index);
            seen.push(Seen { plan, source, number: found.number, sequence: 0, origin, trace, alone, gaps });
        }
    }
}

impl Sink for Tracer<'_> {
    type Worker = Worker;
    type Batch = TraceBatch;

    fn worker(&self) -> Worker {
        self.engine.worker()
    }

    fn event(&self, worker: &mut Worker, batch: &mut TraceBatch, event: &Event<'_>, found: &Found<'_>) {
        if !self.is_chosen(event) {
            return;
        }
        batch.chosen.push((found.number, found.origin(), event.root));
        self.engine.event(worker, &mut batch.inner, event, found);
        for plan in 0..self.names.len() {
            self.see(plan, (event, found), &mut worker.elements, &mut batch.seen);
        }
    }
}
