//! The forms in which Windows events come, and their traps.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::ingest::windows::explain::explain;
use crate::ingest::windows::forms::{Chance, chance, header, xml};
use crate::ingest::windows::{FormReader, Mapper, RawRecord, RecordError};

fn event(raw: &str) -> Value {
    let mut reader = FormReader::default();
    let mut out = Vec::new();
    let record = reader.read(raw.as_bytes()).unwrap_or_else(|why| panic!("{why}: {raw}"));
    Mapper::new(&|_| true).map(&record, &mut out);
    serde_json::from_slice(&out).unwrap()
}

fn refusal(raw: &str) -> RecordError {
    FormReader::default().read(raw.as_bytes()).unwrap_err()
}

const LAUNCH_XML: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f}'/><EventID>1</EventID><Version>5</Version><Level>4</Level>\
    <Task>1</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>\
    <TimeCreated SystemTime='2024-05-01T10:00:00.123456700Z'/><EventRecordID>77</EventRecordID><Correlation/>\
    <Execution ProcessID='3208' ThreadID='4804'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel>\
    <Computer>ws1</Computer><Security UserID='S-1-5-18'/></System><EventData>\
    <Data Name='RuleName'>-</Data><Data Name='ProcessId'>4711</Data><Data Name='Image'>C:\\a.exe</Data>\
    <Data Name='CommandLine'>a.exe &lt;1&gt; &quot;x&quot; &amp; y&#33;</Data><Data Name='User'>DOM\\ann</Data>\
    <Data Name='ParentImage'></Data><Data Name='ParentUser'/></EventData>\
    <RenderingInfo Culture='en-US'><Message>Process Create</Message><Task>Launch</Task></RenderingInfo></Event>";

