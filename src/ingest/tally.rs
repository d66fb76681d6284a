//! A worker, and what comes of a chunk in its hands.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::chunk::{Chunk, Opening, Place};
use super::cut::Next;
use super::held::Hoard;
use super::record::Event;
use super::sink::{Again, Found, Sink};
use super::source::{SourceError, Stretch};
use super::walk::{Met, Receiver, Spot, Walked, Walker};

/// What came of a chunk.
pub(super) struct Outcome<B> {
    /// The input that begins with it.
    pub(super) opens: Option<Opening>,
    /// Why nothing of the input can be read.
    pub(super) failed: Option<SourceError>,
    pub(super) batch: B,
    pub(super) records: u64,
    /// How many have a number of their own: parts of records, too.
    pub(super) numbers: u64,
    pub(super) bytes: u64,
    pub(super) walked: Walked,
    pub(super) bad: u64,
    /// The first bad record.
    pub(super) damage: Option<(Place, String)>,
}

impl<B: Default> Outcome<B> {
    pub(super) fn new(opens: Option<Opening>, failed: Option<SourceError>) -> Outcome<B> {
        let (batch, walked) = (B::default(), Walked::default());
        Outcome { opens, failed, batch, records: 0, numbers: 0, bytes: 0, walked, bad: 0, damage: None }
    }
}

/// Turns chunks into outcomes.
pub(super) struct Worker<'w, S: Sink> {
    pub(super) sink: &'w S,
    pub(super) state: S::Worker,
    pub(super) walker: Walker<'w>,
    pub(super) hoard: Hoard,
    pub(super) after_damage: ControlFlow<()>,
}

/// Makes something of a chunk.
pub(super) trait Walk<B> {
    /// What comes of the chunk; nothing at the end.
    fn walk(&mut self, chunk: &mut Chunk, next: Next) -> Option<Outcome<B>>;
}

impl<S: Sink> Walk<S::Batch> for Worker<'_, S> {
    fn walk(&mut self, chunk: &mut Chunk, next: Next) -> Option<Outcome<S::Batch>> {
        match next {
            Next::End => return None,
            Next::Failed(opening, error) => return Some(Outcome::new(Some(opening), Some(error))),
            Next::Chunk => {}
        }
        let mut tally = Tally {
            sink: self.sink,
            state: &mut self.state,
            input: chunk.input,
            file: chunk.file.as_ref(),
            hoard: &self.hoard,
            after_damage: self.after_damage,
            outcome: Outcome::new(chunk.opens.clone(), None),
        };
        let walked = self.walker.walk(chunk, &mut tally);
        let outcome = tally.outcome;
        Some(Outcome { walked, bytes: chunk.bytes().len() as u64, ..outcome })
    }
}

struct Tally<'t, S: Sink> {
    sink: &'t S,
    state: &'t mut S::Worker,
    input: u32,
    file: Option<&'t Arc<Stretch>>,
    hoard: &'t Hoard,
    after_damage: ControlFlow<()>,
    outcome: Outcome<S::Batch>,
}

impl<S: Sink> Receiver for Tally<'_, S> {
    fn event(&mut self, event: &Event<'_>, met: Met<'_>) {
        let again = match (self.file, met.spot) {
            (None, _) => Again::Never(self.hoard),
            (Some(file), Spot::Byte(start)) => Again::File(file, start),
            (Some(file), Spot::Evtx { at, nth, .. }) => Again::Evtx(file, at, nth),
        };
        let found = Found {
            // The record at hand is counted already.
            number: self.outcome.numbers.saturating_sub(1),
            seed: seed(self.input, met.spot),
            input: self.input,
            position: met.position,
            form: met.form,
            raw: met.raw,
            again,
            root: met.root,
            time: met.time,
        };
        self.sink.event(self.state, &mut self.outcome.batch, event, &found);
    }

    fn record(&mut self) {
        self.outcome.records += 1;
        self.outcome.numbers += 1;
    }

    fn part(&mut self) {
        self.outcome.numbers += 1;
    }

    fn damage(&mut self, place: Place, cause: String) -> ControlFlow<()> {
        self.outcome.bad += 1;
        self.outcome.damage.get_or_insert((place, cause));
        self.after_damage
    }
}

/// An input may have 2^44 bytes before its records meet those of others.
fn seed(input: u32, spot: Spot) -> u64 {
    let within = match spot {
        Spot::Byte(at) => at,
        Spot::Evtx { chunk, nth, .. } => (chunk << 16) | nth,
    };
    (u64::from(input) << 44) ^ within
}
