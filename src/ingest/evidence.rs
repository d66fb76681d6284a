//! Evidence: the records of matching events, had again and shown in Google's spelling.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use super::record::Event;
use super::sink::{Bytes, Found, Origin};
use super::source::{Form, PlainFile, Position};
use super::spell::spell_message;
use super::windows::{FormReader, Mapper, evtx};
use crate::schema::Root;
use crate::value::Timestamp;

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
    let path = names.get(origin.input as usize).cloned().unwrap_or_default();
    Sample { event: event(origin), place: Place { path, position: origin.position } }
}

/// `null` where the record cannot be had again as it was.
fn event(origin: &Origin) -> serde_json::Value {
    let raw = match &origin.bytes {
        Bytes::Held(raw) => return shown(origin, raw),
        Bytes::File(file, start, len) => again(file, *start, *len),
        Bytes::Evtx(file, chunk, nth) => evtx_again(file, *chunk, *nth),
    };
    raw.map_or(serde_json::Value::Null, |raw| shown(origin, &raw))
}

fn shown(origin: &Origin, raw: &[u8]) -> serde_json::Value {
    match origin.form {
        Form::Udm => spelt(raw, origin.root, origin.time),
        Form::Windows => spelt(&map(raw), origin.root, origin.time),
    }
}

/// An event as it is read, in the spelling of Google's API; of a Windows record only what is wanted of it.
pub fn event_shown(event: &Event<'_>, found: &Found<'_>) -> serde_json::Value {
    let json = match found.form {
        Form::Udm => found.raw,
        Form::Windows => event.bytes,
    };
    spelt(json, found.root, found.time)
}

/// A record in the spelling of Google's API, with the time that what is around it gives it.
fn spelt(json: &[u8], root: Root, time: Option<Timestamp>) -> serde_json::Value {
    let text = String::from_utf8_lossy(json);
    // What the lazy reader passed over may not be valid JSON; the record is then shown as the text it is.
    let Ok(mut event) = serde_json::from_str::<serde_json::Value>(&text) else {
        return serde_json::Value::String(text.into_owned());
    };
    let metadata = event.get_mut("metadata").and_then(serde_json::Value::as_object_mut);
    if let (Some(time), Some(metadata)) = (time, metadata) {
        metadata.insert("eventTimestamp".to_owned(), time.to_rfc3339().into());
    }
    spell_message(message(root), event)
}

fn message(root: Root) -> &'static str {
    match root {
        Root::Udm => "Event",
        Root::Entity => "Entity",
        Root::Detection => "Collection",
    }
}

fn map(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(record) = FormReader::default().read(raw) {
        Mapper::new(&|_| true).map(&record, &mut out);
    }
    out
}

/// The file, where it is still what it was.
fn unchanged(known: &PlainFile) -> Option<File> {
    let file = File::open(&known.path).ok()?;
    let metadata = file.metadata().ok()?;
    (metadata.len() == known.len && metadata.modified().ok() == known.modified).then_some(file)
}

fn again(known: &PlainFile, start: u64, len: usize) -> Option<Vec<u8>> {
    let mut file = unchanged(known)?;
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut raw = vec![0; len];
    file.read_exact(&mut raw).ok()?;
    Some(raw)
}

fn evtx_again(known: &PlainFile, chunk: u64, nth: u64) -> Option<Vec<u8>> {
    let (mut seen, mut raw) = (0, None);
    let file = unchanged(known)?;
    let found = evtx::read_chunk(file, chunk, &mut |item| {
        if let evtx::EvtxItem::Record { json, .. } = item {
            seen += 1;
            if seen == nth {
                raw = Some(json.to_vec());
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    found.ok().and(raw)
}
