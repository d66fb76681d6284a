//! Headings that were forgotten: where the lines of a section turn into those of another one.

use super::file::Assembler;
use super::scan::{Bracket, SectionOutline, Token, TokenKind};
use super::sections::{Home, heading_meant};

/// A section, and the name that its heading would have.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Where it stands.
    pub outline: SectionOutline,
    /// The section that it is, where its heading is not there.
    pub forgotten: Option<&'static str>,
}

impl Piece {
    /// Its heading as meant, or the section that it was found to be.
    pub fn name(&self, file: &Assembler<'_>) -> Option<&'static str> {
        let written = |at: usize| file.tokens.get(at).map(|token| token.text(file.text));
        self.forgotten.or_else(|| heading_meant(written(self.outline.heading?)?))
    }
}

/// Aggregates, by which the lines of `outcome:` are known.
const AGGREGATES: [&str; 11] = [
    "array",
    "array_distinct",
    "avg",
    "count",
    "count_distinct",
    "earliest",
    "latest",
    "max",
    "min",
    "stddev",
    "sum",
];

impl Assembler<'_> {
    /// The sections, cut where a heading is missing that the rule has nowhere.
    pub fn pieces(&self, sections: &[SectionOutline], home: Home) -> Vec<Piece> {
        let mut all: Vec<Piece> =
            sections.iter().map(|outline| Piece { outline: outline.clone(), forgotten: None }).collect();
        if home == Home::Search {
            return all;
        }
        self.split(&mut all, "events", &["meta"], Self::opens_events);
        let unknown = all.iter().any(|piece| piece.outline.heading.is_some() && piece.name(self).is_none());
        if !unknown && home == Home::Rule {
            self.split(&mut all, "outcome", &["match", "events"], Self::opens_outcome);
            self.split(&mut all, "condition", &["outcome", "match", "events"], Self::opens_condition);
        }
        all
    }

    /// Cuts the first of the sections `homes` at the line that `opens` the missing section `name`.
    fn split(
        &self,
        all: &mut Vec<Piece>,
        name: &'static str,
        homes: &[&str],
        opens: fn(&Self, usize, &Piece) -> bool,
    ) {
        if all.iter().any(|piece| piece.name(self) == Some(name)) {
            return;
        }
        let home =
            homes.iter().find_map(|home| all.iter().rposition(|piece| piece.name(self) == Some(*home)));
        let Some((at, piece)) = home.and_then(|at| Some((at, all.get(at)?))) else { return };
        let Some(first) = self.lines(&piece.outline).into_iter().find(|line| opens(self, *line, piece))
        else {
            return;
        };
        let start = self.tokens.get(first).map_or(piece.outline.text.end, |token| token.start);
        let outline = SectionOutline {
            heading: None,
            tokens: first..piece.outline.tokens.end,
            text: start..piece.outline.text.end,
        };
        if let Some(cut) = all.get_mut(at) {
            (cut.outline.tokens.end, cut.outline.text.end) = (first, start);
        }
        all.insert(at + 1, Piece { outline, forgotten: Some(name) });
    }

    /// The tokens that open a line outside of brackets and do not go on with the line before.
    fn lines(&self, section: &SectionOutline) -> Vec<usize> {
        let (mut depth, mut lines) = (0usize, Vec::new());
        for at in section.tokens.clone() {
            let Some(token) = self.tokens.get(at) else { break };
            let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
            let goes_on = before.is_some_and(|before| at > section.tokens.start && self.goes_on(*before));
            if depth == 0 && token.opens_line && !goes_on {
                lines.push(at);
            }
            depth = token.kind.depth_behind(depth);
        }
        lines
    }

    fn goes_on(&self, before: Token) -> bool {
        let window =
            ["over", "by", "before", "after", "every"].iter().any(|word| before.is_word(self.text, word));
        window || before.wants_operand(self.text)
    }

    fn next(&self, at: usize, piece: &Piece) -> Option<Token> {
        self.tokens.get(at + 1).filter(|_| piece.outline.tokens.contains(&(at + 1))).copied()
    }

    /// `$e`, not `$e.principal`.
    fn is_plain_variable(&self, token: Token) -> bool {
        token.kind == TokenKind::Variable && !token.text(self.text).contains('.')
    }

    /// No line of `meta:` begins like this.
    fn opens_events(&self, at: usize, piece: &Piece) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        let called = self.next(at, piece).is_some_and(|next| next.kind == TokenKind::Open(Bracket::Round));
        match token.kind {
            TokenKind::Variable | TokenKind::Open(Bracket::Round) => true,
            TokenKind::Word => called || token.is_word(self.text, "not"),
            TokenKind::Open(_)
            | TokenKind::Close(_)
            | TokenKind::Count
            | TokenKind::List
            | TokenKind::Number
            | TokenKind::Text
            | TokenKind::Regex
            | TokenKind::Symbol
            | TokenKind::Unknown => false,
        }
    }

    /// `$n = count(…)` under `events:`, and `$n = …` behind the window of `match:`.
    fn opens_outcome(&self, at: usize, piece: &Piece) -> bool {
        let Some(&token) = self.tokens.get(at) else { return false };
        let assigned = self.is_plain_variable(token)
            && self.next(at, piece).is_some_and(|next| next.is_symbol(self.text, "="));
        if piece.name(self) == Some("match") {
            return assigned && self.is_behind_a_window(at, piece);
        }
        let value = self.next(at + 1, piece);
        let aggregate = |token: Token| is_aggregate(token.text(self.text));
        let opened =
            self.next(at + 2, piece).is_some_and(|next| next.kind == TokenKind::Open(Bracket::Round));
        assigned && opened && value.is_some_and(aggregate)
    }

    /// `$e`, `#e > 3`, `!$e` or `$a and …`, where no line of the section begins like this.
    fn opens_condition(&self, at: usize, piece: &Piece) -> bool {
        let Some(&token) = self.tokens.get(at) else { return false };
        let next = self.next(at, piece);
        let joined = next.is_none_or(|next| next.is_word(self.text, "and") || next.is_word(self.text, "or"));
        let counted = token.kind == TokenKind::Count || token.is_symbol(self.text, "!");
        let plain = self.is_plain_variable(token);
        match piece.name(self) {
            Some("match") => (counted || plain) && self.is_behind_a_window(at, piece),
            Some("outcome") => counted || plain && !next.is_some_and(|next| self.assigns(next)),
            _ => counted || plain && joined,
        }
    }

    fn assigns(&self, token: Token) -> bool {
        ["=", "==", ":"].iter().any(|sign| token.is_symbol(self.text, sign))
    }

    fn is_behind_a_window(&self, at: usize, piece: &Piece) -> bool {
        let before = self.tokens.get(piece.outline.tokens.start..at).unwrap_or_default();
        before.iter().any(|token| token.is_word(self.text, "over") || token.is_word(self.text, "by"))
    }
}

/// Is it the name of an aggregate that rules have?
pub fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(&name)
}
