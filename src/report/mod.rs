//! How detections are shown: a table of formats, one function each.

mod html;
pub(crate) mod markup;
mod ndjson;
mod picked;
mod rows;
mod spread;
mod text;
mod variable;

use std::io::{self, Write};

use crate::exec::detection::{Detection, RuleInfo};
use crate::exec::query::Results;

/// What there is to show.
#[derive(Debug, Clone, Copy)]
pub struct Found<'f> {
    /// The rules; a detection names its rule by its place among them.
    pub rules: &'f [RuleInfo],
    /// What they detected.
    pub detections: &'f [Detection],
    /// What searches found.
    pub results: &'f [Results],
    /// How many characters a line may have.
    pub width: usize,
    /// How many threads may make them ready; what is written is the same for any number.
    pub threads: usize,
}

impl<'f> Found<'f> {
    /// The name of a search, where it must be told from others.
    fn name(&self, results: &'f Results) -> Option<&'f str> {
        (self.results.len() > 1 || !self.rules.is_empty()).then_some(results.name.as_str())
    }
}

type Writer = fn(&mut dyn Write, &Found<'_>) -> io::Result<()>;

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
    Report { name: "csv", about: "the rows of searches, separated by commas", body: csv },
    Report { name: "json", about: "one JSON array of the same objects", body: ndjson::write_array },
    Report { name: "html", about: "one page that needs no other file", body: html::write },
];

/// The format of this name.
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().find(|row| row.name == name)
}

/// Writes all there is, in the order given.
///
/// # Errors
/// What the writer gives.
pub fn write(format: Format, out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    (format.body)(out, found)
}

/// Detections are no rows; a run that may have any does not come here.
fn csv(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    found.results.iter().try_for_each(|results| rows::csv(out, results))
}

pub use ndjson::source_json;
pub use text::{escape, position};
