//! `yaral run`: rules over events.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::check::count;
use super::doors::{self, Folding, ListFolders, Plan, Program, Query, Run};
use super::events::{self, Events};
use super::output::Output;
use super::places::Places;
use super::progress;
use super::rules::{self, RuleFile, Rules};
use super::saved::Saving;
use super::summary::{self, Detail};
use super::{ColourWhen, Outcome, Stop, counted, note, spread, warning, watch, width};
use crate::diag::{Diagnostic, Severity};
use crate::exec::detection::RuleInfo;
use crate::exec::options::{Damage, RunOptions, Windows};
use crate::exec::tally::Tallying;
use crate::ingest::wanted::Wanted;
use crate::report::{self, Format};
use crate::syntax::ast::{Rule, Search, Unit};
use crate::value::Timestamp;

const EXAMPLES: &str = "\
Examples:
  yaral run rules/ events.jsonl
  yaral run rules/ captures/ --format ndjson -o detections.ndjson
  yaral run -r rules/ -r more.yaral monday.evtx tuesday.evtx
  zcat events.gz | yaral run rules/ --fail-on-detection";

/// The arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// A rule file, or a folder searched for *.yaral and *.yl2
    #[arg(value_name = "RULES", required_unless_present_any = ["rules", "searches"])]
    first: Option<PathBuf>,
    /// Event files or folders; `-` or nothing is standard input
    #[arg(value_name = "EVENTS")]
    events: Vec<PathBuf>,
    /// More rules; with it, every other path is EVENTS
    #[arg(short, long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// How to print detections
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    format: Format,
    /// Write detections to a file, replaced only when all is done
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    places: Places,
    /// A file of entity records
    #[arg(long, value_name = "FILE")]
    entities: Vec<PathBuf>,
    /// A search, given on the command line
    #[arg(short = 'e', long = "search", value_name = "TEXT")]
    searches: Vec<String>,
    /// Searches tell letters of different case apart
    #[arg(long)]
    case_sensitive: bool,
    /// Report every satisfied window, not only as many as cover all events
    #[arg(long)]
    all_windows: bool,
    /// How many events per variable a detection shows
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().samples)]
    samples: usize,
    /// Leave out events before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Leave out events at or after this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// The time rules see as the present
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Timestamp>,
    /// Stop at the first record that cannot be read, with exit code 1
    #[arg(long)]
    strict: bool,
    /// Exit with 1 when anything was detected
    #[arg(long)]
    fail_on_detection: bool,
    /// The largest record read
    #[arg(long, value_name = "BYTES", default_value_t = RunOptions::default().max_record)]
    max_record: usize,
    /// The most rows of one group before its rule is stopped
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().max_group_rows)]
    max_group_rows: usize,
    /// How many threads read events and show them; all cores by default
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().threads, hide_default_value = true,
        value_parser = threads)]
    threads: usize,
    /// Save what the first detecting rule found, with its events, as tests in NAME.test.yaml
    #[arg(long, value_name = "NAME")]
    save_test: Option<PathBuf>,
    /// Run again whenever a rule, list or event file changes
    #[arg(long)]
    watch: bool,
    /// Say more about the run: what each rule was asked and found, and its share of the time
    #[arg(long)]
    stats: bool,
}

/// The formats of the table of reports, with their help.
fn formats() -> impl TypedValueParser<Value = Format> {
    let values = report::FORMATS.iter().map(|row| PossibleValue::new(row.name).help(row.about));
    PossibleValuesParser::new(values).try_map(|name| report::find(&name).ok_or("unknown format"))
}

/// More threads than this only stand in each other's way.
const MAX_THREADS: usize = 512;

pub fn threads(text: &str) -> Result<usize, String> {
    let known = text.parse().ok().filter(|threads| (1..=MAX_THREADS).contains(threads));
    known.ok_or_else(|| format!("a number from 1 to {MAX_THREADS}"))
}

/// RFC 3339, or a day for its first moment in UTC.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let parsed = Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")));
    parsed.ok_or_else(|| "write a time as `2024-05-01T10:00:00Z`, or a day as `2024-05-01`".to_owned())
}

/// Runs the command.
pub fn run(mut args: RunArgs, colour: ColourWhen) -> Result<Outcome, Stop> {
    settle(&mut args)?;
    args.places.are_folders()?;
    if args.watch && args.save_test.is_some() {
        return Err(usage("--save-test saves once; it does not go with --watch"));
    }
    if !args.watch {
        return once(&args, colour);
    }
    watch::follow(|watched| {
        let read = [&args.rules, &args.events, &args.entities, &args.places.lists, &args.places.tables];
        read.into_iter().flatten().for_each(|path| watched.add(path));
        args.rules.iter().for_each(|rule| watched.add_beside(rule));
        args.output.iter().for_each(|path| watched.leave_out(path));
        once(&args, colour)
    })
}

