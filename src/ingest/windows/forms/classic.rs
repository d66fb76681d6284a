//! Splunk's classic text of a Windows event: a time, lines `Name=value`, and the message, whose labels stand for the
//! event's own values.

use memchr::{memmem, memrchr};

use super::super::json::RecordError;
use super::super::record::{RecordBuffer, System};

const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SERVICES: &str = "Service Control Manager";

/// The first field of a record, on the line behind its time.
const FIRST: &[u8] = b"\nLogName=";

/// The lines that are fields of the system part.
const SYSTEM: [(&str, System); 10] = [
    ("LogName", System::Channel),
    ("SourceName", System::Provider),
    ("EventCode", System::EventId),
    ("ComputerName", System::Computer),
    ("RecordNumber", System::RecordId),
    ("Type", System::Level),
    ("Keywords", System::Keywords),
    ("TaskCategory", System::Category),
    ("OpCode", System::Opcode),
    ("Sid", System::UserId),
];

/// What the label of an account is called, by the section of the message it stands in.
const ACCOUNTS: [(&[&str], [&str; 4]); 4] = [
    (
        &["Subject", "Creator Subject"],
        ["SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId"],
    ),
    (
        &[
            "New Logon",
            "Target Subject",
            "Account For Which Logon Failed",
            "Account Whose Credentials Were Used",
        ],
        ["TargetUserSid", "TargetUserName", "TargetDomainName", "TargetLogonId"],
    ),
    (
        &[
            "Target Account",
            "New Account",
            "Group",
            "New Group",
            "Account Information",
            "Account That Was Locked Out",
        ],
        ["TargetSid", "TargetUserName", "TargetDomainName", "TargetLogonId"],
    ),
    (&["Member"], ["MemberSid", "MemberName", "MemberDomain", "MemberLogonId"]),
];

/// The labels of an account, in the order of the names in [`ACCOUNTS`].
const ACCOUNT_LABELS: [&[&str]; 4] = [
    &["Security ID", "User ID"],
    &["Account Name", "Group Name"],
    &["Account Domain", "Group Domain", "Supplied Realm Name"],
    &["Logon ID"],
];

/// Other labels whose value has a name that is not the label without its spaces.
const LABELS: [(&str, &str); 26] = [
    ("New Process ID", "NewProcessId"),
    ("Creator Process ID", "ProcessId"),
    ("Creator Process Name", "ParentProcessName"),
    ("Process Command Line", "CommandLine"),
    ("Process ID", "ProcessId"),
    ("Caller Process ID", "ProcessId"),
    ("Caller Process Name", "ProcessName"),
    ("Source Network Address", "IpAddress"),
    ("Network Address", "IpAddress"),
    ("Source Address", "IpAddress"),
    ("Client Address", "IpAddress"),
    ("Source Port", "IpPort"),
    ("Client Port", "IpPort"),
    ("Port", "IpPort"),
    ("Logon Process", "LogonProcessName"),
    ("Authentication Package", "AuthenticationPackageName"),
    ("Package Name (NTLM only)", "LmPackageName"),
    ("Transited Services", "TransmittedServices"),
    ("Logon GUID", "LogonGuid"),
    ("Handle ID", "HandleId"),
    ("Accesses", "AccessList"),
    ("Privileges", "PrivilegeList"),
    ("Share Path", "ShareLocalPath"),
    ("Result Code", "Status"),
    ("Caller Computer Name", "TargetDomainName"),
    ("Target Server Name", "TargetServerName"),
];

/// The same for the log of services.
const SERVICE_LABELS: [(&str, &str); 3] = [
    ("Service File Name", "ImagePath"),
    ("Service Start Type", "StartType"),
    ("Service Account", "AccountName"),
];