/// One launch of a process, as each form has it.
fn launches() -> Vec<(&'static str, String)> {
    let data = json!({"RuleName": "-", "ProcessId": "4711", "Image": "C:\\a.exe", "CommandLine": "a.exe <1> \"x\" & y!",
        "User": "DOM\\ann"});
    let system = json!({"ProviderName": "Microsoft-Windows-Sysmon", "ProviderGuid": "{5770385f}", "EventId": "1", "Level": "4",
        "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "ws1", "EventRecordID": "77",
        "TimeCreated": "1714557600123", "UserId": "S-1-5-18", "ProcessId": "3208"});
    let winlog = json!({"provider_name": "Microsoft-Windows-Sysmon", "event_id": 1, "record_id": 77, "computer_name": "ws1",
        "channel": "Microsoft-Windows-Sysmon/Operational", "provider_guid": "{5770385f}", "process": {"pid": 3208, "thread": {"id": 4804}},
        "user": {"identifier": "S-1-5-18", "name": "SYSTEM", "domain": "NT AUTHORITY"}, "event_data": data});
    let beat = json!({"@timestamp": "2024-05-01T10:00:00.123Z", "event": {"code": "1", "provider": "Microsoft-Windows-Sysmon"},
        "host": {"name": "ws1"}, "log": {"level": "information"}, "winlog": winlog, "message": "Process Create"});
    let old = json!({"@timestamp": "2024-05-01T10:00:00.123Z", "source_name": "Microsoft-Windows-Sysmon", "event_id": 1,
        "record_number": "77", "computer_name": "ws1", "log_name": "Microsoft-Windows-Sysmon/Operational", "level": "Information",
        "provider_guid": "{5770385f}", "process_id": 3208, "user": {"identifier": "S-1-5-18"}, "event_data": data});
    let mut nxlog = json!({"EventTime": "2024-05-01 06:00:00", "@timestamp": "2024-05-01T10:00:00.123Z", "Hostname": "ws1",
        "Keywords": -9_223_372_036_854_775_808_i64, "EventType": "INFO", "SeverityValue": 2, "Severity": "INFO", "EventID": 1,
        "SourceName": "Microsoft-Windows-Sysmon", "ProviderGuid": "{5770385f}", "RecordNumber": 77, "ProcessID": 3208,
        "Channel": "Microsoft-Windows-Sysmon/Operational", "UserID": "S-1-5-18", "AccountName": "SYSTEM", "Domain": "NT AUTHORITY"});
    nxlog.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    let wazuh_data = json!({"processId": "4711", "image": "C:\\\\a.exe", "commandLine": "a.exe <1> \"x\" & y!", "user": "DOM\\\\ann"});
    let wazuh = json!({"timestamp": "x", "rule": {"level": 3}, "agent": {"name": "a"}, "data": {"win": {"system": {
        "providerName": "Microsoft-Windows-Sysmon", "providerGuid": "{5770385f}", "eventID": "1", "level": "4",
        "systemTime": "2024-05-01T10:00:00.123Z", "eventRecordID": "77", "processID": "3208", "computer": "ws1",
        "channel": "Microsoft-Windows-Sysmon/Operational", "userID": "S-1-5-18"}, "eventdata": wazuh_data}}});
    let dump = json!({"Event": {"#attributes": {"xmlns": "x"}, "System": {"Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon",
        "Guid": "{5770385f}"}}, "EventID": 1, "Level": 4, "TimeCreated": {"#attributes": {"SystemTime": "2024-05-01T10:00:00.123Z"}},
        "EventRecordID": 77, "Execution": {"#attributes": {"ProcessID": 3208}}, "Computer": "ws1",
        "Channel": "Microsoft-Windows-Sysmon/Operational", "Security": {"#attributes": {"UserID": "S-1-5-18"}}}, "EventData": data}});
    let separate = json!({"Event": {"Event_attributes": {"xmlns": "x"}, "System": {"Provider_attributes": {"Name":
        "Microsoft-Windows-Sysmon", "Guid": "{5770385f}"}, "EventID": 1, "Level": 4, "TimeCreated_attributes":
        {"SystemTime": "2024-05-01T10:00:00.123Z"}, "EventRecordID": 77, "Execution_attributes": {"ProcessID": 3208}, "Computer": "ws1",
        "Channel": "Microsoft-Windows-Sysmon/Operational", "Security_attributes": {"UserID": "S-1-5-18"}}, "EventData": data}});
    let elements = |name: &str, text: &str| {
        let pairs = data.as_object().unwrap().iter();
        Value::Array(pairs.map(|(key, value)| json!({name: key, text: value})).collect())
    };
    let by_name = json!({"Event": {"@xmlns": "x", "System": {"Provider": {"@Name": "Microsoft-Windows-Sysmon", "@Guid": "{5770385f}"},
        "EventID": "1", "Level": "4", "TimeCreated": {"@SystemTime": "2024-05-01T10:00:00.123Z"}, "EventRecordID": "77",
        "Execution": {"@ProcessID": "3208"}, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "ws1",
        "Security": {"@UserID": "S-1-5-18"}}, "EventData": {"Data": elements("@Name", "#text")}}});
    let pretty = LAUNCH_XML.replace("><", ">\r\n  <");
    vec![
        ("XML", LAUNCH_XML.to_owned()),
        ("XML over lines", pretty),
        ("evtx_dump", dump.to_string()),
        ("evtx_dump over lines", serde_json::to_string_pretty(&dump).unwrap()),
        ("evtx_dump with separate attributes", separate.to_string()),
        ("elements by name", by_name.to_string()),
        ("System and EventData", json!({"System": system, "EventData": data}).to_string()),
        ("NXLog", nxlog.to_string()),
        ("winlogbeat", beat.to_string()),
        ("winlogbeat before 7", old.to_string()),
        ("Elasticsearch export", json!({"_index": "i", "_source": beat}).to_string()),
        ("Wazuh", wazuh.to_string()),
        ("Splunk export", json!({"preview": false, "result": {"_raw": LAUNCH_XML}}).to_string()),
        ("Splunk collector", json!({"time": 1, "host": "h", "event": format!("<13>header {LAUNCH_XML}")}).to_string()),
        ("Splunk collector with JSON", json!({"time": 1, "event": nxlog}).to_string()),
        ("detection.wiki", json!({"system": {"provider_name": "Microsoft-Windows-Sysmon", "provider_guid": "{5770385f}", "event_id": 1,
            "level": 4, "time_created": "2024-05-01T10:00:00.123Z", "event_record_id": 77, "process_id": 3208, "computer": "ws1",
            "channel": "Microsoft-Windows-Sysmon/Operational", "user_id": "S-1-5-18"}, "event_data": data}).to_string()),
    ]
}

