//! Small events of our own that rules match a lot, the same every time: logins and process launches, about 230 bytes each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What is written.
#[derive(Debug, Clone, Copy)]
pub struct Logins {
    pub events: u64,
    /// How many users and hosts there are: few make long groups, one a hot key.
    pub keys: u64,
    /// The hours that the events are spread over, in the order of time.
    pub hours: u64,
}

const START: u64 = 1_714_521_600;

/// Writes events to `path`: logins and launches in turns, each by a user on a host of the same number.
pub fn write(path: &Path, logins: Logins) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for number in 0..logins.events {
        event(&mut file, number, logins)?;
    }
    file.flush()
}

fn event(file: &mut impl Write, number: u64, Logins { events, keys, hours }: Logins) -> io::Result<()> {
    let millis = (u128::from(number) * u128::from(hours * 3_600_000) / u128::from(events.max(1))) as u64;
    let at = START * 1000 + millis;
    // A prime step, so that neighbours are of different keys, and every key has as many.
    let key = number / 2 * 7919 % keys;
    let kind = if number.is_multiple_of(2) { "USER_LOGIN" } else { "PROCESS_LAUNCH" };
    let port = number.wrapping_mul(2_654_435_761) % 60_000;
    writeln!(
        file,
        r#"{{"metadata":{{"eventTimestamp":"{at}","eventType":"{kind}"}},"principal":{{"hostname":"ws{key}.example.com","port":{port},"user":{{"userid":"user{key}"}}}},"target":{{"ip":["10.0.{}.{}"],"process":{{"commandLine":"task {}"}}}}}}"#,
        port / 250,
        port % 250,
        port % 500,
    )
}