fn once(args: &RunArgs, colour: ColourWhen) -> Result<Outcome, Stop> {
    let rules = rules::load_all(&args.rules, &args.searches)?;
    let mut ready = prepare(&rules, args, colour);
    if args.format.name == "csv" && !ready.plans.is_empty() {
        return Err(Stop::Cannot(
            "`--format csv` shows the rows of searches; detections are no rows".to_owned(),
        ));
    }
    if ready.plans.is_empty() && ready.queries.is_empty() {
        note("no rule is left to run; no event was read");
        return Ok(Outcome::No);
    }
    let output = Output::open(args.output.as_deref())?;
    let events = events::expand(&args.entities, &args.events);
    let infos: Vec<RuleInfo> = ready.plans.iter().map(|plan| plan.info.clone()).collect();
    let (mut run, elapsed) = timed(&mut ready, &events, args);
    let failures = failures(&mut run, events);
    let folders = (args.places.lists.as_slice(), args.places.tables.as_slice());
    let saving = Saving { name: args.save_test.as_deref(), folders, now: args.now };
    let saved = saving.save(&infos, &mut run, args.samples)?;
    if run.summary.reading.strict_stop.is_none() {
        let (detections, results) = (&run.detections, &run.results);
        let (width, threads) = (width(), args.threads);
        let found = report::Found { rules: &infos, detections, results, width, threads };
        output.write(|out| report::write(args.format, out, &found))?;
    }
    let detail = if args.stats { Detail::Full } else { Detail::Short };
    summary::tell(&run, &args.events, elapsed, detail);
    saved.iter().for_each(|line| note(line));
    Ok(if failures > 0 { Outcome::Failed } else { answer(&run, args, ready.skipped) })
}

/// The run itself, with the time it took.
fn timed(ready: &mut Ready, events: &Events, args: &RunArgs) -> (Run, Duration) {
    let started = Instant::now();
    let program = Program { plans: &ready.plans, queries: &ready.queries };
    if !args.strict {
        crate::plan::drop_early(program.all(), &mut ready.wanted);
    }
    let watch = progress::Watch::start(&events.inputs);
    let options = RunOptions { progress: watch.progress(), ..options(args) };
    let run = crate::exec::run_all(&program, &ready.wanted, &events.inputs, &options);
    drop(watch);
    (run, started.elapsed())
}

/// Where everything could be read: did each rule run to its end, and was no detection unwelcome?
fn answer(run: &Run, args: &RunArgs, skipped: usize) -> Outcome {
    let strict_stop = run.summary.reading.strict_stop.is_some();
    let refused = skipped > 0 || strict_stop || !run.summary.stopped.is_empty();
    let unwanted = args.fail_on_detection && !strict_stop && !run.detections.is_empty();
    if refused || unwanted { Outcome::No } else { Outcome::Done }
}

/// Tells RULES from EVENTS, and refuses to wait for somebody to type events.
fn settle(args: &mut RunArgs) -> Result<(), Stop> {
    if let Some(first) = args.first.take() {
        if args.rules.is_empty() && args.searches.is_empty() {
            args.rules.push(first)
        } else {
            args.events.insert(0, first)
        }
    }
    let stdin = args.events.is_empty() || args.events.iter().any(|path| path.as_os_str() == "-");
    if stdin && args.watch {
        return Err(usage("--watch needs event files or folders; standard input can be read only once"));
    }
    if args.events.is_empty() && io::stdin().is_terminal() {
        return Err(usage("no EVENTS given and standard input is a terminal; name event files or folders"));
    }
    Ok(())
}

fn usage(message: &str) -> Stop {
    let command = RunArgs::augment_args(clap::Command::new("yaral run"));
    Stop::Usage({ command }.error(clap::error::ErrorKind::MissingRequiredArgument, message))
}

/// Paths that were not there come before files that turned out not to be readable.
fn failures(run: &mut Run, events: Events) -> usize {
    let found = std::mem::take(&mut run.summary.reading.failures);
    run.summary.reading.failures = events.failures.into_iter().chain(found).collect();
    run.summary.reading.failures.len()
}

fn options(args: &RunArgs) -> RunOptions {
    RunOptions {
        windows: if args.all_windows { Windows::All } else { Windows::Covering },
        samples: if args.save_test.is_some() { usize::MAX } else { args.samples },
        damage: if args.strict { Damage::Fatal } else { Damage::Counted },
        now: args.now.unwrap_or_else(present),
        max_record: args.max_record,
        since: args.since,
        until: args.until,
        max_group_rows: args.max_group_rows,
        threads: args.threads,
        progress: None,
        tallying: if args.stats { Tallying::On } else { Tallying::Off },
    }
}

