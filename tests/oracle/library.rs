//! The program's own answer, had through its library the way the command has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use yaral::check::{check, unsupported, unsupported_search};
use yaral::cli::doors::{
    Folding, Input, InputOrigin, ListFolders, Plan, Program, Query, Run, compile, compile_search,
};
use yaral::exec::detection::{self, Position};
use yaral::exec::options::{RunOptions, Windows};
use yaral::ingest::wanted::Wanted;
use yaral::syntax::ast::{self, Unit};
use yaral::text::Sources;

use crate::calls::from_library;
use crate::rows::{self, Rows};
use crate::value::Letters;
use crate::windows::{Detection, Reported};
use crate::world::World;

/// What the program makes of a rule.
#[derive(Debug)]
pub enum Answer {
    /// It does not run it, and says why.
    Refused(String),
    /// It runs it.
    Detections(Vec<Detection>),
    /// It runs a search.
    Rows(Rows),
}

/// The one rule or search of a text, or why there is none.
pub fn parse(text: &str) -> Result<Unit, String> {
    let mut sources = Sources::default();
    let id = sources.add("rule.yaral", text);
    let parsed = yaral::syntax::parse(sources.get(id).unwrap());
    let found = parsed.diagnostics.into_iter().chain(check(&parsed.file));
    if let Some(error) = found.filter(|found| found.is_error()).map(|found| found.message).next() {
        return Err(format!("error: {error}"));
    }
    parsed.file.units.into_iter().next().ok_or_else(|| "error: no rule in the text".to_owned())
}

/// How questions are put: rules are told which windows to report, searches how letters compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct How {
    pub reported: Reported,
    pub letters: Letters,
}

