//! The few pieces of JSON that this room needs: a cursor over a text, and a writer into bytes.

use super::record::Stretch;

/// Objects and lists may nest this deep.
pub(super) const DEPTH_LIMIT: usize = 128;

/// So many values may one record have: a name is kept with each, and must not multiply what is held.
pub(super) const VALUE_LIMIT: usize = 4096;
/// So long may a name be, with the names around it.
pub(super) const NAME_LIMIT: usize = 1024;

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The text stops in the middle: `{"Event":`
    #[error("the record ends too early")]
    Cut,
    /// Something else than JSON stands at a byte.
    #[error("the record is not JSON at byte {0}")]
    Malformed(usize),
    /// More than 128 levels.
    #[error("the record nests more than {DEPTH_LIMIT} levels")]
    TooDeep,
    /// JSON, but without `Event` and `System`.
    #[error("the record has no `System` part")]
    NoSystem,
    /// No well-formed XML, and why.
    #[error("the record is not XML: {0}")]
    Xml(String),
    /// More values than any event has.
    #[error("the record has more than {VALUE_LIMIT} values")]
    TooMany,
    /// A name, with those around it, that is longer than any event's.
    #[error("a name in the record is longer than {NAME_LIMIT} bytes")]
    LongName,
    /// None of the forms in which Windows events come.
    #[error("the record is no Windows event in any known form")]
    NoForm,
}

/// What a JSON value starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    List,
    Text,
    Null,
    /// A number, `true` or `false`
    Bare,
}

/// A place in a JSON text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: 0 }
    }

    /// The next byte that is not white space.
    pub(super) fn peek(&mut self) -> Result<u8, RecordError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let skipped = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += skipped;
        rest.get(skipped).copied().ok_or(RecordError::Cut)
    }

    /// What comes next.
    pub(super) fn kind(&mut self) -> Result<Kind, RecordError> {
        match self.peek()? {
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::List),
            b'"' => Ok(Kind::Text),
            b'n' => Ok(Kind::Null),
            b't' | b'f' | b'-' | b'0'..=b'9' => Ok(Kind::Bare),
            _ => Err(self.malformed()),
        }
    }

    /// Steps over one byte that must come next.
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), RecordError> {
        if self.peek()? != wanted {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(())
    }

    /// Steps over one byte if it comes next.
    pub(super) fn accept(&mut self, wanted: u8) -> Result<bool, RecordError> {
        let found = self.peek()? == wanted;
        self.at += usize::from(found);
        Ok(found)
    }

    /// Nothing but white space may be left.
    pub(super) fn end(&mut self) -> Result<(), RecordError> {
        if self.peek().is_ok() { Err(self.malformed()) } else { Ok(()) }
    }

    /// Reads a string, unescaped, to the end of `out`.
    pub(super) fn string(&mut self, out: &mut String) -> Result<Stretch, RecordError> {
        self.expect(b'"')?;
        let from = out.len();
        loop {
            let rest = self.text.get(self.at..).ok_or(RecordError::Cut)?;
            let length = memchr::memchr2(b'"', b'\\', rest.as_bytes()).ok_or(RecordError::Cut)?;
            let plain = rest.get(..length).unwrap_or("");
            if let Some(control) = plain.bytes().position(|byte| byte < b' ') {
                return Err(RecordError::Malformed(self.at + control));
            }
            out.push_str(plain);
            self.at += length + 1;
            if rest.as_bytes().get(length) == Some(&b'"') {
                return Ok(Stretch { from, to: out.len() });
            }
            let unescaped = self.escape()?;
            out.push(unescaped);
        }
    }

    /// Steps over a string. Escapes are not looked into.
    pub(super) fn pass_string(&mut self) -> Result<(), RecordError> {
        self.expect(b'"')?;
        loop {
            let rest = self.text.as_bytes().get(self.at..).ok_or(RecordError::Cut)?;
            let length = memchr::memchr2(b'"', b'\\', rest).ok_or(RecordError::Cut)?;
            if rest.get(length) == Some(&b'"') {
                self.at += length + 1;
                return Ok(());
            }
            // An escaped letter of more than one byte would be left in its middle.
            let escaped = self.text.get(self.at + length + 1..).and_then(|rest| rest.chars().next());
            self.at += length + 1 + escaped.map_or(0, char::len_utf8);
        }
    }

    /// Reads a number, `true`, `false` or `null` as written to the end of `out`.
    pub(super) fn bare(&mut self, out: &mut String) -> Result<Stretch, RecordError> {
        self.peek()?;
        let rest = self.text.get(self.at..).unwrap_or("");
        let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = rest.bytes().take_while(|byte| in_word(byte)).count();
        if length == 0 {
            return Err(self.malformed());
        }
        let from = out.len();
        out.push_str(rest.get(..length).unwrap_or(""));
        self.at += length;
        Ok(Stretch { from, to: out.len() })
    }

    fn malformed(&self) -> RecordError {
        RecordError::Malformed(self.at)
    }

    fn escape(&mut self) -> Result<char, RecordError> {
        let byte = *self.text.as_bytes().get(self.at).ok_or(RecordError::Cut)?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' => Ok(char::from(byte)),
            b'n' => Ok('\n'),
            b't' => Ok('\t'),
            b'r' => Ok('\r'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'u' => self.code_point(),
            _ => Err(self.malformed()),
        }
    }

    /// A `\u` escape or a pair of them; half a pair stands for nothing and becomes U+FFFD.
    fn code_point(&mut self) -> Result<char, RecordError> {
        let first = self.four_digits()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
            self.at += 2;
            let second = self.four_digits()?;
            if (0xDC00..0xE000).contains(&second) {
                let both = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> Result<u32, RecordError> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(RecordError::Cut)?;
        let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| all_hex);
        self.at += 4;
        number.ok_or_else(|| self.malformed())
    }
}

/// Whoever walks a JSON text with a cursor.
pub(super) trait Walking<'a>: Sized {
    /// The place in the text.
    fn cursor(&mut self) -> &mut Cursor<'a>;

    /// Gives what stands between two brackets, item by item, to `each`; in an object an item begins at its key.
    fn sequence<E: From<RecordError>>(
        &mut self,
        depth: usize,
        (open, close): (u8, u8),
        mut each: impl FnMut(&mut Self, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        if depth >= DEPTH_LIMIT {
            return Err(RecordError::TooDeep.into());
        }
        self.cursor().expect(open)?;
        if self.cursor().accept(close)? {
            return Ok(());
        }
        loop {
            each(self, depth + 1)?;
            if self.cursor().accept(close)? {
                return Ok(());
            }
            self.cursor().expect(b',')?;
        }
    }
}

/// Writes a JSON string.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        let (plain, after) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((special, after)) = after.split_first() else { break };
        write_escape(out, *special);
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0C => b'f',
        _ => {
            // Writing to a vector cannot fail.
            let _ = std::io::Write::write_fmt(out, format_args!("\\u{byte:04x}"));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Opens an object or a list. Whatever is written in it ends with a comma; see [`close`].
pub(super) fn open(out: &mut Vec<u8>, bracket: u8) -> usize {
    out.push(bracket);
    out.len()
}

/// Closes what [`open`] opened, and says whether anything is in it.
pub(super) fn close(out: &mut Vec<u8>, opened: usize, bracket: u8) -> bool {
    let filled = out.len() > opened;
    if filled {
        out.pop();
    }
    out.push(bracket);
    filled
}
