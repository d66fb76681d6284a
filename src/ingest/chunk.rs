//! A chunk: a stretch of an input that ends where a record ends, so that a worker can read it alone.

use std::io::{self, Read};
use std::sync::Arc;

use super::sink::Base;
use super::source::{InputOrigin, PlainFile, Stretch};
use super::windows::evtx;

/// How many bytes a chunk mostly has: large enough that handing it over costs nothing, small enough that many fit in
/// memory.
pub(super) const CHUNK: usize = 1 << 20;

/// A stretch of an input. One is used again and again.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Which chunk of the run.
    pub(super) number: u64,
    /// Which input.
    pub(super) input: u32,
    /// Set in the first chunk of an input: what reports call it.
    pub(super) opens: Option<Opening>,
    /// Where its bytes start in the input.
    pub(super) offset: u64,
    pub(super) buffer: Buffer,
    pub(super) layout: Layout,
    /// The file it can be read from again.
    pub(super) file: Option<Arc<Stretch>>,
    /// What was met after its last record.
    pub(super) troubles: Vec<Trouble>,
}

/// An input that begins.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) name: String,
    pub(super) origin: InputOrigin,
}

/// How records lie in a chunk.
#[derive(Debug, Default)]
pub(super) enum Layout {
    /// One on each line, or several.
    #[default]
    Lines,
    /// Where the chunk says.
    Values(Vec<Piece>),
    /// In EVTX chunks.
    Evtx {
        parts: Vec<Part>,
        /// How many chunks of the file must hold something.
        written: u64,
    },
}

/// A chunk of an EVTX file, or what stands where one should.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Which chunk of the file, from 0.
    pub(super) number: u64,
    pub(super) fault: Option<evtx::Fault>,
}

/// A record among others that do not lie on lines of their own.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The line it starts on; the first of the chunk is 1.
    pub(super) line: u64,
    pub(super) within: Within,
    /// Why it cannot be read.
    pub(super) fault: Option<String>,
}

/// Whether a record is an element of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// It stands alone.
    File,
    /// In an array or an envelope.
    List,
}

/// Damage that shows when chunks are cut.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) place: Place,
    pub(super) cause: String,
    pub(super) what: Lost,
}

/// Whether damage is a record that was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    Record,
    Unknown,
}

/// Where damage is; lines and indexes count from the start of the chunk, the first being 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Line(u64),
    Index(u64),
    Record(u64),
    EvtxChunk(u64),
    EvtxHeader,
}

impl Place {
    pub(super) fn text(self, base: &Base) -> String {
        match self {
            Place::Line(line) => format!("line {}", base.lines + line),
            Place::Index(index) => format!("index {}", base.indexes + index),
            Place::Record(number) => format!("record {number}"),
            Place::EvtxChunk(number) => format!("chunk {number}"),
            Place::EvtxHeader => "file header".to_owned(),
        }
    }
}

impl Chunk {
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.bytes()
    }

    /// Which part of its file it is.
    pub(super) fn stretch_of(&self, file: &PlainFile) -> Stretch {
        Stretch { file: file.clone(), start: self.offset }
    }

    /// Ready for another stretch.
    pub(super) fn clear(&mut self) {
        self.opens = None;
        self.buffer.set(&[]);
        self.troubles.clear();
        self.file = None;
    }
}

/// Bytes that are filled anew without being cleared first.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    store: Vec<u8>,
    len: usize,
}

/// Whether an input has more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    More,
    Ended,
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        self.store.get(..self.len).unwrap_or_default()
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        self.store.get_mut(..self.len).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn set(&mut self, bytes: &[u8]) {
        // One record of a hundred megabytes must not be held for ever.
        if self.store.len() > 8 * CHUNK && bytes.len() < CHUNK {
            self.store = Vec::new();
        }
        if self.store.len() < bytes.len() {
            self.store.resize(bytes.len(), 0);
        }
        self.len = bytes.len();
        self.bytes_mut().copy_from_slice(bytes);
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Reads until it holds `target` bytes or the input ends. What came before an error is there.
    pub(super) fn fill(&mut self, reader: &mut dyn Read, target: usize) -> io::Result<Filled> {
        if self.store.len() < target {
            self.store.resize(target, 0);
        }
        while let Some(room) = self.store.get_mut(self.len..target).filter(|room| !room.is_empty()) {
            match reader.read(room) {
                Ok(0) => return Ok(Filled::Ended),
                Ok(read) => self.len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Filled::More)
    }
}
