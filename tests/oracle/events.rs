//! Random events and entities over a small part of the schema, with few values, so that they meet.

use serde_json::{Map, Value as Json, json};

use crate::random::Random;

pub const HOSTS: [&str; 5] = ["h1", "h2", "H1", "web-3", ""];
pub const ADDRESSES: [&str; 4] = ["10.0.0.1", "10.0.1.2", "192.168.0.9", "fe80::1"];
pub const NUMBERS: [i64; 5] = [0, 1, 2, 443, 3389];
pub const SIZES: [u64; 5] = [0, 7, 100, 4_294_967_296, 18_446_744_073_709_551_615];
pub const SCORES: [f64; 4] = [0.0, 0.5, 2.0, 10.25];
pub const TYPES: [&str; 4] = ["PROCESS_LAUNCH", "NETWORK_CONNECTION", "USER_LOGIN", "NOT_IN_THE_SCHEMA"];
pub const ACTIONS: [&str; 3] = ["ALLOW", "BLOCK", "FAIL"];
pub const KEYS: [&str; 3] = ["k", "kind", "x"];
pub const VALUES: [&str; 4] = ["a", "b", "A", ""];

/// The moment offsets are counted from: a multiple of every window's length but the longest.
pub const BASE: i64 = 1_714_557_600;

/// An object under construction.
struct Object<'r> {
    random: &'r mut Random,
    members: Map<String, Json>,
}

