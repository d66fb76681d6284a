//! `yaral test`: the tests written for rules.

mod find;
mod show;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::find::{Group, Suites};
use self::show::{Row, Status};
use super::doors;
use super::places::Places;
use super::watch::Watched;
use super::{ColourWhen, Outcome, Stop, counted, note, watch, width};
use crate::ruletest::{self, Marks, Mutation, Subject, Test, Todo, Verdict};
use crate::syntax::ast::ListKind;
use crate::text::Span;

const EXAMPLES: &str = "\
Examples:
  yaral test rules/
  yaral test rules/a.yaral --filter 'another type'
  yaral test rules/ --format junit > report.xml
  yaral test rules/ --min-coverage 80";

/// The arguments of `test`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TestArgs {
    /// Test files, rule files that have one, or folders searched for *.test.yaml
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Run only tests whose name holds this text, whatever its case
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How to print results
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    format: TestFormat,
    #[command(flatten)]
    places: Places,
    /// Drop or turn round one predicate at a time, and list the changed rules that no test notices
    #[arg(long)]
    mutate: bool,
    /// Say which predicates and branches of `or` no test saw hold, or saw not hold
    #[arg(long)]
    coverage: bool,
    /// Exit with 1 where the tests of a rule see less than this many per cent of that; implies --coverage
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=100))]
    min_coverage: Option<u8>,
    /// Run again whenever a test, rule, list or event file changes
    #[arg(long)]
    watch: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// A line a test, with what differs
    Text,
    /// One JSON array
    Json,
    /// JUnit XML, for CI servers
    Junit,
}

/// Runs the command.
pub fn test(args: &TestArgs, colour: ColourWhen) -> Result<Outcome, Stop> {
    args.places.are_folders()?;
    if !args.watch {
        return once(args, colour, &mut Watched::default());
    }
    watch::follow(|watched| {
        args.paths
            .iter()
            .chain(&args.places.lists)
            .chain(&args.places.tables)
            .for_each(|path| watched.add(path));
        once(args, colour, watched)
    })
}

fn once(args: &TestArgs, colour: ColourWhen, watched: &mut Watched) -> Result<Outcome, Stop> {
    let suites = find::load(&args.paths)?;
    suites.watch(watched);
    tell(&suites, colour);
    let rows: Vec<Row> = suites.groups.iter().flat_map(|group| rows(args, &suites, group)).collect();
    print(args, &rows, colour)?;
    if args.mutate {
        suites.groups.iter().try_for_each(|group| mutate(args, &suites, group))?;
    }
    let short = cover_all(args, &suites)?;
    note(&summary(&rows, suites.groups.len()));
    let failed = short || rows.iter().any(|row| row.status.fails());
    Ok(if failed { Outcome::No } else { Outcome::Done })
}

/// What is wrong with the tests of a file, a line each.
pub fn failures(path: &Path, (lists, tables): (&[PathBuf], &[PathBuf])) -> Result<Vec<String>, Stop> {
    let suites = find::load(&[path.to_owned()])?;
    let args = TestArgs {
        paths: Vec::new(),
        filter: None,
        format: TestFormat::Text,
        places: Places { lists: lists.to_vec(), tables: tables.to_vec() },
        mutate: false,
        coverage: false,
        min_coverage: None,
        watch: false,
    };
    let rows = suites.groups.iter().flat_map(|group| rows(&args, &suites, group));
    let failed = rows.filter(|row| row.status.fails());
    Ok(failed.flat_map(|row| std::iter::once(row.name).chain(row.lines)).collect())
}

/// Says what is wrong with test files and with the rules they belong to.
fn tell(suites: &Suites, colour: ColourWhen) {
    if !suites.diagnostics.is_empty() {
        let colour = colour.on(&io::stderr());
        let text = doors::render_text(&suites.rules.sources, &suites.diagnostics, colour, width());
        note(text.trim_end());
    }
}

fn rows(args: &TestArgs, suites: &Suites, group: &Group) -> Vec<Row> {
    with_subject(args, suites, group, |subject| {
        let tests = group.tests.iter().filter(|test| is_wanted(args, test));
        tests.map(|test| row(suites, group, test, ruletest::run(test, subject))).collect()
    })
    .unwrap_or_else(|| vec![not_run(group)])
}

