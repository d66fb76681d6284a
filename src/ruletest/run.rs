//! Runs one test: its rules over its events, and what was found against what was expected.

use std::sync::atomic::{AtomicI64, Ordering};

use super::compare::{self, Difference};
use super::fields::meant;
use super::model::{Entry, EventSource, Expect, More, Test};
use super::yaml::Node;
use super::{lists, matching, tables};
use crate::exec::detection::{Detection, RuleInfo};
use crate::exec::options::RunOptions;
use crate::exec::{self, Run};
use crate::ingest::reading::read_all;
use crate::ingest::record::Event;
use crate::ingest::sink::{Found, Sink};
use crate::ingest::source::{Input, InputOrigin};
use crate::ingest::wanted::Wanted;
use crate::lists::List;
use crate::plan::{self, Needs, Plan};
use crate::syntax::ast::{ListKind, Rule};
use crate::tables::Table;
use crate::value::Timestamp;

/// Reads a reference list that a test does not bring itself; the error says why it cannot be had.
pub type ListReader<'l> = dyn Fn(&str, ListKind) -> Result<List, String> + 'l;

/// The same for a data table.
pub type TableReader<'l> = dyn Fn(&str) -> Result<Table, String> + 'l;

/// The rules that a test is of.
#[derive(Clone)]
pub struct Subject<'r> {
    /// Their file.
    pub file: &'r str,
    /// Rules without errors.
    pub rules: Vec<&'r Rule>,
    /// Lists that a test does not bring.
    pub list: &'r ListReader<'r>,
    /// Tables likewise.
    pub table: &'r TableReader<'r>,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// All is as expected.
    Passed,
    /// Something differs.
    Failed(Vec<Failure>),
    /// It could not be run, and why.
    Broken(String),
}

/// One way in which a test fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The number of detections.
    Count {
        /// `1 detection`, `at least 2 detections`
        expected: String,
        /// How many there were.
        found: usize,
    },
    /// A variable that no rule has.
    Unknown {
        /// What it should have been, with its name.
        message: String,
        /// The correction.
        help: Option<String>,
    },
    /// Nothing found is as this entry says.
    Missing {
        /// Its place in the list, from 1.
        entry: usize,
        /// The detection that comes nearest, and what differs; nothing where there is none left.
        nearest: Option<(String, Vec<Difference>)>,
    },
    /// A detection that was found where another number of them is expected.
    Found(String),
    /// A detection that nothing in the test expects.
    Unexpected(String),
}

/// The most unexpected detections that are named.
const NAMED: usize = 5;

/// Runs a test.
pub fn run(test: &Test, subject: &Subject<'_>) -> Verdict {
    let mut wanted = Wanted::default();
    let plans = match compile(test, subject, &mut wanted, plan::compile) {
        Ok(plans) => plans,
        Err(why) => return Verdict::Broken(why),
    };
    match detect(test, &plans, &wanted) {
        Ok(found) => judge(&test.expect, &plans, &found.detections),
        Err(why) => Verdict::Broken(why),
    }
}

