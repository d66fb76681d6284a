//! All plans over all inputs in one pass: matching events are kept, then each plan is judged.

use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::detection::Detection;
use super::eval::Scope;
use super::judge::{self, Judge};
use super::layout::Layout;
use super::options::{Reading, RunOptions, Summary};
use super::packed::Packed;
use super::query::{self, Results};
use super::router::{Route, Router};
use super::rows::{Counts, Matched, Matcher, forget};
use super::state::{Batch, PlanState, Room, State, What};
use super::tally::Tallies;
use super::verdicts::Shared;
use crate::ingest::reading::read_all;
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::ingest::sink::{self, Sink};
use crate::ingest::source::Input;
use crate::ingest::wanted::Wanted;
use crate::plan::dispatch::{Dispatch, Target};
use crate::plan::{Plan, Query, SourceId};
use crate::schema::Root;
use crate::value::operators::total_order;
use crate::value::{Timestamp, Window};

/// What a run gives back.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// In the order of the output.
    pub detections: Vec<Detection>,
    /// What searches found, in the order of the searches.
    pub results: Vec<Results>,
    /// What was met.
    pub summary: Summary,
}

/// Runs plans over inputs.
pub fn run(plans: &[Plan], wanted: &Wanted, inputs: &[Input], options: &RunOptions) -> Run {
    run_all(&Program { plans, queries: &[] }, wanted, inputs, options)
}

/// Everything that one pass over the input is made for.
#[derive(Debug, Clone, Copy)]
pub struct Program<'p> {
    /// Rules.
    pub plans: &'p [Plan],
    /// Searches.
    pub queries: &'p [Query],
}

impl<'p> Program<'p> {
    /// The plans of all rules, then those of all searches, stages before their search.
    pub fn all(self) -> impl Iterator<Item = &'p Plan> {
        let bodies = self.queries.iter().flat_map(|query| query.stages.iter().chain([&query.root]));
        self.plans.iter().chain(bodies)
    }

    /// What each of them is called: a stage as its search.
    fn names(self) -> impl Iterator<Item = String> + 'p {
        let bodies = self.queries.iter().flat_map(|query| {
            let root = std::iter::once(query.name.clone());
            let stage = |stage: &Plan| format!("{}, stage `{}`", query.name, stage.info.name);
            query.stages.iter().map(stage).chain(root)
        });
        self.plans.iter().map(|plan| plan.info.name.clone()).chain(bodies)
    }
}

/// Runs rules and searches over inputs.
pub fn run_all(program: &Program<'_>, wanted: &Wanted, inputs: &[Input], options: &RunOptions) -> Run {
    let plans: Vec<&Plan> = program.all().collect();
    let dispatch = Dispatch::new(&plans, wanted);
    let engine = Engine::new(*program, (wanted, &dispatch), options);
    let mut state = State::new(program.all(), wanted, options.tallying);
    let how = options.reading();
    let reading = read_all(inputs, wanted, how, &engine, &mut |batch: Batch, base| {
        engine.keep(state.take(batch, &base));
    });
    engine.finish(state, reading)
}

pub(super) struct Engine<'e> {
    program: Program<'e>,
    plans: Vec<Ready<'e>>,
    dispatch: &'e Dispatch<'e>,
    router: Router<'e>,
    wanted: &'e Wanted,
    options: &'e RunOptions,
    /// Of batches that were taken in.
    rooms: Mutex<Vec<Room>>,
}

/// A plan with what is the same for each of its events.
struct Ready<'e> {
    plan: &'e Plan,
    layouts: Vec<Layout>,
    counts: Counts,
}

