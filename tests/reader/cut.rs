//! Texts and captures that were cut, glued or overwritten: one damage is one bad record, and all others are read.

use super::damage::{expect, read};
use super::folder::{Folder, LAUNCHES, capture, launch};

fn elements() -> Vec<String> {
    (0..5).map(|number| launch(number).trim_end().to_owned()).collect()
}

fn pretty(number: u64) -> String {
    let value: serde_json::Value = serde_json::from_str(&launch(number)).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

fn windows_xml(number: u32) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID><TimeCreated SystemTime='2024-05-01T10:00:00Z'/><EventRecordID>{number}</EventRecordID><Computer>ws1</Computer></System><EventData><Data Name='CommandLine'>run {number}</Data></EventData></Event>"
    )
}

#[test]
fn half_an_element_on_the_line_of_the_others_does_not_hide_them() {
    let mut all = elements();
    all[1].truncate(70);
    let array = format!("[{}]", all.join(", "));
    expect(&read(array.as_bytes()), 4, &["`e`, index 2: ", "5 records, 1 bad"]);
    let wrapped: Vec<String> = all.iter().map(|event| format!("{{\"udm\": {event}}}")).collect();
    let envelope = format!("{{\"events\": [{}]}}", wrapped.join(", "));
    expect(&read(envelope.as_bytes()), 4, &["`e`, index 2: ", "5 records, 1 bad"]);
    let mut open = elements();
    open[1].pop();
    expect(&read(format!("[{}]", open.join(",")).as_bytes()), 4, &["`e`, index 2: ", "5 records, 1 bad"]);
}

#[test]
fn a_text_that_starts_in_the_middle_of_a_record_is_read_from_the_next_one() {
    let all = elements();
    let many = [
        format!("[{}]", all.join(", ")),
        format!("[\n{}\n]", all.join(",\n")),
        format!("[\n{}\n]", (0..5).map(pretty).collect::<Vec<_>>().join(",\n")),
        (0..5).map(pretty).collect::<Vec<_>>().join("\n"),
        all.join("\n"),
    ];
    for text in many {
        expect(&read(&text.as_bytes()[60..]), 4, &["`e`, line 1: ", "5 records, 1 bad"]);
    }
}

#[test]
fn a_list_that_is_not_closed_is_told() {
    let all = elements();
    let array = format!("[{}", all.join(",\n"));
    expect(
        &read(array.as_bytes()),
        5,
        &["`e`, line 5: the text ends in a list that is not closed", "5 records, 1 bad"],
    );
    let envelope = format!("{{\"events\":[{}]", all.join(","));
    expect(&read(envelope.as_bytes()), 5, &["`e`, line 1: the text ends in a list", "5 records, 1 bad"]);
}

#[test]
fn the_end_of_a_record_before_another_on_its_line_is_told() {
    let (tail, whole) = (&launch(1)[70..], launch(2));
    let text = format!("{}{}{whole}", launch(0), tail.trim_end());
    expect(
        &read(text.as_bytes()),
        2,
        &["`e`, line 2: the record is cut short at its start", "3 records, 1 bad"],
    );
}

#[test]
fn zero_bytes_in_a_text_are_damage_of_their_record_alone() {
    let zeros = "\0".repeat(5000);
    let line = read(format!("{}{zeros}\n{}", launch(0), launch(1)).as_bytes());
    expect(&line, 2, &["`e`, line 2: ", "3 records, 1 bad"]);
    let end = read(format!("{}{}{zeros}", launch(0), launch(1)).as_bytes());
    expect(&end, 2, &["`e`, line 3: ", "3 records, 1 bad"]);
    let inside = launch(1).replace("PROCESS_LAUNCH", "PROCESS\0LAUNCH");
    let inside = read(format!("{}{inside}{}", launch(0), launch(2)).as_bytes());
    expect(&inside, 2, &["`e`, line 2: not valid JSON at byte 74", "3 records, 1 bad"]);
}

#[test]
fn lines_that_end_with_a_carriage_return_alone_are_records() {
    let mut all = elements();
    expect(&read(all.join("\r").as_bytes()), 5, &["5 records, 0 bad"]);
    all[1].truncate(70);
    all[3].push_str(" and more");
    expect(&read(all.join("\r").as_bytes()), 4, &["5 records, 2 bad"]);
}

#[test]
fn texts_with_a_mark_each_may_stand_behind_each_other() {
    for text in
        [format!("{}\u{feff}{}", launch(0), launch(1)), format!("{}\n\u{feff}{}\n", pretty(0), pretty(1))]
    {
        expect(&read(text.as_bytes()), 2, &["2 records, 0 bad"]);
    }
}

