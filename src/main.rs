//! The program: arguments to calls, outcomes to exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    yaral::cli::main(std::env::args_os()).into()
}
