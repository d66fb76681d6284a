//! A place in a pattern, and the escapes that stand for one character.

use super::PatternError;

pub(super) struct Cursor<'p> {
    pub text: &'p str,
    pub at: usize,
    /// Does no `:]` follow? Looking for it at every `[:` would take time that grows with the square of the text.
    pub no_named_class: bool,
}

impl<'p> Cursor<'p> {
    pub fn new(text: &'p str) -> Cursor<'p> {
        Cursor { text, at: 0, no_named_class: false }
    }

    pub fn rest(&self) -> &'p str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character after the next.
    pub fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// What stands from `start` up to here.
    pub fn since(&self, start: usize) -> &'p str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub fn error(&self, start: usize, message: impl Into<String>, help: &str) -> PatternError {
        PatternError::new(start..self.at, message, help)
    }

    /// Reads an escape that stands for one character.
    pub fn escaped(&mut self) -> Result<char, PatternError> {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.next() else {
            return Err(self.error(start, "the pattern ends in a lone `\\`", "write `\\\\` for a backslash"));
        };
        match letter {
            '0' => Ok(self.octal('0')),
            '1'..='7' if self.peek().is_some_and(|next| next.is_digit(8)) => Ok(self.octal(letter)),
            '1'..='9' => Err(self.error(
                start,
                format!("`\\{letter}` is a back-reference, which RE2 does not have"),
                "write out what the group matches",
            )),
            'x' => self.hexadecimal(start),
            'a' => Ok('\x07'),
            'f' => Ok('\x0C'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0B'),
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Ok(letter),
            _ => Err(self.unknown_escape(start, letter)),
        }
    }

    /// Up to two more octal digits after `first`.
    fn octal(&mut self, first: char) -> char {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        char::from_u32(code).unwrap_or_default()
    }

    fn hexadecimal(&mut self, start: usize) -> Result<char, PatternError> {
        let help = "write two digits, as in `\\x41`, or `\\x{10FFFF}`";
        let digits = if self.eat("{") {
            let Some((digits, _)) = self.rest().split_once('}') else {
                return Err(self.error(start, "this `\\x{` is never closed", help));
            };
            self.at += digits.len() + 1;
            digits
        } else {
            let from = self.at;
            self.next();
            self.next();
            self.text.get(from..self.at).filter(|two| two.len() == 2).unwrap_or_default()
        };
        let all_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let letter = u32::from_str_radix(digits, 16).ok().filter(|_| all_hex).and_then(char::from_u32);
        letter.ok_or_else(|| self.error(start, format!("`{}` is no character", self.since(start)), help))
    }

    fn unknown_escape(&self, start: usize, letter: char) -> PatternError {
        let help = match letter {
            'Z' => "write `\\z` for the end of the text".to_owned(),
            'C' => "write `.`, or `(?s:.)` for any character at all".to_owned(),
            'h' => "write `[ \\t]`".to_owned(),
            'R' => "write `\\r?\\n`".to_owned(),
            'E' => "`\\E` closes a `\\Q`; there is none here".to_owned(),
            'u' => "write `\\x{20AC}` for a character by its number".to_owned(),
            'k' | 'g' => "RE2 has no back-references; write out what the group matches".to_owned(),
            _ => format!("write `{letter}` for the letter, or `\\\\{letter}` for a backslash before it"),
        };
        self.error(start, format!("RE2 has no escape `\\{letter}`"), &help)
    }

    /// Reads `\pN`, `\p{Greek}`, `\P…` and prints the class.
    pub fn property(&mut self) -> Result<String, PatternError> {
        let start = self.at;
        let sign = if self.second() == Some('P') { 'P' } else { 'p' };
        self.at += 2;
        let name = self.property_name(start)?;
        let (sign, name) = match (name.strip_prefix('^'), sign) {
            (Some(name), 'p') => ('P', name),
            (Some(name), _) => ('p', name),
            (None, _) => (sign, name),
        };
        // RE2 knows categories by one or two letters, and scripts; not the many other properties of Unicode.
        let printed = match name {
            "Any" => format!("\\{sign}{{Any}}"),
            short if short.len() <= 2 => format!("\\{sign}{{gc={short}}}"),
            script => format!("\\{sign}{{sc={script}}}"),
        };
        let plain = name.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b'_');
        if !plain || name.is_empty() || regex_syntax::parse(&printed).is_err() {
            let help = "write a category such as `\\p{Lu}`, or a script such as `\\p{Greek}`";
            return Err(self.error(start, format!("RE2 knows no class `{}`", self.since(start)), help));
        }
        Ok(printed)
    }

    fn property_name(&mut self, start: usize) -> Result<&'p str, PatternError> {
        let from = self.at;
        if !self.eat("{") {
            self.next();
            return Ok(self.since(from));
        }
        let Some((name, _)) = self.rest().split_once('}') else {
            return Err(self.error(start, "this class is never closed", "write it as `\\p{Greek}`"));
        };
        self.at += name.len() + 1;
        Ok(name)
    }
}

/// The inside of the class that `\d`, `\s` or `\w` stands for, ASCII as in RE2, and whether it is negated.
pub(super) fn perl_class(letter: char) -> Option<(&'static str, &'static str)> {
    let inside = match letter.to_ascii_lowercase() {
        'd' => "0-9",
        's' => r"\t\n\x0C\r\x20",
        'w' => "0-9A-Za-z_",
        _ => return None,
    };
    Some((if letter.is_ascii_uppercase() { "^" } else { "" }, inside))
}

/// Prints one character, inside or outside a class.
pub(super) fn print(letter: char, out: &mut String) {
    if letter.is_control() {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(letter)));
        return;
    }
    if regex_syntax::is_meta_character(letter) {
        out.push('\\');
    }
    out.push(letter);
}
