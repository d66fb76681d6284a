//! Windows of one event variable are reported by a shorter way than those of several. A rule of two variables that stand
//! for the same event, by an id that no other has, goes the longer way and must report the same.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(feature = "cli")]

#[path = "common/ended.rs"]
mod ended;
#[path = "common/folder.rs"]
mod folder;

use std::fmt::Write;

use folder::Folder;
use serde_json::Value as Json;

const RULES: &str = r#"rule one {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.hostname = $host
  match:
    $host over 10m
  outcome:
    $ports = sum($e.principal.port)
    $most = max($e.principal.port)
    $names = count_distinct($e.target.user.userid)
  condition:
    #e > 2 and $ports > 300
}
rule two {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.hostname = $host
    $e.metadata.id = $f.metadata.id
    $f.metadata.event_type = "USER_LOGIN"
    $f.principal.hostname = $host
  match:
    $host over 10m
  outcome:
    $ports = sum($e.principal.port)
    $most = max($e.principal.port)
    $names = count_distinct($e.target.user.userid)
  condition:
    #e > 2 and $ports > 300 and $f
}
"#;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Bursts and lulls on many hosts, some events at the same moment, not in the order of time.
fn events() -> String {
    let (mut random, mut all) = (Random(11), String::new());
    for host in 0..80 {
        let mut at = 1_714_557_600 + random.below(600);
        for number in 0..random.below(60) {
            at += [0, random.below(30), random.below(200), random.below(900)][random.below(4) as usize];
            let (port, user, late) = (random.below(200), random.below(5), random.below(3) * 40);
            let time = at - late;
            writeln!(
                all,
                r#"{{"metadata":{{"eventTimestamp":"{time}","eventType":"USER_LOGIN","id":"{host}-{number}"}},"principal":{{"hostname":"ws{host}","port":{port}}},"target":{{"user":{{"userid":"u{user}"}}}}}}"#
            )
            .unwrap();
        }
    }
    all
}

/// What tells a detection, with the places of its events.
fn told(detection: &Json) -> (String, [Json; 3]) {
    let found = &detection["detection"][0];
    let elements = detection["collectionElements"].as_array().unwrap();
    let own = elements.iter().find(|one| one["label"] == "e").unwrap();
    let references = own["references"].as_array().unwrap();
    let places = references.iter().map(|one| one["source"]["line"].clone()).collect();
    let name = found["ruleName"].as_str().unwrap().to_owned();
    (name, [detection["timeWindow"].clone(), found["variables"].clone(), Json::Array(places)])
}

fn reported(more: &[&str]) -> [Vec<[Json; 3]>; 2] {
    let folder = Folder::with(&[("r.yaral", RULES.as_bytes()), ("e.jsonl", events().as_bytes())]);
    let fixed = ["run", "r.yaral", "e.jsonl", "--format", "ndjson", "--samples", "50"];
    let ended = folder.run(&[&fixed, more].concat());
    assert!(ended.code == 0 && ended.stderr.contains(" 0 bad"), "{ended:?}");
    let all: Vec<_> = ended.lines().iter().map(told).collect();
    ["one", "two"].map(|rule| {
        let own = all.iter().filter(|(name, _)| name == rule);
        own.map(|(_, told)| told.clone()).collect()
    })
}

#[test]
fn one_variable_and_two_for_the_same_events_report_the_same_windows() {
    for more in [&[][..], &["--all-windows"]] {
        let [one, two] = reported(more);
        assert!(one.len() > 40, "{}", one.len());
        assert_eq!(one, two, "{more:?}");
    }
}
