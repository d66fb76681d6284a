//! From a checked rule to its plan: sections, placeholders, windows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gather, Key, Plan, Predicate, RuleInfo, RuleType, Scalar, Shape, Site, WindowPlan};
use crate::ingest::wanted::{ListId, Wanted};
use crate::lists::List;
use crate::regex::Pattern;
use crate::syntax::ast::{
    self, Assignment, ExprKind, ListKind, Literal, Rule, Side, Stmt, TimeUnit, WindowWord,
};
use crate::syntax::walk;
use crate::text::Span;
use crate::value::Duration;
use crate::value::operators::CompareOp;

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
}

pub(super) struct Compiler<'n, 'r> {
    pub(super) needs: Needs<'n>,
    pub(super) variable: String,
    pub(super) bound: BTreeMap<String, (Scalar, BTreeSet<ListId>)>,
    pub(super) outcomes: Vec<(String, Scalar)>,
    pub(super) gathers: Vec<Gather>,
    pub(super) atoms: Vec<super::Atom>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) reference: Vec<List>,
    /// Lists the expression under work looks into without `any`, `all` or index.
    pub(super) touched: BTreeSet<ListId>,
    mentioned: Vec<ListId>,
    pub(super) rule: &'r Rule,
}

/// The plan of a rule with one event variable.
///
/// # Errors
/// Names what of the rule cannot be run.
pub fn compile(rule: &Rule, file: &str, needs: Needs<'_>) -> Result<Plan, Refusal> {
    let variable = event_variable(rule)?;
    let compiler = Compiler {
        needs,
        variable,
        bound: BTreeMap::new(),
        outcomes: Vec::new(),
        gathers: Vec::new(),
        atoms: Vec::new(),
        patterns: Vec::new(),
        reference: Vec::new(),
        touched: BTreeSet::new(),
        mentioned: Vec::new(),
        rule,
    };
    compiler.plan(file)
}

/// The one event variable: the variable of every field of the rule.
fn event_variable(rule: &Rule) -> Result<String, Refusal> {
    for (written, what) in [
        (rule.setup.as_ref().map(|section| section.span.0), "`setup`"),
        (rule.export.as_ref().map(|section| section.span.0), "`export`"),
    ] {
        if let Some(span) = written {
            return Err(Refusal::new(span, format!("{what} is not run yet")));
        }
    }
    let mut names: Vec<(String, Span)> = Vec::new();
    for expr in predicates(rule) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && let Some(name) = &field.variable
                && !names.iter().any(|(known, _)| *known == name.node)
            {
                names.push((name.node.clone(), name.span));
            }
        });
    }
    match names.as_slice() {
        [(name, _)] => Ok(name.clone()),
        [] => Err(Refusal::new(rule.name.span, "the rule tests no field of an event variable")),
        [_, (other, span), ..] => {
            Err(Refusal::new(*span, format!("a second event variable, `${other}`, is not run yet")))
        }
    }
}

fn predicates(rule: &Rule) -> impl Iterator<Item = &ast::Expr> {
    let items = rule.body.events.iter().flat_map(|section| &section.items);
    items.filter_map(|stmt| match stmt {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    })
}

/// The parts of a statement joined by `and`.
fn conjuncts(expr: &ast::Expr) -> Vec<&ast::Expr> {
    match &expr.kind {
        ExprKind::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        _ => vec![expr],
    }
}

impl Compiler<'_, '_> {
    fn plan(mut self, file: &str) -> Result<Plan, Refusal> {
        let rule = self.rule;
        let parts: Vec<&ast::Expr> = predicates(rule).flat_map(conjuncts).collect();
        let used = self.bind(&parts)?;
        let (mut once, mut filter) = (Vec::new(), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            if used.contains(&index) {
                continue;
            }
            let site = self.conjunct(part)?;
            if self.touched.is_empty() { once.push(site) } else { filter.push(site) }
        }
        let keys = self.keys(&mut once, &mut filter)?;
        self.outcomes()?;
        let condition = self.condition()?;
        let info = RuleInfo {
            name: rule.name.node.clone(),
            file: file.to_owned(),
            meta: meta(rule),
            rule_type: rule_type(rule),
            has_match: rule.body.match_.is_some(),
        };
        Ok(Plan {
            info,
            variable: self.variable,
            once,
            filter,
            keys,
            window: window(rule)?,
            outcomes: self.outcomes,
            gathers: self.gathers,
            condition,
            suppression: suppression(rule)?,
            atoms: self.atoms,
            patterns: self.patterns,
            reference: self.reference,
            unnest: self.mentioned,
        })
    }

