//! What can be wrong with the form of a rule: one small function for each finding.

use super::scan::Bracket;
use crate::diag::Diagnostic;
use crate::diag::codes::{
    AGGREGATE_NOT_HERE, BAD_META_VALUE, BAD_NUMBER, BAD_RULE_NAME, BAD_WINDOW, BRACKET_NOT_CLOSED,
    CHAINED_COMPARISON, COLON_FOR_EQUALS, COLON_MISSING, COMMENT_NOT_CLOSED, CROSS_JOIN_IN_RULE,
    DOUBLE_EQUALS, EMPTY_FILE, EMPTY_SECTION, EXPECTED_VALUE, FOREIGN_OPERATOR, MISSING_DOLLAR, MISSING_META,
    MISSING_OPERATOR, MISSING_SECTION, NEGATIVE_NUMBER, NO_BRACE, NO_RULE_HEADER, NOT_IN, NUMBER_TOO_LARGE,
    OUTSIDE_RULE, QUANTIFIED_CALL, REGEX_NOT_CLOSED, SECTION_NOT_HERE, SECTION_ORDER, SECTION_TOO_LONG,
    SECTION_TWICE, STRAY_BRACKET, STRAY_COMMA, STRAY_NOCASE, STRING_NOT_CLOSED, TOO_DEEP, UNEXPECTED,
    UNKNOWN_CHARACTER, UNKNOWN_ESCAPE, UNKNOWN_SECTION, WRONG_QUOTES,
};
use crate::text::Span;

pub fn empty_file(span: Span) -> Diagnostic {
    Diagnostic::new(&EMPTY_FILE, span, "the file holds no rule").help("a rule starts with `rule my_rule {`")
}

pub fn string_not_closed(span: Span) -> Diagnostic {
    Diagnostic::new(&STRING_NOT_CLOSED, span, "string not closed")
        .label("opens here")
        .help("end it with the same quote; a quote inside is written `\\\"`")
}

pub fn regex_not_closed(span: Span) -> Diagnostic {
    Diagnostic::new(&REGEX_NOT_CLOSED, span, "regular expression not closed")
        .label("opens here")
        .help("end it with `/` on the same line; a slash inside is written `\\/`")
}

pub fn comment_not_closed(span: Span) -> Diagnostic {
    Diagnostic::new(&COMMENT_NOT_CLOSED, span, "comment not closed")
        .label("opens here")
        .help("end it with `*/`")
}

pub fn bracket_not_closed(span: Span, bracket: Bracket) -> Diagnostic {
    Diagnostic::new(&BRACKET_NOT_CLOSED, span, format!("`{}` is never closed", bracket.open()))
        .label("opens here")
        .help(format!("add `{}` where it ends", bracket.close()))
}

pub fn stray_bracket(span: Span, bracket: Bracket) -> Diagnostic {
    Diagnostic::new(&STRAY_BRACKET, span, format!("`{}` closes nothing", bracket.close()))
        .help(format!("take it out, or add the `{}` it should close", bracket.open()))
}

pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(&TOO_DEEP, span, "nested more than 200 deep")
        .help("split the expression into several statements or placeholders")
}

pub fn too_long(span: Span) -> Diagnostic {
    Diagnostic::new(&TOO_DEEP, span, "more than 500 arithmetic operators in one statement")
        .help("split the expression into several outcome variables or placeholders")
}

pub fn section_too_long(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(&SECTION_TOO_LONG, span, format!("more than {most} words and signs in one section"))
        .help("put the values into a reference list, or split the rule")
}

pub fn too_many_rules(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(&SECTION_TOO_LONG, span, format!("more than {most} rules in one file"))
        .help("split the file; from here on nothing is read")
}

