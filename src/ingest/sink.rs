//! What passes between reader and executor: events go to a batch as they are read, batches are merged in input order.

use std::sync::Arc;

use super::held::{Block, Held, Hoard};
use super::record::Event;
use super::source::{Form, PlainFile, Position, Stand, Stretch};
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
    File(&'a Arc<Stretch>, u64),
    /// From the EVTX file: the byte where the chunk starts, and the record's place in it.
    Evtx(&'a Arc<Stretch>, u64, u64),
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
        let (len, mut bytes) = self.bytes();
        if record.is_some() || self.time.is_some() {
            bytes = Bytes::Seldom(Box::new(Seldom { bytes, record, time: self.time }));
        }
        let Found { input, form, root, .. } = *self;
        Origin { input, len, place: Standing::new(number, stand, form, root), bytes }
    }

    fn bytes(&self) -> (u32, Bytes) {
        let len = short(self.raw.len());
        match self.again {
            Again::Never(hoard) => {
                let Held { block, start, len } = hoard.hold(self.raw);
                (len, Bytes::Held(block, start))
            }
            Again::File(file, start) => (len, Bytes::File(Arc::clone(file), file.within(start))),
            Again::Evtx(file, start, nth) => {
                let nth = u16::try_from(nth).unwrap_or(u16::MAX);
                (len, Bytes::Evtx(Arc::clone(file), file.within(start), nth))
            }
        }
    }
}

/// A record is at most as long as `--max-record` allows, far below 4 GiB.
pub(super) fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// From where a record can be had again. A run keeps one for each event that matches, so it is small, 32 bytes: what few
/// records have is boxed, and what the records of a chunk share stands once.
#[derive(Debug, Clone)]
pub struct Origin {
    pub(super) input: u32,
    len: u32,
    place: Standing,
    bytes: Bytes,
}

/// Where a record stands, what that counts, and what it is: no input has 2^56 records.
#[derive(Debug, Clone, Copy)]
struct Standing(u64);

impl Standing {
    const BITS: u32 = 56;

    fn new(number: u64, stand: Counts, form: Form, root: Root) -> Standing {
        let stand = COUNTS.iter().position(|known| *known == stand).unwrap_or(0);
        let form = FORMS.iter().position(|known| *known == form).unwrap_or(0);
        let root = ROOTS.iter().position(|known| *known == root).unwrap_or(0);
        let tags = stand | form << 2 | root << 3;
        Standing(number | (tags as u64) << Standing::BITS)
    }

    fn number(self) -> u64 {
        self.0 & ((1 << Standing::BITS) - 1)
    }

    fn tags(self) -> usize {
        usize::try_from(self.0 >> Standing::BITS).unwrap_or(0)
    }

    fn stand(self) -> Counts {
        COUNTS.get(self.tags() & 3).copied().unwrap_or(Counts::Lines)
    }

    fn form(self) -> Form {
        FORMS.get(self.tags() >> 2 & 1).copied().unwrap_or(Form::Udm)
    }

    fn root(self) -> Root {
        ROOTS.get(self.tags() >> 3).copied().unwrap_or(Root::Udm)
    }
}

const COUNTS: [Counts; 3] = [Counts::Lines, Counts::Indexes, Counts::Records];
const FORMS: [Form; 2] = [Form::Udm, Form::Windows];
const ROOTS: [Root; 3] = [Root::Udm, Root::Entity, Root::Detection];

/// What a position counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    Lines,
    Indexes,
    Records,
}

/// The bytes of a record, or where they are.
#[derive(Debug, Clone)]
enum Bytes {
    /// What cannot be read twice is held: in a block, from this byte.
    Held(Arc<Block>, u32),
    /// In a file, at this byte of the stretch.
    File(Arc<Stretch>, u32),
    /// In a file of EVTX chunks: the byte of the stretch where its chunk starts, and the place in that. The smallest record
    /// has 28 bytes, so that a chunk holds far fewer than 2^16.
    Evtx(Arc<Stretch>, u32, u16),
    /// The same of a record that more is to be said of.
    Seldom(Box<Seldom>),
}

#[derive(Debug, Clone)]
struct Seldom {
    bytes: Bytes,
    /// The EventRecordID of a Windows event in a text form.
    record: Option<u64>,
    /// The time that what was around the record gave it.
    time: Option<Timestamp>,
}

/// From where the bytes of a record can be had.
#[derive(Debug, Clone)]
pub(super) enum Whereabouts<'o> {
    /// They are held.
    Held(Held),
    /// Start and length in a file.
    File(&'o PlainFile, u64, u32),
    /// Start of the chunk, and place in it, of an EVTX file.
    Evtx(&'o PlainFile, u64, u64),
}

impl Origin {
    /// Puts the place of its chunk to its own.
    pub fn settle(&mut self, base: &Base) {
        self.place.0 += match self.place.stand() {
            Counts::Lines => base.lines,
            Counts::Indexes => base.indexes,
            Counts::Records => 0,
        };
    }

    /// Where in its input the record stands.
    pub fn position(&self) -> Position {
        let number = self.place.number();
        let logged = self.seldom().and_then(|seldom| seldom.record);
        match (self.place.stand(), logged) {
            (Counts::Lines, None) => Position::Line(number),
            (Counts::Indexes, None) => Position::Index(number),
            (Counts::Records, _) => Position::Record(number),
            (Counts::Lines, Some(record)) => Position::Logged { record, at: Stand::Line(number) },
            (Counts::Indexes, Some(record)) => Position::Logged { record, at: Stand::Index(number) },
        }
    }

    pub(super) fn form(&self) -> Form {
        self.place.form()
    }

    pub(super) fn root(&self) -> Root {
        self.place.root()
    }

    /// The time that what was around the record gave it.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.seldom().and_then(|seldom| seldom.time)
    }

    /// From where its bytes can be had; nothing where that is said nowhere.
    pub(super) fn bytes(&self) -> Option<Whereabouts<'_>> {
        let bytes = self.seldom().map_or(&self.bytes, |seldom| &seldom.bytes);
        Some(match bytes {
            Bytes::Held(block, start) => {
                Whereabouts::Held(Held { block: Arc::clone(block), start: *start, len: self.len })
            }
            Bytes::File(stretch, within) => {
                Whereabouts::File(&stretch.file, stretch.start + u64::from(*within), self.len)
            }
            Bytes::Evtx(stretch, within, nth) => {
                Whereabouts::Evtx(&stretch.file, stretch.start + u64::from(*within), u64::from(*nth))
            }
            Bytes::Seldom(_) => return None,
        })
    }

    fn seldom(&self) -> Option<&Seldom> {
        match &self.bytes {
            Bytes::Seldom(seldom) => Some(seldom),
            Bytes::Held(..) | Bytes::File(..) | Bytes::Evtx(..) => None,
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
            let (form, again, root) = (Form::Windows, Again::Never(&hoard), Root::Detection);
            let found = Found { number: 0, seed: 0, input: 0, position, form, raw: b"{}", again, root, time };
            let mut origin = found.origin();
            origin.settle(&Base { records: 1000, lines: 100, indexes: 10 });
            assert_eq!((origin.position(), origin.time()), (settled, time));
            assert_eq!((origin.form(), origin.root()), (form, root));
        }
        assert!(size_of::<Origin>() <= 32);
    }
}
