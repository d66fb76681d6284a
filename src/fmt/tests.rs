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

#[test]
fn comments_stay_beside_above_and_within() {
    assert_layout(
        "// top\nrule r { // name\n  meta:\n\n author = \"x\"   // who\n      //key = 1\n // what is looked for\n\n events:\n    /* a */ $e.a = 1\n\n\n    // either\n    $e.b = 1 or // one\n  // or\n $e.c =\n 2\n condition: $e // last\n   // end\n}\n// after",
        "// top\nrule r { // name\n  meta:\n    author = \"x\" // who\n    //key = 1\n\n  // what is looked for\n\n  events:\n    /* a */\n    $e.a = 1\n\n    // either\n    $e.b = 1 or // one\n    // or\n    $e.c =\n      2\n\n  condition:\n    $e // last\n    // end\n}\n// after\n",
    );
}

#[test]
fn brackets_indent_what_is_within_and_calls_stand_close() {
    assert_layout(
        "rule r { meta: events:\n not  (\n$e.a = 1 AND ( $e.b=2\n OR $e.c = /x/ NOCASE )\n)\n $p = strings.concat ( $e.a[ 0 ] ,\n\"b\" , 1 - 1 ) outcome: $x = max( if ( $e.a=1,10 ) +\n2 ) condition: !$e }",
        "rule r {\n  meta:\n\n  events:\n    not (\n      $e.a = 1 and ($e.b = 2\n        or $e.c = /x/ nocase)\n    )\n    $p = strings.concat($e.a[0],\n      \"b\", 1 - 1)\n\n  outcome:\n    $x = max(if($e.a = 1, 10) +\n      2)\n\n  condition:\n    !$e\n}\n",
    );
}

#[test]
fn searches_and_stages_are_laid_out_too() {
    assert_layout(
        "stage s{ principal.ip = $i match: $i by 1h outcome: $n=count(metadata.id) } $s.i=$j MATCH: $j order: $n desc,$j limit: 5",
        "stage s {\n  principal.ip = $i\n\n  match:\n    $i by 1h\n\n  outcome:\n    $n = count(metadata.id)\n}\n\n$s.i = $j\n\nmatch:\n  $j\n\norder:\n  $n desc, $j\n\nlimit:\n  5\n",
    );
}

#[test]
fn a_text_with_a_mistake_is_left_alone() {
    let mut sources = Sources::default();
    let id = sources.add("case", "rule r { meta: events: $e.a = condition: $e }");
    let Err(LeftAlone::Errors(found)) = format(sources.get(id).unwrap()) else { panic!("it is broken") };
    assert!(!found.is_empty());
}

#[test]
fn a_line_without_end_takes_linear_time() {
    let statements = "$e.a = \"x\" or ".repeat(20_000);
    let text = format!("rule r {{ meta: events: {statements} $e.b = 1 condition: $e }}");
    assert!(formatted(&text).len() > 200_000);
}
