//! The same bytes come out, whatever the threads.

use super::folder::{BUSY, Ended, Folder, LAUNCHES, gzip, launches, shared};

/// Enough for a dozen chunks.
const MANY: u64 = 60_000;

fn with_threads(folder: &Folder, input: &[u8], args: &[&str]) -> Ended {
    let run = |threads: &str| {
        let fixed = ["run", "rules", "--format", "ndjson", "--now", "2024-05-02", "--threads", threads];
        folder.run_with(&[&fixed, args].concat(), input)
    };
    let one = run("1");
    for threads in ["2", "3", "8"] {
        let more = run(threads);
        assert!(one.untimed() == more.untimed(), "{threads} threads: {}\n{}", one.stderr, more.stderr);
    }
    one
}

fn rules() -> Folder {
    // Of the events that stand alone a few, since each is a detection.
    let few = LAUNCHES.replace("  condition", "    $e.target.process.command_line = /77\"$/\n  condition");
    Folder::with(&[("rules/busy.yaral", BUSY.as_bytes()), ("rules/few.yaral", few.as_bytes())])
}

#[test]
fn groups_that_span_many_chunks_are_the_same_for_any_number_of_threads() {
    let folder = rules();
    let events = launches(MANY);
    folder.write("e.jsonl", events.as_bytes());
    let file = with_threads(&folder, b"", &["e.jsonl"]);
    assert_eq!((file.code, file.lines().len()), (0, 97 + MANY as usize / 100), "{}", file.stderr);
    let stdin = with_threads(&folder, events.as_bytes(), &[]);
    assert_eq!(file.stdout.replace("e.jsonl", "-"), stdin.stdout);
    folder.write("e.gz", &gzip(events.as_bytes()));
    let packed = with_threads(&folder, b"", &["e.gz"]);
    assert_eq!(file.stdout.replace("e.jsonl", "e.gz"), packed.stdout);
}

#[test]
fn elements_of_a_long_array_are_the_same_for_any_number_of_threads() {
    let folder = rules();
    let events = launches(20_000);
    let array = format!("[\n{}\n]\n", events.trim_end().replace('\n', ",\n"));
    folder.write("e.json", array.as_bytes());
    let ended = with_threads(&folder, b"", &["e.json"]);
    assert_eq!((ended.code, ended.lines().len()), (0, 97 + 200), "{}", ended.stderr);
    let sources = ended.sources();
    assert!(sources.iter().any(|source| source["index"] == 19_978), "{}", ended.stderr);
    assert!(ended.says("20 000 records, 0 bad"), "{}", ended.stderr);
}

#[test]
fn damage_has_the_same_place_for_any_number_of_threads() {
    let folder = rules();
    let mut lines: Vec<String> = launches(MANY).lines().map(str::to_owned).collect();
    for bad in [MANY as usize - 3, 40_000, 23_456] {
        lines[bad].truncate(40);
    }
    folder.write("e.jsonl", lines.join("\n").as_bytes());
    let ended = with_threads(&folder, b"", &["e.jsonl"]);
    assert!(
        ended.says("`e.jsonl`, line 23457:") && ended.says("the first of 3 bad records"),
        "{}",
        ended.stderr
    );
    let strict = with_threads(&folder, b"", &["e.jsonl", "--strict"]);
    assert_eq!((strict.code, strict.stdout.as_str()), (1, ""));
    assert!(strict.says("line 23457:"), "{}", strict.stderr);
}

#[test]
fn many_small_files_are_the_same_for_any_number_of_threads() {
    let folder = rules();
    for number in 0..200 {
        folder.write(&format!("e/{number:03}.jsonl"), launches(number).as_bytes());
    }
    let ended = with_threads(&folder, b"", &["e"]);
    assert!(ended.says("199 files, 19 900 records, 0 bad"), "{}", ended.stderr);
}

#[test]
fn real_captures_are_the_same_for_any_number_of_threads() {
    let Some(captures) = shared("data/windows") else { return };
    let folder = Folder::with(&[("rules/launches.yaral", LAUNCHES.as_bytes())]);
    let ended = with_threads(&folder, b"", &[captures.to_str().unwrap()]);
    assert!(ended.code == 0 && ended.lines().len() > 100, "{}", ended.stderr);
}
