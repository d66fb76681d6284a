//! Every form that events come in.

use serde_json::{Value as Json, json};

use super::folder::{Folder, LOGIN, gzip, launch, launches, shared, zip};

const EVENT: &str = r#"{"metadata":{"eventTimestamp":"2024-05-01T10:00:00Z","eventType":"PROCESS_LAUNCH"},"principal":{"hostname":"ws1"}}"#;

/// Where the launches of one file are found.
fn sources(content: &[u8]) -> Vec<Json> {
    let folder = Folder::with(&[("e", content)]);
    let ended = folder.launches(&["e"]);
    assert!(ended.code == 0 && ended.says(" 0 bad"), "{ended:?}");
    let mut sources = ended.sources();
    sources.iter_mut().for_each(|source| drop(source.as_object_mut().unwrap().remove("path")));
    sources
}

fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn lines_blank_ones_among_them() {
    let text = format!("\n{EVENT}\n\n  {EVENT}  \r\n{LOGIN}{EVENT}");
    assert_eq!(sources(text.as_bytes()), [json!({"line": 2}), json!({"line": 4}), json!({"line": 6})]);
}

#[test]
fn several_objects_on_a_line_wanted_or_not() {
    let login = LOGIN.trim_end();
    let text = format!("{login}{EVENT}{login} {EVENT}\n{EVENT}");
    assert_eq!(sources(text.as_bytes()), [json!({"line": 1}), json!({"line": 1}), json!({"line": 2})]);
}

#[test]
fn objects_laid_out_over_lines() {
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Json>(EVENT).unwrap()).unwrap();
    let text = format!("{pretty}\n{pretty}\n");
    assert_eq!(sources(text.as_bytes()), [json!({"line": 1}), json!({"line": 10})]);
}

