//! Why a piece cannot be read, in the words of someone who writes rules.

use std::ops::Range;

use super::errors;
use super::grammar::Rule;
use super::scan::{Token, TokenKind};
use crate::diag::Diagnostic;
use crate::text::{Source, Span};

/// A piece that does not parse.
pub struct Failure<'a> {
    /// The text.
    pub source: &'a Source,
    /// All its tokens.
    pub tokens: &'a [Token],
    /// The tokens of the piece.
    pub piece: Range<usize>,
    /// The byte at which pest gave up.
    pub stopped: usize,
    /// What it was read as.
    pub entry: Rule,
}

/// One diagnostic for one failure.
pub fn explain(failure: &Failure<'_>) -> Diagnostic {
    let inside = failure.tokens.get(failure.piece.clone()).unwrap_or_default();
    if let Some(token) = inside.iter().find(|token| token.kind == TokenKind::Unknown) {
        return errors::unknown_character(failure.span(*token), failure.text(*token));
    }
    let found = inside.iter().position(|token| token.end > failure.stopped);
    let before = found.unwrap_or(inside.len()).checked_sub(1).and_then(|at| inside.get(at)).copied();
    match (before, found.and_then(|at| inside.get(at)).copied()) {
        (before, Some(found)) => failure.at(before, found),
        (Some(before), None) => failure.at_end(before),
        (None, None) => errors::unexpected(failure.end(), "a line", "nothing"),
    }
}

