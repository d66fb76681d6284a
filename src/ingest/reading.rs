//! Reads all inputs of a run: their records to a sink, and a summary of what was met.

use std::ops::ControlFlow;

use super::record::Event;
use super::sink::{Base, Found, Sink};
use super::source::{Care, Form, Input, InputOrigin, Position, Receiver, Source, SourceError};
use super::wanted::Wanted;

/// How inputs are read.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// The largest record read, in bytes.
    pub max_record: usize,
    /// What happens at a record that cannot be read.
    pub damage: Damage,
}

/// What happens at a record that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It is counted, and reading goes on.
    Counted,
    /// Reading stops, and nothing is reported; every record is read to its end.
    Fatal,
}

/// What was met.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What reports call each input that was read.
    pub names: Vec<String>,
    /// Files that held events.
    pub files: u64,
    /// Records read, whatever was wanted of them.
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
    /// The bad record that ended a strict run.
    pub strict_stop: Option<DamageReport>,
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

/// Reads every input in order; `merge` gets the batches in the order of the input.
pub fn read_all<S: Sink>(
    inputs: &[Input],
    wanted: &Wanted,
    options: ReadOptions,
    sink: &S,
    merge: &mut dyn FnMut(S::Batch, Base),
) -> Reading {
    let care = match options.damage {
        Damage::Counted => Care::Lazy,
        Damage::Fatal => Care::Whole,
    };
    let mut source = Source::new(wanted, options.max_record, care);
    let mut chunks = Chunks {
        sink,
        merge,
        options,
        worker: sink.worker(),
        batch: S::Batch::default(),
        number: 0,
        reading: Reading::default(),
    };
    for input in inputs {
        chunks.reading.names.push(input.name().to_owned());
        let before = chunks.reading.records;
        match source.read(input, &mut chunks) {
            Ok(bytes) => {
                chunks.reading.bytes += bytes;
                chunks.reading.files += u64::from(chunks.reading.records > before);
            }
            Err(error) => failure(&mut chunks.reading, input, &error),
        }
        chunks.flush();
        if chunks.reading.strict_stop.is_some() {
            break;
        }
    }
    chunks.reading
}

fn failure(reading: &mut Reading, input: &Input, error: &SourceError) {
    let name = input.name().to_owned();
    let in_folder = matches!(input, Input::File { origin: InputOrigin::InFolder, .. });
    match error {
        SourceError::Unknown if in_folder => reading.not_events.push(name),
        SourceError::Unknown => {
            reading.failures.push((name, "its content is no known event format".to_owned()));
        }
        SourceError::Io(error) => reading.failures.push((name, error.to_string())),
    }
}

struct Chunks<'c, S: Sink> {
    sink: &'c S,
    merge: &'c mut dyn FnMut(S::Batch, Base),
    options: ReadOptions,
    worker: S::Worker,
    batch: S::Batch,
    /// Records of the chunk so far.
    number: u64,
    reading: Reading,
}

impl<S: Sink> Chunks<'_, S> {
    fn flush(&mut self) {
        let base = Base { records: self.reading.records - self.number, lines: 0 };
        (self.merge)(std::mem::take(&mut self.batch), base);
        self.number = 0;
    }
}

impl<S: Sink> Receiver for Chunks<'_, S> {
    fn event(&mut self, event: &Event<'_>, position: Position, form: Form, raw: &[u8]) {
        let input = u32::try_from(self.reading.names.len() - 1).unwrap_or(u32::MAX);
        let found = Found { number: self.number, seed: self.reading.records, input, position, form, raw };
        self.sink.event(&mut self.worker, &mut self.batch, event, &found);
    }

    fn record(&mut self) {
        self.reading.records += 1;
        self.number += 1;
    }

    fn damage(&mut self, place: String, cause: String) -> ControlFlow<()> {
        self.reading.bad += 1;
        let path = self.reading.names.last().cloned().unwrap_or_default();
        let report = DamageReport { path, place, cause, count: 1 };
        if self.options.damage == Damage::Fatal {
            self.reading.strict_stop = Some(report);
            return ControlFlow::Break(());
        }
        match self.reading.damages.last_mut() {
            Some(last) if last.path == report.path => last.count += 1,
            _ => self.reading.damages.push(report),
        }
        ControlFlow::Continue(())
    }
}
