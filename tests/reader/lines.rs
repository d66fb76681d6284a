//! Texts that mostly have a record on each line: values over several lines among them, other line ends, syslog frames.

use super::damage::{expect, read};
use super::folder::{Folder, LAUNCHES, LOGIN, gzip, launch, launches};

fn pretty(number: u64) -> String {
    let value: serde_json::Value = serde_json::from_str(&launch(number)).unwrap();
    serde_json::to_string_pretty(&value).unwrap() + "\n"
}

fn nxlog(number: u64) -> String {
    format!(
        r#"{{"EventTime":"2024-05-01 10:00:00","EventID":1,"SourceName":"Microsoft-Windows-Sysmon","RecordNumber":{number},"CommandLine":"run"}}"#
    )
}

/// A syslog message behind its length.
fn framed(record: &str) -> String {
    let message = format!("<14>1 2024-05-01T10:00:00Z ws1 app - - - {record}");
    format!("{} {message}", message.len())
}

#[test]
fn a_record_over_several_lines_may_stand_among_records_of_one() {
    let broken =
        launch(2).replace(",\"principal\"", ",\n\"principal\"").replace(",\"target\"", "\n,\"target\"");
    let envelope = format!("{{\"events\":[\n{},\n{}\n]}}\n", launch(4).trim_end(), launch(5).trim_end());
    for (text, lines) in [
        (format!("{}{}{}", launch(0), pretty(1), launch(2)), vec![1, 2, 19]),
        (format!("{}{}{}", launch(0), broken, launch(3)), vec![1, 2, 5]),
        (format!("{}{}{{}}{}", launch(0), pretty(1).trim_end(), launch(2)), vec![1, 2, 18]),
    ] {
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let ended = read(text.as_bytes());
            let found = ended.sources().into_iter().map(|source| source["line"].as_u64().unwrap());
            assert_eq!(found.collect::<Vec<_>>(), lines, "{text}\n{}", ended.stderr);
        }
    }
    expect(&read(format!("{}{envelope}{}", launch(0), launch(1)).as_bytes()), 4, &["4 records, 0 bad"]);
}

#[test]
fn a_record_cut_in_half_loses_only_itself_wherever_it_is_cut() {
    for whole in [launch(1), pretty(1)] {
        let halves = 1..whole.trim_end().len();
        let one = |at: usize| format!("{}{}\n{}{}", launch(0), &whole[..at], launch(2), pretty(3));
        let text: String = halves.clone().map(one).collect();
        let count = halves.len();
        expect(&read(text.as_bytes()), 3 * count, &[&format!(" {count} bad, {} detections", 3 * count)]);
    }
}

#[test]
fn values_over_several_lines_are_not_cut_with_their_chunks() {
    // Enough for several chunks, which end in the middle of such values.
    let text: String = (0..9_000).map(|n| if n % 100 < 3 { launch(n) } else { pretty(n) }).collect();
    let ended = read(text.as_bytes());
    expect(&ended, 9_000, &["9 000 records, 0 bad"]);
    let packed = gzip(text.as_bytes());
    let cut = read(&packed[..packed.len() / 2]);
    assert!(cut.lines().len() > 100 && cut.says("the compressed data is cut short") && cut.says(" 1 bad"));
    let commas = text.replace("}\n{", "},\n{");
    expect(&read(commas.as_bytes()), 9_000, &["9 000 records, "]);
    let list: String = (0..9_000).map(|number| ",\n".to_owned() + launch(number).trim_end()).collect();
    let ended = read(format!("{}[{}\n]\n{}", launch(0), &list[1..], launch(1)).as_bytes());
    expect(&ended, 9_002, &["9 002 records, 0 bad"]);
}