/// The rules of a test with its lists and tables, made into plans by `by`.
pub(super) fn compile<T>(
    test: &Test,
    subject: &Subject<'_>,
    wanted: &mut Wanted,
    by: fn(&Rule, &str, Needs<'_>) -> Result<T, plan::Refusal>,
) -> Result<Vec<T>, String> {
    let mut plans = Vec::with_capacity(subject.rules.len());
    for rule in &subject.rules {
        let mut list = |name: &str, kind: ListKind| {
            let own = test.lists.iter().find(|(known, _)| known == name);
            own.map_or_else(|| (subject.list)(name, kind), |(_, values)| lists::list(name, values, kind))
        };
        let mut table = |name: &str| {
            let own = test.tables.iter().find(|(known, _)| known == name);
            own.map_or_else(|| (subject.table)(name), |(_, source)| tables::table(name, source))
        };
        let needs = Needs { wanted, list: &mut list, table: &mut table };
        let plan = by(rule, subject.file, needs)
            .map_err(|refusal| format!("rule `{}` is not run: {}", rule.name.node, refusal.why))?;
        plans.push(plan);
    }
    Ok(plans)
}

/// What plans find among the events of a test.
fn detect(test: &Test, plans: &[Plan], wanted: &Wanted) -> Result<Run, String> {
    let (inputs, options) = prepared(test, wanted);
    let run = exec::run(plans, wanted, &inputs, &options);
    match trouble(&run) {
        Some(why) => Err(why),
        None => Ok(run),
    }
}

/// What a test reads, and how.
pub(super) fn prepared(test: &Test, wanted: &Wanted) -> (Vec<Input>, RunOptions) {
    let mut inputs = inputs(&test.entities);
    let events = self::inputs(&test.events);
    let files = || test.events.iter().any(|event| !matches!(event, EventSource::Json(_)));
    let last = || if files() { test.last.max(latest(&events, wanted)) } else { test.last };
    let now = test.now.or_else(last).unwrap_or(super::times::BASE);
    inputs.extend(events.iter().cloned());
    (inputs, RunOptions { now, ..options() })
}

/// What kept a run from seeing all events or judging all rules.
fn trouble(run: &Run) -> Option<String> {
    let reading = &run.summary.reading;
    let failure = reading.failures.first().map(|(path, cause)| format!("`{path}`: {cause}"));
    let damage = || {
        reading.damages.first().map(|damage| format!("`{}`, {}: {}", damage.path, damage.place, damage.cause))
    };
    let stopped = || run.summary.stopped.first().map(|(rule, cause)| format!("rule `{rule}`: {cause}"));
    failure.or_else(damage).or_else(stopped)
}

/// Events written side by side are one input, so that their order is that of the test.
pub(super) fn inputs(events: &[EventSource]) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut lines = Vec::new();
    for event in events {
        let other = match event {
            EventSource::Json(line) => {
                lines.extend_from_slice(line.as_bytes());
                lines.push(b'\n');
                continue;
            }
            EventSource::Xml(text) => memory(text.clone().into_bytes()),
            EventSource::File { name, path } => {
                Input::File { path: path.clone(), name: name.clone(), origin: InputOrigin::Named }
            }
        };
        inputs.extend((!lines.is_empty()).then(|| memory(std::mem::take(&mut lines))));
        inputs.push(other);
    }
    inputs.extend((!lines.is_empty()).then(|| memory(lines)));
    inputs
}

fn memory(bytes: Vec<u8>) -> Input {
    Input::Memory { name: "events of the test".to_owned(), bytes: bytes.into() }
}

/// A test is small: threads would take longer to start than to read.
fn options() -> RunOptions {
    RunOptions { samples: 0, threads: 1, ..RunOptions::default() }
}

/// The time of the last event of `inputs`.
fn latest(inputs: &[Input], wanted: &Wanted) -> Option<Timestamp> {
    let sink = Latest(AtomicI64::new(i64::MIN));
    read_all(inputs, wanted, options().reading(), &sink, &mut |(), _| {});
    Some(sink.0.into_inner()).filter(|at| *at != i64::MIN).map(Timestamp)
}

struct Latest(AtomicI64);

impl Sink for Latest {
    type Worker = ();
    type Batch = ();

    fn worker(&self) {}

    fn event(&self, (): &mut (), (): &mut (), event: &Event<'_>, _: &Found<'_>) {
        if let Some(Timestamp(at)) = event.at() {
            self.0.fetch_max(at, Ordering::Relaxed);
        }
    }
}

fn judge(expect: &Expect, plans: &[Plan], found: &[Detection]) -> Verdict {
    let unknown: Vec<Failure> = expect.entries.iter().flat_map(|entry| unknown(entry, plans)).collect();
    if !unknown.is_empty() {
        return Verdict::Failed(unknown);
    }
    let differs = |entry: &Entry, detection: &Detection| {
        let rule = plans.get(detection.rule).map_or_else(RuleInfo::default, |plan| plan.info.clone());
        compare::differences(entry, detection, &rule)
    };
    let fits = |entry: usize, detection: usize| {
        let pair = expect.entries.get(entry).zip(found.get(detection));
        pair.is_some_and(|(entry, detection)| differs(entry, detection).is_empty())
    };
    let pairs = matching::pairs(expect.entries.len(), found.len(), &fits);
    let mut left: Vec<&Detection> = spare(found, &pairs);
    let mut failures = Vec::from_iter(count(expect, found.len()));
    let lonely =
        expect.entries.iter().enumerate().filter(|(at, _)| pairs.get(*at).copied().flatten().is_none());
    for (at, entry) in lonely {
        let nearest = left.iter().enumerate().map(|(index, one)| (index, differs(entry, one)));
        let nearest = nearest.min_by_key(|(_, differences)| differences.len()).map(|(index, differences)| {
            let detection = match expect.more {
                More::Allowed => left.get(index).copied(),
                More::Refused => Some(left.remove(index)),
            };
            (detection.map(|one| describe(one, plans)).unwrap_or_default(), differences)
        });
        failures.push(Failure::Missing { entry: at + 1, nearest });
    }
    failures.extend(spares(expect, (&left, found.len()), plans));
    if failures.is_empty() { Verdict::Passed } else { Verdict::Failed(failures) }
}

