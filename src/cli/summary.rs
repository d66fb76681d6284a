//! What is said on standard error after a run: damage, failures, and one line of numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::costs;
use super::doors::Run;
use super::{counted, error, note, walk, warning};
use crate::exec::options::{DamageReport, Reading, Summary};
use crate::ingest::evidence::Sample;
use crate::plan::DEFAULT_LIMIT;
use crate::report::escape;
use crate::value::number::{self, grouped};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What everybody should hear.
    Short,
    /// `--stats`
    Full,
}

/// Says all there is to say of a run.
pub fn tell(run: &Run, events: &[PathBuf], elapsed: Duration, detail: Detail) {
    let summary = &run.summary;
    troubles(summary);
    if let Some(stop) = &summary.reading.strict_stop {
        error(&format!("stopped at the first bad record: {}", place(stop)));
        return;
    }
    lacks(run, events);
    if detail == Detail::Full {
        full(run);
    }
    for results in &run.results {
        results.cut.iter().for_each(|cut| note(&cut_line(&results.name, cut)));
    }
    note(&line(summary, &found(run), elapsed));
}

/// What could not be read or run.
fn troubles(summary: &Summary) {
    for (path, cause) in &summary.reading.failures {
        error(&format!("`{}`: {}", escape(path), escape(cause)));
    }
    for (rule, cause) in &summary.stopped {
        error(&format!("rule `{rule}` was stopped: {}", escape(cause)));
    }
    summary.reading.damages.iter().for_each(|damage| warning(&damaged(damage)));
}

/// What the answer lacks for reasons of the input.
fn lacks(run: &Run, events: &[PathBuf]) {
    let summary = &run.summary;
    for (path, count) in changed(run) {
        let (path, events) = (escape(&path).into_owned(), events_of(count));
        warning(&format!(
            "`{path}` has changed since it was read: of {events} only the fields that were kept are shown"
        ));
    }
    if summary.untimed > 0 {
        warning(&format!("{} without a usable time left out of windows", events_of(summary.untimed)));
    }
    if summary.overflows > 0 {
        warning(&format!("calculations out of range gave 0: {}", grouped(summary.overflows)));
    }
    if summary.reading.records == 0 && summary.reading.bad == 0 {
        warning(&format!("no events found in {}", inputs(events)));
    }
}

/// What the limit left out that holds where none is written.
fn cut_line(name: &str, (stage, rows): &(Option<String>, usize)) -> String {
    let place = match stage {
        Some(stage) => format!("`{}`, stage `{}`", escape(name), escape(stage)),
        None => format!("`{}`", escape(name)),
    };
    let (first, rows) = (grouped(DEFAULT_LIMIT), grouped(u64::try_from(*rows).unwrap_or(u64::MAX)));
    format!(
        "{place}: only the first {first} rows are taken, {rows} more were found; `limit:` sets another number"
    )
}

/// Files whose events could not be read again, with how many.
fn changed(run: &Run) -> BTreeMap<String, u64> {
    let evidence = run.detections.iter().flat_map(|detection| &detection.events);
    let rows = run.results.iter().flat_map(|results| &results.rows);
    let samples = evidence.flat_map(|evidence| evidence.samples.iter());
    let mut changed = BTreeMap::new();
    for sample in samples.chain(rows.filter_map(|row| row.event.clone())).filter(Sample::is_lost) {
        *changed.entry(sample.place().path).or_insert(0) += 1;
    }
    changed
}

/// Says what was met where nothing but reading was to be done.
pub fn tell_reading(reading: &Reading, events: &[PathBuf], elapsed: Duration) {
    let failures = reading.failures.iter();
    failures.for_each(|(path, cause)| error(&format!("`{}`: {}", escape(path), escape(cause))));
    reading.damages.iter().for_each(|damage| warning(&damaged(damage)));
    if let Some(stop) = &reading.strict_stop {
        error(&format!("stopped at the first bad record: {}", place(stop)));
        return;
    }
    if reading.records == 0 && reading.bad == 0 {
        warning(&format!("no events found in {}", inputs(events)));
    }
    note(&format!("{} in {:.2} s{}", counts(reading), elapsed.as_secs_f64(), rate(reading, elapsed)));
}

