//! One section at a time: whole where it is well formed, else piece by piece.

use std::ops::Range;

use pest::Parser;
use pest::error::InputLocation;
use pest::iterators::Pair;

use super::ast::{CrossJoin, Place, Section, Stmt};
use super::build::Builder;
use super::explain::{self, Failure};
use super::grammar::{Grammar, Rule};
use super::scan::{SectionOutline, Token, TokenKind};
use super::{ast, errors};
use crate::diag::{Diagnostic, codes};
use crate::text::{Source, Span};

/// A section of more words and signs is refused: reading it would take more memory than it can be worth.
const MOST_TOKENS: usize = 500_000;

/// How a kind of section is read.
pub struct Kind<T> {
    /// The grammar's rule for all of it.
    pub entry: Rule,
    /// Builds one item.
    pub item: fn(&mut Builder<'_>, Pair<'_, Rule>) -> Option<T>,
    /// What stands for an item that cannot be read.
    pub broken: fn(Span) -> Option<T>,
    /// Does a new piece start with this token, the first of its line?
    pub opens: fn(&str, Token, Option<Token>) -> bool,
}

/// Reads sections of one text.
pub struct Reader<'a> {
    /// The text.
    pub source: &'a Source,
    /// All its tokens.
    pub tokens: &'a [Token],
    /// Tokens for which the scan has given a diagnostic, in order.
    pub reported: &'a [usize],
    /// Brackets that have no partner, in order.
    pub lonely: &'a [usize],
    /// Findings so far.
    pub found: Vec<Diagnostic>,
    /// `cross join` clauses so far.
    pub cross: Vec<CrossJoin>,
}

