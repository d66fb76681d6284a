//! Windows event logs from which bytes were taken, or into which some were put: chunks are found wherever they stand.

use super::folder::{Ended, Folder, capture};

const ALL: &str =
    "rule every_event { meta: author = \"us\" events: $e.principal.hostname != \"?\" condition: $e }";

const FIRST: usize = 4096;
const CHUNK: usize = 65_536;

fn read(bytes: &[u8]) -> Ended {
    let folder = Folder::with(&[("all.yaral", ALL.as_bytes()), ("e", bytes)]);
    folder.run(&["run", "all.yaral", "e", "--format", "ndjson", "--threads", "2"])
}

/// A capture of many chunks, and what is found in it.
fn sound() -> Option<(Vec<u8>, Ended)> {
    let bytes = capture("EVTX-to-MITRE-Attack__ID4688-5145-WMIexec_execution_via_SMB.evtx")?;
    let ended = read(&bytes);
    assert!(ended.says(" 0 bad") && ended.lines().len() > 10, "{}", ended.stderr);
    Some((bytes, ended))
}

/// All events are found that were there, but for `lost` of them at most, and this is said.
fn expect(spoilt: &[u8], sound: &Ended, lost: usize, said: &str) {
    let ended = read(spoilt);
    let (found, all) = (ended.events(), sound.events());
    assert!(ended.code == 0 && ended.says(said), "{said}: {}", ended.stderr);
    assert!(found.len() + lost >= all.len(), "{said}: {} of {}", found.len(), all.len());
    assert!(found.iter().all(|event| all.contains(event)), "{said}: what is shown is what was there");
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn bytes_taken_from_a_chunk_do_not_hide_those_behind_it() {
    let Some((bytes, sound)) = sound() else { return };
    let in_first =
        sound.lines().len() - read(&joined(&[&bytes[..FIRST], &bytes[FIRST + CHUNK..]])).lines().len();
    let middle = FIRST + CHUNK / 2;
    let cut = joined(&[&bytes[..middle], &bytes[middle + 100..]]);
    expect(&cut, &sound, in_first, " bad");
    let start = joined(&[&bytes[..FIRST], &bytes[FIRST + 9..]]);
    expect(&start, &sound, in_first, "`e`, chunk 0: bytes that belong to no chunk");
    let last = (bytes.len() - FIRST) / CHUNK;
    let parts = (0..last).flat_map(|at| &bytes[FIRST + at * CHUNK..FIRST + (at + 1) * CHUNK - 3]);
    let each: Vec<u8> = bytes[..FIRST].iter().chain(parts).copied().collect();
    expect(&each, &sound, 0, "another chunk begins inside this one");
}

#[test]
fn bytes_put_between_chunks_are_told_and_hide_none() {
    let Some((bytes, sound)) = sound() else { return };
    let at = FIRST + CHUNK;
    for count in [1, 500, CHUNK - 1, CHUNK + 1, 5 * CHUNK + 77] {
        let noise = b"noise ".repeat(count)[..count].to_vec();
        let more = joined(&[&bytes[..at], &noise, &bytes[at..]]);
        expect(&more, &sound, 0, "`e`, chunk 1: ");
    }
    let inside = joined(&[&bytes[..at - 20_000], b"noise", &bytes[at - 20_000..]]);
    expect(&inside, &sound, 40, " bad");
}

#[test]
fn chunks_without_the_header_of_their_file_are_read() {
    let Some((bytes, sound)) = sound() else { return };
    expect(&bytes[FIRST..], &sound, 0, "`e`, file header: ");
    expect(&joined(&[&bytes[..2000], &bytes[2100..]]), &sound, 0, "");
    expect(&joined(&[&bytes[..2000], b"noise", &bytes[2000..]]), &sound, 0, "`e`, chunk 0: ");
}
