//! Records that cannot be read twice, held until they are shown: compressed, many together, since records are much alike.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use super::order::lock;
use super::sink::short;

/// So many bytes are compressed together: enough to find what repeats, and few to unpack for one record.
const BLOCK: usize = 128 << 10;

/// The fastest that is worth its name; the next ones save little.
const LEVEL: i32 = 1;

/// Records held together.
#[derive(Debug)]
pub(super) struct Block(Mutex<Bytes>);

#[derive(Debug)]
enum Bytes {
    /// More may come.
    Open(Vec<u8>),
    /// Compressed, with its length before.
    Packed(Vec<u8>, usize),
}

/// A record that is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) block: Arc<Block>,
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Held {
    /// The record, in the bytes of its block.
    pub(super) fn of<'b>(&self, block: &'b [u8]) -> Option<&'b [u8]> {
        let start = self.start as usize;
        block.get(start..start + self.len as usize)
    }
}

impl Block {
    /// Its bytes as they were; nothing should they not unpack.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match &*lock(&self.0) {
            Bytes::Open(bytes) => bytes.clone(),
            Bytes::Packed(packed, len) => zstd::bulk::decompress(packed, *len).unwrap_or_default(),
        }
    }

    /// Where the record starts, unless the block is full.
    fn take(&self, raw: &[u8]) -> Option<usize> {
        let mut bytes = lock(&self.0);
        let Bytes::Open(open) = &mut *bytes else { return None };
        if !open.is_empty() && open.len() + raw.len() > BLOCK {
            if let Ok(packed) = zstd::bulk::compress(open, LEVEL) {
                *bytes = Bytes::Packed(packed, open.len());
            }
            return None;
        }
        open.extend_from_slice(raw);
        Some(open.len() - raw.len())
    }
}

/// What one worker holds.
#[derive(Debug, Default)]
pub(super) struct Hoard(RefCell<Option<Arc<Block>>>);

impl Hoard {
    /// Holds a record.
    pub(super) fn hold(&self, raw: &[u8]) -> Held {
        let mut last = self.0.borrow_mut();
        if let Some(block) = &*last
            && let Some(start) = block.take(raw)
        {
            return Held { block: Arc::clone(block), start: short(start), len: short(raw.len()) };
        }
        let block = Arc::new(Block(Mutex::new(Bytes::Open(raw.to_vec()))));
        *last = Some(Arc::clone(&block));
        Held { block, start: 0, len: short(raw.len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_as_they_went_in_and_full_blocks_are_small() {
        let hoard = Hoard::default();
        let records: Vec<String> =
            (0..3_000).map(|number| format!("record {number} of many much alike")).collect();
        let large = "x".repeat(3 * BLOCK);
        let all: Vec<&str> = records.iter().map(String::as_str).chain([large.as_str(), "last"]).collect();
        let held: Vec<Held> =
            all.iter().cycle().take(10_000).map(|text| hoard.hold(text.as_bytes())).collect();
        let mut packed = 0;
        for (one, text) in held.iter().zip(all.iter().cycle()) {
            assert_eq!(one.of(&one.block.bytes()), Some(text.as_bytes()));
            packed += usize::from(
                matches!(&*lock(&one.block.0), Bytes::Packed(bytes, len) if bytes.len() * 4 < *len),
            );
        }
        assert!(packed > 6_000, "{packed}");
    }
}
