//! How long rules take over a file, as ratios to counting the lines of the same file through the same reader.

mod events;
mod logins;
mod rules;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use yaral::exec::options::RunOptions;
use yaral::ingest::count;
use yaral::ingest::source::{Input, InputOrigin};

use events::Wanted;
use logins::Logins;

/// How large a file is made where none is given.
const SIZE: usize = 64 << 20;

const ROUNDS: usize = 5;

/// How many distinct rules, each with a pattern of its own, run together.
const COUNTS: [usize; 5] = [1, 10, 100, 300, 1_000];
/// How many events that all match are made, where the number is not given.
const MATCHING: u64 = 200_000;

/// How often the file is sent through standard input to see the peak of memory.
const STREAM: usize = 5;

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = match std::env::var_os("YARAL_BENCH_FILE") {
        Some(file) => PathBuf::from(file),
        None => made(folder.path())?,
    };
    let mut rules = vec![
        ("wmiexec".to_owned(), rules::own("wmiexec")),
        ("the shipped rule".to_owned(), rules::shipped()),
        ("no rare text".to_owned(), rules::own("hosts")),
    ];
    for count in COUNTS {
        rules.push((format!("{count} rules"), rules::distinct(folder.path(), count)?));
    }
    println!("{} MB, medians of {}", size(&file)? >> 20, rounds());
    for threads in [1, 2] {
        against_lines(&file, &rules, threads)?;
    }
    folder_of_rules()?;
    captures()?;
    matching(folder.path())?;
    match peak(&file, &rules::own("wmiexec"))? {
        Some(peak) => println!("peak memory, {STREAM} times the file on standard input  {} MB", peak >> 10),
        None => println!("peak memory: this system does not tell"),
    }
    Ok(())
}

/// The rules, each against the lines, in turns, so that a busy moment of the machine falls on all.
fn against_lines(file: &Path, rules: &[(String, PathBuf)], threads: usize) -> io::Result<()> {
    // The file is in memory for all, so that the disk has no part in the ratios.
    count_lines(file, threads)?;
    let mut lines = Vec::new();
    let mut times: Vec<Vec<Duration>> = rules.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds() {
        lines.push(timed(|| count_lines(file, threads))?);
        for ((_, rule), times) in rules.iter().zip(&mut times) {
            times.push(timed(|| succeeded(&program(rule, file, threads).output()?))?);
        }
    }
    let lines = median(lines);
    report(&format!("lines, {threads} threads"), lines, lines);
    for ((name, _), times) in rules.iter().zip(times) {
        report(&format!("{name}, {threads} threads"), median(times), lines);
    }
    Ok(())
}

/// Rules that nearly every event matches: over few keys and over many, in windows that overlap and side by side, and joined.
fn matching(folder: &Path) -> io::Result<()> {
    let rules = [
        ("every login", "logins_by_user"),
        ("launches by host", "launches_by_host"),
        ("two variables", "login_then_launch"),
    ]
    .map(|(what, name)| (what.to_owned(), rules::own(name)));
    let events = number("YARAL_BENCH_MATCHING").unwrap_or(MATCHING);
    for keys in [1, 50, (events / 20).max(1)] {
        let file = folder.join("matching.ndjson");
        logins::write(&file, Logins { events, keys, hours: 72 })?;
        println!("{events} events that match, {keys} keys, {} MB", size(&file)? >> 20);
        against_lines(&file, &rules, 2)?;
        for (what, rule) in &rules {
            let most = peak_of(program(rule, &file, 2))?.map_or(0, |peak| peak >> 10);
            println!("{what:<28} {most:>9} MB at most");
        }
    }
    Ok(())
}

