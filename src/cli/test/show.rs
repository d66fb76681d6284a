//! How results of tests are shown.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use crate::cli::doors::Colour;
use crate::report::escape;
use crate::ruletest::{self, Mark, Marks, Mutation, Stale};
use crate::text::{Sources, Span};

/// What came of one test.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its file.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The line of its name.
    pub line: u32,
    /// How it ended.
    pub status: Status,
    /// What is to be said of it.
    #[serde(rename = "message", serialize_with = "joined")]
    pub lines: Vec<String>,
}

fn joined<S: serde::Serializer>(lines: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    if lines.is_empty() { serializer.serialize_none() } else { serializer.serialize_str(&lines.join("\n")) }
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As expected.
    Passed,
    /// Something differs.
    Failed,
    /// It could not be run.
    Broken,
    /// It is known to fail, and does.
    Todo,
    /// It is known to fail, and passes.
    TodoPasses,
}

impl Status {
    /// Does it make the command fail?
    pub fn fails(self) -> bool {
        match self {
            Status::Failed | Status::Broken => true,
            Status::Passed | Status::Todo | Status::TodoPasses => false,
        }
    }

    /// A word of five letters at most, and its colour.
    fn word(self) -> (&'static str, &'static str) {
        match self {
            Status::Passed => ("ok", "32"),
            Status::Failed => ("FAIL", "31"),
            Status::Broken => ("ERROR", "31"),
            Status::Todo | Status::TodoPasses => ("todo", "33"),
        }
    }
}

/// A line a test under the name of its file, and below it what differs.
pub fn text(out: &mut dyn Write, rows: &[Row], colour: Colour) -> io::Result<()> {
    let mut file = "";
    for row in rows {
        if row.file != file {
            writeln!(out, "{}", escape(&row.file))?;
            file = &row.file;
        }
        let (word, code) = row.status.word();
        let word = match colour {
            Colour::On => format!("\x1b[{code}m{word:<5}\x1b[0m"),
            Colour::Off => format!("{word:<5}"),
        };
        let place = if row.status.fails() { format!(" (line {})", row.line) } else { String::new() };
        writeln!(out, "  {word} {}{place}", escape(&row.name))?;
        for line in &row.lines {
            writeln!(out, "          {}", escape(line))?;
        }
    }
    Ok(())
}

/// The mutants of each rule that no test notices, on the rule's lines.
pub fn mutations(out: &mut dyn Write, sources: &Sources, all: &[(String, Mutation)]) -> io::Result<()> {
    for (name, mutation) in all {
        let (noticed, explained) = (mutation.noticed.len(), mutation.explained);
        let tried = noticed + explained + mutation.survivors.len();
        let more = if explained > 0 { format!(", {explained} explained") } else { String::new() };
        writeln!(out, "mutants of `{name}`: {noticed} of {tried} noticed{more}")?;
        for mutant in &mutation.survivors {
            on_line(out, sources, (mutant.span, mutant.change.words()))?;
        }
    }
    Ok(())
}

/// What test files say of mutants that is not so, on their lines.
pub fn stale(out: &mut dyn Write, sources: &Sources, all: &[Stale]) -> io::Result<()> {
    for Stale { span, message } in all {
        let Some(source) = sources.get(span.source) else { continue };
        let line = source.position(span.start).line;
        writeln!(out, "  {}, line {line}: {}", escape(&source.name), escape(message))?;
    }
    Ok(())
}

/// What is to be said of a part of a rule, with its line and its text.
fn on_line(out: &mut dyn Write, sources: &Sources, (span, what): (Span, &str)) -> io::Result<()> {
    let Some(source) = sources.get(span.source) else { return Ok(()) };
    let line = source.position(span.start).line;
    let text = ruletest::flat(source.slice(span));
    writeln!(out, "  line {line}, {what}: {}", escape(&text))
}

/// How much of a rule its tests saw: of each predicate and branch, that it holds and that it does not.
pub fn per_cent(marks: &Marks) -> usize {
    let (seen, all) = marks.sides();
    (100 * seen).checked_div(all).unwrap_or(100)
}

/// What no test saw of each rule, on the rule's lines.
pub fn coverage(out: &mut dyn Write, sources: &Sources, all: &[(String, Marks)]) -> io::Result<()> {
    for (name, marks) in all {
        writeln!(out, "coverage of `{name}`: {} %", per_cent(marks))?;
        for (span, mark) in marks.iter() {
            let what = match mark {
                Mark { held: true, failed: true } => continue,
                Mark { held: true, failed: false } => "never false",
                Mark { held: false, failed: true } => "never true",
                Mark { held: false, failed: false } => "never true or false",
            };
            on_line(out, sources, (span, what))?;
        }
    }
    Ok(())
}

/// One array, an object a line.
pub fn json(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, row) in rows.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, row)?;
    }
    out.write_all(if rows.is_empty() { b"]\n" } else { b"\n]\n" })
}

/// A suite a file. Times are left out, so that two runs give the same bytes.
pub fn junit(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    let mut report = Report::new("yaral test");
    for suite in rows.chunk_by(|one, other| one.file == other.file) {
        let mut cases = TestSuite::new(suite.first().map_or("", |row| row.file.as_str()));
        cases.add_test_cases(suite.iter().map(case));
        report.add_test_suite(cases);
    }
    report.serialize(out).map_err(io::Error::other)
}

fn case(row: &Row) -> TestCase {
    let mut status = match row.status {
        Status::Passed | Status::TodoPasses => TestCaseStatus::success(),
        Status::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Broken => TestCaseStatus::non_success(NonSuccessKind::Error),
        Status::Todo => TestCaseStatus::skipped(),
    };
    if let Some(first) = row.lines.first() {
        status.set_message(first.clone());
        status.set_description(row.lines.join("\n"));
    }
    let mut case = TestCase::new(row.name.clone(), status);
    case.set_classname(row.file.clone());
    case.extra.insert("file".into(), row.file.as_str().into());
    case.extra.insert("line".into(), row.line.to_string().into());
    case
}
