//! `yaral check`: what is wrong with rules.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::output::Output;
use super::rules::{self, RuleFile, Rules};
use super::{ColourWhen, Outcome, Stop, counted, doors, note, width};
use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::syntax::ast::Unit;

const EXAMPLES: &str = "\
Examples:
  yaral check rules/
  yaral check rules/ --deny warnings --format json
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
    /// Exit with 1 on warnings, too
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
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
    let rules = rules::load(&args.paths)?;
    let found: Vec<Diagnostic> = rules.files.iter().flat_map(diagnose).collect();
    print(args.format, &rules, &found, colour)?;
    let (errors, warnings) = (count(&found, Severity::Error), count(&found, Severity::Warning));
    note(&summary(&rules, errors, warnings));
    let denied = args.deny == Some(Deny::Warnings) && warnings > 0;
    Ok(if errors > 0 || denied { Outcome::No } else { Outcome::Done })
}

/// Everything found in a file, in the order of the text.
fn diagnose(file: &RuleFile) -> Vec<Diagnostic> {
    let mut found = file.parsed.diagnostics.clone();
    found.extend(doors::check(&file.parsed.file));
    found.sort_by_key(|one| (one.label.span.start, one.label.span.end));
    found
}

fn print(format: CheckFormat, rules: &Rules, found: &[Diagnostic], colour: ColourWhen) -> Result<(), Stop> {
    let text = match format {
        CheckFormat::Text => doors::render_text(&rules.sources, found, colour.on(&io::stdout()), width()),
        CheckFormat::Json => doors::render_json(&rules.sources, found).trim_end().to_owned() + "\n",
    };
    Output::Stdout.write(|out| out.write_all(text.as_bytes()))
}

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
