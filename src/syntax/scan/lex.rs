//! The text, cut into tokens.

use super::token::{Bracket, Token, TokenKind};
use super::{Tokens, Unclosed};
use crate::text::{Source, Span};

/// Cuts the whole text.
pub fn lex(source: &Source, cut: &[u32]) -> Tokens {
    let mut lexer = Lexer {
        source,
        text: &source.text,
        bytes: source.text.as_bytes(),
        cut,
        at: 0,
        line_open: true,
        next_line: 0,
        out: Tokens::default(),
    };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer<'a> {
    source: &'a Source,
    text: &'a str,
    bytes: &'a [u8],
    cut: &'a [u32],
    at: usize,
    line_open: bool,
    /// The line end found last: a line of a million strings is searched for its end once.
    next_line: usize,
    out: Tokens,
}

impl Lexer<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        match (self.byte(self.at), self.byte(self.at + 1)) {
            (b'\n', _) => {
                self.line_open = true;
                self.at += 1;
            }
            (b' ' | b'\t' | b'\r' | 0x0c, _) => self.at += 1,
            (0xEF, 0xBB) if self.rest().starts_with('\u{FEFF}') => self.at += 3,
            (b'/', b'/') => self.line_comment(),
            (b'/', b'*') => self.block_comment(),
            (quote @ (b'"' | b'`'), _) => self.string(quote),
            (b'\'', _) => self.wrong_quotes(self.at + 1),
            (b'/', _) if self.operand_expected() => self.regex(),
            (b'$', next) if is_start(next) => self.path(TokenKind::Variable),
            (b'#', next) if is_start(next) => self.path(TokenKind::Count),
            (b'%', next) if is_start(next) => self.path(TokenKind::List),
            (first, _) if is_start(first) => self.path(TokenKind::Word),
            (first, _) if first.is_ascii_digit() => self.number(),
            (first, _) if first.is_ascii() => self.sign(),
            _ => self.foreign(),
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn operand_expected(&self) -> bool {
        // After a sign of another language, such as `=~`, a value is as likely as after one of ours.
        let foreign = |token: &Token| token.kind == TokenKind::Unknown;
        self.out.tokens.last().is_none_or(|token| token.wants_operand(self.text) || foreign(token))
    }

    fn push(&mut self, kind: TokenKind, end: usize) {
        self.out.tokens.push(Token { kind, start: self.at, end, opens_line: self.line_open });
        self.line_open = false;
        self.at = end;
    }

    fn span(&self, end: usize) -> Span {
        Span::new(self.source.id, self.at..end)
    }

