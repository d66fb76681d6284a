//! How a record became its event: which row of the mapping made what of which value, and what no row used.

use super::record::{RawRecord, System};
use super::rows::{EVERY_PROVIDER, Raw, Row, Test, Then, rows};
use super::transform::Values;

/// What one row made of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The raw field, or nothing for a constant.
    pub raw: String,
    /// The UDM path as the mapping has it.
    pub path: &'static str,
    /// The value that was written.
    pub value: String,
    /// Where the row comes from.
    pub source: Provenance,
}

/// Where a row of the mapping comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// Google's documentation.
    Documented,
    /// A rule that Google publishes works only so.
    Shown,
    /// Memory of Google's field map.
    Remembered,
    /// The meaning of the UDM field.
    Inferred,
}

impl Provenance {
    /// The letter that mapping rows have.
    pub fn letter(self) -> char {
        match self {
            Provenance::Documented => 'D',
            Provenance::Shown => 'R',
            Provenance::Remembered => 'M',
            Provenance::Inferred => 'I',
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Provenance::Documented => "documented",
            Provenance::Shown => "shown by a rule",
            Provenance::Remembered => "remembered",
            Provenance::Inferred => "inferred",
        }
    }

    fn of(letter: &str) -> Provenance {
        match letter {
            "D" => Provenance::Documented,
            "R" => Provenance::Shown,
            "M" => Provenance::Remembered,
            _ => Provenance::Inferred,
        }
    }
}

/// How a record became its event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What was written, row by row.
    pub steps: Vec<Step>,
    /// Values that no row made anything of; they stand in `additional` under these names.
    pub left: Vec<(String, String)>,
}

/// Explains one record.
pub fn explain(record: &RawRecord<'_>) -> Explanation {
    let rows: Vec<Row> = rows().filter_map(Result::ok).collect();
    let mut explanation = Explanation::default();
    let mut used = vec![false; record.len()];
    let mut values = Values::default();
    for row in applicable(&rows, record) {
        apply(row, record, &mut values);
        let made = values.first().is_some();
        if let (Raw::Data(name), true) = (row.raw, made) {
            record.position(name).and_then(|at| used.get_mut(at)).into_iter().for_each(|used| *used = true);
        }
        write(row, &values, &mut explanation);
    }
    let places = used.iter().enumerate().filter(|(_, used)| !**used).map(|(at, _)| at);
    let first = places.filter(|at| record.name(*at).and_then(|name| record.position(name)) == Some(*at));
    let left = first.filter_map(|at| Some((record.name(at)?.to_owned(), record.value(at)?.to_owned())));
    explanation.left = left.collect();
    explanation
}

/// The rows for a record, those that win first.
fn applicable<'r>(rows: &'r [Row], record: &RawRecord<'_>) -> Vec<&'r Row> {
    let (provider, id) = (record.provider(), record.event_id());
    let own =
        rows.iter().filter(|row| row.provider == provider && id.is_some_and(|id| row.ids.contains(&id)));
    let general = rows.iter().filter(|row| row.provider == provider && row.ids.is_empty());
    let common = rows.iter().filter(|row| row.provider == EVERY_PROVIDER && provider != EVERY_PROVIDER);
    own.chain(general).chain(common).collect()
}

fn get<'r>(record: &RawRecord<'r>, raw: Raw) -> Option<&'r str> {
    match raw {
        Raw::Constant(text) => Some(text),
        Raw::System(field) => record.system(field),
        Raw::Data(name) => record.get(name),
    }
}

fn apply(row: &Row, record: &RawRecord<'_>, values: &mut Values) {
    values.clear();
    let Some(value) = get(record, row.raw) else { return };
    let holds = row
        .when
        .as_ref()
        .is_none_or(|(raw, test): &(Raw, Test)| get(record, *raw).is_some_and(|value| test.holds(value)));
    if holds {
        (row.transform.body)(value, row.argument, values);
    }
}

/// A list takes all that is made for it, anything else only what comes first.
fn write(row: &Row, values: &Values, explanation: &mut Explanation) {
    let is_list = row.path.iter().any(|step| step.then == Then::Each);
    if !is_list && explanation.steps.iter().any(|step| step.path == row.written_path) {
        return;
    }
    let taken = if is_list { usize::MAX } else { 1 };
    let steps = values.iter().take(taken).map(|value| Step {
        raw: raw_name(row.raw),
        path: row.written_path,
        value: value.to_owned(),
        source: Provenance::of(row.source),
    });
    explanation.steps.extend(steps);
}

fn raw_name(raw: Raw) -> String {
    match raw {
        Raw::Constant(_) => String::new(),
        Raw::System(field) => System::name(field).to_owned(),
        Raw::Data(name) => name.to_owned(),
    }
}
