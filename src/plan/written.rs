//! The rule as written, for those who explain it: every statement of `events:` from the side of each variable it speaks
//! of, and the names behind ids. A run looks at none of it.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::Binding;
use super::compile::{Compiler, Needs, Refusal, Zeros, compile_then, conditions, statements};
use super::query::path;
use super::{Atom, AtomId, Plan, Predicate, Range, Scalar, Site, SourceId, walk};
use crate::ingest::wanted::SlotId;
use crate::schema;
use crate::syntax::ast::{Expr, ExprKind, FieldRef, Logic, Rule, Threshold};
use crate::syntax::print::print_expr;
use crate::text::Span;
use crate::value::operators::{Case, CompareOp};

/// What a plan forgets of its rule.
#[derive(Debug, Default)]
pub struct Written {
    /// The heading `events:`.
    pub heading: Span,
    /// In source order.
    pub statements: Vec<Statement>,
    /// Fields as the rule writes them, without their variable.
    fields: BTreeMap<(SourceId, SlotId), String>,
    /// What the tests of the condition are about: `$e`, `#e`, `$risk_score`.
    subjects: BTreeMap<Span, String>,
    /// Names of reference lists, by position in [`Plan::reference`].
    lists: Vec<String>,
    /// Truths that rows keep for a test across sources, by their place among the captures: the same tests over the
    /// values themselves, which the rows keep as well.
    truths: BTreeMap<(SourceId, usize), Site>,
    /// Lists and tables that are not there and stand as empty ones: the rule is explained, but not run.
    pub missing: BTreeMap<Lacking, String>,
}

/// What a rule needs beside itself and does not have, by its name without `%`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacking {
    /// A reference list.
    List(String),
    /// A data table.
    Table(String),
}

/// A statement of `events:`.
#[derive(Debug)]
pub struct Statement {
    /// What it asks of each variable it speaks of.
    pub views: Vec<(SourceId, Part)>,
}

/// A part of a statement, from the side of one variable.
#[derive(Debug)]
pub struct Part {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: PartKind,
}

/// The kinds of part.
#[derive(Debug)]
pub enum PartKind {
    /// `and`
    All(Vec<Part>),
    /// `or`
    Any(Vec<Part>),
    /// `N of`
    AtLeast(usize, Vec<Part>),
    /// `not`
    Not(Box<Part>),
    /// A test of the variable alone.
    Test(Site),
    /// Gives a placeholder its value, and asks of that what the rule asks elsewhere.
    Binding(Scalar, Site),
    /// A test that other variables take part in.
    Across(Site),
}

/// The plan of a rule, the same that [`super::compile`] gives, and the rule as written.
///
/// # Errors
/// Names what of the rule cannot be run.
pub fn compile_written(rule: &Rule, file: &str, needs: Needs<'_>) -> Result<(Plan, Written), Refusal> {
    let (mut written, mut lists) = (Written::default(), Vec::new());
    let Needs { wanted, list, table } = needs;
    let mut noted = |name: &str, kind| {
        let found = list(name, kind)?;
        lists.push(name.to_owned());
        Ok(found)
    };
    let needs = Needs { wanted, list: &mut noted, table };
    let plan = compile_then(rule, file, needs, |compiler, used| {
        written = compiler.written(used)?;
        Ok(())
    })?;
    Ok((plan, Written { lists, ..written }))
}

impl Written {
    /// The field of a source that a value is made from, as the rule writes it; the first where there are several.
    pub fn field(&self, plan: &Plan, source: SourceId, value: &Scalar) -> Option<&str> {
        let slot = plan.slot_in(source, value)?;
        self.fields.get(&(source, slot)).map(String::as_str)
    }

    /// What a test of the condition is about.
    pub fn subject(&self, test: Span) -> Option<&str> {
        self.subjects.get(&test).map(String::as_str)
    }

    /// The test behind a truth that rows keep, over the values that they keep beside it.
    pub fn truth(&self, kept: (SourceId, usize)) -> Option<&Site> {
        self.truths.get(&kept)
    }

    /// The name of a reference list.
    pub fn list(&self, list: usize) -> &str {
        self.lists.get(list).map_or("", String::as_str)
    }
}

impl Plan {
    /// The first field of a source in a value, through what its rows keep.
    pub fn slot_in(&self, source: SourceId, value: &Scalar) -> Option<SlotId> {
        let mut found = None;
        walk::scalar(&self.atoms, value, &mut |part| {
            found = found.or_else(|| {
                if let Scalar::Captured(of, capture) = part {
                    let kept = self.source(source)?.captures.get(*capture)?;
                    return self.slot_in(source, &kept.value).filter(|_| *of == source);
                }
                let (Scalar::Field(of, slot) | Scalar::Each(of, slot, _) | Scalar::Whole(of, slot)) = part
                else {
                    return None;
                };
                Some(*slot).filter(|_| *of == source)
            });
        });
        found
    }

