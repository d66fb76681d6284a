//! Where rules, stages and sections start and end, and which brackets pair up.

use std::ops::Range;

use super::MAX_DEPTH;
use super::token::{Bracket, Token, TokenKind};

/// The file without what stands in its sections. Numbers are places in the list of tokens.
#[derive(Debug, Default)]
pub struct Outline {
    /// Rules and stages in order.
    pub units: Vec<UnitOutline>,
    /// What stands outside them: before, between and after.
    pub outside: Vec<SectionOutline>,
    /// Brackets that close nothing.
    pub stray: Vec<usize>,
    /// Brackets never closed, those of units not among them.
    pub unclosed: Vec<usize>,
    /// The same where they are nested too deep, of which nothing more is to be said.
    pub lost: Vec<usize>,
    /// Headings whose colon is missing.
    pub colonless: Vec<usize>,
    /// The first bracket that is nested too deep, for each outermost bracket.
    pub too_deep: Vec<usize>,
    /// The deepest nesting anywhere.
    pub deepest: usize,
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// `rule NAME { … }`
    Rule,
    /// `stage NAME { … }`
    Stage,
}

/// A rule or a stage.
#[derive(Debug)]
pub struct UnitOutline {
    /// Which of the two.
    pub kind: UnitKind,
    /// The word `rule` or `stage`.
    pub keyword: usize,
    /// What stands between the word and the brace: one word where all is well.
    pub name: Range<usize>,
    /// Its opening brace.
    pub open: Option<usize>,
    /// Its closing brace.
    pub close: Option<usize>,
    /// Its sections in order, the first being what stands before any heading.
    pub sections: Vec<SectionOutline>,
}

/// A section: its heading, the tokens and the bytes under it.
#[derive(Debug, Clone, Default)]
pub struct SectionOutline {
    /// The heading's word; none before the first heading.
    pub heading: Option<usize>,
    /// Its tokens.
    pub tokens: Range<usize>,
    /// Its text.
    pub text: Range<usize>,
}

/// The words that head sections.
pub const HEADINGS: [&str; 13] = [
    "meta",
    "setup",
    "events",
    "match",
    "outcome",
    "condition",
    "options",
    "dedup",
    "order",
    "limit",
    "select",
    "unselect",
    "export",
];

/// Finds the outline.
pub fn outline(text: &str, tokens: &[Token]) -> Outline {
    let mut walker = Walker {
        text,
        tokens,
        unit: None,
        section: SectionOutline::default(),
        stack: Vec::new(),
        weight: 0,
        prefixes: 0,
        deep: false,
        out: Outline::default(),
    };
    let mut at = 0;
    while let Some(&token) = tokens.get(at) {
        at = walker.step(at, token);
    }
    walker.finish();
    walker.out
}

struct Opened {
    token: usize,
    bracket: Bracket,
    weight: usize,
}

struct Walker<'a> {
    text: &'a str,
    tokens: &'a [Token],
    unit: Option<UnitOutline>,
    section: SectionOutline,
    stack: Vec<Opened>,
    /// `not` and minus signs around the open brackets.
    weight: usize,
    /// `not` and minus signs just before this token.
    prefixes: usize,
    deep: bool,
    out: Outline,
}

