//! A reader whose bytes are made in a thread of their own, a few blocks ahead.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::block::Block;
use super::open::Bytes;

const BLOCK: usize = 1 << 18;
/// So many blocks wait to be taken: enough to even out the two sides, and no more memory than a chunk has.
const AHEAD: usize = 4;

/// The far end of a thread that reads.
pub(super) struct Piped {
    blocks: Receiver<io::Result<Block>>,
    /// Blocks go back to be filled again.
    spent: Sender<Block>,
    block: Block,
}

impl Piped {
    pub(super) fn new(bytes: Bytes) -> Piped {
        let (send, blocks) = sync_channel(AHEAD);
        let (spent, empty) = channel();
        thread::spawn(move || fill(bytes, &send, &empty));
        Piped { blocks, spent, block: Block::default() }
    }
}

/// Goes on until the input ends or nobody takes the blocks any more.
fn fill(mut bytes: Bytes, send: &SyncSender<io::Result<Block>>, empty: &Receiver<Block>) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        let error = block.fill(&mut bytes, BLOCK);
        let is_empty = block.is_taken();
        if !is_empty && send.send(Ok(block)).is_err() {
            return;
        }
        if let Some(error) = error {
            // There is nothing to do for a receiver that has gone.
            let _ = send.send(Err(error));
            return;
        }
        if is_empty {
            return;
        }
    }
}

impl Read for Piped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.block.is_taken() {
            // Without a receiver the block is just dropped.
            let _ = self.spent.send(std::mem::take(&mut self.block));
            match self.blocks.recv() {
                Ok(block) => self.block = block?,
                Err(_) => return Ok(0),
            }
        }
        Ok(self.block.take(out))
    }
}
