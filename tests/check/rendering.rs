//! How findings are shown: as text, JSON and SARIF.

use super::*;

fn fixed() -> (Sources, Vec<Diagnostic>) {
    checked("a.yaral", &std::fs::read_to_string(cases("errors").first().unwrap()).unwrap())
}

#[test]
fn json_has_the_promised_keys_and_counts_characters_from_one() {
    let mut sources = Sources::default();
    let id = sources.add("a.yaral", "é\u{1f600}x\n");
    let span = Span { source: id, start: 6, end: 7 };
    let found = Diagnostic::new(&codes::UNKNOWN_FIELD, span, "say \"x\"");
    let shown: serde_json::Value = serde_json::from_str(&render::json(&sources, &[found])).unwrap();
    let expected = serde_json::json!([{
        "file": "a.yaral", "line": 1, "column": 3, "endLine": 1, "endColumn": 4, "severity": "error",
        "code": "YC201", "message": "say \"x\"", "help": null,
    }]);
    assert_eq!(shown, expected);
    assert_eq!(render::json(&sources, &[]), "[]\n");
}

#[test]
fn an_end_at_a_line_end_stays_on_its_line() {
    let mut sources = Sources::default();
    let id = sources.add("a", "ab\ncd\n");
    let found = Diagnostic::new(&codes::UNKNOWN_FIELD, Span { source: id, start: 0, end: 3 }, "m");
    let shown: serde_json::Value = serde_json::from_str(&render::json(&sources, &[found])).unwrap();
    let first = shown.get(0).unwrap();
    assert_eq!((&first["endLine"], &first["endColumn"]), (&1.into(), &4.into()));
}

#[test]
fn text_shows_place_excerpt_code_and_help() {
    let (sources, found) = fixed();
    let shown = render::text(&sources, &found, Colour::Off, 100);
    let first = found.first().unwrap();
    for part in ["a.yaral:", first.code.id, &first.message, first.help.as_deref().unwrap_or_default()] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'));
    assert!(render::text(&sources, &found, Colour::On, 100).contains('\u{1b}'));
}

#[test]
fn a_rule_cannot_steer_the_terminal_of_its_reader() {
    let mut sources = Sources::default();
    let id: SourceId = sources.add("a\u{1b}[2J", "x \u{1b}[31m \u{202e} y \u{9b}1m\n");
    let span = Span { source: id, start: 0, end: 1 };
    let mut found = Diagnostic::new(&codes::UNKNOWN_FIELD, span, "bad \u{1b}]0;t\u{7}").help("h\u{1b}c");
    found.also.push(Label { span, text: "l\u{1b}c".to_owned() });
    let shown = render::text(&sources, &[found], Colour::Off, 100);
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}']), "{shown:?}");
}

/// What people and programs read, whole: one file for the cases of each folder.
#[test]
fn every_diagnostic_is_rendered_as_before() {
    for folder in ["errors", "lints"] {
        let (mut text, mut json) = (String::new(), String::new());
        for case in cases(folder) {
            let name = format!("{folder}/{}.yaral", name(&case));
            let (sources, found) = checked(&name, &std::fs::read_to_string(&case).unwrap());
            let found = lasting(found);
            text += &render::text(&sources, &found, Colour::Off, 100);
            json += &render::json(&sources, &found);
        }
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rendered");
        golden(&place.join(format!("{folder}.txt")), &text);
        golden(&place.join(format!("{folder}.json")), &json);
    }
}

/// What the schema of SARIF 2.1.0 asks for and readers of it rely on.
#[test]
fn sarif_keeps_to_its_schema() {
    let mut sources = Sources::default();
    let mut all = Vec::new();
    for folder in ["errors", "lints", "syntax/bad"] {
        for case in cases(folder) {
            let text = std::fs::read_to_string(&case).unwrap();
            let id = sources.add(format!("{folder}/{} é#1.yaral", name(&case)), &text);
            let parsed = parse(sources.get(id).unwrap());
            all.extend(check(&parsed.file));
            all.extend(parsed.diagnostics);
        }
    }
    let report: serde_json::Value = serde_json::from_str(&render::sarif(&sources, &all)).unwrap();
    assert_eq!(report["version"], "2.1.0");
    assert!(report["$schema"].as_str().unwrap().contains("sarif-2.1.0"));
    let runs = report["runs"].as_array().unwrap();
    assert_eq!((runs.len(), &runs[0]["columnKind"]), (1, &"unicodeCodePoints".into()));
    let rules = runs[0]["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len());
    let results = runs[0]["results"].as_array().unwrap();
    assert_eq!(results.len(), all.len());
    let used: BTreeSet<usize> = results.iter().map(|result| keeps_to_the_schema(result, rules)).collect();
    assert_eq!(used.len(), rules.len(), "a rule that no result refers to");
}

/// One result; gives the place of its rule.
fn keeps_to_the_schema(result: &Value, rules: &[Value]) -> usize {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
    assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    assert_eq!(list(&result["locations"]).len(), 1);
    for place in list(&result["locations"]).iter().chain(&list(&result["relatedLocations"])) {
        let place = &place["physicalLocation"];
        assert_relative_uri(place["artifactLocation"]["uri"].as_str().unwrap());
        assert_region(&place["region"]);
    }
    let changes = list(&result["fixes"]).into_iter().flat_map(|fix| list(&fix["artifactChanges"]));
    for replacement in changes.flat_map(|change| list(&change["replacements"])) {
        assert_region(&replacement["deletedRegion"]);
    }
    index
}

fn assert_relative_uri(uri: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%!$&'()*+,;=@:".contains(c);
    let schemeless = !uri.split('/').next().unwrap().contains(':');
    assert!(uri.chars().all(allowed) && schemeless && uri.ends_with("%20%C3%A9%231.yaral"), "{uri}");
}

/// Lines and columns from one on, and an end that is not before the start.
fn assert_region(region: &Value) {
    let at = |key: &str| region[key].as_u64().unwrap();
    let (start, end) = ((at("startLine"), at("startColumn")), (at("endLine"), at("endColumn")));
    assert!(start.0 > 0 && start.1 > 0 && end.1 > 0 && start <= end, "{region}");
}