/// Where the first record of a text starts.
pub fn start(text: &[u8]) -> Option<usize> {
    let mut firsts = memmem::find_iter(text, FIRST);
    firsts.find_map(|end| {
        let before = text.get(..end)?;
        let start = memrchr(b'\n', before).map_or(0, |at| at + 1);
        time(std::str::from_utf8(before.get(start..)?).ok()?).map(|_| start)
    })
}

/// Where the record that starts a text ends: before the next one.
pub fn end(text: &[u8]) -> Option<usize> {
    let line = memchr::memchr(b'\n', text)? + 1;
    start(text.get(line..)?).map(|next| line + next)
}

/// Reads one record into the buffer.
pub(super) fn read(text: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    let (head, message) = text.split_once("\nMessage=").unwrap_or((text, ""));
    let mut lines = head.lines();
    let time = lines.next().and_then(time).ok_or(RecordError::NoForm)?;
    buffer.set(System::Time, &time);
    for (name, value) in lines.filter_map(|line| line.split_once('=')) {
        match SYSTEM.iter().find(|row| row.0 == name) {
            // What ends like a sentence describes the provider; the channel tells its name.
            Some((_, System::Provider)) if value.ends_with('.') => {}
            Some((_, field)) => buffer.set(*field, value.trim()),
            None => buffer.push(&format!("splunk.{name}"), value.trim()),
        }
    }
    if !message.is_empty() {
        buffer.set(System::Message, message.trim());
    }
    labels(message, buffer);
    Ok(())
}

/// The values that the message names. What a label without a value opens is a section.
fn labels(message: &str, buffer: &mut RecordBuffer) {
    let record = buffer.record();
    let (provider, id) = (record.provider().to_owned(), record.event_id());
    let mut section = "";
    for line in message.lines().skip(1) {
        let Some((label, value)) = line.trim_end().split_once(':') else { continue };
        let (is_inside, label) = (label.starts_with(char::is_whitespace), label.trim());
        // Sentences of an explanation may have colons, too.
        let is_label = provider == SYSMON || is_inside || value.starts_with(['\t', ' ']) && value.len() > 1;
        match value.trim() {
            "" if !is_inside => section = label,
            "" => {}
            value if is_label => push(&provider, (id, section, label), value, buffer),
            _ => {}
        }
    }
}

fn push(
    provider: &str,
    (id, section, label): (Option<u32>, &str, &str),
    value: &str,
    buffer: &mut RecordBuffer,
) {
    if provider == SYSMON {
        if label == "UtcTime" {
            buffer.set(System::Time, value);
        }
        return buffer.push(label, value);
    }
    // Whoever logs off is the target, whatever the message says.
    let section = if matches!((id, section), (Some(4634 | 4647), "Subject")) { "New Logon" } else { section };
    let own: &[(&str, &str)] = if provider == SERVICES { &SERVICE_LABELS } else { &LABELS };
    let known = account(section, label).or_else(|| own.iter().find(|row| row.0 == label).map(|row| row.1));
    match known {
        Some(name) => buffer.push(name, value),
        None => buffer.push(&label.replace(' ', ""), value),
    }
}

fn account(section: &str, label: &str) -> Option<&'static str> {
    let (_, names) = ACCOUNTS.iter().find(|row| row.0.contains(&section))?;
    let place = ACCOUNT_LABELS.iter().position(|labels| labels.contains(&label))?;
    names.get(place).copied()
}

/// `05/01/2024 10:00:00 AM` as `2024-05-01 10:00:00`; it has no zone.
fn time(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let (date, clock, half) = (words.next()?, words.next()?, words.next());
    let mut parts = date.split('/').map(str::parse::<u32>);
    let (month, day, year) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let (hour, rest) = clock.split_once(':')?;
    let hour: u32 = hour.parse().ok()?;
    let hour = match half {
        Some("PM") if hour < 12 => hour + 12,
        Some("AM") if hour == 12 => 0,
        Some("AM" | "PM") | None => hour,
        Some(_) => return None,
    };
    (parts.next().is_none() && words.next().is_none())
        .then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{rest}"))
}
