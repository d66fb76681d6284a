//! How far a run is, for whoever watches it.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::open::Bytes;

/// Counts that grow while a run reads.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    records: AtomicU64,
}

impl Progress {
    /// Bytes taken from files, as they lie there.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Records read.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    pub(super) fn add_records(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
    }
}

/// Bytes that are counted as they are read.
pub(super) fn counted(bytes: Bytes, progress: Option<&Arc<Progress>>) -> Bytes {
    match progress {
        Some(progress) => Box::new(Counted { bytes, progress: Arc::clone(progress) }),
        None => bytes,
    }
}

struct Counted {
    bytes: Bytes,
    progress: Arc<Progress>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(out)?;
        self.progress.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
