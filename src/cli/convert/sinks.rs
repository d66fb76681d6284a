//! What `convert` makes of each event: a line, a count, or an explanation.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ingest::evidence::event_shown;
use crate::ingest::record::Event;
use crate::ingest::sink::{Found, Origin, Sink};
use crate::ingest::source::{Form, Position, Stand};
use crate::ingest::tree::Tree;
use crate::ingest::windows::FormReader;
use crate::ingest::windows::explain::{Explanation, Provenance, explain};
use crate::report::escape;

/// Writes each event as a line.
#[derive(Debug, Default)]
pub struct Converter {
    /// Nobody takes the lines any more.
    closed: AtomicBool,
}

impl Converter {
    /// After a failure to write nothing more is made.
    pub fn close_on(&self, written: &io::Result<()>) {
        self.closed.store(written.is_err(), Ordering::Relaxed);
    }
}

impl Sink for Converter {
    type Worker = ();
    type Batch = Vec<u8>;

    fn worker(&self) {}

    fn event(&self, (): &mut (), lines: &mut Vec<u8>, event: &Event<'_>, found: &Found<'_>) {
        // Writing to memory cannot fail.
        let _ = event_shown(event, found, |event| serde_json::to_writer(&mut *lines, event));
        lines.push(b'\n');
    }

    fn is_done(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

/// How many events there are of each kind.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<Kind, u64>);

/// Provider, event id, UDM event type.
type Kind = (String, String, String);

impl Counts {
    /// Puts the counts of another stretch to these.
    pub fn add(&mut self, more: Counts) {
        more.0.into_iter().for_each(|(kind, count)| *self.0.entry(kind).or_default() += count);
    }

    /// A table, the most frequent first.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows: Vec<(&Kind, &u64)> = self.0.iter().collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let width = |of: fn(&Kind) -> &str, title: &str| {
            let widths = self.0.keys().map(|kind| escape(of(kind)).chars().count());
            widths.max().unwrap_or(0).max(title.len())
        };
        let (first, second) = (width(|kind| &kind.0, "provider"), width(|kind| &kind.1, "id"));
        writeln!(out, "{:>9}  {:first$}  {:second$}  event type", "count", "provider", "id")?;
        for ((provider, id, kind), count) in rows {
            let (provider, id, kind) = (escape(provider), escape(id), escape(kind));
            writeln!(out, "{count:>9}  {provider:first$}  {id:second$}  {kind}")?;
        }
        Ok(())
    }
}

/// Counts events by their kind.
#[derive(Debug)]
pub struct Counter;

impl Sink for Counter {
    type Worker = FormReader;
    type Batch = Counts;

    fn worker(&self) -> FormReader {
        FormReader::default()
    }

    fn event(&self, reader: &mut FormReader, counts: &mut Counts, event: &Event<'_>, found: &Found<'_>) {
        let fields = ["productName", "productEventType", "eventType"];
        let [product, id, kind] = event_shown(event, found, |event| {
            let metadata = |field| event.get("metadata").and_then(|metadata| metadata.get(field));
            fields.map(|field| metadata(field).and_then(Tree::as_str).unwrap_or("").to_owned())
        });
        let record = match found.form {
            Form::Udm => None,
            Form::Windows => reader.read(found.raw).ok(),
        };
        let provider = record.map_or(product, |record| record.provider().to_owned());
        *counts.0.entry((provider, id, kind)).or_default() += 1;
    }
}

/// Explains one record: the one asked for, or else the first.
#[derive(Debug)]
pub struct Explainer {
    /// An EventRecordID.
    record: Option<u64>,
    stopped: AtomicBool,
}

impl Explainer {
    /// Looks for the record, or takes the first.
    pub fn new(record: Option<u64>) -> Explainer {
        Explainer { record, stopped: AtomicBool::new(false) }
    }

    /// The record is found. Only who merges knows that none before it will be.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// A record, explained.
#[derive(Debug)]
pub struct Explained {
    /// From where it came.
    pub origin: Origin,
    /// The explanation, for people.
    pub text: String,
}

impl Sink for Explainer {
    type Worker = FormReader;
    type Batch = Option<Explained>;

    fn worker(&self) -> FormReader {
        FormReader::default()
    }

    fn event(
        &self,
        reader: &mut FormReader,
        batch: &mut Option<Explained>,
        _: &Event<'_>,
        found: &Found<'_>,
    ) {
        let wanted = self.record.is_none_or(|wanted| found.position.record() == Some(wanted));
        if batch.is_none() && wanted {
            *batch = Some(Explained { origin: found.origin(), text: explained(reader, found) });
        }
    }

    fn is_done(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

fn explained(reader: &mut FormReader, found: &Found<'_>) -> String {
    let mut text = String::new();
    match found.form {
        Form::Udm => text.push_str("this is a UDM event already; nothing was mapped"),
        Form::Windows => match reader.read(found.raw) {
            Ok(record) => {
                let id = record.event_id().map(|id| id.to_string()).unwrap_or_default();
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{} {id}", escape(record.provider()));
                lay_out(&explain(&record), &mut text);
            }
            Err(why) => text.push_str(&why.to_string()),
        },
    }
    text
}

/// `record 12`
pub fn place(position: Position) -> String {
    match position {
        Position::Line(line) => format!("line {line}"),
        Position::Record(record) => format!("record {record}"),
        Position::Index(index) => format!("index {index}"),
        Position::Logged { record, at: Stand::Line(line) } => format!("line {line}, record {record}"),
        Position::Logged { record, at: Stand::Index(index) } => format!("index {index}, record {record}"),
    }
}

fn lay_out(explanation: &Explanation, text: &mut String) {
    let raw = |raw: &str| if raw.is_empty() { "(constant)".to_owned() } else { escape(raw).into_owned() };
    let names = explanation.steps.iter().map(|step| raw(&step.raw).chars().count());
    let width = names.max().unwrap_or(0);
    let paths = explanation.steps.iter().map(|step| step.path.len()).max().unwrap_or(0);
    for step in &explanation.steps {
        let (name, value) = (raw(&step.raw), escape(&step.value));
        let _ = writeln!(text, "  {}  {name:width$}  {:paths$}  {value}", step.source.letter(), step.path);
    }
    if !explanation.left.is_empty() {
        text.push_str("left over, in `additional` under their own names:\n");
    }
    for (name, value) in &explanation.left {
        let _ = writeln!(text, "     {:width$}  {}", escape(name), escape(value));
    }
    let all = [Provenance::Documented, Provenance::Shown, Provenance::Remembered, Provenance::Inferred];
    let legend = all.map(|source| format!("{} {}", source.letter(), source.name()));
    let _ = writeln!(text, "{}", legend.join(", "));
}
