//! `yaral explain`: what a rule or a search looks for, and why a rule did or did not report events.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::doors::{self, Plan, Written};
use super::events;
use super::output::Output;
use super::places::Places;
use super::rules::{self, RuleFile, Rules};
use super::run::{present, time};
use super::summary::{damaged, inputs};
use super::{ColourWhen, Outcome, Stop, error, note, warning, width};
use crate::diag::Diagnostic;
use crate::exec::options::RunOptions;
use crate::exec::trace::{self, Choice, Trace};
use crate::explain::Form;
use crate::explain::page::{self, Catalog, Page};
use crate::explain::why::{self, Explained};
use crate::ingest::wanted::Wanted;
use crate::schema::{self, Root};
use crate::syntax::ast::{Expr, ExprKind, Literal, Rule, Stmt, Unit};
use crate::syntax::print::quote;
use crate::text::Sources;
use crate::value::Timestamp;
use crate::value::operators::CompareOp;

const EXAMPLES: &str = "\
Examples:
  yaral explain rules/impacket_wmiexec_cisa_report.yaral
  yaral explain rule.yaral --format html -o rule.html
  yaral explain search.yaral
  yaral explain rule.yaral --catalog rules/
  yaral explain rule.yaral --event events.jsonl
  yaral explain rule.yaral --event capture.evtx --record 4711
  yaral explain rule.yaral --event capture.evtx --where 'metadata.product_event_type = 4688'";

/// The arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// A file of rules or a search, or a folder searched for *.yaral and *.yl2
    #[arg(value_name = "RULE")]
    rule: PathBuf,
    /// Say why the rule reports these events, or does not; files or folders, `-` is standard input
    #[arg(long, value_name = "EVENTS", num_args = 1..)]
    event: Vec<PathBuf>,
    /// Judge only the event of this line, EventRecordID or place in its array, as if there were no others
    #[arg(long, value_name = "N", requires = "event")]
    record: Option<u64>,
    /// Judge only events with this value in this field, as if there were no others
    #[arg(long = "where", value_name = "FIELD = VALUE", requires = "event", conflicts_with = "record")]
    only: Option<String>,
    /// Count how many other rules of this folder look for the same
    #[arg(long, value_name = "DIR", conflicts_with = "event")]
    catalog: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = FormArg::Text)]
    format: FormArg,
    /// Write to a file, replaced only when all is done
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    places: Places,
    /// A file with records of the entity graph, which are judged whatever is chosen
    #[arg(long, value_name = "FILE")]
    entities: Vec<PathBuf>,
    /// The time rules see as the present
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Timestamp>,
}

/// How an explanation is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// For people
    Text,
    /// One JSON array
    Json,
    /// One page that needs no other file
    Html,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Form {
        match form {
            FormArg::Text => Form::Text,
            FormArg::Json => Form::Json,
            FormArg::Html => Form::Html,
        }
    }
}

/// Runs the command.
pub fn explain(args: &ExplainArgs, colour: ColourWhen) -> Result<Outcome, Stop> {
    let rules = rules::load(std::slice::from_ref(&args.rule))?;
    if args.event.is_empty() { pages(args, &rules, colour) } else { why_not(args, &rules, colour) }
}

/// What the rules and searches look for. What has an error is explained as far as it was read, and told of.
fn pages(args: &ExplainArgs, rules: &Rules, colour: ColourWhen) -> Result<Outcome, Stop> {
    let catalog = args.catalog.as_ref().map(|folder| catalog(folder)).transpose()?;
    let (mut pages, mut found) = (Vec::new(), Vec::new());
    for file in &rules.files {
        let Some(source) = rules.sources.get(file.source) else { continue };
        let mut start = 0;
        for unit in &file.parsed.file.units {
            match unit {
                Unit::Rule(rule) => {
                    pages.push(Page::new(rule, source, start, catalog.as_ref()));
                    start = rule.span.0.end;
                }
                Unit::Search(search) => pages.push(Page::of_search(search, source, catalog.as_ref())),
            }
        }
        found.extend(errors(file));
    }
    if !found.is_empty() {
        let text = doors::render_text(&rules.sources, &found, colour.on(&io::stderr()), width());
        note(text.trim_end());
    }
    let is_lacking = pages.is_empty();
    let text = page::render(args.format.into(), &pages);
    Output::open(args.output.as_deref())?.write(|out| out.write_all(text.as_bytes()))?;
    Ok(if found.is_empty() && !is_lacking { Outcome::Done } else { Outcome::No })
}

