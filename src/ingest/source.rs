//! What inputs are, and where in them a record stands.

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// What is opened.
        path: PathBuf,
        /// What reports call it.
        name: String,
        /// How it came into the run.
        origin: InputOrigin,
    },
    /// Bytes at hand.
    Memory {
        /// What reports call them.
        name: String,
        /// What would stand in the file.
        bytes: std::sync::Arc<[u8]>,
    },
}

/// How a file came into a run: one that was named must hold events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputOrigin {
    /// Its own path was given.
    Named,
    /// It was found in a folder or an archive.
    InFolder,
}

impl Input {
    /// What reports call it.
    pub fn name(&self) -> &str {
        match self {
            Input::Stdin => "-",
            Input::File { name, .. } | Input::Memory { name, .. } => name,
        }
    }

    pub(super) fn origin(&self) -> InputOrigin {
        match self {
            Input::Stdin => InputOrigin::Named,
            Input::File { origin, .. } => *origin,
            Input::Memory { .. } => InputOrigin::Named,
        }
    }
}

/// Where in a file a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Position {
    /// The line, from 1, where a record of a text form starts.
    Line(u64),
    /// The EventRecordID of a Windows event.
    Record(u64),
    /// The place among all records of its file that stand in an array or envelope, from 1.
    Index(u64),
    /// A Windows event in a text form.
    Logged {
        /// Its EventRecordID.
        record: u64,
        /// Where in the text it stands.
        at: Stand,
    },
}

/// Where in a text a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stand {
    /// See [`Position::Line`].
    Line(u64),
    /// See [`Position::Index`].
    Index(u64),
}

impl Position {
    /// The same place, of a Windows event with this EventRecordID.
    pub(super) fn logged(self, record: u64) -> Position {
        match self {
            Position::Line(line) => Position::Logged { record, at: Stand::Line(line) },
            Position::Index(index) => Position::Logged { record, at: Stand::Index(index) },
            Position::Logged { at, .. } => Position::Logged { record, at },
            Position::Record(_) => Position::Record(record),
        }
    }

    /// The EventRecordID, of a Windows event that has one.
    pub fn record(self) -> Option<u64> {
        match self {
            Position::Record(record) | Position::Logged { record, .. } => Some(record),
            Position::Line(_) | Position::Index(_) => None,
        }
    }
}

/// In which form the raw bytes of a record are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// UDM JSON.
    Udm,
    /// A Windows event as JSON in the form of evtx_dump.
    Windows,
}

/// How far into a record the reader looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// As far as the wanted fields need.
    Lazy,
    /// To its end, every byte.
    Whole,
}

/// Why an input was not read.
#[derive(Debug)]
pub(super) enum SourceError {
    /// It could not be opened or read.
    Io(io::Error),
    /// Its content is no known format.
    Unknown,
    /// It is of a known format, but so damaged that nothing of it can be had.
    Broken(String),
    /// The directory of an archive is damaged; its members come as inputs of their own.
    Directory(String),
}

impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> SourceError {
        SourceError::Io(error)
    }
}

/// A file that can be read again, as it was when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlainFile {
    pub(super) path: PathBuf,
    pub(super) len: u64,
    pub(super) modified: Option<SystemTime>,
}

/// A part of a file, which its records share.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) file: PlainFile,
    /// Its first byte.
    pub(super) start: u64,
}

impl Stretch {
    /// How far behind its start a byte of the file is: no chunk of ours is as long as 4 GiB.
    pub(super) fn within(&self, byte: u64) -> u32 {
        u32::try_from(byte.saturating_sub(self.start)).unwrap_or(u32::MAX)
    }
}
