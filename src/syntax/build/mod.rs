//! From pest's pairs to the tree. Functions return `None` only where the grammar and this room disagree.

mod expr;
mod literal;
mod section;

use pest::iterators::Pair;

use super::ast::{CrossJoin, Name};
use super::grammar::Rule;
use super::scan::Token;
use crate::diag::Diagnostic;
use crate::text::{SourceId, Span, Spanned};

/// How many arithmetic operators one statement may hold: chains lean left and make the tree as deep as they are long.
const MAX_ARITHMETIC: usize = 500;

/// Turns pairs into the tree, and reports what reads well but is not YARA-L.
pub struct Builder<'a> {
    tokens: &'a [Token],
    source: SourceId,
    /// Where the text that pest was given starts in the source.
    base: usize,
    arithmetic: usize,
    /// Findings so far.
    pub found: Vec<Diagnostic>,
    /// `cross join` clauses, which stand among statements.
    pub cross: Vec<CrossJoin>,
}

impl<'a> Builder<'a> {
    /// For a piece of `source` that starts at `base`; `tokens` are those of the whole text.
    pub fn new(source: SourceId, base: usize, tokens: &'a [Token]) -> Builder<'a> {
        Builder { tokens, source, base, arithmetic: 0, found: Vec::new(), cross: Vec::new() }
    }

    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        let (start, end) = (self.base + span.start(), self.base + span.end());
        // pest counts the white space and the comments after a pair whose last part is optional.
        let last = self.tokens.partition_point(|token| token.end <= end).checked_sub(1);
        let trimmed =
            last.and_then(|last| self.tokens.get(last)).map(|token| token.end).filter(|&end| end > start);
        Span::new(self.source, start..trimmed.unwrap_or(end))
    }

    /// The word of `$x`, `#x`, `!$x` or a bare word.
    fn name(&self, pair: Pair<'_, Rule>) -> Option<Name> {
        match pair.as_rule() {
            Rule::word => {
                let span = self.span(&pair);
                Some(Spanned::new(pair.as_str().to_owned(), span))
            }
            _ => self.name(pair.into_inner().next()?),
        }
    }

    /// The word with the span of its sigil and all.
    fn sigil_name(&self, pair: Pair<'_, Rule>) -> Option<Name> {
        let span = self.span(&pair);
        Some(Spanned::new(self.name(pair)?.node, span))
    }
}
