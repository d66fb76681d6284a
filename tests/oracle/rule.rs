//! What a rule says as a whole: its variables, its statements taken apart, what each placeholder stands for.

use std::collections::{BTreeMap, BTreeSet};

use yaral::schema::{FieldInfo, Root};
use yaral::syntax::ast::{self, Assignment, Comparison, Expr, ExprKind, FieldRef, Literal, Section, Stmt};
use yaral::syntax::print::print_expr;
use yaral::syntax::{children, walk};
use yaral::value::operators::CompareOp;

use crate::fields::{self, ListPath, Unnested};

/// What a variable ranges over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Event,
    Entity,
    Table,
}

/// Does every row of a group have it, or does it join where it can?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    Bounded,
    Unbounded,
}

/// A variable whose rows are joined: of events, of entities, or a data table.
#[derive(Debug)]
pub struct Variable {
    pub name: String,
    pub source: Source,
    pub presence: Presence,
    /// Lists its copies are made over, in the order they are mentioned.
    pub lists: Vec<(ListPath, Unnested)>,
    /// Its place in the text among all variables.
    pub place: usize,
}

/// Something a row must satisfy.
#[derive(Debug)]
pub struct Conjunct<'r> {
    pub test: Test<'r>,
    /// The last variable, in the order of joining, that it looks at.
    pub level: usize,
}

#[derive(Debug)]
pub enum Test<'r> {
    Holds(&'r Expr),
    NotZero(&'r Expr),
}

/// A rule taken apart. Variables stand in the order of joining, those that may be absent last.
#[derive(Debug)]
pub struct Rule<'r> {
    pub ast: &'r ast::Rule,
    pub variables: Vec<Variable>,
    pub conjuncts: Vec<Conjunct<'r>>,
    pub placeholders: BTreeMap<&'r str, Vec<&'r Expr>>,
    pub outcomes: Vec<(&'r str, &'r Expr)>,
    pub keys: Vec<&'r str>,
    /// What each field of the rule leads to, by where it stands in memory.
    infos: BTreeMap<usize, FieldInfo>,
    /// What gives each placeholder its value, and which variables that looks at.
    values: BTreeMap<&'r str, (&'r Expr, BTreeSet<usize>)>,
}

pub fn predicates(section: Option<&Section<Stmt>>) -> Vec<&Expr> {
    let items = section.into_iter().flat_map(|section| &section.items);
    let readable = items.filter_map(|item| match item {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    });
    readable.collect()
}

/// The parts joined by `and` at the top of statements.
pub fn conjuncts<'r>(statements: &[&'r Expr]) -> Vec<&'r Expr> {
    let parts = statements.iter().flat_map(|expr| match &expr.kind {
        ExprKind::And(parts) => conjuncts(&parts.iter().collect::<Vec<_>>()),
        _ => vec![*expr],
    });
    parts.collect()
}

impl<'r> Rule<'r> {
    pub fn new(ast: &'r ast::Rule) -> Rule<'r> {
        let statements = conjuncts(&predicates(ast.body.events.as_ref()));
        let outcomes = outcomes(ast);
        let clause = ast.body.match_.as_ref().and_then(|section| section.items.first());
        let keys = clause.into_iter().flat_map(|clause| &clause.keys).filter_map(variable).collect();
        let mut variables = variables(&statements, &outcomes);
        let placeholders = bindings(&statements, &variables);
        let infos = infos(statements.iter().copied().chain(outcomes.iter().map(|(_, expr)| *expr)));
        let mut rule = Rule {
            ast,
            variables: Vec::new(),
            conjuncts: Vec::new(),
            placeholders,
            outcomes,
            keys,
            infos,
            values: BTreeMap::new(),
        };
        let bounded = rule.bounded(&variables);
        for one in &mut variables {
            let required = one.source == Source::Table || bounded.contains(&one.name);
            one.presence = if required { Presence::Bounded } else { Presence::Unbounded };
        }
        variables.sort_by_key(|one| (one.presence, one.source, one.place));
        rule.variables = variables;
        let value = |name: &&'r str| rule.chosen(name).map(|expr| (*name, (expr, rule.needs(expr))));
        rule.values = rule.placeholders.keys().filter_map(value).collect();
        rule.conjuncts = rule.tests(&statements);
        rule
    }

    pub fn index(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|one| one.name == name)
    }

    pub fn has_match(&self) -> bool {
        self.ast.body.match_.is_some()
    }

