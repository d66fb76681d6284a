//! A lazy reader of JSON bytes: it walks a value once, hands out what is asked for, and skips the rest unparsed.
//!
//! A general parser validates and unescapes everything it passes; here nothing is touched but quotes and brackets until a
//! wanted key comes up, which is what makes a run over events that match nothing several times faster.

use memchr::{memchr, memchr2};

/// The deepest nesting read.
pub const MAX_DEPTH: u32 = 128;

/// Why bytes are no JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// The bytes end inside the value.
    CutShort,
    /// Something else was expected at this offset.
    Unexpected(usize),
    /// Nested over [`MAX_DEPTH`].
    TooDeep,
    /// A value, but a number, a string, a truth value or `null`.
    NoObject,
}

impl JsonError {
    /// In words.
    pub fn cause(self) -> String {
        match self {
            JsonError::CutShort => "the JSON ends too early: the record is cut short".to_owned(),
            JsonError::Unexpected(at) => format!("not valid JSON at byte {} of the record", at + 1),
            JsonError::TooDeep => format!("nested over {MAX_DEPTH} levels"),
            JsonError::NoObject => "a JSON value that is no object, so no event".to_owned(),
        }
    }
}

/// A string in the text: its content without quotes, and whether it holds escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// First byte of the content.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// Does it hold a backslash?
    pub escaped: Escapes,
}

/// Whether a string must be unescaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// It is its own content.
    None,
    /// It holds a backslash.
    Some,
}

/// A place in JSON bytes.
#[derive(Debug, Clone)]
pub struct Cursor<'b> {
    /// The whole record.
    pub bytes: &'b [u8],
    /// Where the reading stands.
    pub at: usize,
    depth: u32,
}

impl<'b> Cursor<'b> {
    /// At the start of `bytes`.
    pub fn new(bytes: &'b [u8]) -> Cursor<'b> {
        Cursor { bytes, at: 0, depth: 0 }
    }

    /// The next byte that is no white space, not taken.
    pub fn peek(&mut self) -> Result<u8, JsonError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(JsonError::CutShort)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), JsonError> {
        if self.peek()? != wanted {
            return Err(JsonError::Unexpected(self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// Opens an object or array.
    pub fn open(&mut self, bracket: u8) -> Result<(), JsonError> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(JsonError::TooDeep) } else { Ok(()) }
    }

    /// Is there a further entry? Takes the comma before it, or the closing bracket.
    pub fn more(&mut self, first: &mut First, close: u8) -> Result<bool, JsonError> {
        let byte = self.peek()?;
        if byte == close {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        match std::mem::replace(first, First::No) {
            First::Yes => Ok(true),
            First::No if byte == b',' => {
                self.at += 1;
                // A comma before the closing bracket is no JSON.
                if self.peek()? == close { Err(JsonError::Unexpected(self.at)) } else { Ok(true) }
            }
            First::No => Err(JsonError::Unexpected(self.at)),
        }
    }

    /// Reads a key and its colon.
    pub fn key(&mut self) -> Result<Text, JsonError> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// Reads a string.
    pub fn string(&mut self) -> Result<Text, JsonError> {
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = Escapes::None;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let found = quote_or_backslash(rest).ok_or(JsonError::CutShort)?;
            self.at += found;
            if self.bytes.get(self.at) == Some(&b'"') {
                let end = self.at;
                self.at += 1;
                return Ok(Text { start, end, escaped });
            }
            escaped = Escapes::Some;
            self.at += 2;
        }
    }

    /// Looks into a string, which reading it does not do.
    ///
    /// # Errors
    /// It holds what no string may: an unknown escape, or a byte that must be escaped.
    pub fn check(&self, text: Text) -> Result<(), JsonError> {
        let content = self.bytes.get(text.start..text.end).unwrap_or_default();
        let control = content.iter().position(|byte| *byte < b' ');
        let escape = match text.escaped {
            Escapes::None => None,
            Escapes::Some => unknown_escape(content),
        };
        let first = control.into_iter().chain(escape).min();
        first.map_or(Ok(()), |at| Err(JsonError::Unexpected(text.start + at)))
    }

    /// Reads a number, `true`, `false` or `null` as its bytes.
    pub fn word(&mut self) -> Result<(usize, usize), JsonError> {
        self.peek()?;
        let start = self.at;
        let ends =
            |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' | b':' | b'"');
        let rest = self.bytes.get(start..).unwrap_or_default();
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        if is_word(self.bytes.get(start..self.at).unwrap_or_default()) {
            Ok((start, self.at))
        } else {
            Err(JsonError::Unexpected(start))
        }
    }

    /// Passes over any value, looking at nothing but quotes and brackets.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => self.skip_nested(),
            _ => self.word().map(|_| ()),
        }
    }