#[test]
fn a_value_that_is_no_event_does_not_hide_others_on_its_line() {
    let [one, other, odd] =
        [launch(0), launch(1), "{\"a\":[1]}".to_owned()].map(|text| text.trim_end().to_owned());
    for (text, bad) in [
        (format!("{odd}{one} {odd} {other}\n"), 2),
        (format!("{one}{}{other}\n", one.replace("\"PROCESS_LAUNCH\"", "LAUNCH")), 1),
    ] {
        expect(&read(text.as_bytes()), 2, &[&format!("{} records, {bad} bad", 2 + bad)]);
    }
    let folder =
        Folder::with(&[("e", format!("{one}{other}{}\n", one.replace("run ", &"x".repeat(400))).as_bytes())]);
    expect(
        &folder.launches(&["e", "--max-record", "300"]),
        2,
        &["longer than 300 bytes", "3 records, 1 bad"],
    );
}

#[test]
fn no_search_of_the_raw_bytes_hides_what_goes_on_over_a_line() {
    let rule = LAUNCHES.replace("PROCESS_LAUNCH", "USER_LOGIN");
    let login = LOGIN.replace(",\"principal\"", "\n,\"principal\"");
    let text = format!("{}{login}{}{login}", launches(300), launches(300));
    let folder = Folder::with(&[("logins.yaral", rule.as_bytes()), ("e", text.as_bytes())]);
    let ended = folder.run(&["run", "logins.yaral", "e", "--format", "ndjson"]);
    expect(&ended, 2, &["602 records, 0 bad"]);
    assert_eq!(ended.sources()[1]["line"], 603);
}

#[test]
fn lines_that_end_with_a_carriage_return_alone_count_as_lines() {
    let text = launches(9_000).replace('\n', "\r");
    let ended = read(text.as_bytes());
    expect(&ended, 9_000, &["9 000 records, 0 bad"]);
    assert!(ended.sources().iter().any(|source| source["line"] == 9_000));
    let spoilt = format!("{}nonsense\r{}", launch(0), launch(1)).replace('\n', "\r");
    expect(&read(spoilt.as_bytes()), 2, &["`e`, line 2: ", "3 records, 1 bad"]);
}

#[test]
fn syslog_messages_behind_their_lengths_are_records() {
    let login = LOGIN.trim_end();
    for (between, last) in [("", 1), ("\n", 4)] {
        let messages = [&nxlog(1), launch(2).trim_end(), login, &nxlog(3)].map(framed);
        let ended = read(messages.join(between).as_bytes());
        expect(&ended, 3, &["4 records, 0 bad"]);
        assert_eq!(
            ended.sources().iter().filter(|source| source["line"] == last).count(),
            if last == 1 { 3 } else { 1 }
        );
    }
    let spoilt = format!("{}12 apples{}", framed(&nxlog(1)), framed(&nxlog(2)));
    expect(&read(spoilt.as_bytes()), 1, &["`e`, line 1: not valid JSON", "1 record, 1 bad"]);
}

#[test]
fn records_behind_one_that_no_rule_wants_are_read() {
    let (login, launch) = (LOGIN.trim_end(), launch(1));
    for between in ["", " ", "\x0c"] {
        let list = format!("{login}{between}[{}]\n", launch.trim_end());
        expect(&read(list.as_bytes()), 1, &["2 records, 0 bad"]);
        expect(&read(format!("{login}{between}{launch}").as_bytes()), 1, &["2 records, 0 bad"]);
    }
}

#[test]
fn values_side_by_side_over_many_lines_are_not_cut_with_their_chunks() {
    let pretty = pretty(1);
    let joined = |between: &str| format!("{}{}\n", launch(0), [pretty.trim_end(); 6_000].join(between));
    for text in ["", " ", "\n"].map(joined) {
        assert!(text.len() > 3 << 19);
        expect(&read(text.as_bytes()), 6_001, &["6 001 records, 0 bad"]);
    }
}

#[test]
fn elements_before_the_end_of_cut_data_are_read() {
    let list: Vec<String> = (1..40).map(|number| launch(number).trim_end().to_owned()).collect();
    let packed = gzip(format!("{}[\n{}", launch(0), list.join(",\n")).as_bytes());
    let ended = read(&packed[..packed.len() - 9]);
    assert!(ended.lines().len() > 30 && ended.says("cut short"), "{}", ended.stderr);
}