impl Walker<'_> {
    /// Takes one token, or all of a heading, and says where to go on.
    fn step(&mut self, at: usize, token: Token) -> usize {
        if let Some(kind) = self.unit_start(at, token) {
            return self.open_unit(kind, at);
        }
        if self.is_stage_in_rule(at, token) {
            self.open_section(at, None, (at, token.start));
            return self.behind_braces(at + 2);
        }
        if self.is_nameless(token) {
            return self.open_section(at, Some(at), (at + 1, token.end));
        }
        if self.is_heading(at, token) {
            let colon = self.tokens.get(at + 1).map_or(token.end, |colon| colon.end);
            return self.open_section(at, Some(at), (at + 2, colon));
        }
        if self.is_bare_heading(at, token) {
            let sign = self.token(at + 1).filter(|next| next.is_symbol(self.text, "="));
            let inside = sign.map_or((at + 1, token.end), |sign| (at + 2, sign.end));
            let next = self.open_section(at, Some(at), inside);
            self.out.colonless.push(at);
            return next;
        }
        self.count_prefix(at, token);
        if let TokenKind::Open(bracket) = token.kind {
            self.open(at, bracket);
        } else if let TokenKind::Close(bracket) = token.kind {
            self.close(at, bracket);
        }
        at + 1
    }

    /// Ends the section before `at`; what stands in the new one starts at a token and a byte. Gives that token.
    fn open_section(&mut self, at: usize, heading: Option<usize>, (next, start): (usize, usize)) -> usize {
        let before = self.token(at).map_or(start, |token| token.start);
        self.close_section(at, before);
        self.section = SectionOutline { heading, tokens: next..next, text: start..start };
        next
    }

    fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// `rule NAME {` anywhere, since a rule never stands in another; less than that only outside of units.
    fn unit_start(&self, at: usize, token: Token) -> Option<UnitKind> {
        let known = [("rule", UnitKind::Rule), ("stage", UnitKind::Stage)];
        let (_, kind) = known.into_iter().find(|(word, _)| token.is_word(self.text, word))?;
        let next = self.token(at + 1)?;
        let named = next.kind == TokenKind::Word
            && matches!(self.token(at + 2)?.kind, TokenKind::Open(Bracket::Curly));
        let alone = self.unit.is_none() && self.stack.is_empty() && token.opens_line;
        let loose = alone
            && !matches!(next.kind, TokenKind::Symbol | TokenKind::Open(Bracket::Round | Bracket::Square));
        match kind {
            UnitKind::Rule => (named || loose).then_some(kind),
            UnitKind::Stage => {
                let nameless = alone && next.kind == TokenKind::Open(Bracket::Curly);
                ((named || nameless) && self.unit.is_none()).then_some(kind)
            }
        }
    }

    /// A stage never stands in a rule; what is in its braces says nothing of the rule's sections.
    fn is_stage_in_rule(&self, at: usize, token: Token) -> bool {
        let opens = |token: Token| token.kind == TokenKind::Open(Bracket::Curly);
        token.is_word(self.text, "stage")
            && token.opens_line
            && self.stack.is_empty()
            && self.unit.as_ref().is_some_and(|unit| unit.kind == UnitKind::Rule)
            && self.token(at + 2).is_some_and(opens)
    }

    /// The token behind the brace that closes the one at `open`.
    fn behind_braces(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            depth += usize::from(token.kind == TokenKind::Open(Bracket::Curly));
            depth = depth.saturating_sub(usize::from(token.kind == TokenKind::Close(Bracket::Curly)));
            if depth == 0 {
                return at + 1;
            }
        }
        self.tokens.len()
    }

    fn open_unit(&mut self, kind: UnitKind, at: usize) -> usize {
        self.close_brackets(0);
        let start = self.token(at).map_or(0, |token| token.start);
        self.close_section(at, start);
        self.close_unit(None);
        let brace = self.header_end(at);
        let open =
            self.token(brace).filter(|token| token.kind == TokenKind::Open(Bracket::Curly)).map(|_| brace);
        let next = brace + usize::from(open.is_some());
        let from = self.token(next - 1).map_or(0, |token| token.end);
        self.unit = Some(UnitOutline {
            kind,
            keyword: at,
            name: at + 1..brace,
            open,
            close: None,
            sections: Vec::new(),
        });
        self.section = SectionOutline { heading: None, tokens: next..next, text: from..from };
        next
    }

    /// The brace after `rule …`, or where the header breaks off: a heading, a variable or another line.
    fn header_end(&self, at: usize) -> usize {
        let mut end = at + 1;
        while let Some(token) = self.token(end) {
            let colon = self.token(end + 1).is_some_and(|next| next.is_symbol(self.text, ":"));
            let heading = token.kind == TokenKind::Word && colon && token.opens_line;
            let over = token.opens_line && end > at + 1;
            if token.kind == TokenKind::Open(Bracket::Curly)
                || heading
                || over
                || token.kind == TokenKind::Variable
            {
                break;
            }
            end += 1;
        }
        end
    }

    /// A word and a colon where no bracket is open; or a known heading that opens a line while some bracket was forgotten.
    fn is_heading(&self, at: usize, token: Token) -> bool {
        let colon = self.token(at + 1).is_some_and(|next| next.is_symbol(self.text, ":"));
        if token.kind != TokenKind::Word || !colon || token.text(self.text).contains('.') {
            return false;
        }
        let word = token.text(self.text);
        let known = HEADINGS.iter().any(|heading| word.eq_ignore_ascii_case(heading));
        let before = at.checked_sub(1).and_then(|before| self.token(before));
        // `column: $value` of a call stands with its value, a heading mostly alone.
        let valued = self.token(at + 2).is_some_and(|next| !next.opens_line);
        let argument = valued
            && before
                .is_some_and(|t| t.kind == TokenKind::Open(Bracket::Round) || t.is_symbol(self.text, ","));
        match self.stack.is_empty() {
            true => known || !self.is_pair(at),
            false => known && token.opens_line && !argument,
        }
    }

    /// A colon alone on its line.
    fn is_nameless(&self, token: Token) -> bool {
        token.is_symbol(self.text, ":") && token.opens_line && self.unit.is_some() && self.stack.is_empty()
    }

    /// A heading alone on its line, its colon forgotten or written as `=`.
    fn is_bare_heading(&self, at: usize, token: Token) -> bool {
        let ends = |at: usize| self.token(at).is_none_or(|next| next.opens_line);
        let equals = self.token(at + 1).is_some_and(|next| next.is_symbol(self.text, "="));
        let alone = token.opens_line && (ends(at + 1) || equals && ends(at + 2));
        self.unit.is_some()
            && self.stack.is_empty()
            && alone
            && HEADINGS.iter().any(|heading| token.is_word(self.text, heading))
    }

    /// `key: "value"` under `meta:` or `options:`, a slip for `key = "value"`.
    fn is_pair(&self, at: usize) -> bool {
        let under = |word| {
            self.section.heading.and_then(|at| self.token(at)).is_some_and(|t| t.is_word(self.text, word))
        };
        let value = self.token(at + 2).is_some_and(|next| !next.opens_line);
        value && (under("meta") || under("options"))
    }

    fn count_prefix(&mut self, at: usize, token: Token) {
        let prefix = token.is_word(self.text, "not")
            || token.is_symbol(self.text, "-")
            || token.is_symbol(self.text, "!");
        self.prefixes = if prefix { self.prefixes + 1 } else { self.prefixes };
        let depth = self.stack.len() + self.weight + self.prefixes;
        self.out.deepest = self.out.deepest.max(depth);
        if depth >= MAX_DEPTH && !self.deep {
            self.deep = true;
            self.out.too_deep.push(at);
        }
        let open = matches!(token.kind, TokenKind::Open(_));
        if !prefix && !open {
            self.prefixes = 0;
            self.deep &= !self.stack.is_empty();
        }
    }

    fn open(&mut self, at: usize, bracket: Bracket) {
        self.stack.push(Opened { token: at, bracket, weight: self.weight });
        self.weight += self.prefixes;
        self.prefixes = 0;
    }

    fn close(&mut self, at: usize, bracket: Bracket) {
        match self.stack.iter().rposition(|open| open.bracket == bracket) {
            Some(found) => {
                self.close_brackets(found + 1);
                self.weight = self.stack.pop().map_or(0, |open| open.weight);
            }
            None if bracket == Bracket::Curly && self.unit.is_some() => {
                self.close_brackets(0);
                let (start, end) = self.token(at).map_or((0, 0), |token| (token.start, token.end));
                self.close_section(at, start);
                self.close_unit(Some(at));
                self.section = SectionOutline { heading: None, tokens: at + 1..at + 1, text: end..end };
            }
            None => self.out.stray.push(at),
        }
    }

    /// Everything open beyond `keep` was forgotten.
    fn close_brackets(&mut self, keep: usize) {
        let forgotten = if self.deep { &mut self.out.lost } else { &mut self.out.unclosed };
        for open in self.stack.drain(keep.min(self.stack.len())..) {
            forgotten.push(open.token);
            self.weight = open.weight;
        }
        if keep == 0 {
            (self.weight, self.prefixes, self.deep) = (0, 0, false);
        }
    }

    fn close_section(&mut self, token: usize, end: usize) {
        self.close_brackets(0);
        let mut section = std::mem::take(&mut self.section);
        section.tokens.end = token.max(section.tokens.start);
        section.text.end = end.max(section.text.start);
        match &mut self.unit {
            Some(unit) => unit.sections.push(section),
            None => self.out.outside.push(section),
        }
    }

    fn close_unit(&mut self, close: Option<usize>) {
        if let Some(mut unit) = self.unit.take() {
            unit.close = close;
            self.out.units.push(unit);
        }
    }

    fn finish(&mut self) {
        self.close_section(self.tokens.len(), self.text.len());
        self.close_unit(None);
    }
}
