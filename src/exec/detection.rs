//! What a run finds: detections with their outcomes and evidence.

use crate::value::{Timestamp, Value, Window};

/// Where an event stands in the input.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The path as given on the command line; standard input is `-`.
    pub path: String,
    /// Where in it.
    pub position: Position,
}

/// Where in a file a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Position {
    /// The line, from 1, where a record of a text form starts.
    Line(u64),
    /// The EventRecordID of a Windows event.
    Record(u64),
    /// The place in an array or envelope, from 1.
    Index(u64),
}

/// An event that is evidence.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The event in the spelling of Google's API.
    pub event: serde_json::Value,
    /// Where it stands.
    pub place: Place,
}

/// The rule a detection comes from: what reports show of it.
#[derive(Debug, Clone, Default)]
pub struct RuleInfo {
    /// The rule's name.
    pub name: String,
    /// The rule file as given.
    pub file: String,
    /// Every meta pair, in source order.
    pub meta: Vec<(String, String)>,
    /// SINGLE_EVENT or MULTI_EVENT.
    pub rule_type: RuleType,
    /// Does the rule have a `match` section?
    pub has_match: bool,
}

impl RuleInfo {
    /// The value of a meta key.
    pub fn meta(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Google's two classes of rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuleType {
    /// No match, or match and nothing but the existence of one event.
    #[default]
    SingleEvent,
    /// Everything else.
    MultiEvent,
}

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
