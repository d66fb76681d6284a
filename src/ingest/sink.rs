//! What passes between reader and executor: events go to a batch as they are read, batches are merged in input order.

use std::sync::Arc;

use super::held::{Held, Hoard};
use super::record::Event;
use super::source::{Form, PlainFile, Position, Stand};
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
    /// From the EVTX file: the byte where the chunk starts, and the record's place in it.
    Evtx(&'a Arc<PlainFile>, u64, u64),
}

impl Found<'_> {
    /// From where the record can be had again.
    pub fn origin(&self) -> Origin {
        let (number, stand, record) = match self.position {
            Position::Line(line) => (line, Counts::Lines, None),
            Position::Index(index) => (index, Counts::Indexes, None),
            Position::Record(record) => (record, Counts::Records, None),
            Position::Logged { record, at: Stand::Line(line) } => (line, Counts::Lines, Some(record)),
            Position::Logged { record, at: Stand::Index(index) } => (index, Counts::Indexes, Some(record)),
        };
        let seldom = (record, self.time);
        let seldom = (seldom != (None, None)).then(|| Box::new(seldom));
        let Found { input, form, root, .. } = *self;
        Origin { input, number, stand, form, bytes: self.bytes(), root, seldom }
    }

    fn bytes(&self) -> Bytes {
        match self.again {
            Again::Never(hoard) => Bytes::Held(hoard.hold(self.raw)),
            Again::File(file, start) => Bytes::File(Arc::clone(file), start, short(self.raw.len())),
            Again::Evtx(file, start, place) => {
                Bytes::Evtx(Arc::clone(file), start, u32::try_from(place).unwrap_or(u32::MAX))
            }
        }
    }
}

/// A record is at most as long as `--max-record` allows, far below 4 GiB.
pub(super) fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// From where a record can be had again. A run keeps one for each event that matches, so it is small, 48 bytes: what few
/// records have is boxed.
#[derive(Debug, Clone)]
pub struct Origin {
    pub(super) input: u32,
    /// Where it stands, counted in what `stand` says.
    number: u64,
    stand: Counts,
    pub(super) form: Form,
    pub(super) bytes: Bytes,
    pub(super) root: Root,
    /// The EventRecordID of a Windows event in a text form, and the time that what was around the record gave it.
    seldom: Option<Box<(Option<u64>, Option<Timestamp>)>>,
}

/// What a position counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    Lines,
    Indexes,
    Records,
}

/// The bytes of a record, or where they are.
#[derive(Debug, Clone)]
pub(super) enum Bytes {
    /// What cannot be read twice is held.
    Held(Held),
    /// Start and length in a file.
    File(Arc<PlainFile>, u64, u32),
    /// Start of the chunk, and place in it, of an EVTX file.
    Evtx(Arc<PlainFile>, u64, u32),
}

impl Origin {
    /// Puts the place of its chunk to its own.
    pub fn settle(&mut self, base: &Base) {
        self.number += match self.stand {
            Counts::Lines => base.lines,
            Counts::Indexes => base.indexes,
            Counts::Records => 0,
        };
    }

    /// Where in its input the record stands.
    pub fn position(&self) -> Position {
        let number = self.number;
        let logged = self.seldom.as_ref().and_then(|seldom| seldom.0);
        match (self.stand, logged) {
            (Counts::Lines, None) => Position::Line(number),
            (Counts::Indexes, None) => Position::Index(number),
            (Counts::Records, _) => Position::Record(number),
            (Counts::Lines, Some(record)) => Position::Logged { record, at: Stand::Line(number) },
            (Counts::Indexes, Some(record)) => Position::Logged { record, at: Stand::Index(number) },
        }
    }

    /// The time that what was around the record gave it.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.seldom.as_ref().and_then(|seldom| seldom.1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_says_where_its_record_stands_and_is_small() {
        let line = Stand::Line(3);
        for (position, settled) in [
            (Position::Line(3), Position::Line(103)),
            (Position::Index(3), Position::Index(13)),
            (Position::Record(3), Position::Record(3)),
            (Position::Logged { record: 7, at: line }, Position::Logged { record: 7, at: Stand::Line(103) }),
            (
                Position::Logged { record: 7, at: Stand::Index(3) },
                Position::Logged { record: 7, at: Stand::Index(13) },
            ),
        ] {
            let (hoard, time) = (Hoard::default(), Some(Timestamp(5)));
            let (form, again, root) = (Form::Udm, Again::Never(&hoard), Root::Udm);
            let found = Found { number: 0, seed: 0, input: 0, position, form, raw: b"{}", again, root, time };
            let mut origin = found.origin();
            origin.settle(&Base { records: 1000, lines: 100, indexes: 10 });
            assert_eq!((origin.position(), origin.time()), (settled, time));
        }
        assert!(size_of::<Origin>() <= 48);
    }
}
