//! Rules and searches explained to people: what each looks for, and why a rule did or did not report.

pub mod page;
pub mod why;

/// A form of explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people, in a terminal.
    Text,
    /// One array.
    Json,
    /// One page that needs no other file.
    Html,
}