    pub fn option(&self, name: &str) -> Option<&'r Literal> {
        let mut pairs = self.ast.options.iter().flat_map(|section| &section.items);
        match &pairs.find(|pair| pair.key.node == name)?.value.kind {
            ExprKind::Literal(literal) => Some(literal),
            _ => None,
        }
    }

    pub fn info(&self, field: &FieldRef) -> &FieldInfo {
        &self.infos[&std::ptr::from_ref(field).addr()]
    }

    /// What gives a placeholder its value, and the variables it looks at.
    pub fn value_of(&self, name: &str) -> Option<(&'r Expr, &BTreeSet<usize>)> {
        self.values.get(name).map(|(expr, needs)| (*expr, needs))
    }

    pub fn binding(&self, name: &str) -> Option<&'r Expr> {
        self.value_of(name).map(|(expr, _)| expr)
    }

    /// A binding that is always there, where there is one, else the first.
    fn chosen(&self, name: &str) -> Option<&'r Expr> {
        let all = self.placeholders.get(name)?;
        let absent = |expr: &&&Expr| {
            let needs = self.needs(expr);
            needs.iter().any(|index| self.variables[*index].presence == Presence::Unbounded)
        };
        all.iter().find(|expr| !absent(expr)).or(all.first()).copied()
    }

    /// The variables an expression looks at, its placeholders' among them, by their place in the order of joining.
    pub fn needs(&self, expr: &Expr) -> BTreeSet<usize> {
        let mut needs = BTreeSet::new();
        for name in names(expr) {
            match (self.index(&name), self.chosen(&name)) {
                (Some(index), _) => drop(needs.insert(index)),
                (None, Some(binding)) => needs.extend(self.needs(binding)),
                (None, None) => {}
            }
        }
        needs
    }

    fn tests(&self, statements: &[&'r Expr]) -> Vec<Conjunct<'r>> {
        let level = |expr: &Expr| self.needs(expr).into_iter().max().unwrap_or(0);
        let mut all: Vec<Conjunct<'r>> =
            statements.iter().map(|expr| Conjunct { test: Test::Holds(expr), level: level(expr) }).collect();
        if self.option("allow_zero_values") != Some(&Literal::Bool(true)) {
            let bindings = self.keys.iter().filter_map(|key| self.placeholders.get(*key)).flatten();
            let direct = bindings.filter(|expr| matches!(expr.kind, ExprKind::Field(_)));
            all.extend(direct.map(|expr| Conjunct { test: Test::NotZero(expr), level: level(expr) }));
        }
        all
    }

    /// The variables that the condition requires, by themselves or by one of their placeholders.
    fn bounded(&self, variables: &[Variable]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let events: Vec<&Variable> = variables.iter().filter(|one| one.source != Source::Table).collect();
        if let [only] = events.as_slice() {
            found.insert(only.name.clone());
        }
        for part in conjuncts(&predicates(self.ast.body.condition.as_ref())) {
            let Some(name) = required(part) else { continue };
            match self.placeholders.get(name) {
                Some(bindings) => found.extend(bindings.iter().flat_map(|expr| self.all_names(expr))),
                None => drop(found.insert(name.to_owned())),
            }
        }
        found
    }

    /// The event variables behind an expression, through whatever placeholders it names.
    fn all_names(&self, expr: &Expr) -> BTreeSet<String> {
        let deeper = names(expr).into_iter().flat_map(|name| match self.placeholders.get(name.as_str()) {
            Some(bindings) => bindings.iter().flat_map(|expr| self.all_names(expr)).collect(),
            None => BTreeSet::from([name]),
        });
        deeper.collect()
    }
}

fn infos<'r>(written: impl Iterator<Item = &'r Expr>) -> BTreeMap<usize, FieldInfo> {
    let mut infos = BTreeMap::new();
    for expr in written {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && field.variable.is_some()
            {
                infos.insert(std::ptr::from_ref(field).addr(), fields::info(field));
            }
        });
    }
    infos
}

fn outcomes(ast: &ast::Rule) -> Vec<(&str, &Expr)> {
    let items = ast.body.outcome.iter().flat_map(|section| &section.items);
    let set = items.filter_map(|item| match item {
        Assignment::Set { name, value, .. } => Some((name.node.as_str(), value)),
        Assignment::Broken(_) => None,
    });
    set.collect()
}

pub fn variable(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(&name.node),
        _ => None,
    }
}

/// Variables, placeholders and tables that an expression names; a table only where its rows are joined.
fn names(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(expr, &mut names);
    names
}

fn collect(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Field(field) | ExprKind::Quantified(_, field) => names.extend(owner(field)),
        ExprKind::Variable(name) => drop(names.insert(name.node.clone())),
        ExprKind::List(list) => drop(names.insert(format!("%{}", list.name.node))),
        ExprKind::In(test) => collect(&test.value, names),
        _ => children(expr).into_iter().for_each(|child| collect(child, names)),
    }
}

fn owner(field: &FieldRef) -> Option<String> {
    field.variable.as_ref().map(|name| name.node.clone())
}

fn variables(statements: &[&Expr], outcomes: &[(&str, &Expr)]) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    for expr in statements {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                mention(&mut found, field);
            }
        });
        for table in names(expr).iter().filter(|name| name.starts_with('%')) {
            entry(&mut found, table, Source::Table);
        }
    }
    let written = statements.iter().chain(outcomes.iter().map(|(_, expr)| expr));
    for expr in written {
        unnest(expr, &mut found);
    }
    found
}

