//! `re.*`: patterns.

use std::borrow::Cow;

use ::regex::Captures;

use super::{Args, BadLiteral, Example, Function, Kind, ROW, Returns, bad, literal, required};
use crate::regex::Pattern;
use crate::value::operators::Overflow;
use crate::value::{Element, Type, Value};

const TEXT: super::Param = required("string", Kind::Text);
const PATTERN: super::Param = required("regex", Kind::Pattern);

pub(super) static CAPTURE: Function = Function {
    name: "re.capture",
    params: &[TEXT, PATTERN],
    returns: Returns::Fixed(Type::Text),
    body: capture,
    verify: Some(one_group),
    summary: "The first match: its capture group, or all of it where the pattern has none. `\"\"` without a match, and \
              where the group took no part.",
    examples: &[
        Example { call: r#"re.capture("user@example.com", `@(.*)`)"#, gives: r#""example.com""# },
        Example { call: r#"re.capture("nobody", `@(.*)`)"#, gives: r#""""# },
    ],
    ..ROW
};

fn capture<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let Some(pattern) = args.pattern else { return Ok(Value::text("")) };
    Ok(args.part(0, |text| first_match(pattern, text)))
}

fn first_match<'t>(pattern: &Pattern, text: &'t str) -> &'t str {
    let Some(regex) = pattern.regex() else { return "" };
    if pattern.groups() == 0 {
        return regex.find(text).map_or("", |found| found.as_str());
    }
    regex.captures(text).and_then(|found| found.get(1)).map_or("", |group| group.as_str())
}

pub(super) static CAPTURE_ALL: Function = Function {
    name: "re.capture_all",
    params: &[TEXT, PATTERN],
    returns: Returns::Fixed(Type::List(Element::Text)),
    body: capture_all,
    verify: Some(one_group),
    summary: "All matches from left to right, none overlapping: of each the capture group, or all of it where the \
              pattern has none.",
    examples: &[
        Example { call: r#"re.capture_all("a=1,b=2", `=(\d)`)"#, gives: r#"["1", "2"]"# },
        Example { call: r#"re.capture_all("none", `\d`)"#, gives: "[]" },
    ],
    ..ROW
};

fn capture_all<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let text = args.text(0);
    let Some((pattern, regex)) = args.pattern.and_then(|pattern| Some((pattern, pattern.regex()?))) else {
        return Ok(Value::List(Vec::new()));
    };
    let group = pattern.groups().min(1);
    let part = |found: Captures| Value::owned(found.get(group).map_or("", |part| part.as_str()));
    Ok(Value::List(regex.captures_iter(&text).map(part).collect()))
}

pub(super) static REGEX: Function = Function {
    name: "re.regex",
    params: &[TEXT, PATTERN],
    returns: Returns::Fixed(Type::Bool),
    body: regex,
    summary: "Does the pattern match anywhere in the text? Anchor it with `^` and `$` for the whole text.",
    examples: &[
        Example { call: r#"re.regex("lawfull", `full`)"#, gives: "true" },
        Example { call: r#"re.regex("lawfull", `^full$`)"#, gives: "false" },
    ],
    ..ROW
};

fn regex<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    Ok(Value::Bool(args.pattern.is_some_and(|pattern| pattern.is_match(&args.text(0)))))
}

pub(super) static REPLACE: Function = Function {
    name: "re.replace",
    params: &[TEXT, PATTERN, required("replacement", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: replace,
    verify: Some(valid_replacement),
    summary: "The text with every match replaced. In the replacement `\\0` is the match, `\\1` to `\\9` are its groups.",
    examples: &[
        Example { call: r#"re.replace("banana", `ana`, "111")"#, gives: r#""b111na""# },
        Example { call: r#"re.replace("banana", `a(n)a`, `<\1>`)"#, gives: r#""b<n>na""# },
        Example { call: r#"re.replace("name", ``, "1")"#, gives: r#""1n1a1m1e1""# },
    ],
    ..ROW
};

fn replace<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let (text, replacement) = (args.text(0), args.text(2));
    let Some(regex) = args.pattern.and_then(Pattern::regex) else { return Ok(args.part(0, |text| text)) };
    Ok(match regex.replace_all(&text, |found: &Captures| expand(&replacement, found)) {
        Cow::Borrowed(_) => args.part(0, |text| text),
        Cow::Owned(replaced) => Value::owned(replaced),
    })
}

/// The replacement with its groups filled in. A `\` before anything else, which only a computed replacement can hold,
/// stays as it is.
fn expand(replacement: &str, found: &Captures) -> String {
    let mut out = String::new();
    let mut letters = replacement.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped =
            (letter == '\\').then(|| letters.next_if(|next| *next == '\\' || next.is_ascii_digit()));
        match escaped.flatten() {
            None => out.push(letter),
            Some('\\') => out.push('\\'),
            Some(digit) => out.push_str(group(found, digit)),
        }
    }
    out
}

fn group<'t>(found: &Captures<'t>, digit: char) -> &'t str {
    let number = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
    number.and_then(|number| found.get(number)).map_or("", |group| group.as_str())
}

fn one_group(_: &[Option<Value<'static>>], pattern: Option<&Pattern>) -> Result<(), BadLiteral> {
    let groups = pattern.map_or(0, Pattern::groups);
    if groups <= 1 {
        return Ok(());
    }
    bad(
        1,
        format!("this pattern has {groups} capture groups, and at most one is allowed"),
        "write the others as `(?:…)`",
    )
}

fn valid_replacement(values: &[Option<Value<'static>>], pattern: Option<&Pattern>) -> Result<(), BadLiteral> {
    let Some(replacement) = literal(values, 2) else { return Ok(()) };
    let groups = pattern.map_or(0, Pattern::groups);
    let mut letters = replacement.chars();
    while letters.by_ref().any(|letter| letter == '\\') {
        let next = letters.next();
        match next.map(|next| (next, next.to_digit(10))) {
            Some(('\\', _)) => {}
            Some((_, Some(digit))) if usize::try_from(digit).is_ok_and(|digit| digit <= groups) => {}
            Some((_, Some(digit))) => {
                let message = format!("`\\{digit}` names a group, and the pattern has {groups}");
                return bad(2, message, "write `\\0` for the whole match, or add `(…)` to the pattern");
            }
            _ => {
                let help = "write `\\\\` for a backslash, in a double-quoted string `\\\\\\\\`";
                return bad(
                    2,
                    "a `\\` in a replacement stands before a digit or another `\\`".to_owned(),
                    help,
                );
            }
        }
    }
    Ok(())
}