/// The most memory a run has at once, in KB.
fn peak_of(mut program: Command) -> io::Result<Option<u64>> {
    let mut run = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", run.id());
    let mut most = None;
    while run.try_wait()?.is_none() {
        most = high_water(&status).or(most);
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(most)
}

fn report(name: &str, time: Duration, measure: Duration) {
    let ratio = time.as_secs_f64() / measure.as_secs_f64().max(f64::MIN_POSITIVE);
    println!("{name:<28} {:>9.1} ms  {ratio:>7.2}", time.as_secs_f64() * 1e3);
}

/// `yaral check` of a folder of rules.
fn folder_of_rules() -> io::Result<()> {
    let Some(folder) = std::env::var_os("YARAL_BENCH_RULES").map(PathBuf::from) else {
        println!("check: set YARAL_BENCH_RULES to a folder of rules");
        return Ok(());
    };
    let mut times = Vec::new();
    for _ in 0..rounds() {
        let mut check = Command::new(env!("CARGO_BIN_EXE_yaral"));
        check.arg("check").arg(&folder);
        times.push(timed(|| check.output().map(drop))?);
    }
    println!("{:<28} {:>9.1} ms", "check of a folder of rules", median(times).as_secs_f64() * 1e3);
    Ok(())
}

/// The rule over EVTX files, against nothing but their records as JSON.
fn captures() -> io::Result<()> {
    let Some(folder) = std::env::var_os("YARAL_BENCH_EVTX").map(PathBuf::from) else {
        println!("EVTX: set YARAL_BENCH_EVTX to a folder of captures");
        return Ok(());
    };
    // Other forms of Windows events may lie beside them, which the crate does not read.
    let files = evtx_files(&folder)?;
    let Some((first, rest)) = files.split_first() else {
        println!("EVTX: `{}` holds no file that ends in .evtx", folder.display());
        return Ok(());
    };
    let (mut bare, mut times) = (Vec::new(), [Vec::new(), Vec::new()]);
    for _ in 0..rounds() {
        bare.push(timed(|| bare_records(&files))?);
        for (threads, times) in [1, 2].into_iter().zip(&mut times) {
            let mut program = program(&rules::own("wmiexec"), first, threads);
            program.args(rest);
            times.push(timed(|| program.output().map(drop))?);
        }
    }
    let bare = median(bare);
    report("evtx crate, 1 thread", bare, bare);
    for (threads, times) in [1, 2].into_iter().zip(times) {
        report(&format!("wmiexec on EVTX, {threads} threads"), median(times), bare);
    }
    Ok(())
}

fn evtx_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths: io::Result<Vec<PathBuf>> = folder.read_dir()?.map(|entry| Ok(entry?.path())).collect();
    let mut files = paths?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "evtx"));
    files.sort();
    Ok(files)
}

fn bare_records(files: &[PathBuf]) -> io::Result<()> {
    for path in files {
        let mut parser = evtx::EvtxParser::from_path(path).map_err(io::Error::other)?;
        let bytes: usize = parser.records_json().flatten().map(|record| record.data.len()).sum();
        std::hint::black_box(bytes);
    }
    Ok(())
}

/// The most memory a run over a stream has at once, in KB.
fn peak(file: &Path, rule: &Path) -> io::Result<Option<u64>> {
    let mut run = program(rule, Path::new("-"), 2).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", run.id());
    let mut most = None;
    if let Some(mut stdin) = run.stdin.take() {
        let bytes = std::fs::read(file)?;
        for _ in 0..STREAM {
            for block in bytes.chunks(1 << 20) {
                stdin.write_all(block)?;
            }
            most = high_water(&status).or(most);
        }
    }
    run.wait()?;
    Ok(most)
}

fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn made(folder: &Path) -> io::Result<PathBuf> {
    let file = folder.join("events.ndjson");
    events::write(&file, Wanted { bytes: SIZE, events: u64::MAX, one_in: Some(1_000) })?;
    expect_detections(&file)?;
    Ok(file)
}

/// A program that finds nothing in our own events does not do the work that is timed.
fn expect_detections(events: &Path) -> io::Result<()> {
    let done = program(&rules::own("wmiexec"), events, 1).output()?;
    if done.stdout.is_empty() {
        Err(io::Error::other("`yaral run` finds nothing; it must"))
    } else {
        succeeded(&done)
    }
}

fn size(file: &Path) -> io::Result<u64> {
    Ok(std::fs::metadata(file)?.len())
}

fn rounds() -> usize {
    let asked = number("YARAL_BENCH_ROUNDS").and_then(|rounds| usize::try_from(rounds).ok());
    asked.unwrap_or(ROUNDS).max(1)
}

/// What an environment variable asks for.
fn number(name: &str) -> Option<u64> {
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

fn count_lines(path: &Path, threads: usize) -> io::Result<()> {
    let input = Input::File { path: path.to_owned(), name: "events".to_owned(), origin: InputOrigin::Named };
    let options = RunOptions { threads, ..RunOptions::default() }.reading();
    match count::newlines(&[input], &options) {
        0 => Err(io::Error::other("the file has no lines")),
        _ => Ok(()),
    }
}

/// The program as it is used, start and all.
fn program(rule: &Path, events: &Path, threads: usize) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_yaral"));
    program
        .args(["run", "--format", "ndjson", "--threads", &threads.to_string(), "-r"])
        .arg(rule)
        .arg(events);
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
