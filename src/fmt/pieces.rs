//! What a text is made of: tokens and comments in one row, with what stood before each.

use crate::syntax::ast::File;
use crate::syntax::{Token, tokens};
use crate::text::Source;

/// A token or a comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Which of the two.
    pub kind: PieceKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How many line ends stand before it.
    pub breaks: usize,
    /// How far it is from the start of its line.
    pub column: usize,
}

/// The kinds of piece.
#[derive(Debug, Clone, Copy)]
pub(super) enum PieceKind {
    /// A token.
    Token(Token),
    /// `// …`, which goes on to the end of its line.
    Line,
    /// `/* … */`
    Block,
}

impl Piece {
    /// Its text.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The token, where it is one.
    pub fn token(self) -> Option<Token> {
        match self.kind {
            PieceKind::Token(token) => Some(token),
            PieceKind::Line | PieceKind::Block => None,
        }
    }
}

/// All pieces in order.
pub(super) fn pieces(source: &Source, file: &File) -> Vec<Piece> {
    let text = source.text.as_str();
    let token = |token: Token| (PieceKind::Token(token), token.start, token.end);
    let mut all: Vec<_> = tokens(source).into_iter().map(token).collect();
    all.extend(file.comments.iter().map(|span| {
        let range = span.range();
        let block = text.get(range.clone()).is_some_and(|comment| comment.starts_with("/*"));
        (if block { PieceKind::Block } else { PieceKind::Line }, range.start, range.end)
    }));
    all.sort_by_key(|(_, start, _)| *start);
    let (mut last, mut line) = (0, 0);
    let place = |(kind, start, end): (PieceKind, usize, usize)| {
        let before = text.get(last..start).unwrap_or_default();
        line = before.rfind('\n').map_or(line, |at| last + at + 1);
        let piece = Piece { kind, start, end, breaks: before.matches('\n').count(), column: start - line };
        let inside = text.get(start..end).unwrap_or_default();
        line = inside.rfind('\n').map_or(line, |at| start + at + 1);
        last = end;
        piece
    };
    all.into_iter().map(place).collect()
}
