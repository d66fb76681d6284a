//! Real captures, in which it is known what the shipped rule finds.

use super::*;

#[test]
fn the_shipped_rule_finds_in_real_captures_what_is_known_of_them() {
    let Some(data) = shared::shared("data") else { return };
    let expected = fs::read_to_string(data.join("expected.json")).unwrap();
    let expected: Json = serde_json::from_str(&expected).unwrap();
    let files = expected["impacket_wmiexec_cisa_report"]["files"].as_array().unwrap();
    let known = |name: &str| {
        let entry = files.iter().find(|entry| entry["file"] == name);
        let mut ids: Vec<u64> = entry
            .iter()
            .flat_map(|entry| entry["record_ids"].as_array().unwrap())
            .filter_map(Json::as_u64)
            .collect();
        ids.sort_unstable();
        ids
    };
    let mut captures: Vec<_> =
        fs::read_dir(data.join("windows")).unwrap().map(|entry| entry.unwrap().path()).collect();
    captures.retain(|path| path.extension().is_some_and(|ending| ending == "evtx"));
    captures.sort();
    assert!(!captures.is_empty());
    let wrong = captures.iter().filter_map(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let (found, known) = (records(path), known(&name));
        (found != known).then(|| format!("{name}: found {found:?}, known {known:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The records of all detections of the shipped rule in one capture, each once.
fn records(path: &Path) -> Vec<u64> {
    let path = path.to_str().unwrap();
    let ended = yaral(&["run", RULE, path, "--format", "ndjson", "--samples", "100000"]);
    assert_eq!(ended.code, 0, "{path}: {}", ended.stderr);
    let mut ids: Vec<u64> = ended.lines().iter().flat_map(references).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn references(detection: &Json) -> Vec<u64> {
    let elements = detection["collectionElements"].as_array().unwrap();
    let all = elements.iter().flat_map(|element| element["references"].as_array().unwrap());
    all.map(|reference| reference["source"]["record"].as_str().unwrap().parse().unwrap()).collect()
}