impl<'e> Engine<'e> {
    pub(super) fn new(
        program: Program<'e>,
        (wanted, dispatch): (&'e Wanted, &'e Dispatch<'e>),
        options: &'e RunOptions,
    ) -> Engine<'e> {
        let ready = |plan: &'e Plan| Ready {
            plan,
            layouts: plan.sources.iter().map(Layout::new).collect(),
            counts: Counts::of(plan),
        };
        let (plans, router) = (program.all().map(ready).collect(), Router::new(dispatch));
        Engine { program, plans, dispatch, router, wanted, options, rooms: Mutex::default() }
    }

    fn keep(&self, room: Room) {
        if room.is_usual() {
            self.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        }
    }

    fn room(&self) -> Room {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Entities hold for a stretch of time, so the span asked for leaves none out. Where none is asked for, no time is read,
    /// which takes 3 % of a run whose rule looks at every launch and matches few.
    fn in_span(&self, event: &Event<'_>) -> bool {
        let (since, until) = (self.options.since, self.options.until);
        if event.root == Root::Entity || (since.is_none() && until.is_none()) {
            return true;
        }
        let inside =
            |at| since.is_none_or(|since| at >= since) && until.is_none_or(|until: Timestamp| at < until);
        event.at().is_some_and(inside)
    }

    fn finish(&self, state: State, reading: Reading) -> Run {
        let mut run = Run {
            summary: Summary { reading, overflows: state.overflows, ..Summary::default() },
            ..Run::default()
        };
        if run.summary.reading.strict_stop.is_some() {
            return run;
        }
        let names: Arc<[String]> = run.summary.reading.names.as_slice().into();
        let (mut states, mut tallies) = (state.plans.into_iter(), state.tallies);
        let overflows = Cell::new(0);
        for (index, plan) in self.program.plans.iter().enumerate() {
            let judge = Judge { index, plan, options: self.options, names: &names, overflows: &overflows };
            let start = Tallies::start(self.options.tallying);
            let judged = detections(&judge, states.next().unwrap_or_default(), &mut run);
            tallies.add(index, start, |tally| (tally.windows, tally.detections) = judged);
        }
        self.searched(states, (&names, &overflows), (&mut tallies, &mut run));
        run.detections.sort_by(|left, right| self.order(left, right));
        run.summary.tallies = self.program.names().zip(tallies.into_all()).collect();
        run.summary.overflows += overflows.get();
        run
    }

    fn searched(
        &self,
        mut states: impl Iterator<Item = PlanState>,
        (names, overflows): (&Arc<[String]>, &Cell<u64>),
        (tallies, run): (&mut Tallies, &mut Run),
    ) {
        let mut first = self.program.plans.len();
        for query in self.program.queries {
            let bodies = query.stages.len() + 1;
            let states: Vec<PlanState> = states.by_ref().take(bodies).collect();
            let start = Tallies::start(self.options.tallying);
            match query::results(query, states, (self.options, names, overflows)) {
                Ok(searched) => {
                    tallies.add(first + bodies - 1, start, |_| {});
                    for (plan, counts) in (first..).zip(searched.counts) {
                        tallies.add(plan, Tallies::start(self.options.tallying), |tally| {
                            (tally.windows, tally.detections) = counts;
                        });
                    }
                    run.summary.untimed += searched.untimed;
                    run.results.push(searched.results);
                }
                Err(why) => run.summary.stopped.push((query.name.clone(), why)),
            }
            first += bodies;
        }
    }

    fn order(&self, left: &Detection, right: &Detection) -> Ordering {
        let info = |found: &Detection| {
            self.plans.get(found.rule).map(|ready| (&ready.plan.info.name, &ready.plan.info.file))
        };
        let time = |found: &Detection| (found.time().is_none(), found.time());
        let values = left.matches.values().iter().zip(right.matches.values()).map(|(a, b)| total_order(a, b));
        time(left)
            .cmp(&time(right))
            .then_with(|| info(left).cmp(&info(right)))
            // Two rules of one name in one file have match values that cannot be put side by side.
            .then_with(|| left.rule.cmp(&right.rule))
            .then_with(|| values.fold(Ordering::Equal, Ordering::then))
            .then_with(|| left.first.cmp(&right.first))
    }

    fn target(&self, index: usize) -> Option<Target> {
        self.dispatch.targets.get(index).copied()
    }

    /// What a source of a plan makes of an event.
    fn source(
        &self,
        ready: &Ready<'e>,
        id: SourceId,
        scope: Scope<'_>,
        (elements, values): (&mut Vec<u32>, &mut Packed),
    ) -> Result<Option<What>, String> {
        let found = ready.plan.source(id).zip(ready.layouts.get(id.0));
        let Some((source, layout)) = found else { return Ok(None) };
        let matcher = Matcher { plan: ready.plan, source, layout, counts: ready.counts };
        let before = values.len();
        let Some(matched) = matcher.rows(scope, elements, values)? else { return Ok(None) };
        if ready.plan.window.is_some() || ready.plan.rows.is_some() {
            return Ok(Some(What::Rows(matched)));
        }
        forget(elements);
        let made = alone(&matcher, Scope { elements, ..scope }, (&matched, values));
        values.truncate(before);
        Ok(made)
    }
}

