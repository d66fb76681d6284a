//! Small searches: the files of `tests/searches/small`, each a search and, behind lines that start with `===`, what it
//! runs over and what it gives.
//!
//! `events` are a JSON object a line, `file PATH` is a list, a table or the like beside the search, `args` are further
//! arguments, one a line. `rows` or `text` is what is printed, in NDJSON or in the format of `args`; `says` holds lines
//! of which each is found on standard error; `exit` is the exit code where it is not 0.

use std::path::{Path, PathBuf};

/// A small search.
#[derive(Debug, Default)]
pub struct Small {
    pub name: String,
    pub search: String,
    pub args: Vec<String>,
    pub events: String,
    /// Path and text.
    pub files: Vec<(String, String)>,
    /// What is printed.
    pub out: String,
    /// Is it rows as NDJSON?
    pub is_rows: bool,
    pub says: Vec<String>,
    pub exit: i32,
}

impl Small {
    fn read(path: &Path) -> Small {
        let text = std::fs::read_to_string(path).unwrap();
        let mut small =
            Small { name: path.file_stem().unwrap().to_str().unwrap().to_owned(), ..Small::default() };
        let mut parts = text.split("=== ");
        small.search = parts.next().unwrap_or("").to_owned();
        for part in parts {
            let (heading, body) = part.split_once('\n').unwrap();
            small.take(heading.trim(), body);
        }
        small
    }

    fn take(&mut self, heading: &str, body: &str) {
        let lines = || body.lines().map(str::to_owned).collect();
        match heading.split_once(' ').unwrap_or((heading, "")) {
            ("events", _) => self.events = body.to_owned(),
            ("file", path) => self.files.push((path.to_owned(), body.to_owned())),
            ("args", _) => self.args = lines(),
            ("says", _) => self.says = lines(),
            ("exit", _) => self.exit = body.trim().parse().unwrap(),
            (kind @ ("rows" | "text"), _) => {
                self.is_rows = kind == "rows";
                self.out = body.to_owned();
            }
            _ => panic!("{}: no part is called `{heading}`", self.name),
        }
    }
}

/// Every small search, by name.
pub fn all() -> Vec<Small> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/searches/small");
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| Small::read(path)).collect()
}