    fn line_end(&mut self) -> usize {
        if self.next_line < self.at || self.next_line == 0 {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.next_line = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |found| self.at + found);
        }
        let end = self.next_line;
        if end > self.at && self.byte(end - 1) == b'\r' { end - 1 } else { end }
    }

    fn line_comment(&mut self) {
        let end = self.line_end();
        self.out.comments.push(self.span(end));
        self.at = end;
    }

    fn block_comment(&mut self) {
        let body = self.bytes.get(self.at + 2..).unwrap_or_default();
        let close = memchr::memmem::find(body, b"*/").map(|found| self.at + 2 + found + 2);
        let end = close.unwrap_or(self.bytes.len());
        self.out.comments.push(self.span(end));
        if close.is_none() {
            self.out.unclosed.push((self.span(self.at + 2), Unclosed::Comment));
        }
        let inside = self.bytes.get(self.at..end).unwrap_or_default();
        self.line_open |= memchr::memchr(b'\n', inside).is_some();
        self.at = end;
    }

    fn string(&mut self, quote: u8) {
        let start = self.at;
        let id = u32::try_from(start).unwrap_or(u32::MAX);
        let close = if self.cut.contains(&id) { None } else { self.string_end(quote) };
        let line_end = self.line_end();
        match close {
            Some(end) if end <= line_end => self.push(TokenKind::Text, end),
            Some(end) => {
                self.out.long_strings.push(id);
                self.push(TokenKind::Text, end);
            }
            None => {
                // Only a string that the caller did not cut may be tried as a cut one.
                if !self.cut.contains(&id) {
                    self.out.long_strings.push(id);
                }
                let end = self.cut_end(line_end);
                self.out.unclosed.push((Span::new(self.source.id, start..start + 1), Unclosed::Text));
                self.push(TokenKind::Text, end);
            }
        }
    }

    /// Where a string that is never closed stops: at the end of its line, before brackets and commas that end it.
    fn cut_end(&self, line_end: usize) -> usize {
        let line = self.bytes.get(self.at..line_end).unwrap_or_default();
        let kept = line.iter().rposition(|byte| !matches!(byte, b')' | b',' | b' ' | b'\t'));
        kept.map_or(line_end, |last| self.at + last + 1)
    }

    fn string_end(&self, quote: u8) -> Option<usize> {
        let mut at = self.at + 1;
        if quote == b'`' {
            let rest = self.bytes.get(at..)?;
            return memchr::memchr(quote, rest).map(|found| at + found + 1);
        }
        loop {
            let rest = self.bytes.get(at..)?;
            let found = at + memchr::memchr2(quote, b'\\', rest)?;
            if self.byte(found) == quote {
                return Some(found + 1);
            }
            at = found + 2;
        }
    }

    /// `'x'` and typographic quotes, which end on their own line.
    fn wrong_quotes(&mut self, from: usize) {
        let line_end = self.line_end();
        let inside = self.text.get(from..line_end).unwrap_or_default();
        let single = self.byte(self.at) == b'\'';
        let ends = |c: char| if single { c == '\'' } else { is_curly(c) || c == '"' };
        match inside.char_indices().find(|&(_, c)| ends(c)) {
            Some((at, c)) => self.push(TokenKind::Text, from + at + c.len_utf8()),
            None => self.push(TokenKind::Unknown, from),
        }
    }

    fn regex(&mut self) {
        let line_end = self.line_end();
        let line = self.bytes.get(self.at..line_end).unwrap_or_default();
        match regex_len(line) {
            Some(len) => self.push(TokenKind::Regex, self.at + len),
            None => {
                self.out.unclosed.push((self.span(self.at + 1), Unclosed::Regex));
                self.push(TokenKind::Regex, line_end);
            }
        }
    }

    /// A word with its points, after a sigil where `kind` has one.
    fn path(&mut self, kind: TokenKind) {
        let mut end = self.at + 1;
        loop {
            match (self.byte(end), self.byte(end + 1)) {
                (byte, _) if is_start(byte) || byte.is_ascii_digit() => end += 1,
                (b'.', next) if is_start(next) => end += 1,
                (b' ' | b'\t' | b'\r' | b'\n', _) => match self.point_after(end) {
                    Some(point) => end = point,
                    None => break,
                },
                _ => break,
            }
        }
        self.push(kind, end);
    }

    /// A path may be broken before a point.
    fn point_after(&self, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let point = from + rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))?;
        (self.byte(point) == b'.' && is_start(self.byte(point + 1))).then_some(point)
    }

    fn number(&mut self) {
        let mut end = self.at;
        while self.byte(end).is_ascii_digit()
            || is_start(self.byte(end))
            || (self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit())
        {
            end += 1;
        }
        self.push(TokenKind::Number, end);
    }

    fn sign(&mut self) {
        let two = self.bytes.get(self.at..self.at + 2).unwrap_or_default();
        if matches!(two, b"==" | b"!=" | b"<>" | b"<=" | b">=" | b"&&" | b"||") {
            return self.push(TokenKind::Symbol, self.at + 2);
        }
        let kind = match self.byte(self.at) {
            b'(' => TokenKind::Open(Bracket::Round),
            b'[' => TokenKind::Open(Bracket::Square),
            b'{' => TokenKind::Open(Bracket::Curly),
            b')' => TokenKind::Close(Bracket::Round),
            b']' => TokenKind::Close(Bracket::Square),
            b'}' => TokenKind::Close(Bracket::Curly),
            b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b',' | b':' | b'.' | b'!' => {
                TokenKind::Symbol
            }
            _ => TokenKind::Unknown,
        };
        self.push(kind, self.at + 1);
    }

    fn foreign(&mut self) {
        let first = self.rest().chars().next().unwrap_or(' ');
        let end = self.at + first.len_utf8();
        if is_curly(first) { self.wrong_quotes(end) } else { self.push(TokenKind::Unknown, end) }
    }
}

fn is_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Typographic quotation marks.
pub fn is_curly(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‘' | '’')
}

/// The length of the regular expression `line` opens with: up to the first `/` outside a class, or, where there is none,
/// up to the first `/` that is not escaped. The grammar's `regex` says the same.
fn regex_len(line: &[u8]) -> Option<usize> {
    regex_end(line, Classes::Respected).or_else(|| regex_end(line, Classes::Ignored))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Classes {
    Respected,
    Ignored,
}

fn regex_end(line: &[u8], classes: Classes) -> Option<usize> {
    let mut at = 1;
    loop {
        match line.get(at)? {
            b'\\' => at += 2,
            b'/' => return Some(at + 1),
            b'[' if classes == Classes::Respected => at = class_end(line, at).unwrap_or(at + 1),
            _ => at += 1,
        }
    }
}

/// One past the `]` of the class that opens at `open`.
fn class_end(line: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    at += usize::from(line.get(at) == Some(&b'^'));
    at += usize::from(line.get(at) == Some(&b']'));
    loop {
        match (line.get(at)?, line.get(at + 1)) {
            (b'\\', _) => at += 2,
            (b']', _) => return Some(at + 1),
            (b'[', Some(b':')) => at = posix_end(line, at).unwrap_or(at + 1),
            _ => at += 1,
        }
    }
}

fn posix_end(line: &[u8], open: usize) -> Option<usize> {
    let name = line.get(open + 2..)?;
    let len = name.iter().position(|byte| !byte.is_ascii_alphabetic() && *byte != b'^')?;
    (len > 0 && name.get(len..len + 2) == Some(b":]")).then_some(open + 2 + len + 2)
}
