//! Archives and compressed data, damaged and not: what is there is used, and what is wrong is told with its place.

use std::io::Write;

use super::damage::{expect, read};
use super::folder::{Folder, gzip, launch, launches, zip};

const FILE: &[u8] = b"PK\x03\x04";
const DIRECTORY: &[u8] = b"PK\x01\x02";

/// Three members of five launches each.
fn archive() -> Vec<u8> {
    let text = launches(5);
    zip(&["a.json", "b.json", "c.json"].map(|name| (name, text.as_bytes())))
}

/// The same as a program writes it that cannot go back: sizes and checksums stand behind the data.
fn streamed() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new_stream(Vec::new());
    for name in ["a.json", "b.json", "c.json"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(launches(5).as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Where the part with this mark starts, the first of them being 0.
fn find(bytes: &[u8], mark: &[u8], number: usize) -> usize {
    memchr::memmem::find_iter(bytes, mark).nth(number).unwrap()
}

#[test]
fn an_archive_without_its_directory_is_read_by_the_headers_of_its_members() {
    for (archive, name) in [(archive(), "plain"), (streamed(), "streamed")] {
        let directory = find(&archive, DIRECTORY, 0);
        for len in [directory, directory + 30] {
            let ended = read(&archive[..len]);
            expect(&ended, 15, &["`e`, directory: the archive: ", "3 files, 15 records, 1 bad"]);
            let paths = ended.sources().into_iter().map(|source| source["path"].to_string());
            let paths: std::collections::BTreeSet<_> = paths.collect();
            let expected = ["\"e!/a.json\"", "\"e!/b.json\"", "\"e!/c.json\""];
            assert!(paths.iter().eq(expected), "{name}: {paths:?}");
        }
        let mut spoilt = archive.clone();
        spoilt[directory + 10..directory + 30].fill(0xff);
        expect(&read(&spoilt), 15, &["`e`, directory: the archive: ", "15 records, 1 bad"]);
    }
}

#[test]
fn an_archive_cut_short_gives_the_members_before() {
    let archive = archive();
    let ended = read(&archive[..find(&archive, FILE, 2) + 100]);
    let said =
        ["`e`, directory: the archive: ", "`e!/c.json`, ", "the compressed data is cut short", " 2 bad"];
    assert!(ended.code == 0 && ended.lines().len() >= 10, "{}", ended.stderr);
    said.iter().for_each(|words| assert!(ended.says(words), "{words}: {}", ended.stderr));
    let packed = gzip(&zip(&[("a.json", launches(3000).as_bytes())]));
    let ended = read(&packed[..packed.len() / 2]);
    assert!(ended.code == 0 && ended.lines().len() > 100, "{}", ended.stderr);
    assert!(ended.says("`e`, directory: the archive: the compressed data is cut short"), "{}", ended.stderr);
}

#[test]
fn a_damaged_member_does_not_hide_the_others() {
    let sound = archive();
    let (file, listed) = (find(&sound, FILE, 1), find(&sound, DIRECTORY, 1));
    let spoilt = |at: usize, byte: u8| {
        let mut spoilt = sound.clone();
        spoilt[at] ^= byte;
        read(&spoilt)
    };
    expect(&spoilt(file, 0xff), 10, &["`e!/b.json`, start: ", "10 records, 1 bad"]);
    expect(
        &spoilt(listed + 16, 0xff),
        15,
        &["`e!/b.json`, line 6: ", "checksum in the archive is wrong", " 1 bad"],
    );
    expect(&spoilt(listed + 8, 1), 10, &["`e!/b.json`, start: it is encrypted", " 1 bad"]);
    let odd = spoilt(listed + 10, 4);
    expect(&odd, 10, &["`e!/b.json`, start: it is compressed with ", " 1 bad"]);
}

#[test]
fn damage_that_a_decoder_tells_once_is_told_whatever_the_threads() {
    let packed = gzip(launches(5).as_bytes());
    let len = packed.len();
    let mut spoilt = packed.clone();
    spoilt[len - 8] ^= 0xff;
    for (content, said) in [
        (spoilt, "checksum"),
        (packed[..len - 8].to_vec(), "the compressed data is cut short"),
        ([&packed[..], b"and much more"].concat(), "invalid gzip header"),
        ([zstd::encode_all(launches(5).as_bytes(), 1).unwrap(), b"and more".to_vec()].concat(), "frame"),
    ] {
        expect(&read(&content), 5, &["`e`, line 6: the ", said, "5 records, 1 bad"]);
    }
}

#[test]
fn what_is_read_of_spoilt_data_does_not_depend_on_threads() {
    // Large enough that one thread asks for more at once than the others.
    let text = launches(8_000);
    for packed in [gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
        for part in [4, 7] {
            let mut spoilt = packed.clone();
            let at = packed.len() * part / 8;
            spoilt[at..at + 16].fill(0x55);
            let ended = read(&spoilt);
            assert!(ended.code == 0 && !ended.lines().is_empty(), "{}", ended.stderr);
        }
    }
}

#[test]
fn a_record_that_breaks_off_with_its_input_is_one_damage() {
    let text = launches(3_000);
    let array = format!("[{}]", text.trim_end().replace('\n', ","));
    for (text, place) in [(text, "line"), (array, "index")] {
        let packed = gzip(text.as_bytes());
        let ended = read(&packed[..packed.len() / 2]);
        let number = ended.lines().len() + 1;
        expect(
            &ended,
            number - 1,
            &[&format!("`e`, {place} {number}: the compressed data is cut short"), " 1 bad"],
        );
    }
}

#[test]
fn several_streams_and_frames_are_one_text() {
    let (first, second) = (launch(0), launch(1));
    let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    let skipped = b"\x53\x2a\x4d\x18\x04\0\0\0abcd".to_vec();
    for content in [
        [gzip(first.as_bytes()), gzip(second.as_bytes())].concat(),
        [frame(&first), frame(&second)].concat(),
        [skipped.clone(), frame(&first), skipped, frame(&second)].concat(),
    ] {
        expect(&read(&content), 2, &["2 records, 0 bad"]);
    }
}

#[test]
fn archives_in_archives_are_read_and_damage_names_the_way_there() {
    let inner = archive();
    let cut = &inner[..find(&inner, DIRECTORY, 0)];
    let outer = zip(&[("in.zip", cut), ("x.json", launch(7).as_bytes())]);
    let ended = Folder::with(&[("a.zip", &outer)]).launches(&["a.zip"]);
    expect(&ended, 16, &["`a.zip!/in.zip`, directory: the archive: ", "4 files, 16 records, 1 bad"]);
    assert!(ended.sources().iter().any(|source| source["path"] == "a.zip!/in.zip!/b.json"));
}

#[test]
fn members_are_read_whatever_way_their_names_go_and_hidden_ones_are_not() {
    let (one, text) = (launch(0), launches(2));
    let names = ["./a.json", "../../b.json", "/etc/c.json", "d/../e.json"];
    let mut members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, text.as_bytes())).collect();
    members.extend([(".hidden", one.as_bytes()), ("__MACOSX/a", one.as_bytes()), ("x/.y/z", one.as_bytes())]);
    expect(&read(&zip(&members)), 8, &["4 files, 8 records, 0 bad"]);
}
