//! What a rule, a search or a stage says as a whole: its variables, its statements taken apart, what each placeholder
//! stands for.

use std::collections::{BTreeMap, BTreeSet};

use yaral::schema::{FieldInfo, Root};
use yaral::syntax::ast::{
    Assignment, Body, Comparison, CrossJoin, Expr, ExprKind, FieldRef, Literal, OptionPair, Section, Stmt,
    WindowClause,
};
use yaral::syntax::print::print_expr;
use yaral::syntax::{children, walk};
use yaral::value::operators::CompareOp;

use crate::fields::{self, ListPath, Unnested};
use crate::rows::Stages;
use crate::value::Letters;

/// What a variable ranges over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Event,
    Entity,
    Table,
    Stage,
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

/// What is taken apart: the sections of a rule, of a search or of a stage.
#[derive(Debug, Clone, Copy)]
pub struct Written<'r> {
    pub body: &'r Body,
    pub options: Option<&'r Section<OptionPair>>,
    pub language: Language,
    /// The rows of the stages above it.
    pub stages: &'r Stages,
    /// Stages whose rows stand beside each other.
    pub cross: &'r [CrossJoin],
}

/// What rules and searches read otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rule,
    /// How its texts compare, and how many items its arrays keep.
    Search(Letters, usize),
}

/// A rule taken apart. Variables stand in the order of joining, those that may be absent last.
#[derive(Debug)]
pub struct Rule<'r> {
    pub written: Written<'r>,
    pub variables: Vec<Variable>,
    pub conjuncts: Vec<Conjunct<'r>>,
    pub placeholders: BTreeMap<&'r str, Vec<&'r Expr>>,
    pub outcomes: Vec<(&'r str, &'r Expr)>,
    /// The match variables, and in searches also fields.
    pub keys: Vec<&'r Expr>,
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
    pub fn new(written: Written<'r>) -> Rule<'r> {
        let Written { body, stages, .. } = written;
        let statements = conjuncts(&predicates(body.events.as_ref()));
        let outcomes = outcomes(body);
        let clause = body.match_.as_ref().and_then(|section| section.items.first());
        let keys: Vec<&Expr> = clause.into_iter().flat_map(|clause| &clause.keys).collect();
        let values = keys.iter().copied().chain(outcomes.iter().map(|(_, expr)| *expr));
        let mut variables = variables(&statements, values.clone(), written);
        let placeholders = bindings(&statements, &variables);
        let infos = infos(statements.iter().copied().chain(values).chain(arranged(body)), stages);
        let mut rule = Rule {
            written,
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
            let required = one.source >= Source::Table || bounded.contains(&one.name);
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
        self.written.body.match_.is_some()
    }

    pub fn window(&self) -> Option<&'r WindowClause> {
        let clause = self.written.body.match_.as_ref().and_then(|section| section.items.first());
        clause.and_then(|clause| clause.window.as_ref())
    }

    /// Texts compare so unless `nocase` is asked for.
    pub fn letters(&self) -> Letters {
        match self.written.language {
            Language::Rule => Letters::Exact,
            Language::Search(letters, _) => letters,
        }
    }

    /// The most items an array keeps.
    pub fn array_limit(&self) -> usize {
        match self.written.language {
            Language::Rule => 25,
            Language::Search(_, limit) => limit,
        }
    }

    pub fn option(&self, name: &str) -> Option<&'r Literal> {
        let mut pairs = self.written.options.into_iter().flat_map(|section| &section.items);
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
            let direct = self.keys.iter().flat_map(|key| self.read_by(key)).filter(|expr| self.is_read(expr));
            all.extend(direct.map(|expr| Conjunct { test: Test::NotZero(expr), level: level(expr) }));
        }
        all
    }

    /// What gives a match variable its value: all its bindings, or the field itself.
    fn read_by(&self, key: &'r Expr) -> Vec<&'r Expr> {
        match variable(key) {
            Some(name) => self.placeholders.get(name).cloned().unwrap_or_default(),
            None => vec![key],
        }
    }

    /// A field of a record, as the columns of stages are not.
    fn is_read(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Field(field) => !is_column(field, self.written.stages),
            _ => false,
        }
    }

    /// The variables that the condition requires, by themselves or by one of their placeholders.
    fn bounded(&self, variables: &[Variable]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let events: Vec<&Variable> = variables.iter().filter(|one| one.source < Source::Table).collect();
        if let [only] = events.as_slice() {
            found.insert(only.name.clone());
        }
        let condition = conjuncts(&predicates(self.written.body.condition.as_ref()));
        let missed: BTreeSet<String> =
            condition.iter().filter_map(|part| counted(part)).flat_map(|name| self.behind(name)).collect();
        // A search need not name its events in a condition.
        if self.written.language != Language::Rule {
            let unsaid = events.iter().map(|one| one.name.clone()).filter(|name| !missed.contains(name));
            found.extend(unsaid);
        }
        found.extend(condition.iter().filter_map(|part| required(part)).flat_map(|name| self.behind(name)));
        found
    }

    /// A variable itself, or those behind a placeholder.
    fn behind(&self, name: &str) -> BTreeSet<String> {
        match self.placeholders.get(name) {
            Some(bindings) => bindings.iter().flat_map(|expr| self.all_names(expr)).collect(),
            None => BTreeSet::from([name.to_owned()]),
        }
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

/// What `dedup:` and `order:` name.
fn arranged(body: &Body) -> impl Iterator<Item = &Expr> {
    let dedup = body.dedup.iter().flat_map(|section| &section.items);
    let order = body.order.iter().flat_map(|section| &section.items);
    dedup.chain(order.map(|item| &item.key))
}

fn infos<'r>(written: impl Iterator<Item = &'r Expr>, stages: &Stages) -> BTreeMap<usize, FieldInfo> {
    let mut infos = BTreeMap::new();
    for expr in written {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && owner(field).is_some()
                && !is_column(field, stages)
            {
                infos.insert(std::ptr::from_ref(field).addr(), fields::info(field));
            }
        });
    }
    infos
}

