//! Lines that hold nothing any rule wants are passed over unseen, which must never be noticed in what is found.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

#[path = "common/ended.rs"]
mod ended;
#[path = "reader/folder.rs"]
mod folder;
#[path = "common/shared.rs"]
mod shared;

use std::fmt::Write;

use folder::{Ended, Folder, launches};
use proptest::prelude::*;
use proptest::sample::select;
use yaral::check::check;
use yaral::cli::doors::{Input, ListFolders, Plan, Run, compile};
use yaral::exec::options::RunOptions;
use yaral::ingest::wanted::Wanted;
use yaral::syntax::ast::Unit;
use yaral::text::Sources;

/// A rule over a command line, and so many events that most are passed over.
fn rule(test: &str) -> String {
    format!(
        "rule r {{\n  meta:\n    author = \"us\"\n  events:\n    $e.metadata.event_type = \"PROCESS_LAUNCH\"\n    {test}\n  condition:\n    $e\n}}\n"
    )
}

fn event(command: &str) -> String {
    format!(
        r#"{{"metadata":{{"event_type":"PROCESS_LAUNCH"}},"target":{{"process":{{"command_line":"{command}"}}}}}}"#
    ) + "\n"
}

/// The same with skipping and without, for any number of threads.
fn run(folder: &Folder, args: &[&str]) -> Ended {
    let fixed = ["run", "r.yaral", "--format", "ndjson", "--now", "2024-05-02", "--threads"];
    let ended = |more: &[&str]| folder.run(&[&fixed, more, args].concat());
    let (one, three, strict) = (ended(&["1"]), ended(&["3"]), ended(&["2", "--strict"]));
    assert_eq!(one.untimed(), three.untimed());
    assert_eq!(one.untimed(), strict.untimed());
    one
}

/// Which of the command lines a rule finds, among others.
fn found(test: &str, commands: &[&str]) -> Vec<usize> {
    let padding = launches(100);
    let lines = commands.iter().map(|command| event(command) + &padding);
    let folder = Folder::with(&[
        ("r.yaral", rule(test).as_bytes()),
        ("e.jsonl", lines.collect::<String>().as_bytes()),
    ]);
    let ended = run(&folder, &["e.jsonl"]);
    assert!(ended.code == 0, "{}", ended.stderr);
    assert!(ended.says(&format!("{} records, 0 bad", commands.len() * 101)), "{}", ended.stderr);
    let lines = ended.sources().into_iter().map(|source| source["line"].as_u64().unwrap() as usize);
    lines.map(|line| line / 101).collect()
}