    fn skip_nested(&mut self) -> Result<(), JsonError> {
        let outside = self.depth;
        loop {
            let byte = self.bytes.get(self.at).ok_or(JsonError::CutShort)?;
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
            self.at += 1;
            if self.depth > MAX_DEPTH {
                return Err(JsonError::TooDeep);
            }
            if self.depth == outside {
                return Ok(());
            }
        }
    }
}

/// Where the first quote or backslash is. Most strings of a log are short, so that a look at sixteen bytes by arithmetic
/// spares them the start of a long search.
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    for (number, word) in bytes.as_chunks::<8>().0.iter().take(2).enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = equal(word, b'"') | equal(word, b'\\');
        if found != 0 {
            return Some(number * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let passed = if bytes.len() >= 16 { 16 } else { bytes.len() & !7 };
    let rest = bytes.get(passed..).unwrap_or_default();
    memchr2(b'"', b'\\', rest).map(|at| passed + at)
}

/// The highest bit of each byte of a word that is this one; behind the first of them others may be set as well.
fn equal(word: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let differs = word ^ (ONES * u64::from(byte));
    differs.wrapping_sub(ONES) & !differs & (ONES << 7)
}

/// Is no entry of an object or array read yet?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The next entry is the first.
    Yes,
    /// A comma must come first.
    No,
}

fn is_word(bytes: &[u8]) -> bool {
    match bytes {
        b"true" | b"false" | b"null" => true,
        [b'-' | b'0'..=b'9', rest @ ..] => {
            rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        }
        _ => false,
    }
}

/// Where a backslash stands that escapes nothing.
fn unknown_escape(content: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr(b'\\', content.get(at..)?) {
        at += found;
        let known = match content.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
            Some(b'u') => {
                content.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            Some(_) | None => false,
        };
        if !known {
            return Some(at);
        }
        at += 2;
    }
    None
}

/// Appends the content of an escaped string, unescaped; a lone surrogate becomes U+FFFD, an unknown escape stays.
pub fn unescape(content: &[u8], out: &mut String) {
    // Mostly it is text as a whole, so that its parts need no look of their own.
    let text = String::from_utf8_lossy(content);
    let mut rest = &*text;
    while let Some((plain, escape)) = memchr(b'\\', rest.as_bytes()).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let used = push_escape(escape.as_bytes(), out);
        rest = escape.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Takes one escape and tells how many bytes it had.
fn push_escape(escape: &[u8], out: &mut String) -> usize {
    let letter = match escape.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return push_unicode(escape, out),
        Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
        Some(_) | None => {
            out.push('\\');
            return 1;
        }
    };
    out.push(letter);
    2
}

fn push_unicode(escape: &[u8], out: &mut String) -> usize {
    let unit = |at: usize| {
        let digits = escape.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok())?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(high) = unit(2) else {
        out.push('\\');
        return 1;
    };
    let low = (escape.get(6..8) == Some(b"\\u")).then(|| unit(8)).flatten();
    if let (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) = (high, low) {
        out.extend(char::decode_utf16([high, low]).flatten());
        return 12;
    }
    out.push(char::from_u32(u32::from(high)).unwrap_or(char::REPLACEMENT_CHARACTER));
    6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_json_means_them() {
        let mut out = String::new();
        unescape(br#"a\n\u003e\ud83d\ude00\\\/\ud800x"#, &mut out);
        assert_eq!(out, "a\n>\u{1F600}\\/\u{FFFD}x");
    }

    #[test]
    fn a_nested_value_is_skipped_whole() {
        let mut cursor = Cursor::new(br#"{"a":[1,{"b":"]}\""}],"c":2} x"#);
        cursor.skip().unwrap();
        assert_eq!(cursor.peek().unwrap(), b'x');
    }

    proptest::proptest! {
        #[test]
        fn a_string_ends_at_its_quote(plain in "[!#a-z\u{e9}]{0,40}", rest in "[\"\\\\a]{0,3}") {
            let text = plain + &rest;
            let found = text.bytes().position(|byte| matches!(byte, b'"' | b'\\'));
            proptest::prop_assert_eq!(quote_or_backslash(text.as_bytes()), found);
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = "[".repeat(100_000);
        assert_eq!(Cursor::new(text.as_bytes()).skip(), Err(JsonError::TooDeep));
    }
}
