//! Detections as JSON in the field names of Google SecOps, one object a line or one array.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::Found;
use super::variable::{risk_score, severity, variables};
use crate::exec::detection::{Detection, Evidence, Place, Position, RuleInfo, RuleType, Sample, Stand};
use crate::schema::Root;

/// One object a line.
pub(super) fn write_lines(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    for object in objects(found) {
        serde_json::to_writer(&mut *out, &object)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Detections, then the rows of searches.
fn objects<'f>(found: &'f Found<'_>) -> impl Iterator<Item = Json> + 'f {
    let detections = found.detections.iter().map(|detection| object(found.rules, detection));
    detections
        .chain(found.results.iter().flat_map(|results| super::rows::objects(results, found.name(results))))
}

/// One array, an object a line.
pub(super) fn write_array(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    out.write_all(b"[")?;
    let mut before: &[u8] = b"\n";
    for object in objects(found) {
        out.write_all(before)?;
        serde_json::to_writer(&mut *out, &object)?;
        before = b",\n";
    }
    out.write_all(if before == b"\n" { b"]\n" } else { b"\n]\n" })
}

fn object(rules: &[RuleInfo], detection: &Detection) -> Json {
    let unknown = RuleInfo::default();
    let rule = rules.get(detection.rule).unwrap_or(&unknown);
    let mut all = Map::new();
    all.insert("type".into(), json!("RULE_DETECTION"));
    if let Some(window) = detection.window {
        let (start, end) = (window.start.to_rfc3339(), window.end.to_rfc3339());
        all.insert("detectionTime".into(), json!(end));
        all.insert("timeWindow".into(), json!({ "startTime": start, "endTime": end }));
    }
    all.insert("detection".into(), Json::Array(vec![findings(rule, detection)]));
    let elements = detection.events.iter().filter(|evidence| evidence.count > 0).map(element);
    all.insert("collectionElements".into(), Json::Array(elements.collect()));
    Json::Object(all)
}

fn findings(rule: &RuleInfo, detection: &Detection) -> Json {
    let mut all = Map::new();
    all.insert("ruleName".into(), json!(rule.name));
    all.insert("ruleFile".into(), json!(rule.file));
    all.insert("ruleType".into(), json!(rule_type(rule.rule_type)));
    if let Some(description) = rule.meta("description") {
        all.insert("description".into(), json!(description));
    }
    if let Some(severity) = severity(rule) {
        all.insert("severity".into(), json!(severity));
    }
    all.insert("riskScore".into(), risk_score(rule, detection));
    all.insert("ruleLabels".into(), pairs(rule.meta.iter().map(|(key, value)| (key, value))));
    if rule.has_match {
        let fields = detection.matches.iter().map(|(key, value)| (key, value.to_text()));
        all.insert("detectionFields".into(), pairs(fields));
    }
    let outcomes = detection.outcomes.iter().map(|(key, value)| (key, value.to_text()));
    all.insert("outcomes".into(), pairs(outcomes));
    all.insert("variables".into(), variables(rule, detection));
    Json::Object(all)
}

fn rule_type(kind: RuleType) -> &'static str {
    match kind {
        RuleType::SingleEvent => "SINGLE_EVENT",
        RuleType::MultiEvent => "MULTI_EVENT",
    }
}

fn pairs<'a, V: AsRef<str>>(pairs: impl Iterator<Item = (&'a String, V)>) -> Json {
    Json::Array(pairs.map(|(key, value)| json!({ "key": key, "value": value.as_ref() })).collect())
}

fn element(evidence: &Evidence) -> Json {
    let references: Vec<Json> =
        evidence.samples.iter().map(|sample| reference(evidence.kind, &sample)).collect();
    json!({ "label": *evidence.label, "references": references })
}

fn reference(kind: Root, sample: &Sample) -> Json {
    let record = match kind {
        Root::Udm => "event",
        Root::Entity => "entity",
        Root::Detection => "detection",
    };
    json!({ record: sample.event(), "source": source_json(&sample.place()) })
}

/// Where an event stands, as `source` has it.
pub fn source_json(place: &Place) -> Json {
    let path = &place.path;
    let (key, at) = match place.position {
        Position::Line(line) | Position::Logged { at: Stand::Line(line), .. } => ("line", line),
        Position::Index(index) | Position::Logged { at: Stand::Index(index), .. } => ("index", index),
        Position::Record(record) => return json!({ "path": path, "record": record.to_string() }),
    };
    match place.position.record() {
        Some(record) => json!({ "path": path, key: at, "record": record.to_string() }),
        None => json!({ "path": path, key: at }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'f>(rules: &'f [RuleInfo], detections: &'f [Detection]) -> Found<'f> {
        Found { rules, detections, results: &[], width: 80 }
    }
    use crate::exec::detection::{Named, Samples};
    use crate::value::{Timestamp, Value, Window};

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
