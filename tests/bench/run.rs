//! How long a rule takes over a file, as a ratio to counting the newlines of the same file.

mod events;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use events::Wanted;

/// How large a file is made where none is given.
const SIZE: usize = 64 << 20;

const ROUNDS: usize = 7;

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = match std::env::var_os("YARAL_BENCH_FILE") {
        Some(file) => PathBuf::from(file),
        None => made(folder.path())?,
    };
    let rounds = number("YARAL_BENCH_ROUNDS").unwrap_or(ROUNDS).max(1);
    // Both find the file in memory, so that the disk has no part in the ratio.
    count_newlines(&file)?;
    let (mut counting, mut running) = (Vec::new(), Vec::new());
    // In turns, so that a busy moment of the machine falls on both.
    for _ in 0..rounds {
        counting.push(timed(|| count_newlines(&file).map(drop))?);
        running.push(timed(|| run_rule(&file))?);
    }
    report(&file, median(counting), median(running))
}

fn made(folder: &Path) -> io::Result<PathBuf> {
    let file = folder.join("events.ndjson");
    events::write(&file, Wanted { bytes: SIZE, events: u64::MAX, one_in: Some(1_000) })?;
    expect_detections(&file)?;
    Ok(file)
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn timed(work: impl FnOnce() -> io::Result<()>) -> io::Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The measure of everything else: read with one buffer, count, keep nothing. To be replaced by the library's own chunk
/// reader, `yaral::ingest::count_newlines`.
fn count_newlines(path: &Path) -> io::Result<u64> {
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut lines = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(lines) };
        lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
    }
}

/// A program that finds nothing in our own events does not do the work that is timed.
fn expect_detections(events: &Path) -> io::Result<()> {
    let done = program(events).stdout(Stdio::piped()).output()?;
    if done.stdout.is_empty() {
        Err(io::Error::other("`yaral run` finds nothing; it must"))
    } else {
        succeeded(&done)
    }
}

/// The program as it is used, start and all.
fn run_rule(events: &Path) -> io::Result<()> {
    succeeded(&program(events).stdout(Stdio::null()).output()?)
}

fn program(events: &Path) -> Command {
    let rule = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/wmiexec.yaral");
    let mut program = Command::new(env!("CARGO_BIN_EXE_yaral"));
    program.args(["run", "--format", "ndjson", "-r"]).arg(rule).arg(events);
    program.stdin(Stdio::null()).stderr(Stdio::piped());
    program
}

fn succeeded(done: &Output) -> io::Result<()> {
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(io::Error::other(format!("`yaral run` failed with {}: {said}", done.status)))
}

fn report(file: &Path, counting: Duration, running: Duration) -> io::Result<()> {
    let bytes = std::fs::metadata(file)?.len();
    let megabytes = (bytes >> 20).max(1) as f64;
    let rate = |time: Duration| megabytes / time.as_secs_f64().max(f64::MIN_POSITIVE);
    println!("{} MB, medians", bytes >> 20);
    println!("newlines  {:>9.1} ms  {:>7.0} MB/s", counting.as_secs_f64() * 1e3, rate(counting));
    println!("wmiexec   {:>9.1} ms  {:>7.0} MB/s", running.as_secs_f64() * 1e3, rate(running));
    println!("ratio     {:>9.2}", running.as_secs_f64() / counting.as_secs_f64().max(f64::MIN_POSITIVE));
    Ok(())
}
