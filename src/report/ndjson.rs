//! Detections as JSON in the field names of Google SecOps, one object a line or one array. They are written as they are
//! gone through: a tree of each would take ten times as long as finding it.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use super::variable::{Each, Variables, risk_score, severity};
use super::{Found, rows, spread};
use crate::exec::detection::{Detection, Evidence, Place, Position, RuleInfo, RuleType, Sample, Stand};
use crate::schema::Root;
use crate::value::Value;

/// One object a line: detections, then the rows of searches.
pub(super) fn write_lines(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    spread::write(out, found, &|_, detection, lines| {
        serde_json::to_writer(&mut *lines, &Shown::new(found.rules, detection))?;
        lines.push(b'\n');
        Ok(())
    })?;
    for object in objects(found) {
        serde_json::to_writer(&mut *out, &object)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The rows of searches.
fn objects<'f>(found: &'f Found<'_>) -> impl Iterator<Item = Json> + 'f {
    found.results.iter().flat_map(|results| rows::objects(results, found.name(results)))
}

/// One array, an object a line.
pub(super) fn write_array(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    let before = |at: usize| if at == 0 { "\n" } else { ",\n" };
    out.write_all(b"[")?;
    spread::write(out, found, &|at, detection, text| {
        text.extend_from_slice(before(at).as_bytes());
        Ok(serde_json::to_writer(text, &Shown::new(found.rules, detection))?)
    })?;
    let mut written = found.detections.len();
    for object in objects(found) {
        out.write_all(before(written).as_bytes())?;
        serde_json::to_writer(&mut *out, &object)?;
        written += 1;
    }
    out.write_all(if written == 0 { b"]\n" } else { b"\n]\n" })
}

/// A detection of a rule.
struct Shown<'d> {
    rule: Option<&'d RuleInfo>,
    detection: &'d Detection,
}

impl<'d> Shown<'d> {
    fn new(rules: &'d [RuleInfo], detection: &'d Detection) -> Shown<'d> {
        Shown { rule: rules.get(detection.rule), detection }
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut all = out.serialize_map(None)?;
        all.serialize_entry("type", "RULE_DETECTION")?;
        if let Some(window) = self.detection.window {
            let (start, end) = (window.start.to_rfc3339(), window.end.to_rfc3339());
            all.serialize_entry("detectionTime", &end)?;
            all.serialize_entry("timeWindow", &Span { start_time: start, end_time: end })?;
        }
        let unknown = RuleInfo::default();
        let rule = self.rule.unwrap_or(&unknown);
        all.serialize_entry("detection", &[Findings { rule, detection: self.detection }])?;
        let elements = || self.detection.events.iter().filter(|evidence| evidence.count > 0).map(Element);
        all.serialize_entry("collectionElements", &Each(elements))?;
        all.end()
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    start_time: String,
    end_time: String,
}

struct Findings<'d> {
    rule: &'d RuleInfo,
    detection: &'d Detection,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Findings { rule, detection } = self;
        let mut all = out.serialize_map(None)?;
        all.serialize_entry("ruleName", &rule.name)?;
        all.serialize_entry("ruleFile", &rule.file)?;
        all.serialize_entry("ruleType", rule_type(rule.rule_type))?;
        if let Some(description) = rule.meta("description") {
            all.serialize_entry("description", description)?;
        }
        if let Some(severity) = severity(rule) {
            all.serialize_entry("severity", severity)?;
        }
        all.serialize_entry("riskScore", &risk_score(rule, detection))?;
        all.serialize_entry(
            "ruleLabels",
            &Each(|| rule.meta.iter().map(|(key, value)| Pair { key, value })),
        )?;
        if rule.has_match {
            all.serialize_entry("detectionFields", &Each(|| detection.matches.iter().map(pair)))?;
        }
        all.serialize_entry("outcomes", &Each(|| detection.outcomes.iter().map(pair)))?;
        all.serialize_entry("variables", &Variables { rule, detection })?;
        all.end()
    }
}

fn rule_type(kind: RuleType) -> &'static str {
    match kind {
        RuleType::SingleEvent => "SINGLE_EVENT",
        RuleType::MultiEvent => "MULTI_EVENT",
    }
}

#[derive(serde::Serialize)]
struct Pair<'p, V: AsRef<str> + Serialize> {
    key: &'p String,
    value: V,
}

fn pair<'p>((key, value): (&'p String, &'p Value<'static>)) -> Pair<'p, Cow<'p, str>> {
    Pair { key, value: value.to_text() }
}

/// The events of a variable.
struct Element<'e>(&'e Evidence);

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Element(evidence) = self;
        let references = || evidence.samples.iter().map(|sample| Reference { kind: evidence.kind, sample });
        let mut all = out.serialize_map(None)?;
        all.serialize_entry("label", &*evidence.label)?;
        all.serialize_entry("references", &Each(references))?;
        all.end()
    }
}

struct Reference {
    kind: Root,
    sample: Sample,
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let record = match self.kind {
            Root::Udm => "event",
            Root::Entity => "entity",
            Root::Detection => "detection",
        };
        let mut all = out.serialize_map(None)?;
        self.sample.read(|event| all.serialize_entry(record, event))?;
        all.serialize_entry(
            "source",
            &Source { path: self.sample.path(), position: self.sample.position() },
        )?;
        all.end()
    }
}

/// Where an event stands.
struct Source<'p> {
    path: &'p str,
    position: Position,
}

