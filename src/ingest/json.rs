//! A lazy reader of JSON bytes: it walks a value once, hands out what is asked for, and skips the rest unparsed.
//!
//! A general parser validates and unescapes everything it passes; here nothing is touched but quotes and brackets until a
//! wanted key comes up, which is what makes a run over events that match nothing several times faster.

mod content;
mod escape;
mod marks;

pub use content::Letters;
use content::content;
use escape::unknown_escape;
pub use escape::{unescape, unescape_text};
use marks::{Marks, WIDTH, Within};

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
    seen: Seen,
}

/// The stretch that was looked at last.
#[derive(Debug, Clone)]
struct Seen {
    start: usize,
    marks: Marks,
}

impl<'b> Cursor<'b> {
    /// At the start of `bytes`.
    pub fn new(bytes: &'b [u8]) -> Cursor<'b> {
        let nowhere = Seen { start: bytes.len(), marks: Marks::default() };
        Cursor { bytes, at: 0, depth: 0, seen: nowhere }
    }

    /// Looks at the bytes from `at` on, where no string is open, unless they were seen; gives where the first of them is
    /// in the stretch that was seen.
    #[inline(always)]
    fn look(&mut self, at: usize) -> usize {
        let place = at.wrapping_sub(self.seen.start);
        if place < WIDTH {
            return place;
        }
        self.seen.look_at(self.bytes, at);
        0
    }

    /// The next byte that is no white space, not taken.
    pub fn peek(&mut self) -> Result<u8, JsonError> {
        // Mostly there is no white space.
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            Some(_) | None => self.peek_on(),
        }
    }

    fn peek_on(&mut self) -> Result<u8, JsonError> {
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

    /// The next key of an object that may be one of some names, with its colon taken; entries before it are passed over.
    /// Nothing where there is none: the object is closed then. That most names are compared with none saves a fifteenth of
    /// the reading.
    pub fn entry(&mut self, first: &mut First, names: Lengths) -> Result<Option<Text>, JsonError> {
        while self.more(first, b'}')? {
            let key = self.key()?;
            if key.escaped == Escapes::Some || names.contain(key.end - key.start) {
                return Ok(Some(key));
            }
            self.skip()?;
        }
        Ok(None)
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
        let mut ahead = behind(self.look(start - 1));
        let mut backslashes = 0;
        loop {
            let Marks { quotes, backslashes: seen, .. } = self.seen.marks;
            let closing = lowest(quotes & ahead);
            // Those before the quote, or all where there is none.
            backslashes |= seen & ahead & closing.wrapping_sub(1);
            if closing != 0 {
                let end = self.seen.start + closing.trailing_zeros() as usize;
                self.at = end + 1;
                let escaped = if backslashes == 0 { Escapes::None } else { Escapes::Some };
                return Ok(Text { start, end, escaped });
            }
            self.look_on()?;
            ahead = u64::MAX;
        }
    }

    #[inline(never)]
    fn look_on(&mut self) -> Result<(), JsonError> {
        self.seen.look_on(self.bytes)
    }

    /// Looks into a string, which reading it does not do; tells what it is made of.
    ///
    /// # Errors
    /// It holds what no string may: an unknown escape, or a byte that must be escaped.
    pub fn check(&self, text: Text) -> Result<Letters, JsonError> {
        let bytes = self.bytes.get(text.start..text.end).unwrap_or_default();
        let (control, letters) = content(bytes);
        let escape = match text.escaped {
            Escapes::None => None,
            Escapes::Some => unknown_escape(bytes),
        };
        let first = control.into_iter().chain(escape).min();
        first.map_or(Ok(letters), |at| Err(JsonError::Unexpected(text.start + at)))
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
        let place = self.look(self.at);
        let mut seen = self.seen.clone();
        let mut ahead = u64::MAX << place;
        loop {
            let Marks { opening, closing, .. } = seen.marks;
            let mut brackets = (opening | closing) & ahead;
            while brackets != 0 {
                let bracket = lowest(brackets);
                brackets ^= bracket;
                if opening & bracket != 0 {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(JsonError::TooDeep);
                    }
                    continue;
                }
                self.depth -= 1;
                if self.depth == outside {
                    self.at = seen.start + bracket.trailing_zeros() as usize + 1;
                    self.seen = seen;
                    return Ok(());
                }
            }
            seen.look_on(self.bytes)?;
            ahead = u64::MAX;
        }
    }
}

