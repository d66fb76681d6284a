//! `yaral man`: the manual, page by page, from the same definitions as `--help`.

use clap::{Args, Command};
use clap_mangen::Man;

use super::output::Output;
use super::{Outcome, Stop};

const EXAMPLES: &str = "\
Examples:
  yaral man > ~/.local/share/man/man1/yaral.1
  yaral man run > ~/.local/share/man/man1/yaral-run.1
  yaral man test | man -l -";

/// The arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ManArgs {
    /// The command the page is of; without it the page is of the whole program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Runs the command.
pub fn man(args: &ManArgs, program: Command) -> Result<Outcome, Stop> {
    // Pages refer to each other by their full names, which clap gives only to a program that was built.
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => page_of(&program, name)?,
    };
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = Man::new(page).source(concat!("yaral ", env!("CARGO_PKG_VERSION"))).render(&mut text);
    Output::Stdout.write(|out| out.write_all(&text))?;
    Ok(Outcome::Done)
}

fn page_of(program: &Command, name: &str) -> Result<Command, Stop> {
    let unknown = || {
        let near = crate::schema::nearest(name, program.get_subcommands().map(Command::get_name));
        let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Stop::Cannot(format!("there is no command `{name}`{help}"))
    };
    program.find_subcommand(name).cloned().ok_or_else(unknown)
}
