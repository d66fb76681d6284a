#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn formatted(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    format(sources.get(id).unwrap()).unwrap_or_else(|why| panic!("{why:?}\n{text}"))
}

fn assert_layout(text: &str, expected: &str) {
    let once = formatted(text);
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(formatted(&once), once, "a second time");
}

#[test]
fn sections_statements_and_braces_start_lines() {
    assert_layout(
        "rule r{meta: author=\"x\" key = \"v\" events: $e.a=1 $e.b   !=  \"y\"nocase match:$h over 5m condition:$e}",
        "rule r {\n  meta:\n    author = \"x\"\n    key = \"v\"\n\n  events:\n    $e.a = 1\n    $e.b != \"y\" nocase\n\n  match:\n    $h over 5m\n\n  condition:\n    $e\n}\n",
    );
}