impl Serialize for Source<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut all = out.serialize_map(None)?;
        all.serialize_entry("path", self.path)?;
        match self.position {
            Position::Line(line) | Position::Logged { at: Stand::Line(line), .. } => {
                all.serialize_entry("line", &line)?;
            }
            Position::Index(index) | Position::Logged { at: Stand::Index(index), .. } => {
                all.serialize_entry("index", &index)?;
            }
            Position::Record(_) => {}
        }
        if let Some(record) = self.position.record() {
            all.serialize_entry("record", &record.to_string())?;
        }
        all.end()
    }
}

/// Where an event stands, as `source` has it.
pub fn source_json(place: &Place) -> impl Serialize + '_ {
    Source { path: &place.path, position: place.position }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found<'f>(rules: &'f [RuleInfo], detections: &'f [Detection]) -> Found<'f> {
        Found { rules, detections, results: &[], width: 80, threads: 1 }
    }
    use crate::exec::detection::{Named, Samples};
    use crate::value::{Timestamp, Window};

    fn object(rules: &[RuleInfo], detection: &Detection) -> Json {
        serde_json::to_value(Shown::new(rules, detection)).unwrap()
    }

    fn rule() -> RuleInfo {
        let meta = [("author", "us"), ("description", "it"), ("severity", "Medium"), ("type", "Alert")];
        RuleInfo {
            name: "r".into(),
            file: "rules/r.yaral".into(),
            meta: meta.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
            rule_type: RuleType::MultiEvent,
            has_match: true,
        }
    }

    fn detection() -> Detection {
        let place = |position| Place { path: "a.evtx".into(), position };
        let sample = |position| Sample::new(json!({"metadata": {}}), place(position));
        Detection {
            rule: 0,
            window: Some(Window { start: Timestamp(0), end: Timestamp(300_000_000_000) }),
            matches: [("hostname".into(), Value::text("ws1"))].into_iter().collect(),
            outcomes: [("risk_score".into(), Value::Int(65))].into_iter().collect(),
            events: vec![
                Evidence {
                    kind: Root::Udm,
                    label: "e".into(),
                    count: 3,
                    samples: [Position::Record(12), Position::Line(3), Position::Index(1)]
                        .into_iter()
                        .map(sample)
                        .collect(),
                },
                Evidence {
                    label: "absent".into(),
                    kind: Root::Udm,
                    count: 0,
                    samples: Samples::from_iter([]),
                },
            ],
            first: 0,
        }
    }

    #[test]
    fn a_detection_is_one_line_with_its_fields_in_googles_order() {
        let mut out = Vec::new();
        write_lines(&mut out, &found(&[rule()], &[detection()])).unwrap();
        let expected = concat!(
            r#"{"type":"RULE_DETECTION","detectionTime":"1970-01-01T00:05:00Z","#,
            r#""timeWindow":{"startTime":"1970-01-01T00:00:00Z","endTime":"1970-01-01T00:05:00Z"},"#,
            r#""detection":[{"ruleName":"r","ruleFile":"rules/r.yaral","ruleType":"MULTI_EVENT","description":"it","#,
            r#""severity":"MEDIUM","riskScore":65,"ruleLabels":[{"key":"author","value":"us"},"#,
            r#"{"key":"description","value":"it"},{"key":"severity","value":"Medium"},{"key":"type","value":"Alert"}],"#,
            r#""detectionFields":[{"key":"hostname","value":"ws1"}],"outcomes":[{"key":"risk_score","value":"65"}],"#,
            r#""variables":{"hostname":{"type":"MATCH","value":"ws1","stringVal":"ws1"},"#,
            r#""risk_score":{"type":"OUTCOME","value":"65","int64Val":"65"}}}],"#,
            r#""collectionElements":[{"label":"e","references":["#,
            r#"{"event":{"metadata":{}},"source":{"path":"a.evtx","record":"12"}},"#,
            r#"{"event":{"metadata":{}},"source":{"path":"a.evtx","line":3}},"#,
            r#"{"event":{"metadata":{}},"source":{"path":"a.evtx","index":1}}]}]}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn without_a_time_there_is_neither_detection_time_nor_window() {
        let shown = object(&[rule()], &Detection { window: None, ..detection() });
        assert!(shown.get("detectionTime").is_none() && shown.get("timeWindow").is_none());
    }

    #[test]
    fn without_a_risk_score_an_alert_has_40_and_anything_else_15() {
        let quiet = Detection { outcomes: Named::from_iter([]), ..detection() };
        let score = |rule: RuleInfo| object(&[rule], &quiet)["detection"][0]["riskScore"].clone();
        assert_eq!(score(rule()), json!(40));
        assert_eq!(score(RuleInfo { meta: vec![], ..rule() }), json!(15));
    }

    #[test]
    fn a_rule_without_match_has_no_detection_fields() {
        let rule = RuleInfo { has_match: false, ..rule() };
        let shown = object(&[rule], &Detection { matches: Named::from_iter([]), ..detection() });
        assert!(shown["detection"][0].get("detectionFields").is_none());
    }

    #[test]
    fn an_array_of_nothing_is_an_empty_array() {
        let mut out = Vec::new();
        write_array(&mut out, &found(&[], &[])).unwrap();
        assert_eq!(out, b"[]\n");
        out.clear();
        write_array(&mut out, &found(&[rule()], &[detection(), detection()])).unwrap();
        assert_eq!(serde_json::from_slice::<Vec<Json>>(&out).unwrap().len(), 2);
    }
}
