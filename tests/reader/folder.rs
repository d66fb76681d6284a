//! What is run in a folder, and events to put there.

#![allow(dead_code, reason = "each file of tests takes what it needs")]

use std::fs;
use std::io::Write;

use serde_json::Value as Json;

pub use crate::ended::Ended;
pub use crate::shared::shared;
pub use common::Folder;

#[path = "../common/folder.rs"]
mod common;

/// Every launched process, alone.
pub const LAUNCHES: &str = r#"rule launches {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
  condition:
    $e
}
"#;

/// Hosts with many launches, whose events lie far apart in the input.
pub const BUSY: &str = r#"rule busy {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    $e.principal.hostname = $host
  match:
    $host over 1h
  outcome:
    $users = array_distinct($e.principal.user.userid)
    $luck = max(math.random())
  condition:
    #e > 3
}
"#;

impl Folder {
    /// `run` with the rule for launches and NDJSON, with one thread and with three, which must say the same.
    pub fn launches(&self, args: &[&str]) -> Ended {
        self.write("launches.yaral", LAUNCHES.as_bytes());
        let ended = |threads| {
            let fixed =
                ["run", "launches.yaral", "--format", "ndjson", "--now", "2024-05-02", "--threads", threads];
            self.run(&[&fixed, args].concat())
        };
        let (one, three) = (ended("1"), ended("3"));
        assert_eq!(one.untimed(), three.untimed());
        one
    }
}

impl Ended {
    /// Where the events of all detections stand.
    pub fn sources(&self) -> Vec<Json> {
        self.events().into_iter().map(|reference| reference["source"].clone()).collect()
    }

    /// The references of all detections.
    pub fn events(&self) -> Vec<Json> {
        let lines = self.lines();
        let elements = lines.iter().flat_map(|line| line["collectionElements"].as_array().unwrap());
        elements.flat_map(|element| element["references"].as_array().unwrap().clone()).collect()
    }

    /// Everything but how long it took.
    pub fn untimed(&self) -> (i32, String, String) {
        let stderr = match self.stderr.rfind(" in ") {
            Some(at) if self.stderr.ends_with("/s)\n") || self.stderr.ends_with(" s\n") => &self.stderr[..at],
            _ => &self.stderr,
        };
        (self.code, self.stdout.clone(), stderr.to_owned())
    }

    /// Is this said on standard error?
    pub fn says(&self, words: &str) -> bool {
        self.stderr.contains(words)
    }
}

/// One launch, as a line.
pub fn launch(number: u64) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    format!(
        r#"{{"metadata":{{"eventTimestamp":"2024-05-01T10:{minute:02}:{second:02}Z","eventType":"PROCESS_LAUNCH"}},"principal":{{"hostname":"ws{}","user":{{"userid":"user{}"}}}},"target":{{"process":{{"commandLine":"run \"{number}\""}}}}}}"#,
        number % 97,
        number % 7,
    ) + "\n"
}

/// A login, which is no launch.
pub const LOGIN: &str = r#"{"metadata":{"eventTimestamp":"2024-05-01T10:00:01Z","eventType":"USER_LOGIN"},"principal":{"hostname":"ws1"}}
"#;

/// So many launches, one on each line.
pub fn launches(count: u64) -> String {
    (0..count).map(launch).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, bytes).unwrap();
    gzip.finish().unwrap()
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The bytes of a real capture, where the shared files are.
pub fn capture(name: &str) -> Option<Vec<u8>> {
    shared(&format!("data/windows/{name}")).map(|path| fs::read(path).unwrap())
}
