//! The rules that are timed.

use std::io;
use std::path::{Path, PathBuf};

/// A rule of this folder.
pub fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench").join(format!("{name}.yaral"))
}

/// Programs that thirty rules look for in command lines, each with its own pattern.
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

/// A file with thirty rules, no two alike.
pub fn thirty(folder: &Path) -> io::Result<PathBuf> {
    let file = folder.join("thirty.yaral");
    let rules: Vec<String> = PROGRAMS.iter().map(|program| rule(program)).collect();
    std::fs::write(&file, rules.join("\n"))?;
    Ok(file)
}

fn rule(program: &str) -> String {
    format!(
        r#"rule {program}_with_an_odd_argument {{
  meta:
    author = "yaral"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    re.regex($e.target.process.command_line, `(?i){program}(\.exe)?.* /odd-{program}`)
    $e.principal.hostname = $host
  match:
    $host over 5m
  condition:
    $e
}}
"#
    )
}