pub fn unknown_character(span: Span, text: &str) -> Diagnostic {
    let hint = match text {
        "\u{A0}" => Some("this is a non-breaking space: write a plain one".to_owned()),
        ";" => Some("statements end without a sign: take it out".to_owned()),
        "$" | "#" => Some(format!("a name follows `{text}` without a space")),
        "'" => Some("strings stand in double quotes".to_owned()),
        "\"" | "`" => None,
        "~" => Some("compare with a pattern as in `$e.principal.hostname = /pattern/`".to_owned()),
        _ => Some("take it out, or put it in a string".to_owned()),
    };
    let shown = if text == "\u{A0}" { "U+00A0" } else { text };
    Diagnostic::new(&UNKNOWN_CHARACTER, span, format!("unknown character `{shown}`")).maybe_help(hint)
}

pub fn outside_rule(span: Span, place: &str) -> Diagnostic {
    Diagnostic::new(&OUTSIDE_RULE, span, format!("text {place}"))
        .help("move it into a rule, or make it a comment; a brace may be in the wrong place")
}

pub fn no_rule_header(span: Span) -> Diagnostic {
    Diagnostic::new(&NO_RULE_HEADER, span, "`rule NAME {` is missing before this section")
        .help("write `rule my_rule {` above it and `}` at the end")
}

/// `word` is `rule` or `stage`.
pub fn bad_unit_name(span: Span, written: &str, word: &str) -> Diagnostic {
    let fixed: String = written.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let fixed = fixed.trim_matches('_');
    let digit = fixed.starts_with(|c: char| c.is_ascii_digit());
    let fixed = if fixed.is_empty() {
        format!("my_{word}")
    } else if digit {
        format!("_{fixed}")
    } else {
        fixed.to_owned()
    };
    let message = match written {
        "" => format!("the {word} has no name"),
        _ => format!("`{written}` is no name for a {word}"),
    };
    Diagnostic::new(&BAD_RULE_NAME, span, message).help(format!("write `{word} {fixed} {{`"))
}

/// `hello {`, and `rul hello {`
pub fn rule_word_missing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&NO_RULE_HEADER, span, format!("`rule` is missing before `{name} {{`"))
        .help(format!("write `rule {name} {{`"))
}

pub fn no_brace(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&NO_BRACE, span, format!("`{{` is missing after `{name}`"))
        .help(format!("write `rule {name} {{`"))
}

pub fn unknown_section(span: Span, written: &str, near: Option<&str>) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `{near}:`?"),
        None => "sections of a rule are meta, setup, events, match, outcome, condition, options, export"
            .to_owned(),
    };
    let message = match written {
        ":" => "a heading has no word before its colon".to_owned(),
        _ => format!("unknown section `{written}`"),
    };
    Diagnostic::new(&UNKNOWN_SECTION, span, message).help(help)
}

pub fn colon_missing(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&COLON_MISSING, span, format!("`:` is missing after `{word}`"))
        .help(format!("write `{word}:`"))
}

pub fn section_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(&SECTION_TWICE, span, format!("`{name}:` is written twice"))
        .also(first, "first written here")
        .help("put the lines of both under one heading")
}

pub fn section_order(span: Span, name: &str, after: &str) -> Diagnostic {
    Diagnostic::new(&SECTION_ORDER, span, format!("`{name}:` stands after `{after}:`"))
        .help(format!("move `{name}:` before `{after}:`"))
}

pub fn section_not_here(span: Span, name: &str, home: &str) -> Diagnostic {
    Diagnostic::new(&SECTION_NOT_HERE, span, format!("`{name}:` does not belong in a {home}"))
        .help("take the section out")
}

pub fn missing_section(span: Span, name: &str, rule: &str) -> Diagnostic {
    let example = if name == "events" { "$e.metadata.event_type = \"USER_LOGIN\"" } else { "$e" };
    Diagnostic::new(&MISSING_SECTION, span, format!("rule `{rule}` has no `{name}:`"))
        .help(format!("add `{name}:` with a line such as `{example}`"))
}

pub fn heading_missing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_SECTION, span, format!("`{name}:` is missing before this line"))
        .help(format!("write `{name}:` above it"))
}

pub fn outcome_in_condition(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &AGGREGATE_NOT_HERE,
        span,
        format!("`${name}` is given a value, which belongs under `outcome:`"),
    )
    .help(format!("move the line to `outcome:`, and compare `${name}` here"))
}