pub(super) fn present() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Rules that can run, and how many cannot.
#[derive(Default)]
struct Ready {
    plans: Vec<Plan>,
    /// Searches, likewise.
    queries: Vec<Query>,
    /// The fields they read.
    wanted: Wanted,
    skipped: usize,
    warnings: usize,
    /// Why those that cannot run do not.
    causes: Vec<Diagnostic>,
    /// The same in a line each.
    notes: Vec<String>,
}

/// Checks and compiles every rule; says what is wrong with those that cannot run, and of warnings only how many.
fn prepare(rules: &Rules, args: &RunArgs, colour: ColourWhen) -> Ready {
    let mut ready = Ready::default();
    let folding = if args.case_sensitive { Folding::Exact } else { Folding::Folded };
    let checked = spread::each(&rules.files, |file| doors::check(&file.parsed.file));
    for (file, found) in rules.files.iter().zip(checked) {
        let name = rules.sources.get(file.source).map_or("", |source| source.name.as_str());
        prepare_file(&mut ready, (file, found), name, (&args.places.folders(&file.root), folding));
    }
    if !ready.causes.is_empty() {
        let text = doors::render_text(&rules.sources, &ready.causes, colour.on(&io::stderr()), width());
        note(text.trim_end());
    }
    ready.notes.iter().for_each(|line| warning(line));
    if ready.warnings > 0 {
        note(&format!("{} in the rules; `yaral check` shows them", counted(ready.warnings, "warning")));
    }
    ready
}

/// `checked` is what is wrong with the file beyond its form.
fn prepare_file(
    ready: &mut Ready,
    (file, checked): (&RuleFile, Vec<Diagnostic>),
    name: &str,
    how: (&ListFolders, Folding),
) {
    let mut found = file.parsed.diagnostics.clone();
    found.extend(checked);
    ready.warnings += count(&found, Severity::Warning);
    let mut errors: Vec<Diagnostic> = found.into_iter().filter(Diagnostic::is_error).collect();
    for unit in &file.parsed.file.units {
        match unit {
            Unit::Rule(rule) => prepare_rule(ready, &mut errors, rule, (name, how.0)),
            Unit::Search(search) => prepare_search(ready, &mut errors, search, (name, how)),
        }
    }
    // What is left stands in no rule: the rules around it are sound, but the file is not.
    if !errors.is_empty() {
        ready.skipped += 1;
        ready.causes.append(&mut errors);
    }
}

/// Takes the errors of `rule` out of `errors`; a rule without any is compiled.
fn prepare_rule(
    ready: &mut Ready,
    errors: &mut Vec<Diagnostic>,
    rule: &Rule,
    (file, folders): (&str, &ListFolders),
) {
    let mut causes: Vec<Diagnostic> =
        errors.extract_if(.., |found| doors::within(found.label.span, rule.span.0)).collect();
    causes.extend(doors::unsupported(rule));
    if causes.is_empty() && !rule.broken {
        match doors::compile(rule, file, folders, &mut ready.wanted) {
            Ok(plan) => return ready.plans.push(plan),
            Err(found) => causes = found,
        }
    }
    ready.skipped += 1;
    ready.notes.push(format!("rule `{}` in `{file}` is not run: {}", rule.name.node, why(&causes)));
    ready.causes.append(&mut causes);
}

/// A search is a whole file, so any error of the file is its own.
fn prepare_search(
    ready: &mut Ready,
    errors: &mut Vec<Diagnostic>,
    search: &Search,
    (file, how): (&str, (&ListFolders, Folding)),
) {
    let mut causes = std::mem::take(errors);
    causes.extend(doors::unsupported_search(search));
    let name = Path::new(file).file_stem().map_or(file.into(), |stem| stem.to_string_lossy());
    if causes.is_empty() {
        match doors::compile_search(search, (&name, file), how, &mut ready.wanted) {
            Ok(query) => return ready.queries.push(query),
            Err(found) => causes = found,
        }
    }
    ready.skipped += 1;
    ready.notes.push(format!("search `{file}` is not run: {}", why(&causes)));
    ready.causes.append(&mut causes);
}

fn why(causes: &[Diagnostic]) -> String {
    match (count(causes, Severity::Error), causes.first()) {
        (0, Some(first)) => first.message.clone(),
        (0, None) => "it could not be read".to_owned(),
        (errors, _) => counted(errors, "error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rfc_3339_or_a_day() {
        assert_eq!(time("1970-01-01T00:00:01Z").unwrap(), Timestamp(1_000_000_000));
        assert_eq!(time("1970-01-02").unwrap(), Timestamp(86_400_000_000_000));
        assert!(time("yesterday").unwrap_err().contains("2024-05-01T10:00:00Z"));
    }
}
