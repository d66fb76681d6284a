//! Detections for people: what fired, where and when, and the evidence, short and safe for a terminal.

use std::borrow::Cow;
use std::io::{self, Write};

use super::variable::{risk_score, severity};
use super::{Found, spread};
use crate::exec::detection::{Detection, Evidence, Named, Position, RuleInfo, Sample, Stand};
use crate::ingest::tree::Tree;
use crate::schema::Root;
use crate::value::Value;

/// How many events of a variable are shown, whatever a run keeps.
const SHOWN: usize = 3;

/// How many characters of a value are shown.
const WIDTH: usize = 240;

/// What tells most of an event: the word before it and its path.
const TELLING: &[(&str, &[&str])] = &[
    ("host", &["principal", "hostname"]),
    ("user", &["principal", "user", "userid"]),
    ("from", &["principal", "ip"]),
    ("parent", &["principal", "process", "commandLine"]),
    ("command", &["target", "process", "commandLine"]),
    ("program", &["target", "process", "file", "fullPath"]),
    ("file", &["target", "file", "fullPath"]),
    ("registry", &["target", "registry", "registryKey"]),
    ("account", &["target", "user", "userid"]),
    ("target", &["target", "hostname"]),
    ("to", &["target", "ip"]),
    ("url", &["target", "url"]),
];

/// Detections, then the rows of searches.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    detections(out, found)?;
    let mut first = found.detections.is_empty();
    for results in found.results {
        if !first {
            writeln!(out)?;
        }
        first = false;
        if let Some(name) = found.name(results) {
            writeln!(out, "{}: {} rows", escape(name), results.rows.len())?;
        }
        super::rows::table(out, results, found.width)?;
    }
    Ok(())
}

/// A block for each detection, an empty line between.
fn detections(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    spread::write(out, found, &|at, detection, text| {
        if at > 0 {
            text.push(b'\n');
        }
        let unknown = RuleInfo::default();
        one(text, found.rules.get(detection.rule).unwrap_or(&unknown), detection)
    })
}

fn one(out: &mut dyn Write, rule: &RuleInfo, detection: &Detection) -> io::Result<()> {
    let risk = risk_score(rule, detection);
    let severity =
        severity(rule).map(|name| format!(", severity {}", name.to_lowercase())).unwrap_or_default();
    writeln!(out, "{}: risk {risk}{severity}", escape(&rule.name))?;
    if let Some(description) = rule.meta("description") {
        writeln!(out, "  {}", shown(description))?;
    }
    writeln!(out, "  when     {}", when(detection))?;
    named(out, "match", &detection.matches)?;
    named(out, "outcome", &detection.outcomes)?;
    detection.events.iter().filter(|found| found.count > 0).try_for_each(|found| evidence(out, found))
}

pub(super) fn when(detection: &Detection) -> String {
    match detection.window {
        None => "no time".to_owned(),
        Some(window) if window.start == window.end => window.end.to_rfc3339(),
        Some(window) => format!("{} to {}", window.start.to_rfc3339(), window.end.to_rfc3339()),
    }
}

/// Variables and their values under one word. Empty values are left out, and so is the risk, which stands in the heading.
fn named(out: &mut dyn Write, heading: &str, values: &Named) -> io::Result<()> {
    let worth = values.iter().filter(|(name, value)| !is_empty(value) && *name != "risk_score");
    for (index, (name, value)) in worth.enumerate() {
        let heading = if index == 0 { heading } else { "" };
        writeln!(out, "  {heading:<8} ${} = {}", escape(name), shown(&value.to_text()))?;
    }
    Ok(())
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(items) => items.iter().all(is_empty),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Bool(_) | Value::Time(_) => false,
    }
}

fn evidence(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let events = match (evidence.kind, evidence.count) {
        (Root::Detection, 1) => "detection",
        (Root::Detection, _) => "detections",
        (Root::Udm | Root::Entity, 1) => "event",
        (Root::Udm | Root::Entity, _) => "events",
    };
    writeln!(out, "  evidence ${}: {} {events}", escape(&evidence.label), evidence.count)?;
    evidence.samples.iter().take(SHOWN).try_for_each(|found| sample(out, &found))?;
    match evidence.count.saturating_sub(evidence.samples.len().min(SHOWN)) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more"),
    }
}

fn sample(out: &mut dyn Write, sample: &Sample) -> io::Result<()> {
    sample.read(|event| {
        let (time, kind) = headline(event);
        writeln!(out, "    {}  {}  {}", shown(&time), shown(&kind), place(sample))?;
        let telling = TELLING.iter().filter_map(|(word, path)| Some((word, value(event, path)?)));
        for (word, value) in telling {
            writeln!(out, "      {word:<8} {}", shown(&value))?;
        }
        Ok(())
    })
}

/// When a record happened and what it is: an event of a type, or a detection of a rule.
fn headline<'r>(record: &'r Tree<'_>) -> (Cow<'r, str>, Cow<'r, str>) {
    let at = |path: &[&str]| value(record, path);
    let rule = || value(first(record.get("detection")?)?, &["ruleName"]);
    let time = at(&["metadata", "eventTimestamp"]).or_else(|| at(&["detectionTime"]));
    let kind = at(&["metadata", "eventType"]).or_else(rule);
    (time.unwrap_or(Cow::Borrowed("-")), kind.unwrap_or(Cow::Borrowed("-")))
}