pub fn stage_in_rule(span: Span) -> Diagnostic {
    Diagnostic::new(&SECTION_NOT_HERE, span, "a stage does not belong in a rule")
        .help("take the stage out, or make the rule a search: its statements without `rule … {` and `meta:`")
}

pub fn missing_meta(span: Span, rule: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_META, span, format!("rule `{rule}` has no `meta:`"))
        .help("add `meta:` with lines such as `author = \"…\"`")
}

pub fn empty_section(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&EMPTY_SECTION, span, format!("nothing stands under `{name}:`"))
        .help("write a line under it, or take the heading out")
}

pub fn meta_value(span: Span, key: &str) -> Diagnostic {
    Diagnostic::new(&BAD_META_VALUE, span, format!("the value of `{key}` is not a quoted string"))
        .help(format!("write `{key} = \"…\"`"))
}

pub fn double_equals(span: Span) -> Diagnostic {
    Diagnostic::new(&DOUBLE_EQUALS, span, "`==` is not an operator").help("write `=`")
}

pub fn angle_not_equal(span: Span) -> Diagnostic {
    Diagnostic::new(&FOREIGN_OPERATOR, span, "`<>` is not an operator").help("write `!=`")
}

pub fn c_operator(span: Span, written: &str) -> Diagnostic {
    let right = if written == "&&" { "and" } else { "or" };
    Diagnostic::new(&FOREIGN_OPERATOR, span, format!("`{written}` is not an operator"))
        .help(format!("write `{right}`"))
}

pub fn bang(span: Span) -> Diagnostic {
    Diagnostic::new(&FOREIGN_OPERATOR, span, "`!` stands only before a variable").help("write `not`")
}

pub fn comma(span: Span) -> Diagnostic {
    Diagnostic::new(&STRAY_COMMA, span, "a comma does not join conditions or lines")
        .help("write `and` or `or` between conditions; lines follow each other without a sign")
}

pub fn negative(span: Span, written: &str) -> Diagnostic {
    let value = written.trim_start_matches(['-', ' ']);
    Diagnostic::new(&NEGATIVE_NUMBER, span, format!("`{written}` is negative, which no value may be"))
        .help(format!("write `0 - {value}`"))
}

pub fn not_in(span: Span) -> Diagnostic {
    Diagnostic::new(&NOT_IN, span, "`not` stands before the whole test, not before `in`")
        .help("write `not … in %list`")
}

/// `places` are those of one text, each a backslash and the letter behind it.
pub fn unknown_escape(places: &[Span], letter: char) -> Diagnostic {
    let span = places.first().copied().unwrap_or_default();
    let message = format!("`\\{letter}` is no escape, so the backslash stays in the text");
    let found = Diagnostic::new(&UNKNOWN_ESCAPE, span, message)
        .help(format!("write `\\\\{letter}`, or the text in back quotes, where a backslash needs no other"));
    places.iter().fold(found, |found, place| {
        let backslash = Span { end: place.start + 1, ..*place };
        found.fix(backslash, "\\\\")
    })
}

pub fn wrong_quotes(span: Span, inside: &str) -> Diagnostic {
    let fixed = if inside.contains('\\') { format!("`{inside}`") } else { format!("\"{inside}\"") };
    Diagnostic::new(&WRONG_QUOTES, span, "wrong quotation marks").help(format!("write {fixed}"))
}

pub fn int_too_large(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&NUMBER_TOO_LARGE, span, format!("`{written}` is too large"))
        .help("the largest whole number is 18446744073709551615")
}

pub fn weeks(span: Span) -> Diagnostic {
    Diagnostic::new(&BAD_NUMBER, span, "an option is not measured in weeks")
        .help("write the length in `s`, `m`, `h` or `d`, such as `7d`")
}

pub fn bad_number(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&BAD_NUMBER, span, format!("`{written}` is neither a number nor a duration"))
        .help("a duration is digits and one of `s`, `m`, `h`, `d`, `w`, such as `30m`")
}

