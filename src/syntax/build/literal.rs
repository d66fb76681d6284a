//! Literals: escapes, numbers, durations.

use pest::iterators::Pair;

use super::Builder;
use crate::syntax::ast::Literal;
use crate::syntax::errors;
use crate::syntax::grammar::Rule;
use crate::text::Span;
use crate::value::Duration;

impl Builder<'_> {
    pub(super) fn literal(&mut self, pair: &Pair<'_, Rule>) -> Option<Literal> {
        let text = pair.as_str();
        Some(match pair.as_rule() {
            Rule::text => {
                self.escapes(pair);
                Literal::Text(unescape(inner(text)))
            }
            Rule::raw => Literal::Raw(inner(text).to_owned()),
            Rule::quoted => Literal::Text(self.quoted(pair)),
            Rule::regex => Literal::Regex(unslash(inner(text))),
            Rule::bool => Literal::Bool(text.eq_ignore_ascii_case("true")),
            Rule::null => Literal::Null,
            Rule::int => Literal::Int(self.int(pair)),
            Rule::float => Literal::Float(self.float(pair)),
            Rule::duration => Literal::Duration(self.duration(pair)),
            _ => return None,
        })
    }

    /// A key in brackets, in whatever quotes.
    pub(super) fn key(&mut self, pair: &Pair<'_, Rule>) -> String {
        match pair.as_rule() {
            Rule::text => unescape(inner(pair.as_str())),
            Rule::raw => inner(pair.as_str()).to_owned(),
            _ => self.quoted(pair),
        }
    }

    /// Backslashes before what needs none, which stay in the text: `"C:\Tools"`.
    fn escapes(&mut self, pair: &Pair<'_, Rule>) {
        let start = self.base + pair.as_span().start() + 1;
        let unknown = unknown_escapes(inner(pair.as_str()));
        let places = unknown.iter().map(|(at, letter)| (start + at, start + at + 1 + letter.len_utf8()));
        let spans: Vec<Span> = places.map(|(from, to)| Span::new(self.source, from..to)).collect();
        if let (Some((_, letter)), false) = (unknown.first(), spans.is_empty()) {
            self.found.push(errors::unknown_escape(&spans, *letter));
        }
    }

    fn quoted(&mut self, pair: &Pair<'_, Rule>) -> String {
        let text = inner(pair.as_str());
        self.found.push(errors::wrong_quotes(self.span(pair), text));
        text.to_owned()
    }

    pub(super) fn int(&mut self, pair: &Pair<'_, Rule>) -> u64 {
        pair.as_str().parse().unwrap_or_else(|_| {
            self.found.push(errors::int_too_large(self.span(pair), pair.as_str()));
            u64::MAX
        })
    }

    fn float(&mut self, pair: &Pair<'_, Rule>) -> f64 {
        let number: f64 = pair.as_str().parse().unwrap_or(f64::INFINITY);
        if number.is_finite() {
            return number;
        }
        self.found.push(errors::int_too_large(self.span(pair), pair.as_str()));
        f64::MAX
    }

    fn duration(&mut self, pair: &Pair<'_, Rule>) -> Duration {
        let text = pair.as_str();
        let (count, unit) = text.split_at_checked(text.len().saturating_sub(1)).unwrap_or_default();
        let size: i64 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => 604_800,
        };
        let seconds = count.parse::<i64>().ok().and_then(|count| count.checked_mul(size));
        match seconds.filter(|&seconds| seconds < i64::MAX / crate::value::time::SECOND) {
            Some(seconds) => Duration::seconds(seconds),
            None => {
                self.found.push(errors::int_too_large(self.span(pair), text));
                Duration::default()
            }
        }
    }
}

/// Without the first and the last character.
fn inner(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.next_back();
    chars.as_str()
}

/// Where a backslash stands before a letter that it does nothing to, and the letter.
fn unknown_escapes(text: &str) -> Vec<(usize, char)> {
    let mut all = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        match chars.next() {
            Some((_, 'n' | 't' | 'r' | '\\' | '"' | '\'')) | None => {}
            Some((_, other)) => all.push((at, other)),
        }
    }
    all
}

/// `\n \t \r \\ \" \'` read as what they stand for; any other escape stays as written.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(same @ ('\\' | '"' | '\'')) => out.push(same),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// `\/` read as `/`, all other escapes kept.
fn unslash(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some('/')) => {}
            ('\\', Some(next)) => {
                out.extend(['\\', next]);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
