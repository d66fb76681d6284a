//! `yaral check`: what is wrong with rules.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::judge::{self, Report};
use super::mend::{self, Mended};
use super::output::Output;
use super::places::Places;
use super::rules::{self, RuleFile, Rules};
use super::settings::Settings;
use super::{ColourWhen, Outcome, Stop, counted, doors, note, width};
use crate::diag::{Code, Diagnostic, Severity, codes, short};
use crate::syntax::ast::Unit;
use crate::text::Sources;

const EXAMPLES: &str = "\
Examples:
  yaral check rules/
  yaral check rules/ --deny warnings --format github
  yaral check rules/ --format sarif > findings.sarif
  yaral check rules/ --diff
  yaral check --explain YC003";

/// The arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Rule files, or folders searched for *.yaral and *.yl2
    #[arg(value_name = "PATH", required_unless_present = "explain")]
    paths: Vec<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
    /// Report only these codes, or those that begin so: YC704, YC7
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave out these codes, or those that begin so
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Exit with 1 on warnings, too
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Report as errors what Google SecOps refuses and yaral can run
    #[arg(long)]
    google: bool,
    /// Make the corrections that are safe
    #[arg(long, conflicts_with = "diff")]
    fix: bool,
    /// Print the corrections that are safe, and change nothing; exits with 1 where there are any
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    places: Places,
    /// A file with entities; repeatable
    #[arg(long, value_name = "FILE")]
    entities: Vec<PathBuf>,
    /// Print the page of a diagnostic code
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
}

/// How diagnostics are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// Source excerpts for people
    Text,
    /// One JSON array
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub workflows
    Github,
}

/// What is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

/// Runs the command.
pub fn check(args: &CheckArgs, colour: ColourWhen) -> Result<Outcome, Stop> {
    if let Some(id) = &args.explain {
        return explain(id);
    }
    let settings = |root: &std::path::Path| Ok(args.over(Settings::nearest(root)?));
    args.over(Settings::default()).check().map_err(Stop::Cannot)?;
    let mut rules = rules::load(&args.paths)?;
    let mut report = judge::judge(&rules, settings)?;
    if args.diff {
        return Output::Stdout
            .write(|out| mend::diff(out, &rules, &report.found))
            .map(|()| if mend::is_mended(&rules, &report.found) { Outcome::No } else { Outcome::Done });
    }
    let mut mended = Mended::default();
    while args.fix && mended.passes < mend::MOST_PASSES && mend::fix(&rules, &report.found, &mut mended)? {
        rules = rules::load(&args.paths)?;
        report = judge::judge(&rules, settings)?;
    }
    print(args.format, &rules.sources, &report.found, colour)?;
    if args.fix {
        note(&mended.summary());
    }
    Ok(close(&rules, &report))
}

impl CheckArgs {
    /// The settings of a folder with what stands on the command line over them.
    fn over(&self, mut settings: Settings) -> Settings {
        let lists = [(&self.select, &mut settings.select), (&self.ignore, &mut settings.ignore)];
        for (given, set) in lists.into_iter().filter(|(given, _)| !given.is_empty()) {
            set.clone_from(given);
        }
        let folders = [
            (&self.places.lists, &mut settings.lists),
            (&self.places.tables, &mut settings.tables),
            (&self.entities, &mut settings.entities),
        ];
        for (given, set) in folders.into_iter().filter(|(given, _)| !given.is_empty()) {
            set.clone_from(given);
        }
        settings.google |= self.google;
        if let Some(Deny::Warnings) = self.deny {
            settings.deny = vec!["warnings".to_owned()];
        }
        settings
    }
}

