//! EVTX files: their chunks one by one, and each record of a chunk as JSON.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use evtx::{ChunkFlags, EvtxChunkData, EvtxFileHeader, ParserSettings};

/// The size of every chunk, whatever a header says.
pub const CHUNK_SIZE: usize = 65_536;
/// Where the first chunk starts.
pub const FIRST_CHUNK: usize = 4096;

/// What the first bytes of an EVTX file are.
pub const MAGIC: &[u8; 8] = b"ElfFile\0";
/// What the first bytes of a chunk are.
pub const CHUNK_MAGIC: &[u8; 8] = b"ElfChnk\0";

/// How long the header of a chunk is.
pub const CHUNK_HEADER: usize = 512;

/// What is wrong with a chunk before it is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The file ends inside it.
    Cut,
    /// Another one begins inside it.
    Overrun,
    /// It is none, and shorter than one.
    NoChunk,
}

impl Fault {
    fn cause(self) -> &'static str {
        match self {
            Fault::Cut => "the file ends inside this chunk",
            Fault::Overrun => "bytes are missing: another chunk begins inside this one",
            Fault::NoChunk => "bytes that belong to no chunk stand before this one",
        }
    }
}

/// What is met in an EVTX file.
#[derive(Debug, PartialEq, Eq)]
pub enum EvtxItem<'a> {
    /// A record.
    Record {
        /// Its number in this file. An exported file counts anew, so this is not the `EventRecordID`: that is
        /// [`super::RawRecord::record_id`].
        number: u64,
        /// The chunk it stands in, by its number from 0.
        chunk: u64,
        /// The record in the form of `evtx_dump`.
        json: &'a [u8],
    },
    /// A part that cannot be read; reading goes on behind it.
    Damage {
        /// The chunk's number, from 0.
        chunk: u64,
        /// The record's number in this file, where it is known.
        number: Option<u64>,
        /// What is wrong.
        cause: String,
    },
}

/// Why nothing of a file can be read.
#[derive(Debug, thiserror::Error)]
pub enum EvtxError {
    /// The file does not start as an EVTX file does.
    #[error("no EVTX file: {0}")]
    Header(String),
    /// The bytes cannot be got.
    #[error("{0}")]
    Io(#[from] io::Error),
}

type Each<'e> = dyn FnMut(EvtxItem<'_>) -> ControlFlow<()> + 'e;

/// Gives every record and every damaged part of an EVTX file, in the order of the file, to `each`, until it
/// breaks off.
///
/// # Errors
/// The header is none of an EVTX file, or the bytes cannot be read.
pub fn read(mut input: impl Read + Seek, each: &mut Each<'_>) -> Result<(), EvtxError> {
    input.seek(SeekFrom::Start(0))?;
    EvtxFileHeader::from_stream(&mut input).map_err(|why| EvtxError::Header(why.to_string()))?;
    let mut chunks = Chunks::new(input);
    let mut chunk = 0;
    while let Some(read) = chunks.load(chunk)? {
        let flow = match read {
            Loaded::Whole => chunks.decoder.records(chunk, each),
            Loaded::Cut => chunks.decoder.cut(chunk, Fault::Cut, each),
        };
        if flow.is_break() {
            return Ok(());
        }
        chunk += 1;
    }
    Ok(())
}

/// Gives the records and damaged parts of the chunk that starts at this byte to `each`; none where the file has no such
/// chunk.
///
/// # Errors
/// The bytes cannot be read.
pub fn read_chunk(mut input: impl Read + Seek, start: u64, each: &mut Each<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(start))?;
    input.take((CHUNK_SIZE + CHUNK_HEADER) as u64).read_to_end(&mut bytes)?;
    if !bytes.is_empty() {
        let (len, fault) = extent(&bytes);
        bytes.truncate(len);
        // There is nothing left to break off.
        let _ = Decoder::default().chunk(&bytes, (0, fault), each);
    }
    Ok(())
}

/// Where the first chunk starts, behind the header that starts these bytes.
pub fn first_chunk(bytes: &[u8]) -> usize {
    let place = FIRST_CHUNK.min(bytes.len());
    let in_place = bytes.get(place..).is_some_and(|chunk| chunk.starts_with(CHUNK_MAGIC));
    if in_place { place } else { sound_chunk(bytes).filter(|at| *at < place).unwrap_or(place) }
}

