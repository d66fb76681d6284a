//! From a checked rule to its plan: the order of the work, and what is collected on the way.

use std::collections::BTreeMap;

use super::bind::Binding;
use super::lift::Kept;
use super::{
    Across, Atom, Gather, Join, Key, LookedUp, Plan, Predicate, Presence, RowsPlan, RuleInfo, Scalar, Site,
    SourceId, SourceKind, StageTime, WindowPlan, factors, sections, sources, walk,
};
use crate::ingest::wanted::{ListId, Wanted};
use crate::lists::List;
use crate::regex::Pattern;
use crate::syntax::ast::{
    Assignment, Body, CrossJoin, Expr, ExprKind, ListKind, MatchClause, Quantifier, Rule, Stmt,
};
use crate::syntax::conjuncts;
use crate::tables::Table;
use crate::text::Span;
use crate::value::operators::Case;

/// Why a rule has no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub span: Span,
    /// What is missing or not run, in the rule's words.
    pub why: String,
}

impl Refusal {
    pub(super) fn new(span: Span, why: impl Into<String>) -> Refusal {
        Refusal { span, why: why.into() }
    }
}

/// What the compiler asks for: fields, and reference lists by name.
pub struct Needs<'n> {
    /// The fields of all plans of the run.
    pub wanted: &'n mut Wanted,
    /// Reads a reference list; the error says why it cannot be had.
    pub list: &'n mut dyn FnMut(&str, ListKind) -> Result<List, String>,
    /// Reads a data table; likewise.
    pub table: &'n mut dyn FnMut(&str) -> Result<Table, String>,
}

impl Needs<'_> {
    /// The same needs for one more body.
    pub(super) fn again(&mut self) -> Needs<'_> {
        Needs { wanted: self.wanted, list: self.list, table: self.table }
    }
}

/// What is known of a source while the rule is gone through.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) kind: SourceKind,
    /// Where a table is first named.
    pub(super) at: Span,
    pub(super) presence: Presence,
    /// Conjuncts that look at this source alone.
    pub(super) filters: Vec<Site>,
    pub(super) kept: Vec<Kept>,
    /// Where each list is first mentioned.
    pub(super) mentions: BTreeMap<ListId, u32>,
    pub(super) timed_by: Vec<SourceId>,
    pub(super) interval: Option<(usize, usize)>,
}

/// Rules and searches differ in what may be left out, and in how they compare text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Letters of different case differ.
    Rule,
    /// Letters of different case differ, or not.
    Search(Case),
}

/// What is compiled: the sections of a rule, of a search or of a stage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'r> {
    pub(super) body: &'r Body,
    pub(super) language: Language,
    /// Where to point when nothing else is at fault.
    pub(super) span: Span,
    pub(super) zeros: Zeros,
    /// The stages before it, whose rows it may use.
    pub(super) stages: &'r [Stage],
    /// Stages whose rows stand beside each other, whether anything else names them or not.
    pub(super) cross: &'r [CrossJoin],
}

impl<'r> Subject<'r> {
    /// What stands under `match:`.
    pub(super) fn clause(&self) -> Option<&'r MatchClause> {
        self.body.match_.as_ref()?.items.first()
    }

    /// The match variables as written.
    pub(super) fn keys(&self) -> &'r [Expr] {
        self.clause().map_or(&[], |clause| &clause.keys)
    }
}

/// May a match variable be a zero value?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zeros {
    Kept,
    Dropped,
}

/// What is known of a stage that came before.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) name: String,
    /// What its rows hold.
    pub(super) columns: Vec<String>,
    /// When its rows happen, as far as it is up to them.
    pub(super) time: StageTime,
}

pub(super) struct Compiler<'n, 'r> {
    pub(super) needs: Needs<'n>,
    pub(super) subject: Subject<'r>,
    pub(super) sources: Vec<Draft>,
    pub(super) bound: BTreeMap<String, Vec<Binding>>,
    /// The source whose binding of a placeholder is taken where it has one.
    pub(super) prefer: Option<SourceId>,
    pub(super) keys: Vec<Key>,
    pub(super) joins: Vec<Join>,
    pub(super) across: Vec<Across>,
    pub(super) outcomes: Vec<(String, Scalar)>,
    pub(super) gathers: Vec<Gather>,
    pub(super) atoms: Vec<Atom>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) reference: Vec<List>,
    pub(super) tables: Vec<Table>,
    pub(super) columns: Vec<LookedUp>,
    /// Each `any` and `all` met so far in the values of the test at hand, and the list it ranges over.
    pub(super) asked: Vec<(Quantifier, Scalar)>,
}