/// An event in a line: when, what, where it stands, and what tells most of it.
pub(super) fn sample_line(sample: &Sample) -> String {
    sample.read(|event| event_line(event, sample))
}

/// The same of a sample that is read.
pub(super) fn event_line(event: &Tree<'_>, sample: &Sample) -> String {
    let telling = TELLING.iter().filter_map(|(word, path)| Some((word, value(event, path)?)));
    let telling: Vec<String> = telling.map(|(word, value)| format!("{word} {}", shown(&value))).collect();
    let (time, kind) = headline(event);
    format!("{}  {}  {}  {}", shown(&time), shown(&kind), place(sample), telling.join("; "))
}

fn place(sample: &Sample) -> String {
    format!("{}, {}", escape(sample.path()), position(sample.position()))
}

/// `line 12`
pub fn position(position: Position) -> String {
    match position {
        Position::Line(line) => format!("line {line}"),
        Position::Record(record) => format!("record {record}"),
        Position::Index(index) => format!("event {index}"),
        Position::Logged { record, at: Stand::Line(line) } => format!("line {line}, record {record}"),
        Position::Logged { record, at: Stand::Index(index) } => format!("event {index}, record {record}"),
    }
}

fn first<'r, 't>(list: &'r Tree<'t>) -> Option<&'r Tree<'t>> {
    match list {
        Tree::List(items) => items.first(),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::Object(_) => None,
    }
}

/// The text at a path of an event; of a list, its items joined.
fn value<'e>(event: &'e Tree<'_>, path: &[&str]) -> Option<Cow<'e, str>> {
    let found = path.iter().try_fold(event, |at, word| at.get(word))?;
    let text = match found {
        Tree::Text(text) => Cow::Borrowed(&**text),
        Tree::List(items) => Cow::Owned(items.iter().filter_map(Tree::as_str).collect::<Vec<_>>().join(", ")),
        Tree::Number(number) => Cow::Owned(number.to_string()),
        Tree::Bool(truth) => Cow::Owned(truth.to_string()),
        Tree::Null | Tree::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Cut to a length that can be read, then escaped.
fn shown(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        None => escape(text).into_owned(),
        Some((at, _)) => format!("{}…", escape(text.get(..at).unwrap_or(text))),
    }
}

/// Text that cannot drive a terminal: control characters and those that change the direction of writing are escaped.
/// Backslashes stay as they are, since Windows paths are full of them.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().fold(String::with_capacity(text.len()), |mut safe, letter| {
        if is_dangerous(letter) {
            safe.extend(letter.escape_default())
        } else {
            safe.push(letter)
        }
        safe
    });
    Cow::Owned(escaped)
}

fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exec::detection::Place;
    use crate::value::{Timestamp, Window};

    fn detection() -> (RuleInfo, Detection) {
        let rule = RuleInfo {
            name: "r".into(),
            meta: vec![("severity".into(), "High".into()), ("description".into(), "finds it".into())],
            has_match: true,
            ..RuleInfo::default()
        };
        let event = json!({
            "metadata": {"eventTimestamp": "1970-01-01T00:00:01Z", "eventType": "PROCESS_LAUNCH"},
            "principal": {"hostname": "ws1", "ip": ["10.0.0.1", "10.0.0.2"]},
            "target": {"process": {"commandLine": "cmd \u{1b}[2J & C:\\x"}},
        });
        let place = Place { path: "a.jsonl".into(), position: Position::Line(7) };
        let detection = Detection {
            rule: 0,
            window: Some(Window { start: Timestamp(0), end: Timestamp(300_000_000_000) }),
            matches: [("hostname".into(), Value::text("ws1"))].into_iter().collect(),
            outcomes: [
                ("risk_score".into(), Value::Int(65)),
                ("nothing".into(), Value::List(vec![Value::text("")])),
                ("pids".into(), Value::List(vec![Value::text("4"), Value::text("8")])),
            ]
            .into_iter()
            .collect(),
            events: vec![Evidence {
                label: "e".into(),
                kind: crate::schema::Root::Udm,
                count: 5,
                samples: std::iter::repeat_n(Sample::new(event, place), 4).collect(),
            }],
            first: 0,
        };
        (rule, detection)
    }

    #[test]
    fn a_detection_says_what_fired_when_and_on_what_evidence() {
        let (rule, detection) = detection();
        let mut out = Vec::new();
        let (rules, detections) = (&[rule], &[detection]);
        write(&mut out, &Found { rules, detections, results: &[], width: 80, threads: 1 }).unwrap();
        let text = String::from_utf8(out).unwrap();
        let expected = "\
r: risk 65, severity high
  finds it
  when     1970-01-01T00:00:00Z to 1970-01-01T00:05:00Z
  match    $hostname = ws1
  outcome  $pids = 4, 8
  evidence $e: 5 events
    1970-01-01T00:00:01Z  PROCESS_LAUNCH  a.jsonl, line 7
      host     ws1
      from     10.0.0.1, 10.0.0.2
      command  cmd \\u{1b}[2J & C:\\x
";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("    and 2 more\n"), "{text}");
    }

    #[test]
    fn text_of_an_event_cannot_drive_the_terminal() {
        assert_eq!(escape("a\u{1b}]0;x\u{7}\r\nb\u{202e}"), r"a\u{1b}]0;x\u{7}\r\nb\u{202e}");
        assert_eq!(escape(r"C:\Windows\__1 ü"), r"C:\Windows\__1 ü");
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(shown(&"ä".repeat(1000)).chars().count(), WIDTH + 1);
    }
}
