//! Where events come from: files and standard input, told apart by their content, one record at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor as Memory, Read as _};
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::json::{Cursor, JsonError};
use super::read::{Read, read};
use super::record::{Event, Record};
use super::wanted::Wanted;
use super::windows::{Mapper, RecordReader, evtx};
use crate::schema::Root;

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// What is opened.
        path: PathBuf,
        /// What reports call it.
        name: String,
        /// How it came into the run.
        origin: InputOrigin,
    },
    /// Bytes at hand.
    Memory {
        /// What reports call them.
        name: String,
        /// What would stand in the file.
        bytes: std::sync::Arc<[u8]>,
    },
}

/// How a file came into a run: one that was named must hold events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputOrigin {
    /// Its own path was given.
    Named,
    /// It was found in a folder.
    InFolder,
}

impl Input {
    /// What reports call it.
    pub fn name(&self) -> &str {
        match self {
            Input::Stdin => "-",
            Input::File { name, .. } | Input::Memory { name, .. } => name,
        }
    }
}

/// Where in a file a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Position {
    /// The line, from 1, where a record of a text form starts.
    Line(u64),
    /// The EventRecordID of a Windows event.
    Record(u64),
    /// The place in an array or envelope, from 1.
    Index(u64),
}

/// In which form the raw bytes of a record are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// UDM JSON.
    Udm,
    /// A Windows event as JSON in the form of evtx_dump.
    Windows,
}

/// Takes what the reader finds.
pub(super) trait Receiver {
    /// An event that was read; `raw` is the record as it stood.
    fn event(&mut self, event: &Event<'_>, position: Position, form: Form, raw: &[u8]);
    /// A record was read, wanted or not.
    fn record(&mut self);
    /// A record that could not be read. May stop the reading.
    fn damage(&mut self, place: String, cause: String) -> ControlFlow<()>;
}

/// Why an input was not read.
#[derive(Debug)]
pub enum SourceError {
    /// It could not be opened or read.
    Io(io::Error),
    /// Its content is no known format.
    Unknown,
}

impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> SourceError {
        SourceError::Io(error)
    }
}

/// Reads one input after another with the same buffers.
pub(super) struct Source<'w> {
    wanted: &'w Wanted,
    record: Record,
    windows: RecordReader,
    mapper: Mapper,
    mapped: Vec<u8>,
    max_record: usize,
    care: Care,
}

/// How far into a record the reader looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// As far as the wanted fields need.
    Lazy,
    /// To its end, every byte.
    Whole,
}

/// Whatever is held whole, such as an EVTX file on standard input, may be so large.
const MAX_HELD: u64 = 1 << 30;

