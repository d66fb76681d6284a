//! Finds the files in an archive whose directory is damaged, by the header that stands before each of them.

use std::io::{self, Read, Seek, SeekFrom};

use memchr::memmem;

use super::{Access, Entry, Packing};

const FILE: [u8; 4] = *b"PK\x03\x04";
const DIRECTORY: [u8; 4] = *b"PK\x01\x02";
/// Stands behind the data of a file whose size was not known before, with the sizes.
const SIZES: [u8; 4] = *b"PK\x07\x08";

const HEADER: usize = 30;
/// So many bytes are searched at a time.
const BLOCK: usize = 1 << 16;
/// More files than anybody puts into one archive.
const MOST: usize = 1 << 20;

trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// The files that can be found, folders among them.
pub(super) fn entries(mut input: impl Read + Seek) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((mark, place)) = next_mark(&mut input, at)? {
        at = place + FILE.len() as u64;
        if mark == FILE
            && found.len() < MOST
            && let Some(header) = header(&mut input, place)?
        {
            let (entry, end) = settled(&mut input, header)?;
            found.push(entry);
            at = end;
        }
    }
    Ok(found)
}

/// Where the next header, the directory or the sizes behind a file are, from `from` on.
fn next_mark(input: &mut impl Input, mut from: u64) -> io::Result<Option<([u8; 4], u64)>> {
    let mut block = Vec::new();
    loop {
        input.seek(SeekFrom::Start(from))?;
        block.clear();
        let read = input.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
        for at in memmem::find_iter(&block, b"PK") {
            let mark = block.get(at..).and_then(|rest| rest.first_chunk::<4>());
            if let Some(mark) = mark.filter(|mark| [FILE, DIRECTORY, SIZES].contains(mark)) {
                return Ok(Some((*mark, from + at as u64)));
            }
        }
        if read < BLOCK {
            return Ok(None);
        }
        // A mark may lie across two blocks.
        from += (BLOCK - (FILE.len() - 1)) as u64;
    }
}

/// What a header says.
struct Header {
    entry: Entry,
    /// The sizes stand behind the data.
    sizes_behind: bool,
}

/// Nothing where the bytes are no header of a file.
fn header(input: &mut impl Input, at: u64) -> io::Result<Option<Header>> {
    input.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    input.by_ref().take(HEADER as u64).read_to_end(&mut bytes)?;
    let fields = (short(&bytes, 6), short(&bytes, 8), long(&bytes, 14), short(&bytes, 26), short(&bytes, 28));
    let (Some(flags), Some(method), Some(crc), Some(name_len), Some(extra_len)) = fields else {
        return Ok(None);
    };
    let len = u64::from(name_len) + u64::from(extra_len);
    let read = input.by_ref().take(len).read_to_end(&mut bytes)?;
    let (name, extra) = bytes.split_at(bytes.len().min(HEADER + usize::from(name_len)));
    let name = String::from_utf8_lossy(name.get(HEADER..).unwrap_or_default()).into_owned();
    if read as u64 != len || name.is_empty() || name.contains('\0') {
        return Ok(None);
    }
    let sizes_behind = flags & 8 != 0;
    let entry = Entry {
        name,
        start: at + HEADER as u64 + len,
        packed: packed(&bytes, extra),
        packing: packing(method),
        crc: (!sizes_behind).then_some(crc),
        access: if flags & 1 == 0 { Access::Open } else { Access::Encrypted },
    };
    Ok(Some(Header { entry, sizes_behind }))
}

fn packing(method: u16) -> Packing {
    match method {
        0 => Packing::Stored,
        8 => Packing::Deflate,
        93 => Packing::Zstd,
        other => Packing::Other(format!("method {other}")),
    }
}

/// The size of the data; one of 64 bits is in a field of its own, behind that of the data unpacked.
fn packed(bytes: &[u8], mut extra: &[u8]) -> u64 {
    let size = long(bytes, 18).unwrap_or(0);
    if size != u32::MAX {
        return u64::from(size);
    }
    while let (Some(id), Some(len)) = (short(extra, 0), short(extra, 2)) {
        let field = extra.get(4..).unwrap_or_default();
        if id == 1 {
            return wide(field, 8).unwrap_or(0);
        }
        extra = field.get(usize::from(len)..).unwrap_or_default();
    }
    0
}

/// The entry with its size, and where to look for the next one.
fn settled(input: &mut impl Input, header: Header) -> io::Result<(Entry, u64)> {
    let Header { mut entry, sizes_behind } = header;
    if !sizes_behind || entry.packed > 0 {
        let end = entry.start.saturating_add(entry.packed);
        return Ok((entry, end));
    }
    let mut at = entry.start;
    while let Some((mark, place)) = next_mark(input, at)? {
        at = place + mark.len() as u64;
        entry.packed = place - entry.start;
        if mark == DIRECTORY || (mark == FILE && self::header(input, place)?.is_some()) {
            return Ok((entry, place));
        }
        if mark == SIZES
            && let Some(crc) = sizes_at(input, place, entry.packed)?
        {
            entry.crc = Some(crc);
            return Ok((entry, at));
        }
    }
    let end = input.seek(SeekFrom::End(0))?;
    // One more byte than there is: whoever needs it is told that the data are cut short.
    entry.packed = end.saturating_sub(entry.start) + 1;
    Ok((entry, end))
}

/// The checksum behind the data, if so many bytes of it are there.
fn sizes_at(input: &mut impl Input, at: u64, packed: u64) -> io::Result<Option<u32>> {
    input.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    input.by_ref().take(16).read_to_end(&mut bytes)?;
    let fits = long(&bytes, 8).map(u64::from) == Some(packed) || wide(&bytes, 8) == Some(packed);
    Ok(long(&bytes, 4).filter(|_| fits))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn wide(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}
