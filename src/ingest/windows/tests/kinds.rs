//! Which UDM event type each event id becomes.

use serde_json::json;

use super::{map, record};

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
const SYSMON: &str = "Microsoft-Windows-Sysmon";

const KINDS: [(&str, &[u32], &str); 60] = [
    (SYSMON, &[1, 25], "PROCESS_LAUNCH"),
    (SYSMON, &[2], "FILE_MODIFICATION"),
    (SYSMON, &[3], "NETWORK_CONNECTION"),
    (SYSMON, &[4, 16], "SETTING_MODIFICATION"),
    (SYSMON, &[5], "PROCESS_TERMINATION"),
    (SYSMON, &[6, 7, 8], "PROCESS_MODULE_LOAD"),
    (SYSMON, &[9], "FILE_READ"),
    (SYSMON, &[10], "PROCESS_OPEN"),
    (SYSMON, &[11, 15, 27, 29], "FILE_CREATION"),
    (SYSMON, &[12, 13, 14], "REGISTRY_MODIFICATION"),
    (SYSMON, &[17, 18], "PROCESS_UNCATEGORIZED"),
    (SYSMON, &[19, 20, 21], "USER_RESOURCE_ACCESS"),
    (SYSMON, &[22], "NETWORK_DNS"),
    (SYSMON, &[23, 26, 28], "FILE_DELETION"),
    (SYSMON, &[24], "RESOURCE_READ"),
    (SYSMON, &[255], "SERVICE_UNSPECIFIED"),
    (SYSMON, &[30], "GENERIC_EVENT"),
    (SECURITY, &[4624, 4625, 4648, 4672], "USER_LOGIN"),
    (SECURITY, &[4768, 4771, 4776], "USER_LOGIN"),
    (SECURITY, &[4634, 4647], "USER_LOGOUT"),
    (SECURITY, &[4656, 4662, 5140, 5145], "USER_RESOURCE_ACCESS"),
    (SECURITY, &[4657], "REGISTRY_MODIFICATION"),
    (SECURITY, &[4663], "USER_RESOURCE_ACCESS"),
    (SECURITY, &[4688], "PROCESS_LAUNCH"),
    (SECURITY, &[4689], "PROCESS_TERMINATION"),
    (SECURITY, &[4697], "SERVICE_UNSPECIFIED"),
    (SECURITY, &[4698], "SCHEDULED_TASK_CREATION"),
    (SECURITY, &[4699], "SCHEDULED_TASK_DELETION"),
    (SECURITY, &[4700], "SCHEDULED_TASK_ENABLE"),
    (SECURITY, &[4701], "SCHEDULED_TASK_DISABLE"),
    (SECURITY, &[4702], "SCHEDULED_TASK_MODIFICATION"),
    (SECURITY, &[4720], "USER_CREATION"),
    (SECURITY, &[4722, 4725, 4740], "USER_CHANGE_PERMISSIONS"),
    (SECURITY, &[4723, 4724], "USER_CHANGE_PASSWORD"),
    (SECURITY, &[4726], "USER_DELETION"),
    (SECURITY, &[4728, 4729, 4732, 4733, 4756, 4757], "GROUP_MODIFICATION"),
    (SECURITY, &[4738], "USER_UNCATEGORIZED"),
    (SECURITY, &[4769], "STATUS_UPDATE"),
    (SECURITY, &[5156, 5157], "NETWORK_CONNECTION"),
    (SECURITY, &[4999], "GENERIC_EVENT"),
    ("Microsoft-Windows-Eventlog", &[104, 1102], "SYSTEM_AUDIT_LOG_WIPE"),
    ("AD FS Auditing", &[1102], "GENERIC_EVENT"),
    ("DFSR", &[1102], "GENERIC_EVENT"),
    ("Microsoft-Windows-EventSystem", &[4625], "GENERIC_EVENT"),
    ("Microsoft-Windows-Kernel-General", &[1], "GENERIC_EVENT"),
    ("ESENT", &[216, 325, 326, 327], "GENERIC_EVENT"),
    ("Service Control Manager", &[7045], "SERVICE_CREATION"),
    ("Service Control Manager", &[7036], "SERVICE_UNSPECIFIED"),
    ("Service Control Manager", &[7040], "SERVICE_MODIFICATION"),
    ("Netwtw10", &[7036], "GENERIC_EVENT"),
    ("Microsoft-Windows-PowerShell", &[4103, 4104, 4105, 4106], "STATUS_UPDATE"),
    ("Microsoft-Windows-PowerShell", &[40961, 40962, 53504], "STATUS_UPDATE"),
    ("PowerShellCore", &[4103, 4104, 4105, 4106], "STATUS_UPDATE"),
    ("PowerShell", &[400, 403, 500, 501, 600, 800], "STATUS_UPDATE"),
    ("PowerShell", &[1], "GENERIC_EVENT"),
    ("Microsoft-Windows-WMI-Activity", &[5857, 5858, 5859, 5860], "STATUS_UPDATE"),
    ("Microsoft-Windows-WMI-Activity", &[5861], "SERVICE_START"),
    ("Microsoft-Windows-Windows Defender", &[1116, 1117], "SCAN_UNCATEGORIZED"),
    ("Microsoft-Windows-Windows Defender", &[5000, 5001, 5007, 5010, 5012], "SETTING_MODIFICATION"),
    ("Microsoft-Windows-Windows Defender", &[1150, 1151, 2000, 2001, 2010], "STATUS_UPDATE"),
];

#[test]
fn every_id_of_the_tables_has_its_event_type() {
    for (provider, ids, kind) in KINDS {
        for id in ids {
            let event = map(&record(provider, *id, &json!({"any": "thing"})));
            assert_eq!(event["metadata"]["eventType"], kind, "{provider} {id}");
            assert_eq!(event["metadata"]["productEventType"], id.to_string());
            assert_eq!(event["metadata"]["vendorName"], "Microsoft");
            assert_eq!(event["securityResult"][0]["ruleName"], format!("EventID: {id}"));
            assert_eq!(event["additional"]["any"], "thing");
        }
    }
}