    fn conjunct(&mut self, part: &ast::Expr) -> Result<Site, Refusal> {
        self.touched.clear();
        let site = self.site(part)?;
        self.mention();
        Ok(site)
    }

    /// Notes the lists just looked into, parents before their children.
    fn mention(&mut self) {
        let touched: Vec<ListId> = self.touched.iter().copied().collect();
        for list in touched {
            let mut chain = vec![list];
            while let Some(parent) = chain.last().and_then(|last| self.needs.wanted.parent(*last)) {
                chain.push(parent);
            }
            for list in chain.into_iter().rev() {
                if !self.mentioned.contains(&list) {
                    self.mentioned.push(list);
                }
            }
        }
    }

    /// Binds placeholders to what they stand for; gives the statements that did so. A binding may use other placeholders,
    /// so the statements are gone over until none binds any more.
    fn bind(&mut self, parts: &[&ast::Expr]) -> Result<BTreeSet<usize>, Refusal> {
        let mut used = BTreeSet::new();
        loop {
            let before = used.len();
            for (index, part) in parts.iter().enumerate() {
                if !used.contains(&index) && self.binds(part)? {
                    used.insert(index);
                }
            }
            if used.len() == before {
                return Ok(used);
            }
        }
    }

    fn binds(&mut self, part: &ast::Expr) -> Result<bool, Refusal> {
        let ExprKind::Compare(test) = &part.kind else { return Ok(false) };
        if test.op.node != CompareOp::Eq || test.nocase.is_some() {
            return Ok(false);
        }
        for (name, value) in [(&test.left, &test.right), (&test.right, &test.left)] {
            let ExprKind::Variable(name) = &name.kind else { continue };
            if self.bound.contains_key(&name.node) || !self.is_bindable(value) {
                continue;
            }
            self.touched.clear();
            let value = self.scalar(value)?;
            self.mention();
            self.bound.insert(name.node.clone(), (value, self.touched.clone()));
            return Ok(true);
        }
        Ok(false)
    }

    /// Does the expression hold a field, and no placeholder that is not bound yet?
    fn is_bindable(&self, value: &ast::Expr) -> bool {
        let (mut field, mut known) = (false, true);
        walk(value, &mut |part| match &part.kind {
            ExprKind::Field(_) => field = true,
            ExprKind::Variable(name) => {
                known &= self.bound.contains_key(&name.node);
                field = true;
            }
            _ => {}
        });
        field && known
    }

    fn keys(&mut self, once: &mut Vec<Site>, filter: &mut Vec<Site>) -> Result<Vec<Key>, Refusal> {
        let Some(clause) = self.rule.body.match_.as_ref().and_then(|section| section.items.first()) else {
            return Ok(Vec::new());
        };
        let mut keys = Vec::new();
        for key in &clause.keys {
            let ExprKind::Variable(name) = &key.kind else {
                return Err(Refusal::new(key.span, "a field as match variable is not run in rules"));
            };
            let (value, touched) = self.placeholder(name)?;
            if matches!(value, Scalar::Field(_)) && !self.allows_zero() {
                let site = self.test(super::Atom::NotZero(value.clone()), key.span);
                if touched.is_empty() { once.push(site) } else { filter.push(site) }
            }
            keys.push(Key { name: name.node.clone(), value });
        }
        Ok(keys)
    }

    fn allows_zero(&self) -> bool {
        let value = option(self.rule, "allow_zero_values");
        matches!(value.map(|value| &value.kind), Some(ExprKind::Literal(Literal::Bool(true))))
    }

    fn outcomes(&mut self) -> Result<(), Refusal> {
        for item in self.rule.body.outcome.iter().flat_map(|section| &section.items) {
            let Assignment::Set { name, value, .. } = item else { continue };
            self.touched.clear();
            let value = self.group_scalar(value)?;
            self.mention();
            self.outcomes.push((name.node.clone(), value));
        }
        Ok(())
    }

