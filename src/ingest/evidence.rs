//! Evidence: the records of matching events, had again and shown in Google's spelling.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::held::{Block, Held};
use super::known::Known;
use super::mend::mended;
use super::record::Event;
use super::sink::{Bytes, Found, Origin};
use super::source::{Form, PlainFile, Position};
use super::spell::spell_message;
use super::windows::evtx::{self, EvtxItem};
use super::windows::{FormReader, Mapper};
use crate::schema::Root;
use crate::value::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Where an event stands in the input.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The path as given on the command line; standard input is `-`.
    pub path: String,
    /// Where in it.
    pub position: Position,
}

/// An event that is evidence. It is had again only when it is shown: as a value it is ten times the size of what says
/// where it stands, and a run may detect a hundred thousand times what a person looks at.
#[derive(Debug, Clone)]
pub struct Sample {
    body: Body,
    /// Where it stands.
    pub place: Place,
}

#[derive(Debug, Clone)]
enum Body {
    Value(Value),
    /// What cannot be had again once its file has changed comes with what is known of it.
    Origin(Origin, Option<Box<Known>>),
}

impl Sample {
    /// An event at hand.
    pub fn new(event: Value, place: Place) -> Sample {
        Sample { body: Body::Value(event), place }
    }

    /// The event in the spelling of Google's API; where its file has changed since it was read, what is known of it.
    pub fn event(&self) -> Value {
        match &self.body {
            Body::Value(event) => event.clone(),
            Body::Origin(origin, known) => match (event(origin), known) {
                (Value::Null, Some(known)) => spell_message(message(origin.root), known.event()),
                (event, _) => event,
            },
        }
    }

    /// Has its file changed since it was read?
    pub fn is_lost(&self) -> bool {
        match &self.body {
            Body::Value(event) => event.is_null(),
            Body::Origin(origin, _) => match &origin.bytes {
                Bytes::Held(_) => false,
                Bytes::File(file, ..) | Bytes::Evtx(file, ..) => {
                    LIBRARY.with_borrow_mut(|library| library.file(file).is_none())
                }
            },
        }
    }
}

/// The event behind `origin`; `names` are those of the reading it comes from. What is `known` of it stands for it where it
/// cannot be had again.
pub fn sample(origin: &Origin, names: &[String], known: &dyn Fn() -> Known) -> Sample {
    let known = match &origin.bytes {
        Bytes::Held(_) => None,
        Bytes::File(..) | Bytes::Evtx(..) => Some(Box::new(known())),
    };
    Sample { body: Body::Origin(origin.clone(), known), place: place(origin, names) }
}

/// Where the event behind `origin` stands.
pub fn place(origin: &Origin, names: &[String]) -> Place {
    let path = names.get(origin.input as usize).cloned().unwrap_or_default();
    Place { path, position: origin.position }
}

thread_local! {
    /// One sample mostly comes from where the last one came from.
    static LIBRARY: RefCell<Library> = RefCell::default();
}

/// `null` where the record cannot be had again as it was.
fn event(origin: &Origin) -> Value {
    LIBRARY.with_borrow_mut(|library| match &origin.bytes {
        Bytes::Held(held) => {
            let raw = library.held(held);
            raw.map_or(Value::Null, |raw| library.shown(origin, &raw))
        }
        Bytes::File(file, start, len) => {
            let raw = library.read(file, *start, *len as usize);
            raw.map_or(Value::Null, |raw| library.shown(origin, &raw))
        }
        Bytes::Evtx(file, chunk, nth) => {
            let raw = library.evtx(file, *chunk, u64::from(*nth));
            raw.map_or(Value::Null, |raw| library.shown(origin, &raw))
        }
    })
}

/// An event as it is read, in the spelling of Google's API; of a Windows record only what is wanted of it.
pub fn event_shown(event: &Event<'_>, found: &Found<'_>) -> Value {
    let json = match found.form {
        Form::Udm => found.raw,
        Form::Windows => event.bytes,
    };
    spelt(json, found.root, found.time)
}