fn full(run: &Run) {
    for path in &run.summary.reading.not_events {
        note(&format!("not an event file: `{}`", escape(path)));
    }
    note(&format!("read {} bytes", grouped(run.summary.reading.bytes)));
    if !run.summary.tallies.is_empty() {
        note(costs::table(&run.summary.tallies).trim_end());
    }
}

fn events_of(count: u64) -> String {
    format!("{} {}", grouped(count), if count == 1 { "event" } else { "events" })
}

pub fn damaged(damage: &DamageReport) -> String {
    let more = match damage.count {
        0 | 1 => String::new(),
        count => format!(" (the first of {} bad records)", grouped(count)),
    };
    format!("{}{more}", place(damage))
}

fn place(damage: &DamageReport) -> String {
    format!("`{}`, {}: {}", escape(&damage.path), escape(&damage.place), escape(&damage.cause))
}

pub fn inputs(events: &[PathBuf]) -> String {
    const NAMED: usize = 3;
    if events.is_empty() {
        return "standard input".to_owned();
    }
    let name = |path: &PathBuf| match walk::name(path) {
        name if name == "-" => "standard input".to_owned(),
        name => format!("`{}`", escape(&name)),
    };
    let named = events.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
    match events.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// What rules and searches found.
fn found(run: &Run) -> String {
    let rows: usize = run.results.iter().map(|results| results.rows.len()).sum();
    match (run.results.is_empty(), run.detections.is_empty()) {
        (true, _) => counted(run.detections.len(), "detection"),
        (false, true) => counted(rows, "row"),
        (false, false) => format!("{}, {}", counted(run.detections.len(), "detection"), counted(rows, "row")),
    }
}

/// `2 files, 1 204 records, 0 bad, 3 detections in 0.12 s (10 033 records/s, 12.4 MB/s)`
fn line(summary: &Summary, found: &str, elapsed: Duration) -> String {
    format!(
        "{}, {found} in {:.2} s{}",
        counts(&summary.reading),
        elapsed.as_secs_f64(),
        rate(&summary.reading, elapsed),
    )
}

fn counts(reading: &Reading) -> String {
    let files = counted(usize::try_from(reading.files).unwrap_or(usize::MAX), "file");
    let records = if reading.records == 1 { "record" } else { "records" };
    let others = match reading.not_events.len() {
        0 => String::new(),
        count => format!(", {count} not event files"),
    };
    format!("{files}, {} {records}, {} bad{others}", grouped(reading.records), grouped(reading.bad))
}

fn rate(reading: &Reading, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if reading.records == 0 || seconds <= 0.0 {
        return String::new();
    }
    let records = number::truncate(number::unsigned_to_f64(reading.records) / seconds).unwrap_or(0);
    let megabytes = number::unsigned_to_f64(reading.bytes) / seconds / 1e6;
    format!(" ({} records/s, {megabytes:.1} MB/s)", grouped(records.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let shown = [0, 12, 123, 1204, 12_345, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "12", "123", "1 204", "12 345", "1 234 567"]);
    }

    #[test]
    fn the_last_line_gives_the_numbers_of_the_run() {
        let summary = Summary {
            reading: Reading { files: 1, records: 1000, bytes: 2_000_000, bad: 2, ..Reading::default() },
            ..Summary::default()
        };
        let shown = line(&summary, "1 detection", Duration::from_millis(500));
        assert_eq!(shown, "1 file, 1 000 records, 2 bad, 1 detection in 0.50 s (2 000 records/s, 4.0 MB/s)");
    }

    #[test]
    fn damage_names_file_place_and_cause() {
        let damage =
            DamageReport { path: "a".into(), place: "line 3".into(), cause: "not JSON".into(), count: 4 };
        assert_eq!(damaged(&damage), "`a`, line 3: not JSON (the first of 4 bad records)");
    }
}