#[test]
fn what_a_parser_of_values_refuses_is_shown_as_an_event() {
    let deep = format!("\"additional\":{{\"a\":{}{}}},\"target\"", "[".repeat(126), "]".repeat(126));
    let odd = [
        launch(0).replace("ws0", r"a\ud800b"),
        launch(0).replace("\"target\"", "\"odd\":1e999,\"target\""),
        launch(0).replace("\"target\"", &deep),
    ];
    for line in odd {
        let folder = Folder::with(&[("e", line.as_bytes())]);
        let ended = folder.launches(&["e", "--strict"]);
        assert!(ended.code == 0 && ended.says("1 record, 0 bad"), "{}", ended.stderr);
        assert!(ended.stdout.contains("\"event\":{\"metadata\":{"), "{}", ended.stdout);
        assert!(folder.run(&["convert", "e"]).stdout.starts_with("{\"metadata\""));
    }
}

#[test]
fn what_is_read_of_a_record_is_checked() {
    let rule = LAUNCHES.replace("  condition", "    $e.principal.hostname != \"x\"\n  condition");
    for damage in ["w\ts0", r"w\qs0", r"w\u12s0"] {
        let text = launch(0).replace("ws0", damage);
        let folder = Folder::with(&[("host.yaral", rule.as_bytes()), ("e", text.as_bytes())]);
        let ended = folder.run(&["run", "host.yaral", "e", "--format", "ndjson"]);
        let at = launch(0).find("ws0").unwrap() + 2;
        expect(&ended, 0, &[&format!("`e`, line 1: not valid JSON at byte {at}"), "1 record, 1 bad"]);
    }
}

#[test]
fn the_byte_told_of_a_record_over_several_lines_counts_from_its_start() {
    let text = format!("{}\n{}\n", pretty(0), pretty(1).replace("\"ws1\"", "nonsense"));
    let folder = Folder::with(&[("e", text.as_bytes())]);
    let at = pretty(1).find("\"ws1\"").unwrap() + 2;
    let ended = folder.run(&["convert", "e"]);
    assert!(
        ended.says(&format!("`e`, line 18: not valid JSON at byte {at} of the record")),
        "{at} {ended:?}"
    );
}

#[test]
fn bytes_that_are_not_utf_8_count_in_windows_events_too() {
    let nxlog = "{\"EventTime\":\"2024-05-01 10:00:00\",\"EventID\":1,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"RecordNumber\":7,\"CommandLine\":\"a?b\"}";
    for text in [nxlog.to_owned(), windows_xml(7).replace("run 7", "a?b")] {
        let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
        let ended = read(&bytes);
        expect(&ended, 1, &["`e`, record 7: bytes that are not UTF-8", "1 record, 1 bad"]);
        assert_eq!(ended.events()[0]["event"]["target"]["process"]["commandLine"], "a\u{fffd}b");
    }
    let odd = nxlog.replace("a?b", "a\tb");
    expect(&read(odd.as_bytes()), 0, &["`e`, line 1: ", "1 record, 1 bad"]);
}

#[test]
fn what_stands_between_xml_records_is_read_or_told() {
    let (first, last) = (windows_xml(1), windows_xml(2));
    let between = read(format!("<Events>\n{first}\n{}\n{last}\n</Events>", launch(0).trim_end()).as_bytes());
    expect(&between, 3, &["3 records, 0 bad"]);
    assert_eq!(between.sources()[1]["line"], 3);
    let nonsense = read(format!("{first}\nnonsense\n{last}").as_bytes());
    expect(&nonsense, 2, &["`e`, line 2: not valid JSON at byte 1", "3 records, 1 bad"]);
    let headers = read(format!("<14>Jul 8 ws1 {first}\n<14>Jul 8 ws1 {last}\n").as_bytes());
    expect(&headers, 2, &["2 records, 0 bad"]);
    let tail = read(format!("{}\n{last}", &first[first.find("<EventData").unwrap()..]).as_bytes());
    expect(&tail, 1, &["`e`, line 1: the record is cut short at its start", "2 records, 1 bad"]);
}

#[test]
fn a_chunk_that_the_file_ends_in_gives_its_whole_records() {
    let Some(bytes) = capture("DeepBlueCLI__sliver-sysmon.evtx") else { return };
    let count = |ended: &super::folder::Ended| ended.lines().len();
    let whole = read(&bytes);
    let cut = read(&bytes[..4096 + 30_000]);
    assert!(count(&cut) > 0 && count(&cut) < count(&whole), "{}", cut.stderr);
    assert!(
        cut.says("`e`, chunk 0: the file ends inside this chunk") && cut.says(" 1 bad"),
        "{}",
        cut.stderr
    );
    assert_eq!(cut.events()[..], whole.events()[..count(&cut)]);
}

#[test]
fn a_chunk_of_zeros_among_others_is_damage_and_one_behind_them_is_none() {
    let Some(bytes) = capture("EVTX-to-MITRE-Attack__ID4688-5145-WMIexec_execution_via_SMB.evtx") else {
        return;
    };
    expect(&read(&bytes), read(&bytes).lines().len(), &[" 0 bad"]);
    let mut spoilt = bytes;
    spoilt[4096 + 65_536..4096 + 2 * 65_536].fill(0);
    let ended = read(&spoilt);
    assert!(
        ended.code == 0 && ended.says("`e`, chunk 1: there is nothing but zeros in it"),
        "{}",
        ended.stderr
    );
}
