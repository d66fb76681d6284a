//! The whole file: units, their headers, their sections in order.

use super::ast::{File, Name, Place, Stage, Unit};
use super::parse::Reader;
use super::scan::{
    self, Bracket, Outline, SectionOutline, Token, TokenKind, Tokens, Unclosed, UnitKind, UnitOutline,
};
use super::sections::{Home, Slots};
use super::{Parsed, ast, errors};
use crate::diag::{self, codes};
use crate::text::{Source, Span, Spanned};

/// Beyond this nesting a text is read on a stack of its own.
const DEEP: usize = 24;

/// Enough for pest at the deepest nesting that the scan lets through, in any build.
const STACK: usize = 64 << 20;

/// Reads the text with the strings at `cut` ended at their lines, and says which strings run over a line end.
pub fn read(source: &Source, cut: &[u32]) -> (Parsed, Vec<u32>) {
    let tokens = scan::tokens(source, cut);
    let outline = scan::outline(&source.text, &tokens.tokens);
    let reading = || Assembler::new(source, &tokens, &outline).file();
    if outline.deepest <= DEEP {
        return (reading(), tokens.long_strings);
    }
    let parsed = std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, reading);
        deep.ok().and_then(|thread| thread.join().ok())
    });
    (parsed.unwrap_or_else(|| no_stack(source)), tokens.long_strings)
}

/// A file of more rules is a damaged one, with many findings in each rule.
const MOST_RULES: usize = 20_000;

/// More brackets of a kind are not told one by one.
const ENOUGH: usize = diag::MOST_OF_A_KIND + 1;

fn no_stack(source: &Source) -> Parsed {
    Parsed { file: File::default(), diagnostics: vec![errors::too_deep(source.span().start_point())] }
}

pub struct Assembler<'a> {
    pub text: &'a str,
    pub outline: &'a Outline,
    comments: &'a [Span],
    reported: Vec<usize>,
    lonely: Vec<usize>,
    pub comment_open: bool,
    /// Where strings and patterns start that are never closed, in order.
    cut_short: Vec<u32>,
    pub source: &'a Source,
    pub tokens: &'a [Token],
    pub diagnostics: Vec<crate::diag::Diagnostic>,
}

impl<'a> Assembler<'a> {
    fn new(source: &'a Source, tokens: &'a Tokens, outline: &'a Outline) -> Assembler<'a> {
        let at = |span: &Span| tokens.tokens.partition_point(|token| token.start < span.start as usize);
        let unclosed = tokens.unclosed.iter().filter(|(_, what)| *what != Unclosed::Comment);
        let mut reported: Vec<usize> = unclosed.map(|(span, _)| at(span)).collect();
        let mut lonely: Vec<usize> =
            outline.stray.iter().chain(&outline.unclosed).chain(&outline.lost).copied().collect();
        reported.extend(lonely.iter().chain(&outline.too_deep));
        reported.sort_unstable();
        lonely.sort_unstable();
        let comment_open = tokens.unclosed.iter().any(|(_, what)| *what == Unclosed::Comment);
        let unclosed = tokens.unclosed.iter().filter(|(_, what)| *what != Unclosed::Comment);
        let cut_short = unclosed.map(|(span, _)| span.start).collect();
        let diagnostics = tokens.unclosed.iter().map(|(span, what)| match what {
            Unclosed::Text => errors::string_not_closed(*span),
            Unclosed::Regex => errors::regex_not_closed(*span),
            Unclosed::Comment => errors::comment_not_closed(*span),
        });
        Assembler {
            text: &source.text,
            outline,
            comments: &tokens.comments,
            reported,
            lonely,
            comment_open,
            cut_short,
            source,
            tokens: &tokens.tokens,
            diagnostics: diagnostics.collect(),
        }
    }

    pub fn reader(&self) -> Reader<'_> {
        let (source, tokens) = (self.source, self.tokens);
        Reader {
            source,
            tokens,
            reported: &self.reported,
            lonely: &self.lonely,
            found: Vec::new(),
            cross: Vec::new(),
        }
    }

    pub fn span(&self, at: usize) -> Span {
        self.reader().token_span(at)
    }

    fn file(mut self) -> Parsed {
        let rules = self.outline.units.iter().any(|unit| unit.kind == UnitKind::Rule);
        let headless = if rules { None } else { self.header_without_rule().or_else(|| self.rule_heading()) };
        self.brackets(headless.is_some());
        let mut units = Vec::new();
        if self.tokens.is_empty() && !self.comment_open {
            self.diagnostics.push(errors::empty_file(self.source.span().start_point()));
        } else if rules {
            self.outside();
            units = self.rules();
            let stages = self.outline.units.iter().filter(|unit| unit.kind == UnitKind::Stage);
            let lost = stages.map(|unit| errors::outside_rule(self.span(unit.keyword), "outside of a rule"));
            let lost: Vec<_> = lost.collect();
            self.diagnostics.extend(lost);
        } else if !self.tokens.is_empty() {
            units.push(Unit::Search(Box::new(self.search(headless))));
        }
        if self.comment_open {
            // What the comment swallows is not missing before it.
            let end = self.tokens.last().map_or(0, |token| token.end);
            self.diagnostics
                .retain(|one| one.code != &codes::EXPECTED_VALUE || one.label.span.range().end < end);
        }
        self.diagnostics.sort_by_key(|found| (found.label.span.start, found.label.span.end));
        diag::cap(&mut self.diagnostics);
        Parsed { file: File { units, comments: self.comments.to_vec() }, diagnostics: self.diagnostics }
    }

