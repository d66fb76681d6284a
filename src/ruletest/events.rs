//! Events written in a test: their times settled, and a time for those without.

use serde_json::{Map, Value as Json, json};

use super::model::EventSource;
use super::times;
use super::yaml::Node;
use crate::diag::Diagnostic;
use crate::value::time::SECOND;
use crate::value::{Duration, Timestamp};

/// Keys under which an envelope holds its one event.
const ENVELOPES: [&str; 5] = ["udm", "event", "idm", "readOnlyUdm", "read_only_udm"];

/// An event as a line of JSON, and its time; `base` and how many events stand before it give one to an event without.
pub(super) fn inline(
    node: &Node,
    (base, before): (Timestamp, usize),
    found: &mut Vec<Diagnostic>,
) -> (EventSource, Option<Timestamp>) {
    let (mut node, before_this) = (node.clone(), found.len());
    times::settle(&mut node, base, found);
    let mut event = node.json();
    let own = base.plus(Duration::seconds(i64::try_from(before).unwrap_or(i64::MAX)));
    let at = time_of(&mut event, own);
    // Only a time that is written can fail to be read.
    if at.is_none() && found.len() == before_this {
        found.push(super::fields::bad(node.span, "the time of the event cannot be read"));
    }
    (EventSource::Json(event.to_string()), at)
}

/// An entity as a line of JSON. It holds for a stretch of time, so none is given to it.
pub(super) fn entity(node: &Node, base: Timestamp, found: &mut Vec<Diagnostic>) -> EventSource {
    let mut node = node.clone();
    times::settle(&mut node, base, found);
    EventSource::Json(node.json().to_string())
}

/// The time of an event; where it has none, `own` is written into it.
fn time_of(event: &mut Json, own: Timestamp) -> Option<Timestamp> {
    let Some((holder, keys)) = holder(event) else { return Some(own) };
    if let Some(written) = keys.iter().find_map(|key| holder.get(*key)).filter(|value| !value.is_null()) {
        return read(written);
    }
    if let Some(key) = keys.first() {
        holder.insert((*key).to_owned(), json!(own.to_rfc3339()));
    }
    Some(own)
}

/// Where an event keeps its time, and the keys it may have there.
fn holder(event: &mut Json) -> Option<(&mut Map<String, Json>, &'static [&'static str])> {
    let map = event.as_object_mut()?;
    if map.contains_key("Event") {
        let system = child(child(map, "Event")?, "System")?;
        return Some((child(child(system, "TimeCreated")?, "#attributes")?, &["SystemTime"]));
    }
    if map.contains_key("winlog") {
        return Some((map, &["@timestamp"]));
    }
    if ["EventID", "SourceName", "Channel"].iter().any(|key| map.contains_key(*key)) {
        return Some((map, &["EventTime", "UtcTime", "@timestamp"]));
    }
    let mut map = map;
    while let Some(key) = ENVELOPES.iter().find(|key| map.get(**key).is_some_and(Json::is_object)) {
        map = child(map, key)?;
    }
    Some((child(map, "metadata")?, &["event_timestamp", "eventTimestamp"]))
}

fn child<'m>(map: &'m mut Map<String, Json>, key: &str) -> Option<&'m mut Map<String, Json>> {
    map.entry(key).or_insert_with(|| json!({})).as_object_mut()
}

fn read(written: &Json) -> Option<Timestamp> {
    match written {
        Json::String(text) => {
            Timestamp::parse(text)
                .or_else(|| text.parse().ok().and_then(Timestamp::from_epoch_number))
                .or_else(
                    // Windows writes times without an offset in UTC.
                    || Timestamp::parse(&format!("{text}Z")),
                )
        }
        Json::Number(number) => number.as_i64().and_then(Timestamp::from_epoch_number),
        Json::Object(parts) => {
            let part = |key: &str| parts.get(key).map(|part| part.as_i64().or(part.as_str()?.parse().ok()));
            let seconds = part("seconds").unwrap_or(Some(0))?;
            Timestamp(seconds.checked_mul(SECOND)?).plus(Duration(part("nanos").unwrap_or(Some(0))?)).into()
        }
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}
