//! Mends JSON that the reader can make sense of and a parser of values cannot: half a surrogate pair, a number that no
//! double holds, a byte in a string that should have been escaped, a backslash that escapes nothing.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// The text, mended.
pub(super) fn mended(text: &str) -> String {
    let mut mender = Mender { rest: text.chars().peekable(), out: String::with_capacity(text.len()) };
    while let Some(letter) = mender.rest.next() {
        match letter {
            '"' => mender.string(),
            '-' | '0'..='9' => mender.number(letter),
            _ => mender.out.push(letter),
        }
    }
    mender.out
}

struct Mender<'t> {
    rest: Peekable<Chars<'t>>,
    out: String,
}

impl Mender<'_> {
    fn string(&mut self) {
        self.out.push('"');
        while let Some(letter) = self.rest.next() {
            match letter {
                '"' => break,
                '\\' => self.escape(),
                '\0'..' ' => {
                    // Writing to a string cannot fail.
                    let _ = write!(self.out, "\\u{:04x}", u32::from(letter));
                }
                _ => self.out.push(letter),
            }
        }
        self.out.push('"');
    }

    fn escape(&mut self) {
        match self.rest.peek().copied() {
            Some(letter @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
                self.rest.next();
                self.out.extend(['\\', letter]);
            }
            Some('u') => self.unicode(),
            Some(_) | None => self.out.push_str(r"\\"),
        }
    }

    /// Half a pair becomes U+FFFD.
    fn unicode(&mut self) {
        let Some(unit) = unit(&mut self.rest) else { return self.out.push_str(r"\\") };
        let mut ahead = self.rest.clone();
        match unit {
            0xDC00..0xE000 => self.out.push(char::REPLACEMENT_CHARACTER),
            0xD800..0xDC00 => match (ahead.next(), unit_of_low(&mut ahead)) {
                (Some('\\'), Some(low)) => {
                    self.rest = ahead;
                    self.out.extend(char::decode_utf16([unit, low]).flatten());
                }
                _ => self.out.push(char::REPLACEMENT_CHARACTER),
            },
            _ => {
                let _ = write!(self.out, "\\u{unit:04x}");
            }
        }
    }

    /// What no double holds is kept as text.
    fn number(&mut self, first: char) {
        let mut number = String::from(first);
        let in_number = |letter: &char| matches!(letter, '0'..='9' | '.' | 'e' | 'E' | '+' | '-');
        while let Some(letter) = self.rest.next_if(in_number) {
            number.push(letter);
        }
        match serde_json::from_str::<serde_json::Number>(&number) {
            Ok(_) => self.out.push_str(&number),
            Err(_) => self.out.extend(["\"", &number, "\""]),
        }
    }
}

/// Takes `u` and four digits, if they are there.
fn unit(rest: &mut Peekable<Chars<'_>>) -> Option<u16> {
    let mut ahead = rest.clone();
    ahead.next_if_eq(&'u')?;
    let mut number = 0;
    for _ in 0..4 {
        number = number * 16 + u16::try_from(ahead.next()?.to_digit(16)?).ok()?;
    }
    *rest = ahead;
    Some(number)
}

fn unit_of_low(rest: &mut Peekable<Chars<'_>>) -> Option<u16> {
    unit(rest).filter(|unit| (0xDC00..0xE000).contains(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_refuses_is_mended_and_the_rest_left_alone() {
        for (text, expected) in [
            (
                r#"{"a":"\ud800x","b":"\ud83d\ude00","c":"\u0041\n"}"#,
                "{\"a\":\"\u{fffd}x\",\"b\":\"\u{1F600}\",\"c\":\"\\u0041\\n\"}",
            ),
            (r#"["\ude00\\"]"#, "[\"\u{fffd}\\\\\"]"),
            (r#"{"a":1e999,"b":-1.5,"c":"1e999"}"#, r#"{"a":"1e999","b":-1.5,"c":"1e999"}"#),
            ("[\"a\tb\\qc\"]", r#"["a\u0009b\\qc"]"#),
        ] {
            assert_eq!(mended(text), expected);
            assert!(serde_json::from_str::<serde_json::Value>(&mended(text)).is_ok(), "{text}");
        }
    }
}
