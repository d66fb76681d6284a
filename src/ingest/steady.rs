//! A decoder that is asked for the same stretches whoever reads it.
//!
//! What a decoder made in the very call in which it meets damage is lost. So that what comes before the damage does not
//! depend on how much somebody wanted at once, it is asked for little, and always for as much.

use std::io::{self, Read};

/// So much is lost before damage at most; asking ten times oftener costs a hundredth of the decoding.
const STEP: usize = 4096;

pub(super) struct Steady<R> {
    decoder: R,
    block: Vec<u8>,
    at: usize,
    /// To be told once the block is taken.
    error: Option<io::Error>,
}

impl<R: Read> Steady<R> {
    pub(super) fn new(decoder: R) -> Steady<R> {
        Steady { decoder, block: Vec::new(), at: 0, error: None }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.at = 0;
        self.block.resize(STEP, 0);
        let mut len = 0;
        while let (None, Some(room)) =
            (&self.error, self.block.get_mut(len..).filter(|room| !room.is_empty()))
        {
            match self.decoder.read(room) {
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.error = Some(error),
            }
        }
        self.block.truncate(len);
        if len > 0 { Ok(()) } else { self.error.take().map_or(Ok(()), Err) }
    }
}

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            self.fill()?;
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let len = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.at += len;
        Ok(len)
    }
}
