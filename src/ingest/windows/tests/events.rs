//! Records of our own and the events they become.

use serde_json::{Value, json};

use super::{map, map_with, record};
use crate::ingest::windows::Mapper;

const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

const SYSMON_1: &str = r##"{"Event":{"#attributes":{"xmlns":"http://example.org"},"System":{
    "Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"{5770385f}"}},"EventID":1,"Version":5,"Level":4,
    "Task":1,"Opcode":0,"Keywords":"0x8000000000000000","TimeCreated":{"#attributes":{"SystemTime":"2024-05-01T10:00:00.123456Z"}},
    "EventRecordID":77,"Correlation":null,"Execution":{"#attributes":{"ProcessID":3208,"ThreadID":4804}},
    "Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"ws1.example.org","Security":{"#attributes":{"UserID":"S-1-5-18"}}},
    "EventData":{"RuleName":"technique_id=T1033","UtcTime":"2024-05-01 10:00:00.100","ProcessGuid":"{aa-1}","ProcessId":4711,
    "Image":"C:\\Windows\\System32\\whoami.exe","Description":"whoami","OriginalFileName":"whoami.exe",
    "CommandLine":"whoami \"/all\"","CurrentDirectory":"C:\\","User":"EXAMPLE\\ann","IntegrityLevel":"High",
    "Hashes":"SHA1=AB,MD5=CD,SHA256=EF,IMPHASH=01","ParentProcessGuid":"{aa-0}","ParentProcessId":42,
    "ParentImage":"C:\\Windows\\System32\\cmd.exe","ParentCommandLine":"cmd.exe","ParentUser":"-"}}}"##;

#[test]
fn sysmon_1_is_a_launch_whose_principal_is_the_parent() {
    let process = json!({
        "productSpecificProcessId": "SYSMON:{aa-0}", "pid": "42",
        "file": {"fullPath": r"C:\Windows\System32\cmd.exe"}, "commandLine": "cmd.exe"
    });
    let expected = json!({
        "metadata": {"eventType": "PROCESS_LAUNCH", "description": "whoami", "logType": "WINDOWS_SYSMON",
            "eventTimestamp": "2024-05-01T10:00:00.123456Z", "productEventType": "1", "productLogId": "77",
            "productName": "Microsoft-Windows-Sysmon", "vendorName": "Microsoft", "productDeploymentId": "{5770385f}"},
        "principal": {"user": {"userid": "ann", "windowsSid": "S-1-5-18"}, "administrativeDomain": "EXAMPLE",
            "process": process, "hostname": "ws1.example.org", "asset": {"hostname": "ws1.example.org"},
            "platform": "WINDOWS"},
        "target": {"process": {"productSpecificProcessId": "SYSMON:{aa-1}", "pid": "4711",
            "file": {"fullPath": r"C:\Windows\System32\whoami.exe", "sha1": "ab", "md5": "cd", "sha256": "ef",
                "fileMetadata": {"pe": {"importHash": "01"}}, "peFile": {"imphash": "01"}},
            "commandLine": "whoami \"/all\"", "parentProcess": process, "integrityLevelRid": "12288"},
            "asset": {"software": [{"description": "whoami"}]}},
        "src": {"process": {"file": {"fullPath": "whoami.exe"}}},
        "observer": {"process": {"pid": "3208"}},
        "securityResult": [{"ruleName": "EventID: 1", "severity": "INFORMATIONAL"}, {"ruleName": "technique_id=T1033"}],
        "additional": {"current_directory": "C:\\", "IntegrityLevel": "High",
            "Channel": "Microsoft-Windows-Sysmon/Operational", "Task": "1", "Opcode": "0",
            "Keywords": "0x8000000000000000", "ThreadID": "4804", "UtcTime": "2024-05-01 10:00:00.100"}
    });
    assert_eq!(map(SYSMON_1), expected);
}

#[test]
fn sysmon_11_is_a_file_creation() {
    let data = json!({"RuleName": "-", "ProcessGuid": "{aa-1}", "ProcessId": 7, "Image": "C:\\a.exe",
        "TargetFilename": "C:\\b.txt", "CreationUtcTime": "2024-05-01 10:00:00.000", "User": "NT AUTHORITY\\SYSTEM"});
    let expected = json!({
        "metadata": {"eventType": "FILE_CREATION", "logType": "WINDOWS_SYSMON", "productEventType": "11",
            "productName": SYSMON, "vendorName": "Microsoft"},
        "principal": {"process": {"productSpecificProcessId": "SYSMON:{aa-1}", "pid": "7",
            "file": {"fullPath": "C:\\a.exe"}}, "user": {"userid": "SYSTEM"}, "administrativeDomain": "NT AUTHORITY",
            "hostname": "ws1", "asset": {"hostname": "ws1"}, "platform": "WINDOWS"},
        "target": {"file": {"fullPath": "C:\\b.txt"}, "resource": {"attribute": {"labels":
            [{"key": "CreationUtcTime", "value": "2024-05-01 10:00:00.000"}]}}},
        "securityResult": [{"ruleName": "EventID: 11"}]
    });
    assert_eq!(map(&record(SYSMON, 11, &data)), expected);
}