#[test]
fn every_form_of_one_launch_becomes_the_same_event() {
    for (form, raw) in launches() {
        assert_ne!(chance(raw.as_bytes()), Chance::None, "{form}");
        let event = event(&raw);
        let metadata = &event["metadata"];
        assert_eq!(metadata["eventType"], "PROCESS_LAUNCH", "{form}");
        assert_eq!(metadata["productName"], "Microsoft-Windows-Sysmon", "{form}");
        assert_eq!(metadata["productLogId"], "77", "{form}");
        assert_eq!(metadata["productDeploymentId"], "{5770385f}", "{form}");
        let time = metadata["eventTimestamp"].as_str().unwrap();
        assert!(time.starts_with("2024-05-01T10:00:00.123"), "{form}: {time}");
        assert_eq!(event["principal"]["hostname"], "ws1", "{form}");
        assert_eq!(event["principal"]["user"], json!({"userid": "ann", "windowsSid": "S-1-5-18"}), "{form}");
        assert_eq!(event["principal"]["administrativeDomain"], "DOM", "{form}");
        assert_eq!(event["observer"]["process"]["pid"], "3208", "{form}");
        assert_eq!(event["securityResult"][0]["severity"], "INFORMATIONAL", "{form}");
        assert!(event["securityResult"][1].is_null(), "{form}");
        let process = &event["target"]["process"];
        assert_eq!(process["pid"], "4711", "{form}");
        assert_eq!(process["commandLine"], "a.exe <1> \"x\" & y!", "{form}");
        assert_eq!(process["file"]["fullPath"], "C:\\a.exe", "{form}");
        assert_eq!(event["additional"]["Channel"], "Microsoft-Windows-Sysmon/Operational", "{form}");
    }
}

fn nxlog(more: Value) -> Value {
    let mut record = json!({"EventID": 13, "SourceName": "Microsoft-Windows-Sysmon", "Hostname": "ws1", "EventType": "INFO"});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event(&record.to_string())
}

#[test]
fn the_time_of_a_flat_record_is_the_best_there_is() {
    let time = |more: Value| nxlog(more)["metadata"]["eventTimestamp"].clone();
    let local = "2020-06-09 22:51:04";
    let all = json!({"EventTime": local, "@timestamp": "2020-06-10T02:51:05.723Z", "UtcTime": "2020-06-10 02:51:04.100",
        "TimeCreated": "2020-06-10T02:51:04.200Z"});
    let mut less = all.clone();
    assert_eq!(time(all), "2020-06-10T02:51:04.200Z");
    less.as_object_mut().unwrap().remove("TimeCreated");
    assert_eq!(time(less.clone()), "2020-06-10T02:51:04.100Z");
    less.as_object_mut().unwrap().remove("UtcTime");
    assert_eq!(time(less), "2020-06-10T02:51:05.723Z");
    assert_eq!(time(json!({"EventTime": local})), "2020-06-09T22:51:04Z");
    assert_eq!(time(json!({"EventTime": 1_657_287_601})), "2022-07-08T13:40:01Z");
    assert_eq!(time(json!({"EventTime": 1_657_287_601_500_i64})), "2022-07-08T13:40:01.500Z");
}

