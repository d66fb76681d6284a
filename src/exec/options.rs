//! What a run is asked to do, and what it says of its input.

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
}

/// Which satisfied windows are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// As few as cover every event of a satisfied window.
    Covering,
    /// Every one, suppressed detections among them.
    All,
}

/// What happens at a record that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It is counted, and reading goes on.
    Counted,
    /// Reading stops, and nothing is reported; every record is read to its end.
    Fatal,
}

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
        }
    }
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Files that held events.
    pub files: u64,
    /// Records read, whatever the rules.
    pub records: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Records that could not be read.
    pub bad: u64,
    /// The first damage of each file, in input order.
    pub damages: Vec<DamageReport>,
    /// Files of a folder that are no event files.
    pub not_events: Vec<String>,
    /// Event paths that could not be opened or whose content is no known format, with the cause: exit code 2.
    pub failures: Vec<(String, String)>,
    /// Rules stopped while running, by name, with the cause: exit code 1.
    pub stopped: Vec<(String, String)>,
    /// Calculations out of range, which gave a zero value.
    pub overflows: u64,
    /// Events without a usable timestamp that were left out of windows.
    pub untimed: u64,
}

/// Damage in an input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamageReport {
    /// The file.
    pub path: String,
    /// Where: `line 12`, `record 345`, `chunk 2`.
    pub place: String,
    /// What is wrong.
    pub cause: String,
    /// How many bad records the file had in all.
    pub count: u64,
}