#[test]
fn security_4688_gives_the_target_the_command_line_and_decimal_pids() {
    let data = json!({"SubjectUserSid": "S-1-5-20", "SubjectUserName": "WS1$", "SubjectDomainName": "EXAMPLE",
        "SubjectLogonId": "0x3e4", "NewProcessId": "0x168", "NewProcessName": "C:\\cmd.exe",
        "TokenElevationType": "%%1936", "ProcessId": "0x5fc", "CommandLine": "cmd.exe /Q", "TargetUserName": "-",
        "ParentProcessName": "C:\\parent.exe", "Odd": "kept"});
    let expected = json!({
        "metadata": {"eventType": "PROCESS_LAUNCH", "productEventType": "4688", "productName": SECURITY,
            "vendorName": "Microsoft", "logType": "WINEVTLOG"},
        "principal": {"administrativeDomain": "EXAMPLE", "user": {"userid": "WS1$", "windowsSid": "S-1-5-20"},
            "process": {"pid": "1532", "file": {"fullPath": "C:\\parent.exe"}},
            "labels": [{"key": "SubjectLogonId", "value": "0x3e4"}], "hostname": "ws1",
            "asset": {"hostname": "ws1"}, "platform": "WINDOWS"},
        "target": {"process": {"pid": "360", "file": {"fullPath": "C:\\cmd.exe"}, "commandLine": "cmd.exe /Q",
            "parentProcess": {"pid": "1532", "file": {"fullPath": "C:\\parent.exe"}}},
            "labels": [{"key": "TokenElevationType", "value": "%%1936"}]},
        "securityResult": [{"action": ["ALLOW"], "ruleName": "EventID: 4688"}],
        "additional": {"TokenElevationType": "%%1936", "SubjectLogonId": "0x3e4", "Odd": "kept"}
    });
    assert_eq!(map(&record(SECURITY, 4688, &data)), expected);
}

