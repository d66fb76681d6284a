//! Patterns as RE2 reads them, run by the Rust `regex` crate.

/// A pattern, checked.
#[derive(Debug)]
pub struct Pattern;