#[test]
fn sysmons_own_time_stays_visible() {
    assert_eq!(
        nxlog(json!({"UtcTime": "2020-06-10 02:51:04.100"}))["additional"]["UtcTime"],
        "2020-06-10 02:51:04.100"
    );
}

#[test]
fn keys_that_differ_in_case_only_are_two() {
    let event = nxlog(json!({"ProcessId": "4711", "ProcessID": 3208}));
    assert_eq!(event["principal"]["process"]["pid"], "4711");
    assert_eq!(event["observer"]["process"]["pid"], "3208");
    let event = nxlog(json!({"ProcessId": "4711", "ExecutionProcessID": 3208}));
    assert_eq!(event["observer"]["process"]["pid"], "3208");
}

#[test]
fn a_process_id_that_was_lost_is_recovered_from_the_message() {
    let message = "Image loaded:\r\nRuleName: -\r\nProcessId: 1860\r\nImage: C:\\a.exe";
    let event = nxlog(json!({"ProcessID": 2568, "Message": message}));
    assert_eq!(event["principal"]["process"]["pid"], "1860");
    assert_eq!(event["observer"]["process"]["pid"], "2568");
}

#[test]
fn the_creator_of_a_process_is_recovered_from_the_message() {
    let message = "Process Information:\r\n\tNew Process ID:\t\t0x744\r\n\tCreator Process ID:\t0xc68\r\n";
    let record = json!({"EventID": 4688, "SourceName": "Microsoft-Windows-Security-Auditing", "ProcessID": 4,
        "NewProcessId": "0x744", "Message": message});
    let event = event(&record.to_string());
    assert_eq!(event["principal"]["process"]["pid"], "3176");
    assert_eq!(event["target"]["process"]["pid"], "1860");
}

#[test]
fn the_kind_of_a_registry_event_is_found_renamed_or_in_the_message() {
    let kind = |more: Value| nxlog(more)["metadata"]["eventType"].clone();
    let lost = "Registry object added or deleted:\r\nRuleName: -\r\nEventType: DeleteKey\r\n";
    assert_eq!(kind(json!({"EventID": 12, "EventTypeOrignal": "CreateKey"})), "REGISTRY_CREATION");
    assert_eq!(kind(json!({"EventID": 12, "Message": lost})), "REGISTRY_DELETION");
    assert_eq!(kind(json!({"EventID": 12, "EventType": "DeleteValue"})), "REGISTRY_DELETION");
    assert_eq!(kind(json!({"EventID": 12})), "REGISTRY_MODIFICATION");
    let event = nxlog(json!({"EventID": 12, "EventTypeOrignal": "CreateKey"}));
    assert_eq!(event["additional"]["nxlog.EventType"], "INFO");
    assert_eq!(event["additional"]["EventType"], "CreateKey");
}

#[test]
fn guids_and_hashes_are_read_in_each_spelling() {
    let event = nxlog(json!({"EventID": 10, "SourceProcessGUID": "{a}", "TargetProcessGUID": "{b}"}));
    assert_eq!(event["principal"]["process"]["productSpecificProcessId"], "SYSMON:{a}");
    assert_eq!(event["target"]["process"]["productSpecificProcessId"], "SYSMON:{b}");
    let event = nxlog(json!({"EventID": 8, "SourceProcessGuid": "{a}"}));
    assert_eq!(event["principal"]["process"]["productSpecificProcessId"], "SYSMON:{a}");
    for key in ["Hash", "Hashes"] {
        let event = nxlog(json!({"EventID": 15, key: "MD5=AB,SHA256=CD"}));
        assert_eq!(event["target"]["file"]["sha256"], "cd", "{key}");
    }
}