/// The plan of a rule.
///
/// # Errors
/// Names what of the rule cannot be run.
pub fn compile(rule: &Rule, file: &str, needs: Needs<'_>) -> Result<Plan, Refusal> {
    compile_then(rule, file, needs, |_, _| Ok(()))
}

/// The same; `then` may look at all that is known before it becomes a plan, and gets the places of the statements that
/// bind placeholders.
pub(super) fn compile_then(
    rule: &Rule,
    file: &str,
    needs: Needs<'_>,
    then: impl FnOnce(&mut Compiler<'_, '_>, &[Span]) -> Result<(), Refusal>,
) -> Result<Plan, Refusal> {
    sections::refuse(rule)?;
    let subject = Subject {
        body: &rule.body,
        language: Language::Rule,
        span: rule.name.span,
        zeros: sections::zeros(rule),
        stages: &[],
        cross: &[],
    };
    let mut plan = Compiler::new(needs, subject)?.plan_then(then)?;
    plan.info = sections::info(rule, file);
    plan.suppression = sections::suppression(rule)?;
    Ok(plan)
}

impl<'n, 'r> Compiler<'n, 'r> {
    pub(super) fn new(needs: Needs<'n>, subject: Subject<'r>) -> Result<Compiler<'n, 'r>, Refusal> {
        let mut compiler = Compiler {
            needs,
            subject,
            sources: sources::declare(&subject)?,
            bound: BTreeMap::new(),
            prefer: None,
            keys: Vec::new(),
            joins: Vec::new(),
            across: Vec::new(),
            outcomes: Vec::new(),
            gathers: Vec::new(),
            atoms: Vec::new(),
            patterns: Vec::new(),
            reference: Vec::new(),
            tables: Vec::new(),
            columns: Vec::new(),
            asked: Vec::new(),
        };
        compiler.load_tables()?;
        Ok(compiler)
    }
}

/// The readable statements of `events:`.
pub(super) fn statements(body: &Body) -> impl Iterator<Item = &Expr> {
    predicates(body.events.iter().flat_map(|section| &section.items))
}

/// The readable statements of `condition:`.
pub(super) fn conditions(body: &Body) -> impl Iterator<Item = &Expr> {
    predicates(body.condition.iter().flat_map(|section| &section.items))
}

fn predicates<'r>(items: impl Iterator<Item = &'r Stmt>) -> impl Iterator<Item = &'r Expr> {
    items.filter_map(|stmt| match stmt {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    })
}

impl Compiler<'_, '_> {
    pub(super) fn plan(self) -> Result<Plan, Refusal> {
        self.plan_then(|_, _| Ok(()))
    }

