//! The command line: what may be asked, and how the answer becomes an exit code.

mod check;
mod completions;
mod convert;
mod costs;
pub mod doors;
mod events;
mod explain;
mod fmt;
mod judge;
mod man;
mod mend;
mod output;
mod places;
mod progress;
mod rules;
mod run;
mod saved;
mod settings;
mod spread;
mod summary;
mod test;
mod walk;
mod watch;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use doors::Colour;

const EXAMPLES: &str = "\
Examples:
  yaral check rules/
  yaral run rules/ events.jsonl
  yaral run rules/ captures/ --format ndjson -o detections.ndjson
  zcat events.gz | yaral run rules/
  yaral test rules/
  yaral fmt rules/ --check
  yaral explain rule.yaral --event events.jsonl
  yaral convert Security.evtx";

/// Check and run YARA-L 2.0 rules, the detection language of Google SecOps, on your own machine
#[derive(Debug, Parser)]
#[command(name = "yaral", version, about, after_help = EXAMPLES, disable_help_subcommand = true)]
struct Cli {
    /// Colour: auto looks at the terminal and NO_COLOR
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColourWhen::Auto)]
    color: ColourWhen,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Parse, resolve and type-check rules
    Check(check::CheckArgs),
    /// Run rules over event files, print detections
    Run(Box<run::RunArgs>),
    /// What a rule looks for, or why it does or does not report events
    Explain(Box<explain::ExplainArgs>),
    /// Run the tests written for rules
    Test(test::TestArgs),
    /// Rewrite rules in one layout
    Fmt(fmt::FmtArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page of a command, or of the whole program
    Man(man::ManArgs),
    /// Turn events of any supported form into UDM, one JSON event a line
    Convert(convert::ConvertArgs),
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ColourWhen {
    Auto,
    Always,
    Never,
}

impl ColourWhen {
    fn on(self, stream: &impl anstream::stream::RawStream) -> Colour {
        let coloured = match self {
            ColourWhen::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
            ColourWhen::Always => true,
            ColourWhen::Never => false,
        };
        if coloured { Colour::On } else { Colour::Off }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The answer is no.
    No,
    /// It could not be carried out.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::No => ExitCode::from(1),
            Outcome::Failed => ExitCode::from(2),
        }
    }
}

/// Why a command stops early.
#[derive(Debug)]
enum Stop {
    /// It cannot be carried out; what to say of it.
    Cannot(String),
    /// The reader of our output has gone away, which is its right.
    Closed,
    /// The arguments do not go together.
    Usage(clap::Error),
}

impl Stop {
    /// Writing failed.
    fn writing(what: &str, error: &io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::Closed,
            _ => Stop::Cannot(format!("cannot write {what}: {error}")),
        }
    }
}

/// Runs the program.
pub fn main(args: impl IntoIterator<Item = OsString>) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match guarded(|| dispatch(cli)) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(Stop::Closed)) => Outcome::Done,
        Ok(Err(Stop::Usage(error))) => usage(&error),
        Ok(Err(Stop::Cannot(message))) => {
            error(&message);
            Outcome::Failed
        }
        Err(bug) => {
            error(&format!("this is a bug in yaral, please report it with the rule and the events: {bug}"));
            Outcome::Failed
        }
    }
}

fn dispatch(cli: Cli) -> Result<Outcome, Stop> {
    match cli.command {
        Command::Check(args) => check::check(&args, cli.color),
        Command::Run(args) => run::run(*args, cli.color),
        Command::Explain(args) => explain::explain(&args, cli.color),
        Command::Test(args) => test::test(&args, cli.color),
        Command::Fmt(args) => fmt::fmt(&args, cli.color),
        Command::Completions(args) => completions::completions(&args, &mut Cli::command()),
        Command::Man(args) => man::man(&args, Cli::command()),
        Command::Convert(args) => convert::convert(&args),
    }
}

/// Help and version count as done; everything else clap has to say is a mistake of use.
fn usage(error: &clap::Error) -> Outcome {
    // Who does not listen need not be told.
    let _ = error.print();
    if error.exit_code() == 0 { Outcome::Done } else { Outcome::Failed }
}

/// Runs `body`; a panic in it comes back as its message and place.
fn guarded<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    let message = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&message);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Ok(mut message) = heard.lock() {
            *message = info.to_string().replace('\n', " ");
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    panic::set_hook(before);
    result.map_err(|_| message.lock().map(|text| text.clone()).unwrap_or_default())
}

/// Says something on standard error. `eprintln` would panic where nobody listens.
fn note(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

fn warning(message: &str) {
    note(&format!("warning: {message}"));
}

fn error(message: &str) {
    note(&format!("error: {message}"));
}

/// `1 rule`, `2 rules`.
fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// How wide diagnostics may be.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(100).clamp(40, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_panic_becomes_one_line_with_its_place() {
        let bug = guarded(|| panic!("off by one")).unwrap_err();
        assert!(bug.contains("off by one") && bug.contains("mod.rs") && !bug.contains('\n'), "{bug}");
    }
}
