//! Whatever is wrong with the input is counted, named with its place, and the rest is read.

use std::fs;

use super::folder::{BUSY, Ended, Folder, LAUNCHES, capture, gzip, launch, launches, shared};

/// A file of damaged content: how many launches are found, what is said, and the exit code.
pub fn read(content: &[u8]) -> Ended {
    let folder = Folder::with(&[("e", content)]);
    folder.launches(&["e"])
}

pub fn expect(ended: &Ended, detections: usize, said: &[&str]) {
    assert_eq!((ended.code, ended.lines().len()), (0, detections), "{}", ended.stderr);
    for words in said {
        assert!(ended.says(words), "`{words}` is not said: {}", ended.stderr);
    }
}

#[test]
fn a_record_cut_in_half_wherever_it_stands() {
    let (whole, half) = (launch(1), &launch(2)[..70]);
    let first = read(format!("{half}\n{whole}{whole}").as_bytes());
    expect(&first, 2, &["`e`, line 1: the JSON ends too early", "3 records, 1 bad"]);
    let middle = read(format!("{whole}{half}\n{whole}").as_bytes());
    expect(&middle, 2, &["`e`, line 2: ", "3 records, 1 bad"]);
    let last = read(format!("{whole}{whole}{half}").as_bytes());
    expect(&last, 2, &["`e`, line 3: ", "3 records, 1 bad"]);
    let tail = read(format!("{}{whole}{whole}", &launch(2)[70..]).as_bytes());
    expect(&tail, 2, &["`e`, line 1: ", "3 records, 1 bad"]);
}