/// Gives how many windows and how many detections there were.
fn detections(judge: &Judge<'_>, mut state: PlanState, run: &mut Run) -> (u64, u64) {
    let stopped = state.stopped.take();
    match stopped.map_or_else(|| judge.detections(state), Err) {
        Ok(judged) => {
            let counts = (judged.windows, judged.found.len() as u64);
            // Of many detections there is no room for two copies.
            if run.detections.is_empty() {
                run.detections = judged.found;
            } else {
                run.detections.extend(judged.found);
            }
            run.summary.untimed += judged.untimed;
            counts
        }
        Err(why) => {
            run.summary.stopped.push((judge.plan.info.name.clone(), why));
            (0, 0)
        }
    }
}

/// The outcomes of an event that is a group of its own, where the condition holds.
fn alone(matcher: &Matcher<'_>, scope: Scope<'_>, matched: (&Matched, &Packed)) -> Option<What> {
    let gathered = super::gather::alone(matcher.plan, matcher.layout, matched, scope.overflows);
    let window = scope.event.and_then(|event| event.at()).map(|at| Window { start: at, end: at });
    let single = Scope { gathered: &gathered, counts: &[1], window, ..scope };
    judge::outcomes(matcher.plan, single).map(What::Alone)
}

/// What one worker keeps from record to record.
pub(super) struct Worker {
    /// The element of each list that a row stands for.
    pub(super) elements: Vec<u32>,
    route: Route,
}

impl Sink for Engine<'_> {
    type Worker = Worker;
    type Batch = Batch;

    fn worker(&self) -> Worker {
        Worker { elements: vec![NO_ELEMENT; self.wanted.lists().len()], route: self.router.route() }
    }

    fn event(&self, worker: &mut Worker, batch: &mut Batch, event: &Event<'_>, found: &sink::Found<'_>) {
        if !self.in_span(event) {
            return;
        }
        let Worker { elements, route } = worker;
        self.router.lead(route, event);
        if route.targets.is_empty() {
            return;
        }
        batch.move_in(|| self.room());
        // The first match of the event, which has its time and origin.
        let first = batch.found.len();
        let overflows = Cell::new(0);
        for target in route.targets.iter().filter_map(|target| self.target(*target)) {
            let Some(ready) = self.plans.get(target.plan) else { continue };
            let facts = self.dispatch.facts.of_plan(target.plan);
            let shared = Some(Shared { facts, verdicts: &route.verdicts });
            let (now, seed) = (self.options.now, found.seed);
            let scope =
                Scope { event: Some(*event), now, seed, shared, ..Scope::bare(ready.plan, &overflows) };
            let start = Tallies::start(self.options.tallying);
            let made = self.source(ready, target.source, scope, (elements, &mut batch.values));
            batch.tallies.add(target.plan, start, |tally| {
                tally.tested += 1;
                tally.matched += u64::from(matches!(made, Ok(Some(_))));
            });
            batch.add((target, made), first, (event, found));
        }
        batch.overflows += overflows.get();
    }
}
