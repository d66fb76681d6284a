//! Reads all inputs of a run: their records to a sink, and a summary of what was met.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::chunk::{Chunk, Opening};
use super::cut::Cutter;
use super::held::Hoard;
use super::open::{Decode, Opener};
use super::order::Order;
use super::pool;
use super::progress::Progress;
use super::sink::{Base, Sink};
use super::source::{Care, Input, InputOrigin, SourceError};
use super::tally::{Outcome, Walk, Worker};
use super::walk::Walker;
use super::wanted::Wanted;

/// How inputs are read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The largest record read, in bytes.
    pub max_record: usize,
    /// What happens at a record that cannot be read.
    pub damage: Damage,
    /// How many threads read; one is the caller's own.
    pub threads: usize,
    /// Told how far the reading is.
    pub progress: Option<Arc<Progress>>,
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

/// Reads every input in order; `merge` gets the batches in the order of the input, in the thread of the caller.
pub fn read_all<S: Sink>(
    inputs: &[Input],
    wanted: &Wanted,
    options: ReadOptions,
    sink: &S,
    merge: &mut dyn FnMut(S::Batch, Base),
) -> Reading {
    let (care, after_damage) = match options.damage {
        Damage::Counted if wanted.is_everything() => (Care::Whole, ControlFlow::Continue(())),
        Damage::Counted => (Care::Lazy, ControlFlow::Continue(())),
        Damage::Fatal => (Care::Whole, ControlFlow::Break(())),
    };
    let order = Order::default();
    let worker = || Worker {
        sink,
        state: sink.worker(),
        walker: Walker::new(wanted, &order, options.max_record, care),
        hoard: Hoard::default(),
        after_damage,
    };
    let mut merger =
        Merger { merge, options: &options, reading: Reading::default(), base: Base::default(), held: 0 };
    drive(inputs, &options, &order, &worker, &mut |outcome| {
        merger.take(outcome)?;
        if sink.is_done() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    merger.reading
}

/// Cuts the inputs into chunks and has workers walk them; `merge` gets what comes of them in order.
pub(super) fn drive<B: Send, W: Walk<B>>(
    inputs: &[Input],
    options: &ReadOptions,
    order: &Order,
    worker: &(dyn Fn() -> W + Sync),
    merge: &mut dyn FnMut(Outcome<B>) -> ControlFlow<()>,
) {
    let decode = if options.threads > 1 { Decode::Apart } else { Decode::Here };
    let opener = Opener::new(inputs, decode, options.progress.clone());
    let mut cutter = Cutter::new(opener, options.max_record);
    if options.threads > 1 {
        return pool::run(cutter, order, (options.threads, worker), merge);
    }
    let (mut worker, mut chunk) = (worker(), Chunk::default());
    loop {
        let next = cutter.next(&mut chunk);
        let Some(outcome) = worker.walk(&mut chunk, next) else { return };
        if merge(outcome).is_break() {
            return;
        }
        order.count();
        chunk.number += 1;
    }
}

/// Puts outcomes together, in input order.
struct Merger<'m, B> {
    merge: &'m mut dyn FnMut(B, Base),
    options: &'m ReadOptions,
    reading: Reading,
    base: Base,
    /// Records of the input at hand.
    held: u64,
}

impl<B> Merger<'_, B> {
    fn take(&mut self, outcome: Outcome<B>) -> ControlFlow<()> {
        if let Some(opening) = &outcome.opens {
            self.reading.names.push(opening.name.clone());
            self.base = Base { records: self.base.records, ..Base::default() };
            self.held = 0;
        }
        match (outcome.failed, outcome.opens) {
            (Some(error), Some(opening)) => return self.failure(opening, error),
            (Some(error), None) => return self.failure(unnamed(), error),
            (None, _) => {}
        }
        self.reading.files += u64::from(self.held == 0 && outcome.records > 0);
        self.held += outcome.records;
        self.reading.records += outcome.records;
        self.reading.bytes += outcome.bytes;
        if let Some(progress) = &self.options.progress {
            progress.add_records(outcome.records);
        }
        let flow = match outcome.damage {
            Some((place, cause)) => self.damage(place.text(&self.base), cause, outcome.bad),
            None => ControlFlow::Continue(()),
        };
        (self.merge)(outcome.batch, self.base);
        self.base.records += outcome.numbers;
        self.base.lines += outcome.walked.lines;
        self.base.indexes += outcome.walked.indexes;
        flow
    }

    fn failure(&mut self, opening: Opening, error: SourceError) -> ControlFlow<()> {
        match (error, opening.origin) {
            (SourceError::Unknown, InputOrigin::InFolder) => self.reading.not_events.push(opening.name),
            (SourceError::Unknown, InputOrigin::Named) => {
                let cause = "its content is no known event format".to_owned();
                self.reading.failures.push((opening.name, cause));
            }
            (SourceError::Io(error), _) => self.reading.failures.push((opening.name, error.to_string())),
            (SourceError::Broken(cause), _) => return self.damage("start".to_owned(), cause, 1),
            (SourceError::Directory(cause), _) => return self.damage("directory".to_owned(), cause, 1),
        }
        ControlFlow::Continue(())
    }

    fn damage(&mut self, place: String, cause: String, count: u64) -> ControlFlow<()> {
        self.reading.bad += count;
        let path = self.reading.names.last().cloned().unwrap_or_default();
        let report = DamageReport { path, place, cause, count };
        if self.options.damage == Damage::Fatal {
            self.reading.strict_stop = Some(report);
            return ControlFlow::Break(());
        }
        match self.reading.damages.last_mut() {
            Some(last) if last.path == report.path => last.count += count,
            _ => self.reading.damages.push(report),
        }
        ControlFlow::Continue(())
    }
}

/// A failure always opens its input; should it not, it still counts.
fn unnamed() -> Opening {
    Opening { name: String::new(), origin: InputOrigin::Named }
}