pub fn stray_nocase(span: Span) -> Diagnostic {
    Diagnostic::new(&STRAY_NOCASE, span, "`nocase` has no comparison, list test or call before it")
        .help("write it directly after the comparison, as in `$host = \"a\" nocase`")
}

pub fn missing_dollar(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_DOLLAR, span, format!("`{word}` has no `$`")).help(format!("write `${word}`"))
}

pub fn chained(span: Span, op: &str) -> Diagnostic {
    Diagnostic::new(&CHAINED_COMPARISON, span, format!("`{op}` follows another comparison"))
        .help("write two comparisons with `and` between them")
}

pub fn colon_for_equals(span: Span) -> Diagnostic {
    Diagnostic::new(&COLON_FOR_EQUALS, span, "`:` in place of `=`").help("write `=`")
}

pub fn bad_window(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&BAD_WINDOW, span, format!("expected a window's length, found {found}"))
        .help("write a length such as `5m`, `4h` or `1d` after `over` or `by`")
}

pub fn cross_join_in_rule(span: Span) -> Diagnostic {
    Diagnostic::new(&CROSS_JOIN_IN_RULE, span, "`cross join` belongs to searches")
        .help("join event variables by equal fields or a shared placeholder")
}

pub fn expected_value(span: Span, after: &str) -> Diagnostic {
    Diagnostic::new(&EXPECTED_VALUE, span, format!("expected a value after `{after}`"))
        .help("write a field, a variable, a literal or a call")
}

pub fn quantified_call(span: Span, word: &str) -> Diagnostic {
    let word = word.to_ascii_lowercase();
    Diagnostic::new(&QUANTIFIED_CALL, span, format!("`{word}` stands before a field, not before a call"))
        .help(format!("write it inside, as in `re.regex({word} $e.principal.ip, …)`"))
}

pub fn missing_equals(span: Span, expected: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_OPERATOR, span, "`=` is missing before this").help(format!("write {expected}"))
}

pub fn bad_limit(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&UNEXPECTED, span, format!("`limit:` is one whole number, found `{written}`"))
        .help("write a number from 1 on, such as `100`")
}

pub fn bad_operand(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&EXPECTED_VALUE, span, format!("`{written}` cannot be read as a value"))
        .help("write a field, a variable, a literal or a call")
}

pub fn missing_operator(span: Span, left: &str, right: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_OPERATOR, span, format!("an operator is missing between `{left}` and `{right}`"))
        .help(format!("compare the two, as in `{left} = {right}`, or join conditions with `and` or `or`"))
}

pub fn in_missing(span: Span, left: &str, list: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_OPERATOR, span, format!("`in` is missing between `{left}` and `{list}`"))
        .help(format!("write `{left} in {list}`"))
}

pub fn missing_joint(span: Span, left: &str, right: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_OPERATOR,
        span,
        format!("`and` or `or` is missing between `{left}` and `{right}`"),
    )
    .help("join the conditions with `and` or `or`, or give each a line of its own outside of brackets")
}

pub fn missing_joint_in_condition(span: Span, left: &str, right: &str) -> Diagnostic {
    let message = format!("`and` or `or` is missing before `{right}`");
    Diagnostic::new(&MISSING_OPERATOR, span, message).help(format!("write `{left} and {right}`"))
}

pub fn unknown_operator(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_OPERATOR, span, format!("`{written}` is not an operator")).help(
        "compare with `=`, `!=`, `<`, `<=`, `>`, `>=` or `in`, or call a function such as `strings.contains(…)`",
    )
}

pub fn bad_index(span: Span) -> Diagnostic {
    Diagnostic::new(&UNEXPECTED, span, "this is no index and no key")
        .help("write a whole number from 0 on, as in `ip[0]`, or a string, as in `fields[\"key\"]`")
}

pub fn lone_value(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_OPERATOR, span, format!("`{written}` stands alone and says nothing"))
        .help("compare it with a field, as in `$e.principal.hostname = \"…\"`")
}

pub fn unexpected(span: Span, expected: &str, found: &str) -> Diagnostic {
    Diagnostic::new(&UNEXPECTED, span, format!("expected {expected}, found {found}"))
}
