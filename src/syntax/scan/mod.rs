//! The pass before pest: tokens, comments, brackets, and where rules and sections start.
//!
//! It is linear, knows strings, comments and regular expressions by position, and reports what is never closed where it
//! opens. Nothing here looks into an expression.

mod lex;
mod outline;
mod token;

pub use outline::{HEADINGS, Outline, SectionOutline, UnitKind, UnitOutline, outline};
pub use token::{Bracket, Token, TokenKind};

use crate::text::{Source, Span};

/// How deep brackets, `not` and minus signs may be nested, all counted together.
pub const MAX_DEPTH: usize = 200;

/// What the text is made of.
#[derive(Debug, Default)]
pub struct Tokens {
    /// Everything but white space and comments, in order.
    pub tokens: Vec<Token>,
    /// Comments with their delimiters.
    pub comments: Vec<Span>,
    /// Where strings start that run over a line end or are never closed.
    pub long_strings: Vec<u32>,
    /// Tokens that were never closed, by where they start, and what they are.
    pub unclosed: Vec<(Span, Unclosed)>,
}

/// What was never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclosed {
    /// `"…` or a back quote
    Text,
    /// `/…`
    Regex,
    /// `/* …`
    Comment,
}

/// Cuts the text into tokens. Strings that start at one of `cut` end with their line.
pub fn tokens(source: &Source, cut: &[u32]) -> Tokens {
    lex::lex(source, cut)
}
