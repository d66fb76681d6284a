//! Real captures, where they are at hand.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::shared;
use crate::ingest::windows::evtx::{self, EvtxItem};
use crate::ingest::windows::{FormReader, Mapper, RecordReader};

struct Read {
    events: BTreeMap<u64, Value>,
    records: usize,
    damage: Vec<(u64, String)>,
}

fn read(bytes: &[u8]) -> Read {
    let (mut mapper, mut reader) = (Mapper::new(&|_| true), RecordReader::default());
    let mut found = Read { events: BTreeMap::new(), records: 0, damage: Vec::new() };
    let done = evtx::read(Cursor::new(bytes), &mut |item| {
        match item {
            EvtxItem::Record { json, .. } => match reader.read(json) {
                Ok(record) => {
                    let mut out = Vec::new();
                    mapper.map(&record, &mut out);
                    let id = record.record_id().and_then(|id| id.parse().ok()).unwrap_or(0);
                    let event = serde_json::from_slice(&out).unwrap();
                    super::forms::is_explained(&record, &event);
                    found.events.insert(id, event);
                    found.records += 1;
                }
                Err(why) => found.damage.push((u64::MAX, why.to_string())),
            },
            EvtxItem::Damage { chunk, cause, .. } => found.damage.push((chunk, cause)),
        }
        ControlFlow::Continue(())
    });
    done.unwrap();
    found
}

fn files() -> Vec<PathBuf> {
    let Some(folder) = shared("data/windows") else { return Vec::new() };
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "evtx")).collect();
    files.sort();
    files
}

fn capture(name: &str) -> Option<Vec<u8>> {
    shared(&format!("data/windows/{name}")).map(|path| std::fs::read(path).unwrap())
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn every_capture_reads_and_only_the_broken_one_is_damaged() {
    let mut records = 0;
    let files = files();
    for path in &files {
        let read = read(&std::fs::read(path).unwrap());
        let broken = name(path) == "evtx__sample_with_a_bad_chunk_magic.evtx";
        assert_eq!(read.damage.is_empty(), !broken, "{}: {:?}", path.display(), read.damage);
        records += read.records;
        for event in read.events.values() {
            assert!(event["metadata"]["eventType"].is_string() && event["securityResult"].is_array());
        }
    }
    assert!(files.is_empty() || records == 3229, "{records} records");
}

#[test]
fn a_record_as_xml_and_as_json_becomes_the_event_that_the_file_gives() {
    for path in files() {
        let events = read(&std::fs::read(&path).unwrap()).events;
        let settings = || ::evtx::ParserSettings::new().validate_checksums(false);
        let parser = |settings| ::evtx::EvtxParser::from_path(&path).unwrap().with_configuration(settings);
        let separate = settings().separate_json_attributes(true);
        let (mut xml, mut json) = (parser(settings()), parser(separate));
        let xml = xml.records().flatten().map(|record| record.data);
        let mut compared = 0;
        // Made once: to make it takes longer than to read many records.
        let mut mapper = Mapper::new(&|_| true);
        for raw in xml.chain(json.records_json().flatten().map(|record| record.data)) {
            let event = form(&mut mapper, &raw);
            // Records without a number cannot be told apart.
            let Some(id) = event["metadata"]["productLogId"].as_str() else { continue };
            let id: u64 = id.parse().unwrap();
            assert_eq!(event, events[&id], "{} {id}", path.display());
            compared += 1;
        }
        let numbered = events.keys().filter(|id| **id != 0).count();
        assert!(compared >= 2 * numbered, "{}", path.display());
    }
}

fn form(mapper: &mut Mapper, raw: &str) -> Value {
    let mut reader = FormReader::default();
    let mut out = Vec::new();
    mapper.map(&reader.read(raw.as_bytes()).unwrap(), &mut out);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn wmiexec_is_seen_in_all_three_captures() {
    let cases: [(&str, &[u64]); 3] = [
        ("EVTX-to-MITRE-Attack__ID4688-5145-WMIexec_execution_via_SMB.evtx", &[436_755, 436_767]),
        ("DeepBlueCLI__sliver-sysmon.evtx", &[23_871, 23_872, 23_878]),
        ("EVTX-ATTACK-SAMPLES__LM_wmiexec_impacket_sysmon_whoami.evtx", &[9826, 9827, 9828]),
    ];
    for (file, ids) in cases {
        let Some(bytes) = capture(file) else { return };
        let read = read(&bytes);
        for id in ids {
            let event = &read.events[id];
            let process = event["target"]["process"]["commandLine"].as_str().unwrap_or("");
            let path = event["target"]["file"]["fullPath"].as_str().unwrap_or("");
            match event["metadata"]["eventType"].as_str() {
                Some("PROCESS_LAUNCH") => assert!(process.contains(r"ADMIN$\__"), "{file} {id}: {process}"),
                Some("FILE_CREATION") => {
                    assert!(path.to_lowercase().contains(r"\windows\__"), "{file} {id}: {path}")
                }
                other => panic!("{file} {id}: {other:?}"),
            }
            assert_eq!(event["metadata"]["productLogId"], id.to_string());
        }
    }
}

#[test]
fn reading_goes_on_behind_a_bad_chunk() {
    let Some(bytes) = capture("evtx__sample_with_a_bad_chunk_magic.evtx") else { return };
    let read = read(&bytes);
    let chunks: Vec<u64> = read.damage.iter().map(|damage| damage.0).collect();
    assert_eq!((read.records, chunks), (301, vec![6, 7, 10]));
}

#[test]
fn a_chunk_can_be_read_again_by_its_place() {
    let Some(bytes) = capture("DeepBlueCLI__Powershell-Invoke-Obfuscation-many.evtx") else { return };
    let mut all: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut keep = |item: EvtxItem<'_>| {
        if let EvtxItem::Record { number, chunk, .. } = item {
            all.entry(chunk).or_default().push(number);
        }
        ControlFlow::Continue(())
    };
    evtx::read(Cursor::new(&bytes), &mut keep).unwrap();
    for (chunk, ids) in all {
        let mut again = Vec::new();
        let mut keep = |item: EvtxItem<'_>| {
            if let EvtxItem::Record { number, .. } = item {
                again.push(number);
            }
            ControlFlow::Continue(())
        };
        let start = evtx::FIRST_CHUNK as u64 + chunk * evtx::CHUNK_SIZE as u64;
        evtx::read_chunk(Cursor::new(&bytes), start, &mut keep).unwrap();
        assert_eq!(again, ids);
    }
}

