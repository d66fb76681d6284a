//! What a rule, a search or a stage says as a whole: its variables, its statements taken apart, what each placeholder
//! stands for.

use std::collections::{BTreeMap, BTreeSet};

use yaral::schema::FieldInfo;
use yaral::syntax::ast::{
    Assignment, Body, CrossJoin, Expr, ExprKind, FieldRef, Literal, OptionPair, Section, Stmt, WindowClause,
};
use yaral::syntax::walk;

use crate::bound::{bindings, counted, required};
use crate::fields;
use crate::rows::Stages;
use crate::value::Letters;
use crate::variables::{Presence, Source, Variable, is_column, names, owner, variable, variables};

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
    /// Pairs of variables, by their place in the order of joining, that something ties to each other.
    ties: BTreeSet<(usize, usize)>,
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
            ties: BTreeSet::new(),
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
        rule.ties = rule.pairs(&statements);
        rule
    }

    /// Variables that stand in one statement, or give one placeholder its value.
    fn pairs(&self, statements: &[&'r Expr]) -> BTreeSet<(usize, usize)> {
        let bound = self.placeholders.values();
        let bound = bound.map(|all| all.iter().flat_map(|expr| self.needs(expr)).collect());
        let tied: Vec<BTreeSet<usize>> =
            statements.iter().map(|expr| self.needs(expr)).chain(bound).collect();
        let pair = |all: &BTreeSet<usize>| -> Vec<(usize, usize)> {
            all.iter().flat_map(|one| all.iter().map(|other| (*one, *other))).collect()
        };
        tied.iter().flat_map(pair).collect()
    }

    pub fn are_tied(&self, one: usize, other: usize) -> bool {
        self.ties.contains(&(one, other))
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