/// A record in the spelling of Google's API, with the time that what is around it gives it.
fn spelt(json: &[u8], root: Root, time: Option<Timestamp>) -> Value {
    let text = String::from_utf8_lossy(json);
    let parsed = parsed(&text);
    // What the lazy reader passed over may not be valid JSON; what cannot be mended is shown as the text it is.
    let Ok(mut event) = parsed.or_else(|_| self::parsed(&mended(&text))) else {
        return Value::String(text.into_owned());
    };
    let metadata = event.get_mut("metadata").and_then(Value::as_object_mut);
    if let (Some(time), Some(metadata)) = (time, metadata) {
        metadata.insert("eventTimestamp".to_owned(), time.to_rfc3339().into());
    }
    spell_message(message(root), event)
}

/// How deep it nests was looked at when the record was read; a parser of values stops one level before the reader does.
fn parsed(text: &str) -> serde_json::Result<Value> {
    let mut parser = serde_json::Deserializer::from_str(text);
    parser.disable_recursion_limit();
    let value = Value::deserialize(&mut parser)?;
    parser.end().map(|()| value)
}

fn message(root: Root) -> &'static str {
    match root {
        Root::Udm => "Event",
        Root::Entity => "Entity",
        Root::Detection => "Collection",
    }
}

/// What stays open from one sample to the next.
#[derive(Default)]
struct Library {
    mapper: Option<Mapper>,
    file: Option<(Arc<PlainFile>, Option<File>)>,
    /// A block of held records, unpacked.
    block: Option<(Arc<Block>, Vec<u8>)>,
    /// The records of a chunk of an EVTX file.
    chunk: Option<(Arc<PlainFile>, u64, Vec<Vec<u8>>)>,
}

impl Library {
    fn shown(&mut self, origin: &Origin, raw: &[u8]) -> Value {
        match origin.form {
            Form::Udm => spelt(raw, origin.root, origin.time.as_deref().copied()),
            Form::Windows => spelt(&self.map(raw), origin.root, origin.time.as_deref().copied()),
        }
    }

    fn map(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        if let Ok(record) = FormReader::default().read(raw) {
            self.mapper.get_or_insert_with(|| Mapper::new(&|_| true)).map(&record, &mut out);
        }
        out
    }

    /// The file, where it is still what it was.
    fn file(&mut self, known: &Arc<PlainFile>) -> Option<&mut File> {
        if !matches!(&self.file, Some((open, _)) if Arc::ptr_eq(open, known)) {
            self.file = Some((Arc::clone(known), unchanged(known)));
        }
        self.file.as_mut().and_then(|(_, file)| file.as_mut())
    }

    fn read(&mut self, known: &Arc<PlainFile>, start: u64, len: usize) -> Option<Vec<u8>> {
        let file = self.file(known)?;
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut raw = vec![0; len];
        file.read_exact(&mut raw).ok()?;
        Some(raw)
    }

    fn held(&mut self, held: &Held) -> Option<Vec<u8>> {
        let is_it = |(block, bytes): &(Arc<Block>, Vec<u8>)| {
            Arc::ptr_eq(block, &held.block) && held.of(bytes).is_some()
        };
        if !self.block.as_ref().is_some_and(is_it) {
            self.block = Some((Arc::clone(&held.block), held.block.bytes()));
        }
        self.block.as_ref().and_then(|(_, bytes)| held.of(bytes)).map(<[u8]>::to_vec)
    }

    fn evtx(&mut self, known: &Arc<PlainFile>, chunk: u64, nth: u64) -> Option<Vec<u8>> {
        let is_it =
            |(file, number, _): &(Arc<PlainFile>, u64, _)| Arc::ptr_eq(file, known) && *number == chunk;
        if !self.chunk.as_ref().is_some_and(is_it) {
            let mut records = Vec::new();
            let each = &mut |item: EvtxItem<'_>| {
                if let EvtxItem::Record { json, .. } = item {
                    records.push(json.to_vec());
                }
                ControlFlow::Continue(())
            };
            evtx::read_chunk(self.file(known)?, chunk, each).ok()?;
            self.chunk = Some((Arc::clone(known), chunk, records));
        }
        let (.., records) = self.chunk.as_ref()?;
        records.get(usize::try_from(nth).ok()?.checked_sub(1)?).cloned()
    }
}

fn unchanged(known: &PlainFile) -> Option<File> {
    let file = File::open(&known.path).ok()?;
    let metadata = file.metadata().ok()?;
    (metadata.len() == known.len && metadata.modified().ok() == known.modified).then_some(file)
}
