//! The sections of one rule, search or stage: which they are, whether they may stand there, and how each is read.

use super::ast::{
    Assignment, Body, CrossJoin, Expr, ExprKind, MatchClause, MetaPair, OptionPair, OrderItem, Place,
    Section, SetupCall, Stmt, WriteRow,
};
use super::errors;
use super::file::Assembler;
use super::forgotten::{self, Piece};
use super::grammar::Rule;
use super::parse::{Kind, Reader, lone_values};
use super::scan::{Bracket, HEADINGS, SectionOutline, Token, TokenKind};
use crate::text::{Span, Spanned};

static META: Kind<MetaPair> = Kind {
    entry: Rule::meta,
    item: |builder, pair| builder.meta_pair(pair),
    broken: nothing,
    opens: any_line,
};
static SETUP: Kind<SetupCall> = Kind {
    entry: Rule::setup,
    item: |builder, pair| builder.setup_call(pair),
    broken: nothing,
    opens: any_line,
};
static STATEMENTS: Kind<Stmt> = Kind {
    entry: Rule::statements,
    item: |builder, pair| builder.statement(pair),
    broken: broken_statement,
    opens: statement_line,
};
static MATCH: Kind<MatchClause> = Kind {
    entry: Rule::match_,
    item: |builder, pair| builder.match_clause(pair),
    broken: nothing,
    opens: no_line,
};
static OUTCOME: Kind<Assignment> = Kind {
    entry: Rule::outcome,
    item: |builder, pair| builder.assignment(pair),
    broken: broken_assignment,
    opens: assignment_line,
};
static OPTIONS: Kind<OptionPair> = Kind {
    entry: Rule::options,
    item: |builder, pair| builder.option_pair(pair),
    broken: nothing,
    opens: any_line,
};
static ITEMS: Kind<Expr> =
    Kind { entry: Rule::items, item: |builder, pair| builder.item(pair), broken: nothing, opens: no_line };
static ORDER: Kind<OrderItem> = Kind {
    entry: Rule::order,
    item: |builder, pair| builder.order_item(pair),
    broken: nothing,
    opens: no_line,
};
static LIMIT: Kind<Spanned<u64>> =
    Kind { entry: Rule::limit, item: |builder, pair| builder.limit(pair), broken: nothing, opens: no_line };
static EXPORT: Kind<WriteRow> = Kind {
    entry: Rule::export,
    item: |builder, pair| builder.write_row(pair),
    broken: nothing,
    opens: any_line,
};

fn nothing<T>(_: Span) -> Option<T> {
    None
}

fn broken_statement(span: Span) -> Option<Stmt> {
    Some(Stmt::Broken(Place(span)))
}

fn broken_assignment(span: Span) -> Option<Assignment> {
    Some(Assignment::Broken(Place(span)))
}

fn any_line(_: &str, _: Token, _: Option<Token>) -> bool {
    true
}

fn no_line(_: &str, _: Token, _: Option<Token>) -> bool {
    false
}

fn statement_line(text: &str, token: Token, _: Option<Token>) -> bool {
    token.opens_statement(text)
}

/// `$name =`, and `name =` where the author forgot the sign.
fn assignment_line(text: &str, token: Token, next: Option<Token>) -> bool {
    let named = matches!(token.kind, TokenKind::Variable | TokenKind::Word);
    named && next.is_some_and(|next| matches!(next.text(text), "=" | "==" | ":"))
}

/// Where sections stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In a rule.
    Rule,
    /// In a search or a stage.
    Search,
    /// A rule whose header is missing: nothing more is said about its sections.
    Headless,
}

/// Sections as they are found.
#[derive(Default)]
pub struct Slots {
    pub meta: Option<Section<MetaPair>>,
    pub setup: Option<Section<SetupCall>>,
    pub body: Body,
    pub options: Option<Section<OptionPair>>,
    pub export: Option<Section<WriteRow>>,
    pub seen: Vec<(&'static str, Span)>,
    /// Sections that another should have stood before, each told once.
    pub early: Vec<&'static str>,
    pub cross: Vec<CrossJoin>,
    pub broken: bool,
}

impl Assembler<'_> {
    /// Reads the sections of a unit.
    pub fn sections(&mut self, sections: &[SectionOutline], home: Home) -> Slots {
        let mut slots = Slots::default();
        let pieces = self.pieces(sections, home);
        let mut rest = pieces.iter().take(MOST_SECTIONS).peekable();
        while let Some(piece) = rest.next() {
            let section = &piece.outline;
            let Some(name) = self.section_name(piece, &pieces, home, &mut slots) else { continue };
            if let Some(at) = section.heading {
                self.order(name, self.span(at), home, &mut slots);
            }
            let mut reader = self.reader();
            let before = reader.found.len();
            fill(&mut slots, name, section, &mut reader);
            if reader.found.len() == before && section.heading.is_some() && home != Home::Headless {
                let again = rest.peek().is_some_and(|next| next.name(self) == Some(name));
                if !again {
                    empty(&slots, name, section, &mut reader);
                }
            }
            slots.cross.append(&mut reader.cross);
            let mut found = reader.found;
            self.diagnostics.append(&mut found);
        }
        if home == Home::Rule {
            self.rule_only(&mut slots);
        }
        slots
    }

