//! Records read from their JSON.

use super::{Mapper, map, map_with};
use crate::ingest::windows::{RecordBuffer, RecordError, RecordReader, System};

const SMALL: &str = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#attributes":{"Qualifiers":16384},"#text":7036},"TimeCreated":{"#attributes":{"SystemTime":"2020-07-22 20:29:27.32 UTC"}}},"EventData":{"a":true,"b":1.5,"c":null,"d":["x",2],"e":{"#attributes":{"k":1},"#text":"t"}}}}"##;

#[test]
fn values_of_every_kind_become_text() {
    let mut reader = RecordReader::default();
    let record = reader.read(SMALL.as_bytes()).unwrap();
    assert_eq!(record.event_id(), Some(7036));
    let values = ["a", "b", "c", "d", "e", "k"].map(|name| record.get(name));
    assert_eq!(values, [Some("true"), Some("1.5"), None, Some("x, 2"), Some("t"), None]);
    assert_eq!(map(SMALL)["metadata"]["eventTimestamp"], "2020-07-22T20:29:27.32Z");
}

#[test]
fn attributes_may_stand_beside_their_element() {
    let text = r#"{"Event":{"System":{"Provider_attributes":{"Name":"P"},"EventID":4,"EventID_attributes":{"Qualifiers":1}},
        "UserData":{"Log":{"x":"y"},"Log_attributes":{"xmlns":"z"}}}}"#;
    let mut reader = RecordReader::default();
    let record = reader.read(text.as_bytes()).unwrap();
    assert_eq!((record.provider(), record.event_id(), record.len()), ("P", Some(4), 1));
    assert_eq!(record.get("x"), Some("y"));
}

#[test]
fn a_record_cut_anywhere_is_an_error_and_no_panic() {
    let mut reader = RecordReader::default();
    for end in 0..SMALL.len() {
        assert!(reader.read(&SMALL.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_record_with_any_byte_changed_never_panics() {
    let mut reader = RecordReader::default();
    let mut mapper = Mapper::new(&|_| true);
    for at in 0..SMALL.len() {
        for byte in [0_u8, b'"', b'\\', b'{', b']', b'9', 0xC3, 0xFF] {
            let mut bytes = SMALL.as_bytes().to_vec();
            bytes[at] = byte;
            let mut out = Vec::new();
            if let Ok(record) = reader.read(&bytes) {
                mapper.map(&record, &mut out);
                serde_json::from_slice::<serde_json::Value>(&out).unwrap();
            }
        }
    }
}

#[test]
fn junk_is_told_by_kind() {
    let mut reader = RecordReader::default();
    assert_eq!(reader.read(b"").unwrap_err(), RecordError::Cut);
    assert_eq!(reader.read(b"{}").unwrap_err(), RecordError::NoSystem);
    assert_eq!(reader.read(b"hello").unwrap_err(), RecordError::Malformed(0));
    assert_eq!(reader.read(br#"{"System":{}} x"#).unwrap_err(), RecordError::Malformed(14));
    let deep = format!(r#"{{"other":{}"#, "[".repeat(100_000));
    assert_eq!(reader.read(deep.as_bytes()).unwrap_err(), RecordError::TooDeep);
}

#[test]
fn text_survives_escaping_and_half_surrogates_are_replaced() {
    let odd = r#"q\" b\\ \u0001\t\ud83d\ude00 \ud800 \ude00 é"#;
    let text = format!(r#"{{"System":{{"EventID":1}},"EventData":{{"a\nb":"{odd}"}}}}"#);
    let mapped = map(&text)["additional"]["a\nb"].clone();
    assert_eq!(mapped, "q\" b\\ \u{1}\t😀 \u{FFFD} \u{FFFD} é");
}

#[test]
fn bytes_that_are_not_utf_8_are_replaced() {
    let mut reader = RecordReader::default();
    let record = reader.read(b"{\"System\":{},\"EventData\":{\"a\":\"x\xFFy\"}}").unwrap();
    assert_eq!(record.get("a"), Some("x\u{FFFD}y"));
}

#[test]
fn a_buffer_filled_by_hand_maps_like_a_record_that_was_read() {
    let mut buffer = RecordBuffer::default();
    buffer.set(System::Provider, "Service Control Manager");
    buffer.set(System::EventId, "7036");
    buffer.push_unnamed("Spooler");
    buffer.push_unnamed("stopped");
    let mut out = Vec::new();
    Mapper::new(&|path| path[0] != "metadata" || path[1] == "event_type").map(&buffer.record(), &mut out);
    let event: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(event["metadata"]["eventType"], "SERVICE_STOP");
    assert_eq!(event["target"]["application"], "Spooler");
    buffer.clear();
    assert!(buffer.record().is_empty());
}

#[test]
fn records_of_different_kinds_do_not_leak_into_each_other() {
    let mut mapper = Mapper::new(&|_| true);
    let other = super::record("Microsoft-Windows-Sysmon", 11, &serde_json::json!({"Image": "i", "x": "y"}));
    let first = map_with(&mut mapper, SMALL);
    map_with(&mut mapper, &other);
    assert_eq!(map_with(&mut mapper, SMALL), first);
}
