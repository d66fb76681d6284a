//! Opens inputs one after another: peels off compression and text encodings, and looks into archives.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use super::archive::{Archive, Contents, MAX_HELD, Member};
use super::piped::Piped;
use super::progress::{Progress, counted};
use super::source::{Input, InputOrigin, PlainFile, SourceError};
use super::steady::Steady;
use super::windows::evtx;

/// Bytes of an input, whatever they come from.
pub(super) type Bytes = Box<dyn Read + Send>;

/// Where decompressors run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decode {
    /// In the thread that asks for the bytes.
    Here,
    /// In a thread of their own.
    Apart,
}

/// An input, ready to be cut into chunks.
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) origin: InputOrigin,
    pub(super) content: Result<Content, SourceError>,
}

/// What an input holds.
pub(super) struct Content {
    pub(super) bytes: Bytes,
    pub(super) format: Format,
    /// The file, where its bytes are the bytes read.
    pub(super) file: Option<Arc<PlainFile>>,
}

/// What the first bytes say of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Text; what kind is seen in its first line.
    Text,
    /// Windows event logs.
    Evtx,
}

/// So many bytes tell an EVTX file whose first bytes are damaged.
const HEAD: usize = evtx::FIRST_CHUNK + evtx::CHUNK_MAGIC.len();
/// Compressed data in compressed data in an archive is plenty.
const MAX_LAYERS: usize = 4;

/// Opens the inputs of a run in their order, members of archives as inputs of their own.
pub(super) struct Opener<'i> {
    inputs: std::slice::Iter<'i, Input>,
    members: VecDeque<Member>,
    decode: Decode,
    progress: Option<Arc<Progress>>,
}

enum Peeled {
    Content(Content),
    Archive(Contents),
}

struct Raw {
    bytes: Bytes,
    file: Option<Arc<PlainFile>>,
    /// In how many archives it lies.
    depth: usize,
}

impl<'i> Opener<'i> {
    pub(super) fn new(inputs: &'i [Input], decode: Decode, progress: Option<Arc<Progress>>) -> Opener<'i> {
        Opener { inputs: inputs.iter(), members: VecDeque::new(), decode, progress }
    }

    /// The next input; archives are replaced by their members.
    pub(super) fn next(&mut self) -> Option<Opened> {
        loop {
            let (name, origin, raw) = self.raw()?;
            let content = match raw.and_then(|raw| self.peel(raw, &name)) {
                Ok(Peeled::Content(content)) => Ok(content),
                Ok(Peeled::Archive(Contents { members, trouble })) => {
                    members.into_iter().rev().for_each(|member| self.members.push_front(member));
                    let Some(trouble) = trouble else { continue };
                    Err(SourceError::Directory(trouble))
                }
                Err(error) => Err(error),
            };
            return Some(Opened { name, origin, content });
        }
    }

    fn raw(&mut self) -> Option<(String, InputOrigin, Result<Raw, SourceError>)> {
        if let Some(member) = self.members.pop_front() {
            let raw = member.open().map(|bytes| Raw { bytes, file: None, depth: member.depth });
            return Some((member.name, InputOrigin::InFolder, raw));
        }
        let input = self.inputs.next()?;
        let raw = open(input).map_err(SourceError::from);
        Some((input.name().to_owned(), input.origin(), raw))
    }

    fn peel(&self, raw: Raw, name: &str) -> Result<Peeled, SourceError> {
        let Raw { bytes, mut file, depth } = raw;
        let mut bytes = counted(bytes, self.progress.as_ref());
        for layer in 0..MAX_LAYERS {
            let (head, rest) = peek(bytes).map_err(|error| at_layer(layer + depth, error))?;
            let (packing, format) = (packing(&head), format(&head));
            bytes = Box::new(Cursor::new(head).chain(rest));
            bytes = match packing {
                Packing::None => return Ok(Peeled::Content(Content { bytes, format, file })),
                Packing::Zip if depth < MAX_LAYERS => {
                    return contents(bytes, file.as_deref(), name, depth).map(Peeled::Archive);
                }
                Packing::Zip => return Err(SourceError::Unknown),
                Packing::Gzip => self.unpacked(Steady::new(flate2::read::MultiGzDecoder::new(bytes))),
                Packing::Zstd => self.unpacked(Steady::new(zstd::Decoder::new(bytes)?)),
                Packing::Wide(encoding) => Box::new(
                    encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(bytes),
                ),
            };
            file = None;
        }
        Err(SourceError::Unknown)
    }

    fn unpacked(&self, decoder: Steady<impl Read + Send + 'static>) -> Bytes {
        match self.decode {
            Decode::Here => Box::new(decoder),
            Decode::Apart => Box::new(Piped::new(Box::new(decoder))),
        }
    }
}

/// Below a layer of compression, what cannot be read is damage and not a file that may not be opened.
fn at_layer(layer: usize, error: io::Error) -> SourceError {
    if layer == 0 {
        return SourceError::Io(error);
    }
    SourceError::Broken(broken_off(&error))
}

/// How damage to compressed data is told.
pub(super) fn broken_off(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the compressed data is cut short".to_owned(),
        _ => format!("the input breaks off: {error}"),
    }
}

