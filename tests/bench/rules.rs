//! The rules that are timed.

use std::io;
use std::path::{Path, PathBuf};

/// A rule of this folder.
pub fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench").join(format!("{name}.yaral"))
}

/// The rule that comes with the program.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/impacket_wmiexec_cisa_report.yaral")
}

/// Programs that rules look for in command lines.
const PROGRAMS: [&str; 30] = [
    "whoami",
    "nltest",
    "certutil",
    "bitsadmin",
    "mshta",
    "regsvr32",
    "rundll32",
    "wmic",
    "schtasks",
    "vssadmin",
    "wevtutil",
    "psexec",
    "procdump",
    "mimikatz",
    "rubeus",
    "sharphound",
    "adfind",
    "ntdsutil",
    "esentutl",
    "diskshadow",
    "cmdkey",
    "netsh",
    "bcdedit",
    "fodhelper",
    "msbuild",
    "installutil",
    "cscript",
    "wscript",
    "curl",
    "tasklist",
];

/// What they look for behind the program; the last ones are on many command lines.
const ARGUMENTS: [&str; 34] = [
    "odd", "encode", "download", "urlcache", "delete", "create", "query", "export", "hidden", "bypass",
    "minidump", "shadow", "remote", "inject", "persist", "unblock", "exclude", "stop", "quiet", "force",
    "dump", "ticket", "relay", "spray", "tunnel", "proxy", "beacon", "stage", "drop", "clear", "wipe",
    "task", "config", "ini",
];

/// A file with so many rules, no two alike: as many as there are programs and arguments at most.
pub fn distinct(folder: &Path, count: usize) -> io::Result<PathBuf> {
    let file = folder.join(format!("{count}.yaral"));
    let pairs = ARGUMENTS.iter().flat_map(|argument| PROGRAMS.iter().map(move |program| (program, argument)));
    let rules: Vec<String> = pairs.take(count).map(|(program, argument)| rule(program, argument)).collect();
    if rules.len() < count {
        return Err(io::Error::other(format!("there are patterns for {} rules alone", rules.len())));
    }
    std::fs::write(&file, rules.join("\n"))?;
    Ok(file)
}

/// What these find is not shown: printing is no part of what is timed.
fn rule(program: &str, argument: &str) -> String {
    format!(
        r#"rule {program}_with_{argument} {{
  meta:
    author = "yaral"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    re.regex($e.target.process.command_line, `(?i){program}(\.exe)?.* [-/]{{1,2}}{argument}`)
    $e.principal.hostname = $host
  match:
    $host over 5m
  condition:
    #e > 1000000
}}
"#
    )
}
