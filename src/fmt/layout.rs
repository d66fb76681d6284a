//! Line by line: what starts one, how far it is indented, where one blank line stays.

use rustc_hash::FxHashMap;

use super::pieces::{Piece, PieceKind, pieces};
use super::spacing::{self, Gap};
use super::starts::{STEP, Start, starts};
use crate::syntax::ast::File;
use crate::syntax::{Bracket, Token, TokenKind};
use crate::text::Source;

/// Writes the text anew.
pub(super) fn write(source: &Source, file: &File) -> String {
    let pieces = pieces(source, file);
    let mut layout = Layout {
        text: &source.text,
        starts: starts(file),
        out: String::with_capacity(source.text.len()),
        line: 0,
        base: 0,
        section: None,
        words: Words::Kept,
        open: Vec::new(),
        above_heading: false,
        last: None,
        before: None,
    };
    for (at, piece) in pieces.iter().enumerate() {
        let next = pieces.iter().skip(at).find_map(|piece| Some((*piece, piece.token()?)));
        layout.piece(*piece, next);
    }
    layout.out.push('\n');
    layout.out
}

/// Are keywords spelt in lower case here? Under `meta` and `options` words are names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Lowered,
    Kept,
}

/// A bracket within a statement.
struct Open {
    /// The indent of the line it stands on.
    line: usize,
}

/// How a piece is set off from the one before it.
enum Set {
    /// On the same line.
    Beside(Gap),
    /// On a line of its own.
    Line { indent: usize, blank: Blank },
}

/// Whether a blank line comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blank {
    Yes,
    No,
}

struct Layout<'t> {
    text: &'t str,
    starts: FxHashMap<usize, Start>,
    out: String,
    /// The indent of this line.
    line: usize,
    /// The indent of this statement.
    base: usize,
    /// The indent of statements in this section; nothing before the first one.
    section: Option<usize>,
    words: Words,
    open: Vec<Open>,
    /// Do the comments here belong to the heading after them?
    above_heading: bool,
    /// The piece before.
    last: Option<Piece>,
    /// The token before.
    before: Option<Token>,
}