/// Gives `body` the rules that a group is of, with their lists and tables; nothing where they cannot be tested.
fn with_subject<T>(
    args: &TestArgs,
    suites: &Suites,
    group: &Group,
    body: impl FnOnce(&Subject<'_>) -> T,
) -> Option<T> {
    let (file, rules) = suites.subject(group)?;
    let name = suites.rules.sources.get(file.source).map_or("", |source| source.name.as_str());
    let folders = args.places.folders(&file.root);
    let list = |list: &str, kind: ListKind| doors::read_list(list, kind, name, &folders);
    let table = |table: &str| doors::read_table(table, name, &folders);
    Some(body(&Subject { file: name, rules, list: &list, table: &table }))
}

/// Says what the tests of each rule saw of it. Is that less than was asked, for one of them?
fn cover_all(args: &TestArgs, suites: &Suites) -> Result<bool, Stop> {
    if !args.coverage && args.min_coverage.is_none() {
        return Ok(false);
    }
    // Several test files may be of one rule.
    let mut seen: BTreeMap<Span, (String, Marks)> = BTreeMap::new();
    for (span, name, marks) in suites.groups.iter().flat_map(|group| cover(args, suites, group)) {
        seen.entry(span).or_insert_with(|| (name, Marks::default())).1.merge(&marks);
    }
    let all: Vec<(String, Marks)> = seen.into_values().collect();
    beside(args, |out| show::coverage(out, &suites.rules.sources, &all))?;
    let least = usize::from(args.min_coverage.unwrap_or(0));
    let short = all.iter().filter(|(_, marks)| show::per_cent(marks) < least);
    let named: Vec<String> = short.map(|(name, _)| format!("`{name}`")).collect();
    if !named.is_empty() {
        note(&format!("error: coverage below {least} % for {}", named.join(", ")));
    }
    Ok(!named.is_empty())
}

fn cover(args: &TestArgs, suites: &Suites, group: &Group) -> Vec<(Span, String, Marks)> {
    let tests = wanted(args, group);
    let found = with_subject(args, suites, group, |subject| {
        let marks = ruletest::cover(&tests, subject);
        subject
            .rules
            .iter()
            .zip(marks)
            .map(|(rule, marks)| (rule.name.span, rule.name.node.clone(), marks))
            .collect()
    });
    found.unwrap_or_default()
}

fn wanted<'g>(args: &TestArgs, group: &'g Group) -> Vec<&'g Test> {
    group.tests.iter().filter(|test| is_wanted(args, test)).collect()
}

/// Prints what is for people: where results are for programs, it goes to standard error.
fn beside(args: &TestArgs, body: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), Stop> {
    if args.format == TestFormat::Text {
        return super::output::Output::Stdout.write(body);
    }
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = body(&mut text);
    note(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}

/// Lists the mutants of a group's rules that its tests do not notice.
fn mutate(args: &TestArgs, suites: &Suites, group: &Group) -> Result<(), Stop> {
    let tests = wanted(args, group);
    let found = with_subject(args, suites, group, |subject| {
        let rules = subject.rules.iter().enumerate();
        rules.map(|(at, rule)| (rule.name.node.clone(), ruletest::mutate(&tests, subject, at))).collect()
    });
    let mut found: Vec<(String, Mutation)> = found.unwrap_or_default();
    let sources = &suites.rules.sources;
    let mut mutations: Vec<&mut Mutation> = found.iter_mut().map(|(_, mutation)| mutation).collect();
    let stale = ruletest::set_aside(&group.survivors, &mut mutations, sources);
    beside(args, |out| {
        show::mutations(out, sources, &found)?;
        show::stale(out, sources, &stale)
    })
}

/// What stands for the tests of a file that cannot be run.
fn not_run(group: &Group) -> Row {
    let why = group.broken.clone().unwrap_or_default();
    let name = "no test of this file is run".to_owned();
    Row { file: group.name.clone(), name, line: 1, status: Status::Broken, lines: vec![why] }
}

fn is_wanted(args: &TestArgs, test: &Test) -> bool {
    let holds = |text: &String| test.name.to_lowercase().contains(&text.to_lowercase());
    args.filter.as_ref().is_none_or(holds)
}

fn row(suites: &Suites, group: &Group, test: &Test, verdict: Verdict) -> Row {
    let (status, lines) = match (verdict, test.todo) {
        (Verdict::Passed, Todo::No) => (Status::Passed, Vec::new()),
        (Verdict::Passed, Todo::Yes) => (Status::TodoPasses, vec!["it passes; take out `todo`".to_owned()]),
        (Verdict::Failed(failures), todo) => {
            let status = if todo == Todo::Yes { Status::Todo } else { Status::Failed };
            (status, failures.iter().flat_map(ruletest::Failure::lines).collect())
        }
        (Verdict::Broken(why), Todo::Yes) => (Status::Todo, vec![why]),
        (Verdict::Broken(why), Todo::No) => (Status::Broken, vec![why]),
    };
    let source = suites.rules.sources.get(test.span.source);
    let line = source.map_or(1, |source| source.position(test.span.start).line);
    Row { file: group.name.clone(), name: test.name.clone(), line, status, lines }
}

fn print(args: &TestArgs, rows: &[Row], colour: ColourWhen) -> Result<(), Stop> {
    super::output::Output::Stdout.write(|out| match args.format {
        TestFormat::Text => show::text(out, rows, colour.on(&io::stdout())),
        TestFormat::Json => show::json(out, rows),
        TestFormat::Junit => show::junit(out, rows),
    })
}

/// `8 passed, 1 failed, 1 todo in 2 files`
fn summary(rows: &[Row], files: usize) -> String {
    let count = |status: Status| rows.iter().filter(|row| row.status == status).count();
    let (passed, failed) = (count(Status::Passed), count(Status::Failed) + count(Status::Broken));
    let mut parts = vec![format!("{passed} passed"), format!("{failed} failed")];
    let todo = count(Status::Todo) + count(Status::TodoPasses);
    parts.extend((todo > 0).then(|| format!("{todo} todo")));
    format!("{} in {}", parts.join(", "), counted(files, "file"))
}
