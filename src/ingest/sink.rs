//! What passes between reader and executor: events go to a batch as they are read, batches are merged in input order.

use std::sync::Arc;

use super::record::Event;
use super::source::{Form, Position};

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
    /// Where in it; a line counts from the start of the chunk until [`Origin::settle`].
    pub position: Position,
    /// In which form its bytes are.
    pub form: Form,
    /// The record as it stood.
    pub raw: &'a [u8],
}

impl Found<'_> {
    /// From where the record can be had again.
    pub fn origin(&self) -> Origin {
        Origin { input: self.input, position: self.position, form: self.form, raw: self.raw.into() }
    }
}

/// From where a record can be had again.
#[derive(Debug, Clone)]
pub struct Origin {
    pub(super) input: u32,
    pub(super) position: Position,
    pub(super) form: Form,
    pub(super) raw: Arc<[u8]>,
}

impl Origin {
    /// Puts the place of its chunk to its own.
    pub fn settle(&mut self, base: &Base) {
        if let Position::Line(line) = &mut self.position {
            *line += base.lines;
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
}