fn mention(found: &mut Vec<Variable>, field: &FieldRef) {
    let Some(name) = owner(field) else { return };
    let source = match fields::info(field).root {
        Root::Udm => Source::Event,
        Root::Entity => Source::Entity,
        Root::Detection => panic!("rules over detections are beyond the oracle"),
    };
    entry(found, &name, source);
}

fn entry(found: &mut Vec<Variable>, name: &str, source: Source) {
    if !found.iter().any(|one| one.name == name) {
        let (presence, place) = (Presence::Bounded, found.len());
        found.push(Variable { name: name.to_owned(), source, presence, lists: Vec::new(), place });
    }
}

/// Notes the lists that unmodified references of an expression look into.
fn unnest(expr: &Expr, found: &mut [Variable]) {
    match &expr.kind {
        ExprKind::Call(call) if call.name.node == "arrays.length" => {
            let fields = children(expr).into_iter().filter(|arg| !matches!(arg.kind, ExprKind::Field(_)));
            fields.for_each(|arg| unnest(arg, found));
        }
        ExprKind::Call(call) if call.name.node == "group" => {
            let fields = grouped(expr);
            let owner = fields.first().and_then(|field| owner(field));
            let variable = found.iter_mut().find(|one| Some(&one.name) == owner.as_ref());
            let path = group_path(expr);
            if let Some(variable) = variable.filter(|one| one.lists.iter().all(|(known, _)| *known != path)) {
                let infos = fields.into_iter().map(fields::info).collect();
                variable.lists.push((path, Unnested::Group(infos)));
            }
        }
        ExprKind::Field(field) => touch(field, found),
        _ => children(expr).into_iter().for_each(|child| unnest(child, found)),
    }
}

/// The fields of a `group`.
pub fn grouped(call: &Expr) -> Vec<&FieldRef> {
    let fields = children(call).into_iter().filter_map(|arg| match &arg.kind {
        ExprKind::Field(field) => Some(field),
        _ => None,
    });
    fields.collect()
}

/// What names the list that a `group` makes.
pub fn group_path(call: &Expr) -> ListPath {
    vec![print_expr(call)]
}

fn touch(field: &FieldRef, found: &mut [Variable]) {
    let Some(name) = owner(field) else { return };
    let info = fields::info(field);
    let Some(variable) = found.iter_mut().find(|one| one.name == name) else { return };
    for path in fields::lists(&info) {
        if !variable.lists.iter().any(|(known, _)| *known == path) {
            let steps = info.steps[..path.len()].to_vec();
            variable.lists.push((path, Unnested::List(steps)));
        }
    }
}

/// Equalities of a placeholder with an expression over fields, or over placeholders that have a value already.
fn bindings<'r>(statements: &[&'r Expr], variables: &[Variable]) -> BTreeMap<&'r str, Vec<&'r Expr>> {
    let is_source = |name: &str| name.starts_with('%') || variables.iter().any(|one| one.name == name);
    let mut bound: BTreeMap<&str, Vec<&Expr>> = BTreeMap::new();
    let pairs: Vec<(&'r str, &'r Expr)> = statements.iter().flat_map(|expr| equalities(expr)).collect();
    for (name, value) in &pairs {
        if names(value).iter().any(|part| is_source(part)) {
            bound.entry(*name).or_default().push(value);
        }
    }
    loop {
        let before = bound.len();
        for (name, value) in &pairs {
            let parts = names(value);
            let known = !parts.is_empty() && parts.iter().all(|part| bound.contains_key(part.as_str()));
            if known && !bound.contains_key(*name) {
                bound.insert(name, vec![value]);
            }
        }
        if bound.len() == before {
            return bound;
        }
    }
}

/// `$p = value`, both ways round.
fn equalities(expr: &Expr) -> Vec<(&str, &Expr)> {
    let ExprKind::Compare(test) = &expr.kind else { return Vec::new() };
    let Comparison { op, left, right, nocase } = test.as_ref();
    if op.node != CompareOp::Eq || nocase.is_some() {
        return Vec::new();
    }
    let sides = [(left, right), (right, left)];
    sides.into_iter().filter_map(|(name, value)| Some((variable(name)?, value))).collect()
}

/// The variable that a part of a condition requires: `$e`, `#e > n`, `#e >= m` and `#e = m` with m > 0.
fn required(part: &Expr) -> Option<&str> {
    if let Some(name) = variable(part) {
        return Some(name);
    }
    let ExprKind::Compare(test) = &part.kind else { return None };
    let (name, op, other) = match (&test.left.kind, &test.right.kind) {
        (ExprKind::Count(name), other) => (name, test.op.node, other),
        (other, ExprKind::Count(name)) => (name, test.op.node.mirrored(), other),
        _ => return None,
    };
    let ExprKind::Literal(Literal::Int(number)) = other else { return None };
    let bounds = match op {
        CompareOp::Gt => true,
        CompareOp::Ge | CompareOp::Eq => *number > 0,
        CompareOp::Ne | CompareOp::Lt | CompareOp::Le => false,
    };
    bounds.then_some(&name.node)
}