impl Layout<'_> {
    fn piece(&mut self, piece: Piece, next: Option<(Piece, Token)>) {
        let set = match piece.kind {
            PieceKind::Token(token) => self.set_token(piece, token),
            PieceKind::Line | PieceKind::Block => self.set_comment(piece, next),
        };
        self.put(set);
        match piece.kind {
            PieceKind::Token(token) => self.token(token),
            PieceKind::Line | PieceKind::Block => self.comment(piece),
        }
        self.last = Some(piece);
    }

    fn after_comment(&self) -> bool {
        self.last.is_some_and(|last| last.token().is_none())
    }

    fn put(&mut self, set: Set) {
        match set {
            Set::Beside(Gap::Blank) if !self.out.is_empty() => self.out.push(' '),
            Set::Beside(_) => {}
            Set::Line { indent, blank } => {
                if !self.out.is_empty() {
                    self.out.push_str(if blank == Blank::Yes { "\n\n" } else { "\n" });
                }
                self.out.extend(std::iter::repeat_n(' ', indent));
                self.line = indent;
            }
        }
    }

    fn set_token(&mut self, piece: Piece, token: Token) -> Set {
        if let Some(start) = self.starts.get(&piece.start).copied() {
            return self.set_start(start, piece);
        }
        let after_line = self.last.is_some_and(|last| matches!(last.kind, PieceKind::Line));
        if !after_line && (piece.breaks == 0 || self.is_joined(token)) {
            return Set::Beside(self.gap(token));
        }
        let closes = matches!(token.kind, TokenKind::Close(_));
        let indent = if closes {
            self.open.last().map_or(self.base, |open| open.line)
        } else {
            self.within(Some(token))
        };
        let blank = if closes { Blank::No } else { self.kept(piece) };
        Set::Line { indent, blank }
    }

    /// Never on a line of its own: a brace, and what belongs to a path.
    fn is_joined(&self, token: Token) -> bool {
        let path = |token: Token| token.is_symbol(self.text, ".");
        token.kind == TokenKind::Open(Bracket::Curly) || path(token) || self.before.is_some_and(path)
    }

    fn gap(&self, token: Token) -> Gap {
        let Some(before) = self.before else { return Gap::Nothing };
        if self.after_comment() { Gap::Blank } else { spacing::gap(self.text, before, token) }
    }

    /// The indent of a further line of this statement, which begins with `next`. Parts of a chain stand under each other.
    fn within(&self, next: Option<Token>) -> usize {
        let joint = |token: &Token| ["and", "or"].iter().any(|word| token.is_word(self.text, word));
        match self.open.last() {
            Some(open) => open.line + STEP,
            None if self.before.as_ref().is_some_and(joint) || next.as_ref().is_some_and(joint) => self.base,
            None => self.base + STEP,
        }
    }

    /// One blank line stays where there were any, but not behind what opens something.
    fn kept(&self, piece: Piece) -> Blank {
        let opens = |token: Token| {
            matches!(token.kind, TokenKind::Open(_))
                || (self.open.is_empty() && token.is_symbol(self.text, ":"))
        };
        let opened = self.before.is_some_and(opens) && !self.after_comment();
        if piece.breaks > 1 && !opened { Blank::Yes } else { Blank::No }
    }

    fn set_start(&mut self, start: Start, piece: Piece) -> Set {
        let apart = if self.opens_unit() { Blank::No } else { Blank::Yes };
        let after_comment = self.after_comment();
        self.open.clear();
        let (indent, blank) = match start {
            Start::Unit if after_comment => (0, self.kept(piece)),
            Start::Unit => (0, Blank::Yes),
            Start::Close => (0, Blank::No),
            Start::Item(indent) if self.closed_unit() => (indent, Blank::Yes),
            Start::Item(indent) => (indent, self.kept(piece)),
            Start::Heading(indent) if self.above_heading => (indent, self.kept(piece)),
            Start::Heading(indent) => (indent, apart),
        };
        self.begin(start, indent, piece);
        Set::Line { indent, blank }
    }

    /// Is the brace that opens a unit the last token, or is there none?
    fn opens_unit(&self) -> bool {
        self.before.is_none_or(|before| before.kind == TokenKind::Open(Bracket::Curly))
    }

    /// Is the brace that closes a unit the last piece?
    fn closed_unit(&self) -> bool {
        self.last.is_some_and(|last| self.starts.get(&last.start) == Some(&Start::Close))
    }

    fn begin(&mut self, start: Start, indent: usize, piece: Piece) {
        self.base = indent;
        self.above_heading = false;
        match start {
            Start::Unit | Start::Close => (self.section, self.words) = (None, Words::Lowered),
            Start::Heading(_) => {
                let names = ["meta", "options"]
                    .iter()
                    .any(|name| piece.text(self.text).to_lowercase().starts_with(name));
                self.section = Some(indent + STEP);
                self.words = if names { Words::Kept } else { Words::Lowered };
            }
            Start::Item(_) if self.section.is_none() => {
                (self.section, self.words) = (Some(indent), Words::Lowered)
            }
            Start::Item(_) => {}
        }
    }

    fn token(&mut self, token: Token) {
        let written = token.text(self.text);
        let start = self.starts.get(&token.start);
        let word = match start {
            Some(Start::Unit | Start::Heading(_)) => Some(written.to_lowercase()),
            Some(Start::Item(_) | Start::Close) | None => None,
        };
        let lowered = token.kind == TokenKind::Word && self.words == Words::Lowered;
        let keyword = spacing::keyword(written).filter(|_| lowered);
        self.out.push_str(word.as_deref().or(keyword).unwrap_or(written));
        if let TokenKind::Open(Bracket::Round | Bracket::Square) = token.kind {
            self.open.push(Open { line: self.line });
        } else if let TokenKind::Close(Bracket::Round | Bracket::Square) = token.kind {
            self.open.pop();
        }
        self.before = Some(token);
    }

    fn comment(&mut self, piece: Piece) {
        let lines: Vec<&str> = piece.text(self.text).lines().map(str::trim_end).collect();
        self.out.push_str(&lines.join("\n"));
    }

    fn set_comment(&mut self, piece: Piece, next: Option<(Piece, Token)>) -> Set {
        let own_line = piece.breaks > 0 || self.last.is_none();
        if !own_line {
            let opened = self.before.is_some_and(|before| {
                matches!(before.kind, TokenKind::Open(Bracket::Round | Bracket::Square))
            });
            let close = opened && matches!(piece.kind, PieceKind::Block) && !self.after_comment();
            return Set::Beside(if close { Gap::Nothing } else { Gap::Blank });
        }
        let Some((token, _)) = next else {
            let indent = if piece.column > 0 { self.section.unwrap_or(0) } else { 0 };
            return Set::Line { indent, blank: self.kept(piece) };
        };
        match self.starts.get(&token.start).copied() {
            None => Set::Line { indent: self.before_more(token), blank: self.kept(piece) },
            Some(Start::Unit) => Set::Line { indent: 0, blank: self.kept(piece) },
            Some(Start::Item(indent)) => Set::Line { indent, blank: self.kept(piece) },
            Some(Start::Close) => Set::Line { indent: self.section.unwrap_or(STEP), blank: self.kept(piece) },
            Some(Start::Heading(indent)) => self.set_near_heading(piece, indent, token.column),
        }
    }

    /// Within a statement; a comment between a rule's name and its brace is within none.
    fn before_more(&self, next: Piece) -> usize {
        let brace = next.token().is_some_and(|token| token.kind == TokenKind::Open(Bracket::Curly));
        if brace { STEP } else { self.within(next.token()) }
    }

    /// A comment as far left as the heading after it belongs to that; else it ends the section before.
    fn set_near_heading(&mut self, piece: Piece, heading: usize, column: usize) -> Set {
        let Some(section) = self.section else {
            return Set::Line { indent: heading, blank: self.kept(piece) };
        };
        if self.above_heading {
            return Set::Line { indent: heading, blank: self.kept(piece) };
        }
        if piece.column <= column || section <= heading {
            self.above_heading = true;
            return Set::Line { indent: heading, blank: Blank::Yes };
        }
        Set::Line { indent: section, blank: self.kept(piece) }
    }
}