#[test]
fn a_text_is_found_however_json_writes_it() {
    let test = r#"$e.target.process.command_line = "a__zq/<b>&'c\\d\"""#;
    let written = [
        r#"a__zq/<b>&'c\\d\""#,
        r#"a__zq\/\u003cb\u003E\u0026\u0027c\\d\""#,
        r#"\u0061\u005f_zq\u002f<b>&'c\u005cd\u0022"#,
        r#"\u0061__z\u0071/<b>&'c\\d\u0022"#,
    ];
    assert_eq!(found(test, &written), [0, 1, 2, 3]);
    let others = [r#"a__zq/<b>&'c\\\\d\""#, r"a__zq\\u002f", "a__z", r"\ud83d\ude00__zq"];
    assert_eq!(found(test, &others), [] as [usize; 0]);
}

#[test]
fn a_text_is_found_in_any_case_and_in_letters_that_fold_to_it() {
    let nocase = r#"$e.target.process.command_line = "kiss__zq" nocase"#;
    let written =
        ["kiss__zq", "KISS__ZQ", "\u{212a}i\u{17f}s__Zq", r"\u212ai\u017fs__zq", "kıss__zq", "kuss__zq"];
    assert_eq!(found(nocase, &written), [0, 1, 2, 3, 4]);
    let pattern = "re.regex($e.target.process.command_line, `(?i)task__zq`)";
    assert_eq!(found(pattern, &["TASK__ZQ", "ta\u{17f}\u{212a}__zq", r"\u0054ask__zq"]), [0, 1, 2]);
    let lower = r#"strings.to_lower($e.target.process.command_line) = "kiss__zq""#;
    assert_eq!(found(lower, &["Kiss__ZQ", "\u{212a}iss__zq", "Ki\u{17f}s__zq"]), [0, 1]);
    let wide = "re.regex($e.target.process.command_line, `__😀zq`)";
    assert_eq!(found(wide, &["__😀zq", r"__\ud83d\ude00zq", r"__\uD83D\uDE01zq"]), [0, 1]);
}

#[test]
fn records_and_lines_are_counted_as_ever() {
    let test = r#"$e.target.process.command_line = "__zqzq__""#;
    let (wanted, other) = (event("__zqzq__"), event("other"));
    let (pair, spaced) =
        (other.trim_end().to_owned() + &wanted, other.trim_end().to_owned() + " \t" + &wanted);
    let list = format!("{{\"events\":[{},{}]}}\n", other.trim_end(), wanted.trim_end());
    let crlf = wanted.replace('\n', "\r\n");
    let text = format!(
        "{other}\n  \n{wanted}{pair}{other}{spaced}{crlf}{list}{}",
        launches(300) + wanted.trim_end()
    );
    let folder = Folder::with(&[("r.yaral", rule(test).as_bytes()), ("e.jsonl", text.as_bytes())]);
    let ended = run(&folder, &["e.jsonl"]);
    assert!(
        ended.says(&format!("{} records, 0 bad", 1 + 1 + 2 + 1 + 2 + 1 + 2 + 300 + 1)),
        "{}",
        ended.stderr
    );
    let lines: Vec<_> = ended.sources().iter().map(|source| source["line"].as_u64()).collect();
    assert_eq!(lines, [4, 5, 7, 8, 0, 310].map(|line| Some(line).filter(|line| *line > 0)));
}

#[test]
fn lines_are_passed_over_whichever_key_comes_first() {
    let test = r#"$e.target.process.command_line = "__zqzq__""#;
    let first = |key: &str, event: &str| event.replacen('{', &format!("{{\"{key}\":{{}},"), 1);
    let keys = ["additional", "about", "network", "src", "securityResult", "principal"];
    let wanted: String = keys.iter().map(|key| first(key, &event("__zqzq__"))).collect();
    let others: String = keys
        .iter()
        .map(|key| first(key, &event("other")).repeat(20) + &first(key, &event("o"))[..90] + "\n")
        .collect();
    // A Windows event is made of more than it holds.
    let windows = r#"{"network":{},"winlog":{"provider_name":"Microsoft-Windows-Sysmon","event_id":1,"event_data":{"CommandLine":"__zqzq__"}}}"#;
    let text = others + &wanted + windows + "\n";
    let folder = Folder::with(&[("r.yaral", rule(test).as_bytes()), ("e.jsonl", text.as_bytes())]);
    let run =
        |threads| folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson", "--threads", threads]);
    let (one, three) = (run("1"), run("3"));
    assert_eq!(one.untimed(), three.untimed());
    assert!(one.says(&format!("{} records, 6 bad, 7 detections", 21 * 6 + 7)), "{}", one.stderr);
}

#[test]
fn a_line_cut_short_is_told_though_it_holds_nothing_wanted() {
    let folder = Folder::with(&[
        ("r.yaral", rule(r#"$e.target.process.command_line = "__zqzq__""#).as_bytes()),
        ("e.jsonl", (launches(50) + &launches(1)[..100] + "\n" + &launches(50)).as_bytes()),
    ]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl"]);
    assert!(ended.says("line 51: ") && ended.says("101 records, 1 bad"), "{}", ended.stderr);
}

const FIELDS: [&str; 3] = ["target.process.command_line", "principal.hostname", "principal.ip"];

/// A text of characters that JSON or case make trouble of.
fn text() -> impl Strategy<Value = String> {
    let letters: Vec<char> = "kKsSiIzZqQ_$\\/<>&'\" 0Ééſ\u{212a}ıİж😀\u{fffd}.".chars().collect();
    proptest::collection::vec(select(letters), 2..9).prop_map(String::from_iter)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A test that needs a text in a field, with the text.
fn test() -> impl Strategy<Value = (String, String)> {
    (text(), select(FIELDS.to_vec()), 0..15).prop_map(|(text, field, kind)| {
        let pattern = regex::escape(&text).replace('`', "x");
        let test = match kind {
            0..3 => format!("$e.{field} = {}", quoted(&text)),
            3..6 => format!("$e.{field} = {} nocase", quoted(&text)),
            6..8 => format!("re.regex($e.{field}, `{pattern}`)"),
            8..10 => format!("re.regex($e.{field}, `(?i)^.*{pattern}[a-z]?`)"),
            10..12 => format!("strings.contains($e.{field}, {})", quoted(&text)),
            12 => format!("strings.to_lower($e.{field}) = {}", quoted(&text.to_lowercase())),
            13 => format!("any $e.principal.ip = {}", quoted(&text)),
            _ => format!("($e.{field} = {} or $e.{field} = `__zq__`)", quoted(&text)),
        };
        (test, text)
    })
}

/// The text as it may stand in an event that a rule with it finds.
fn varied(text: &str, way: u8) -> String {
    match way {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 => text.replace(['k', 'K'], "\u{212a}").replace(['s', 'S'], "\u{17f}"),
        3 => text.replace(['i', 'I'], "ı"),
        4 => format!("{text} {text}"),
        _ => text.to_owned(),
    }
}

/// A character as it is, or in one of the ways that JSON has, or as writers do that know no JSON.
fn written(letter: char, way: u8) -> String {
    let mut out = String::new();
    match (letter, way) {
        ('"' | '\\', 0..4) => write!(out, "\\{letter}"),
        ('\\', 4) => write!(out, "\\"),
        ('/', 0..2) => write!(out, "\\/"),
        ('"' | '\\', _) | (_, 0) => letter.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| match way {
            0..5 => write!(out, "\\u{unit:04x}"),
            _ => write!(out, "\\u{unit:04X}"),
        }),
        _ => write!(out, "{letter}"),
    }
    .unwrap();
    out
}

fn line(values: &[String; 3], ways: &[u8], spoil: bool) -> String {
    let mut ways = ways.iter().cycle();
    let [command, host, ip] = values
        .each_ref()
        .map(|value| value.chars().map(|letter| written(letter, *ways.next().unwrap())).collect::<String>());
    let line = format!(
        r#"{{"metadata":{{"event_type":"PROCESS_LAUNCH"}},"principal":{{"hostname":"{host}","ip":["1.1.1.1","{ip}"]}},"target":{{"process":{{"commandLine":"{command}"}}}}}}"#
    );
    if spoil { line.trim_end_matches(['"', '}']).to_owned() } else { line }
}

fn compiled(tests: &[String]) -> (Vec<Plan>, Wanted) {
    let mut wanted = Wanted::default();
    let plan = |test: &String| {
        let mut sources = Sources::default();
        let id = sources.add("r.yaral", rule(test));
        let parsed = yaral::syntax::parse(sources.get(id).unwrap());
        let sound = check(&parsed.file).iter().chain(&parsed.diagnostics).all(|found| !found.is_error());
        let Some(Unit::Rule(found)) = parsed.file.units.first().filter(|_| sound) else { return None };
        compile(found, "r.yaral", &ListFolders::default(), &mut wanted).ok()
    };
    (tests.iter().filter_map(plan).collect(), wanted)
}

fn detected(plans: &[Plan], wanted: &Wanted, text: &str) -> Run {
    let input = Input::Memory { name: "e".to_owned(), bytes: text.as_bytes().into() };
    yaral::exec::run(plans, wanted, &[input], &RunOptions { threads: 1, ..RunOptions::default() })
}

/// Every text in every field, with many that no rule looks for after each.
fn events(texts: &[String], ways: &[u8]) -> String {
    let mut all = String::new();
    for (number, text) in texts.iter().enumerate() {
        let at = number % ways.len();
        let values = [0, 1, 2].map(|field| varied(text, ways[(at + field) % ways.len()]));
        all += &line(&values, &[&ways[at..], ways].concat(), number % 7 == 6);
        all += ["\n", "", "\r\n"][number % 3];
        all += &launches(3);
    }
    all
}

/// Fields of an event, of which most are looked at.
const OTHERS: [&str; 10] = [
    r#""principal":{"hostname":"a"}"#,
    r#""principal":{"hostname":"b","ip":["1.1.1.1","2.2.2.2"]}"#,
    r#""princip\u0061l":{"hostname":"c"}"#,
    r#""target":{"process":{"commandLine":"d"}}"#,
    r#""target":{"process":{"command_line":"e","commandLine":"f"}}"#,
    r#""security_result":[{"summary":"g"}]"#,
    r#""securityResult":{"summary":"h"}"#,
    r#""about":[{"hostname":"i"},{}]"#,
    r#""entity":null"#,
    r#""target":null"#,
];

/// What says the type of an event, or does not.
const TYPES: [&str; 8] = [
    r#""metadata":{"event_type":"PROCESS_LAUNCH"}"#,
    r#""metadata":{"eventType":"USER_LOGIN"}"#,
    r#""metadata":{"event_type":"USER_LOGIN","eventType":"PROCESS_LAUNCH"}"#,
    r#""metadata":{"eventType":"USER_LOGIN","event_type":"PROCESS_LAUNCH"}"#,
    r#""metadata":{"event_type":10001}"#,
    r#""metad\u0061ta":{"event_type":"PROCESS_LAUNCH"}"#,
    r#""metadata":{"event_type":"USER_LOGIN"},"entity":{"hostname":"j"}"#,
    r#""metadata":{}"#,
];

/// An event with its type anywhere among its other fields.
fn typed() -> impl Strategy<Value = String> {
    let others = proptest::collection::vec(select(OTHERS.to_vec()), 0..6);
    (others, select(TYPES.to_vec()), 0usize..6).prop_map(|(mut fields, kind, at)| {
        fields.insert(at.min(fields.len()), kind);
        format!("{{{}}}\n", fields.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn skipping_changes_nothing_for_any_rules_and_events(
        rules in proptest::collection::vec(test(), 1..6),
        other in text(),
        ways in proptest::collection::vec(0u8..12, 7..40),
    ) {
        let (tests, mut texts): (Vec<String>, Vec<String>) = rules.into_iter().unzip();
        texts.push(other);
        let text = events(&vec![texts; 8].concat(), &ways);
        let (plans, wanted) = compiled(&tests);
        let whole = detected(&plans, &wanted, &text);
        let (plans, mut wanted) = compiled(&tests);
        yaral::plan::drop_early(&plans, &mut wanted);
        let skipped = detected(&plans, &wanted, &text);
        prop_assert_eq!(format!("{:?}", whole.detections), format!("{:?}", skipped.detections), "{}", text);
    }
    #[test]
    fn events_are_read_alike_wherever_their_type_stands(
        events in proptest::collection::vec(typed(), 1..60),
        logins in 0usize..40,
    ) {
        let test = "$e.principal.hostname != \"x\"
          outcome:
            $hosts = array($e.principal.hostname)
            $command = $e.target.process.command_line
            $summaries = array($e.security_result.summary)
            $about = array($e.about.hostname)";
        // Whether it pays to read the type first depends on the events before.
        let login = r#"{"principal":{"hostname":"k"},"metadata":{"event_type":"USER_LOGIN"}}"#.to_owned() + "\n";
        let text = login.repeat(logins) + &events.concat();
        let tests = [test.to_owned()];
        let (plans, wanted) = compiled(&tests);
        prop_assert_eq!(plans.len(), 1);
        let whole = detected(&plans, &wanted, &text);
        let (plans, mut wanted) = compiled(&tests);
        yaral::plan::drop_early(&plans, &mut wanted);
        let early = detected(&plans, &wanted, &text);
        prop_assert_eq!(format!("{:?}", whole.detections), format!("{:?}", early.detections), "{}", text);
        let counted = |run: &Run| (run.summary.reading.records, run.summary.reading.bad);
        prop_assert_eq!(counted(&whole), counted(&early), "{}", text);
    }
}
