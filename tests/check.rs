//! What `check` says of rules. Cases are files under `tests/errors/`, whose findings stand beside them as `.out`, and
//! under `tests/valid/`, which give none; `YARAL_BLESS=1` writes what is expected anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of tests may panic")]

#[path = "common/golden.rs"]
mod golden;
#[path = "check/rendering.rs"]
mod rendering;
#[path = "common/shared.rs"]
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use golden::golden;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert, proptest};
use serde_json::Value;
use yaral::check::{check, google, silence, style};
use yaral::diag::render::{self, Colour};
use yaral::diag::{self, Diagnostic, Label, codes, fix};
use yaral::syntax::parse;
use yaral::text::{Source, SourceId, Sources, Span};

fn checked(name: &str, text: &str) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add(name, text);
    let parsed = parse(sources.get(id).unwrap());
    let mut found = parsed.diagnostics;
    found.extend(check(&parsed.file));
    (sources, found)
}

/// What is not run here changes as the program grows, and has cases of its own: those that find nothing else.
fn lasting(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let not_run = |one: &Diagnostic| one.code.id.starts_with("YC6");
    if !found.iter().all(not_run) {
        found.retain(|one| !not_run(one));
    }
    found
}

/// Severity, place, code, what is underlined, message and help.
fn findings(name: &str, text: &str) -> String {
    let (sources, found) = checked(name, text);
    shown(sources.iter().next().unwrap(), lasting(found))
}

fn shown(source: &Source, found: Vec<Diagnostic>) -> String {
    let mut out = String::new();
    for one in found {
        let at = source.position(one.label.span.start);
        let under = source.slice(one.label.span).replace('\n', "\\n");
        writeln!(out, "{}:{} {} {} {}", at.line, at.column, one.severity.name(), one.code.id, one.message)
            .unwrap();
        writeln!(out, "    at `{under}`").unwrap();
        writeln!(out, "    help: {}", one.help.unwrap_or_default()).unwrap();
    }
    out
}

fn cases_folder(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder)
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = cases_folder(folder);
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|found| found == "yaral"));
    all.sort();
    assert!(!all.is_empty());
    all
}

#[test]
fn each_mistake_is_found_once_and_its_correction_named() {
    for case in cases("errors") {
        let text = std::fs::read_to_string(&case).unwrap();
        golden(&case.with_extension("out"), &findings("case", &text));
    }
}

/// With the text as `--fix` leaves it, where it changes anything.
#[test]
fn each_lint_is_found_and_what_is_safe_is_mended() {
    for case in cases("lints") {
        let text = std::fs::read_to_string(&case).unwrap();
        let mut out = findings("case", &text);
        let (sources, mut found) = checked("case", &text);
        let source = sources.iter().next().unwrap();
        if name(&case).starts_with("style_") {
            found = style(&parse(source).file);
            out = shown(source, found.clone());
        }
        let (mended, count) = fix::apply(source, &found);
        if count > 0 {
            write!(out, "\n{mended}").unwrap();
            assert_eq!(
                fix::apply(sources_of(&mended).iter().next().unwrap(), &checked("again", &mended).1).1,
                0
            );
        }
        golden(&case.with_extension("out"), &out);
    }
}