#[test]
fn arrays_and_envelopes_count_their_records() {
    let login = LOGIN.trim_end();
    let one = json!({"index": 2});
    for text in [
        format!("[{login},{EVENT}]"),
        format!("[\n  {login},\n  {EVENT}\n]\n"),
        format!(
            r#"{{"events":[{{"name":"a","udm":{login}}},{{"name":"b","udm":{EVENT}}}],"moreDataAvailable":false}}"#
        ),
        format!(r#"{{"events":[{{"event":{login}}},{{"event":{EVENT}}}]}}"#),
        format!(
            r#"[{{"events":{{"events":[{{"event":{login}}}]}}}},{{"events":{{"events":[{{"event":{EVENT}}}]}}}}]"#
        ),
        format!(r#"{{"inlineSource":{{"events":[{{"udm":{login}}},{{"udm":{EVENT}}}]}}}}"#),
        format!(r#"{{"inline_source":{{"events":[{{"udm":{login}}},{{"udm":{EVENT}}}]}}}}"#),
        format!(r#"{{"customerId":"c","events":[{login},{EVENT}]}}"#),
        format!(
            r#"{{"runParserResults":[{{"parsedEvents":{{"events":[{{"event":{login}}},{{"event":{EVENT}}}]}}}}]}}"#
        ),
        format!(
            "{{\"events\": [\n{{\"event\": {{\"idm\": {{\"readOnlyUdm\": {login}}}}}}},\n{{\"event\": {{\"idm\": {{\"readOnlyUdm\": {EVENT}}}}}}}\n]}}"
        ),
    ] {
        assert_eq!(sources(text.as_bytes()), std::slice::from_ref(&one), "{text}");
    }
}

#[test]
fn an_event_alone_in_an_envelope_has_its_line() {
    let text = format!("{{\"udm\":{EVENT}}}\n{{\"name\":\"x\",\"udm\":{EVENT}}}\n");
    assert_eq!(sources(text.as_bytes()), [json!({"line": 1}), json!({"line": 2})]);
}

#[test]
fn keys_of_an_event_come_in_any_order() {
    let text = r#"{"hour_time_bucket":"x","principal":{"hostname":"ws1"},"metadata":{"event_type":10001,"event_timestamp":{"seconds":1714557600,"nanos":0}}}"#;
    assert_eq!(sources(text.as_bytes()), [json!({"line": 1})]);
}

#[test]
fn the_time_of_an_envelope_fills_a_missing_one() {
    let bare = r#"{"metadata":{"eventType":"PROCESS_LAUNCH"}}"#;
    for time in [r#""2024-05-01T12:00:00+02:00""#, r#"{"seconds":"1714557600"}"#, "1714557600000"] {
        let text =
            format!(r#"{{"events":[{{"event":{{"timestamp":{time},"idm":{{"readOnlyUdm":{bare}}}}}}}]}}"#);
        let folder = Folder::with(&[("e.json", text.as_bytes())]);
        let ended = folder.launches(&["e.json"]);
        assert_eq!(ended.lines()[0]["detectionTime"], "2024-05-01T10:00:00Z", "{ended:?}");
        assert_eq!(ended.events()[0]["event"]["metadata"]["eventTimestamp"], "2024-05-01T10:00:00Z");
    }
}

#[test]
fn an_entity_is_a_record_and_no_event() {
    let entity = r#"{"metadata":{"entityType":"USER"},"entity":{"user":{"userid":"a"}}}"#;
    let late = r#"{"entity":{"user":{"userid":"a"}},"metadata":{"entity_type":"USER"}}"#;
    let rule = "rule anything { meta: author = \"us\" events: $e.principal.hostname != \"x\" condition: $e }";
    let folder = Folder::with(&[("any.yaral", rule.as_bytes())]);
    folder.write("e.jsonl", format!("{entity}\n{late}\n{EVENT}\n").as_bytes());
    let ended = folder.run(&["run", "any.yaral", "e.jsonl", "--format", "ndjson"]);
    assert!(ended.lines().len() == 1 && ended.says("3 records, 0 bad"), "{ended:?}");
}

#[test]
fn the_events_of_detections_are_events_each_once() {
    let second = EVENT.replace("ws1", "ws2");
    let detection = |events: &[&str]| {
        let references: Vec<String> = events.iter().map(|event| format!(r#"{{"event":{event}}}"#)).collect();
        format!(
            r#"{{"type":"RULE_DETECTION","id":"de_1","detection":[{{"ruleName":"r"}}],"collectionElements":[{{"label":"e","references":[{}]}}]}}"#,
            references.join(",")
        )
    };
    let text = format!("{}\n{}\n", detection(&[EVENT, EVENT]), detection(&[EVENT, &second]));
    assert_eq!(sources(text.as_bytes()), [json!({"index": 1}), json!({"index": 2})]);
    let listed = format!(r#"{{"detections":[{},{}]}}"#, detection(&[EVENT]), detection(&[&second, EVENT]));
    assert_eq!(sources(listed.as_bytes()), [json!({"index": 1}), json!({"index": 2})]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn values_in_every_encoding_are_the_same_to_a_rule() {
    let rule = r#"rule encodings {
  meta:
    author = "us"
  events:
    $e.additional.fields["k"] = "v"
    $e.metadata.ingestion_labels["l"] = "w"
    $e.principal.ip = "10.0.0.1"
    $e.target.port = 443
    $e.security_result.summary = "s"
  condition:
    $e
}
"#;
    let folder = Folder::with(&[("encodings.yaral", rule.as_bytes())]);
    let event = |additional: &str, labels: &str, ip: &str, port: &str, result: &str| {
        format!(
            r#"{{"metadata":{{"eventType":"NETWORK_CONNECTION","ingestionLabels":{labels}}},"additional":{additional},"principal":{{"ip":{ip}}},"target":{{"port":{port}}},{result}}}"#
        ) + "\n"
    };
    let plain = (r#"{"k":"v"}"#, r#"[{"key":"l","value":"w"}]"#, r#"["10.0.0.1"]"#, "443");
    let result = r#""securityResult":[{"summary":"s"}]"#;
    let same = [
        event(plain.0, plain.1, plain.2, plain.3, result),
        event(r#"{"fields":{"k":{"stringValue":"v"}}}"#, plain.1, plain.2, plain.3, result),
        event(
            r#"{"fields":[{"key":"k","value":{"string_value":"v","number_value":null}}]}"#,
            plain.1,
            plain.2,
            plain.3,
            result,
        ),
        event(plain.0, r#"{"l":"w"}"#, plain.2, plain.3, result),
        event(plain.0, r#"{"key":"l","value":"w"}"#, r#""10.0.0.1""#, r#""443""#, result),
        event(plain.0, plain.1, plain.2, plain.3, r#""securityResult":{"summary":"s"}"#),
        event(
            plain.0,
            plain.1,
            plain.2,
            plain.3,
            r#""security_result":[{"summary":"x"}],"securityResult":[{"summary":"s"}]"#,
        ),
        event(
            plain.0,
            plain.1,
            plain.2,
            plain.3,
            r#""securityResult":[{"summary":"s"}],"security_result":[{"summary":"x"}]"#,
        ),
    ];
    for (number, event) in same.iter().enumerate() {
        folder.write("e.jsonl", event.as_bytes());
        let ended = folder.run(&["run", "encodings.yaral", "e.jsonl", "--format", "ndjson"]);
        assert_eq!(ended.lines().len(), 1, "{number}: {ended:?}");
    }
    let other = event(
        plain.0,
        plain.1,
        plain.2,
        plain.3,
        r#""security_result":[{"summary":"s"}],"securityResult":[{"summary":"x"}]"#,
    );
    folder.write("e.jsonl", other.as_bytes());
    assert!(folder.run(&["run", "encodings.yaral", "e.jsonl", "--format", "ndjson"]).stdout.is_empty());
}

#[test]
fn a_syslog_header_before_an_event_is_cut_off() {
    let text =
        format!("<14>Jul  8 13:40:02 host sensor[2568]: {EVENT}\nJul  8 13:40:03 host sensor: {EVENT}\n");
    assert_eq!(sources(text.as_bytes()), [json!({"line": 1}), json!({"line": 2})]);
}

/// A launch in the classic text of a Splunk export.
const CLASSIC: &str = "05/01/2024 10:00:07 PM
LogName=Security
EventCode=4688
EventType=0
ComputerName=ws1
SourceName=Microsoft Windows security auditing.
Type=Information
RecordNumber=77
TaskCategory=Process Creation
Message=A new process has been created.

Creator Subject:
\tSecurity ID:\t\tS-1-5-21-7
\tAccount Name:\t\tann
\tAccount Domain:\t\tDOM

Process Information:
\tNew Process ID:\t\t0x1b4
\tNew Process Name:\tC:\\a.exe
\tProcess Command Line:\ta.exe /x: y

Token Elevation Type indicates the type of token: it is explained here.
";

#[test]
fn the_classic_text_of_a_splunk_export_is_windows_events() {
    let sysmon = "05/01/2024 01:00:00 AM\r\nLogName=Microsoft-Windows-Sysmon/Operational\r\nSourceName=Microsoft-Windows-Sysmon\r\nEventCode=1\r\nRecordNumber=78\r\nMessage=Process Create:\r\nUtcTime: 2024-05-01 10:00:08.123\r\nImage: C:\\a.exe\r\nCommandLine: a.exe /x: y\r\n";
    let exported = json!({"preview": false, "result": {"_raw": CLASSIC}}).to_string();
    for text in [format!("{CLASSIC}\n{sysmon}"), format!("{exported}\n{}", json!({"_raw": sysmon}))] {
        let folder = Folder::with(&[("e", text.as_bytes())]);
        let ended = folder.launches(&["e"]);
        assert!(ended.lines().len() == 2 && ended.says("2 records, 0 bad"), "{ended:?}");
        for (reference, time) in ended.events().iter().zip(["10:00:08.123", "22:00:07"]) {
            let (event, process) = (&reference["event"], &reference["event"]["target"]["process"]);
            assert_eq!(process["commandLine"], "a.exe /x: y", "{event}");
            assert_eq!(process["file"]["fullPath"], "C:\\a.exe", "{event}");
            assert_eq!(event["metadata"]["eventTimestamp"], format!("2024-05-01T{time}Z"), "{event}");
        }
        let launch = &ended.events()[1]["event"];
        assert_eq!(launch["principal"]["user"]["userid"], "ann");
        assert_eq!(launch["principal"]["hostname"], "ws1");
        assert_eq!(launch["target"]["process"]["pid"], "436");
        assert_eq!(launch["metadata"]["productLogId"], "77");
    }
    let cut = format!("{CLASSIC}\n{}", &CLASSIC[..100]);
    let ended = Folder::with(&[("e", cut.as_bytes())]).launches(&["e"]);
    assert!(ended.sources()[0]["line"] == 1 && ended.says("2 records, 0 bad"), "{ended:?}");
}

#[test]
fn records_under_the_key_that_azure_gives_them_are_read() {
    let record =
        json!({"EventID": 1, "SourceName": "Microsoft-Windows-Sysmon", "UtcTime": "2024-05-01 10:00:00"});
    for records in [json!([record, record]), serde_json::from_str(&format!("[{EVENT},{EVENT}]")).unwrap()] {
        let text = json!({"records": records}).to_string();
        assert_eq!(sources(text.as_bytes()), [json!({"index": 1}), json!({"index": 2})], "{text}");
    }
}

#[test]
fn compressed_and_wide_texts_are_told_by_their_content() {
    let text = format!("{LOGIN}{EVENT}\n");
    let marked = format!("\u{feff}{text}");
    for content in [
        gzip(text.as_bytes()),
        [gzip(LOGIN.as_bytes()), gzip(EVENT.as_bytes())].concat(),
        zstd::encode_all(text.as_bytes(), 1).unwrap(),
        gzip(&zstd::encode_all(text.as_bytes(), 1).unwrap()),
        marked.clone().into_bytes(),
        wide(&marked, u16::to_le_bytes),
        wide(&marked, u16::to_be_bytes),
        wide(&text, u16::to_le_bytes),
        gzip(&wide(&marked, u16::to_le_bytes)),
    ] {
        assert_eq!(sources(&content), [json!({"line": 2})]);
    }
}

#[test]
fn members_of_an_archive_are_files() {
    let event = EVENT.as_bytes();
    let inner = zip(&[("deep.json", event)]);
    let packed = gzip(event);
    let members: [(&str, &[u8]); 6] = [
        ("b/two.jsonl", event),
        ("a.json.gz", &packed),
        ("inner.zip", &inner),
        ("readme.txt", b"nothing"),
        (".hidden.json", event),
        ("__MACOSX/x.json", event),
    ];
    let archive = zip(&members);
    let folder = Folder::with(&[("a.zip", &archive)]);
    let ended = folder.launches(&["a.zip", "--stats"]);
    let paths: Vec<Json> = ended.sources().iter().map(|source| source["path"].clone()).collect();
    assert_eq!(paths, ["a.zip!/a.json.gz", "a.zip!/b/two.jsonl", "a.zip!/inner.zip!/deep.json"]);
    assert!(
        ended.says("3 files, 3 records") && ended.says("not an event file: `a.zip!/readme.txt`"),
        "{ended:?}"
    );
    folder.write("launches.yaral", super::folder::LAUNCHES.as_bytes());
    let stdin = folder.run_with(&["run", "launches.yaral", "--format", "ndjson"], &archive);
    assert_eq!(stdin.sources()[1]["path"], "-!/b/two.jsonl");
}

#[test]
fn captures_are_the_same_packed_and_in_an_archive() {
    let Some(captures) = shared("data/windows") else { return };
    let folder = Folder::with(&[]);
    let mut members = Vec::new();
    for entry in std::fs::read_dir(captures).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".evtx") && name.len() % 3 == 0 {
            let content = std::fs::read(&path).unwrap();
            folder.write(&format!("plain/{name}"), &content);
            folder.write(&format!("packed/{name}"), &gzip(&content));
            members.push((name, content));
        }
    }
    let members: Vec<_> = members.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    folder.write("a.zip", &zip(&members));
    let plain = folder.launches(&["plain"]);
    assert!(plain.code == 0 && !plain.stdout.is_empty(), "{}", plain.stderr);
    let packed = folder.launches(&["packed"]);
    assert!(plain.stdout == packed.stdout.replace("\"packed/", "\"plain/"));
    let archive = folder.launches(&["a.zip"]);
    assert!(plain.stdout == archive.stdout.replace("\"a.zip!/", "\"plain/"));
}

#[test]
fn google_s_own_events_are_all_read() {
    let Some(events) = shared("data/udm") else { return };
    let folder = Folder::with(&[]);
    let ended = folder.launches(&[events.to_str().unwrap(), "--strict"]);
    assert!(ended.code == 0 && ended.says("13 files, 100 records"), "{ended:?}");
}

#[test]
fn a_pipe_by_name_is_read_once_and_held() {
    let folder = Folder::with(&[]);
    folder.write("launches.yaral", super::folder::LAUNCHES.as_bytes());
    let ended = folder
        .run_with(&["run", "launches.yaral", "/dev/stdin", "--format", "ndjson"], launches(3).as_bytes());
    assert_eq!(ended.events().len(), 3, "{ended:?}");
    assert_eq!(ended.events()[2]["event"]["target"]["process"]["commandLine"], "run \"2\"", "{}", launch(2));
}
