//! What a run finds: detections with their outcomes and evidence.

pub use crate::ingest::evidence::{Place, Sample};
pub use crate::ingest::source::{Position, Stand};
pub use crate::plan::{RuleInfo, RuleType};
use crate::schema::Root;
use crate::value::{Timestamp, Value, Window};

/// One detection.
#[derive(Debug, Clone)]
pub struct Detection {
    /// Which rule, by its place among the loaded ones.
    pub rule: usize,
    /// The window; nothing where the event has no usable time.
    pub window: Option<Window>,
    /// Match variables and their values, in source order.
    pub matches: Vec<(String, Value<'static>)>,
    /// Outcomes and their values, in source order.
    pub outcomes: Vec<(String, Value<'static>)>,
    /// Per event variable, in source order: its name, how many distinct events, and the first of them.
    pub events: Vec<Evidence>,
    /// Where in the input its first event stands, for the order of the output.
    pub first: u64,
}

/// The events of one variable.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The event variable, without `$`.
    pub label: String,
    /// What kind of record it stands for.
    pub kind: Root,
    /// How many distinct events stand behind the detection.
    pub count: usize,
    /// The first of them, in time order.
    pub samples: Vec<Sample>,
}

impl Detection {
    /// When it counts as having happened: the end of its window.
    pub fn time(&self) -> Option<Timestamp> {
        self.window.map(|window| window.end)
    }
}