    /// Does a value differ from one element of this `any` or `all` to the next?
    pub fn differs_within(&self, range: &Range, value: &Scalar) -> bool {
        let mut found = false;
        walk::scalar(&self.atoms, value, &mut |part| {
            found |= matches!(part, Scalar::Each(.., number) if *number == range.number);
        });
        found
    }

    /// The sources a value comes from, in order.
    pub fn sources_in(&self, value: &Scalar) -> BTreeSet<SourceId> {
        walk::sources(&self.atoms, value)
    }
}

impl Compiler<'_, '_> {
    fn written(&mut self, used: &[Span]) -> Result<Written, Refusal> {
        let body = self.subject.body;
        let mut written = Written {
            heading: body.events.as_ref().map(|section| section.heading.0).unwrap_or_default(),
            ..Written::default()
        };
        for expr in statements(body) {
            let mut views = Vec::new();
            for source in (0..self.sources.len()).map(SourceId) {
                if self.speaks_of(expr, source, used) {
                    self.prefer = Some(source);
                    let part = self.part(expr, source, used);
                    self.prefer = None;
                    views.push((source, part?));
                }
            }
            written.statements.push(Statement { views });
        }
        for site in self.across.iter().map(|across| across.site.clone()).collect::<Vec<_>>() {
            self.look_behind(&site, &mut written);
        }
        written.fields = self.field_names();
        written.subjects = conditions(body).flat_map(subjects).collect();
        Ok(written)
    }

    /// Has rows keep the values behind the truths that a test across sources looks at.
    fn look_behind(&mut self, site: &Site, written: &mut Written) {
        match &site.predicate {
            Predicate::All(sites) | Predicate::Any(sites) | Predicate::AtLeast(_, sites) => {
                sites.iter().for_each(|site| self.look_behind(site, written));
            }
            Predicate::Not(inner) => self.look_behind(inner, written),
            Predicate::Test(AtomId(index)) => {
                let Some(Atom::Holds(Scalar::Captured(source, capture))) = self.atoms.get(*index) else {
                    return;
                };
                self.look_behind_truth((*source, *capture), written);
            }
        }
    }

    fn look_behind_truth(&mut self, (source, capture): (SourceId, usize), written: &mut Written) {
        let kept = self.sources.get(source.0).and_then(|draft| draft.kept.get(capture));
        let Some(Scalar::Truth(site)) = kept.map(|kept| kept.value.clone()) else { return };
        if !written.truths.contains_key(&(source, capture)) {
            let open = self.open(&site);
            self.look_behind(&open, written);
            written.truths.insert((source, capture), open);
        }
    }

    /// The test in terms of captures, each value by itself, and of `any` and `all` the whole list.
    fn open(&mut self, site: &Site) -> Site {
        let predicate = match &site.predicate {
            Predicate::All(sites) => Predicate::All(self.open_all(sites)),
            Predicate::Any(sites) => Predicate::Any(self.open_all(sites)),
            Predicate::AtLeast(count, sites) => Predicate::AtLeast(*count, self.open_all(sites)),
            Predicate::Not(inner) => Predicate::Not(Box::new(self.open(inner))),
            Predicate::Test(AtomId(index)) => return self.open_test(*index, site),
        };
        Site { predicate, span: site.span }
    }

    fn open_all(&mut self, sites: &[Site]) -> Vec<Site> {
        sites.iter().map(|site| self.open(site)).collect()
    }

    /// What a function of truth looks at tells more than its truth.
    fn open_test(&mut self, index: usize, site: &Site) -> Site {
        let Some(Atom::Holds(call @ Scalar::Call(..))) = self.atoms.get(index) else {
            return self.lift_test(index, site.span);
        };
        let call = call.clone();
        let opened = Atom::Holds(self.lift_parts(&call));
        self.test(opened, site.span)
    }