/// An escape written out is the text that it was before.
#[test]
fn escapes_that_are_mended_keep_their_text() {
    let text =
        std::fs::read_to_string(cases_folder("lints").join("backslashes_that_escape_nothing.yaral")).unwrap();
    let (sources, found) = checked("case", &text);
    let (mended, count) = fix::apply(sources.iter().next().unwrap(), &found);
    let units = |text: &str| parse(sources_of(text).iter().next().unwrap()).file.units;
    assert_eq!((count, units(&text)), (2, units(&mended)));
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn sources_of(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add("case", text);
    sources
}

#[test]
fn valid_rules_give_no_finding() {
    for case in cases("valid") {
        let text = std::fs::read_to_string(&case).unwrap();
        let found = findings("case", &text);
        let lasting = found.lines().filter(|line| line.contains(" error ") || line.contains(" warning "));
        let lasting: Vec<&str> = lasting.filter(|line| !line.contains(" YC6")).collect();
        assert!(lasting.is_empty(), "{}\n{found}", case.display());
    }
}

#[test]
fn every_code_has_a_page_and_an_id_of_its_own() {
    let mut seen = BTreeMap::new();
    for code in codes::all() {
        assert!(code.page.len() > 60, "{}: its page says little", code.id);
        assert!(code.page.ends_with(['.', '`', ')']), "{}: {}", code.id, code.page);
        assert_eq!(seen.insert(code.id, code.title), None, "{} stands twice", code.id);
        assert_eq!(codes::find(&code.id.to_lowercase()), Some(code));
    }
}

#[test]
fn every_code_of_the_checker_has_a_case() {
    // What only `run` can tell, such as a reference list that is not there, has its cases in tests/cli.rs.
    let elsewhere = [&codes::NOT_COMPILED, &codes::UNUSED_ALLOW, &codes::LIST_MISSING];
    let all = codes::CHECK.iter().chain(codes::LINTS).chain(codes::STYLE);
    let mut missing: Vec<&str> = all.filter(|code| !elsewhere.contains(code)).map(|code| code.id).collect();
    for case in cases("errors").into_iter().chain(cases("lints")) {
        let text = std::fs::read_to_string(&case).unwrap();
        let (sources, mut found) = checked("case", &text);
        found.extend(style(&parse(sources.iter().next().unwrap()).file));
        missing.retain(|id| !found.iter().any(|one| one.code.id == *id));
    }
    assert!(missing.is_empty(), "no case under tests/errors gives {missing:?}");
}

#[test]
fn published_rules_check_without_an_error() {
    let Some(folder) = shared::published() else { return };
    let mut rules = 0;
    let mut warnings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut errors = String::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|found| found != "yaral") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let (sources, found) = checked(&entry.path().display().to_string(), &text);
        let (bad, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(Diagnostic::is_error);
        rest.iter().for_each(|one| *warnings.entry(one.code.id).or_default() += 1);
        errors += &render::text(&sources, &bad, Colour::Off, 100);
        if std::env::var_os("YARAL_WARNINGS").is_some() {
            eprintln!("{}", render::text(&sources, &rest, Colour::Off, 100));
        }
        rules += 1;
    }
    eprintln!("{rules} rules, warnings {warnings:?}");
    assert!(rules > 0);
    assert!(errors.is_empty(), "{errors}");
}

/// Nine in ten errors name the correction.
#[test]
fn errors_come_with_a_correction() {
    let (mut all, mut helped) = (0, 0);
    for case in cases("errors") {
        let (_, found) = checked("case", &std::fs::read_to_string(&case).unwrap());
        all += found.iter().filter(|one| one.is_error()).count();
        helped += found.iter().filter(|one| one.is_error() && one.help.is_some()).count();
    }
    assert!(helped * 100 >= all * 95, "{helped} of {all}");
}

fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<String> = ["errors", "valid", "lints"]
        .into_iter()
        .flat_map(cases)
        .map(|case| std::fs::read_to_string(case).unwrap())
        .collect();
    let count = texts.len();
    let edit = (any::<prop::sample::Index>(), 0..8usize, "[ -~\\n\u{e9}]{0,6}");
    (0..count, prop::collection::vec(edit, 1..6)).prop_map(move |(at, edits)| {
        let mut letters: Vec<char> = texts[at].chars().collect();
        for (place, gone, new) in edits {
            let from = place.index(letters.len() + 1);
            let to = (from + gone).min(letters.len());
            letters.splice(from..to, new.chars());
        }
        letters.into_iter().collect()
    })
}

