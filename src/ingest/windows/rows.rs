//! The rows of the mapping files: which raw field goes to which UDM path, and how.
//!
//! A row is `ids | raw | path | transform | source | when`; `when` may be left out. `map/README.md` has the details.

use super::record::System;
use super::transform::{self, Transform};

/// The mapping files, in the order in which their rows are tried within one event kind.
const FILES: [&str; 4] = [
    include_str!("map/sysmon.txt"),
    include_str!("map/security.txt"),
    include_str!("map/other.txt"),
    include_str!("map/common.txt"),
];

/// The provider that stands for all of them.
pub(super) const EVERY_PROVIDER: &str = "*";

/// Where a row takes its value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw {
    /// `=PROCESS_LAUNCH`
    Constant(&'static str),
    /// `@Computer`
    System(System),
    /// `CommandLine`
    Data(&'static str),
}

/// What must hold for a row to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// `ObjectType=File,Key`, in any case
    Is(Vec<&'static str>),
    /// `Status!=0x0`, for a value that is there
    Not(Vec<&'static str>),
    /// `EventType^=Create`, in any case
    Starts(&'static str),
}

impl Test {
    /// Whether a value that is there passes.
    pub(super) fn holds(&self, value: &str) -> bool {
        match self {
            Test::Is(wanted) => wanted.iter().any(|one| one.eq_ignore_ascii_case(value)),
            Test::Not(others) => !others.iter().any(|one| one.eq_ignore_ascii_case(value)),
            Test::Starts(start) => {
                value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
            }
        }
    }
}

/// One step of a UDM path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) then: Then,
}

/// How a step goes on from the field it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// `hostname`
    Plain,
    /// `security_result[0]`
    At(usize),
    /// `ip[]`: each value is an element, or makes one
    Each,
    /// `labels["SubjectLogonId"]`
    Key(&'static str),
}

/// One row of a mapping file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) provider: &'static str,
    /// The event ids it holds for; none for every id.
    pub(super) ids: Vec<u32>,
    pub(super) raw: Raw,
    pub(super) path: Vec<Step>,
    /// The path as the file has it.
    pub(super) written_path: &'static str,
    pub(super) transform: &'static Transform,
    pub(super) argument: &'static str,
    /// The letter of where the row comes from.
    pub(super) source: &'static str,
    pub(super) when: Option<(Raw, Test)>,
}

/// All rows; a line that cannot be read is given back as it stands.
pub(super) fn rows() -> impl Iterator<Item = Result<Row, &'static str>> {
    FILES.into_iter().flat_map(file_rows)
}

/// The rows of one file: a `provider NAME; NAME` line holds for the rows below it.
fn file_rows(file: &'static str) -> Vec<Result<Row, &'static str>> {
    let mut providers: Vec<&'static str> = Vec::new();
    let mut found = Vec::new();
    for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(names) = line.strip_prefix("provider ") {
            providers = names.split(';').map(str::trim).collect();
            continue;
        }
        found.extend(providers.iter().map(|provider| row(provider, line).ok_or(line)));
        if providers.is_empty() {
            found.push(Err(line));
        }
    }
    found
}

fn row(provider: &'static str, line: &'static str) -> Option<Row> {
    let mut columns = line.split('|').map(str::trim);
    let ids = event_ids(columns.next()?)?;
    let raw = raw(columns.next()?)?;
    let written_path = columns.next()?;
    let path = path(written_path)?;
    let written = columns.next()?;
    let (name, argument) = written.split_once(':').unwrap_or((written, ""));
    let transform = transform::find(name)?;
    // Quotes keep a space at an end.
    let argument = argument.trim_matches('"');
    let source = columns.next().filter(|source| matches!(*source, "D" | "R" | "M" | "I"))?;
    let when = columns.next().map(condition);
    if when == Some(None) || columns.next().is_some() {
        return None;
    }
    Some(Row { provider, ids, raw, path, written_path, transform, argument, source, when: when.flatten() })
}

fn event_ids(written: &str) -> Option<Vec<u32>> {
    if written == "*" {
        return Some(Vec::new());
    }
    written.split(',').map(|id| id.trim().parse().ok()).collect()
}

fn raw(written: &'static str) -> Option<Raw> {
    if let Some(constant) = written.strip_prefix('=') {
        return Some(Raw::Constant(constant));
    }
    if let Some(name) = written.strip_prefix('@') {
        return System::of_row(name).map(Raw::System);
    }
    (!written.is_empty()).then_some(Raw::Data(written))
}

fn condition(written: &'static str) -> Option<(Raw, Test)> {
    let (left, values) = written.split_once('=')?;
    if let Some(field) = left.strip_suffix('!') {
        return Some((raw(field)?, Test::Not(values.split(',').collect())));
    }
    if let Some(field) = left.strip_suffix('^') {
        return Some((raw(field)?, Test::Starts(values)));
    }
    Some((raw(left)?, Test::Is(values.split(',').collect())))
}

/// Splits `security_result[0].detection_fields["ActivityID"]`; keys may hold dots and spaces.
fn path(written: &'static str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = written;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        let (then, after) = then(after)?;
        steps.push(Step { name, then });
        if after.is_empty() {
            return (!name.is_empty()).then_some(steps);
        }
        rest = after.strip_prefix('.')?;
    }
}

fn then(rest: &'static str) -> Option<(Then, &'static str)> {
    if let Some(after) = rest.strip_prefix("[]") {
        return Some((Then::Each, after));
    }
    if let Some(quoted) = rest.strip_prefix("[\"") {
        let (key, after) = quoted.split_once("\"]")?;
        return Some((Then::Key(key), after));
    }
    if let Some(index) = rest.strip_prefix('[') {
        let (index, after) = index.split_once(']')?;
        return Some((Then::At(index.parse().ok()?), after));
    }
    Some((Then::Plain, rest))
}
