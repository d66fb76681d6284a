//! `yaral completions`: a script that lets a shell complete commands and options.

use clap::{Args, Command};
use clap_complete::Shell;

use super::output::Output;
use super::{Outcome, Stop};

const EXAMPLES: &str = "\
Examples:
  yaral completions bash > ~/.local/share/bash-completion/completions/yaral
  yaral completions zsh > ~/.zfunc/_yaral
  yaral completions fish > ~/.config/fish/completions/yaral.fish";

/// The arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command.
pub fn completions(args: &CompletionsArgs, command: &mut Command) -> Result<Outcome, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "yaral", &mut script);
    Output::Stdout.write(|out| out.write_all(&script))?;
    Ok(Outcome::Done)
}
