//! A reader whose bytes are made in a thread of their own, a few blocks ahead.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::open::Bytes;

const BLOCK: usize = 1 << 18;
/// So many blocks wait to be taken: enough to even out the two sides, and no more memory than a chunk has.
const AHEAD: usize = 4;

/// The far end of a thread that reads.
pub(super) struct Piped {
    blocks: Receiver<io::Result<Vec<u8>>>,
    /// Blocks go back to be filled again.
    spent: Sender<Vec<u8>>,
    block: Vec<u8>,
    at: usize,
}

impl Piped {
    pub(super) fn new(bytes: Bytes) -> Piped {
        let (send, blocks) = sync_channel(AHEAD);
        let (spent, empty) = channel();
        thread::spawn(move || fill(bytes, &send, &empty));
        Piped { blocks, spent, block: Vec::new(), at: 0 }
    }
}

/// Goes on until the input ends or nobody takes the blocks any more.
fn fill(mut bytes: Bytes, send: &SyncSender<io::Result<Vec<u8>>>, empty: &Receiver<Vec<u8>>) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let (len, error) = read_block(&mut bytes, &mut block);
        block.truncate(len);
        if len > 0 && send.send(Ok(block)).is_err() {
            return;
        }
        if let Some(error) = error {
            // There is nothing to do for a receiver that has gone.
            let _ = send.send(Err(error));
            return;
        }
        if len == 0 {
            return;
        }
    }
}

/// As much as fits, and the error that stopped it.
fn read_block(bytes: &mut Bytes, block: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut len = 0;
    while let Some(room) = block.get_mut(len..).filter(|room| !room.is_empty()) {
        match bytes.read(room) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (len, Some(error)),
        }
    }
    (len, None)
}

impl Read for Piped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            // Without a receiver the block is just dropped.
            let _ = self.spent.send(std::mem::take(&mut self.block));
            self.at = 0;
            match self.blocks.recv() {
                Ok(block) => self.block = block?,
                Err(_) => return Ok(0),
            }
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
