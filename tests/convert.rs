//! `yaral convert` from outside, over Windows events in the forms of text files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test may panic")]

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::{Value, json};

const XML: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='Microsoft-Windows-Sysmon'/><EventID>11</EventID><TimeCreated SystemTime='2024-05-01T10:00:00Z'/>\
    <EventRecordID>77</EventRecordID><Computer>ws1</Computer></System>\
    <EventData><Data Name='TargetFilename'>C:\\a&amp;b</Data></EventData></Event>";

const RULE: &str =
    "rule files { meta: author = \"us\" events: $e.metadata.event_type = \"FILE_CREATION\" condition: $e }";

fn nxlog(record: u64) -> String {
    json!({"EventTime": 1_714_557_600, "Hostname": "ws1", "EventID": 11, "SourceName": "Microsoft-Windows-Sysmon",
        "RecordNumber": record, "TargetFilename": "C:\\a&b"})
    .to_string()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, content) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exit code, standard output and standard error.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::cargo_bin("yaral").unwrap();
        let output = command.args(args).current_dir(self.0.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// The same event in many files.
fn mixed() -> Folder {
    let many = format!("<?xml version='1.0'?>\r\n<Events>\r\n{XML}\r\n{XML}\r\n</Events>");
    let pretty: Value = serde_json::from_str(&nxlog(77)).unwrap();
    let list = json!([pretty, pretty]);
    let beat = json!({"@timestamp": "2024-05-01T10:00:00Z", "event": {"code": "11"}, "network": {}, "winlog": {"record_id": 77,
        "provider_name": "Microsoft-Windows-Sysmon", "event_id": 11, "computer_name": "ws1", "event_data": {"TargetFilename": "C:\\a&b"}}});
    Folder::with(&[
        ("in/a one.xml", XML.as_bytes()),
        ("in/b many.xml", many.as_bytes()),
        ("in/c without root.xml", format!("{XML}\n{XML}").as_bytes()),
        (
            "in/d behind headers.log",
            format!("<13>May  1 10:00:00 ws1 x: {XML}\n<13>May  1 10:00:00 ws1 x: {XML}\n").as_bytes(),
        ),
        ("in/e without priority.log", format!("May  1 10:00:00 ws1 x: {XML}\n").as_bytes()),
        ("in/f wide.xml", &utf16(&many)),
        ("in/g nxlog.json", format!("{}\n{}\n", nxlog(77), nxlog(77)).as_bytes()),
        ("in/h nxlog.log", format!("<14>May  1 ws1 Sysmon[4]: {}\n", nxlog(77)).as_bytes()),
        (
            "in/i ietf.log",
            format!("<14>1 2024-05-01 ws1 - - - [x Guid=\"{{5770385F}}\"] {}\n", nxlog(77)).as_bytes(),
        ),
        ("in/j pretty.json", serde_json::to_string_pretty(&pretty).unwrap().as_bytes()),
        ("in/k list.json", serde_json::to_string_pretty(&list).unwrap().as_bytes()),
        ("in/l winlogbeat.json", format!("{beat}\n").as_bytes()),
        ("in/m splunk.json", format!("{}\n", json!({"preview": false, "result": {"_raw": XML}})).as_bytes()),
        ("in/n mixed.log", format!("<14>May  1 ws1 a: {}\n<14>May  1 ws1 b: {XML}\n", nxlog(77)).as_bytes()),
        ("in/o picture.png", b"\x89PNG\r\n\x1a\n<Event"),
        ("in/p page.html", b"<html><Events></html>"),
        ("files.yaral", RULE.as_bytes()),
    ])
}

#[test]
fn every_form_in_one_folder_becomes_the_same_event() {
    let (code, out, told) = mixed().run(&["convert", "in"]);
    assert_eq!(code, 0, "{told}");
    let events = lines(&out);
    assert_eq!(events.len(), 21, "{told}");
    for event in events {
        let expected = json!({"productLogId": "77", "eventTimestamp": "2024-05-01T10:00:00Z", "eventType": "FILE_CREATION",
            "vendorName": "Microsoft", "productName": "Microsoft-Windows-Sysmon", "productEventType": "11", "logType": "WINDOWS_SYSMON"});
        assert_eq!(event["metadata"], expected);
        assert_eq!(event["target"]["file"]["fullPath"], "C:\\a&b");
        assert_eq!(event["principal"]["hostname"], "ws1");
    }
    assert!(told.contains("14 files, 21 records, 0 bad, 2 not event files"), "{told}");
}

#[test]
fn a_rule_finds_every_form_and_names_the_record() {
    let folder = mixed();
    for threads in ["1", "2"] {
        let (code, out, told) =
            folder.run(&["run", "files.yaral", "in", "--format", "ndjson", "--threads", threads]);
        let detections = lines(&out);
        assert_eq!((code, detections.len()), (0, 21), "{told}");
        for detection in detections {
            let reference = &detection["collectionElements"][0]["references"][0];
            let source = &reference["source"];
            assert_eq!(source["record"], "77");
            assert!(source["line"].is_u64() != source["index"].is_u64(), "{source}");
            assert_eq!(reference["event"]["target"]["file"]["fullPath"], "C:\\a&b", "{reference}");
        }
    }
}

#[test]
fn a_record_in_a_text_is_named_by_its_number_and_its_place() {
    let list = format!("[{},\n{}]", nxlog(5), nxlog(6));
    let xml = XML.replace('7', "8");
    let folder = Folder::with(&[
        ("in/a.json", format!("{}\n{}\n", nxlog(3), nxlog(4)).as_bytes()),
        ("in/b.json", list.as_bytes()),
        ("in/c.xml", format!("<Events>\n{XML}\n{xml}</Events>").as_bytes()),
        ("files.yaral", RULE.as_bytes()),
    ]);
    let (_, out, told) = folder.run(&["run", "files.yaral", "in", "--format", "ndjson", "--all-windows"]);
    let mut sources: Vec<String> = lines(&out)
        .iter()
        .map(|detection| detection["collectionElements"][0]["references"][0]["source"].to_string())
        .collect();
    sources.sort();
    let expected = [
        r#"{"path":"in/a.json","line":1,"record":"3"}"#,
        r#"{"path":"in/a.json","line":2,"record":"4"}"#,
        r#"{"path":"in/b.json","index":1,"record":"5"}"#,
        r#"{"path":"in/b.json","index":2,"record":"6"}"#,
        r#"{"path":"in/c.xml","line":2,"record":"77"}"#,
        r#"{"path":"in/c.xml","line":3,"record":"88"}"#,
    ];
    assert_eq!(sources, expected, "{told}");
}

/// What evtx_dump prints unless told otherwise: a title above each record, and the record over several lines.
#[test]
fn titles_above_records_are_no_records() {
    let pretty = XML.replace("><", ">\n  <");
    let xml = format!("Record 1\n<?xml version=\"1.0\"?>\n{pretty}\n\nRecord 2\n{pretty}\n");
    let record = json!({"Event": {"System": {"Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}}, "EventID": 11,
        "EventRecordID": 77}, "EventData": {"TargetFilename": "C:\\a&b"}}});
    let wide = serde_json::to_string_pretty(&record).unwrap();
    let folder = Folder::with(&[
        ("a.txt", xml.as_bytes()),
        ("b.txt", format!("Record 1\r\n{wide}\r\nRecord 2\r\n{wide}\r\n").as_bytes()),
        ("c.txt", format!("Record 1\n{record}\nRecord 2\n{record}\n").as_bytes()),
        ("d.txt", format!("Record 1\n{record}\nRecord x\n{record}\n").as_bytes()),
        (
            "e.log",
            format!("<13>May  1 10:00:00 ws1 x: {pretty}\n<13>May  1 10:00:00 ws1 x: {pretty}\n").as_bytes(),
        ),
    ]);
    for (name, bad) in [("a.txt", 0), ("b.txt", 0), ("c.txt", 0), ("d.txt", 1), ("e.log", 0)] {
        let (code, out, told) = folder.run(&["convert", name]);
        assert_eq!((code, lines(&out).len()), (0, 2), "{name}: {told}");
        assert!(told.contains(&format!("{} records, {bad} bad", 2 + bad)), "{name}: {told}");
        assert!(lines(&out).iter().all(|event| event["target"]["file"]["fullPath"] == "C:\\a&b"), "{name}");
    }
}

/// What was converted is UDM, and converting it again changes no byte.
#[test]
fn converting_twice_is_converting_once() {
    let folder = mixed();
    let (_, once, _) = folder.run(&["convert", "in"]);
    fs::write(folder.path("once.json"), &once).unwrap();
    let (code, twice, told) = folder.run(&["convert", "once.json"]);
    assert_eq!((code, twice), (0, once), "{told}");
}

#[test]
fn a_record_without_a_number_is_named_by_its_line() {
    let line = r#"{"EventID":11,"SourceName":"Microsoft-Windows-Sysmon","EventTime":1714557600}"#;
    let xml = XML.replace("<EventRecordID>77</EventRecordID>", "");
    let text = format!("{line}\n{line}\n");
    let folder = Folder::with(&[
        ("a.json", text.as_bytes()),
        ("b.xml", format!("<Events>\n{xml}\n{xml}</Events>").as_bytes()),
        ("files.yaral", RULE.as_bytes()),
    ]);
    let (_, out, _) = folder.run(&["run", "files.yaral", "a.json", "b.xml", "--format", "ndjson"]);
    let places: Vec<Value> = lines(&out)
        .iter()
        .map(|detection| detection["collectionElements"][0]["references"][0]["source"]["line"].clone())
        .collect();
    assert_eq!(places, [1, 2, 2, 3]);
}

#[test]
fn what_is_converted_converts_to_itself() {
    let folder = mixed();
    folder.run(&["convert", "in", "-o", "once.jsonl"]);
    folder.run(&["convert", "once.jsonl", "-o", "twice.jsonl"]);
    let text = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    assert_eq!(text("once.jsonl"), text("twice.jsonl"));
}

#[test]
fn the_ending_of_the_output_tells_how_it_is_compressed() {
    let folder = mixed();
    let (_, plain, _) = folder.run(&["convert", "in"]);
    for name in ["x.gz", "x.zst"] {
        let (code, out, told) = folder.run(&["convert", "in", "-o", name]);
        assert_eq!((code, out.as_str()), (0, ""), "{told}");
        let file = fs::File::open(folder.path(name)).unwrap();
        let mut text = String::new();
        if name == "x.gz" {
            flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        } else {
            zstd::Decoder::new(file).unwrap().read_to_string(&mut text).unwrap();
        }
        assert_eq!(text, plain, "{name}");
        assert_eq!(folder.run(&["convert", name]).1, plain, "{name}");
    }
}

#[test]
fn a_bad_record_is_counted_and_named_and_the_others_are_read() {
    let text = format!("{}\n{{\"EventID\":11,\"SourceName\":\"x\",\"a\":\"\\q\"}}\n{}\n", nxlog(1), nxlog(2));
    let cut = format!("<Events>\n{XML}\n{}\n{XML}\n{}", &XML[..200], &XML[..300]);
    let folder = Folder::with(&[("a.json", text.as_bytes()), ("b.xml", cut.as_bytes())]);
    let (code, out, told) = folder.run(&["convert", "a.json", "b.xml"]);
    assert_eq!((code, lines(&out).len()), (0, 4), "{told}");
    assert!(told.contains("`a.json`, line 2: the record is not JSON"), "{told}");
    assert!(
        told.contains("`b.xml`, line 3: the record ends too early (the first of 2 bad records)"),
        "{told}"
    );
}

#[test]
fn one_record_is_explained() {
    let folder = mixed();
    let (code, out, told) = folder.run(&["convert", "in/g nxlog.json", "--explain", "--record", "77"]);
    assert_eq!(code, 0, "{told}");
    assert!(out.starts_with("in/g nxlog.json, line 1, record 77: Microsoft-Windows-Sysmon 11\n"), "{out}");
    let line = out.lines().find(|line| line.contains("TargetFilename")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, ["R", "TargetFilename", "target.file.full_path", "C:\\a&b"]);
    assert!(out.contains("left over") && out.contains("EventTime"), "{out}");
    let (_, _, told) = folder.run(&["convert", "in", "--explain", "--record", "78"]);
    assert!(told.contains("there is no such record"), "{told}");
}

#[test]
fn events_are_counted_by_kind() {
    let (_, out, _) = mixed().run(&["convert", "in", "--stats"]);
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["count", "provider", "id", "event", "type"]);
    assert_eq!(rows[1], ["21", "Microsoft-Windows-Sysmon", "11", "FILE_CREATION"]);
}

#[test]
fn a_path_that_is_not_there_is_an_error_and_the_others_are_converted() {
    let folder = mixed();
    let (code, out, told) = folder.run(&["convert", "in/a one.xml", "nowhere"]);
    assert_eq!((code, lines(&out).len()), (2, 1), "{told}");
    let (code, _, told) = folder.run(&["convert", "in/p page.html"]);
    assert_eq!(code, 2, "{told}");
}