/// Runs rules and searches over a world in one run; its files are written into `folder`.
pub fn answers(units: &[&Unit], world: &World, how: How, folder: &Path) -> Vec<Answer> {
    write(world, folder);
    let mut wanted = Wanted::default();
    let (mut plans, mut queries, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for unit in units {
        let made = match unit {
            Unit::Rule(rule) => plan(rule, folder, &mut wanted).map(|plan| {
                plans.push(plan);
                Answer::Detections(Vec::new())
            }),
            Unit::Search(search) => query(search, how.letters, folder, &mut wanted).map(|query| {
                queries.push(query);
                Answer::Rows(Rows::default())
            }),
        };
        answers.push(made.unwrap_or_else(Answer::Refused));
    }
    let program = Program { plans: &plans, queries: &queries };
    yaral::plan::drop_early(program.all(), &mut wanted);
    let run = if program.all().next().is_none() {
        Run::default()
    } else {
        run((&program, &wanted), &world.entities, how.reported, folder)
    };
    if let Some(failure) = run.summary.reading.failures.first() {
        return answers.iter().map(|_| Answer::Refused(format!("not read: {failure:?}"))).collect();
    }
    let ran: Vec<usize> =
        (0..answers.len()).filter(|at| matches!(answers[*at], Answer::Detections(_))).collect();
    for found in &run.detections {
        if let Answer::Detections(all) = &mut answers[ran[found.rule]] {
            all.push(detection(found));
        }
    }
    let mut results = run.results.iter();
    for answer in &mut answers {
        if let Answer::Rows(rows) = answer {
            *rows = results.next().map(found).unwrap_or_default();
        }
    }
    answers
}

fn found(results: &yaral::exec::query::Results) -> Rows {
    let column = |name: &String| rows::Column { name: name.clone(), is_float: false };
    let row = |row: &yaral::exec::query::Row| rows::Found {
        cells: row.cells.iter().map(from_library).collect(),
        window: row.window.map(|window| (window.start.0, window.end.0)),
        event: row.event.as_ref().map(|sample| line(&sample.place().position)),
    };
    Rows {
        columns: results.columns.iter().map(column).collect(),
        rows: results.rows.iter().map(row).collect(),
        windowed: results.rows.iter().any(|row| row.window.is_some()),
    }
}

fn query(
    search: &ast::Search,
    letters: Letters,
    folder: &Path,
    wanted: &mut Wanted,
) -> Result<Query, String> {
    if let Some(first) = unsupported_search(search).first() {
        return Err(format!("not run: {}", first.message));
    }
    let folders = ListFolders { root: folder.to_owned(), ..ListFolders::default() };
    let folding = match letters {
        Letters::Folded => Folding::Folded,
        Letters::Exact => Folding::Exact,
    };
    let file = folder.join("search.yaral");
    compile_search(search, ("search", &file.to_string_lossy()), (&folders, folding), wanted)
        .map_err(|why| format!("not compiled: {}", why[0].message))
}

fn plan(rule: &ast::Rule, folder: &Path, wanted: &mut Wanted) -> Result<Plan, String> {
    if let Some(first) = unsupported(rule).first() {
        return Err(format!("not run: {}", first.message));
    }
    let folders = ListFolders { root: folder.to_owned(), ..ListFolders::default() };
    compile(rule, &folder.join("rule.yaral").to_string_lossy(), &folders, wanted)
        .map_err(|why| format!("not compiled: {}", why[0].message))
}

fn run(
    (program, wanted): (&Program<'_>, &Wanted),
    entities: &[Json],
    reported: Reported,
    folder: &Path,
) -> Run {
    let names = if entities.is_empty() { &["events.jsonl"][..] } else { &["events.jsonl", "entities.jsonl"] };
    let input = |name: &&str| {
        let path = folder.join(name);
        Input::File { path, name: (*name).to_owned(), origin: InputOrigin::Named }
    };
    let inputs: Vec<Input> = names.iter().map(input).collect();
    let windows = match reported {
        Reported::Covering => Windows::Covering,
        Reported::All => Windows::All,
    };
    let options = RunOptions { windows, samples: usize::MAX, threads: 1, ..RunOptions::default() };
    let run = yaral::exec::run_all(program, wanted, &inputs, &options);
    assert!(run.summary.stopped.is_empty(), "{:?}", run.summary.stopped);
    run
}

fn write(world: &World, folder: &Path) {
    let lines: String = world.events.iter().map(|event| format!("{event}\n")).collect();
    fs::write(folder.join("events.jsonl"), lines).unwrap();
    let entities: String = world.entities.iter().map(|entity| format!("{entity}\n")).collect();
    fs::write(folder.join("entities.jsonl"), entities).unwrap();
    write_all(&world.lists, &folder.join("reference_lists"), "txt");
    write_all(&world.tables, &folder.join("data_tables"), "csv");
}

fn write_all(files: &BTreeMap<String, String>, folder: &Path, ending: &str) {
    fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(format!("{name}.{ending}")), text).unwrap();
    }
}

fn detection(found: &detection::Detection) -> Detection {
    let named = |values: &detection::Named| {
        values.iter().map(|(name, value)| (name.clone(), from_library(value))).collect()
    };
    Detection {
        window: found.window.map(|window| (window.start.0, window.end.0)),
        matches: named(&found.matches),
        outcomes: named(&found.outcomes),
        events: found
            .events
            .iter()
            .filter(|one| is_of_events(one))
            .map(|one| (one.label.to_string(), records(one)))
            .collect(),
    }
}

fn is_of_events(evidence: &detection::Evidence) -> bool {
    evidence.samples.iter().all(|sample| sample.place().path == "events.jsonl")
}

fn records(evidence: &detection::Evidence) -> BTreeSet<usize> {
    let records: BTreeSet<usize> =
        evidence.samples.iter().map(|sample| line(&sample.place().position)).collect();
    assert_eq!(records.len(), evidence.count, "the samples are all events, each once");
    records
}

fn line(position: &Position) -> usize {
    match position {
        Position::Line(line) => *line as usize - 1,
        Position::Record(_) | Position::Index(_) | Position::Logged { .. } => panic!("the events are lines"),
    }
}
