//! Lines that end with a carriage return alone, as old programs write them: read as if they ended as others do, so that
//! they count as lines and none has to be held with all others.

use std::io::{self, Read};

use memchr::memchr;

use crate::ingest::open::Bytes;

/// Are there such lines, and no others?
pub(super) fn are_in(text: &[u8]) -> bool {
    memchr(b'\n', text).is_none() && memchr(b'\r', text).is_some_and(|at| at + 1 < text.len())
}

/// Gives each line the usual end. JSON and XML have no carriage return inside a value, and every byte keeps its place.
pub(super) fn replace(text: &mut [u8]) {
    text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
}

/// Bytes of which every carriage return is a line end.
pub(super) struct Replaced(pub(super) Bytes);

impl Read for Replaced {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        replace(out.get_mut(..read).unwrap_or_default());
        Ok(read)
    }
}