fn open(input: &Input) -> io::Result<Raw> {
    match input {
        Input::Stdin => Ok(Raw { bytes: Box::new(io::stdin()), file: None, depth: 0 }),
        Input::Memory { bytes, .. } => {
            Ok(Raw { bytes: Box::new(Cursor::new(Arc::clone(bytes))), file: None, depth: 0 })
        }
        Input::File { path, .. } => {
            let file = File::open(path)?;
            let known = plain_file(path, &file.metadata()?);
            Ok(Raw { bytes: Box::new(file), file: known, depth: 0 })
        }
    }
}

/// A pipe cannot be read again.
fn plain_file(path: &Path, metadata: &fs::Metadata) -> Option<Arc<PlainFile>> {
    let known =
        || PlainFile { path: path.to_owned(), len: metadata.len(), modified: metadata.modified().ok() };
    metadata.is_file().then(|| Arc::new(known()))
}

/// What an archive holds, which must be held itself where it is no file of its own.
fn contents(
    bytes: Bytes,
    file: Option<&PlainFile>,
    name: &str,
    depth: usize,
) -> Result<Contents, SourceError> {
    if let Some(file) = file {
        return Archive::File(file.path.clone()).contents(name, depth + 1);
    }
    let mut held = Vec::new();
    let read = bytes.take(MAX_HELD + 1).read_to_end(&mut held);
    if held.len() as u64 > MAX_HELD {
        return Err(SourceError::Broken("an archive that is no file may have 1 GiB".to_owned()));
    }
    let mut contents = Archive::Held(held.into()).contents(name, depth + 1)?;
    if let Err(error) = read {
        // What came before the damage is used.
        contents.trouble = Some(format!("the archive: {}", broken_off(&error)));
    }
    Ok(contents)
}

/// The first bytes, fewer only where there are no more, and what is behind them: be it an error, which a decoder tells
/// only once.
fn peek(mut bytes: Bytes) -> io::Result<(Vec<u8>, Bytes)> {
    let mut head = Vec::new();
    match bytes.by_ref().take(HEAD as u64).read_to_end(&mut head) {
        Ok(_) => Ok((head, bytes)),
        Err(error) if head.is_empty() => Err(error),
        Err(error) => Ok((head, Box::new(Failing(Some(error))))),
    }
}

/// Nothing but an error, and behind it the end.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

enum Packing {
    None,
    Gzip,
    Zstd,
    Zip,
    /// UTF-16.
    Wide(&'static encoding_rs::Encoding),
}

fn packing(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        // A frame to be skipped, which some writers put first.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
        [0xff, 0xfe, ..] | [b'{' | b'[' | b'<' | b' ' | b'\r' | b'\n', 0, ..] => {
            Packing::Wide(encoding_rs::UTF_16LE)
        }
        [0xfe, 0xff, ..] | [0, b'{' | b'[' | b'<' | b' ' | b'\r' | b'\n', ..] => {
            Packing::Wide(encoding_rs::UTF_16BE)
        }
        _ => Packing::None,
    }
}

fn format(head: &[u8]) -> Format {
    let chunk = head.get(evtx::FIRST_CHUNK..).unwrap_or_default();
    let is_evtx = [evtx::MAGIC, evtx::CHUNK_MAGIC].iter().any(|magic| head.starts_with(*magic))
        || chunk.starts_with(evtx::CHUNK_MAGIC);
    if is_evtx { Format::Evtx } else { Format::Text }
}
