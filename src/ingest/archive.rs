//! Zip archives: each member is an input of its own, and read as a stream.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use zip::CompressionMethod;
use zip::read::ZipArchive;
use zip::result::ZipResult;

use super::open::Bytes;
use super::source::SourceError;
use super::steady::Steady;

mod salvage;

/// An archive that is no file of its own is held whole, so large at most.
pub(super) const MAX_HELD: u64 = 1 << 30;

/// Where an archive's bytes are.
#[derive(Debug, Clone)]
pub(super) enum Archive {
    File(PathBuf),
    Held(Arc<[u8]>),
}

/// What an archive holds.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) members: Vec<Member>,
    /// What is wrong with its directory; the members were found all the same.
    pub(super) trouble: Option<String>,
}

/// A file in an archive.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) depth: usize,
    archive: Archive,
    entry: Entry,
}

/// What an archive says of a file in it.
#[derive(Debug)]
struct Entry {
    name: String,
    /// Where its data start.
    start: u64,
    /// How many bytes they are, packed.
    packed: u64,
    packing: Packing,
    /// The checksum of the bytes unpacked, where it is known.
    crc: Option<u32>,
    access: Access,
}

/// How a file is compressed in an archive.
#[derive(Debug, PartialEq, Eq)]
enum Packing {
    Stored,
    Deflate,
    Zstd,
    /// Something rare, by its name.
    Other(String),
}

impl From<CompressionMethod> for Packing {
    fn from(method: CompressionMethod) -> Packing {
        match method {
            CompressionMethod::STORE => Packing::Stored,
            CompressionMethod::DEFLATE => Packing::Deflate,
            CompressionMethod::ZSTD => Packing::Zstd,
            other => Packing::Other(other.to_string()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Access {
    Open,
    Encrypted,
    /// Its data cannot be found.
    Lost(String),
}

trait Seekable: Read + Seek + Send {}
impl<T: Read + Seek + Send> Seekable for T {}

impl Archive {
    fn open(&self) -> io::Result<Box<dyn Seekable>> {
        Ok(match self {
            Archive::File(path) => Box::new(File::open(path)?),
            Archive::Held(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }

    /// The files in it by the bytes of their names, as in a folder; hidden ones are left out.
    pub(super) fn contents(self, name: &str, depth: usize) -> Result<Contents, SourceError> {
        let (mut entries, trouble) = match listed(self.open()?) {
            Ok(entries) => (entries, None),
            Err(error) => (salvage::entries(self.open()?)?, Some(format!("the archive: {error}"))),
        };
        entries.retain(|entry| !entry.name.ends_with('/') && !is_hidden(&entry.name));
        entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        let member = |entry: Entry| {
            let name = format!("{name}!/{}", entry.name);
            Member { name, depth, archive: self.clone(), entry }
        };
        Ok(Contents { members: entries.into_iter().map(member).collect(), trouble })
    }
}

/// The files that the archive's directory lists, folders among them.
fn listed(bytes: Box<dyn Seekable>) -> ZipResult<Vec<Entry>> {
    let mut zip = ZipArchive::new(bytes)?;
    (0..zip.len()).map(|index| entry(&mut zip, index)).collect()
}

fn entry(zip: &mut ZipArchive<Box<dyn Seekable>>, index: usize) -> ZipResult<Entry> {
    let name = zip.name_for_index(index).transpose()?.unwrap_or_default().into_owned();
    let file = match zip.by_index_raw(index) {
        Ok(file) => file,
        // The directory is sound, and so are other files.
        Err(error) => {
            let access = Access::Lost(error.to_string());
            return Ok(Entry { name, start: 0, packed: 0, packing: Packing::Stored, crc: None, access });
        }
    };
    Ok(Entry {
        name,
        start: file.data_start().unwrap_or(0),
        packed: file.compressed_size(),
        packing: file.compression().into(),
        crc: Some(file.crc32()),
        access: if file.encrypted() { Access::Encrypted } else { Access::Open },
    })
}

/// As in a folder; `__MACOSX` holds what a Mac hides. Names that start with `./` are common, and none is ever written to.
fn is_hidden(name: &str) -> bool {
    let is_way = |part: &str| matches!(part, "." | "..");
    name.split('/').any(|part| (part.starts_with('.') && !is_way(part)) || part == "__MACOSX")
}

impl Member {
    /// Its bytes, unpacked.
    pub(super) fn open(&self) -> Result<Bytes, SourceError> {
        let entry = &self.entry;
        match &entry.access {
            Access::Open => {}
            Access::Encrypted => return Err(SourceError::Broken("it is encrypted".to_owned())),
            Access::Lost(why) => return Err(SourceError::Broken(why.clone())),
        }
        let mut archive = self.archive.open()?;
        archive.seek(SeekFrom::Start(entry.start))?;
        let packed = Exact(archive.take(entry.packed));
        let plain: Bytes = match &entry.packing {
            Packing::Stored => Box::new(packed),
            Packing::Deflate => Box::new(Steady::new(flate2::read::DeflateDecoder::new(packed))),
            Packing::Zstd => Box::new(Steady::new(zstd::Decoder::new(packed)?)),
            Packing::Other(name) => return Err(SourceError::Broken(format!("it is compressed with {name}"))),
        };
        Ok(match entry.crc {
            Some(expected) => Box::new(Checked { plain, crc: flate2::Crc::new(), expected }),
            None => plain,
        })
    }
}

/// Bytes of which as many must be there as were announced.
struct Exact(io::Take<Box<dyn Seekable>>);

impl Read for Exact {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 if self.0.limit() > 0 && !out.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

/// Compares the checksum at the end.
struct Checked {
    plain: Bytes,
    crc: flate2::Crc,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.plain.read(out)?;
        self.crc.update(out.get(..read).unwrap_or_default());
        if read == 0 && !out.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum in the archive is wrong"));
        }
        Ok(read)
    }
}
