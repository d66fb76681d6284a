//! A decoder that is asked for the same stretches whoever reads it.
//!
//! What a decoder made in the very call in which it meets damage is lost. So that what comes before the damage does not
//! depend on how much somebody wanted at once, it is asked for little, and always for as much.

use std::io::{self, Read};

use super::block::Block;

/// So much is lost before damage at most; asking ten times oftener costs a hundredth of the decoding.
const STEP: usize = 4096;

pub(super) struct Steady<R> {
    decoder: R,
    block: Block,
    /// To be told once the block is taken.
    error: Option<io::Error>,
}

impl<R: Read> Steady<R> {
    pub(super) fn new(decoder: R) -> Steady<R> {
        Steady { decoder, block: Block::default(), error: None }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.block.clear();
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.error = self.block.fill(&mut self.decoder, STEP);
        match self.error.take_if(|_| self.block.is_taken()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.block.is_taken() {
            self.fill()?;
        }
        Ok(self.block.take(out))
    }
}
