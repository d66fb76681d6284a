//! What each rule cost and found, counted where somebody asks.

use std::time::{Duration, Instant};

/// Are the rules counted one by one?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tallying {
    /// No; a run is faster so.
    Off,
    /// Yes.
    On,
}

/// What came of one rule, or of one body of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The events whose values led to it, so that it was asked about them; one for each of its variables.
    pub tested: u64,
    /// Those that satisfied what it asks of one event.
    pub matched: u64,
    /// Windows that satisfied it, before any was suppressed.
    pub windows: u64,
    /// Detections.
    pub detections: u64,
    /// How long it was worked on, in all threads.
    pub time: Duration,
}

/// The same for all plans; nothing where nobody asks.
#[derive(Debug, Default)]
pub(super) struct Tallies(Vec<Tally>);

impl Tallies {
    pub(super) fn new(tallying: Tallying, plans: usize) -> Tallies {
        match tallying {
            Tallying::Off => Tallies::default(),
            Tallying::On => Tallies(vec![Tally::default(); plans]),
        }
    }

    /// When work begins, where it is counted: the clock is not looked at otherwise.
    pub(super) fn start(tallying: Tallying) -> Option<Instant> {
        match tallying {
            Tallying::Off => None,
            Tallying::On => Some(Instant::now()),
        }
    }

    /// Takes in what came of work on a plan since `start`.
    pub(super) fn add(&mut self, plan: usize, start: Option<Instant>, count: impl FnOnce(&mut Tally)) {
        let Some(start) = start else { return };
        if self.0.len() <= plan {
            self.0.resize(plan + 1, Tally::default());
        }
        if let Some(tally) = self.0.get_mut(plan) {
            tally.time += start.elapsed();
            count(tally);
        }
    }

    /// Puts the counts of a part to those of the whole.
    pub(super) fn merge(&mut self, part: &Tallies) {
        for (tally, part) in self.0.iter_mut().zip(&part.0) {
            tally.tested += part.tested;
            tally.matched += part.matched;
            tally.time += part.time;
        }
    }

    /// By plan.
    pub(super) fn into_all(self) -> Vec<Tally> {
        self.0
    }
}
