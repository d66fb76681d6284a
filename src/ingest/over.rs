//! Values that go on over the ends of lines, in a text that mostly has a record on each line.
//!
//! The rule: inside a value a line ends behind `{`, `[`, `,` or `:`, or the next one starts with `}`, `]`, `,` or `:`.
//! Where neither holds, nothing goes on, and nothing more is looked at. Else the value is followed over the lines as long
//! as it is sound: it is one record then. A line that was cut off is found out at once, for a whole record behind it makes
//! no sound value of it; it is bad by itself, and with it go the lines that can only be its own, up to the next that opens
//! a record where it did itself, or that begins with anything but a quote, a closing bracket or white space.

use memchr::memrchr;

use super::cut::whole;
use super::json::{Cursor, JsonError};

/// Behind so much white space no value goes on.
const BLANK: usize = 1 << 16;

/// How many bytes go with a line, from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The line, and those that its values go on over.
    pub(super) text: usize,
    /// Those, and what goes with a value that is cut off.
    pub(super) all: usize,
}

/// May a value go on from a line to what is behind it?
pub(super) fn goes_on(line: &[u8], behind: &[u8]) -> bool {
    // Of many blank lines each would look through all others.
    let Some(last) = line.trim_ascii_end().last() else { return false };
    let next = first(behind);
    let is_open = matches!(last, b'{' | b'[' | b',' | b':');
    matches!(next, Some(b'}' | b']' | b',' | b':')) || (is_open && next.is_some())
}

fn first(text: &[u8]) -> Option<u8> {
    text.iter().copied().take(BLANK).find(|byte| !byte.is_ascii_whitespace())
}

/// Where the last line starts that no value goes on to, of those behind the byte `from`; where nothing stands behind a
/// line end, something may yet come.
pub(super) fn last_start(bytes: &[u8], from: usize) -> Option<usize> {
    let mut end = bytes.len();
    while let Some(at) = bytes.get(from..end).and_then(|text| memrchr(b'\n', text)) {
        let (before, behind) = bytes.split_at(from + at + 1);
        let text = before.trim_ascii_end();
        let known = text.is_empty() || behind.len() >= BLANK || first(behind).is_some();
        if known && !goes_on(text, behind) {
            return Some(before.len());
        }
        // The line ends between would be asked the same.
        end = text.len();
    }
    None
}

/// Where the last line starts that begins with a value of its own, found by following the values: for texts of whose lines
/// each may go on from the one before it, such as objects with commas between them and nothing around.
pub(super) fn last_value(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut last) = (0, None);
    while let Some(text) = bytes.get(at..).filter(|text| !text.is_empty()) {
        let opens_line = at > 0 && bytes.get(at - 1) == Some(&b'\n');
        last = if opens_line { Some(at) } else { last };
        let lead = text.len() - text.trim_ascii_start().len();
        let value = text.get(lead..).unwrap_or_default();
        let len = match value.first() {
            Some(b'{' | b'[') => whole(value),
            Some(_) | None => Ok(0),
        };
        at += match len {
            Ok(len) if len > 0 => lead + len + gap(value.get(len..).unwrap_or_default()),
            Err(JsonError::CutShort) => return last,
            Ok(_) | Err(_) => lead + line_of(value),
        };
    }
    last
}

/// How far it is from the end of a value to the next on its line, or to the next line.
fn gap(behind: &[u8]) -> usize {
    let between = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b',')).count();
    match behind.get(between) {
        Some(b'{' | b'[') => between,
        Some(_) | None => line_of(behind),
    }
}

/// What goes with the line of so many bytes that starts `bytes`, of which a value may go on.
pub(super) fn stretch(bytes: &[u8], line: usize) -> Stretch {
    let lead = bytes.len() - bytes.trim_ascii_start().len();
    let (mut at, mut text) = (lead, line);
    while at < text && matches!(bytes.get(at), Some(b'{' | b'[')) {
        let rest = bytes.get(at..).unwrap_or_default();
        let Ok(len) = whole(rest) else {
            let own = rest.get(..text - at).unwrap_or_default();
            let is_cut = Cursor::new(own).skip() == Err(JsonError::CutShort);
            let lead = bytes.get(..lead).unwrap_or_default();
            let lost = if is_cut { lost(bytes.get(text..).unwrap_or_default(), lead) } else { 0 };
            return Stretch { text, all: text + lost };
        };
        at += len;
        text = text.max(at + line_of(bytes.get(at..).unwrap_or_default()));
        let behind = bytes.get(at..text).unwrap_or_default();
        at += behind.len() - behind.trim_ascii_start().len();
    }
    Stretch { text, all: text }
}

/// How much of a text can only belong to a value before it that is cut off; `lead` stood before that.
fn lost(text: &[u8], lead: &[u8]) -> usize {
    let mut at = 0;
    while let Some(line) = text.get(at..).filter(|line| is_part(line, lead)) {
        at += line_of(line);
    }
    at
}

fn is_part(line: &[u8], lead: &[u8]) -> bool {
    let opens = line.strip_prefix(lead).is_some_and(|line| matches!(line.first(), Some(b'{' | b'[')));
    let part = line
        .first()
        .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'}' | b']' | b',' | b':'));
    part && !opens
}

/// How long the line is that starts a text, with its end.
fn line_of(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (usize, usize) {
        let Stretch { text, all } = stretch(text.as_bytes(), line_of(text.as_bytes()));
        (text, all)
    }

    #[test]
    fn a_value_is_followed_over_lines_as_long_as_it_is_sound() {
        assert_eq!(of("{\n \"a\": [\n  1\n ]\n}\n{}\n"), (19, 19));
        assert_eq!(of("{} {\n\"a\":1} {\n}\n{}\n"), (16, 16));
        assert_eq!(of("{}\n}\n"), (3, 3));
    }

    #[test]
    fn a_value_that_is_cut_off_takes_along_only_what_can_be_its_own() {
        assert_eq!(of("{\"a\":1,\n{\"b\":2}\n"), (8, 8));
        assert_eq!(of("{\"a\":\n{\"b\":2}\n{\"c\":3}\n"), (6, 6));
        assert_eq!(of("{\n  \"a\": {\n    \"b\n{}\n"), (2, 18));
        assert_eq!(of("  {\n    \"a\": [\n      {\n  {}\n"), (4, 23));
        assert_eq!(of("{\"a\":[\n\nnonsense\n"), (7, 8));
    }

    #[test]
    fn a_chunk_ends_before_the_last_line_that_begins_anew() {
        let start = |text: &str| last_start(text.as_bytes(), 0);
        assert_eq!(start("{}\n{}"), Some(3));
        assert_eq!(start("{}\n{\n  \"a\": 1\n}\n"), Some(3));
        assert_eq!(start("{}\n{\n\n  \"a\": 1\n\n\n"), Some(3));
        assert_eq!(start("  {}\n  {}"), Some(5));
        assert_eq!(start("\n\n\n"), Some(3));
        assert_eq!(start("[\n{},\n{}"), None);
        let start = |text: &str| last_value(text.as_bytes());
        assert_eq!(start("{},\n{\n},\n{}"), Some(9));
        assert_eq!(start("{},\n{\n},\n{"), Some(9));
        assert_eq!(start("[\n{},\n{}"), None);
        assert_eq!(start("x,\n{},\n}\n"), Some(7));
        assert_eq!(start("{\n}{\n}{\n\"a\":1\n}\n{"), Some(16));
        assert_eq!(start("{\n}{\n}, {\n\"a\":1,\n"), None);
    }
}
