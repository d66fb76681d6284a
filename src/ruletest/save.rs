//! From detections to a test file that expects them.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::exec::detection::{Detection, Named, Place, RuleInfo, Sample};
use crate::value::{Timestamp, Value};

/// What is written on one line may be so long.
const WIDTH: usize = 100;

/// A test file for `detections` of one rule, whose samples are all of their events. `rule` is what the file calls it;
/// `now` is what it saw as the present.
pub fn save(rule: &str, info: &RuleInfo, detections: &[Detection], now: Option<Timestamp>) -> String {
    let mut out = format!("rule: {}\ntests:\n", scalar(rule));
    for (index, detection) in detections.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "\n" });
        test(&mut out, info, detection, now);
    }
    out
}

fn test(out: &mut String, info: &RuleInfo, detection: &Detection, now: Option<Timestamp>) {
    let of = detection.matches.iter().map(|(name, value)| format!("{name} {}", value.to_text()));
    let of = of.collect::<Vec<_>>().join(", ");
    let name = if of.is_empty() { "finds what was found".to_owned() } else { format!("finds {of}") };
    // Writing to a string does not fail.
    let _ = writeln!(out, "  - name: {}", scalar(&name));
    if let Some(now) = now {
        let _ = writeln!(out, "    now: {}", now.to_rfc3339());
    }
    out.push_str("    events:");
    field(out, &Json::Array(events(detection)), 6);
    out.push_str("    expect:");
    field(out, &Json::Array(vec![Json::Object(entry(info, detection))]), 6);
}

/// The events behind a detection, each once, in the order of their places.
fn events(detection: &Detection) -> Vec<Json> {
    let samples = detection.events.iter().flat_map(|evidence| evidence.samples.iter());
    let mut samples: Vec<(Place, Sample)> = samples.map(|sample| (sample.place(), sample)).collect();
    samples.sort_by(|(one, _), (other, _)| one.cmp(other));
    samples.dedup_by(|(one, _), (other, _)| one == other);
    samples.into_iter().map(|(_, sample)| sample.event()).collect()
}

fn entry(info: &RuleInfo, detection: &Detection) -> Map<String, Json> {
    let variables =
        |all: &Named| Json::Object(all.iter().map(|(name, value)| (name.clone(), json(value))).collect());
    let counts = detection.events.iter().filter(|evidence| evidence.count > 0);
    let counts = counts.map(|evidence| (evidence.label.to_string(), Json::from(evidence.count))).collect();
    let parts = [
        ("match", if info.has_match { variables(&detection.matches) } else { Json::Null }),
        ("outcomes", variables(&detection.outcomes)),
        ("events", Json::Object(counts)),
    ];
    let written = parts.into_iter().filter(|(_, part)| part.as_object().is_some_and(|part| !part.is_empty()));
    written.map(|(name, part)| (name.to_owned(), part)).collect()
}

fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Int(number) => Json::from(*number),
        Value::Uint(number) => Json::from(*number),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Text(_) | Value::Bytes(_) | Value::Float(_) | Value::Bool(_) | Value::Time(_) => {
            Json::String(value.to_text().into_owned())
        }
    }
}

/// A value after a key: on the same line where it is short, else below it, `indent` to the right.
fn field(out: &mut String, value: &Json, indent: usize) {
    let line = flow(value);
    let entries = match value {
        Json::Object(entries) if line.len() + indent > WIDTH => {
            out.push('\n');
            return mapping(out, entries, indent);
        }
        Json::Array(items) if line.len() + indent > WIDTH || has_mappings(items) => items,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            out.push(' ');
            out.push_str(&line);
            return out.push('\n');
        }
    };
    out.push('\n');
    for item in entries {
        let mut below = String::new();
        match item {
            Json::Object(entries) if !entries.is_empty() => mapping(&mut below, entries, indent + 2),
            Json::Object(_)
            | Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_) => {
                below = flow(item) + "\n";
            }
        }
        let _ = write!(out, "{:indent$}- {}", "", below.trim_start());
    }
}

fn has_mappings(items: &[Json]) -> bool {
    items.iter().any(|item| item.as_object().is_some_and(|entries| !entries.is_empty()))
}

fn mapping(out: &mut String, entries: &Map<String, Json>, indent: usize) {
    for (key, value) in entries {
        let _ = write!(out, "{:indent$}{}:", "", scalar(key));
        field(out, value, indent + 2);
    }
}

/// A value on one line.
fn flow(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(text) => scalar(text),
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text as YAML: bare where nothing else can be read into it, else in quotes.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "none", "y", "n"];
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_.-/@".contains(letter);
    let word = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    if word && text.chars().all(bare) && !WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let time = text.ends_with('Z') && text.contains('T') && Timestamp::parse(text).is_some();
    if time || !text.chars().any(is_special) {
        return if time { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) };
    }
    let escaped = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if is_special(letter) => format!("\\u{:04x}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Letters that YAML takes for line ends, or does not want to see.
fn is_special(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ruletest::yaml;
    use crate::text::Sources;

    fn again(text: &str) -> Json {
        let mut sources = Sources::default();
        let id = sources.add("a", text);
        yaml::read(sources.get(id).unwrap()).map_err(|error| error.message).unwrap().unwrap().json()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let texts = [
            "",
            " a",
            "a: b",
            "- a",
            "# a",
            "a #b",
            "it's",
            "\"",
            "\\",
            "a\nb",
            "\t",
            "\u{85}\u{feff}x",
            "null",
            "No",
            "5",
            "007",
            "t+1s",
            "<<",
            "&a",
            "*a",
            "!a",
            "%a",
            "@a",
            "`a",
            "a,b",
            "[a",
            "{a",
            "ws1.acme.example",
            "2024-05-01T10:00:00Z",
        ];
        let event = json!({ "texts": texts, "deep": {"list": [{"a": "x".repeat(99)}, [1, 2], {}, []], "n": 5, "t": true} });
        let mut out = "all:".to_owned();
        field(&mut out, &json!([event, {"é: ": null}]), 2);
        assert_eq!(again(&out), json!({ "all": [event, {"é: ": null}] }), "{out}");
    }
}
