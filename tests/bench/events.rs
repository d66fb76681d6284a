//! Events of our own, the same every time: NDJSON lines of launched processes, about 1.5 KB each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What is written: events until one of the limits is reached.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub bytes: usize,
    pub events: u64,
    /// One event in so many matches the rule of the bench; of none, no event does.
    pub one_in: Option<u64>,
}

/// Writes events to `path`.
pub fn write(path: &Path, wanted: Wanted) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let (mut random, mut bytes, mut events) = (Random(7), 0, 0);
    while bytes < wanted.bytes && events < wanted.events {
        let line = event(&mut random, events, wanted.one_in);
        file.write_all(line.as_bytes())?;
        bytes += line.len();
        events += 1;
    }
    file.flush()
}

/// A linear congruential generator: a bench needs the same bytes on every machine, not chance.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn command_line(random: &mut Random, one_in: Option<u64>) -> String {
    if one_in.is_some_and(|one_in| random.below(one_in) == 0) {
        return r"cmd.exe /Q /c whoami 1> \\\\127.0.0.1\\ADMIN$\\__1714557600.5 2>&1".to_owned();
    }
    let number = random.below(11_000);
    format!(
        r#"C:\\Program Files\\Vendor\\agent{}.exe --task {number} --config \"C:\\ProgramData\\a.ini\""#,
        number % 90
    )
}

fn event(random: &mut Random, number: u64, one_in: Option<u64>) -> String {
    let seconds = number % 86_400;
    let time = format!(
        "2024-05-01T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        number % 1000
    );
    let (host, user, command) = (random.below(500), random.below(2_000), command_line(random, one_in));
    let kind = if random.below(4) == 0 { "NETWORK_CONNECTION" } else { "PROCESS_LAUNCH" };
    let (pid, hash) = (random.below(60_000), format!("{:016x}", random.below(1 << 31)).repeat(4));
    let metadata = format!(
        r#"{{"eventTimestamp":"{time}","eventType":"{kind}","vendorName":"Example","productName":"Sensor","productEventType":"1","description":"a process as the sensor saw it","ingestedTimestamp":"{time}","id":"AAAA{number:020}"}}"#
    );
    let principal = format!(
        r#"{{"hostname":"ws{host}.example.com","ip":["10.1.{}.{}"],"user":{{"userid":"user{user}","userDisplayName":"User Number {user}","groupIdentifiers":["staff","interactive"]}},"process":{{"pid":"{pid}","commandLine":"C:\\Windows\\System32\\wbem\\WmiPrvSE.exe -Embedding","file":{{"fullPath":"C:\\Windows\\System32\\wbem\\WmiPrvSE.exe","sha256":"{hash}"}}}},"asset":{{"hostname":"ws{host}.example.com","assetId":"asset:{host}"}}}}"#,
        host / 250,
        host % 250
    );
    let target = format!(
        r#"{{"process":{{"pid":"{}","commandLine":"{command}","file":{{"fullPath":"C:\\Windows\\System32\\cmd.exe","sha256":"{hash}","size":"289792","mimeType":"application/x-dosexec"}}}}}}"#,
        pid + 4
    );
    let result = r#"[{"summary":"process launched","severity":"INFORMATIONAL","action":["ALLOW"],"category":["UNKNOWN_CATEGORY"],"detectionFields":[{"key":"integrity","value":"High"},{"key":"session","value":"1"}]}]"#;
    let additional =
        r#"{"channel":"operational","provider":"sensor","keywords":"0x8000000000000000","opcode":"info"}"#;
    format!(
        r#"{{"metadata":{metadata},"additional":{additional},"principal":{principal},"target":{target},"securityResult":{result}}}"#
    ) + "\n"
}