    /// The name of `hello {` at the start of a file without `rule`, where a word such as `rul` may stand before it.
    fn header_without_rule(&self) -> Option<usize> {
        let word = |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Word);
        let brace = |at: usize| {
            self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Open(Bracket::Curly))
        };
        let stage = self.tokens.first().is_some_and(|token| token.is_word(self.text, "stage"));
        match (word(0) && !stage, brace(1), word(1) && brace(2)) {
            (true, true, _) => Some(0),
            (true, false, true) => Some(1),
            _ => None,
        }
    }

    /// A heading that only rules have, in a file without `rule`.
    fn rule_heading(&self) -> Option<usize> {
        let mut headings = self.outline.outside.iter().filter_map(|section| section.heading);
        headings.find(|&at| {
            self.tokens
                .get(at)
                .is_some_and(|t| ["meta", "setup", "options"].iter().any(|word| t.is_word(self.text, word)))
        })
    }

    /// Of text outside of rules, its start alone is reported. Is this a later part of such a text?
    fn is_told_outside(&self, at: usize) -> bool {
        let outline = self.outline;
        let covers = |section: &SectionOutline| {
            let starts_stray = outline.stray.binary_search(&section.tokens.start).is_ok();
            section.tokens.contains(&at) && (section.heading.is_some() || !starts_stray)
        };
        let next = outline.outside.partition_point(|section| section.tokens.end <= at);
        outline.outside.get(next).is_some_and(covers)
    }

    fn brackets(&mut self, headless: bool) {
        let bracket = |at: &usize| {
            let kind = self.tokens.get(*at)?.kind;
            let (TokenKind::Open(bracket) | TokenKind::Close(bracket)) = kind else { return None };
            (!headless || bracket != Bracket::Curly).then_some((*at, bracket))
        };
        let outline = self.outline;
        let rules = outline.units.iter().any(|unit| unit.kind == UnitKind::Rule);
        let untold = outline.stray.iter().filter(|at| !(rules && self.is_told_outside(**at)));
        let stray: Vec<_> = untold.filter_map(bracket).take(ENOUGH).collect();
        let open = outline.unclosed.iter().filter_map(bracket).filter(|(at, _)| !self.is_swallowed(*at));
        let unclosed: Vec<_> = open.take(ENOUGH).collect();
        for (at, bracket) in stray {
            self.diagnostics.push(errors::stray_bracket(self.span(at), bracket));
        }
        for (at, bracket) in unclosed {
            self.diagnostics.push(errors::bracket_not_closed(self.span(at), bracket));
        }
        for &at in outline.colonless.iter().take(ENOUGH) {
            self.diagnostics.push(errors::colon_missing(self.span(at), self.source.slice(self.span(at))));
        }
        for at in &outline.too_deep {
            self.diagnostics.push(errors::too_deep(self.span(*at)));
        }
    }

    /// Did a comment or a string that never ends take the partner of this bracket in?
    fn is_swallowed(&self, at: usize) -> bool {
        let start = self.span(at).start;
        let next = self.cut_short.partition_point(|&other| other < start);
        let same_line = |other: u32| self.source.position(other).line == self.source.position(start).line;
        self.comment_open || self.cut_short.get(next).is_some_and(|&other| same_line(other))
    }

    /// Reports what stands outside of units, once for each stretch.
    fn outside(&mut self) {
        let first_unit = self.outline.units.first().map_or(0, |unit| unit.keyword);
        let mut last = None;
        for section in self.outline.outside.iter() {
            let start = section.heading.unwrap_or(section.tokens.start);
            let goes_on = last == Some(start);
            let empty = section.heading.is_none() && section.tokens.is_empty();
            if empty {
                continue;
            }
            last = Some(section.tokens.end);
            if goes_on || self.outline.stray.binary_search(&start).is_ok() {
                continue;
            }
            let place = if start < first_unit {
                "before the first rule"
            } else {
                "after the closing brace of a rule"
            };
            self.diagnostics.push(errors::outside_rule(self.span(start), place));
        }
    }

    /// As many rules as a file may hold.
    fn rules(&mut self) -> Vec<Unit> {
        let outline = self.outline;
        let rules = || outline.units.iter().filter(|unit| unit.kind == UnitKind::Rule);
        if let Some(unit) = rules().nth(MOST_RULES) {
            self.diagnostics.push(errors::too_many_rules(self.span(unit.keyword), MOST_RULES));
        }
        rules().take(MOST_RULES).map(|unit| Unit::Rule(self.rule(unit))).collect()
    }

    fn rule(&mut self, unit: &UnitOutline) -> ast::Rule {
        let name = self.unit_name(unit);
        let mut slots = self.sections(&unit.sections, Home::Rule);
        // Of a rule that another one cuts off before its first section, the brace is enough.
        let cut_off = unit.close.is_none() && unit.sections.iter().all(|section| section.heading.is_none());
        slots.broken |= cut_off;
        self.missing(&mut slots, &name);
        let Slots { meta, setup, body, options, export, broken, .. } = slots;
        ast::Rule { name, meta, setup, body, options, export, span: Place(self.unit_span(unit)), broken }
    }

    fn unit_span(&self, unit: &UnitOutline) -> Span {
        let last = unit.sections.last().map_or(unit.keyword, |section| section.tokens.end.saturating_sub(1));
        self.span(unit.keyword).to(self.span(unit.close.unwrap_or(last)))
    }

    fn unit_name(&mut self, unit: &UnitOutline) -> Name {
        let words = self.tokens.get(unit.name.clone()).unwrap_or_default();
        let span = match (words.first(), words.last()) {
            (Some(first), Some(last)) => Span::new(self.source.id, first.start..last.end),
            _ => self.span(unit.keyword),
        };
        let written = if words.is_empty() { String::new() } else { self.source.slice(span).to_owned() };
        let good = words.len() == 1
            && written.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && words.first().is_some_and(|word| word.kind == TokenKind::Word);
        if !good {
            let word = self.tokens.get(unit.keyword).map_or("rule", |token| token.text(self.text));
            self.diagnostics.push(errors::bad_unit_name(span, written.trim(), &word.to_ascii_lowercase()));
        } else if unit.open.is_none() {
            self.diagnostics.push(errors::no_brace(span, &written));
        }
        if let Some(open) = unit.open.filter(|_| unit.close.is_none() && !self.comment_open) {
            self.diagnostics.push(errors::bracket_not_closed(self.span(open), Bracket::Curly));
        }
        Spanned::new(written, span)
    }

    fn missing(&mut self, slots: &mut Slots, name: &Name) {
        let quiet = slots.broken || self.comment_open;
        if slots.meta.is_none() && !quiet {
            self.diagnostics.push(errors::missing_meta(name.span, &name.node));
        }
        let missing =
            [("events", slots.body.events.is_none()), ("condition", slots.body.condition.is_none())];
        for (section, _) in missing.iter().filter(|(_, gone)| *gone) {
            slots.broken = true;
            if !quiet {
                self.diagnostics.push(errors::missing_section(name.span, section, &name.node));
            }
        }
    }

    fn search(&mut self, headless: Option<usize>) -> ast::Search {
        let root = self.root();
        let units = self.outline.units.iter().filter(|unit| unit.kind == UnitKind::Stage);
        let mut cross = Vec::new();
        let mut stages = Vec::new();
        let mut unclosed = false;
        for unit in units {
            let name = self.unit_name(unit);
            let before = self.diagnostics.len();
            let mut slots = self.sections(&unit.sections, Home::Search);
            if unit.open.is_some() && unit.close.is_none() {
                self.swallowed(unit, before);
                unclosed = true;
            }
            cross.append(&mut slots.cross);
            stages.push(Stage { name, body: slots.body, span: Place(self.unit_span(unit)) });
        }
        let home = if headless.is_some() { Home::Headless } else { Home::Search };
        headless.into_iter().for_each(|at| self.no_header(at));
        let mut slots = self.sections(&root, home);
        cross.append(&mut slots.cross);
        let span = Place(self.source.span());
        if unclosed || headless.is_some() {
            let nothing = || ast::Section { heading: span, span, items: Vec::new(), broken: true };
            slots.body.events.get_or_insert_with(nothing).broken = true;
        }
        ast::Search { stages, cross, root: slots.body, export: slots.export, span }
    }

    /// A file that looks like a rule without its first line.
    fn no_header(&mut self, at: usize) {
        self.diagnostics.push(match self.header_without_rule() {
            Some(name) => {
                let name = self.span(name);
                errors::rule_word_missing(self.span(0).to(name), self.source.slice(name))
            }
            None => errors::no_rule_header(self.span(at)),
        });
    }

    /// The last section of a stage that is never closed holds what should stand after the stage.
    fn swallowed(&mut self, unit: &UnitOutline, before: usize) {
        let from = unit.sections.last().map_or(0, |section| section.text.start);
        let mut own = self.diagnostics.split_off(before);
        own.retain(|one| one.label.span.range().start < from);
        self.diagnostics.append(&mut own);
    }

    /// The sections of a search: what stands outside of stages, after the last of them.
    fn root(&mut self) -> Vec<SectionOutline> {
        let last = self.outline.units.last().and_then(|unit| unit.close).unwrap_or(0);
        let early = self.outline.outside.partition_point(|section| section.tokens.end <= last);
        let stray: Vec<usize> = self
            .outline
            .outside
            .iter()
            .take(early)
            .filter(|s| !s.tokens.is_empty())
            .map(|s| s.tokens.start)
            .collect();
        for at in stray {
            self.diagnostics.push(errors::outside_rule(self.span(at), "before a stage"));
        }
        self.outline.outside.get(early..).unwrap_or_default().to_vec()
    }
}