impl Failure<'_> {
    fn text(&self, token: Token) -> &str {
        token.text(&self.source.text)
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.source.id, token.start..token.end)
    }

    fn end(&self) -> Span {
        Span::new(self.source.id, self.stopped..self.stopped)
    }

    fn is_compare(&self, token: Token) -> bool {
        token.is_compare(&self.source.text)
    }

    /// The piece breaks off at `found`.
    fn at(&self, before: Option<Token>, found: Token) -> Diagnostic {
        let text = &self.source.text;
        if self.entry == Rule::match_ {
            return self.in_match(before, found);
        }
        if found.kind == TokenKind::Number && !is_number(self.text(found)) {
            return errors::bad_number(self.span(found), self.text(found));
        }
        if let Some(before) = before.filter(|before| self.lacks_value(*before, found)) {
            return self.value_missing(before);
        }
        if let Some(word) = before.filter(|before| before.is_word(text, "nocase")) {
            return errors::stray_nocase(self.span(word));
        }
        if let Some(told) = self.by_sign(before, found).or_else(|| self.by_section(before, found)) {
            return told;
        }
        match before {
            Some(before) if found.opens_operand(text) && before.wants_operand(text) => {
                errors::bad_operand(self.span(found), self.text(found))
            }
            Some(before) if found.opens_operand(text) => self.no_operator(before, found),
            _ => errors::unexpected(self.span(found), self.expected(), &shown(self.text(found)))
                .help(self.correction(found)),
        }
    }

    /// Does something that wants a value stand before what is none, or before the next assignment?
    fn lacks_value(&self, before: Token, found: Token) -> bool {
        let text = &self.source.text;
        let assigned = self.entry == Rule::outcome && found.kind == TokenKind::Variable && found.opens_line;
        before.wants_operand(text)
            && (assigned || !found.opens_operand(text) || self.is_compare(before) && self.is_compare(found))
    }

    /// A sign that never stands where it was found.
    fn by_sign(&self, before: Option<Token>, found: Token) -> Option<Diagnostic> {
        let (text, span) = (&self.source.text, self.span(found));
        if found.is_symbol(text, ":") && before.is_some() {
            return Some(errors::colon_for_equals(span));
        }
        if self.entry == Rule::outcome && found.kind == TokenKind::Word && found.opens_line {
            return Some(errors::missing_dollar(span, self.text(found)));
        }
        if found.is_symbol(text, ",") {
            return Some(errors::comma(span));
        }
        (self.is_compare(found) && before.is_some()).then(|| errors::chained(span, self.text(found)))
    }

    /// What the lines of a section are made of.
    fn by_section(&self, before: Option<Token>, found: Token) -> Option<Diagnostic> {
        let pairs = [Rule::meta, Rule::options].contains(&self.entry);
        if pairs && before.is_some_and(|one| one.kind == TokenKind::Word) {
            return Some(errors::missing_equals(self.span(found), self.expected()));
        }
        (self.entry == Rule::limit).then(|| errors::bad_limit(self.span(found), self.text(found)))
    }

    fn value_missing(&self, before: Token) -> Diagnostic {
        let found = errors::expected_value(self.span(before), self.text(before));
        match self.entry {
            Rule::meta | Rule::options => found.help(format!("write {}", self.expected())),
            _ => found,
        }
    }

    fn no_operator(&self, before: Token, found: Token) -> Diagnostic {
        let span = self.span(before).to(self.span(found));
        let (left, right) = (short(self.text(before)), short(self.text(found)));
        let at = self.tokens.partition_point(|token| token.start < before.start);
        let compared =
            at.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(|token| self.is_compare(*token));
        match compared {
            true => errors::missing_joint(span, &left, &right),
            false => errors::missing_operator(span, &left, &right),
        }
    }

    fn in_match(&self, before: Option<Token>, found: Token) -> Diagnostic {
        let text = &self.source.text;
        let window =
            |token: &Token| ["over", "by", "every", "first"].iter().any(|word| token.is_word(text, word));
        let open = before.is_some_and(|before| window(&before) || before.kind == TokenKind::Number);
        if open || found.kind == TokenKind::Number {
            return errors::bad_window(self.span(found), &shown(self.text(found)));
        }
        errors::unexpected(self.span(found), self.expected(), &shown(self.text(found)))
            .help("write the variables with commas between, then the window, as in `$host, $user over 5m`")
    }

    /// The piece ends too early.
    fn at_end(&self, before: Token) -> Diagnostic {
        let text = &self.source.text;
        if before.wants_operand(text) {
            return self.value_missing(before);
        }
        if self.entry == Rule::match_ {
            return errors::bad_window(self.span(before), "nothing");
        }
        let expected = if self.entry == Rule::statements { "an operator" } else { self.expected() };
        let expected = format!("{expected} after `{}`", short(self.text(before)));
        errors::unexpected(self.span(before), &expected, "nothing").help(self.correction(before))
    }

    /// What to write in place of `found`.
    fn correction(&self, found: Token) -> String {
        match self.entry {
            Rule::meta | Rule::options if [TokenKind::Variable, TokenKind::Text].contains(&found.kind) => {
                let key = self.text(found).trim_matches(['$', '"', '`', '\'']);
                format!("write `{}` without the signs around it", short(key))
            }
            Rule::statements => {
                "compare a field with a value, as in `$e.target.port = 443`, one statement a line".to_owned()
            }
            _ => format!("write {}", self.expected()),
        }
    }

    /// What a line of the section looks like.
    fn expected(&self) -> &'static str {
        match self.entry {
            Rule::meta => "`key = \"value\"`",
            Rule::options => "`key = value`",
            Rule::outcome => "`$name = value`",
            Rule::match_ => "variables and a window",
            Rule::limit => "one whole number",
            Rule::setup => "a call such as `graph_override(…)`",
            Rule::export => "a call such as `%table.write_row(column: $x)`",
            Rule::order => "fields or variables, each with `asc` or `desc`",
            Rule::items => "fields or variables with commas between",
            _ => "a condition",
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd', 'w']);
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= digits.len() + 1 && digits.parse::<f64>().is_ok() && (whole || digits == text)
}

fn shown(text: &str) -> String {
    format!("`{}`", short(text))
}

/// Not more than a few words of the user's text.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
        None => line.to_owned(),
    }
}