/// What the rules of a folder look for.
fn catalog(folder: &Path) -> Result<Catalog, Stop> {
    let mut catalog = Catalog::default();
    for file in rules::load(&[folder.to_owned()])?.files {
        for unit in &file.parsed.file.units {
            if let Unit::Rule(rule) = unit {
                catalog.add(rule);
            }
        }
    }
    Ok(catalog)
}

/// Rules that can be judged.
#[derive(Default)]
struct Ready {
    plans: Vec<Plan>,
    written: Vec<Written>,
    wanted: Wanted,
    causes: Vec<Diagnostic>,
    skipped: usize,
}

fn why_not(args: &ExplainArgs, rules: &Rules, colour: ColourWhen) -> Result<Outcome, Stop> {
    let mut ready = prepare(rules, args);
    if !ready.causes.is_empty() {
        let text = doors::render_text(&rules.sources, &ready.causes, colour.on(&io::stderr()), width());
        note(text.trim_end());
    }
    if ready.plans.is_empty() {
        note("no rule is left to explain; no event was read");
        return Ok(Outcome::No);
    }
    let choice = choice(args, &mut ready.wanted)?;
    let output = Output::open(args.output.as_deref())?;
    let events = events::expand(&args.entities, &args.event);
    let options = RunOptions { now: args.now.unwrap_or_else(present), samples: 0, ..RunOptions::default() };
    let judged = (ready.plans.as_slice(), ready.written.as_slice());
    let trace = trace::trace(judged, &ready.wanted, &events.inputs, &options, &choice);
    let judged = ready.plans.iter().zip(&trace.rules);
    let explained = judged.map(|(plan, trace)| Explained { rule: &plan.info.name, trace });
    let explained: Vec<Explained<'_>> = explained.collect();
    let text = why::render(args.format.into(), &rules.sources, &explained, width());
    output.write(|out| out.write_all(text.as_bytes()))?;
    let failed = tell(args, &trace, &events.failures);
    let stopped = trace.rules.iter().any(|rule| rule.stopped.is_some());
    let lacking = ready.written.iter().any(|written| !written.missing.is_empty());
    Ok(match failed {
        true => Outcome::Failed,
        false if ready.skipped > 0 || stopped || lacking => Outcome::No,
        false => Outcome::Done,
    })
}

/// What was met besides the answer; gives whether something could not be read.
fn tell(args: &ExplainArgs, trace: &Trace, failures: &[(String, String)]) -> bool {
    let failures: Vec<_> = failures.iter().chain(&trace.reading.failures).collect();
    for (path, cause) in &failures {
        error(&format!("`{path}`: {cause}"));
    }
    trace.reading.damages.iter().for_each(|damage| warning(&damaged(damage)));
    if trace.reading.records == 0 && trace.reading.bad == 0 {
        warning(&format!("no events found in {}", inputs(&args.event)));
    } else if trace.chosen == 0 {
        let asked = match (&args.record, &args.only) {
            (Some(record), _) => format!("stands at line, record or place {record}"),
            (None, Some(only)) => format!("has {only}"),
            (None, None) => "was read".to_owned(),
        };
        warning(&format!("none of {} events {asked}", trace.reading.records));
    }
    !failures.is_empty()
}

fn prepare(rules: &Rules, args: &ExplainArgs) -> Ready {
    let mut ready = Ready::default();
    for file in &rules.files {
        let name = rules.sources.get(file.source).map_or("", |source| source.name.as_str());
        let errors = errors(file);
        for unit in &file.parsed.file.units {
            match unit {
                Unit::Rule(rule) => prepare_rule(&mut ready, (rule, &errors), (name, file), args),
                Unit::Search(_) => {
                    ready.skipped += 1;
                    error(&format!(
                        "`{name}` is a search, and `--event` explains rules only; `yaral explain` without it \
                         shows the page of the search, `yaral run` its rows"
                    ));
                }
            }
        }
        let inside = |found: &&Diagnostic| {
            let units = &file.parsed.file.units;
            units.iter().any(
                |unit| matches!(unit, Unit::Rule(rule) if super::doors::within(found.label.span, rule.span.0)),
            )
        };
        let outside: Vec<Diagnostic> = errors.iter().filter(|found| !inside(found)).cloned().collect();
        ready.skipped += usize::from(!outside.is_empty());
        ready.causes.extend(outside);
    }
    ready
}

