//! Walks a chunk: every record in it is read as far as needed and handed on.

use std::ops::ControlFlow;

use super::chunk::{Chunk, Layout, Lost, Part, Piece, Place, Within};
use super::crowd;
use super::cut::{behind_tail, too_long};
use super::json::{Cursor, JsonError};
use super::order::Order;
use super::over;
use super::read::Waiting;
use super::record::{Event, Record};
use super::sieve::Sieve;
use super::source::{Care, Form, Position};
use super::wanted::Wanted;
use super::windows::{Normal, Normaliser, evtx, forms};
use crate::schema::Root;
use crate::value::Timestamp;
use unwrap::Around;

mod foreign;
mod sift;
mod unwrap;

/// Takes what is found in a chunk.
pub(super) trait Receiver {
    /// An event that was read.
    fn event(&mut self, event: &Event<'_>, met: Met<'_>);
    /// A record was read, wanted or not.
    fn record(&mut self);
    /// An event was read that is part of a record.
    fn part(&mut self);
    /// A record that could not be read. May stop the reading.
    fn damage(&mut self, place: Place, cause: String) -> ControlFlow<()>;
}

/// A record where it was met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met<'a> {
    /// In its chunk.
    pub(super) position: Position,
    pub(super) spot: Spot,
    pub(super) form: Form,
    pub(super) raw: &'a [u8],
    pub(super) root: Root,
    /// The time that what is around it gives it.
    pub(super) time: Option<Timestamp>,
}

impl<'a> Met<'a> {
    fn text(position: Position, spot: Spot, raw: &'a [u8]) -> Met<'a> {
        Met { position, spot, form: Form::Udm, raw, root: Root::Udm, time: None }
    }
}

/// What tells a record from all others of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// The byte it starts at.
    Byte(u64),
    /// The chunk of an EVTX file, the byte where it starts, and the place in it.
    Evtx { chunk: u64, at: u64, nth: u64 },
}

/// What a chunk held.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walked {
    pub(super) lines: u64,
    pub(super) indexes: u64,
}

/// Walks one chunk after another with the same buffers.
pub(super) struct Walker<'w> {
    wanted: &'w Wanted,
    record: Record,
    /// Finds the lines that must be looked at, where not all must.
    sieve: Option<Sieve<'w>>,
    windows: Normaliser<'w>,
    decoder: evtx::Decoder,
    max_record: usize,
    care: Care,
    order: &'w Order,
    /// Of the chunk at hand.
    number: u64,
    input: u32,
}