/// How many bytes the chunk has that starts these, of which there are those of a chunk and a chunk's header unless the
/// file ends before, and what is wrong with it.
pub fn extent(bytes: &[u8]) -> (usize, Option<Fault>) {
    let bytes = bytes.get(..CHUNK_SIZE + CHUNK_HEADER).unwrap_or(bytes);
    let is_chunk = bytes.starts_with(CHUNK_MAGIC);
    let is_followed = bytes
        .get(CHUNK_SIZE..)
        .is_some_and(|next| next.is_empty() || next.starts_with(CHUNK_MAGIC) || is_blank(next));
    let inside = if is_chunk && is_followed { None } else { bytes.get(1..).and_then(sound_chunk) };
    match inside.map(|at| at + 1).filter(|at| *at < CHUNK_SIZE) {
        Some(at) if is_chunk => (at, Some(Fault::Overrun)),
        Some(at) => (at, Some(Fault::NoChunk)),
        None if bytes.len() < CHUNK_SIZE => (bytes.len(), Some(Fault::Cut)),
        None => (CHUNK_SIZE, None),
    }
}

/// Where a chunk starts whose header holds its checksum.
fn sound_chunk(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(bytes, CHUNK_MAGIC).find(|at| {
        let header = bytes.get(*at..at + CHUNK_HEADER);
        let parts =
            header.and_then(|header| Some((header.get(..120)?, header.get(124..128)?, header.get(128..)?)));
        parts.is_some_and(|(start, written, rest)| {
            let mut crc = flate2::Crc::new();
            crc.update(start);
            crc.update(rest);
            crc.sum().to_le_bytes() == written
        })
    })
}

/// Why these bytes are no header of an EVTX file, if they are none.
pub fn header_fault(bytes: &[u8]) -> Option<String> {
    let header = EvtxFileHeader::from_stream(&mut io::Cursor::new(bytes));
    header.err().map(|why| why.to_string()).or_else(|| checksum_fault(bytes))
}

/// The header holds the checksum of its first 120 bytes, unless a flag says that it does not.
fn checksum_fault(bytes: &[u8]) -> Option<String> {
    const NO_CHECKSUM: u8 = 4;
    let (covered, flags, written) = (bytes.get(..120)?, bytes.get(120)?, bytes.get(124..128)?);
    let mut crc = flate2::Crc::new();
    crc.update(covered);
    let sound = flags & NO_CHECKSUM != 0 || crc.sum().to_le_bytes() == written;
    (!sound).then(|| "its checksum does not fit".to_owned())
}

/// How many chunks the file's header says there are; nothing where it cannot be sure of it.
pub fn chunks_written(header: &[u8]) -> u64 {
    const DIRTY: u8 = 1;
    let sure = header_fault(header).is_none() && header.get(120).is_some_and(|flags| flags & DIRTY == 0);
    let count =
        header.get(42..44).and_then(|bytes| bytes.first_chunk()).map(|bytes| u16::from_le_bytes(*bytes));
    count.filter(|_| sure).map_or(0, u64::from)
}

/// Is there nothing in the chunk? Windows makes files longer in advance.
pub fn is_blank(chunk: &[u8]) -> bool {
    chunk.iter().all(|byte| *byte == 0)
}

enum Loaded {
    Whole,
    Cut,
}

struct Chunks<R> {
    input: R,
    decoder: Decoder,
}

impl<R: Read + Seek> Chunks<R> {
    fn new(input: R) -> Chunks<R> {
        Chunks { input, decoder: Decoder::default() }
    }

    /// Reads a chunk's bytes; none past the end of the file.
    fn load(&mut self, at: u64) -> io::Result<Option<Loaded>> {
        let Some(start) =
            at.checked_mul(CHUNK_SIZE as u64).and_then(|bytes| bytes.checked_add(FIRST_CHUNK as u64))
        else {
            return Ok(None);
        };
        let bytes = &mut self.decoder.bytes;
        bytes.clear();
        self.input.seek(SeekFrom::Start(start))?;
        let length = (&mut self.input).take(CHUNK_SIZE as u64).read_to_end(bytes)?;
        Ok(match length {
            0 => None,
            CHUNK_SIZE => Some(Loaded::Whole),
            _ => Some(Loaded::Cut),
        })
    }
}

/// Decodes one chunk after the other in the same memory.
#[derive(Debug)]
pub struct Decoder {
    bytes: Vec<u8>,
    settings: Arc<ParserSettings>,
}

impl Default for Decoder {
    fn default() -> Decoder {
        // Checksums are looked at here, so that a chunk with a wrong one is told of and still read.
        let settings = ParserSettings::new().indent(false).validate_checksums(false);
        Decoder { bytes: Vec::new(), settings: Arc::new(settings) }
    }
}