/// The errors of a file.
fn errors(file: &RuleFile) -> Vec<Diagnostic> {
    let found = file.parsed.diagnostics.iter().cloned().chain(doors::check(&file.parsed.file));
    found.filter(Diagnostic::is_error).collect()
}

fn prepare_rule(
    ready: &mut Ready,
    (rule, errors): (&Rule, &[Diagnostic]),
    (name, file): (&str, &RuleFile),
    args: &ExplainArgs,
) {
    let own = errors.iter().filter(|found| super::doors::within(found.label.span, rule.span.0));
    let mut causes: Vec<Diagnostic> = own.cloned().chain(doors::unsupported(rule)).collect();
    if causes.is_empty() && !rule.broken {
        let folders = args.places.folders(&file.root);
        match doors::compile_written(rule, name, &folders, &mut ready.wanted) {
            Ok((plan, written)) => {
                ready.plans.push(plan);
                return ready.written.push(written);
            }
            Err(found) => causes = found,
        }
    }
    ready.skipped += 1;
    ready.causes.append(&mut causes);
}

fn choice(args: &ExplainArgs, wanted: &mut Wanted) -> Result<Choice, Stop> {
    match (&args.record, &args.only) {
        (Some(record), _) => Ok(Choice::Record(*record)),
        (None, Some(only)) if is_more_than_a_value(only) => Err(Stop::Cannot(format!(
            "`{only}` asks for more than one text: `--where` takes no pattern and no `nocase`; a value that looks like \
             them stands in quotes"
        ))),
        (None, Some(only)) => field_value(only, wanted).ok_or_else(|| {
            let example = "`--where 'metadata.product_event_type = \"4688\"'`";
            Stop::Cannot(format!(
                "`{only}` is no `FIELD = VALUE` with a field of UDM; write it as in {example}"
            ))
        }),
        (None, None) => Ok(Choice::All),
    }
}

/// `FIELD = VALUE` as a rule would write it; a value without quotes is text, too.
fn field_value(text: &str, wanted: &mut Wanted) -> Option<Choice> {
    let (field, value) = text.split_once('=')?;
    let field = field.trim().trim_end_matches('!');
    let written = parse(&format!("{field} = {}", value.trim()))
        .or_else(|| parse(&format!("{field} = {}", quote(value.trim()))))?;
    let ExprKind::Compare(test) = written.kind else { return None };
    let ExprKind::Field(mut field) = test.left.kind else { return None };
    if test.op.node != CompareOp::Eq || text.contains("!=") {
        return None;
    }
    field.variable = None;
    let info = schema::resolve(&field, Root::Udm).ok()?;
    let value = match test.right.as_literal() {
        Some(Literal::Text(text) | Literal::Raw(text)) => text.clone(),
        Some(Literal::Int(number)) => number.to_string(),
        Some(Literal::Float(number)) => number.to_string(),
        Some(Literal::Bool(truth)) => truth.to_string(),
        Some(Literal::Regex(_) | Literal::Null | Literal::Duration(_)) | None => value.trim().to_owned(),
    };
    Some(Choice::Where(wanted.field(&info)?, value))
}

/// Is it a test by a pattern, or without regard to case? An event is chosen by a value that it has, letter for letter.
fn is_more_than_a_value(text: &str) -> bool {
    let Some(Expr { kind: ExprKind::Compare(test), .. }) = parse(text) else { return false };
    test.nocase.is_some() || matches!(test.right.as_literal(), Some(Literal::Regex(_)))
}

/// The one statement of a text.
fn parse(text: &str) -> Option<Expr> {
    let mut sources = Sources::default();
    let source = sources.add("--where", text);
    let parsed = crate::syntax::parse(sources.get(source)?);
    let clean = !parsed.diagnostics.iter().any(Diagnostic::is_error);
    let unit = parsed.file.units.into_iter().next().filter(|_| clean);
    let Some(Unit::Search(search)) = unit else { return None };
    match search.root.events?.items.into_iter().next()? {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    }
}
