//! Cuts inputs into chunks that end where records end.

mod blocks;
mod evtx;
mod lines;
mod look;
mod returns;
mod values;
mod xml;

pub(super) use lines::too_long;
pub(super) use look::behind_tail;
pub(super) use values::whole;

use std::sync::Arc;

use super::chunk::{Chunk, Layout, Opening};
use super::open::{Bytes, Content, Format, Opener, broken_off};
use super::source::{InputOrigin, PlainFile, SourceError};

/// What comes next of the inputs.
pub(super) enum Next {
    /// The chunk was filled.
    Chunk,
    /// An input holds nothing that can be read.
    Failed(Opening, SourceError),
    /// That was all.
    End,
}

/// Cuts one input after the other.
pub(super) struct Cutter<'i> {
    opener: Opener<'i>,
    max_record: usize,
    current: Option<Current>,
    /// How many inputs were opened.
    inputs: u32,
}

struct Current {
    opens: Option<Opening>,
    file: Option<Arc<PlainFile>>,
    stream: Stream,
    state: State,
}

enum State {
    Fresh(Format),
    Lines,
    Values(values::Splitter),
    Xml,
    Blocks,
    Evtx(evtx::Place),
}

/// The bytes of an input, and how far they are read.
pub(super) struct Stream {
    bytes: Bytes,
    /// Read, but behind the last record of a chunk.
    carry: Vec<u8>,
    /// Where `carry` starts.
    offset: u64,
    end: End,
}

/// Whether a stream goes on.
enum End {
    NotYet,
    Reached,
    /// It broke off with this.
    Broken(String),
}

impl Stream {
    /// Fills the chunk up to `target` bytes, from the carry first; an error is the end, to be told with the last chunk.
    fn fill(&mut self, chunk: &mut Chunk, target: usize) {
        if matches!(self.end, End::NotYet) {
            match chunk.buffer.fill(&mut self.bytes, target) {
                Ok(super::chunk::Filled::More) => {}
                Ok(super::chunk::Filled::Ended) => self.end = End::Reached,
                Err(error) => self.end = End::Broken(broken_off(&error)),
            }
        }
    }

    /// Puts what was carried over into the chunk.
    fn start(&mut self, chunk: &mut Chunk) {
        chunk.offset = self.offset;
        chunk.buffer.set(&self.carry);
        self.carry.clear();
    }

    /// Cuts the chunk; what is behind the cut is carried over.
    fn cut(&mut self, chunk: &mut Chunk, at: usize) {
        self.carry.extend_from_slice(chunk.bytes().get(at..).unwrap_or_default());
        chunk.buffer.truncate(at);
        self.offset += at as u64;
    }

    fn has_ended(&self) -> bool {
        !matches!(self.end, End::NotYet)
    }

    fn is_broken(&self) -> bool {
        matches!(self.end, End::Broken(_))
    }

    /// Why it broke off, if it did: whoever asks tells.
    fn broken(&mut self) -> Option<String> {
        if !self.is_broken() {
            return None;
        }
        match std::mem::replace(&mut self.end, End::Reached) {
            End::Broken(cause) => Some(cause),
            End::Reached | End::NotYet => None,
        }
    }
}

impl<'i> Cutter<'i> {
    /// Records over `max_record` bytes are passed over.
    pub(super) fn new(opener: Opener<'i>, max_record: usize) -> Cutter<'i> {
        Cutter { opener, max_record, current: None, inputs: 0 }
    }

    /// Fills `chunk` with the next stretch of the inputs.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> Next {
        chunk.clear();
        let mut current = match self.current.take() {
            Some(current) => current,
            None => match self.open() {
                Ok(Some(current)) => current,
                Ok(None) => return Next::End,
                Err((opening, error)) => return Next::Failed(opening, error),
            },
        };
        chunk.input = self.inputs.saturating_sub(1);
        let cut = self.cut(&mut current, chunk);
        // One for each chunk: counting the events of all chunks on one counter would have the workers wait for each other.
        chunk.file = current.file.as_deref().map(|file| Arc::new(chunk.stretch_of(file)));
        match cut {
            Ok(More::Yes) => {
                chunk.opens = current.opens.take();
                self.current = Some(current);
            }
            Ok(More::No) => chunk.opens = current.opens.take(),
            Err(error) => {
                let opening = current.opens.take();
                let unnamed = || Opening { name: String::new(), origin: InputOrigin::Named };
                return Next::Failed(opening.unwrap_or_else(unnamed), error);
            }
        }
        Next::Chunk
    }

    fn open(&mut self) -> Result<Option<Current>, (Opening, SourceError)> {
        let Some(opened) = self.opener.next() else { return Ok(None) };
        self.inputs += 1;
        let opening = Opening { name: opened.name, origin: opened.origin };
        let Content { bytes, format, file } = match opened.content {
            Ok(content) => content,
            Err(error) => return Err((opening, error)),
        };
        let stream = Stream { bytes, carry: Vec::new(), offset: 0, end: End::NotYet };
        Ok(Some(Current { opens: Some(opening), file, stream, state: State::Fresh(format) }))
    }

    fn cut(&self, current: &mut Current, chunk: &mut Chunk) -> Result<More, SourceError> {
        if let State::Fresh(format) = current.state {
            current.state = match format {
                Format::Evtx => evtx::start(&mut current.stream, chunk),
                Format::Text => look::start(&mut current.stream, chunk)?,
            };
        }
        let stream = &mut current.stream;
        let more = match &mut current.state {
            State::Fresh(_) => More::No,
            State::Lines => match lines::cut(stream, chunk, self.max_record) {
                lines::Found::Lines(more) => more,
                lines::Found::List => {
                    let mut splitter = values::Splitter::default();
                    let more = splitter.cut(stream, chunk, self.max_record);
                    current.state = State::Values(splitter);
                    more
                }
            },
            State::Values(splitter) => splitter.cut(stream, chunk, self.max_record),
            State::Xml => xml::cut(stream, chunk, self.max_record),
            State::Blocks => blocks::cut(stream, chunk, self.max_record),
            State::Evtx(place) => evtx::cut(stream, chunk, place),
        };
        if more == More::No
            && let Some(cause) = stream.broken()
        {
            let place = last_place(chunk, &current.state);
            chunk.troubles.push(super::chunk::Trouble { place, cause, what: super::chunk::Lost::Unknown });
        }
        Ok(more)
    }
}

/// Where in the chunk its bytes end.
fn last_place(chunk: &Chunk, state: &State) -> super::chunk::Place {
    let lines = || memchr::memchr_iter(b'\n', chunk.bytes()).count() as u64;
    match (&chunk.layout, state) {
        (Layout::Evtx { .. }, State::Evtx(place)) => super::chunk::Place::EvtxChunk(place.next),
        (Layout::Evtx { .. }, _) => super::chunk::Place::EvtxChunk(0),
        (Layout::Lines | Layout::Values(_), _) => super::chunk::Place::Line(lines() + 1),
    }
}

/// Whether an input has more chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Yes,
    No,
}
