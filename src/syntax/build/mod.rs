//! From pest's pairs to the tree. Functions return `None` only where the grammar and this room disagree.

mod expr;
mod literal;
mod section;

use pest::iterators::Pair;

use super::ast::{CrossJoin, Name};
use super::grammar::Rule;
use crate::diag::Diagnostic;
use crate::text::{SourceId, Span, Spanned};

/// How many arithmetic operators one statement may hold: chains lean left and make the tree as deep as they are long.
const MAX_ARITHMETIC: usize = 500;

/// Turns pairs into the tree, and reports what reads well but is not YARA-L.
pub struct Builder {
    source: SourceId,
    /// Where the text that pest was given starts in the source.
    base: usize,
    arithmetic: usize,
    /// Findings so far.
    pub found: Vec<Diagnostic>,
    /// `cross join` clauses, which stand among statements.
    pub cross: Vec<CrossJoin>,
}

impl Builder {
    /// For a piece of `source` that starts at `base`.
    pub fn new(source: SourceId, base: usize) -> Builder {
        Builder { source, base, arithmetic: 0, found: Vec::new(), cross: Vec::new() }
    }

    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.source, self.base + span.start()..self.base + span.end())
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