impl Seen {
    /// Looks at the bytes from `at` on, where no string is open.
    #[inline(never)]
    fn look_at(&mut self, bytes: &[u8], at: usize) {
        *self = Seen { start: at, marks: Marks::of(bytes, at, Within::default()) };
    }

    /// Looks at the bytes behind those seen.
    #[inline(always)]
    fn look_on(&mut self, bytes: &[u8]) -> Result<(), JsonError> {
        self.start += WIDTH;
        if self.start >= bytes.len() {
            return Err(JsonError::CutShort);
        }
        self.marks = Marks::of(bytes, self.start, self.marks.behind);
        Ok(())
    }
}

/// How many bytes some names have: a bit for each length, the last one for all that are longer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lengths(u64);

impl Lengths {
    /// Those of `names`.
    pub fn of<'n>(names: impl Iterator<Item = &'n str>) -> Lengths {
        Lengths(names.fold(0, |all, name| all | Lengths::bit(name.len())))
    }

    fn contain(self, length: usize) -> bool {
        self.0 & Lengths::bit(length) != 0
    }

    fn bit(length: usize) -> u64 {
        1 << length.min(63)
    }
}

/// The lowest bit that is set, alone.
fn lowest(bits: u64) -> u64 {
    bits & bits.wrapping_neg()
}

/// The bits behind a place.
fn behind(place: usize) -> u64 {
    (u64::MAX << place) << 1
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_value_is_skipped_whole() {
        let mut cursor = Cursor::new(br#"{"a":[1,{"b":"]}\""}],"c":2} x"#);
        cursor.skip().unwrap();
        assert_eq!(cursor.peek().unwrap(), b'x');
    }

    #[test]
    fn a_string_ends_at_its_quote_however_long_it_is() {
        for length in 0..200 {
            for tail in ["", "\\\\", "\\\""] {
                let text = format!("  \"{}{tail}\" :1", "[".repeat(length));
                let mut cursor = Cursor::new(text.as_bytes());
                let escaped = if tail.is_empty() { Escapes::None } else { Escapes::Some };
                let found = Text { start: 3, end: 3 + length + tail.len(), escaped };
                assert_eq!(cursor.string(), Ok(found), "{text}");
                assert_eq!(cursor.peek(), Ok(b':'));
                let cut = Cursor::new(&text.as_bytes()[..found.end]).string();
                assert_eq!(cut, Err(JsonError::CutShort));
            }
        }
    }

    #[test]
    fn entries_whose_names_are_not_asked_for_are_passed_over() {
        let mut cursor = Cursor::new(br#"{"a":{"bb":1},"\u0062b":2,"cc":3,"ddd":[4]}"#);
        let (mut first, names) = (First::Yes, Lengths::of(["bb", &"x".repeat(99)].into_iter()));
        cursor.open(b'{').unwrap();
        for expected in [r"\u0062b", "cc"] {
            let key = cursor.entry(&mut first, names).unwrap().unwrap();
            assert_eq!(&cursor.bytes[key.start..key.end], expected.as_bytes());
            cursor.skip().unwrap();
        }
        assert_eq!(cursor.entry(&mut first, names), Ok(None));
        assert_eq!(cursor.at, cursor.bytes.len());
        assert!(names.contain(80) && !names.contain(62));
    }

    #[test]
    fn a_look_behind_does_not_change_what_is_found() {
        let text = format!(r#"["{}\"", {{"b": "{}"}}, "c"]"#, "a".repeat(70), "]".repeat(90));
        let mut cursor = Cursor::new(text.as_bytes());
        cursor.skip().unwrap();
        assert_eq!(cursor.at, text.len());
        cursor.at = 1;
        assert_eq!(cursor.string().unwrap().end, 74);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = "[".repeat(100_000);
        assert_eq!(Cursor::new(text.as_bytes()).skip(), Err(JsonError::TooDeep));
    }
}