#[test]
fn a_file_that_is_cut_short_gives_what_came_before_and_says_so() {
    let Some(bytes) = capture("DeepBlueCLI__Powershell-Invoke-Obfuscation-many.evtx") else { return };
    let read = read(&bytes[..4096 + 65_536 + 1000]);
    assert!(read.records > 0);
    assert_eq!(read.damage, [(1, "the file ends inside this chunk".to_owned())]);
}

#[test]
fn the_caller_may_stop_after_any_record() {
    let Some(bytes) = capture("DeepBlueCLI__sliver-sysmon.evtx") else { return };
    let mut seen = 0;
    let mut stop = |_: EvtxItem<'_>| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    evtx::read(Cursor::new(&bytes), &mut stop).unwrap();
    assert_eq!(seen, 3);
}

#[test]
fn changed_bytes_never_stop_the_run() {
    let Some(bytes) = capture("DeepBlueCLI__sliver-sysmon.evtx") else { return };
    let mut noise = 1_u32;
    for _ in 0..60 {
        let mut changed = bytes.clone();
        for _ in 0..40 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = 4096 + usize::try_from(noise >> 8).unwrap() % (changed.len() - 4096);
            changed[at] = noise.to_le_bytes()[0];
        }
        read(&changed);
    }
}

#[test]
fn what_is_no_evtx_file_is_an_error() {
    let mut none = |_: EvtxItem<'_>| ControlFlow::Continue(());
    assert!(evtx::read(Cursor::new(b"hello"), &mut none).is_err());
    assert!(evtx::read(Cursor::new(vec![0_u8; 70_000]), &mut none).is_err());
}