impl Object<'_> {
    /// Adds a member in one of its two spellings, `percent` times in a hundred.
    fn maybe(&mut self, percent: usize, name: &str, make: impl FnOnce(&mut Random) -> Json) {
        if self.random.chance(percent) {
            let name = if self.random.chance(70) { camel(name) } else { name.to_owned() };
            let value = make(self.random);
            if value.as_object().is_none_or(|members| !members.is_empty()) {
                self.members.insert(name, value);
            }
        }
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or("").to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

fn object(random: &mut Random, fill: impl FnOnce(&mut Object<'_>)) -> Json {
    let mut object = Object { random, members: Map::new() };
    fill(&mut object);
    Json::Object(object.members)
}

fn list(random: &mut Random, make: impl Fn(&mut Random) -> Json) -> Json {
    let length = [0, 1, 1, 2, 2, 3][random.below(6)];
    (0..length).map(|_| make(random)).collect()
}

fn host(random: &mut Random) -> Json {
    json!(random.word(&HOSTS))
}

fn number(random: &mut Random) -> Json {
    json!(random.pick(&NUMBERS))
}

/// 64-bit numbers are strings in proto JSON, but not in every export.
fn size(random: &mut Random) -> Json {
    let size = *random.pick(&SIZES);
    if random.chance(50) { json!(size.to_string()) } else { json!(size) }
}

fn address(random: &mut Random) -> Json {
    json!(random.word(&ADDRESSES))
}

fn label(random: &mut Random) -> Json {
    object(random, |label| {
        label.maybe(95, "key", |random| json!(random.word(&KEYS)));
        label.maybe(90, "value", |random| json!(random.word(&VALUES)));
    })
}

fn seconds(random: &mut Random) -> i64 {
    const OFFSETS: [i64; 14] = [0, 1, 5, 6, 30, 59, 60, 61, 120, 290, 300, 301, 600, 1200];
    BASE + *random.pick(&OFFSETS) + *random.pick(&[0, 0, 0, 3, 54, 270])
}

fn moment(random: &mut Random) -> Json {
    let seconds = seconds(random);
    match random.below(5) {
        0 => json!(seconds),
        1 => json!((seconds * 1000 + 500).to_string()),
        2 => json!(yaral::value::Timestamp(seconds * 1_000_000_000 + 999_999_999).to_rfc3339()),
        _ => json!(yaral::value::Timestamp(seconds * 1_000_000_000).to_rfc3339()),
    }
}

/// A random event; `timed` times in a hundred it says when it happened.
pub fn event(random: &mut Random, timed: usize) -> Json {
    object(random, |event| {
        event.maybe(100, "metadata", |random| metadata(random, timed));
        event.maybe(90, "principal", noun);
        event.maybe(80, "target", noun);
        event.maybe(60, "network", network);
        event.maybe(60, "security_result", |random| list(random, result));
        event.maybe(45, "about", |random| list(random, noun));
        event.maybe(50, "additional", additional);
    })
}

/// Has a dated event happen days or weeks from the others.
pub fn put_off(random: &mut Random, event: &mut Json) {
    const DAYS: [i64; 8] = [-30, -7, -1, 1, 2, 5, 31, 365];
    let Some(Json::Object(metadata)) = event.get_mut("metadata") else { return };
    let (camel, snake) = (metadata.remove("eventTimestamp"), metadata.remove("event_timestamp"));
    if camel.or(snake).is_some() {
        let seconds = seconds(random) + 86_400 * random.pick(&DAYS);
        let time = yaral::value::Timestamp(seconds * 1_000_000_000).to_rfc3339();
        metadata.insert("eventTimestamp".to_owned(), json!(time));
    }
}

fn metadata(random: &mut Random, timed: usize) -> Json {
    object(random, |metadata| {
        metadata.maybe(timed, "event_timestamp", moment);
        metadata.maybe(90, "event_type", |random| json!(random.word(&TYPES)));
        metadata.maybe(40, "collected_timestamp", moment);
        metadata.maybe(40, "product_event_type", host);
        metadata.maybe(40, "ingestion_labels", |random| list(random, label));
    })
}

fn noun(random: &mut Random) -> Json {
    object(random, |noun| {
        noun.maybe(85, "hostname", host);
        noun.maybe(60, "ip", |random| list(random, address));
        noun.maybe(60, "port", number);
        noun.maybe(60, "user", |random| {
            object(random, |user| {
                user.maybe(80, "userid", host);
                user.maybe(50, "group_identifiers", |random| list(random, host));
            })
        });
        noun.maybe(40, "file", |random| object(random, |file| file.maybe(90, "size", size)));
        noun.maybe(40, "resource", |random| {
            let labels = |random: &mut Random| list(random, label);
            object(random, |resource| {
                resource.maybe(90, "attribute", |random| {
                    object(random, |inner| inner.maybe(90, "labels", labels))
                });
            })
        });
    })
}

fn network(random: &mut Random) -> Json {
    object(random, |network| {
        network.maybe(60, "sent_bytes", size);
        network.maybe(60, "received_bytes", size);
        network.maybe(50, "direction", |random| json!(random.word(&["INBOUND", "OUTBOUND"])));
        network.maybe(50, "tls", |random| {
            object(random, |tls| tls.maybe(80, "established", |random| json!(random.chance(60))))
        });
        network.maybe(50, "dns", |random| {
            object(random, |dns| dns.maybe(90, "answers", |random| list(random, answer)))
        });
    })
}

fn answer(random: &mut Random) -> Json {
    object(random, |answer| {
        answer.maybe(80, "name", host);
        answer.maybe(80, "ttl", number);
    })
}

fn result(random: &mut Random) -> Json {
    object(random, |result| {
        result.maybe(70, "rule_name", host);
        result.maybe(70, "action", |random| list(random, |random| json!(random.word(&ACTIONS))));
        result.maybe(50, "severity", |random| json!(random.word(&["LOW", "HIGH"])));
        result.maybe(50, "risk_score", |random| json!(random.pick(&SCORES)));
        result.maybe(50, "detection_fields", |random| list(random, label));
    })
}

fn additional(random: &mut Random) -> Json {
    let mut members = Map::new();
    for key in KEYS {
        if random.chance(60) {
            let value = if random.chance(85) { json!(random.word(&VALUES)) } else { json!(5) };
            members.insert(key.to_owned(), value);
        }
    }
    Json::Object(members)
}

/// A random entity, valid always or for some time.
pub fn entity(random: &mut Random) -> Json {
    object(random, |entity| {
        entity.maybe(100, "metadata", |random| {
            object(random, |metadata| {
                // Without it a record may be no entity at all.
                metadata.maybe(100, "entity_type", |random| json!(random.word(&["ASSET", "USER"])));
                metadata.maybe(60, "interval", |random| {
                    object(random, |interval| {
                        interval.maybe(70, "start_time", moment);
                        interval.maybe(70, "end_time", moment);
                    })
                });
            })
        });
        entity.maybe(95, "entity", noun);
    })
}
