//! `suppression_window`: after a detection, further ones of its key are dropped for a while.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::detection::Detection;
use super::options::{RunOptions, Windows};
use crate::plan::Plan;
use crate::value::operators::total_order;
use crate::value::{Timestamp, Value};

/// A reported detection opens a span for its key; later ones whose time falls in it are dropped.
pub(super) fn suppress(plan: &Plan, options: &RunOptions, mut found: Vec<Detection>) -> Vec<Detection> {
    let Some(length) = plan.suppression.filter(|_| options.windows == Windows::Covering) else {
        return found;
    };
    found.sort_by_key(|detection| (detection.time().is_none(), detection.time(), detection.first));
    let mut open: BTreeMap<Key, Timestamp> = BTreeMap::new();
    found.retain(|detection| {
        let Some(at) = detection.time() else { return true };
        let key = key(plan, detection);
        if open.get(&key).is_some_and(|until| at < *until) {
            return false;
        }
        open.insert(key, at.plus(length));
        true
    });
    found
}

/// The match variables; in a rule without match the outcome `suppression_key`.
fn key(plan: &Plan, detection: &Detection) -> Key {
    let values = if plan.info.has_match { &detection.matches } else { &detection.outcomes };
    let wanted = |name: &str| plan.info.has_match || name == "suppression_key";
    Key(values.iter().filter(|(name, _)| wanted(name)).map(|(_, value)| value.clone()).collect())
}

/// Values in an order.
struct Key(Vec<Value<'static>>);

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        self.0.iter().zip(&other.0).map(|(a, b)| total_order(a, b)).fold(Ordering::Equal, Ordering::then)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}