impl Reader<'_> {
    /// The span of some bytes.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source.id, range)
    }

    /// The span of one token.
    pub fn token_span(&self, at: usize) -> Span {
        let token = self.tokens.get(at);
        self.span(token.map_or(0..0, |token| token.start..token.end))
    }

    /// The word of a heading, with its colon where it has one.
    fn heading(&self, section: &SectionOutline) -> Span {
        let Some(at) = section.heading else { return self.token_span(section.tokens.start).start_point() };
        let colon = self.tokens.get(at + 1).is_some_and(|next| next.is_symbol(&self.source.text, ":"));
        let word = self.token_span(at);
        if colon { word.to(self.token_span(at + 1)) } else { word }
    }

    /// Reads a section.
    pub fn read<T>(&mut self, kind: &Kind<T>, section: &SectionOutline) -> Section<T> {
        let heading = self.heading(section);
        let last = section.tokens.end.checked_sub(1).filter(|last| section.tokens.contains(last));
        let span = last.map_or(heading, |last| heading.to(self.token_span(last)));
        let mut read =
            Section { heading: Place(heading), span: Place(span), items: Vec::new(), broken: false };
        // `meta:` and the like may be empty; the others get a diagnostic from whoever knows their names.
        read.broken = section.tokens.is_empty()
            && matches!(kind.entry, Rule::statements | Rule::match_ | Rule::outcome);
        if section.tokens.is_empty() {
            return read;
        }
        if section.tokens.len() > MOST_TOKENS {
            self.found.push(errors::section_too_long(heading, MOST_TOKENS));
            read.broken = true;
            return read;
        }
        if self.whole(kind, section, &mut read) {
            return read;
        }
        read.broken = true;
        for piece in self.pieces(kind, section) {
            self.piece(kind, piece, &mut read.items);
        }
        read
    }

    /// The section in one go; false where it does not parse.
    fn whole<T>(&mut self, kind: &Kind<T>, section: &SectionOutline, read: &mut Section<T>) -> bool {
        if self.is_reported(&section.tokens) {
            return false;
        }
        match self.attempt(kind, section.text.clone()) {
            Ok(items) => {
                read.items = items;
                true
            }
            Err(_) => false,
        }
    }

    /// Parses and builds some bytes; on failure says where it broke off.
    fn attempt<T>(&mut self, kind: &Kind<T>, range: Range<usize>) -> Result<Vec<T>, usize> {
        let text = self.source.text.get(range.clone()).unwrap_or_default();
        let pairs = Grammar::parse(kind.entry, text).map_err(|error| match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => range.start + at,
        })?;
        let mut builder = Builder::new(self.source.id, range.start, self.tokens);
        let mut items = Vec::new();
        for pair in pairs.flat_map(Pair::into_inner) {
            let span = pair.as_span();
            let span = self.span(range.start + span.start()..range.start + span.end());
            match pair.as_rule() {
                Rule::EOI => {}
                Rule::stray_comma => builder.found.push(errors::comma(span)),
                Rule::cross_join => builder.cross_join(pair),
                _ => items.extend((kind.item)(&mut builder, pair).or_else(|| {
                    // The grammar let something through that `build` does not know: say so, never drop it.
                    builder.found.push(errors::unexpected(span, "a line of this section", "something else"));
                    (kind.broken)(span)
                })),
            }
        }
        self.found.append(&mut builder.found);
        self.cross.append(&mut builder.cross);
        Ok(items)
    }

    fn parses<T>(&self, kind: &Kind<T>, range: &Range<usize>) -> bool {
        let text = self.source.text.get(self.bytes(range)).unwrap_or_default();
        !self.is_reported(range) && Grammar::parse(kind.entry, text).is_ok()
    }

    fn is_reported(&self, tokens: &Range<usize>) -> bool {
        let next = self.reported.partition_point(|&at| at < tokens.start);
        self.reported.get(next).is_some_and(|at| tokens.contains(at))
    }

    fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        let start = self.tokens.get(tokens.start).map_or(0, |token| token.start);
        let end =
            tokens.end.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.end);
        start..end.max(start)
    }

    /// Cuts a section where, outside of all brackets, a line opens like a statement and does not go on with the last.
    fn pieces<T>(&self, kind: &Kind<T>, section: &SectionOutline) -> Vec<Range<usize>> {
        let text = &self.source.text;
        let mut pieces = Vec::new();
        let (mut start, mut depth) = (section.tokens.start, 0usize);
        for at in section.tokens.clone() {
            let Some(&token) = self.tokens.get(at) else { break };
            let goes_on = at
                .checked_sub(1)
                .and_then(|before| self.tokens.get(before))
                .is_some_and(|before| before.wants_operand(text));
            let opens = (kind.opens)(text, token, self.tokens.get(at + 1).copied());
            if at > start && depth == 0 && token.opens_line && opens && !goes_on {
                pieces.push(start..at);
                start = at;
            }
            if self.lonely.binary_search(&at).is_err() {
                depth = token.kind.depth_behind(depth);
            }
        }
        pieces.push(start..section.tokens.end);
        pieces
    }

    fn piece<T>(&mut self, kind: &Kind<T>, piece: Range<usize>, items: &mut Vec<T>) {
        let mut rest = Some(piece);
        while let Some(piece) = rest {
            let bytes = self.bytes(&piece);
            rest = match self.is_reported(&piece) {
                true => {
                    items.extend((kind.broken)(self.span(bytes)));
                    None
                }
                false => match self.attempt(kind, bytes) {
                    Ok(read) => {
                        items.extend(read);
                        None
                    }
                    Err(stopped) => self.failed(kind, piece, stopped, items),
                },
            };
        }
    }

    /// One diagnostic for a piece that broke off at byte `stopped`, and what of the piece is still to be read.
    fn failed<T>(
        &mut self,
        kind: &Kind<T>,
        piece: Range<usize>,
        stopped: usize,
        items: &mut Vec<T>,
    ) -> Option<Range<usize>> {
        let Some(cut) = self.value_forgotten(kind, &piece) else {
            items.extend((kind.broken)(self.span(self.bytes(&piece))));
            let failure =
                Failure { source: self.source, tokens: self.tokens, piece, stopped, entry: kind.entry };
            self.found.push(explain::explain(&failure));
            return None;
        };
        let sign = self.token_span(cut - 1);
        self.found.push(errors::expected_value(sign, self.source.slice(sign)));
        items.extend((kind.broken)(self.span(self.bytes(&(piece.start..cut)))));
        Some(cut..piece.end)
    }

    /// Where a statement starts on the line after an operator that got no value: `$e.a =` and then `$e.b = 1`.
    fn value_forgotten<T>(&self, kind: &Kind<T>, piece: &Range<usize>) -> Option<usize> {
        let text = &self.source.text;
        let opens = |at: usize| {
            let token = self.tokens.get(at)?;
            let before = self.tokens.get(at.checked_sub(1)?)?;
            let open =
                token.opens_line && token.opens_statement(text) && !matches!(before.kind, TokenKind::Open(_));
            Some(open && before.wants_operand(text) && !before.is_symbol(text, ","))
        };
        let compares = |at: usize| self.tokens.get(at + 1).is_some_and(|next| next.is_compare(text));
        let at = (piece.start + 1..piece.end).find(|&at| opens(at) == Some(true))?;
        // After `and` and the like a statement may well go on; after a comparison it cannot hold another one.
        let compared = self.tokens.get(at - 1).is_some_and(|before| before.is_compare(text));
        (compared && compares(at) || self.parses(kind, &(at..piece.end))).then_some(at)
    }
}