#[test]
fn an_event_begins_with_its_type_so_that_it_can_be_dropped_early() {
    let mut mapper = Mapper::new(&|_| true);
    for (id, kind) in [(1, "PROCESS_LAUNCH"), (999, "GENERIC_EVENT")] {
        let start = format!(r#"{{"metadata":{{"eventType":"{kind}","#);
        assert!(map_with(&mut mapper, &record(SYSMON, id, &json!({}))).starts_with(&start));
    }
}

#[test]
fn an_id_without_rows_is_generic_and_keeps_its_values() {
    let event = map(&record("Acme", 5, &json!({"Data": {"#text": ["a", "-", "c"]}, "Name": 3})));
    assert_eq!(event["metadata"]["eventType"], "GENERIC_EVENT");
    assert_eq!(event["additional"], json!({"param1": "a", "param3": "c", "Name": "3"}));
}

#[test]
fn only_what_is_asked_for_is_written() {
    let mut mapper = Mapper::new(&|path| path == ["target", "process", "command_line"]);
    let event: Value = serde_json::from_str(&map_with(&mut mapper, SYSMON_1)).unwrap();
    assert_eq!(event, json!({"target": {"process": {"commandLine": "whoami \"/all\""}}}));
}

#[test]
fn asking_for_less_does_not_change_the_number_of_elements() {
    let mut mapper = Mapper::new(&|path| path == ["security_result", "severity"]);
    let event: Value = serde_json::from_str(&map_with(&mut mapper, SYSMON_1)).unwrap();
    assert_eq!(event, json!({"securityResult": [{"severity": "INFORMATIONAL"}, {}]}));
}

#[test]
fn labels_are_asked_for_by_either_field() {
    let data = json!({"SubjectLogonId": "0x1"});
    for field in ["key", "value"] {
        let mut mapper = Mapper::new(&|path| path == ["principal", "labels", field]);
        let event: Value =
            serde_json::from_str(&map_with(&mut mapper, &record(SECURITY, 4688, &data))).unwrap();
        assert_eq!(event, json!({"principal": {"labels": [{"key": "SubjectLogonId", "value": "0x1"}]}}));
    }
}

#[test]
fn a_value_that_no_row_makes_anything_of_is_not_lost() {
    let data = json!({"IpAddress": "LOCAL", "IpPort": "0", "WorkstationName": "two words", "Channel": "odd"});
    let event = map(&record(SECURITY, 4624, &data));
    let additional = &event["additional"];
    assert_eq!(additional["IpAddress"], "LOCAL");
    assert_eq!(additional["WorkstationName"], "two words");
    assert_eq!(additional["EventData.Channel"], "odd");
}

#[test]
fn a_logon_names_the_client_or_else_the_host_that_logs() {
    let host = |name: &str| {
        let event = map(&record(SECURITY, 4624, &json!({"WorkstationName": name, "LogonType": 10})));
        assert_eq!(event["intermediary"], json!([{"hostname": "ws1"}]));
        assert_eq!(event["extensions"]["auth"]["mechanism"], json!(["REMOTE_INTERACTIVE"]));
        event["principal"].clone()
    };
    assert_eq!(host("CLIENT")["hostname"], "CLIENT");
    assert_eq!(host("-")["hostname"], "ws1");
    assert_eq!(host(r"DOM\CLIENT")["asset"], json!({"hostname": "CLIENT"}));
    assert_eq!(host(r"DOM\CLIENT")["administrativeDomain"], "DOM");
    assert_eq!(host("192.0.2.1:4242")["ip"], json!(["192.0.2.1"]));
    assert_eq!(host("192.0.2.1:4242")["port"], 4242);
}

#[test]
fn the_domain_of_a_client_is_its_network_where_the_subject_has_a_domain_of_its_own() {
    let data = json!({"WorkstationName": r"DOM\CLIENT", "SubjectDomainName": "EXAMPLE"});
    let principal = &map(&record(SECURITY, 4624, &data))["principal"];
    assert_eq!(principal["asset"], json!({"hostname": "CLIENT", "networkDomain": "DOM"}));
    assert_eq!(principal["administrativeDomain"], "EXAMPLE");
}

#[test]
fn a_service_ticket_without_a_user_is_no_more_than_a_status() {
    let kind = |data: &Value| map(&record(SECURITY, 4769, data))["metadata"]["eventType"].clone();
    assert_eq!(kind(&json!({"TargetUserName": "ann@EXAMPLE"})), "USER_UNCATEGORIZED");
    assert_eq!(kind(&json!({"TargetUserName": "-"})), "STATUS_UPDATE");
}

#[test]
fn the_older_powershell_channel_is_read_from_its_values_or_from_its_message() {
    let context = "\tHostApplication=powershell -nop\r\n\tUserId=DOM\\ann\r\n\tScriptName=C:\\a.ps1\r\n\tCommandLine=Clear-EventLog";
    let data = json!({"Data": {"#text": ["Clear-EventLog", context, "CommandInvocation(Clear-EventLog)"]}});
    let mut message: Value = serde_json::from_str(&record("PowerShell", 800, &json!(null))).unwrap();
    message["Event"]["RenderingInfo"] =
        json!({"Message": format!("Pipeline execution details\r\n{context}")});
    for event in [map(&record("PowerShell", 800, &data)), map(&message.to_string())] {
        assert_eq!(event["metadata"]["eventType"], "STATUS_UPDATE");
        assert_eq!(event["metadata"]["productName"], "PowerShell");
        assert_eq!(event["additional"]["HostApplication"], "powershell -nop");
        assert_eq!(event["principal"]["user"]["userid"], "ann");
        assert_eq!(event["target"]["file"]["fullPath"], "C:\\a.ps1");
        assert!(event["securityResult"][0]["description"].as_str().unwrap().contains("Clear-EventLog"));
    }
}

#[test]
fn a_time_may_be_a_count_since_1970_or_lack_its_zone() {
    for (given, read) in [
        ("1718393972191", json!("2024-06-14T19:39:32.191Z")),
        ("1657287601", json!("2022-07-08T13:40:01Z")),
        ("2020-06-09 22:51:04", json!("2020-06-09T22:51:04Z")),
        ("2020-06-09T22:51:04.5+02:00", json!("2020-06-09T22:51:04.5+02:00")),
        ("yesterday", Value::Null),
        ("-5", Value::Null),
    ] {
        let mut one: Value = serde_json::from_str(&record("P", 1, &json!({}))).unwrap();
        one["Event"]["System"]["TimeCreated"] = json!({"#attributes": {"SystemTime": given}});
        assert_eq!(map(&one.to_string())["metadata"]["eventTimestamp"], read, "{given}");
    }
}

#[test]
fn the_object_type_decides_the_field() {
    let event = |kind: &str| map(&record(SECURITY, 4663, &json!({"ObjectName": "x", "ObjectType": kind})));
    assert_eq!(event("File")["metadata"]["eventType"], "FILE_OPEN");
    assert_eq!(event("File")["target"]["file"]["fullPath"], "x");
    assert_eq!(event("Key")["target"]["registry"]["registryKey"], "x");
    assert_eq!(event("Event")["target"]["resource"]["name"], "x");
    assert_eq!(event("Event")["metadata"]["eventType"], "USER_RESOURCE_ACCESS");
}

/// A rule looks for one property among all that were accessed.
#[test]
fn each_property_of_a_directory_object_is_a_label() {
    let properties =
        "%%7688\n\t\t{8D3BCA50-1D7E-11D0-A081-00AA006C33ED}\n\t{5cb41ed0-0e4c-11d0-a286-00aa003049e2}\n";
    let event = map(&record(SECURITY, 4662, &json!({"Properties": properties})));
    let fields = event["securityResult"][0]["detectionFields"].as_array().unwrap();
    let values: Vec<_> = fields.iter().map(|field| field["value"].as_str().unwrap()).collect();
    let expected = [
        properties,
        "properties:{8d3bca50-1d7e-11d0-a081-00aa006c33ed}",
        "properties:{5cb41ed0-0e4c-11d0-a286-00aa003049e2}",
    ];
    assert_eq!(values, expected);
}

#[test]
fn a_failed_logon_says_why() {
    let event = map(&record(SECURITY, 4625, &json!({"Status": "0xC000006D", "SubStatus": "0xC0FFEE"})));
    let expected = json!([{"action": ["BLOCK"], "category": ["AUTH_VIOLATION"], "ruleName": "EventID: 4625",
        "summary": "Status(0xC000006D): bad user name or authentication information", "description": "0xC0FFEE"}]);
    assert_eq!(event["securityResult"], expected);
}

#[test]
fn dns_answers_lose_their_type_and_mapped_addresses_their_prefix() {
    let data = json!({"QueryName": "a.example", "QueryStatus": "0",
        "QueryResults": "type:  5 b.example;::ffff:192.0.2.1;2001:db8::1;"});
    let dns = &map(&record(SYSMON, 22, &data))["network"]["dns"];
    let answers = json!([{"data": "b.example"}, {"data": "192.0.2.1"}, {"data": "2001:db8::1"}]);
    assert_eq!(dns["answers"], answers);
    assert_eq!(dns["questions"], json!([{"name": "a.example"}]));
}

#[test]
fn a_task_is_read_from_its_xml() {
    let task = "<Task><Triggers><LogonTrigger><UserId>no</UserId></LogonTrigger></Triggers><Principals><Principal id=\"A\">\
        <UserId>S-1-5-18</UserId></Principal></Principals><Actions Context=\"A\"><Exec><Command>cmd.exe</Command>\
        <Arguments>/c a &gt; b &amp;amp; c</Arguments></Exec></Actions></Task>";
    let target = &map(&record(SECURITY, 4698, &json!({"TaskContent": task, "TaskName": "\\t"})))["target"];
    assert_eq!(target["process"]["file"]["fullPath"], "cmd.exe");
    assert_eq!(target["user"]["userid"], "S-1-5-18");
    let labels = json!([{"key": "Arguments", "value": "/c a > b &amp; c"},
        {"key": "Triggers", "value": "<LogonTrigger><UserId>no</UserId></LogonTrigger>"}]);
    assert_eq!(target["resource"]["attribute"]["labels"], labels);
    assert_eq!(target["user"]["attribute"]["labels"], json!([{"key": "PrincipalId", "value": "A"}]));
}

#[test]
fn powershell_context_is_taken_apart() {
    let context = "        Severity = Informational\r\n        Host Application = powershell -f a.ps1\r\n        User = DOM\\ann\r\n";
    let data = json!({"ContextInfo": context, "Payload": "Clear-EventLog"});
    let event = map(&record("Microsoft-Windows-PowerShell", 4103, &data));
    assert_eq!(event["metadata"]["productName"], "PowerShell");
    assert_eq!(event["additional"]["HostApplication"], "powershell -f a.ps1");
    assert_eq!(event["principal"]["user"]["userid"], "ann");
    assert_eq!(event["securityResult"][0]["description"], "Clear-EventLog");
}

#[test]
fn registry_keys_are_created_deleted_and_changed() {
    let kind =
        |what: &str| map(&record(SYSMON, 12, &json!({"EventType": what})))["metadata"]["eventType"].clone();
    assert_eq!(kind("CreateKey"), "REGISTRY_CREATION");
    assert_eq!(kind("DeleteValue"), "REGISTRY_DELETION");
    assert_eq!(kind("Other"), "REGISTRY_MODIFICATION");
}
