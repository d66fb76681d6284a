//! The program: arguments to calls, outcomes to exit codes.

fn main() {}
