//! One layout for rules: what `yaral fmt` writes means what was read, keeps every comment, and stays as it is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "the helpers of tests may panic"
)]

#[path = "common/shared.rs"]
mod shared;

use std::path::{Path, PathBuf};

use yaral::fmt::format;
use yaral::syntax::{Parsed, parse};
use yaral::text::Sources;

fn read(text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    parse(sources.get(id).unwrap())
}

fn formatted(name: &Path, text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    format(sources.get(id).unwrap()).unwrap_or_else(|why| panic!("{}: {why:?}", name.display()))
}

/// The comments, without the blanks at the ends of their lines.
fn comments(text: &str) -> Vec<String> {
    let parsed = read(text);
    let comment = |span: &yaral::text::Span| {
        let lines: Vec<&str> = text[span.range()].lines().map(str::trim_end).collect();
        lines.join("\n")
    };
    parsed.file.comments.iter().map(comment).collect()
}

/// The words around each comment, which tell where it stands.
fn neighbours(text: &str) -> Vec<(String, String)> {
    let spans = read(text).file.comments;
    let bare = |part: &str| part.split_whitespace().collect::<String>().to_lowercase();
    let before = |end: usize| bare(&text[..end]).chars().rev().take(12).collect();
    let after = |start: usize| bare(&text[start..]).chars().take(12).collect();
    spans.iter().map(|span| (before(span.range().start), after(span.range().end))).collect()
}

fn assert_kept(path: &Path, text: &str) {
    let once = formatted(path, text);
    let shown = path.display();
    assert_eq!(read(&once).file.units, read(text).file.units, "{shown}");
    assert_eq!(comments(&once), comments(text), "{shown}");
    assert_eq!(neighbours(&once), neighbours(text), "{shown}");
    assert_eq!(formatted(path, &once), once, "{shown}: a second time");
    assert!(!once.ends_with("\n\n") && once.ends_with('\n'), "{shown}");
}

fn rules_under(folder: &Path) -> Vec<PathBuf> {
    let files =
        walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.extension().is_some_and(|end| end == "yaral")).collect()
}

#[test]
fn rules_keep_their_meaning_and_their_comments() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["rules", "tests/syntax/good", "tests/valid"] {
        for path in rules_under(&root.join(folder)) {
            assert_kept(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn comments_stay_wherever_they_stand_and_however_lines_end() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fmt/comments_in_odd_places.yaral");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_kept(&path, &text);
    assert_eq!(comments(&text).len(), 65);
    assert_eq!(formatted(&path, &text.replace('\n', "\r\n")), formatted(&path, &text));
}

#[test]
fn the_shipped_rules_stand_in_the_one_layout() {
    for path in rules_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(formatted(&path, &text), text, "{}", path.display());
    }
}

/// The same tokens with other blanks, line ends and comments between them.
fn shaken(text: &str, seed: u64) -> String {
    const BETWEEN: [&str; 12] = [
        " ",
        " ",
        " ",
        " ",
        " ",
        "\n",
        "\n   ",
        "\n\n\n  ",
        " // c\n",
        "\n // own (\n  ",
        " /* b */ ",
        "\n/* long\n  one */\n",
    ];
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    let source = sources.get(id).unwrap();
    let (mut state, mut out, mut last) = (seed, String::new(), 0);
    for token in yaral::syntax::tokens(source) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let apart = token.start > last;
        if apart {
            out.push_str(BETWEEN[(state >> 33) as usize % BETWEEN.len()]);
        }
        out.push_str(token.text(text));
        last = token.end;
    }
    out
}

#[test]
fn however_a_rule_was_broken_into_lines_the_layout_is_stable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut formatted = 0;
    for folder in ["rules", "tests/syntax/good"] {
        for path in rules_under(&root.join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            for seed in 0..12 {
                let shaken = shaken(&text, seed);
                let broken = read(&shaken).diagnostics.iter().any(yaral::diag::Diagnostic::is_error);
                if !broken {
                    assert_kept(&path, &shaken);
                    formatted += 1;
                }
            }
        }
    }
    assert!(formatted > 50, "{formatted}");
}

