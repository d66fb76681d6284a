//! Evidence: the records of matching events, had again and shown in Google's spelling.

mod library;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::known::Known;
use super::mend::mended;
use super::record::Event;
use super::sink::{Found, Origin, Whereabouts};
use super::source::{Form, Position};
use super::spell::spell_message;
use super::tree::Tree;
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
    Value(Arc<(Tree<'static>, Place)>),
    Kept(Arc<dyn Shelf>, Spot),
}

impl Sample {
    /// An event at hand.
    pub fn new(event: Value, place: Place) -> Sample {
        Sample(Body::Value(Arc::new((Tree::from(event), place))))
    }

    /// An event that a run keeps.
    pub fn kept(shelf: Arc<dyn Shelf>, spot: Spot) -> Sample {
        Sample(Body::Kept(shelf, spot))
    }

    /// What `show` makes of the event in the spelling of Google's API; where its file has changed since it was read, of what
    /// is known of it.
    pub fn read<R>(&self, show: impl FnOnce(&Tree<'_>) -> R) -> R {
        match &self.0 {
            Body::Value(value) => show(&value.0),
            Body::Kept(shelf, spot) => match shelf.origin(*spot) {
                Some(origin) => shown(origin, &|| shelf.known(*spot), show),
                None => show(&Tree::Null),
            },
        }
    }

    /// The event, as [`Sample::read`] has it.
    pub fn event(&self) -> Value {
        self.read(|event| Value::from(event))
    }

    /// The path of its input, as given on the command line.
    pub fn path(&self) -> &str {
        match &self.0 {
            Body::Value(value) => &value.1.path,
            Body::Kept(shelf, spot) => shelf.origin(*spot).map_or("", |origin| path(origin, shelf.names())),
        }
    }

    /// Where in its input it stands.
    pub fn position(&self) -> Position {
        match &self.0 {
            Body::Value(value) => value.1.position,
            Body::Kept(shelf, spot) => shelf.origin(*spot).map_or(Position::Line(0), Origin::position),
        }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        Place { path: self.path().to_owned(), position: self.position() }
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
        Some(Whereabouts::File(file, ..) | Whereabouts::Evtx(file, ..)) => !library::has(file),
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

/// What `show` makes of the event behind `origin` in the spelling of Google's API; what is `known` of it stands for it
/// where its file has changed since it was read.
pub fn shown<R>(origin: &Origin, known: &dyn Fn() -> Known, show: impl FnOnce(&Tree<'_>) -> R) -> R {
    let found = library::record(origin);
    if let Some(raw) = found {
        let shown = spelt(&raw, (origin.root(), origin.time()), show);
        library::give_back(raw);
        return shown;
    }
    match origin.bytes() {
        Some(Whereabouts::File(..) | Whereabouts::Evtx(..)) => {
            show(&spell_message(message(origin.root()), Tree::from(known().event())))
        }
        Some(Whereabouts::Held(_)) | None => show(&Tree::Null),
    }
}

/// Where the event behind `origin` stands.
pub fn place(origin: &Origin, names: &[String]) -> Place {
    Place { path: path(origin, names).to_owned(), position: origin.position() }
}

fn path<'n>(origin: &Origin, names: &'n [String]) -> &'n str {
    names.get(origin.input as usize).map_or("", String::as_str)
}

/// What `show` makes of an event as it is read, in the spelling of Google's API; of a Windows record only what is wanted
/// of it.
pub fn event_shown<R>(event: &Event<'_>, found: &Found<'_>, show: impl FnOnce(&Tree<'_>) -> R) -> R {
    let json = match found.form {
        Form::Udm => found.raw,
        Form::Windows => event.bytes,
    };
    spelt(json, (found.root, found.time), show)
}

/// A record in the spelling of Google's API, with the time that what is around it gives it.
fn spelt<R>(json: &[u8], what: (Root, Option<Timestamp>), show: impl FnOnce(&Tree<'_>) -> R) -> R {
    let text = text(json);
    if let Ok(event) = Tree::read(&text) {
        return show(&spelt_tree(event, what));
    }
    // What the lazy reader passed over may not be valid JSON; what cannot be mended is shown as the text it is.
    match Tree::read(&mended(&text)) {
        Ok(event) => show(&spelt_tree(event, what)),
        Err(_) => show(&Tree::Text(Cow::Borrowed(&text))),
    }
}

fn text(json: &[u8]) -> Cow<'_, str> {
    // Which is several times as fast where nothing is wrong.
    str::from_utf8(json).map_or_else(|_| String::from_utf8_lossy(json), Cow::Borrowed)
}

fn spelt_tree(mut event: Tree<'_>, (root, time): (Root, Option<Timestamp>)) -> Tree<'_> {
    if let (Some(time), Some(Tree::Object(metadata))) = (time, event.get_mut("metadata")) {
        metadata.insert(Cow::Borrowed("eventTimestamp"), Tree::owned(time.to_rfc3339()));
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