impl Decoder {
    /// Gives the records and damaged parts of the chunk with this number, whose bytes these are, to `each`.
    pub fn chunk(
        &mut self,
        bytes: &[u8],
        (at, fault): (u64, Option<Fault>),
        each: &mut Each<'_>,
    ) -> ControlFlow<()> {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        match fault {
            None => self.records(at, each),
            Some(Fault::NoChunk) if is_blank(bytes) => ControlFlow::Continue(()),
            Some(fault) => self.cut(at, fault, each),
        }
    }

    /// A chunk that is not all there: its whole records are read, and that it is cut is all that is told.
    fn cut(&mut self, at: u64, fault: Fault, each: &mut Each<'_>) -> ControlFlow<()> {
        self.bytes.truncate(whole_records(&self.bytes));
        self.bytes.resize(CHUNK_SIZE, 0);
        self.records(at, &mut |item| match item {
            EvtxItem::Record { .. } => each(item),
            EvtxItem::Damage { .. } => ControlFlow::Continue(()),
        })?;
        each(EvtxItem::Damage { chunk: at, number: None, cause: fault.cause().to_owned() })
    }

    fn records(&mut self, at: u64, each: &mut Each<'_>) -> ControlFlow<()> {
        if is_blank(&self.bytes) {
            return ControlFlow::Continue(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        let mut chunk = match EvtxChunkData::new(bytes, false) {
            Ok(chunk) => chunk,
            Err(why) => return each(damage(at, None, &why)),
        };
        chunk.number = Some(at);
        if has_wrong_checksum(&chunk) {
            let cause = "the checksum is wrong; its records are read all the same".to_owned();
            each(EvtxItem::Damage { chunk: at, number: None, cause })?;
        }
        let flow = self.parse(&mut chunk, at, each);
        self.bytes = chunk.data;
        flow
    }

    fn parse(&self, data: &mut EvtxChunkData, at: u64, each: &mut Each<'_>) -> ControlFlow<()> {
        let settings = Arc::clone(&self.settings);
        let parse = move || {
            let data = data;
            data.parse(settings)
        };
        let parsed = catch_unwind(AssertUnwindSafe(parse));
        let mut chunk = match parsed {
            Ok(Ok(chunk)) => chunk,
            Ok(Err(why)) => return each(damage(at, None, &why)),
            Err(_) => return each(gave_up(at)),
        };
        let mut records = chunk.iter();
        loop {
            // The bytes are foreign and the decoder is not ours: should it panic, one chunk is lost, not the run.
            // `each` stays outside, as its panics are our own.
            let next = catch_unwind(AssertUnwindSafe(|| {
                records.next().map(|record| record.and_then(|record| record.into_json_bytes()))
            }));
            match next {
                Ok(None) => return ControlFlow::Continue(()),
                Ok(Some(Ok(record))) => {
                    let json = record.data.as_slice();
                    each(EvtxItem::Record { number: record.event_record_id, chunk: at, json })?;
                }
                Ok(Some(Err(why))) => each(damage(at, number_of(&why), &why))?,
                Err(_) => return each(gave_up(at)),
            }
        }
    }
}

/// How much of a chunk that is cut short are its header and whole records.
fn whole_records(bytes: &[u8]) -> usize {
    const MAGIC: &[u8] = b"**\0\0";
    let size = |at: usize| {
        let header = bytes.get(at..).filter(|rest| rest.starts_with(MAGIC))?;
        let size = header.get(MAGIC.len()..)?.first_chunk().map(|size| u32::from_le_bytes(*size))?;
        usize::try_from(size).ok().filter(|size| *size > MAGIC.len() && at + size <= bytes.len())
    };
    let mut at = CHUNK_HEADER.min(bytes.len());
    while let Some(size) = size(at) {
        at += size;
    }
    at
}

/// A chunk marked dirty was being written when the file was copied, and has no checksum yet.
fn has_wrong_checksum(chunk: &EvtxChunkData) -> bool {
    !chunk.header.flags.contains(ChunkFlags::DIRTY) && !chunk.validate_checksum()
}

fn gave_up(chunk: u64) -> EvtxItem<'static> {
    EvtxItem::Damage { chunk, number: None, cause: "the decoder gave up on this chunk".to_owned() }
}

fn damage(chunk: u64, number: Option<u64>, why: &dyn std::error::Error) -> EvtxItem<'static> {
    let mut cause = why.to_string();
    let mut inner = why.source();
    while let Some(error) = inner {
        cause.push_str(": ");
        cause.push_str(&error.to_string());
        inner = error.source();
    }
    EvtxItem::Damage { chunk, number, cause }
}

fn number_of(error: &evtx::err::EvtxError) -> Option<u64> {
    match error {
        evtx::err::EvtxError::FailedToParseRecord { record_id, .. } => Some(*record_id),
        _ => None,
    }
}