impl<'w> Source<'w> {
    /// A reader of what is `wanted`; records over `max_record` bytes are damage.
    pub fn new(wanted: &'w Wanted, max_record: usize, care: Care) -> Source<'w> {
        let mapper = Mapper::new(&|path| wanted.wants(path));
        let windows = RecordReader::default();
        Source { wanted, record: Record::default(), windows, mapper, mapped: Vec::new(), max_record, care }
    }

    /// Reads an input to its end; gives the bytes read, and nothing where it holds none.
    ///
    /// # Errors
    /// Where it cannot be opened, or its content is no known format.
    pub fn read(&mut self, input: &Input, sink: &mut dyn Receiver) -> Result<u64, SourceError> {
        let mut reader = open(input)?;
        let head = reader.fill_buf()?;
        if head.starts_with(&[0x1f, 0x8b]) {
            let plain = flate2::bufread::MultiGzDecoder::new(reader);
            return self.text_or_held(BufReader::with_capacity(1 << 18, plain), sink);
        }
        match input {
            Input::File { path, .. } if head.starts_with(evtx::MAGIC) => {
                self.evtx(BufReader::new(File::open(path)?), sink)
            }
            Input::File { .. } | Input::Stdin | Input::Memory { .. } => self.text_or_held(reader, sink),
        }
    }

    fn text_or_held(
        &mut self,
        mut reader: impl BufRead,
        sink: &mut dyn Receiver,
    ) -> Result<u64, SourceError> {
        let head = reader.fill_buf()?;
        if head.starts_with(evtx::MAGIC) {
            let mut held = Vec::new();
            reader.take(MAX_HELD).read_to_end(&mut held)?;
            return self.evtx(Memory::new(held), sink);
        }
        Text {
            source: self,
            reader,
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            ended: false,
            line: 1,
            cut: None,
        }
        .read(sink)
    }

    fn evtx(&mut self, input: impl io::Read + io::Seek, sink: &mut dyn Receiver) -> Result<u64, SourceError> {
        let mut bytes = 0;
        let result = evtx::read(input, &mut |item| match item {
            evtx::EvtxItem::Record { json, number, .. } => {
                bytes += json.len() as u64;
                self.windows_record(json, number, sink)
            }
            evtx::EvtxItem::Damage { chunk, number, cause } => {
                let place = number.map_or(format!("chunk {chunk}"), |number| format!("record {number}"));
                sink.damage(place, cause)
            }
        });
        match result {
            Ok(()) => Ok(bytes),
            Err(error) => {
                let _ = sink.damage("file header".to_owned(), error.to_string());
                Ok(bytes)
            }
        }
    }

    fn windows_record(&mut self, json: &[u8], number: u64, sink: &mut dyn Receiver) -> ControlFlow<()> {
        sink.record();
        let record = match self.windows.read(json) {
            Ok(record) => record,
            Err(error) => return sink.damage(format!("record {number}"), error.to_string()),
        };
        let id = record.record_id().and_then(|id| id.parse().ok()).unwrap_or(number);
        self.mapped.clear();
        self.mapper.map(&record, &mut self.mapped);
        match read(self.wanted, Root::Udm, &self.mapped, &mut self.record) {
            Ok(Read::Rejected) => {}
            Ok(Read::Whole(_)) => {
                let event =
                    Event { root: Root::Udm, wanted: self.wanted, record: &self.record, bytes: &self.mapped };
                sink.event(&event, Position::Record(id), Form::Windows, json);
            }
            Err(error) => return sink.damage(format!("record {id}"), error.cause()),
        }
        ControlFlow::Continue(())
    }
}

fn open(input: &Input) -> io::Result<Box<dyn BufRead>> {
    Ok(match input {
        Input::Stdin => Box::new(BufReader::with_capacity(1 << 18, io::stdin().lock())),
        Input::File { path, .. } => Box::new(BufReader::with_capacity(1 << 18, File::open(path)?)),
        Input::Memory { bytes, .. } => Box::new(Memory::new(std::sync::Arc::clone(bytes))),
    })
}

/// JSON text: lines, one object, concatenated objects, or an array.
struct Text<'s, 'w, R> {
    source: &'s mut Source<'w>,
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    offset: u64,
    ended: bool,
    line: u64,
    /// The input broke off with this error; what came before it is used.
    cut: Option<io::Error>,
}

impl<R: BufRead> Text<'_, '_, R> {
    fn read(mut self, sink: &mut dyn Receiver) -> Result<u64, SourceError> {
        self.more();
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.start += 3;
        }
        match self.first() {
            None if self.cut.is_none() => return Ok(0),
            None => {}
            Some(b'{') => self.lines(sink),
            Some(b'[') => self.values(sink),
            Some(_) => return Err(SourceError::Unknown),
        }
        if let Some(error) = self.cut.take() {
            let _ = sink.damage(format!("line {}", self.line), format!("the input breaks off: {error}"));
        }
        Ok(self.offset)
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Reads on; gives whether anything came.
    fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        match self.reader.fill_buf() {
            Ok([]) => self.ended = true,
            Ok(bytes) => {
                let len = bytes.len();
                self.buffer.extend_from_slice(bytes);
                self.reader.consume(len);
                self.offset += len as u64;
                return true;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return true,
            Err(error) => {
                self.cut = Some(error);
                self.ended = true;
            }
        }
        false
    }

    /// The first byte that is no white space, not taken.
    fn first(&mut self) -> Option<u8> {
        loop {
            while let Some(&byte) = self.buffer.get(self.start) {
                match byte {
                    b'\n' => self.line += 1,
                    b' ' | b'\t' | b'\r' => {}
                    _ => return Some(byte),
                }
                self.start += 1;
            }
            if !self.more() {
                return None;
            }
        }
    }

    fn lines(&mut self, sink: &mut dyn Receiver) {
        let mut first = true;
        while self.first().is_some() {
            let Some(end) = self.line_end() else {
                if self.oversize(sink).is_break() {
                    return;
                }
                continue;
            };
            let line = self.start..end;
            let number = self.line;
            self.start = end;
            let bytes = self.buffer.get(line.clone()).unwrap_or_default();
            match one_line(self.source, bytes, number, sink) {
                // A first object that does not end with its line: the file is laid out over lines.
                Err(JsonError::CutShort) if first && !self.at_end() => {
                    self.start = line.start;
                    return self.values(sink);
                }
                Ok(()) => {}
                Err(error) => {
                    sink.record();
                    if sink.damage(format!("line {number}"), error.cause()).is_break() {
                        return;
                    }
                }
            }
            first = false;
        }
    }

    fn at_end(&mut self) -> bool {
        self.first().is_none()
    }

    /// One past the last byte of the line; nothing where it is too long.
    fn line_end(&mut self) -> Option<usize> {
        let mut searched = 0;
        loop {
            let rest = self.rest();
            let fresh = rest.get(searched..).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', fresh) {
                return Some(self.start + searched + at);
            }
            searched = rest.len();
            if searched > self.source.max_record {
                return None;
            }
            if !self.more() {
                return Some(self.buffer.len());
            }
        }
    }

