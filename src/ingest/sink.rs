//! What passes between reader and executor: events go to a batch as they are read, batches are merged in input order.

use std::sync::Arc;

use super::held::{Held, Hoard};
use super::record::Event;
use super::source::{Form, PlainFile, Position};
use crate::schema::Root;
use crate::value::Timestamp;

/// Takes the events of a run. Workers share it; what they learn goes into batches, which are merged in the order of the
/// input, so that nothing depends on how many workers there are.
pub trait Sink: Sync {
    /// What one worker keeps from chunk to chunk: scratch space and caches, of no influence on what it finds.
    type Worker: Send;
    /// What comes of one chunk.
    type Batch: Default + Send;

    /// A worker's own state.
    fn worker(&self) -> Self::Worker;

    /// An event that was read.
    fn event(&self, worker: &mut Self::Worker, batch: &mut Self::Batch, event: &Event<'_>, found: &Found<'_>);

    /// Whether further events are of no use, so that reading may stop.
    fn is_done(&self) -> bool {
        false
    }
}

/// A record as it was found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// How many records of its chunk stand before it.
    pub number: u64,
    /// The same for this record in every run over the same input, and different for others.
    pub seed: u64,
    /// Which input, by position in [`super::reading::Reading::names`].
    pub input: u32,
    /// Where in it; a line or an index counts from the start of the chunk until [`Origin::settle`].
    pub position: Position,
    /// In which form its bytes are.
    pub form: Form,
    /// The record as it stood.
    pub raw: &'a [u8],
    /// From where the raw bytes can be had again.
    pub(super) again: Again<'a>,
    /// Which kind of record it is.
    pub(super) root: Root,
    /// The time that what was around it gave it.
    pub(super) time: Option<Timestamp>,
}

/// From where a record's bytes can be had again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Again<'a> {
    /// From nowhere: they are held there.
    Never(&'a Hoard),
    /// From the file, at this byte.
    File(&'a Arc<PlainFile>, u64),
    /// From the EVTX file: the chunk, and the record's place in it.
    Evtx(&'a Arc<PlainFile>, u64, u64),
}

impl Found<'_> {
    /// From where the record can be had again.
    pub fn origin(&self) -> Origin {
        let bytes = match self.again {
            Again::Never(hoard) => Bytes::Held(hoard.hold(self.raw)),
            Again::File(file, start) => Bytes::File(Arc::clone(file), start, self.raw.len()),
            Again::Evtx(file, chunk, place) => Bytes::Evtx(Arc::clone(file), chunk, place),
        };
        let Found { input, position, form, root, time, .. } = *self;
        Origin { input, position, form, bytes, root, time }
    }
}

/// From where a record can be had again.
#[derive(Debug, Clone)]
pub struct Origin {
    pub(super) input: u32,
    pub(super) position: Position,
    pub(super) form: Form,
    pub(super) bytes: Bytes,
    pub(super) root: Root,
    pub(super) time: Option<Timestamp>,
}

/// The bytes of a record, or where they are.
#[derive(Debug, Clone)]
pub(super) enum Bytes {
    /// What cannot be read twice is held.
    Held(Held),
    /// Start and length in a file.
    File(Arc<PlainFile>, u64, usize),
    /// Chunk, and place in it, of an EVTX file.
    Evtx(Arc<PlainFile>, u64, u64),
}

impl Origin {
    /// Puts the place of its chunk to its own.
    pub fn settle(&mut self, base: &Base) {
        match &mut self.position {
            Position::Line(line) => *line += base.lines,
            Position::Index(index) => *index += base.indexes,
            Position::Record(_) => {}
        }
    }
}

/// What stands before a chunk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Base {
    /// Records, in all inputs.
    pub records: u64,
    /// Lines, in the same input.
    pub lines: u64,
    /// Records in arrays and envelopes, in the same input.
    pub indexes: u64,
}
