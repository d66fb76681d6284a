//! Evidence: the raw records of matching events, shown again in Google's spelling.

use std::rc::Rc;

use super::detection::{Place, Sample};
use crate::ingest::source::{Form, Position};
use crate::ingest::spell::spell;
use crate::ingest::windows::{Mapper, RecordReader};

/// The raw record of a matching event.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) path: Rc<str>,
    pub(super) position: Position,
    pub(super) form: Form,
    pub(super) raw: Box<[u8]>,
}

impl Held {
    /// The event as Google's API would show it.
    pub(super) fn sample(&self) -> Sample {
        let place = Place { path: self.path.to_string(), position: self.position };
        Sample { event: self.event(), place }
    }

    fn event(&self) -> serde_json::Value {
        let mapped;
        let bytes = match self.form {
            Form::Udm => &*self.raw,
            Form::Windows => {
                mapped = map(&self.raw);
                mapped.as_slice()
            }
        };
        let text = String::from_utf8_lossy(bytes);
        // What the lazy reader passed over may not be valid JSON; the record is then shown as the text it is.
        serde_json::from_str(&text).map_or_else(|_| serde_json::Value::String(text.into_owned()), spell)
    }
}

fn map(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(record) = RecordReader::default().read(raw) {
        Mapper::new(&|_| true).map(&record, &mut out);
    }
    out
}
