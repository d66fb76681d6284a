//! Which tokens have a blank between them, and how words are spelt.

use crate::syntax::{Bracket, Token, TokenKind};

/// Words of the language that may be written in any case.
const KEYWORDS: [&str; 18] = [
    "after", "all", "and", "any", "before", "by", "cidr", "every", "in", "is", "nocase", "not", "null", "of",
    "or", "over", "regex", "tumbling",
];

/// What stands between two tokens on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Blank,
    Nothing,
}

/// The keyword that a word is, in lower case.
pub(super) fn keyword(word: &str) -> Option<&'static str> {
    KEYWORDS.into_iter().find(|known| word.eq_ignore_ascii_case(known))
}

/// The gap between two tokens that share a line.
pub(super) fn gap(text: &str, before: Token, token: Token) -> Gap {
    if leans_back(text, before, token) || leans_forward(text, before) { Gap::Nothing } else { Gap::Blank }
}

fn leans_forward(text: &str, before: Token) -> bool {
    matches!(before.kind, TokenKind::Open(Bracket::Round | Bracket::Square))
        || [".", "!"].iter().any(|sign| before.is_symbol(text, sign))
}

fn leans_back(text: &str, before: Token, token: Token) -> bool {
    match token.kind {
        TokenKind::Close(Bracket::Round | Bracket::Square) => true,
        TokenKind::Symbol => [",", ":", "."].contains(&token.text(text)),
        TokenKind::Open(Bracket::Round) => is_name(text, before),
        TokenKind::Open(Bracket::Square) => is_indexed(text, before),
        TokenKind::Open(Bracket::Curly)
        | TokenKind::Close(Bracket::Curly)
        | TokenKind::Word
        | TokenKind::Variable
        | TokenKind::Count
        | TokenKind::List
        | TokenKind::Number
        | TokenKind::Text
        | TokenKind::Regex
        | TokenKind::Unknown => false,
    }
}

/// A function's name stands close to its bracket, a method of a table likewise.
fn is_name(text: &str, before: Token) -> bool {
    let word = || keyword(before.text(text)).is_none();
    if before.kind == TokenKind::Word { word() } else { before.kind == TokenKind::List }
}

fn is_indexed(text: &str, before: Token) -> bool {
    if before.kind == TokenKind::Word {
        return keyword(before.text(text)).is_none() && !before.is_word(text, "graph_append");
    }
    matches!(before.kind, TokenKind::Variable | TokenKind::Close(Bracket::Square))
}
