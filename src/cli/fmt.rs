//! `yaral fmt`: rules in one layout.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;

use super::output::Output;
use super::rules::{self, RuleFile, Rules};
use super::{ColourWhen, Outcome, Stop, counted, doors, error, note, width};
use crate::diag::Diagnostic;
use crate::text::Source;

const EXAMPLES: &str = "\
Examples:
  yaral fmt rules/
  yaral fmt rules/ --check
  yaral fmt - < draft.yaral";

/// The arguments of `fmt`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct FmtArgs {
    /// Rule files, or folders searched for *.yaral and *.yl2; `-` is standard input, written to standard output
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Write nothing, name the files that differ, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing, show what would change
    #[arg(long)]
    diff: bool,
}

/// What becomes of a file in another layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Rewrite,
    Name,
    Show,
    ShowAndFail,
}

impl FmtArgs {
    fn mode(&self) -> Mode {
        match (self.check, self.diff) {
            (false, false) => Mode::Rewrite,
            (true, false) => Mode::Name,
            (false, true) => Mode::Show,
            (true, true) => Mode::ShowAndFail,
        }
    }
}

/// How many files came out in each way.
#[derive(Debug, Default)]
struct Tally {
    changed: usize,
    unchanged: usize,
    broken: Vec<Diagnostic>,
    left: usize,
    bugs: usize,
}

/// Runs the command.
pub fn fmt(args: &FmtArgs, colour: ColourWhen) -> Result<Outcome, Stop> {
    let stdin = Path::new("-");
    if args.paths.len() > 1 && args.paths.iter().any(|path| path == stdin) {
        return Err(Stop::Cannot("`-` stands alone: give it no other path".to_owned()));
    }
    let from_stdin = args.paths.first().is_some_and(|path| path == stdin);
    let rules = if from_stdin { rules::from_stdin()? } else { rules::load(&args.paths)? };
    let mut tally = Tally::default();
    for file in &rules.files {
        one(&rules, file, args.mode(), &mut tally)?;
    }
    let shown = doors::render_text(&rules.sources, &tally.broken, colour.on(&io::stderr()), width());
    if !tally.broken.is_empty() {
        note(shown.trim_end());
    }
    // What an editor pipes through needs no word about it.
    if !from_stdin {
        note(&summary(args.mode(), &tally));
    }
    Ok(outcome(args.mode(), &tally))
}

fn one(rules: &Rules, file: &RuleFile, mode: Mode, tally: &mut Tally) -> Result<(), Stop> {
    let Some(source) = rules.sources.get(file.source) else { return Ok(()) };
    match doors::format_parsed(source, &file.parsed) {
        Err(doors::LeftAlone::Errors(found)) => {
            tally.left += 1;
            tally.broken.extend(found);
        }
        Err(doors::LeftAlone::Changed) => {
            tally.bugs += 1;
            let name = &source.name;
            error(&format!(
                "this is a bug in yaral, please report it with the rule: `{name}` would mean something else, and is left alone"
            ));
        }
        Ok(text) => {
            let differs = text != source.text;
            *if differs { &mut tally.changed } else { &mut tally.unchanged } += 1;
            if differs || (file.path.is_none() && mode == Mode::Rewrite) {
                put(source, file.path.as_deref(), mode, &text)?;
            }
        }
    }
    Ok(())
}

fn put(source: &Source, path: Option<&Path>, mode: Mode, text: &str) -> Result<(), Stop> {
    match mode {
        Mode::Rewrite => Output::open(path)?.write(|out| out.write_all(text.as_bytes())),
        Mode::Name => Output::Stdout.write(|out| writeln!(out, "{}", source.name)),
        Mode::Show | Mode::ShowAndFail => {
            let diff = TextDiff::from_lines(source.text.as_str(), text);
            let shown = diff.unified_diff().header(&source.name, &source.name).to_string();
            Output::Stdout.write(|out| out.write_all(shown.as_bytes()))
        }
    }
}

fn summary(mode: Mode, tally: &Tally) -> String {
    let changed = match mode {
        Mode::Rewrite => "rewritten",
        Mode::Name | Mode::Show | Mode::ShowAndFail => "would change",
    };
    let left = match tally.left + tally.bugs {
        0 => String::new(),
        left => format!(", {left} left alone for errors"),
    };
    format!("{} {changed}, {} unchanged{left}", counted(tally.changed, "file"), tally.unchanged)
}

fn outcome(mode: Mode, tally: &Tally) -> Outcome {
    let fails = match mode {
        Mode::Name | Mode::ShowAndFail => tally.changed > 0,
        Mode::Rewrite | Mode::Show => false,
    };
    match (tally.bugs > 0, fails || tally.left > 0) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::No,
        (false, false) => Outcome::Done,
    }
}
