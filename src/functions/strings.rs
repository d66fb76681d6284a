//! `strings.*`: texts. All comparisons are case-sensitive.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use percent_encoding::percent_decode_str;

use super::{
    Args, Example, Function, Kind, OLD_REFERENCE, ROW, Returns, STAFF, count, host, optional, required,
};
use crate::value::operators::Overflow;
use crate::value::{Element, Type, Value};

const TEXT: super::Param = required("string", Kind::Text);
const CUTSET: super::Param = optional("cutset", Kind::Text);

pub(super) static BASE64_DECODE: Function = Function {
    name: "strings.base64_decode",
    params: &[required("encoded", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: base64_decode,
    summary: "The text that was encoded; the argument itself where it is not base64. Chosen: the standard alphabet, \
              padding optional, U+FFFD for bytes that are not UTF-8.",
    examples: &[
        Example { call: r#"strings.base64_decode("dGVzdA==")"#, gives: r#""test""# },
        Example { call: r#"strings.base64_decode("not base64!")"#, gives: r#""not base64!""# },
    ],
    ..ROW
};

fn base64_decode<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    Ok(match STANDARD_PAD_INDIFFERENT.decode(args.text(0).as_bytes()) {
        Ok(bytes) => Value::owned(String::from_utf8_lossy(&bytes)),
        Err(_) => args.part(0, |text| text),
    })
}

pub(super) static COALESCE: Function = Function {
    name: "strings.coalesce",
    params: &[required("first", Kind::Text)],
    rest: Some(required("further", Kind::Text)),
    returns: Returns::Fixed(Type::Text),
    body: coalesce,
    summary: "The first argument that is not `\"\"`.",
    examples: &[
        Example { call: r#"strings.coalesce("", "b", "c")"#, gives: r#""b""# },
        Example { call: r#"strings.coalesce("", "")"#, gives: r#""""# },
    ],
    ..ROW
};

fn coalesce<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let first = (0..args.values.len()).find(|index| !args.text(*index).is_empty());
    Ok(first.map_or(Value::text(""), |index| args.part(index, |text| text)))
}

pub(super) static CONCAT: Function = Function {
    name: "strings.concat",
    params: &[required("first", Kind::TextOrNumber)],
    rest: Some(required("further", Kind::TextOrNumber)),
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(Value::owned(args.values.iter().map(joined).collect::<String>())),
    summary: "The arguments, one after the other; whole floats without a point, others with at most 16 decimals.",
    examples: &[
        Example { call: r#"strings.concat("google", "-test", 80, 2.5)"#, gives: r#""google-test802.5""# },
        Example { call: r#"strings.concat("", 1.0)"#, gives: r#""1""# },
        Example { call: r#"strings.concat("", 0.30000000000000004)"#, gives: r#""0.3""# },
    ],
    ..ROW
};

/// Decimals beyond the sixteenth are cut, and the zeros that are then last.
fn joined<'v>(value: &'v Value) -> Cow<'v, str> {
    const MOST_DECIMALS: usize = 16;
    let text = value.to_text();
    let Value::Float(_) = value else { return text };
    match text.split_once('.') {
        Some((whole, decimals)) if decimals.len() > MOST_DECIMALS => {
            let kept = decimals.get(..MOST_DECIMALS).unwrap_or(decimals).trim_end_matches('0');
            Cow::Owned(if kept.is_empty() { whole.to_owned() } else { format!("{whole}.{kept}") })
        }
        _ => text,
    }
}

pub(super) static CONTAINS: Function = Function {
    name: "strings.contains",
    params: &[TEXT, required("substring", Kind::Text)],
    returns: Returns::Fixed(Type::Bool),
    body: |args| Ok(Value::Bool(args.text(0).contains(&*args.text(1)))),
    summary: "Does the text contain the other? It always contains (chosen) `\"\"`.",
    examples: &[
        Example { call: r#"strings.contains("thisisastring", "is")"#, gives: "true" },
        Example { call: r#"strings.contains("ABC", "abc")"#, gives: "false" },
    ],
    ..ROW
};

pub(super) static COUNT_SUBSTRINGS: Function = Function {
    name: "strings.count_substrings",
    params: &[TEXT, required("substring", Kind::Text)],
    returns: Returns::Fixed(Type::Int),
    body: count_substrings,
    summary: "How often the text contains the other, overlaps not counted; 0 for `\"\"`.",
    examples: &[
        Example { call: r#"strings.count_substrings("fooABAbarABAbazABA", "AB")"#, gives: "3" },
        Example { call: r#"strings.count_substrings("str", "")"#, gives: "0" },
    ],
    ..ROW
};

fn count_substrings<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let needle = args.text(1);
    let found = if needle.is_empty() { 0 } else { args.text(0).matches(&*needle).count() };
    Ok(count(found))
}

pub(super) static ENDS_WITH: Function = Function {
    name: "strings.ends_with",
    params: &[TEXT, required("suffix", Kind::Text)],
    returns: Returns::Fixed(Type::Bool),
    body: |args| Ok(Value::Bool(!args.text(1).is_empty() && args.text(0).ends_with(&*args.text(1)))),
    summary: "Does the text end with the suffix? False for the suffix `\"\"`.",
    examples: &[
        Example { call: r#"strings.ends_with("example.com", "com")"#, gives: "true" },
        Example { call: r#"strings.ends_with("str", "")"#, gives: "false" },
    ],
    ..ROW
};

pub(super) static EXTRACT_DOMAIN: Function = Function {
    name: "strings.extract_domain",
    params: &[required("url", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(args.part(0, host::domain)),
    summary: "The registered domain of a URL or host: its public suffix (of the list's ICANN section) and one label.",
    examples: &[
        Example { call: r#"strings.extract_domain("https://www.google.co.in")"#, gives: r#""google.co.in""# },
        Example { call: r#"strings.extract_domain("foo.us.com")"#, gives: r#""us.com""# },
        Example { call: r#"strings.extract_domain("1234")"#, gives: r#""""# },
    ],
    ..ROW
};

pub(super) static EXTRACT_HOSTNAME: Function = Function {
    name: "strings.extract_hostname",
    params: &[required("url", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(args.part(0, host::hostname)),
    summary: "The host of a URL, as written, without user names and port.",
    examples: &[
        Example {
            call: r#"strings.extract_hostname("https://www.google.com/a")"#,
            gives: r#""www.google.com""#,
        },
        Example { call: r#"strings.extract_hostname("mailto:foo@bar.com")"#, gives: r#""bar.com""# },
    ],
    ..ROW
};

pub(super) static FROM_BASE64: Function = Function {
    name: "strings.from_base64",
    params: &[required("base64", Kind::Text)],
    returns: Returns::Fixed(Type::Bytes),
    body: from_base64,
    summary: "The bytes that were encoded, none where the text is not base64. Chosen: padding optional.",
    examples: &[Example { call: r#"cast.as_string(strings.from_base64("SGVsbG8="))"#, gives: r#""Hello""# }],
    ..ROW
};

fn from_base64<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let bytes = STANDARD_PAD_INDIFFERENT.decode(args.text(0).as_bytes());
    Ok(Value::Bytes(Cow::Owned(bytes.unwrap_or_default())))
}

pub(super) static FROM_HEX: Function = Function {
    name: "strings.from_hex",
    params: &[required("hex", Kind::Text)],
    returns: Returns::Fixed(Type::Bytes),
    body: |args| Ok(Value::Bytes(Cow::Owned(from_hex(args.text(0).as_bytes()).unwrap_or_default()))),
    summary: "The bytes that pairs of hexadecimal digits stand for; none for other text and (chosen) an odd digit.",
    examples: &[Example { call: r#"cast.as_string(strings.from_hex("414243"))"#, gives: r#""ABC""# }],
    ..ROW
};

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? * 16 + digit(low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

pub(super) static LENGTH: Function = Function {
    name: "strings.length",
    params: &[TEXT],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(count(args.text(0).chars().count())),
    summary: "How many characters the text has; not bytes.",
    source: OLD_REFERENCE,
    examples: &[Example { call: r#"strings.length("This is a test string")"#, gives: "21" }],
    ..ROW
};

pub(super) static LTRIM: Function = Function {
    name: "strings.ltrim",
    params: &[TEXT, CUTSET],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(trimmed(args, |text, cut| text.trim_start_matches(cut))),
    summary: "The text without the characters of the cutset at its start; without white space (chosen) if none is given.",
    examples: &[
        Example { call: r#"strings.ltrim("xxabcxx", "x")"#, gives: r#""abcxx""# },
        Example { call: r#"strings.ltrim("str", "")"#, gives: r#""str""# },
    ],
    ..ROW
};

type Cut<'c> = &'c dyn Fn(char) -> bool;

fn trimmed<'a>(args: &Args<'_, 'a>, trim: for<'t> fn(&'t str, Cut<'_>) -> &'t str) -> Value<'a> {
    if args.get(1).is_none() {
        return args.part(0, |text| trim(text, &char::is_whitespace));
    }
    let cutset = args.text(1);
    args.part(0, |text| trim(text, &|letter| cutset.contains(letter)))
}

pub(super) static REVERSE: Function = Function {
    name: "strings.reverse",
    params: &[TEXT],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(Value::owned(args.text(0).chars().rev().collect::<String>())),
    summary: "The characters (chosen: code points) in reverse order.",
    examples: &[Example { call: r#"strings.reverse("abc")"#, gives: r#""cba""# }],
    ..ROW
};

pub(super) static RTRIM: Function = Function {
    name: "strings.rtrim",
    params: &[TEXT, CUTSET],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(trimmed(args, |text, cut| text.trim_end_matches(cut))),
    summary: "The text without the characters of the cutset at its end; without white space (chosen) if none is given.",
    examples: &[Example { call: r#"strings.rtrim("xxabcxx", "x")"#, gives: r#""xxabc""# }],
    ..ROW
};

pub(super) static SPLIT: Function = Function {
    name: "strings.split",
    params: &[TEXT, optional("delimiter", Kind::Text)],
    returns: Returns::Fixed(Type::List(Element::Text)),
    body: split,
    summary: "The pieces between the delimiters, `,` unless given; the characters for the delimiter `\"\"`. Empty pieces \
              stay, so that (chosen) `\"\"` gives one.",
    examples: &[
        Example { call: r#"strings.split("a:b:c", ":")"#, gives: r#"["a", "b", "c"]"# },
        Example { call: r#"strings.split("a,b,")"#, gives: r#"["a", "b", ""]"# },
        Example { call: r#"strings.split("abc", "")"#, gives: r#"["a", "b", "c"]"# },
    ],
    ..ROW
};

fn split<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let delimiter = if args.get(1).is_none() { Cow::Borrowed(",") } else { args.text(1) };
    if let Some(Value::Text(Cow::Borrowed(text))) = args.get(0) {
        return Ok(Value::List(pieces(text, &delimiter).into_iter().map(Value::text).collect()));
    }
    Ok(Value::List(pieces(&args.text(0), &delimiter).into_iter().map(Value::owned).collect()))
}

fn pieces<'t>(text: &'t str, delimiter: &str) -> Vec<&'t str> {
    if delimiter.is_empty() && !text.is_empty() {
        return text.split("").filter(|piece| !piece.is_empty()).collect();
    }
    if delimiter.is_empty() { vec![text] } else { text.split(delimiter).collect() }
}

pub(super) static STARTS_WITH: Function = Function {
    name: "strings.starts_with",
    params: &[TEXT, required("prefix", Kind::Text)],
    returns: Returns::Fixed(Type::Bool),
    body: |args| Ok(Value::Bool(!args.text(1).is_empty() && args.text(0).starts_with(&*args.text(1)))),
    summary: "Does the text start with the prefix? False (chosen, as for `strings.ends_with`) for the prefix `\"\"`.",
    source: STAFF,
    examples: &[
        Example { call: r#"strings.starts_with("10.1.0.5", "10.1.0.")"#, gives: "true" },
        Example { call: r#"strings.starts_with("str", "")"#, gives: "false" },
    ],
    ..ROW
};

pub(super) static TO_LOWER: Function = Function {
    name: "strings.to_lower",
    params: &[TEXT],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(Value::owned(args.text(0).to_lowercase())),
    summary: "The text in lower case, all of Unicode.",
    examples: &[Example { call: r#"strings.to_lower("TEST@Google.com")"#, gives: r#""test@google.com""# }],
    ..ROW
};

pub(super) static TO_UPPER: Function = Function {
    name: "strings.to_upper",
    params: &[TEXT],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(Value::owned(args.text(0).to_uppercase())),
    summary: "The text in upper case, all of Unicode.",
    examples: &[Example { call: r#"strings.to_upper("a1-b")"#, gives: r#""A1-B""# }],
    ..ROW
};

pub(super) static TRIM: Function = Function {
    name: "strings.trim",
    params: &[TEXT, CUTSET],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(trimmed(args, |text, cut| text.trim_matches(cut))),
    summary: "The text without the characters of the cutset at its ends; without white space (chosen) if none is given.",
    examples: &[
        Example { call: r#"strings.trim("abxab", "ab")"#, gives: r#""x""# },
        Example { call: r#"strings.trim(" str ")"#, gives: r#""str""# },
    ],
    ..ROW
};

pub(super) static URL_DECODE: Function = Function {
    name: "strings.url_decode",
    params: &[required("url", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: url_decode,
    summary: "The text with its `%41` escapes read as UTF-8; `+` stays. `\"\"` where an escape is bad or the result is \
              not UTF-8.",
    examples: &[
        Example { call: r#"strings.url_decode("a%2Bb+c")"#, gives: r#""a+b+c""# },
        Example { call: r#"strings.url_decode("100%")"#, gives: r#""""# },
    ],
    ..ROW
};

fn url_decode<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let text = args.text(0);
    if !text.contains('%') {
        return Ok(args.part(0, |text| text));
    }
    let decoded = percent_decode_str(&text).decode_utf8().ok().filter(|_| has_whole_escapes(&text));
    Ok(Value::owned(decoded.unwrap_or_default()))
}

fn has_whole_escapes(text: &str) -> bool {
    let is_hex = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_hexdigit());
    text.split('%').skip(1).all(|after| {
        let mut letters = after.chars();
        is_hex(letters.next()) && is_hex(letters.next())
    })
}