/// Statements side by side on one line, where one of them is a bare value, were meant as one.
pub fn lone_values(reader: &mut Reader<'_>, section: &mut Section<Stmt>) {
    let mut broken = vec![false; section.items.len()];
    for (at, pair) in section.items.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        let after_broken = broken.get(at) == Some(&true);
        let torn = is_bare(left) || is_value(right) || after_broken;
        if !torn || is_broken(pair) || !on_one_line(reader, left, right) {
            continue;
        }
        if !after_broken {
            torn_apart(reader, left, right);
        }
        broken.iter_mut().skip(at).take(2).for_each(|flag| *flag = true);
    }
    break_values(reader, section, broken);
}

fn on_one_line(reader: &Reader<'_>, left: &Stmt, right: &Stmt) -> bool {
    let between = stmt_span(left).end as usize..stmt_span(right).start as usize;
    reader.source.text.get(between).is_some_and(|between| !between.contains('\n'))
}

/// Says what is missing between two statements that were meant as one.
fn torn_apart(reader: &mut Reader<'_>, left: &Stmt, right: &Stmt) {
    let (bare, span, right_span) = (is_bare(left), stmt_span(left).to(stmt_span(right)), stmt_span(right));
    let here = reader.tokens.partition_point(|token| token.start < right_span.start as usize);
    let text = |at: usize| reader.source.slice(reader.token_span(at)).to_owned();
    let (left, right) = (text(here.saturating_sub(1)), text(here));
    if right.starts_with('[') {
        reader
            .found
            .retain(|one| one.label.span.start < right_span.start || one.label.span.start >= right_span.end);
        reader.found.push(errors::bad_index(reader.token_span(here)));
        return;
    }
    let after = reader.tokens.get(here + 1).map_or("", |token| token.text(&reader.source.text));
    reader.found.retain(|one| one.code != &codes::STRAY_NOCASE || one.label.span.start < right_span.start);
    reader.found.push(match bare {
        true if right.starts_with('%') => errors::in_missing(span, &left, &right),
        true if is_word(&right, after) => errors::unknown_operator(reader.token_span(here), &right),
        true => errors::missing_operator(span, &left, &right),
        false => errors::missing_joint(span, &left, &right),
    });
}

/// Takes out what was told to be torn apart, and values that stand alone, which are told here.
fn break_values(reader: &mut Reader<'_>, section: &mut Section<Stmt>, broken: Vec<bool>) {
    for (item, broken) in section.items.iter_mut().zip(broken) {
        let span = stmt_span(item);
        if !broken && is_value(item) {
            reader.found.push(errors::lone_value(span, reader.source.slice(span)));
        }
        if broken || is_value(item) {
            *item = Stmt::Broken(Place(span));
            section.broken = true;
        }
    }
}

/// A word in the place of an operator, as in `$e.a contains "x"`.
fn is_word(text: &str, after: &str) -> bool {
    after != "(" && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
}

fn is_broken(pair: &[Stmt]) -> bool {
    pair.iter().any(|item| matches!(item, Stmt::Broken(_)))
}

fn stmt_span(item: &Stmt) -> Span {
    match item {
        Stmt::Predicate(expr) => expr.span,
        Stmt::Broken(place) => place.0,
    }
}

/// A field or a value, which is no condition.
fn is_bare(item: &Stmt) -> bool {
    let Stmt::Predicate(expr) = item else { return false };
    is_bare_field(expr) || is_value(item)
}

fn is_bare_field(expr: &ast::Expr) -> bool {
    if let ast::ExprKind::Not(inner) = &expr.kind {
        return is_bare_field(inner);
    }
    expr.as_any_field().is_some()
}

/// A literal other than `true` and `false`.
fn is_value(item: &Stmt) -> bool {
    let Stmt::Predicate(expr) = item else { return false };
    expr.as_literal().is_some_and(|literal| !matches!(literal, ast::Literal::Bool(_)))
}
