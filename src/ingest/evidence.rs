//! Evidence: the records of matching events, had again and shown in Google's spelling.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::held::{Block, Held};
use super::known::Known;
use super::mend::mended;
use super::record::Event;
use super::sink::{Found, Origin, Whereabouts};
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

/// Where a run keeps what it knows of its events: what is shown of detections is had from there when it is shown.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// From where an event can be had again.
    fn origin(&self, spot: Spot) -> Option<&Origin>;
    /// What is known of it without its record.
    fn known(&self, spot: Spot) -> Known;
    /// What reports call the inputs.
    fn names(&self) -> &[String];
}

/// An event on a [`Shelf`]: its source and its row there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Which part of the shelf.
    pub source: u32,
    /// Where in it.
    pub row: u32,
}

/// An event that is evidence. It is had again only when it is shown.
#[derive(Debug, Clone)]
pub struct Sample(Body);

#[derive(Debug, Clone)]
enum Body {
    Value(Arc<(Value, Place)>),
    Kept(Arc<dyn Shelf>, Spot),
}

impl Sample {
    /// An event at hand.
    pub fn new(event: Value, place: Place) -> Sample {
        Sample(Body::Value(Arc::new((event, place))))
    }

    /// An event that a run keeps.
    pub fn kept(shelf: Arc<dyn Shelf>, spot: Spot) -> Sample {
        Sample(Body::Kept(shelf, spot))
    }

    /// The event in the spelling of Google's API; where its file has changed since it was read, what is known of it.
    pub fn event(&self) -> Value {
        match &self.0 {
            Body::Value(value) => value.0.clone(),
            Body::Kept(shelf, spot) => {
                let origin = shelf.origin(*spot);
                origin.map_or(Value::Null, |origin| shown(origin, &|| shelf.known(*spot)))
            }
        }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        match &self.0 {
            Body::Value(value) => value.1.clone(),
            Body::Kept(shelf, spot) => {
                let place = shelf.origin(*spot).map(|origin| place(origin, shelf.names()));
                place.unwrap_or(Place { path: String::new(), position: Position::Line(0) })
            }
        }
    }

    /// Has its file changed since it was read?
    pub fn is_lost(&self) -> bool {
        match &self.0 {
            Body::Value(value) => value.0.is_null(),
            Body::Kept(shelf, spot) => shelf.origin(*spot).is_none_or(is_lost),
        }
    }
}

fn is_lost(origin: &Origin) -> bool {
    match origin.bytes() {
        Some(Whereabouts::Held(_)) => false,
        Some(Whereabouts::File(file, ..) | Whereabouts::Evtx(file, ..)) => {
            LIBRARY.with_borrow_mut(|library| library.file(file).is_none())
        }
        None => true,
    }
}

/// The first events of one variable of a detection. A run may detect a million times what a person looks at, so only
/// their numbers are kept: 4 bytes an event, where one with what is known of it takes 500.
#[derive(Debug, Clone)]
pub struct Samples(Several);

#[derive(Debug, Clone)]
enum Several {
    Each(Vec<Sample>),
    Kept(Arc<dyn Shelf>, u32, Box<[u32]>),
}

impl Samples {
    /// Rows of one source on a shelf.
    pub fn kept(shelf: Arc<dyn Shelf>, source: u32, rows: Box<[u32]>) -> Samples {
        Samples(Several::Kept(shelf, source, rows))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Several::Each(samples) => samples.len(),
            Several::Kept(_, _, rows) => rows.len(),
        }
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each in turn.
    pub fn iter(&self) -> impl Iterator<Item = Sample> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    fn get(&self, index: usize) -> Option<Sample> {
        match &self.0 {
            Several::Each(samples) => samples.get(index).cloned(),
            Several::Kept(shelf, source, rows) => {
                let spot = Spot { source: *source, row: *rows.get(index)? };
                Some(Sample::kept(Arc::clone(shelf), spot))
            }
        }
    }

    /// Keeps the first so many.
    pub fn truncate(&mut self, most: usize) {
        match &mut self.0 {
            Several::Each(samples) => samples.truncate(most),
            Several::Kept(_, _, rows) => *rows = rows.iter().copied().take(most).collect(),
        }
    }
}

impl FromIterator<Sample> for Samples {
    fn from_iter<I: IntoIterator<Item = Sample>>(samples: I) -> Samples {
        Samples(Several::Each(samples.into_iter().collect()))
    }
}

/// The event behind `origin` in the spelling of Google's API; what is `known` of it stands for it where its file has
/// changed since it was read.
pub fn shown(origin: &Origin, known: &dyn Fn() -> Known) -> Value {
    match (event(origin), origin.bytes()) {
        (Value::Null, Some(Whereabouts::File(..) | Whereabouts::Evtx(..))) => {
            spell_message(message(origin.root()), known().event())
        }
        (event, _) => event,
    }
}

/// Where the event behind `origin` stands.
pub fn place(origin: &Origin, names: &[String]) -> Place {
    let path = names.get(origin.input as usize).cloned().unwrap_or_default();
    Place { path, position: origin.position() }
}

thread_local! {
    /// One sample mostly comes from where the last one came from.
    static LIBRARY: RefCell<Library> = RefCell::default();
}

/// `null` where the record cannot be had again as it was.
fn event(origin: &Origin) -> Value {
    let Some(bytes) = origin.bytes() else { return Value::Null };
    LIBRARY.with_borrow_mut(|library| {
        let raw = match bytes {
            Whereabouts::Held(held) => library.held(&held),
            Whereabouts::File(file, start, len) => library.read(file, start, len as usize),
            Whereabouts::Evtx(file, start, nth) => library.evtx(file, start, nth),
        };
        raw.map_or(Value::Null, |raw| library.shown(origin, &raw))
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
    file: Option<(PlainFile, Option<File>)>,
    /// A block of held records, unpacked.
    block: Option<(Arc<Block>, Vec<u8>)>,
    /// The records of the chunk of an EVTX file that starts at this byte.
    chunk: Option<(PlainFile, u64, Vec<Vec<u8>>)>,
}

impl Library {
    fn shown(&mut self, origin: &Origin, raw: &[u8]) -> Value {
        match origin.form() {
            Form::Udm => spelt(raw, origin.root(), origin.time()),
            Form::Windows => spelt(&self.map(raw), origin.root(), origin.time()),
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
    fn file(&mut self, known: &PlainFile) -> Option<&mut File> {
        if !matches!(&self.file, Some((open, _)) if open == known) {
            self.file = Some((known.clone(), unchanged(known)));
        }
        self.file.as_mut().and_then(|(_, file)| file.as_mut())
    }

    fn read(&mut self, known: &PlainFile, start: u64, len: usize) -> Option<Vec<u8>> {
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

    fn evtx(&mut self, known: &PlainFile, start: u64, nth: u64) -> Option<Vec<u8>> {
        let is_it = |(file, at, _): &(PlainFile, u64, _)| file == known && *at == start;
        if !self.chunk.as_ref().is_some_and(is_it) {
            let mut records = Vec::new();
            let each = &mut |item: EvtxItem<'_>| {
                if let EvtxItem::Record { json, .. } = item {
                    records.push(json.to_vec());
                }
                ControlFlow::Continue(())
            };
            evtx::read_chunk(self.file(known)?, start, each).ok()?;
            self.chunk = Some((known.clone(), start, records));
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
