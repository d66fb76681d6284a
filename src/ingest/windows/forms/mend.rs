//! What collectors lose or rename on the way, put right.

use super::super::record::{RawRecord, RecordBuffer, System};
use super::flat::Flat;
use super::tables::ECS;

const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

/// The provider behind a channel, for records that do not name it.
const CHANNELS: [(&str, &str); 7] = [
    ("Security", SECURITY),
    ("Microsoft-Windows-Sysmon/Operational", SYSMON),
    ("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell"),
    ("PowerShellCore/Operational", "PowerShellCore"),
    ("Windows PowerShell", "PowerShell"),
    ("Microsoft-Windows-WMI-Activity/Operational", "Microsoft-Windows-WMI-Activity"),
    ("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender"),
];

/// Levels by the names that collectors give them.
const LEVELS: [(&str, &str); 10] = [
    ("critical", "1"),
    ("fatal", "1"),
    ("error", "2"),
    ("warning", "3"),
    ("warn", "3"),
    ("info", "4"),
    ("information", "4"),
    ("informational", "4"),
    ("verbose", "5"),
    ("debug", "5"),
];

/// What NXLog calls an event's kind, under a name that Sysmon uses for its own.
const NXLOG_KINDS: [&str; 8] =
    ["AUDIT_SUCCESS", "AUDIT_FAILURE", "INFO", "WARNING", "ERROR", "CRITICAL", "VERBOSE", "DEBUG"];

/// What every form is in need of.
pub(super) fn common(buffer: &mut RecordBuffer) {
    let record = buffer.record();
    let level = record.system(System::Level).and_then(|level| named(&LEVELS, level));
    let channel = record.system(System::Channel).and_then(|channel| named(&CHANNELS, channel));
    // The Security channel also holds what the log itself writes.
    let provider = match (channel, record.event_id()) {
        (Some(SECURITY), Some(1100..=1108)) => Some("Microsoft-Windows-Eventlog"),
        (channel, _) => channel,
    };
    let nameless = record.system(System::Provider).is_none();
    if let Some(level) = level {
        buffer.set(System::Level, level);
    }
    if let Some(provider) = provider.filter(|_| nameless) {
        buffer.set(System::Provider, provider);
    }
}

fn named(names: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    names.iter().find(|row| row.0.eq_ignore_ascii_case(name)).map(|row| row.1)
}

/// NXLog folds the case of names, so that a value of the event whose name the collector also uses is lost, but for the
/// message; and its times may be none of the event's own.
pub(super) fn nxlog(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) {
    let get = |name: &str| {
        let found = flat.values().find(|pair| pair.0.strip_prefix(wrapper) == Some(name));
        found.map(|pair| pair.1).filter(|value| !value.is_empty())
    };
    for time in ["UtcTime", "@timestamp", "EventTime"] {
        if let Some(value) = get(time) {
            buffer.set_missing(System::Time, value);
        }
    }
    // Where both are there, the first is the collector's own and the second the event's.
    if !buffer.has(System::ProcessId)
        && let Some(pid) = get("ProcessID")
    {
        buffer.set(System::ProcessId, pid);
        buffer.drop_value("ProcessID");
    }
    from_message(flat, wrapper, buffer);
    own_kind(get("EventTypeOrignal"), get("EventType"), get("Message"), buffer);
}

/// Sysmon's own `EventType` is either renamed, with this very mistake, or lost but for the message.
fn own_kind(renamed: Option<&str>, kind: Option<&str>, message: Option<&str>, buffer: &mut RecordBuffer) {
    let is_collectors = kind.is_none_or(|kind| NXLOG_KINDS.contains(&kind));
    if buffer.record().provider() != SYSMON || !is_collectors {
        return;
    }
    let from_message = || message.and_then(|message| labelled(message, "EventType"));
    let Some(own) = renamed.or_else(from_message) else { return };
    buffer.drop_value("EventTypeOrignal");
    buffer.drop_value("EventType");
    buffer.push("EventType", own);
    if let Some(kind) = kind {
        buffer.push("nxlog.EventType", kind);
    }
}

fn from_message(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) {
    let record = buffer.record();
    if record.position("ProcessId").is_some() {
        return;
    }
    let labels: &[&str] = match record.provider() {
        SYSMON => &["ProcessId"],
        // In the launch of a process the other one is the new process.
        SECURITY => &["Creator Process ID", "Process ID"],
        _ => &[],
    };
    let message = flat.values().find(|pair| pair.0.strip_prefix(wrapper) == Some("Message"));
    let Some((_, message)) = message else { return };
    if let Some(pid) = labels.iter().find_map(|label| labelled(message, label)) {
        buffer.push("ProcessId", pid);
    }
}

/// The value of a line `label: value`.
fn labelled<'m>(message: &'m str, label: &str) -> Option<&'m str> {
    let value = |line: &'m str| line.trim().strip_prefix(label)?.strip_prefix(':');
    message.lines().find_map(value).map(str::trim).filter(|value| !value.is_empty())
}

/// What Elastic's pipelines moved elsewhere comes back under its own name, where it is not there already.
pub(super) fn ecs(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) {
    let sysmon = match buffer.record().provider() {
        SYSMON => true,
        SECURITY => false,
        _ => return,
    };
    for (whole, value) in flat.values() {
        let Some(path) = whole.strip_prefix(wrapper) else { continue };
        let Some(row) = ECS.iter().find(|row| row.0 == path) else { continue };
        let name = if sysmon { row.1 } else { row.2 };
        if name.is_empty() {
            continue;
        }
        buffer.drop_value(path);
        if buffer.record().get(name).is_none() && fits(&buffer.record(), path) {
            buffer.push(name, value);
        }
    }
    if sysmon {
        sysmon_user(flat, wrapper, buffer);
    }
}

/// The process of a Security event is a new one only in a launch.
fn fits(record: &RawRecord<'_>, path: &str) -> bool {
    record.provider() == SYSMON || !path.starts_with("process.") || record.event_id() == Some(4688)
}

fn sysmon_user(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) {
    if buffer.record().get("User").is_some() {
        return;
    }
    let get =
        |name: &str| flat.values().find(|pair| pair.0.strip_prefix(wrapper) == Some(name)).map(|pair| pair.1);
    match (get("user.domain"), get("user.name")) {
        (Some(domain), Some(name)) => buffer.push("User", &format!("{domain}\\{name}")),
        (None, Some(name)) => buffer.push("User", name),
        (_, None) => {}
    }
}
