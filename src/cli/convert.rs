//! `yaral convert`: events in any supported form as UDM, one JSON object a line; how one record was mapped; what kinds
//! of events there are.

mod sinks;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use super::doors::Input;
use super::events::{self, Events};
use super::output::Output;
use super::{Outcome, Stop, summary};
use crate::exec::options::RunOptions;
use crate::ingest::evidence;
use crate::ingest::known::Known;
use crate::ingest::reading::{Damage, ReadOptions, Reading, read_all};
use crate::ingest::sink::{Base, Sink};
use crate::ingest::wanted::Wanted;
use sinks::{Converter, Counter, Counts, Explained, Explainer};

const EXAMPLES: &str = "\
Examples:
  yaral convert Security.evtx
  yaral convert captures/ -o events.jsonl.zst
  yaral convert Security.evtx --explain --record 436755
  yaral convert captures/ --stats";

/// The arguments of `convert`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConvertArgs {
    /// Event files or folders; `-` or nothing is standard input
    #[arg(value_name = "EVENTS")]
    events: Vec<PathBuf>,
    /// Write to a file, replaced only when all is done; `.gz` and `.zst` are compressed
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show how one Windows record was mapped, in place of the events
    #[arg(long)]
    explain: bool,
    /// Which record to explain, by its EventRecordID; without it the first
    #[arg(long, value_name = "N", requires = "explain")]
    record: Option<u64>,
    /// Count events by provider, event id and UDM event type, in place of the events
    #[arg(long, conflicts_with = "explain")]
    stats: bool,
    /// The largest record read
    #[arg(long, value_name = "BYTES", default_value_t = RunOptions::default().max_record)]
    max_record: usize,
    /// How many threads read events; all cores by default
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().threads, hide_default_value = true,
        value_parser = super::run::threads)]
    threads: usize,
}

/// Runs the command.
pub fn convert(args: &ConvertArgs) -> Result<Outcome, Stop> {
    if args.events.is_empty() && io::stdin().is_terminal() {
        let message = "no EVENTS given and standard input is a terminal; name event files or folders";
        let error = ConvertArgs::augment_args(clap::Command::new("yaral convert"))
            .error(clap::error::ErrorKind::MissingRequiredArgument, message);
        return Err(Stop::Usage(error));
    }
    let output = Output::open(args.output.as_deref())?;
    let events = events::expand(&[], &args.events);
    let started = Instant::now();
    let mut reading = Reading::default();
    let compression = Compression::of(args.output.as_deref());
    output.write(|out| {
        compression.around(out, &mut |out| {
            reading = write(args, &events.inputs, out)?;
            Ok(())
        })
    })?;
    Ok(conclude(args, events, reading, started.elapsed()))
}

fn write(args: &ConvertArgs, inputs: &[Input], out: &mut dyn Write) -> io::Result<Reading> {
    let options = ReadOptions {
        max_record: args.max_record,
        threads: args.threads,
        damage: Damage::Counted,
        progress: None,
    };
    if args.explain {
        return explained(args, inputs, options, out);
    }
    if args.stats {
        return counted(inputs, options, out);
    }
    let converter = Converter::default();
    let mut written = Ok(());
    let reading = read(inputs, options, &converter, &mut |lines, _| {
        if written.is_ok() {
            written = out.write_all(&lines);
            converter.close_on(&written);
        }
    });
    written.map(|()| reading)
}

fn read<S: Sink>(
    inputs: &[Input],
    options: ReadOptions,
    sink: &S,
    merge: &mut dyn FnMut(S::Batch, Base),
) -> Reading {
    read_all(inputs, &Wanted::everything(), options, sink, merge)
}

fn explained(
    args: &ConvertArgs,
    inputs: &[Input],
    options: ReadOptions,
    out: &mut dyn Write,
) -> io::Result<Reading> {
    let explainer = Explainer::new(args.record);
    let mut shown = None;
    let reading = read(inputs, options, &explainer, &mut |found, base| {
        if let (None, Some(Explained { mut origin, text })) = (&shown, found) {
            origin.settle(&base);
            shown = Some((origin, text));
            explainer.stop();
        }
    });
    let Some((origin, text)) = shown else {
        if args.record.is_some() {
            super::warning("there is no such record");
        }
        return Ok(reading);
    };
    let at = evidence::place(&origin, &reading.names);
    let (path, place) = (crate::report::escape(&at.path), sinks::place(at.position));
    let event = evidence::shown(&origin, &Known::default, |event| Value::from(event));
    writeln!(out, "{path}, {place}: {text}\nthe event:\n{event:#}")?;
    Ok(reading)
}

fn counted(inputs: &[Input], options: ReadOptions, out: &mut dyn Write) -> io::Result<Reading> {
    let mut all = Counts::default();
    let reading = read(inputs, options, &Counter, &mut |counts, _| all.add(counts));
    all.write(out)?;
    Ok(reading)
}

fn conclude(args: &ConvertArgs, events: Events, mut reading: Reading, elapsed: Duration) -> Outcome {
    // Paths that were not there come before files that turned out not to be readable.
    reading.failures.splice(0..0, events.failures);
    summary::tell_reading(&reading, &args.events, elapsed);
    if reading.failures.is_empty() { Outcome::Done } else { Outcome::Failed }
}

/// How a file is compressed, told by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

type Body<'b> = dyn FnMut(&mut dyn Write) -> io::Result<()> + 'b;

impl Compression {
    fn of(path: Option<&Path>) -> Compression {
        let ending = path.and_then(Path::extension).unwrap_or_default();
        if ending.eq_ignore_ascii_case("gz") {
            Compression::Gzip
        } else if ending.eq_ignore_ascii_case("zst") {
            Compression::Zstd
        } else {
            Compression::None
        }
    }

    /// Gives `body` a writer whose bytes reach `out` compressed.
    fn around(self, out: &mut dyn Write, body: &mut Body<'_>) -> io::Result<()> {
        match self {
            Compression::None => body(out),
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
                body(&mut encoder)?;
                encoder.finish().map(|_| ())
            }
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                body(&mut encoder)?;
                encoder.finish().map(|_| ())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_name_tells_the_compression() {
        let of = |name: &str| Compression::of(Some(Path::new(name)));
        assert_eq!(of("a.jsonl.gz"), Compression::Gzip);
        assert_eq!(of("a.ZST"), Compression::Zstd);
        assert_eq!(of("gz"), Compression::None);
        assert_eq!(Compression::of(None), Compression::None);
    }
}
