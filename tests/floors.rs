//! The rooms of the house: which may import which, and that each file says what it owns.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms by floor, lowest first. A room may import rooms of the floors below it.
const FLOORS: &[&[&str]] = &[
    &["text"],
    &["diag"],
    &["value"],
    &["regex", "schema", "syntax"],
    &["functions", "aggregates", "lists", "tables"],
    &["check", "ingest"],
    &["plan"],
    &["exec", "sql"],
    &["report", "explain", "fmt"],
    &["ruletest", "catalog", "lsp"],
    &["cli"],
];

/// Imports within a floor; otherwise its rooms are strangers.
const NEIGHBOURS: &[(&str, &str)] = &[("schema", "syntax"), ("tables", "lists")];

/// Files at the top that belong to no room.
const DOORS: &[&str] = &["lib", "main"];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn is_allowed(from: &str, to: &str) -> bool {
    from == to || NEIGHBOURS.contains(&(from, to)) || floor(to).is_some_and(|below| Some(below) < floor(from))
}

/// Why `from` may not import `to`, if it may not.
fn refusal(from: &str, to: &str) -> Option<String> {
    if DOORS.contains(&from) || is_allowed(from, to) {
        return None;
    }
    let known = |room| floor(room).is_some();
    Some(match (known(from), known(to)) {
        (false, _) => format!("`{from}` has no floor; give it one in tests/floors.rs"),
        (true, false) => format!("`{to}` is no room"),
        (true, true) if floor(from) == floor(to) => format!("`{from}` and `{to}` are strangers"),
        (true, true) => format!("`{to}` is above `{from}`"),
    })
}

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = walkdir::WalkDir::new(root.join("src")).sort_by_file_name().into_iter().map(Result::unwrap);
    let rust = files
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.map(|path| (path.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The room a file belongs to: the first part of its path below `src`.
fn room(path: &Path) -> String {
    let part = path.components().nth(1).unwrap();
    Path::new(part.as_os_str()).file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The code without its comments, line for line. What follows `//` in a string is lost as well, which hides no import.
fn without_comments(code: &str) -> String {
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Every room that the code names, with the line of the name.
fn imports(code: &str) -> Vec<(usize, String)> {
    const START: &str = "crate::";
    let code = without_comments(code);
    let starts = code.match_indices(START).filter(|(at, _)| !code[..*at].ends_with(is_word));
    starts.flat_map(|(at, _)| names(&code, at + START.len())).collect()
}

/// The first names of the path, or of the paths of a group, that begins at `at`.
fn names(code: &str, at: usize) -> Vec<(usize, String)> {
    let rest = &code[at..];
    if !rest.starts_with('{') {
        return name(code, at).into_iter().collect();
    }
    let (mut depth, mut found) = (0, Vec::new());
    for (offset, letter) in rest.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(letter, '{' | ',') {
            found.extend(name(code, at + offset + 1));
        }
    }
    found
}

fn name(code: &str, at: usize) -> Option<(usize, String)> {
    let rest = code[at..].trim_start();
    let name: String = rest.chars().take_while(|letter| is_word(*letter)).collect();
    let line = code[..code.len() - rest.len()].matches('\n').count() + 1;
    (!name.is_empty()).then_some((line, name))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let from = room(&path);
        for (line, to) in imports(&code) {
            wrong.extend(refusal(&from, &to).map(|why| format!("{}:{line}: {why}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Tests in a file of their own speak for the module above them, and `main` for itself.
fn owns_something(path: &Path) -> bool {
    room(path) != "main" && !path.ends_with("tests.rs")
}

#[test]
fn every_file_begins_by_saying_what_it_owns() {
    let silent =
        sources().into_iter().filter(|(path, code)| owns_something(path) && !code.starts_with("//! "));
    let silent: Vec<String> = silent.map(|(path, _)| path.display().to_string()).collect();
    assert!(silent.is_empty(), "no `//!` at the start of {}", silent.join(", "));
}

#[test]
fn every_room_that_is_there_has_a_floor() {
    let rooms = sources().into_iter().map(|(path, _)| room(&path));
    let homeless: Vec<String> =
        rooms.filter(|room| floor(room).is_none() && !DOORS.contains(&room.as_str())).collect();
    assert!(homeless.is_empty(), "no floor for {homeless:?}");
}

#[test]
fn imports_are_found_in_groups_and_in_code() {
    let code = "use crate::{\n    exec::{a, b},\n    plan, value::Value,\n};\n// crate::not\nfn f() { crate::cli::run(); }\n";
    let found = imports(code);
    let expected = [(2, "exec"), (3, "plan"), (3, "value"), (6, "cli")];
    assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
}

#[test]
fn strangers_and_upper_rooms_are_refused() {
    assert_eq!(refusal("plan", "exec").unwrap(), "`exec` is above `plan`");
    assert_eq!(refusal("functions", "lists").unwrap(), "`functions` and `lists` are strangers");
    assert_eq!(refusal("exec", "bank").unwrap(), "`bank` is no room");
    for (from, to) in
        [("exec", "plan"), ("report", "exec"), ("schema", "syntax"), ("exec", "exec"), ("main", "cli")]
    {
        assert_eq!(refusal(from, to), None, "{from} {to}");
    }
}