    fn condition(&mut self) -> Result<Site, Refusal> {
        let mut sites = Vec::new();
        let span = self.rule.name.span;
        for item in self.rule.body.condition.iter().flat_map(|section| &section.items) {
            if let Stmt::Predicate(expr) = item {
                sites.push(self.group_site(expr)?);
            }
        }
        Ok(Site { predicate: Predicate::All(sites), span })
    }
}

fn meta(rule: &Rule) -> Vec<(String, String)> {
    let pairs = rule.meta.iter().flat_map(|section| &section.items);
    pairs
        .filter_map(|pair| match &pair.value.kind {
            ExprKind::Literal(Literal::Text(text) | Literal::Raw(text)) => {
                Some((pair.key.node.clone(), text.clone()))
            }
            _ => None,
        })
        .collect()
}

fn option<'r>(rule: &'r Rule, name: &str) -> Option<&'r ast::Expr> {
    let mut pairs = rule.options.iter().flat_map(|section| &section.items);
    pairs.find(|pair| pair.key.node == name).map(|pair| &pair.value)
}

fn suppression(rule: &Rule) -> Result<Option<Duration>, Refusal> {
    let Some(value) = option(rule, "suppression_window") else { return Ok(None) };
    let length = match &value.kind {
        ExprKind::Literal(Literal::Duration(length)) => *length,
        ExprKind::Literal(Literal::Int(seconds)) => {
            Duration::seconds(i64::try_from(*seconds).unwrap_or(i64::MAX))
        }
        _ => return Err(Refusal::new(value.span, "`suppression_window` must be a duration")),
    };
    Ok((length.0 > 0).then_some(length))
}

fn window(rule: &Rule) -> Result<Option<WindowPlan>, Refusal> {
    let Some(clause) = rule.body.match_.as_ref().and_then(|section| section.items.first()) else {
        return Ok(None);
    };
    let Some(window) = &clause.window else {
        return Err(Refusal::new(clause.span.0, "`match` without a window is not run in rules"));
    };
    let seconds = match window.length.unit.node {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day => 86_400,
        TimeUnit::Week | TimeUnit::Month => {
            return Err(Refusal::new(window.span.0, "weeks and months are no windows of rules"));
        }
    };
    let count = i64::try_from(window.length.count).unwrap_or(i64::MAX);
    let length = Duration::seconds(count.saturating_mul(seconds));
    let shape = match (&window.pivot, window.word) {
        (Some(pivot), _) => match pivot.side {
            Side::Before => Shape::Before,
            Side::After => Shape::After,
        },
        (None, WindowWord::Over) => Shape::Hop,
        (None, WindowWord::By | WindowWord::OverEvery) => Shape::Tumbling,
    };
    Ok(Some(WindowPlan { shape, length }))
}

/// Without match, or with match and nothing but the existence of the event: `$e`, `#e > 0`, `#e >= 1` either way round.
fn rule_type(rule: &Rule) -> RuleType {
    let Some(condition) = rule.body.condition.as_ref().filter(|_| rule.body.match_.is_some()) else {
        return RuleType::SingleEvent;
    };
    match condition.items.as_slice() {
        [Stmt::Predicate(expr)] if is_existence(expr) => RuleType::SingleEvent,
        _ => RuleType::MultiEvent,
    }
}

fn is_existence(expr: &ast::Expr) -> bool {
    let count = |side: &ast::Expr| matches!(side.kind, ExprKind::Count(_));
    let number = |side: &ast::Expr| match side.kind {
        ExprKind::Literal(Literal::Int(number)) => Some(number),
        _ => None,
    };
    match &expr.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Compare(test) if count(&test.left) => {
            matches!((test.op.node, number(&test.right)), (CompareOp::Gt, Some(0)) | (CompareOp::Ge, Some(1)))
        }
        ExprKind::Compare(test) if count(&test.right) => {
            matches!((test.op.node, number(&test.left)), (CompareOp::Lt, Some(0)) | (CompareOp::Le, Some(1)))
        }
        _ => false,
    }
}