fn outcomes(body: &Body) -> Vec<(&str, &Expr)> {
    let items = body.outcome.iter().flat_map(|section| &section.items);
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

/// The variable that a field belongs to: in a search without any, one of no name. The bounds of the window belong to none.
pub fn owner(field: &FieldRef) -> Option<String> {
    match (&field.variable, field.segments.as_slice()) {
        (Some(name), _) => Some(name.node.clone()),
        (None, [only]) if ["window_start", "window_end"].contains(&only.name.node.as_str()) => None,
        (None, _) => Some(String::new()),
    }
}

/// Does a field name a column of a stage?
pub fn is_column(field: &FieldRef, stages: &Stages) -> bool {
    owner(field).is_some_and(|name| stages.contains_key(&name))
}

fn variables<'r>(
    statements: &[&'r Expr],
    values: impl Iterator<Item = &'r Expr>,
    written: Written<'r>,
) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    let values: Vec<&Expr> = values.collect();
    // In a rule every variable is declared under `events:`.
    let declaring = match written.language {
        Language::Rule => &[][..],
        Language::Search(..) => values.as_slice(),
    };
    for expr in statements.iter().chain(declaring) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                mention(&mut found, field, written.stages);
            }
        });
        for table in names(expr).iter().filter(|name| name.starts_with('%')) {
            entry(&mut found, table, Source::Table);
        }
    }
    for name in written.cross.iter().flat_map(|join| &join.stages) {
        if written.stages.contains_key(&name.node) {
            entry(&mut found, &name.node, Source::Stage);
        }
    }
    for expr in statements.iter().chain(&values) {
        unnest(expr, &mut found);
    }
    found
}

fn mention(found: &mut Vec<Variable>, field: &FieldRef, stages: &Stages) {
    let Some(name) = owner(field) else { return };
    if is_column(field, stages) {
        return entry(found, &name, Source::Stage);
    }
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
    let of_records = |one: &&mut Variable| one.name == name && one.source != Source::Stage;
    let Some(variable) = found.iter_mut().find(of_records) else { return };
    let info = fields::info(field);
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

/// The variable of which a part of a condition speaks in a way that does not need it.
fn counted(part: &Expr) -> Option<&str> {
    match &part.kind {
        ExprKind::Absent(name) => Some(&name.node),
        ExprKind::Compare(test) => match (&test.left.kind, &test.right.kind) {
            (ExprKind::Count(name), _) | (_, ExprKind::Count(name)) => Some(&name.node),
            _ => None,
        },
        _ => None,
    }
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