    fn plan_then(
        mut self,
        then: impl FnOnce(&mut Self, &[Span]) -> Result<(), Refusal>,
    ) -> Result<Plan, Refusal> {
        let body = self.subject.body;
        let parts: Vec<&Expr> = statements(body).flat_map(conjuncts).collect();
        let mut used = self.bind_fields(&parts)?;
        // A placeholder of another one takes the value of an event that is there, so what is there must be known by then;
        // `#p` says it of what `$p` is bound to, so afterwards there may be more to know.
        self.presence();
        self.bind(&parts, &mut used)?;
        self.presence();
        self.tie_bindings();
        for (_, part) in parts.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            self.conjunct(part)?;
        }
        self.match_variables()?;
        self.outcomes()?;
        let condition = self.condition()?;
        self.intervals();
        sections::timed(&self.subject, &self.sources)?;
        let window = sections::window(&self.subject, |name| self.source_named(name))?;
        let rows = self.finish()?;
        let binding = parts.iter().enumerate().filter(|(index, _)| used.contains(index));
        then(&mut self, &binding.map(|(_, part)| part.span).collect::<Vec<_>>())?;
        Ok(self.put_together(condition, window, rows))
    }

    /// All that was gathered, and what is known of the whole.
    fn put_together(self, condition: Site, window: Option<WindowPlan>, rows: Option<RowsPlan>) -> Plan {
        let (atoms, gathers) = (self.atoms, self.gathers);
        let needs = factors::Needs {
            atoms: &atoms,
            gathers: &gathers,
            sources: self.sources.len(),
            wanted: self.needs.wanted,
        };
        let sources = self.sources.into_iter().enumerate();
        let sources: Vec<_> =
            sources.map(|(index, draft)| factors::source(SourceId(index), draft, &needs)).collect();
        let shown = |value: &Scalar| factors::shown(value, &sources, &needs);
        Plan {
            shown: self.outcomes.iter().map(|(_, value)| shown(value)).collect(),
            info: RuleInfo::default(),
            rows,
            sources,
            joins: self.joins,
            across: self.across,
            keys: self.keys,
            window,
            outcomes: self.outcomes,
            gathers,
            condition,
            suppression: None,
            atoms,
            patterns: self.patterns,
            reference: self.reference,
            tables: self.tables,
            columns: self.columns,
        }
    }

    pub(super) fn source_named(&self, name: &str) -> Option<SourceId> {
        self.sources.iter().position(|draft| draft.name == name).map(SourceId)
    }

    /// A statement that binds nothing: a filter of one source, an equality between two, or a test across several.
    fn conjunct(&mut self, part: &Expr) -> Result<(), Refusal> {
        if self.join_of(part)? {
            return Ok(());
        }
        let site = self.site(part)?;
        let sources: Vec<SourceId> = walk::site_sources(&self.atoms, &site).into_iter().collect();
        match sources.as_slice() {
            [] => self.filter(SourceId(0), site),
            [one] => {
                let one = *one;
                self.filter(one, site);
                self.push_down(part, one)?;
            }
            _ => self.across(site, sources),
        }
        Ok(())
    }

    pub(super) fn filter(&mut self, source: SourceId, site: Site) {
        if let Some(draft) = self.sources.get_mut(source.0) {
            draft.filters.push(site);
        }
    }

    fn across(&mut self, site: Site, sources: Vec<SourceId>) {
        self.tie_times(&sources);
        let site = self.lift_site(&site);
        self.across.push(Across { site, sources });
    }

    /// Other sources that bind the same placeholder hold the same value, so a test of it spares them rows that would
    /// join nothing.
    fn push_down(&mut self, part: &Expr, main: SourceId) -> Result<(), Refusal> {
        for source in (0..self.sources.len()).map(SourceId).filter(|source| *source != main) {
            if !self.speaks_of_bindings(part, source) {
                continue;
            }
            self.prefer = Some(source);
            let site = self.site(part);
            self.prefer = None;
            let site = site?;
            if walk::site_sources(&self.atoms, &site).iter().eq([&source]) {
                self.filter(source, site);
            }
        }
        Ok(())
    }

    fn match_variables(&mut self) -> Result<(), Refusal> {
        for key in self.subject.keys() {
            let (name, source, value) = self.match_variable(key)?;
            let capture = self.keep(source, &value, super::Spread::Out);
            self.keys.push(Key { name, source, capture });
        }
        Ok(())
    }

    fn match_variable(&mut self, key: &Expr) -> Result<(String, SourceId, Scalar), Refusal> {
        if let ExprKind::Variable(name) = &key.kind {
            self.not_zero(&name.node);
            let binding = self.placeholder(name)?;
            return Ok((name.node.clone(), binding.source, binding.value));
        }
        let value = self.scalar(key)?;
        let sources = walk::sources(&self.atoms, &value);
        let (Some(source), ExprKind::Field(field), Language::Search(_)) =
            (sources.first(), &key.kind, self.subject.language)
        else {
            return Err(Refusal::new(key.span, "only a placeholder can be a match variable of a rule"));
        };
        if self.subject.zeros == Zeros::Dropped && self.is_plain_field(&value) {
            let site = self.test(Atom::NotZero(value.clone()), key.span);
            self.filter(*source, site);
        }
        Ok((super::query::key_name(self.subject.keys(), field), *source, value))
    }

    /// Each binding of a match variable to a plain field has a value.
    fn not_zero(&mut self, name: &str) {
        if self.subject.zeros == Zeros::Kept {
            return;
        }
        let bindings = self.bound.get(name).cloned().unwrap_or_default();
        let plain: Vec<_> = bindings.into_iter().filter(|one| self.is_plain_field(&one.value)).collect();
        for binding in plain {
            let site = self.test(Atom::NotZero(binding.value), binding.span);
            self.filter(binding.source, site);
        }
    }

    fn outcomes(&mut self) -> Result<(), Refusal> {
        for item in self.subject.body.outcome.iter().flat_map(|section| &section.items) {
            let Assignment::Set { name, value, .. } = item else { continue };
            let mut value = self.group_scalar(value)?;
            if self.subject.language != Language::Rule {
                value = self.lift(&value, super::Spread::Out);
            }
            self.outcomes.push((name.node.clone(), value));
        }
        Ok(())
    }

    fn condition(&mut self) -> Result<Site, Refusal> {
        let sites: Result<Vec<Site>, Refusal> =
            conditions(self.subject.body).map(|expr| self.group_site(expr)).collect();
        Ok(Site { predicate: Predicate::All(sites?), span: self.subject.span })
    }
}