/// Whatever is left of a text, it is laid out in its own meaning or left alone.
#[test]
fn no_damage_to_a_rule_makes_the_layout_another_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax/good");
    let signs = [
        "(", ")", "{", "}", "\"", "`", "/", "//", "/*", "*/", "\n", ".", ",", ":", "$", "%", "#", "not ", "é",
    ];
    for path in rules_under(&folder) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (turn, (at, letter)) in text.char_indices().step_by(11).enumerate() {
            let without = format!("{}{}", &text[..at], &text[at + letter.len_utf8()..]);
            let with = format!("{}{}{}", &text[..at], signs[turn % signs.len()], &text[at..]);
            for damaged in [without, with, text[..at].to_owned()] {
                let mut sources = Sources::default();
                let id = sources.add("case", damaged.as_str());
                let ended = format(sources.get(id).unwrap());
                assert!(
                    !matches!(ended, Err(yaral::fmt::LeftAlone::Changed)),
                    "{}:\n{damaged}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn published_rules_keep_their_meaning_and_their_comments() {
    let Some(folder) = shared::published() else { return };
    let all = rules_under(&folder);
    for path in &all {
        assert_kept(path, &std::fs::read_to_string(path).unwrap());
    }
    eprintln!("{} rules formatted", all.len());
    assert!(!all.is_empty());
}

const DRAFT: &str = "rule r{meta: author=\"x\" events: $e.a=1 // c\n condition:$e}";
const LAID_OUT: &str =
    "rule r {\n  meta:\n    author = \"x\"\n\n  events:\n    $e.a = 1 // c\n\n  condition:\n    $e\n}\n";
const BROKEN: &str = "rule r{meta: events: $e.a= \n condition:$e}";

/// Exit code and standard output.
fn yaral(args: &[&str], input: &str) -> (i32, String) {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_yaral"));
    let output = command.args(args).write_stdin(input).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn standard_input_comes_out_laid_out() {
    assert_eq!(yaral(&["fmt", "-"], DRAFT), (0, LAID_OUT.to_owned()));
    assert_eq!(yaral(&["fmt", "-"], LAID_OUT), (0, LAID_OUT.to_owned()));
    assert_eq!(yaral(&["fmt", "-"], BROKEN), (1, String::new()));
    assert_eq!(yaral(&["fmt", "-", "x.yaral"], DRAFT).0, 2);
}

#[test]
fn files_are_rewritten_and_broken_ones_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    std::fs::write(path("draft.yaral"), DRAFT).unwrap();
    std::fs::write(path("good.yaral"), LAID_OUT).unwrap();
    let here = folder.path().to_str().unwrap();
    let (code, named) = yaral(&["fmt", "--check", here], "");
    assert_eq!((code, named), (1, format!("{}\n", path("draft.yaral").display())));
    let (code, diff) = yaral(&["fmt", "--diff", here], "");
    assert!(code == 0 && diff.contains("+    $e.a = 1 // c") && read("draft.yaral") == DRAFT, "{diff}");
    assert_eq!(yaral(&["fmt", here], "").0, 0);
    assert_eq!((read("draft.yaral"), read("good.yaral")), (LAID_OUT.to_owned(), LAID_OUT.to_owned()));
    assert_eq!(yaral(&["fmt", "--check", here], ""), (0, String::new()));
    std::fs::write(path("broken.yaral"), BROKEN).unwrap();
    assert_eq!(yaral(&["fmt", here], "").0, 1);
    assert_eq!(read("broken.yaral"), BROKEN);
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script) = yaral(&["completions", shell], "");
        assert!(code == 0 && script.contains("fmt"), "{shell}");
    }
}
