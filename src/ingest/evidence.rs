//! Evidence: the records of matching events, had again and shown in Google's spelling.

use super::sink::Origin;
use super::source::{Form, Position};
use super::spell::spell;
use super::windows::{Mapper, RecordReader};

/// Where an event stands in the input.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The path as given on the command line; standard input is `-`.
    pub path: String,
    /// Where in it.
    pub position: Position,
}

/// An event that is evidence.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The event in the spelling of Google's API.
    pub event: serde_json::Value,
    /// Where it stands.
    pub place: Place,
}

/// The event behind `origin`; `names` are those of the reading it comes from.
pub fn sample(origin: &Origin, names: &[String]) -> Sample {
    Sample { event: event(origin), place: place(origin, names) }
}

/// Where the event behind `origin` stands.
pub fn place(origin: &Origin, names: &[String]) -> Place {
    let path = names.get(origin.input as usize).cloned().unwrap_or_default();
    Place { path, position: origin.position }
}

fn event(origin: &Origin) -> serde_json::Value {
    let mapped;
    let bytes = match origin.form {
        Form::Udm => &*origin.raw,
        Form::Windows => {
            mapped = map(&origin.raw);
            mapped.as_slice()
        }
    };
    let text = String::from_utf8_lossy(bytes);
    // What the lazy reader passed over may not be valid JSON; the record is then shown as the text it is.
    serde_json::from_str(&text).map_or_else(|_| serde_json::Value::String(text.into_owned()), spell)
}

fn map(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(record) = RecordReader::default().read(raw) {
        Mapper::new(&|_| true).map(&record, &mut out);
    }
    out
}
