//! What a run is asked to do, and what it says of its input.

use std::sync::Arc;

use super::tally::{Tally, Tallying};
use crate::ingest::progress::Progress;
use crate::value::Timestamp;

/// How a run behaves.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Which satisfied windows are reported.
    pub windows: Windows,
    /// How many events per variable a detection shows.
    pub samples: usize,
    /// What happens at a record that cannot be read.
    pub damage: Damage,
    /// The time functions such as `timestamp.now` see.
    pub now: Timestamp,
    /// The largest record read, in bytes.
    pub max_record: usize,
    /// Events before it are left out.
    pub since: Option<Timestamp>,
    /// Events at or after it are left out.
    pub until: Option<Timestamp>,
    /// The most rows a group may have.
    pub max_group_rows: usize,
    /// How many threads read.
    pub threads: usize,
    /// Told how far the reading is.
    pub progress: Option<Arc<Progress>>,
    /// Are the rules counted one by one?
    pub tallying: Tallying,
}

impl RunOptions {
    /// How inputs are read.
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            max_record: self.max_record,
            damage: self.damage,
            threads: self.threads,
            progress: self.progress.clone(),
        }
    }
}

/// Which satisfied windows are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// As few as cover every event of a satisfied window.
    Covering,
    /// Every one, suppressed detections among them.
    All,
}

pub use crate::ingest::reading::{Damage, DamageReport, ReadOptions, Reading};

impl Default for RunOptions {
    fn default() -> RunOptions {
        RunOptions {
            windows: Windows::Covering,
            samples: 10,
            damage: Damage::Counted,
            now: Timestamp::default(),
            max_record: 64 << 20,
            since: None,
            until: None,
            max_group_rows: 10_000_000,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            progress: None,
            tallying: Tallying::Off,
        }
    }
}

/// What was met besides detections.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// What was read.
    pub reading: Reading,
    /// Rules stopped while running, by name, with the cause: exit code 1.
    pub stopped: Vec<(String, String)>,
    /// Calculations out of range, which gave a zero value.
    pub overflows: u64,
    /// Events without a usable timestamp that were left out of windows.
    pub untimed: u64,
    /// What came of each rule, by its name, then of each search; nothing unless asked for.
    pub tallies: Vec<(String, Tally)>,
}