    /// Passes over a line that is too long, without holding it.
    fn oversize(&mut self, sink: &mut dyn Receiver) -> ControlFlow<()> {
        let cause = format!("the record is longer than {} bytes", self.source.max_record);
        sink.record();
        sink.damage(format!("line {}", self.line), cause)?;
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.rest()) {
                self.start += at;
                return ControlFlow::Continue(());
            }
            self.buffer.clear();
            self.start = 0;
            if !self.more() {
                return ControlFlow::Continue(());
            }
        }
    }

    /// Values one after another: concatenated objects, or the elements of arrays.
    fn values(&mut self, sink: &mut dyn Receiver) {
        let mut index = None;
        while let Some(byte) = self.first() {
            match byte {
                b'[' if index.is_none() => index = Some(0),
                b']' if index.is_some() => index = None,
                b',' if index.is_some() => {}
                _ => {
                    index = index.map(|index| index + 1);
                    if self.one_value(index, sink).is_break() {
                        return;
                    }
                    continue;
                }
            }
            self.start += 1;
        }
    }

    fn one_value(&mut self, index: Option<u64>, sink: &mut dyn Receiver) -> ControlFlow<()> {
        sink.record();
        let position = index.map_or(Position::Line(self.line), Position::Index);
        let place = index.map_or(format!("line {}", self.line), |index| format!("index {index}"));
        let end = match self.value_end() {
            Ok(end) => end,
            Err(cause) => {
                sink.damage(place, cause)?;
                self.next_opening_line();
                return ControlFlow::Continue(());
            }
        };
        let bytes = self.buffer.get(self.start..end).unwrap_or_default();
        let newlines = memchr::memchr_iter(b'\n', bytes).count() as u64;
        let result = one_record(self.source, bytes, position, sink);
        self.line += newlines;
        self.start = end;
        match result {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => sink.damage(place, error.cause()),
        }
    }

    fn value_end(&mut self) -> Result<usize, String> {
        loop {
            let mut cursor = Cursor::new(self.rest());
            match cursor.skip() {
                Ok(()) => return Ok(self.start + cursor.at),
                Err(JsonError::CutShort) if self.rest().len() > self.source.max_record => {
                    return Err(format!("the record is longer than {} bytes", self.source.max_record));
                }
                Err(JsonError::CutShort) => {
                    // Reading as much again keeps the repeated search within twice the record.
                    let goal = self.rest().len() * 2;
                    let mut grew = false;
                    while self.rest().len() <= goal && self.more() {
                        grew = true;
                    }
                    if !grew {
                        return Err(JsonError::CutShort.cause());
                    }
                }
                Err(error) => return Err(error.cause()),
            }
        }
    }

    /// After a bad value, reading goes on at the next line that opens a value.
    fn next_opening_line(&mut self) {
        loop {
            let rest = self.rest();
            let Some(at) = memchr::memchr(b'\n', rest) else {
                self.start = self.buffer.len();
                if !self.more() {
                    return;
                }
                continue;
            };
            self.start += at + 1;
            self.line += 1;
            if self.rest().is_empty() {
                self.more();
            }
            if matches!(self.rest().first(), Some(b'{' | b'[')) {
                return;
            }
        }
    }
}

/// A line: normally one record, now and then several objects one after another.
fn one_line(
    source: &mut Source<'_>,
    line: &[u8],
    number: u64,
    sink: &mut dyn Receiver,
) -> Result<(), JsonError> {
    let mut rest = line.trim_ascii();
    while !rest.is_empty() {
        if rest.len() > source.max_record {
            return Err(JsonError::TooDeep);
        }
        let used = one_record(source, rest, Position::Line(number), sink)?;
        sink.record();
        let Some(used) = used else { return Ok(()) };
        rest = rest.get(used..).unwrap_or_default().trim_ascii_start();
        if rest.first().is_some_and(|byte| *byte != b'{') {
            return Err(JsonError::Unexpected(used));
        }
    }
    Ok(())
}

/// Reads one record; gives how many bytes it took, unless it was dropped before its end.
fn one_record(
    source: &mut Source<'_>,
    bytes: &[u8],
    position: Position,
    sink: &mut dyn Receiver,
) -> Result<Option<usize>, JsonError> {
    match read(source.wanted, Root::Udm, bytes, &mut source.record)? {
        Read::Rejected => Ok(None),
        Read::Whole(end) => {
            let raw = bytes.get(..end).unwrap_or_default();
            if source.care == Care::Whole {
                let valid = serde_json::from_slice::<serde::de::IgnoredAny>(raw);
                valid.map_err(|error| JsonError::Unexpected(error.column().saturating_sub(1)))?;
            }
            let event = Event { root: Root::Udm, wanted: source.wanted, record: &source.record, bytes };
            sink.event(&event, position, Form::Udm, raw);
            Ok(Some(end))
        }
    }
}