/// The same cases in each run.
const SEED: proptest::test_runner::RngSeed = proptest::test_runner::RngSeed::Fixed(2_024);

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn no_change_to_a_rule_stops_the_checker(text in mutated()) {
        let (sources, mut found) = checked("case", &text);
        let source = sources.iter().next().unwrap();
        let tree = parse(source).file;
        found.extend(style(&tree));
        google(&tree, &mut found);
        let found = silence(source, &tree, found);
        let spans = found.iter().map(|one| one.label.span.range());
        prop_assert!(spans.into_iter().all(|range| source.text.get(range).is_some()));
        fix::apply(source, &found);
        render::text(&sources, &found, Colour::Off, 80);
        render::sarif(&sources, &found);
        render::github(&sources, &found);
    }

    #[test]
    fn no_bytes_stop_the_checker(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        checked("case", &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn no_prefix_of_a_rule_stops_the_checker() {
    for case in cases("errors").into_iter().chain(cases("valid")) {
        let text = std::fs::read_to_string(&case).unwrap();
        for (at, _) in text.char_indices().step_by(5) {
            checked("case", text.get(..at).unwrap());
        }
    }
}

/// The parser bounds how deep a statement may be; the checker walks that deep in a small stack and in little time.
#[test]
fn the_deepest_statements_are_checked() {
    let rule = |events: &str, outcome: &str| {
        format!(
            "rule r {{\n meta:\n events:\n $e.target.port > 1\n {events}\n outcome:\n $x = {outcome}\n condition:\n $e\n}}"
        )
    };
    let sum = vec!["$e.target.port"; 450].join(" + ");
    let ifs = (0..95).fold("1".to_owned(), |inner, _| format!("if(math.abs({inner}) > 1, 2, 0)"));
    let calls = (0..190).fold("$e.target.port".to_owned(), |inner, _| format!("math.abs({inner})"));
    let ors = vec!["$e.target.port = 1"; 5_000].join(" or ");
    let start = std::time::Instant::now();
    for text in [rule(&format!("{sum} > 5"), "1"), rule("", &ifs), rule("", &calls), rule(&ors, "1")] {
        let (_, found) = checked("case", &text);
        let expected = [&codes::TOO_NESTED, &codes::NO_EVENT_FILTER, &codes::WRITTEN_TWICE];
        assert!(found.len() < 4 && found.iter().all(|one| expected.contains(&one.code)));
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}

/// No timing here: what grows with the square of the length would not end in a test.
#[test]
fn a_file_of_too_many_rules_is_read_up_to_a_bound() {
    let (_, found) = checked("case", &"rule a {\n".repeat(21_000));
    let bound: Vec<&Diagnostic> = found.iter().filter(|one| one.code == &codes::SECTION_TOO_LONG).collect();
    assert_eq!(bound.len(), 1);
    assert_eq!(bound[0].label.span.start, 20_000 * 9);
}

#[test]
fn a_text_of_one_sign_gives_few_findings_of_bounded_length() {
    let signs = [
        "(", "[", "{", ")", "\"", "`", "/", "/*", "if(", "and ", "not ", "'", "a:", "\0", "\r", "x", "([",
        "\"a\" ",
    ];
    for sign in signs {
        let run = sign.repeat(60_000 / sign.len());
        for text in
            [run.clone(), format!("rule r {{\n events:\n  $e.metadata.id = {run}\n condition:\n  $e\n}}\n")]
        {
            let (sources, found) = checked("case", &text);
            let shown = render::text(&sources, &found, Colour::Off, 80);
            assert!(shown.len() < 1200 * (found.len() + 1), "{sign:?} gives {} bytes", shown.len());
            assert!(found.len() < 4 * diag::MOST_OF_A_KIND, "{sign:?} gives {} findings", found.len());
        }
    }
}

#[test]
fn brackets_beyond_the_limit_are_told_once() {
    for text in ["(".repeat(5_000), "(".repeat(3_000) + "$e.metadata.id = \"a\"" + &")".repeat(3_000)] {
        let text = format!("rule r {{\n meta:\n events:\n  {text}\n condition:\n  $e\n}}\n");
        let (_, found) = checked("case", &text);
        let ids: Vec<&str> = found.iter().map(|one| one.code.id).collect();
        assert_eq!(ids, ["YC007"]);
    }
}

#[test]
fn a_section_longer_than_any_rule_needs_is_refused() {
    let text = format!(
        "rule r {{\n meta:\n events:\n  {}\n condition:\n  $e\n}}\n",
        "$e.metadata.id = \"a\"\n".repeat(170_000)
    );
    let (_, found) = checked("case", &text);
    let ids: Vec<&str> = found.iter().map(|one| one.code.id).collect();
    assert_eq!(ids, ["YC010"]);
}

#[test]
fn long_lines_are_cut_around_what_is_underlined() {
    let text = format!(
        "rule r {{\n meta:\n events:\n  {}$e.metadata.idd = \"a\" {}\n condition:\n  $e\n}}\n",
        "$e.metadata.id != \"é\" and ".repeat(200),
        "and $e.metadata.id != \"b\" ".repeat(200)
    );
    let (sources, found) = checked("case", &text);
    let shown = render::text(&sources, &found, Colour::Off, 80);
    assert!(shown.contains("[case:4:5215]") && shown.contains("…") && shown.len() < 2000, "{shown}");
    assert!(shown.contains("$e.metadata.idd = \"a\""), "{shown}");
}
