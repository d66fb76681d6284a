//! Cases worked out by hand: folders of `tests/run` with a rule, events, and the detections expected.
//!
//! Beside `rule.yaral`, `events.jsonl` and `expected.ndjson` a folder may hold `entities.jsonl`, `reference_lists`,
//! `data_tables`, further arguments of the command (`args`), its exit code (`exit`), and `pending`, which says what the
//! program does not run yet. A line of `expected.ndjson` is a detection: its match values, its window, its outcomes, and
//! for each event variable the lines of its events. A whole number and a double are told apart by the point.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A case.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub folder: PathBuf,
    /// Further arguments of the command.
    pub args: Vec<String>,
    #[allow(dead_code, reason = "the oracle has no exit code")]
    pub exit: i32,
    /// What keeps the program from running it.
    #[allow(dead_code, reason = "the oracle runs every case")]
    pub pending: Option<String>,
    pub expected: Vec<Json>,
}

impl Case {
    fn read(folder: PathBuf) -> Case {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
        Case {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            args: text("args").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            exit: text("exit").map_or(0, |text| text.trim().parse().unwrap()),
            pending: text("pending").map(|text| text.trim().to_owned()),
            expected: lines(&folder.join("expected.ndjson")),
            folder,
        }
    }
}

/// Every case, by name.
pub fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders.into_iter().map(Case::read).collect()
}

/// The JSON lines of a file; none where it is not there.
pub fn lines(path: &Path) -> Vec<Json> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{}: {why}", path.display())))
        .collect()
}