#[test]
fn what_a_collector_adds_is_kept() {
    let event = nxlog(
        json!({"ERROR_EVT_UNRESOLVED": "x", "tags": ["a", "b"], "@version": "1", "host": "h", "port": 5,
        "HostIP": "192.0.2.9", "SourceModuleName": "in_sysmon", "SourceModuleType": "im_msvistalog", "Category": "Registry"}),
    );
    let additional = &event["additional"];
    assert_eq!(additional["ERROR_EVT_UNRESOLVED"], "x");
    assert_eq!(additional["tags"], "a, b");
    assert_eq!(additional["port"], "5");
    assert_eq!(event["intermediary"], json!([{"ip": ["192.0.2.9"]}]));
    assert_eq!(event["observer"]["application"], "im_msvistalog");
    assert_eq!(event["observer"]["labels"], json!([{"key": "SourceModuleName", "value": "in_sysmon"}]));
    assert_eq!(event["securityResult"][0]["summary"], "Registry");
}

#[test]
fn a_channel_tells_the_provider_in_whatever_case() {
    let one = |channel: &str, id: u32| {
        event(&json!({"EventID": id, "Channel": channel}).to_string())["metadata"]["eventType"].clone()
    };
    assert_eq!(one("security", 4688), "PROCESS_LAUNCH");
    assert_eq!(one("Security", 1102), "SYSTEM_AUDIT_LOG_WIPE");
    assert_eq!(one("Application", 4688), "GENERIC_EVENT");
}

#[test]
fn values_that_a_pipeline_moved_are_found_again() {
    let record = json!({"@timestamp": "2024-05-01T10:00:00Z", "winlog": {"provider_name": "Microsoft-Windows-Sysmon", "event_id": "1",
        "event_data": {"Image": "C:\\kept.exe"}}, "process": {"executable": "C:\\moved.exe", "command_line": "a b",
        "parent": {"executable": "C:\\p.exe", "pid": 4}}, "user": {"name": "ann", "domain": "DOM"}});
    let moved = event(&record.to_string());
    assert_eq!(moved["target"]["process"]["file"]["fullPath"], "C:\\kept.exe");
    assert_eq!(moved["target"]["process"]["commandLine"], "a b");
    assert_eq!(moved["principal"]["process"]["file"]["fullPath"], "C:\\p.exe");
    assert_eq!(moved["principal"]["user"]["userid"], "ann");
    let record = json!({"winlog": {"provider_name": "Microsoft-Windows-Security-Auditing", "event_id": 4688},
        "process": {"executable": "C:\\a.exe", "pid": 7, "parent": {"pid": 4}}});
    let moved = event(&record.to_string());
    assert_eq!(
        moved["target"]["process"],
        json!({"pid": "7", "file": {"fullPath": "C:\\a.exe"}, "parentProcess": {"pid": "4"}})
    );
}

#[test]
fn dotted_keys_are_the_same_as_nested_ones() {
    let record = json!({"winlog.event_id": 11, "winlog.provider_name": "Microsoft-Windows-Sysmon",
        "winlog.event_data.TargetFilename": "C:\\x"});
    assert_eq!(chance(record.to_string().as_bytes()), Chance::Sure);
    assert_eq!(event(&record.to_string())["target"]["file"]["fullPath"], "C:\\x");
}

#[test]
fn wazuhs_doubled_backslashes_are_halved_only_where_all_are() {
    let one = |image: &str, share: &str| {
        let record = json!({"data": {"win": {"system": {"providerName": "Microsoft-Windows-Sysmon", "eventID": "1"},
            "eventdata": {"image": image, "commandLine": share, "param1": "p"}}}});
        event(&record.to_string())
    };
    let halved = one(r"C:\\a.exe", r"dir \\\\srv\\x");
    assert_eq!(halved["target"]["process"]["commandLine"], r"dir \\srv\x");
    let kept = one(r"C:\a.exe", r"dir \\srv\x");
    assert_eq!(kept["target"]["process"]["commandLine"], r"dir \\srv\x");
    assert_eq!(kept["additional"]["param1"], "p");
}