#[test]
fn a_record_is_counted_once_whether_damage_shows_before_it_is_dropped_or_after() {
    for kind in ["PROCESS_LAUNCH", "USER_LOGIN"] {
        let cut = format!(r#"{{"metadata":{{"event_type":"{kind}"}},"about":"}}{{","target":"c"#);
        let ended = read(format!("{}{cut}\n{}", launch(1), launch(2)).as_bytes());
        expect(&ended, 2, &["`e`, line 2: the JSON ends too early", "3 records, 1 bad"]);
    }
}

#[test]
fn a_line_that_is_json_but_no_object_is_told_as_that() {
    for value in ["1", "\"text\"", "null"] {
        let ended = read(format!("{}{value}\n{}", launch(1), launch(2)).as_bytes());
        expect(&ended, 2, &["`e`, line 2: a JSON value that is no object, so no event", "3 records, 1 bad"]);
    }
    let broken = read(format!("{}nul\n{}", launch(1), launch(2)).as_bytes());
    expect(&broken, 2, &["`e`, line 2: not valid JSON at byte 1"]);
}

#[test]
fn after_a_bad_record_reading_goes_on_at_the_next_line_that_opens_one() {
    let pretty = |number| {
        let value: serde_json::Value = serde_json::from_str(&launch(number)).unwrap();
        serde_json::to_string_pretty(&value).unwrap() + "\n"
    };
    let broken = &pretty(1)[..60];
    let text = format!("{}{broken}\n{}{}", pretty(0), pretty(2), pretty(3));
    expect(&read(text.as_bytes()), 3, &["`e`, line 18: ", "4 records, 1 bad"]);
}

#[test]
fn a_bad_element_of_an_array_does_not_hide_the_others() {
    let element = |number| "  ".to_owned() + launch(number).trim_end();
    let broken = &element(1)[..60];
    let text = format!("[\n{},\n{broken},\n{},\n{}\n]\n", element(0), element(2), element(3));
    expect(&read(text.as_bytes()), 3, &["`e`, index 2: ", "4 records, 1 bad"]);
}

#[test]
fn what_is_no_record_is_named() {
    let text = format!("{}nonsense\n{{\"a\":1}}\n{}42\n", launch(0), launch(1));
    expect(&read(text.as_bytes()), 2, &["`e`, line 2: ", "the first of 3 bad records", "5 records, 3 bad"]);
    let foreign = read(format!("{}{{\"a\":1}}\n", launch(0)).as_bytes());
    expect(&foreign, 1, &["`e`, line 2: it is neither a UDM event"]);
}

#[test]
fn compressed_data_cut_short_gives_what_came_before() {
    let text = launches(3_000);
    for (packed, name) in
        [(gzip(text.as_bytes()), "gzip"), (zstd::encode_all(text.as_bytes(), 1).unwrap(), "zstd")]
    {
        let ended = read(&packed[..packed.len() / 2]);
        assert!(ended.code == 0 && ended.lines().len() > 100, "{name}: {}", ended.stderr);
        assert!(ended.says("`e`, line ") && ended.says("cut short"), "{name}: {}", ended.stderr);
        let strict = Folder::with(&[("e", &packed[..packed.len() / 2])]).launches(&["e", "--strict"]);
        assert_eq!((strict.code, strict.stdout.as_str()), (1, ""), "{name}: {}", strict.stderr);
    }
    let mut spoilt = gzip(text.as_bytes());
    let middle = spoilt.len() / 2;
    spoilt[middle..middle + 40].fill(0xff);
    let ended = read(&spoilt);
    assert!(ended.code == 0 && !ended.says(" 0 bad"), "{}", ended.stderr);
    expect(&read(&[0x1f, 0x8b]), 0, &["1 bad"]);
}

#[test]
fn a_damaged_chunk_of_a_capture_does_not_hide_the_others() {
    let Some(mut bytes) = capture("EVTX-to-MITRE-Attack__ID4688-5145-WMIexec_execution_via_SMB.evtx") else {
        return;
    };
    let sound = read(&bytes);
    bytes[4096..4104].fill(b'x');
    let ended = read(&bytes);
    assert!(ended.says("`e`, chunk 0: ") && ended.code == 0, "{}", ended.stderr);
    assert!(ended.lines().len() <= sound.lines().len());
}

#[test]
fn a_damaged_header_of_a_capture_does_not_hide_its_chunks() {
    let Some(bytes) = capture("DeepBlueCLI__sliver-sysmon.evtx") else { return };
    let sound = read(&bytes);
    for at in [0, 36] {
        let mut bytes = bytes.clone();
        bytes[at..at + 6].fill(b'x');
        let ended = read(&bytes);
        assert_eq!(ended.lines().len(), sound.lines().len(), "{}", ended.stderr);
        assert!(ended.code == 0 && ended.says("`e`, file header: "), "{}", ended.stderr);
    }
    let cut = read(&bytes[..4096 + 65_536 - 1000]);
    assert!(cut.says("chunk 0: the file ends inside this chunk"), "{}", cut.stderr);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_passed_over_and_not_held() {
    let long = format!("{{\"metadata\":{{\"description\":\"{}\"}}}}\n", "x".repeat(100 << 20));
    let ended = read(format!("{}{long}{}", launch(0), launch(1)).as_bytes());
    expect(&ended, 2, &["`e`, line 2: the record is longer than 67108864 bytes", "3 records, 1 bad"]);
    assert_eq!(ended.sources()[1]["line"], 3);
}

#[test]
fn a_record_over_max_record_is_passed_over() {
    let long = launch(1).replace("run ", &"run ".repeat(100));
    for text in [
        format!("{}{long}{}", launch(0), launch(2)),
        format!("[{},{},{}]", launch(0).trim_end(), long.trim_end(), launch(2).trim_end()),
    ] {
        let folder = Folder::with(&[("e", text.as_bytes())]);
        let ended = folder.launches(&["e", "--max-record", "300"]);
        expect(&ended, 2, &["2: the record is longer than 300 bytes", "3 records, 1 bad"]);
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_counted_and_the_record_is_used() {
    let line = launch(0).into_bytes();
    let bad: Vec<u8> = line.iter().map(|byte| if *byte == b'w' { 0xff } else { *byte }).collect();
    let folder = Folder::with(&[("e", &[&line[..], &bad].concat())]);
    let ended = folder.launches(&["e"]);
    assert_eq!(ended.lines().len(), 2, "the rule does not look at the host");
    let rule = LAUNCHES.replace("  condition", "    $e.principal.hostname = \"\u{fffd}s0\"\n  condition");
    folder.write("host.yaral", rule.as_bytes());
    let ended = folder.run(&["run", "host.yaral", "e", "--format", "ndjson"]);
    expect(&ended, 1, &["`e`, line 2: bytes that are not UTF-8", "2 records, 1 bad"]);
    assert_eq!(ended.events()[0]["event"]["principal"]["hostname"], "\u{fffd}s0");
    assert_eq!(folder.launches(&["e", "--strict"]).code, 1);
}

#[test]
fn nesting_of_a_hundred_thousand_is_a_bad_record() {
    let deep = |open: &str| open.repeat(100_000);
    for bad in [
        format!("{{\"metadata\":{}", deep("[")),
        format!("{{\"metadata\":{}", deep("{\"a\":")),
        format!("{{\"principal\":{{}},\"metadata\":{}", deep("{\"eventType\":")),
    ] {
        let ended = read(format!("{}{bad}\n{}", launch(0), launch(1)).as_bytes());
        expect(&ended, 2, &["`e`, line 2: nested over 128 levels", "1 bad"]);
    }
    let array = read(format!("{}\n{}", deep("["), launch(1)).as_bytes());
    expect(&array, 1, &["nested over 128 levels", "1 bad"]);
    let envelope = read(format!("{}\n{}", deep("{\"events\":"), launch(1)).as_bytes());
    expect(&envelope, 1, &["nested over 128 levels"]);
}

#[test]
fn an_empty_file_holds_no_events() {
    expect(&read(b""), 0, &["no events found in `e`"]);
    expect(&read(b" \n\n"), 0, &["no events found in `e`"]);
    expect(&read(&gzip(b"")), 0, &["no events found in `e`"]);
}

#[test]
fn a_folder_of_pictures_is_no_events_and_no_failure() {
    let picture = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[0x7f; 5000]].concat();
    let folder = Folder::with(&[
        ("p/a.png", &picture),
        ("p/b.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("p/c.json", b"{\"name\":\"x\"}"),
    ]);
    let ended = folder.launches(&["p", "--stats"]);
    expect(&ended, 0, &["not an event file: `p/a.png`", "3 not event files", "no events found in `p`"]);
    let named = folder.launches(&["p/a.png"]);
    assert!(named.code == 2 && named.says("`p/a.png`: its content is no known event format"), "{named:?}");
}

#[test]
fn an_archive_without_its_end_is_told() {
    let ended = read(b"PK\x03\x04 and no more");
    expect(&ended, 0, &["`e`, directory: the archive: ", "1 bad"]);
}

#[test]
fn a_file_that_has_vanished_is_a_failure_and_the_others_are_read() {
    let folder = Folder::with(&[("b", launch(0).as_bytes())]);
    let ended = folder.launches(&["a", "b"]);
    assert!(ended.code == 2 && ended.lines().len() == 1 && ended.says("`a`"), "{ended:?}");
}

/// A run over `a` and standard input, which holds it open between the reading and the showing: `a` changes meanwhile.
#[cfg(unix)]
fn changed_meanwhile(rule: &str, args: &[&str]) -> (Ended, Folder) {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let folder = Folder::with(&[("r.yaral", rule.as_bytes()), ("a", launches(3).as_bytes())]);
    let mut run = Command::new(env!("CARGO_BIN_EXE_yaral"))
        .args(["run", "r.yaral", "a", "-", "--format", "ndjson", "--threads", "1"])
        .args(args)
        .current_dir(folder.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    fs::write(folder.path("a"), launches(1)).unwrap();
    run.stdin.take().unwrap().write_all(launch(7).as_bytes()).unwrap();
    let ended = Ended::from(run.wait_with_output().unwrap());
    expect(
        &ended,
        4,
        &["`a` has changed since it was read: of 3 events only the fields that were kept are shown"],
    );
    (ended, folder)
}

#[cfg(unix)]
#[test]
fn of_a_file_that_changes_while_it_is_read_the_kept_fields_are_shown() {
    let (Ended { stdout, .. }, _) = changed_meanwhile(&BUSY.replace("#e > 3", "$e"), &[]);
    assert_eq!(stdout.matches("\"event\":{\"metadata\":{\"eventTimestamp\"").count(), 4, "{stdout}");
    assert_eq!(stdout.matches("commandLine").count(), 1, "{stdout}");
    let kept = r#"{"event":{"metadata":{"eventTimestamp":"2024-05-01T10:00:01Z"},"principal":{"hostname":"ws1","user":{"userid":"user1"}}},"source":{"path":"a","line":2}}"#;
    assert!(stdout.contains(kept), "{stdout}");
}

#[cfg(unix)]
#[test]
fn of_a_rule_without_match_they_are_the_fields_that_its_outcomes_show() {
    let outcomes = "outcome:\n    $host = $e.principal.hostname\n    $users = array_distinct($e.principal.user.userid)\n    $port = $e.target.port\n    $both = strings.concat($e.principal.hostname, \"!\")\n  condition";
    let (Ended { stdout, .. }, _) = changed_meanwhile(&LAUNCHES.replace("condition", outcomes), &[]);
    let kept = r#"{"event":{"metadata":{"eventTimestamp":"2024-05-01T10:00:01Z"},"principal":{"hostname":"ws1","user":{"userid":"user1"}}},"source":{"path":"a","line":2}}"#;
    assert!(stdout.contains(kept), "{stdout}");
    let (Ended { stdout, .. }, _) = changed_meanwhile(LAUNCHES, &[]);
    let time =
        r#"{"event":{"metadata":{"eventTimestamp":"2024-05-01T10:00:01Z"}},"source":{"path":"a","line":2}}"#;
    assert!(stdout.contains(time), "{stdout}");
}

#[cfg(unix)]
#[test]
fn of_a_file_that_changes_while_it_is_read_no_test_is_saved() {
    let (ended, folder) = changed_meanwhile(LAUNCHES, &["--save-test", "saved"]);
    assert!(ended.says("no test was saved: `a` has changed since it was read"), "{}", ended.stderr);
    assert!(!folder.path("saved.test.yaml").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_half_file() {
    let folder = Folder::with(&[("e", launches(5_000).as_bytes())]);
    let ended = folder.launches(&["e", "-o", "/dev/full"]);
    assert!(ended.code == 2 && ended.says("cannot write"), "{ended:?}");
}

#[test]
fn the_number_of_records_depends_on_no_rule() {
    let Some(events) = shared("data/udm") else { return };
    let none = LAUNCHES.replace("PROCESS_LAUNCH", "SCAN_HOST");
    let all =
        "rule everything { meta: author = \"us\" events: $e.principal.hostname != \"?\" condition: $e }";
    let folder = Folder::with(&[("none.yaral", none.as_bytes()), ("all.yaral", all.as_bytes())]);
    let text =
        format!("{}{{\"udm\":{}}}\n{}", launch(0), launch(1).trim_end(), launch(2).trim_end().repeat(3));
    folder.write("e", text.as_bytes());
    let records = |rule: &str| {
        let ended = folder.run(&["run", rule, "e", events.to_str().unwrap()]);
        let summary = ended.stderr.lines().last().unwrap().to_owned();
        summary.split(", ").nth(1).unwrap().to_owned()
    };
    assert_eq!(records("none.yaral"), records("all.yaral"));
}