    /// It names one of its fields, or a placeholder that it gives a value; how others are given theirs is not its concern.
    fn speaks_of(&self, expr: &Expr, source: SourceId, used: &[Span]) -> bool {
        let name = self.sources.get(source.0).map_or("", |draft| draft.name.as_str());
        let mut found = !used.contains(&expr.span) && self.speaks_of_bindings(expr, source);
        crate::syntax::walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                found |= field.variable.as_ref().is_some_and(|variable| variable.node == name);
            }
        });
        found
    }

    /// `used` are the places of the statements that bind placeholders.
    fn part(&mut self, expr: &Expr, source: SourceId, used: &[Span]) -> Result<Part, Refusal> {
        let kind = match expr.logic() {
            Logic::And(parts) | Logic::Of(Threshold::All, parts) => {
                PartKind::All(self.parts(parts, source, used)?)
            }
            Logic::Or(parts) | Logic::Of(Threshold::Any, parts) => {
                PartKind::Any(self.parts(parts, source, used)?)
            }
            Logic::Of(Threshold::AtLeast(count), parts) => PartKind::AtLeast(
                usize::try_from(*count).unwrap_or(usize::MAX),
                self.parts(parts, source, used)?,
            ),
            Logic::Not(inner) => PartKind::Not(Box::new(self.part(inner, source, used)?)),
            Logic::Alone => {
                let binding = self.binding_part(expr.span, source).filter(|_| used.contains(&expr.span));
                match binding {
                    Some(kind) => kind,
                    None => self.test_part(expr, source)?,
                }
            }
        };
        Ok(Part { span: expr.span, kind })
    }

    fn parts(&mut self, parts: &[Expr], source: SourceId, used: &[Span]) -> Result<Vec<Part>, Refusal> {
        parts.iter().map(|part| self.part(part, source, used)).collect()
    }

    fn test_part(&mut self, expr: &Expr, source: SourceId) -> Result<PartKind, Refusal> {
        let site = self.site(expr)?;
        let alone = walk::site_sources(&self.atoms, &site).iter().all(|other| *other == source);
        Ok(if alone { PartKind::Test(site) } else { PartKind::Across(site) })
    }

    /// A binding of `source`: a match variable must have a value, and all bindings of a placeholder have the same.
    fn binding_part(&mut self, span: Span, source: SourceId) -> Option<PartKind> {
        let of_source = |one: &&Binding| one.source == source;
        let (name, binding) = self.bound.iter().find_map(|(name, all)| {
            let binding = all.iter().filter(of_source).find(|one| one.span == span)?;
            Some((name.clone(), binding.clone()))
        })?;
        let first = self.bound.get(&name)?.iter().find(of_source).cloned()?;
        let mut sites = Vec::new();
        if self.is_key(&name) && self.is_plain_field(&binding.value) {
            sites.push(self.test(Atom::NotZero(binding.value.clone()), span));
        }
        if first.span != span {
            let (left, right) = (binding.value.clone(), first.value);
            let (op, case, order) = (CompareOp::Eq, Case::Exact, None);
            sites.push(self.test(Atom::Compare { op, left, right, case, order }, span));
        }
        Some(PartKind::Binding(binding.value, Site { predicate: Predicate::All(sites), span }))
    }

    /// Is it a match variable whose zero value is left out?
    fn is_key(&self, name: &str) -> bool {
        let mut keys = self.subject.clause().into_iter().flat_map(|clause| &clause.keys);
        self.subject.zeros == Zeros::Dropped
            && keys.any(|key| matches!(&key.kind, ExprKind::Variable(known) if known.node == name))
    }

    fn field_names(&mut self) -> BTreeMap<(SourceId, SlotId), String> {
        let mut names = BTreeMap::new();
        for expr in statements(self.subject.body) {
            crate::syntax::walk(expr, &mut |part| {
                if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                    && let Some((source, slot)) = self.place(field)
                {
                    names.entry((source, slot)).or_insert_with(|| path(field));
                }
                if let Some((source, slot)) = self.grouped(part) {
                    names.entry((source, slot)).or_insert_with(|| print_expr(part));
                }
            });
        }
        names
    }

    pub(super) fn place(&mut self, field: &FieldRef) -> Option<(SourceId, SlotId)> {
        let source = self.source_named(&field.variable.as_ref()?.node)?;
        let root = self.sources.get(source.0)?.kind.root()?;
        let info = schema::resolve(field, root).ok()?;
        Some((source, self.needs.wanted.field(&info)?))
    }
}

/// The tests of a condition and what they are about.
fn subjects(expr: &Expr) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    crate::syntax::walk(expr, &mut |part| {
        let subject = if let ExprKind::Variable(name) | ExprKind::Absent(name) = &part.kind {
            Some(format!("${}", name.node))
        } else if matches!(part.kind, ExprKind::Compare(_) | ExprKind::Call(_) | ExprKind::In(_)) {
            subject(part)
        } else {
            None
        };
        found.extend(subject.map(|subject| (part.span, subject)));
    });
    found
}

fn subject(expr: &Expr) -> Option<String> {
    let mut found = None;
    crate::syntax::walk(expr, &mut |part| {
        found = found.take().or_else(|| {
            if let ExprKind::Count(name) = &part.kind {
                return Some(format!("#{}", name.node));
            }
            part.as_variable().map(|name| format!("${}", name.node))
        });
    });
    found
}