#[test]
fn the_columns_of_sentinel_are_joined_with_its_xml() {
    let data = "<EventData xmlns=\"x\"><Data Name=\"NewProcessName\">C:\\a.exe</Data></EventData>";
    let record = json!({"TimeGenerated": "2024-05-01T10:00:00Z", "Computer": "ws1", "EventID": 4688, "Channel": "Security",
        "EventSourceName": "Microsoft-Windows-Security-Auditing", "Activity": "4688 - A process", "CommandLine": "a", "EventData": data});
    let event = event(&record.to_string());
    assert_eq!(event["target"]["process"], json!({"file": {"fullPath": "C:\\a.exe"}, "commandLine": "a"}));
    assert_eq!(event["principal"]["hostname"], "ws1");
    assert_eq!(event["metadata"]["eventTimestamp"], "2024-05-01T10:00:00Z");
}

#[test]
fn values_without_names_are_counted_and_user_data_brings_its_own() {
    let raw = "<Event><System><Provider Name='Service Control Manager'/><EventID Qualifiers='16384'>7036</EventID></System>\
        <EventData><Data Name='param1'>Spooler</Data><Data>stopped</Data></EventData></Event>";
    assert_eq!(event(&raw.replace(" Name='param1'", ""))["metadata"]["eventType"], "SERVICE_STOP");
    let raw = "<Event><System><Provider Name='Microsoft-Windows-Eventlog'/><EventID>1102</EventID></System><UserData>\n\
        <LogFileCleared xmlns='y'>\n<SubjectUserName>ann</SubjectUserName>\n<Empty/></LogFileCleared></UserData></Event>";
    let cleared = event(raw);
    assert_eq!(cleared["metadata"]["eventType"], "SYSTEM_AUDIT_LOG_WIPE");
    assert_eq!(cleared["principal"]["user"]["userid"], "ann");
}

#[test]
fn what_is_no_windows_event_is_told_apart() {
    let udm = [
        json!({"metadata": {"event_type": 1}, "System": 1}),
        json!({"events": [], "winlog": 1}),
        json!({"a": 1}),
        json!({}),
    ];
    for record in udm {
        assert_eq!(chance(record.to_string().as_bytes()), Chance::None, "{record}");
    }
    for record in [
        json!({"event": {"metadata": {}}}),
        json!({"message": "hello"}),
        json!({"EventID": 5}),
        json!({"_raw": "<Event"}),
    ] {
        assert_eq!(refusal(&record.to_string()), RecordError::NoForm, "{record}");
    }
    assert_eq!(refusal("<Event><System/></Event>"), RecordError::NoSystem);
}

