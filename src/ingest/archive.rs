//! Zip archives: each member is an input of its own, and read as a stream.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use zip::CompressionMethod;

use super::open::Bytes;
use super::source::SourceError;

/// An archive that is no file of its own is held whole, so large at most.
pub(super) const MAX_HELD: u64 = 1 << 30;

/// Where an archive's bytes are.
#[derive(Debug, Clone)]
pub(super) enum Archive {
    File(PathBuf),
    Held(Arc<[u8]>),
}

/// A file in an archive.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) depth: usize,
    archive: Archive,
    start: u64,
    packed: u64,
    method: CompressionMethod,
    crc: u32,
    sealed: Sealed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sealed {
    Open,
    Encrypted,
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
    pub(super) fn members(self, name: &str, depth: usize) -> Result<Vec<Member>, SourceError> {
        let broken = |error: zip::result::ZipError| SourceError::Broken(format!("the archive: {error}"));
        let mut zip = zip::ZipArchive::new(self.open()?).map_err(broken)?;
        let mut members = Vec::new();
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(broken)?;
            let inner = file.name().map_err(broken)?;
            if file.is_dir() || is_hidden(&inner) {
                continue;
            }
            members.push(Member {
                name: format!("{name}!/{inner}"),
                depth,
                archive: self.clone(),
                start: file.data_start().unwrap_or(0),
                packed: file.compressed_size(),
                method: file.compression(),
                crc: file.crc32(),
                sealed: if file.encrypted() { Sealed::Encrypted } else { Sealed::Open },
            });
        }
        members.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        Ok(members)
    }
}

/// As in a folder; `__MACOSX` holds what a Mac hides.
fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

impl Member {
    /// Its bytes, unpacked.
    pub(super) fn open(&self) -> Result<Bytes, SourceError> {
        if self.sealed == Sealed::Encrypted {
            return Err(SourceError::Broken("it is encrypted".to_owned()));
        }
        let mut archive = self.archive.open()?;
        archive.seek(SeekFrom::Start(self.start))?;
        let packed = archive.take(self.packed);
        let plain: Bytes = match self.method {
            CompressionMethod::STORE => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(flate2::read::DeflateDecoder::new(packed)),
            CompressionMethod::ZSTD => Box::new(zstd::Decoder::new(packed)?),
            other => return Err(SourceError::Broken(format!("it is compressed with {other}"))),
        };
        Ok(Box::new(Checked { plain, crc: flate2::Crc::new(), expected: self.crc }))
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
