//! What a run finds: detections with their outcomes and evidence.

use std::sync::Arc;

pub use crate::ingest::evidence::{Place, Sample, Samples};
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
    pub matches: Named,
    /// Outcomes and their values, in source order.
    pub outcomes: Named,
    /// Per event variable, in source order: its name, how many distinct events, and the first of them.
    pub events: Vec<Evidence>,
    /// Where in the input its first event stands, for the order of the output.
    pub first: u64,
}

/// The events of one variable.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The event variable, without `$`.
    pub label: Arc<str>,
    /// What kind of record it stands for.
    pub kind: Root,
    /// How many distinct events stand behind the detection.
    pub count: usize,
    /// The first of them, in time order.
    pub samples: Samples,
}

impl Detection {
    /// When it counts as having happened: the end of its window.
    pub fn time(&self) -> Option<Timestamp> {
        self.window.map(|window| window.end)
    }
}

/// Variables and their values, in source order. The detections of a rule share the names.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    names: Arc<[String]>,
    values: Arc<[Value<'static>]>,
}

impl Named {
    /// A value for each name.
    pub fn new(names: &Arc<[String]>, values: impl IntoIterator<Item = Value<'static>>) -> Named {
        Named::of(names, &shared(values.into_iter().collect()))
    }

    /// Values that somebody else holds as well.
    pub fn of(names: &Arc<[String]>, values: &Arc<[Value<'static>]>) -> Named {
        Named { names: Arc::clone(names), values: Arc::clone(values) }
    }

    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value<'static>)> + Clone {
        self.names.iter().zip(&*self.values)
    }

    /// The values by themselves.
    pub fn values(&self) -> &[Value<'static>] {
        &self.values
    }
}

impl FromIterator<(String, Value<'static>)> for Named {
    fn from_iter<I: IntoIterator<Item = (String, Value<'static>)>>(pairs: I) -> Named {
        let (names, values): (Vec<String>, Vec<Value<'static>>) = pairs.into_iter().unzip();
        Named { names: names.into(), values: values.into() }
    }
}

/// Values to be held by several; no values take no memory.
pub(super) fn shared(values: Vec<Value<'static>>) -> Arc<[Value<'static>]> {
    if values.is_empty() { Arc::default() } else { values.into() }
}
