//! A stretch of bytes that is filled as a whole and taken piece by piece.

use std::io::{self, Read};

/// The bytes, and how many of them are taken.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    at: usize,
}

impl Block {
    /// Reads as much as fits into `size` bytes, and gives the error that stopped it.
    pub(super) fn fill(&mut self, source: &mut impl Read, size: usize) -> Option<io::Error> {
        self.at = 0;
        self.bytes.resize(size, 0);
        let mut len = 0;
        let error = loop {
            let Some(room) = self.bytes.get_mut(len..).filter(|room| !room.is_empty()) else { break None };
            match source.read(room) {
                Ok(0) => break None,
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(error),
            }
        };
        self.bytes.truncate(len);
        error
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.at = 0;
    }

    /// Is nothing left in it?
    pub(super) fn is_taken(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Hands out the next bytes, as many as fit; gives how many.
    pub(super) fn take(&mut self, out: &mut [u8]) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.at += len;
        len
    }
}