#[test]
fn a_record_that_is_damaged_says_so() {
    let nxlog = r#"{"EventID":1,"SourceName":"x","Message":"\q"}"#;
    assert!(matches!(refusal(nxlog), RecordError::Malformed(_)));
    assert_eq!(refusal(r#"{"EventID":1,"SourceName":"x","Mess"#), RecordError::Cut);
    assert_eq!(refusal("<Event><System><Provider Name='x'/><EventID>1</EventID>"), RecordError::Cut);
    assert!(matches!(refusal("<Event><System></Wrong></Event>"), RecordError::Xml(_)));
    assert!(matches!(
        refusal("<Event><System><Provider Name='&bad;'/></System></Event>"),
        RecordError::Xml(_)
    ));
}

#[test]
fn nesting_names_and_numbers_of_values_have_limits() {
    let deep = format!(r#"{{"EventID":1,"SourceName":"x","a":{}"#, "[".repeat(100_000));
    assert_eq!(refusal(&deep), RecordError::TooDeep);
    let deep = format!("<Event>{}", "<a>".repeat(100_000));
    assert_eq!(refusal(&deep), RecordError::TooDeep);
    let long = "n".repeat(2000);
    assert_eq!(refusal(&format!(r#"{{"EventID":1,"SourceName":"x","{long}":1}}"#)), RecordError::LongName);
    assert_eq!(refusal(&format!("<Event><{long}>")), RecordError::LongName);
    let many: Vec<String> = (0..5000).map(|at| format!(r#""k{at}":1"#)).collect();
    assert_eq!(
        refusal(&format!(r#"{{"EventID":1,"SourceName":"x",{}}}"#, many.join(","))),
        RecordError::TooMany
    );
    let many = "<Data>x</Data>".repeat(5000);
    assert_eq!(refusal(&format!("<Event><EventData>{many}</EventData></Event>")), RecordError::TooMany);
}

#[test]
fn a_header_ends_where_the_record_begins() {
    let at = |line: &str| header(line.as_bytes());
    assert_eq!(at(r#"{"a":1}"#), 0);
    assert_eq!(at(r#"[{"a":1}]"#), 0);
    assert_eq!(at(r#"<14>Jul  8 ws1 Sysmon[1]: {"a":1}"#), 26);
    assert_eq!(at(r#"<14>1 ws1 - [NXLOG@14506 Guid="{5770385f}"] { "a":1}"#), 44);
    assert_eq!(at("<14>Jul  8 ws1: <Event xmlns='x'>"), 16);
    assert_eq!(at("nothing { here }"), 0);
}

#[test]
fn records_are_found_in_a_text_of_many() {
    let text =
        format!("<?xml version='1.0'?>\n<Events>\n{LAUNCH_XML}\n<13>May  1 ws1: {LAUNCH_XML}</Events>");
    let mut rest = text.as_bytes();
    let mut found = 0;
    while let Some(start) = xml::start(rest) {
        rest = &rest[start..];
        let end = xml::end(rest, 0).unwrap();
        assert_eq!(&rest[..end], LAUNCH_XML.as_bytes());
        rest = &rest[end..];
        found += 1;
    }
    assert_eq!(found, 2);
    assert_eq!(xml::start(b"<Events><EventData>"), None);
}

/// Every value in an event but the keys of labels, in order.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) if object.len() == 2 && object.contains_key("key") => {
            leaves(&object["value"], found)
        }
        Value::Object(object) => object.values().for_each(|value| leaves(value, found)),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => found.push(value.to_string()),
    }
}

/// An explanation must name every value of the event and nothing else.
pub(super) fn is_explained(record: &RawRecord<'_>, event: &Value) {
    let mut written = Vec::new();
    leaves(event, &mut written);
    written.sort();
    let explanation = explain(record);
    let steps = explanation.steps.into_iter().map(|step| step.value);
    let mut told: Vec<String> = steps.chain(explanation.left.into_iter().map(|pair| pair.1)).collect();
    told.sort();
    assert_eq!(told, written);
}

#[test]
fn an_explanation_tells_of_every_value() {
    for (_, raw) in launches() {
        let mut reader = FormReader::default();
        is_explained(&reader.read(raw.as_bytes()).unwrap(), &event(&raw));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        chance(&bytes);
        header(&bytes);
        let _ = FormReader::default().read(&bytes);
    }

    #[test]
    fn no_change_to_a_record_makes_it_panic(which in 0_usize..16, at in any::<proptest::sample::Index>(), bytes in proptest::collection::vec(any::<u8>(), 0..6)) {
        let mut raw = launches()[which].1.clone().into_bytes();
        let at = at.index(raw.len());
        let to = (at + 3).min(raw.len());
        raw.splice(at..to, bytes);
        let mut reader = FormReader::default();
        let mut out = Vec::new();
        if let Ok(record) = reader.read(&raw) {
            Mapper::new(&|_| true).map(&record, &mut out);
            prop_assert!(serde_json::from_slice::<Value>(&out).is_ok());
        }
    }
}