impl<'w> Walker<'w> {
    /// A reader of what is `wanted`; records over `max_record` bytes are damage.
    pub(super) fn new(wanted: &'w Wanted, order: &'w Order, max_record: usize, care: Care) -> Walker<'w> {
        let needles = wanted.needles().filter(|_| care == Care::Lazy);
        Walker {
            wanted,
            record: Record::default(),
            sieve: needles.map(Sieve::new),
            windows: Normaliser::new(wanted),
            decoder: evtx::Decoder::default(),
            max_record,
            care,
            order,
            number: 0,
            input: 0,
        }
    }

    /// Reads the records of a chunk, unless the receiver stops it.
    pub(super) fn walk(&mut self, chunk: &Chunk, out: &mut dyn Receiver) -> Walked {
        (self.number, self.input) = (chunk.number, chunk.input);
        self.record.waiting = Waiting::default();
        let mut walked = Walked::default();
        let mut flow = match &chunk.layout {
            Layout::Lines => self.lines(chunk, &mut walked, out),
            Layout::Values(pieces) => self.pieces(chunk, pieces, &mut walked, out),
            Layout::Evtx { parts, written } => self.evtx(chunk, (parts, *written), out),
        };
        for trouble in &chunk.troubles {
            if flow.is_break() {
                break;
            }
            if trouble.what == Lost::Record {
                out.record();
            }
            flow = out.damage(trouble.place, trouble.cause.clone());
        }
        walked
    }

    fn lines(&mut self, chunk: &Chunk, walked: &mut Walked, out: &mut dyn Receiver) -> ControlFlow<()> {
        let mut start = self.sifted(chunk, walked, out)?;
        while let Some(line) = line_at(chunk.bytes(), start) {
            start += self.line(chunk, (start, line), walked, out)?;
        }
        ControlFlow::Continue(())
    }

    /// A line, and those that a value on it goes on over; gives how many bytes they are.
    fn line(
        &mut self,
        chunk: &Chunk,
        (start, line): (usize, &[u8]),
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> ControlFlow<(), usize> {
        let rest = chunk.bytes().get(start..).unwrap_or_default();
        if !over::goes_on(line, rest.get(line.len()..).unwrap_or_default()) {
            self.values(chunk, (start, line), walked, out)?;
            walked.lines += u64::from(line.ends_with(b"\n"));
            return ControlFlow::Continue(line.len());
        }
        let stretch = over::stretch(rest, line.len());
        self.values(chunk, (start, rest.get(..stretch.text).unwrap_or(line)), walked, out)?;
        walked.lines += memchr::memchr_iter(b'\n', rest.get(..stretch.all).unwrap_or(line)).count() as u64;
        ControlFlow::Continue(stretch.all)
    }

    /// What stands on a line: normally one record, now and then several objects one after another.
    fn values(
        &mut self,
        chunk: &Chunk,
        (start, line): (usize, &[u8]),
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> ControlFlow<()> {
        let mut number = walked.lines + 1;
        let text = line.trim_ascii_end();
        let lead = text.len() - text.trim_ascii_start().len();
        let first = text.get(lead..).unwrap_or_default();
        let mut at = lead + opening(first, Place::Line(number), out)?;
        let packing = Packing::of(first, text.get(at).copied());
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let spot = Spot::Byte(chunk.offset + (start + at) as u64);
            let met = Met::text(Position::Line(number), spot, self.own(rest));
            let Some(used) = self.first((met, packing), walked, out)?.or_else(|| extent(rest)) else {
                at += behind_return(rest);
                continue;
            };
            let behind = rest.get(used..).unwrap_or_default();
            let gap = behind.len() - behind.trim_ascii_start().len();
            let behind = behind.get(gap..).filter(|behind| !behind.is_empty());
            let Some(behind) = behind else { break };
            let passed = rest.get(..used + gap).unwrap_or_default();
            number += memchr::memchr_iter(b'\n', passed).count() as u64;
            at += passed.len();
            match packing.next(behind) {
                Some(header) => at += header,
                None => {
                    // It is damage of the record before it: a search of the raw bytes would not tell it from that.
                    out.damage(Place::Line(number), JsonError::Unexpected(used).cause())?;
                    at += behind_return(behind);
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// What of a line may be too long: others on it are no part of its first record.
    fn own<'l>(&self, rest: &'l [u8]) -> &'l [u8] {
        let own = if rest.len() > self.max_record { extent(rest) } else { None };
        own.and_then(|len| rest.get(..len)).unwrap_or(rest)
    }

    /// The first record of what is left of a line; gives how many bytes it took, unless it is damaged.
    fn first(
        &mut self,
        (met, packing): (Met<'_>, Packing),
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> ControlFlow<(), Option<usize>> {
        let cause = match self.text(met, walked, out).map(|end| used(met.raw, end, packing)) {
            Ok(Ok(used)) => return ControlFlow::Continue(Some(used)),
            // One that was dropped has counted.
            Ok(Err(cause)) => cause,
            Err(cause) => {
                out.record();
                cause
            }
        };
        out.damage(unwrap::place(met.position), cause)?;
        ControlFlow::Continue(None)
    }

    fn pieces(
        &mut self,
        chunk: &Chunk,
        pieces: &[Piece],
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> ControlFlow<()> {
        walked.lines = memchr::memchr_iter(b'\n', chunk.bytes()).count() as u64;
        for piece in pieces {
            self.piece(chunk, piece, walked, out)?;
        }
        ControlFlow::Continue(())
    }

    fn piece(
        &mut self,
        chunk: &Chunk,
        piece: &Piece,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> ControlFlow<()> {
        let raw = chunk.bytes().get(piece.start..piece.end).unwrap_or_default();
        let spot = Spot::Byte(chunk.offset + piece.start as u64);
        let met = Met::text(Position::Line(piece.line), spot, raw);
        let result = match (&piece.fault, piece.within) {
            (Some(cause), Within::List) => {
                walked.indexes += 1;
                Err(cause.clone())
            }
            (Some(cause), Within::File) => Err(cause.clone()),
            (None, Within::File) => self.text(met, walked, out).map(drop),
            (None, Within::List) if raw.len() > self.max_record => {
                walked.indexes += 1;
                Err(too_long(self.max_record))
            }
            (None, Within::List) => {
                let read = self.element(met, Around::new(), walked, out);
                read.map_err(|fault| fault.cause())
            }
        };
        let Err(cause) = result else { return ControlFlow::Continue(()) };
        out.record();
        out.damage(
            match piece.within {
                Within::File => Place::Line(piece.line),
                Within::List => Place::Index(walked.indexes),
            },
            cause,
        )
    }

    /// Reads a value of a text; gives how many bytes it took, unless it was dropped before its end.
    fn text(
        &mut self,
        met: Met<'_>,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, String> {
        if met.raw.len() > self.max_record {
            return Err(too_long(self.max_record));
        }
        self.any(met, Around::new(), walked, out).map_err(|fault| fault.cause())
    }

    /// Waits until all chunks before are merged.
    fn order_turn(&self) {
        self.order.wait(self.number, 0);
    }

    fn evtx(
        &mut self,
        chunk: &Chunk,
        (parts, written): (&[Part], u64),
        out: &mut dyn Receiver,
    ) -> ControlFlow<()> {
        let mut decoder = std::mem::take(&mut self.decoder);
        let mut flow = ControlFlow::Continue(());
        for Part { start, end, number, fault } in parts {
            let bytes = chunk.bytes().get(*start..*end).unwrap_or_default();
            let (at, mut nth) = (chunk.offset + *start as u64, 0);
            flow = if *number < written && evtx::is_blank(bytes) {
                out.damage(Place::EvtxChunk(*number), "there is nothing but zeros in it".to_owned())
            } else {
                decoder.chunk(bytes, (*number, *fault), &mut |item| {
                    nth += u64::from(matches!(item, evtx::EvtxItem::Record { .. }));
                    self.item(item, Spot::Evtx { chunk: *number, at, nth }, out)
                })
            };
            if flow.is_break() {
                break;
            }
        }
        self.decoder = decoder;
        flow
    }

    fn item(&mut self, item: evtx::EvtxItem<'_>, spot: Spot, out: &mut dyn Receiver) -> ControlFlow<()> {
        match item {
            evtx::EvtxItem::Record { json, number, .. } => self.windows_record(json, number, spot, out),
            evtx::EvtxItem::Damage { chunk, number, cause } => {
                out.damage(number.map_or(Place::EvtxChunk(chunk), Place::Record), cause)
            }
        }
    }

    fn windows_record(
        &mut self,
        json: &[u8],
        number: u64,
        spot: Spot,
        out: &mut dyn Receiver,
    ) -> ControlFlow<()> {
        out.record();
        let (mapped, id) = match self.windows.evtx(json) {
            Ok(Normal::Event { json, record }) => (json, record.unwrap_or(number)),
            Ok(Normal::Unwanted) => return ControlFlow::Continue(()),
            Err(error) => return out.damage(Place::Record(number), error.to_string()),
        };
        let met = Met { form: Form::Windows, ..Met::text(Position::Record(id), spot, json) };
        match foreign::hand_on((self.wanted, &mut self.record), mapped, met, out) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => out.damage(Place::Record(id), error.cause()),
        }
    }
}

/// What is told of the end of a record without its start.
pub(super) const NO_START: &str = "the record is cut short at its start";

/// Is what stands before a record on its line the end of another? No header closes what it has not opened.
fn is_tail(header: &[u8]) -> bool {
    ["\"}", "}}", "</Event>"].iter().any(|end| memchr::memmem::find(header, end.as_bytes()).is_some())
}

/// Where lines end with a carriage return alone: how far it is to the next record behind one; else to the end.
fn behind_return(rest: &[u8]) -> usize {
    let mut returns = memchr::memchr_iter(b'\r', rest).map(|at| at + 1);
    returns.find(|at| rest.get(*at) == Some(&b'{')).unwrap_or(rest.len())
}

/// How long the value is that starts a text, as far as its brackets tell.
fn extent(text: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    match text.first() {
        Some(b'<') => forms::xml::end(text, 0),
        Some(b'{' | b'[') => cursor.skip().ok().map(|()| cursor.at),
        Some(_) | None => None,
    }
}

/// How far it is to the first record of a line: behind the header of a message, or behind the end of a record whose start
/// is missing.
fn opening(first: &[u8], place: Place, out: &mut dyn Receiver) -> ControlFlow<(), usize> {
    let header = forms::header(first);
    if !is_tail(first.get(..header).unwrap_or_default()) {
        return ControlFlow::Continue(header);
    }
    out.record();
    out.damage(place, NO_START.to_owned())?;
    ControlFlow::Continue(behind_tail(first).map_or(first.len(), |(tail, _)| tail))
}

/// How several records stand on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    /// JSON, with nothing but white space between them.
    Json,
    /// The same of XML.
    Xml,
    /// As syslog messages, each behind its length.
    Frames,
}

impl Packing {
    /// Of a line by its start, and by the first byte of its first record.
    fn of(line: &[u8], record: Option<u8>) -> Packing {
        match record {
            _ if forms::frame(line) > 0 => Packing::Frames,
            Some(b'<') => Packing::Xml,
            Some(_) | None => Packing::Json,
        }
    }

    /// How far it is to the record that follows another; nothing where there is something else. What follows JSON is no
    /// other than what a search for it finds, so that a record counts whether or not the one before it was read to its end.
    fn next(self, behind: &[u8]) -> Option<usize> {
        match self {
            Packing::Json => matches!(behind.first(), Some(b'{' | b'[')).then_some(0),
            Packing::Xml | Packing::Frames => forms::next(behind),
        }
    }
}

/// How much of the line a record took. One that was dropped before its end has taken all, unless another follows.
fn used(rest: &[u8], end: Option<usize>, packing: Packing) -> Result<usize, String> {
    if let Some(end) = end {
        return Ok(end);
    }
    if packing != Packing::Frames && !crowd::is_in(rest) {
        return Ok(rest.len());
    }
    let mut cursor = Cursor::new(rest);
    cursor.skip().map_err(JsonError::cause)?;
    Ok(cursor.at)
}

/// The line that starts at `start`, with its end.
fn line_at(bytes: &[u8], start: usize) -> Option<&[u8]> {
    let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    rest.get(..end)
}