    /// The section's name, its heading read generously; none where it is to be passed over.
    fn section_name(
        &mut self,
        piece: &Piece,
        all: &[Piece],
        home: Home,
        slots: &mut Slots,
    ) -> Option<&'static str> {
        if let Some(name) = piece.forgotten.filter(|_| home != Home::Headless) {
            let span = self.span(piece.outline.tokens.start);
            self.diagnostics.push(errors::heading_missing(span, name));
            return Some(name);
        }
        let Some(at) = piece.outline.heading else { return self.headless(&piece.outline, all, home) };
        let token = self.tokens.get(at)?;
        let written = token.text(self.text);
        let span = self.span(at);
        let name = heading_meant(written);
        if known(written).is_none() {
            slots.broken |= name.is_none();
            self.diagnostics.push(errors::unknown_section(span, written, name));
        }
        name
    }

    /// What stands before any heading: the statements of a search, or a rule without `events:`.
    fn headless(&mut self, section: &SectionOutline, all: &[Piece], home: Home) -> Option<&'static str> {
        if section.tokens.is_empty() || home == Home::Headless {
            return None;
        }
        if home == Home::Search {
            return Some("events");
        }
        let span = self.span(section.tokens.start);
        let first = self.tokens.get(section.tokens.start);
        if first.is_some_and(|token| token.is_word(self.text, "stage")) {
            self.diagnostics.push(errors::stage_in_rule(span));
            return None;
        }
        if self.outline.unclosed.contains(&section.tokens.start) {
            return None;
        }
        if all.iter().any(|piece| piece.name(self) == Some("events")) {
            self.diagnostics.push(errors::outside_rule(span, "before the first section"));
            return None;
        }
        self.diagnostics.push(errors::heading_missing(span, "events"));
        Some("events")
    }

    /// Twice, out of order, or in the wrong kind of unit.
    fn order(&mut self, name: &'static str, span: Span, home: Home, slots: &mut Slots) {
        let rank = |name: &str| HEADINGS.iter().position(|heading| *heading == name);
        let twice = slots.seen.iter().find(|(seen, _)| *seen == name).map(|(_, first)| *first);
        let after = slots
            .seen
            .iter()
            .map(|(seen, _)| *seen)
            .filter(|seen| rank(seen) > rank(name))
            .max_by_key(|seen| rank(seen));
        let search_only = ["dedup", "order", "limit", "select", "unselect"].contains(&name);
        let rule_only = ["meta", "setup", "options"].contains(&name);
        if let Some(first) = twice {
            self.diagnostics.push(errors::section_twice(span, name, first));
        } else if home == Home::Rule && search_only {
            self.diagnostics.push(errors::section_not_here(span, name, "rule"));
        } else if home == Home::Search && rule_only {
            self.diagnostics.push(errors::section_not_here(span, name, "search"));
        } else if let Some(after) = after.filter(|after| !slots.early.contains(after)) {
            // One section too early puts all that follow it out of order.
            slots.early.push(after);
            self.diagnostics.push(errors::section_order(span, name, after));
        }
        slots.seen.push((name, span));
    }

    /// What rules may not do and searches may.
    fn rule_only(&mut self, slots: &mut Slots) {
        let joins = slots.cross.iter().map(|join| errors::cross_join_in_rule(join.span.0));
        self.diagnostics.extend(joins);
        let clauses = slots.body.match_.iter_mut().flat_map(|section| section.items.iter_mut());
        for key in clauses.flat_map(|clause| clause.keys.iter_mut()) {
            let ExprKind::Field(field) = &key.kind else { continue };
            let [word] = field.segments.as_slice() else { continue };
            if field.variable.is_none() && word.access.is_none() {
                let name = word.name.clone();
                self.diagnostics.push(errors::missing_dollar(name.span, &name.node));
                key.kind = ExprKind::Variable(name);
            }
        }
    }
}

/// The heading that a word is.
fn known(word: &str) -> Option<&'static str> {
    HEADINGS.iter().find(|name| name.eq_ignore_ascii_case(word)).copied()
}

