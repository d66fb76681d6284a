//! `run --format html`: one page, in which nothing that events say is markup.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![cfg(feature = "cli")]

#[path = "common/ended.rs"]
mod ended;
#[path = "common/folder.rs"]
mod folder;

use std::fs;

use ended::Ended;
use folder::Folder;

const RULE: &str = r#"rule launches {
  meta:
    author = "us"
    description = "<b>launched</b> & more"
    severity = "High"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    $e.principal.hostname = $host
  match:
    $host over 5m
  outcome:
    $commands = array($e.target.process.command_line)
  condition:
    $e
}
"#;

const EVENT: &str = r#"{"metadata":{"eventTimestamp":"2024-05-01T10:00:00Z","eventType":"PROCESS_LAUNCH"},"principal":{"hostname":"\"><img src=x onerror=alert(1)>"},"target":{"process":{"commandLine":"<script>alert('1')</script>\u202e\u001b[2J"}}}
"#;

const SEARCH: &str =
    "principal.hostname = $host\nmatch:\n  $host\noutcome:\n  $seen = count(metadata.event_type)\n";

fn run(args: &[&str]) -> (Ended, Folder) {
    let folder = Folder::with(&[
        ("launches.yaral", RULE.as_bytes()),
        ("e.jsonl", EVENT.as_bytes()),
        ("by_host.yaral", SEARCH.as_bytes()),
        ("login.jsonl", EVENT.replace("PROCESS_LAUNCH", "USER_LOGIN").as_bytes()),
    ]);
    (folder.run(&[&["run", "--format", "html"], args].concat()), folder)
}

fn page(args: &[&str]) -> String {
    let (ended, _folder) = run(args);
    assert!(ended.code == 0 && ended.stderr.contains("1 file, 1 record, 0 bad"), "{ended:?}");
    assert!(ended.stdout.starts_with("<!doctype html>\n"), "{ended:?}");
    assert!(ended.stdout.ends_with("</body>\n</html>\n"), "{ended:?}");
    ended.stdout
}

#[test]
fn a_page_has_a_summary_and_each_detection_with_its_evidence() {
    let page = page(&["launches.yaral", "e.jsonl"]);
    for part in [
        "<p>1 detection by 1 of 1 rule.</p>",
        "<a href=\"#d1\">2024-05-01T10:00:30Z</a>",
        "<article id=\"d1\">\n<h2>launches</h2>",
        "risk 15, severity high",
        "<td><code>$host</code></td>",
        "<h3><code>$e</code>: 1 event</h3>",
        "e.jsonl, line 1",
        "&quot;eventType&quot;: &quot;PROCESS_LAUNCH&quot;",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[test]
fn what_events_and_rules_say_is_no_markup() {
    let page = page(&["launches.yaral", "e.jsonl"]);
    for markup in ["<script", "<img", "<b>launched", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(markup), "{markup}\n{page}");
    }
    assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)"), "{page}");
    assert!(page.contains("&lt;b&gt;launched&lt;/b&gt; &amp; more"), "{page}");
}

#[test]
fn without_detections_the_page_says_so() {
    let page = page(&["launches.yaral", "login.jsonl"]);
    assert!(page.contains("<p>No detections by 1 rule.</p>"), "{page}");
    assert!(!page.contains("<article"), "{page}");
}

#[test]
fn a_page_needs_no_other_file() {
    let page = page(&["launches.yaral", "e.jsonl"]);
    for asked in ["<link", "@import", "url(", "http:", "https:"] {
        assert!(!page.contains(asked), "{asked}\n{page}");
    }
    assert!(page.contains("name=\"viewport\"") && page.contains("@media print"), "{page}");
}

#[test]
fn the_rows_of_a_search_are_a_table() {
    let page = page(&["by_host.yaral", "e.jsonl"]);
    assert!(page.contains("<h1>Search results</h1>\n<h2>by_host: 1 row</h2>"), "{page}");
    assert!(page.contains("<tr><th>host</th><th>seen</th></tr>"), "{page}");
    assert!(page.contains("&lt;img src=x"), "{page}");
}

#[test]
fn a_page_may_be_written_to_a_file() {
    let (ended, folder) = run(&["launches.yaral", "e.jsonl", "-o", "page.html"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    let read = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    assert_eq!(read("page.html"), page(&["launches.yaral", "e.jsonl"]));
}
