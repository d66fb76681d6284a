//! How often memory is asked for per event that matches nothing. Apart from the other bench, since counting costs time.

mod events;

use std::io;
use std::path::Path;

use yaral::exec::options::RunOptions;
use yaral::ingest::source::{Input, InputOrigin};
use yaral::ingest::wanted::Wanted as Fields;
use yaral::plan::{self, Needs};
use yaral::syntax::ast::{ListKind, Unit};
use yaral::text::Sources;

use events::Wanted;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const EVENTS: u64 = 10_000;

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("events.ndjson");
    let few = blocks(&file, EVENTS)?;
    let many = blocks(&file, 2 * EVENTS)?;
    // What a run asks for once, whatever the input, is in both.
    let per_event = many.saturating_sub(few) as f64 / EVENTS as f64;
    println!("allocations per event that matches nothing  {per_event:.4}");
    Ok(())
}

/// The allocations of one run over so many events.
fn blocks(file: &Path, count: u64) -> io::Result<u64> {
    events::write(file, Wanted { bytes: usize::MAX, events: count, one_in: None })?;
    let _profiler = dhat::Profiler::builder().testing().build();
    run_matching_nothing(file)?;
    Ok(dhat::HeapStats::get().total_blocks)
}

/// `tests/bench/wmiexec.yaral` over `file`, in this process and through the library.
fn run_matching_nothing(file: &Path) -> io::Result<()> {
    let mut sources = Sources::default();
    let id = sources.add("wmiexec.yaral", include_str!("wmiexec.yaral"));
    let parsed = yaral::syntax::parse(sources.get(id).ok_or(io::ErrorKind::NotFound)?);
    let Some(Unit::Rule(rule)) = parsed.file.units.first() else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut wanted = Fields::default();
    let mut list = |_: &str, _: ListKind| Err("no lists here".to_owned());
    let mut table = |_: &str| Err("this rule has no table".to_owned());
    let needs = Needs { wanted: &mut wanted, list: &mut list, table: &mut table };
    let plan =
        plan::compile(rule, "wmiexec.yaral", needs).map_err(|refusal| io::Error::other(refusal.why))?;
    let plans = [plan];
    plan::drop_early(&plans, &mut wanted);
    let input = Input::File { path: file.to_owned(), name: "events".to_owned(), origin: InputOrigin::Named };
    let run = yaral::exec::run(&plans, &wanted, &[input], &RunOptions::default());
    if run.detections.is_empty() && run.summary.reading.records > 0 {
        return Ok(());
    }
    Err(io::Error::other("the events were to be read and to match nothing"))
}