/// The heading that a word is, or is but for two letters.
pub fn heading_meant(written: &str) -> Option<&'static str> {
    let lower = written.to_ascii_lowercase();
    known(written).or_else(|| HEADINGS.iter().copied().find(|name| is_slip(name, &lower)))
}

/// Is it the heading but for two letters?
fn is_slip(heading: &str, written: &str) -> bool {
    written.len() <= heading.len() + 2 && strsim::damerau_levenshtein(heading, written) <= 2
}

/// More sections than this are headings written again and again, each of them told once.
const MOST_SECTIONS: usize = 2000;

fn fill(slots: &mut Slots, name: &str, section: &SectionOutline, reader: &mut Reader<'_>) {
    let body = &mut slots.body;
    match name {
        "meta" => merge(&mut slots.meta, reader.read(&META, section)),
        "setup" => merge(&mut slots.setup, reader.read(&SETUP, section)),
        "events" => merge(&mut body.events, statements(reader, section)),
        "match" => merge(&mut body.match_, reader.read(&MATCH, section)),
        "outcome" => merge(&mut body.outcome, reader.read(&OUTCOME, section)),
        "condition" => merge(&mut body.condition, condition(reader, section)),
        "options" => merge(&mut slots.options, reader.read(&OPTIONS, section)),
        "dedup" => merge(&mut body.dedup, reader.read(&ITEMS, section)),
        "order" => merge(&mut body.order, reader.read(&ORDER, section)),
        "limit" => merge(&mut body.limit, reader.read(&LIMIT, section)),
        "select" => merge(&mut body.select, reader.read(&ITEMS, section)),
        "unselect" => merge(&mut body.unselect, reader.read(&ITEMS, section)),
        _ => merge(&mut slots.export, reader.read(&EXPORT, section)),
    }
}

fn statements(reader: &mut Reader<'_>, section: &SectionOutline) -> Section<Stmt> {
    let mut read = reader.read(&STATEMENTS, section);
    lone_values(reader, &mut read);
    read
}

/// Only statements of `events:` follow each other without a word; a condition is one expression.
fn condition(reader: &mut Reader<'_>, section: &SectionOutline) -> Section<Stmt> {
    let mut read = statements(reader, section);
    outcomes_below(reader, &mut read);
    for pair in read.items.windows(2) {
        let [Stmt::Predicate(left), Stmt::Predicate(right)] = pair else { continue };
        let start = right.span.start as usize;
        let here = reader.tokens.partition_point(|token| token.start < start);
        let before = reader.tokens.get(..here).unwrap_or_default();
        let before = before.iter().rev().find(|token| token.kind != TokenKind::Open(Bracket::Round));
        // A comma in its place has been told.
        if before.is_none_or(|token| !token.is_symbol(&reader.source.text, ",")) {
            let [left, right] = [left.span, right.span].map(|span| reader.source.slice(span).to_owned());
            reader.found.push(errors::missing_joint_in_condition(reader.token_span(here), &left, &right));
        }
    }
    read
}

/// `$n = count(…)` as a line of `condition:` is one of `outcome:`.
fn outcomes_below(reader: &mut Reader<'_>, section: &mut Section<Stmt>) {
    for item in &mut section.items {
        let Stmt::Predicate(expr) = item else { continue };
        if let Some(name) = assigned_aggregate(expr) {
            reader.found.push(errors::outcome_in_condition(expr.span, name));
            *item = Stmt::Broken(Place(expr.span));
            section.broken = true;
        }
    }
}

fn assigned_aggregate(expr: &Expr) -> Option<&str> {
    let ExprKind::Compare(comparison) = &expr.kind else { return None };
    match (&comparison.left.kind, &comparison.right.kind) {
        (ExprKind::Variable(name), ExprKind::Call(call)) if forgotten::is_aggregate(&call.name.node) => {
            Some(&name.node)
        }
        _ => None,
    }
}

/// A section written twice is read as one. One that holds nothing but `cross join` is none.
fn merge<T>(slot: &mut Option<Section<T>>, mut section: Section<T>) {
    match slot {
        Some(first) => {
            first.items.append(&mut section.items);
            first.broken |= section.broken;
        }
        None if section.items.is_empty() && section.heading.0.start == section.heading.0.end => {}
        None => *slot = Some(section),
    }
}

/// A heading with nothing under it.
fn empty(slots: &Slots, name: &str, section: &SectionOutline, reader: &mut Reader<'_>) {
    let twice = slots.seen.iter().filter(|(seen, _)| *seen == name).count() > 1;
    let needs = !["meta", "setup", "options", "export"].contains(&name);
    let Some(heading) = section.heading.filter(|_| needs && !twice && section.tokens.is_empty()) else {
        return;
    };
    let span = reader.token_span(heading);
    reader.found.push(errors::empty_section(span, name));
}
