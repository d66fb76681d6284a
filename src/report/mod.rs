//! How detections are shown: a table of formats, one function each.

mod ndjson;
mod text;
mod variable;

use std::io::{self, Write};

use crate::exec::detection::{Detection, RuleInfo};

/// Writes detections; a detection names its rule by its place in the rules.
type Writer = fn(&mut dyn Write, &[RuleInfo], &[Detection]) -> io::Result<()>;

/// A row of the table of formats.
#[derive(Debug)]
pub struct Report {
    /// The word after `--format`.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    body: Writer,
}

/// A format, by its row.
pub type Format = &'static Report;

/// Every format; the first is the default.
pub static FORMATS: &[Report] = &[
    Report { name: "text", about: "for people", body: text::write },
    Report { name: "ndjson", about: "one JSON object a line", body: ndjson::write_lines },
    Report { name: "json", about: "one JSON array of the same objects", body: ndjson::write_array },
];

/// The format of this name.
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().find(|row| row.name == name)
}

/// Writes all detections, in the order given.
///
/// # Errors
/// What the writer gives.
pub fn write(
    format: Format,
    out: &mut dyn Write,
    rules: &[RuleInfo],
    detections: &[Detection],
) -> io::Result<()> {
    (format.body)(out, rules, detections)
}

pub use ndjson::source_json;
pub use text::{escape, position};