fn print(
    format: CheckFormat,
    sources: &Sources,
    found: &[Diagnostic],
    colour: ColourWhen,
) -> Result<(), Stop> {
    let text = match format {
        CheckFormat::Text => doors::render_text(sources, found, colour.on(&io::stdout()), width()),
        CheckFormat::Json => doors::render_json(sources, found),
        CheckFormat::Sarif => doors::render_sarif(sources, found),
        CheckFormat::Github => doors::render_github(sources, found),
    };
    Output::Stdout.write(|out| out.write_all(text.as_bytes()))
}

/// The closing lines: rules that `run` would pass over, and the numbers of everything.
fn close(rules: &Rules, report: &Report) -> Outcome {
    let (errors, warnings) = (count(&report.found, Severity::Error), count(&report.found, Severity::Warning));
    for line in not_loaded(rules, &report.found) {
        note(&line);
    }
    note(&summary(rules, errors, warnings));
    if errors > 0 || report.denied { Outcome::No } else { Outcome::Done }
}

/// A line for each rule with an error: which, where, and the first reason.
fn not_loaded(rules: &Rules, found: &[Diagnostic]) -> Vec<String> {
    rules.files.iter().flat_map(|file| of_file(rules, file, found)).collect()
}

fn of_file(rules: &Rules, file: &RuleFile, found: &[Diagnostic]) -> Vec<String> {
    let Some(source) = rules.sources.get(file.source) else { return Vec::new() };
    let mut errors: Vec<&Diagnostic> =
        found.iter().filter(|one| one.is_error() && one.label.span.source == file.source).collect();
    errors.sort_by_key(|one| one.label.span.start);
    let mut lines = Vec::new();
    let mut outside = Vec::new();
    let mut rest = errors.as_slice();
    for unit in &file.parsed.file.units {
        let Unit::Rule(rule) = unit else { continue };
        let span = rule.span.0;
        let (before, on) = rest.split_at(rest.partition_point(|one| one.label.span.start < span.start));
        let (own, after) = on.split_at(on.partition_point(|one| one.label.span.start <= span.end));
        outside.extend_from_slice(before);
        lines.extend(not_loaded_line(&source.name, &format!("`{}`", rule.name.node), own));
        rest = after;
    }
    outside.extend_from_slice(rest);
    let search = file.parsed.file.units.iter().any(|unit| matches!(unit, Unit::Search(_)));
    let what = if search { "the search" } else { "a part outside of its rules" };
    lines.extend(not_loaded_line(&source.name, what, &outside));
    lines
}

fn not_loaded_line(file: &str, what: &str, errors: &[&Diagnostic]) -> Option<String> {
    let first = errors.first()?;
    let more = match errors.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Some(short(format!("not loaded: {what} in {file}: {}{more}", first.message)))
}

/// How many of this severity.
pub fn count(found: &[Diagnostic], severity: Severity) -> usize {
    found.iter().filter(|one| one.severity == severity).count()
}

fn summary(rules: &Rules, errors: usize, warnings: usize) -> String {
    let units = rules.files.iter().flat_map(|file| &file.parsed.file.units);
    let (mut plain, mut searches) = (0, 0);
    for unit in units {
        match unit {
            Unit::Rule(_) => plain += 1,
            Unit::Search(_) => searches += 1,
        }
    }
    let searches = match searches {
        0 => String::new(),
        1 => " and 1 search".to_owned(),
        many => format!(" and {many} searches"),
    };
    let files = counted(rules.files.len(), "file");
    let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
    format!("{}{searches} in {files}: {errors}, {warnings}", counted(plain, "rule"))
}

fn explain(id: &str) -> Result<Outcome, Stop> {
    let code = codes::find(id).ok_or_else(|| {
        Stop::Cannot(format!(
            "there is no code `{id}`; codes look like `YC003` and stand beside every diagnostic"
        ))
    })?;
    Output::Stdout.write(|out| page(out, code))?;
    Ok(Outcome::Done)
}

fn page(out: &mut dyn Write, code: &Code) -> io::Result<()> {
    writeln!(out, "{} ({}): {}\n\n{}", code.id, code.severity.name(), code.title, code.page)
}