/// Names the detections that no entry stands for.
fn spares(expect: &Expect, (left, found): (&[&Detection], usize), plans: &[Plan]) -> Vec<Failure> {
    let right = match expect.more {
        More::Allowed => found >= expect.count || !expect.entries.is_empty(),
        More::Refused => found == expect.count && expect.entries.is_empty(),
    };
    if right {
        return Vec::new();
    }
    // A bare number says of no detection whether it is right.
    let failure =
        if expect.entries.is_empty() && expect.count > 0 { Failure::Found } else { Failure::Unexpected };
    left.iter().take(NAMED).map(|one| failure(describe(one, plans))).collect()
}

/// Detections that stand for no entry.
fn spare<'d>(found: &'d [Detection], pairs: &[Option<usize>]) -> Vec<&'d Detection> {
    let taken = |index: &usize| pairs.contains(&Some(*index));
    found.iter().enumerate().filter(|(index, _)| !taken(index)).map(|(_, one)| one).collect()
}

fn count(expect: &Expect, found: usize) -> Option<Failure> {
    let plural = if expect.count == 1 { "" } else { "s" };
    let expected = format!("{} detection{plural}", expect.count);
    match expect.more {
        More::Refused if found != expect.count => Some(Failure::Count { expected, found }),
        More::Allowed if found < expect.count => {
            Some(Failure::Count { expected: format!("at least {expected}"), found })
        }
        More::Refused | More::Allowed => None,
    }
}

/// Names in an entry that no rule of the test has.
fn unknown(entry: &Entry, plans: &[Plan]) -> Vec<Failure> {
    let rules: Vec<&str> = plans.iter().map(|plan| plan.info.name.as_str()).collect();
    let of = |plan: &&Plan| entry.rule.as_ref().is_none_or(|name| *name == plan.info.name);
    let own: Vec<&Plan> = plans.iter().filter(of).collect();
    if let (Some(name), true) = (&entry.rule, own.is_empty()) {
        return vec![stranger(&format!("no rule of the test is called `{name}`"), name, rules)];
    }
    let keys = own.iter().flat_map(|plan| plan.keys.iter().map(|key| key.name.as_str())).collect();
    let outcomes = own.iter().flat_map(|plan| plan.outcomes.iter().map(|(name, _)| name.as_str())).collect();
    let sources =
        own.iter().flat_map(|plan| plan.sources.iter().map(|source| source.name.as_str())).collect();
    let mut all = strangers("match variable", entry.matches.iter().map(|(name, _)| name), &keys);
    all.extend(strangers("outcome", entry.outcomes.iter().map(|(name, _)| name), &outcomes));
    all.extend(strangers("event variable", entry.events.iter().map(|(name, _)| name), &sources));
    all
}

fn strangers<'n>(what: &str, names: impl Iterator<Item = &'n Node>, known: &Vec<&str>) -> Vec<Failure> {
    let names = names.map(compare::variable).filter(|name| !known.contains(name));
    names.map(|name| stranger(&format!("the rule has no {what} `${name}`"), name, known.clone())).collect()
}

fn stranger(message: &str, name: &str, known: Vec<&str>) -> Failure {
    Failure::Unknown { message: message.to_owned(), help: meant(name, known) }
}

/// A detection in a line: its rule, its match variables, its window.
fn describe(detection: &Detection, plans: &[Plan]) -> String {
    let rule = plans.get(detection.rule).map_or("", |plan| plan.info.name.as_str());
    let matches =
        detection.matches.iter().map(|(name, value)| format!(", ${name} = {}", compare::shown(value)));
    let window = detection.window.map_or_else(String::new, |window| {
        let (start, end) = (window.start.to_rfc3339(), window.end.to_rfc3339());
        if start == end { format!(" at {start}") } else { format!(" from {start} to {end}") }
    });
    format!("{rule}{window}{}", matches.collect::<String>())
}
