//! The tests of a rule, or of a part of a search, by field, with placeholders followed to the fields they stand for.

use std::collections::{BTreeMap, BTreeSet};

use crate::regex::Pattern;
use crate::schema::Root;
use crate::syntax::ast::{
    Access, Arg, Body, Call, Comparison, Expr, ExprKind, FieldRef, InList, ListKind, Literal, Logic, Rule,
    Stmt,
};
use crate::syntax::print::print_expr;
use crate::syntax::walk;
use crate::value::operators::{Case, CompareOp, text_equal};

/// What a test asks of a field.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) variable: String,
    /// As in the rule, without the variable.
    pub(super) field: String,
    /// What is held against the value: the field, or what the rule makes of it, as written.
    pub(super) subject: String,
    pub(super) kind: String,
    pub(super) value: String,
    /// Must the field have a value for it to hold?
    pub(super) needs_value: bool,
    case: Case,
}

/// The side of a test that comes from an event.
#[derive(Debug, Clone)]
struct Subject {
    variable: String,
    /// The first field in it.
    field: String,
    /// As written, a field without its variable.
    written: String,
}

/// Whose statements they are.
pub(super) enum Language<'r> {
    /// Every field has a variable.
    Rule,
    /// A field without variable is the event's, and these variables are stages, whose rows are no events.
    Search(Vec<&'r str>),
}

impl Language<'_> {
    fn case(&self) -> Case {
        match self {
            Language::Rule => Case::Exact,
            Language::Search(_) => Case::Fold,
        }
    }

    /// The variable of a field; the event of a search has no name.
    fn variable<'f>(&self, field: &'f FieldRef) -> Option<&'f str> {
        match (&field.variable, self) {
            (Some(name), Language::Search(stages)) if stages.contains(&name.node.as_str()) => None,
            (Some(name), _) => Some(&name.node),
            (None, Language::Search(_)) => Some(""),
            (None, Language::Rule) => None,
        }
    }
}

/// The statements of a rule, and what its placeholders stand for.
pub(super) struct Subjects<'r> {
    language: Language<'r>,
    statements: Vec<&'r Expr>,
    variables: Vec<String>,
    /// What each placeholder stands for.
    bound: BTreeMap<&'r str, Vec<Subject>>,
    /// The placeholders that stand for a `group` of fields.
    grouped: BTreeSet<&'r str>,
}

impl Test {
    /// Can a value satisfy it? Tests that need more than the value are taken to hold.
    pub(super) fn admits(&self, value: &str) -> bool {
        if self.subject != self.field {
            return true;
        }
        match self.kind.as_str() {
            "equals" => text_equal(value, &self.value, self.case),
            "regex_match" => {
                Pattern::parse(&self.value, self.case).map_or(true, |pattern| pattern.is_match(value))
            }
            _ => true,
        }
    }
}

impl<'r> Subjects<'r> {
    pub(super) fn of(rule: &'r Rule) -> Subjects<'r> {
        Subjects::of_body(&rule.body, Language::Rule)
    }

    pub(super) fn of_body(body: &'r Body, language: Language<'r>) -> Subjects<'r> {
        let items = body.events.iter().flat_map(|section| &section.items);
        let statements = items.filter_map(|one| match one {
            Stmt::Predicate(expr) => Some(expr),
            Stmt::Broken(_) => None,
        });
        let statements = statements.collect();
        let mut subjects = Subjects {
            language,
            statements,
            variables: Vec::new(),
            bound: BTreeMap::new(),
            grouped: BTreeSet::new(),
        };
        for statement in subjects.statements.clone() {
            subjects.declare(statement);
            subjects.bind(statement);
        }
        subjects
    }

    fn declare(&mut self, statement: &Expr) {
        walk(statement, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && let Some(name) = self.language.variable(field)
                && !self.variables.iter().any(|known| known == name)
            {
                self.variables.push(name.to_owned());
            }
        });
    }

    fn bind(&mut self, statement: &'r Expr) {
        if let ExprKind::And(parts) = &statement.kind {
            return parts.iter().for_each(|part| self.bind(part));
        }
        if let Some((name, value)) = binding(statement)
            && let Some(subject) = self.subject(value)
        {
            self.bound.entry(name).or_default().push(subject);
            if self.is_grouped(statement) {
                self.grouped.insert(name);
            }
        }
    }

    /// Event variables in the order they are first mentioned.
    pub(super) fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Does the variable range over events?
    pub(super) fn is_event(&self, variable: &str) -> bool {
        let mut root = None;
        for statement in &self.statements {
            walk(statement, &mut |part| {
                if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                    && self.language.variable(field) == Some(variable)
                {
                    let word = field.segments.first().map_or("", |segment| segment.name.node.as_str());
                    root = root.or(Root::from_word(word));
                }
            });
        }
        matches!(root, None | Some(Root::Udm))
    }

    /// The statements that name a field of the variable, or a placeholder that it gives a value.
    pub(super) fn statements(&self, variable: &str) -> Vec<&'r Expr> {
        self.statements.iter().filter(|one| self.speaks_of(one, variable)).copied().collect()
    }

    fn speaks_of(&self, statement: &Expr, variable: &str) -> bool {
        let mut found = false;
        walk(statement, &mut |part| {
            found |= part.as_any_field().is_some_and(|field| self.language.variable(field) == Some(variable));
            let name = part.as_variable().filter(|_| binding(statement).is_none());
            let mut bound = name.and_then(|name| self.bound.get(name.node.as_str())).into_iter().flatten();
            found |= bound.any(|subject| subject.variable == variable);
        });
        found
    }

    /// The event types that the variable may have, as written.
    pub(super) fn event_types(&self, variable: &str) -> Vec<String> {
        let mut types = Vec::new();
        for test in self.all() {
            let is_type = test.subject == "metadata.event_type" && test.kind == "equals";
            if is_type && test.variable == variable && !types.contains(&test.value) {
                types.push(test.value);
            }
        }
        types
    }

    /// Every test, in source order.
    pub(super) fn all(&self) -> Vec<Test> {
        let mut found = Vec::new();
        self.statements.iter().for_each(|statement| self.collect(statement, false, &mut found));
        found
    }

    fn collect(&self, expr: &Expr, negated: bool, found: &mut Vec<Test>) {
        match expr.logic() {
            Logic::And(parts) | Logic::Or(parts) | Logic::Of(_, parts) => {
                parts.iter().for_each(|part| self.collect(part, negated, found));
            }
            Logic::Not(inner) => self.collect(inner, !negated, found),
            Logic::Alone => found.extend(self.test(expr, negated)),
        }
    }

    /// What a single test asks of a field, where it holds a field against something written out.
    pub(super) fn test(&self, expr: &Expr, negated: bool) -> Option<Test> {
        let mut test = match &expr.kind {
            ExprKind::Compare(test) => self.comparison(test)?,
            ExprKind::In(test) => self.in_list(test)?,
            ExprKind::Call(call) => self.call(call)?,
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::IsNull(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Quantified(..)
            | ExprKind::Field(_)
            | ExprKind::Variable(_)
            | ExprKind::Count(_)
            | ExprKind::Absent(_)
            | ExprKind::List(_)
            | ExprKind::Of(..)
            | ExprKind::Array(_)
            | ExprKind::Literal(_) => return None,
        };
        // Of several fields put together any one may have the value, and the first alone is shown.
        test.needs_value &= !self.is_grouped(expr);
        if negated {
            test.kind = match test.kind.strip_prefix("not_") {
                Some(plain) => plain.to_owned(),
                None => format!("not_{}", test.kind),
            };
            test.needs_value = false;
        }
        Some(test)
    }

    /// Is a field of it one of a `group`, or does a placeholder stand for one?
    fn is_grouped(&self, expr: &Expr) -> bool {
        let mut found = false;
        walk(expr, &mut |part| {
            found |= part.as_call().is_some_and(|call| call.name.node == "group");
            found |= part.as_variable().is_some_and(|name| self.grouped.contains(name.node.as_str()));
        });
        found
    }

    fn comparison(&self, test: &Comparison) -> Option<Test> {
        let sides =
            [(&test.left, &test.right, test.op.node), (&test.right, &test.left, test.op.node.mirrored())];
        let (subject, literal, op) =
            sides.into_iter().find(|(_, other, _)| matches!(other.kind, ExprKind::Literal(_)))?;
        let ExprKind::Literal(literal) = &literal.kind else { return None };
        let Subject { variable, field, written } = self.subject(subject)?;
        let kind = match (op, literal) {
            (CompareOp::Eq, Literal::Regex(_)) => "regex_match",
            (CompareOp::Ne, Literal::Regex(_)) => "not_regex_match",
            (CompareOp::Eq, _) => "equals",
            (CompareOp::Ne, _) => "not_equals",
            (CompareOp::Lt, _) => "below",
            (CompareOp::Le, _) => "at_most",
            (CompareOp::Gt, _) => "above",
            (CompareOp::Ge, _) => "at_least",
        };
        let value = literal_text(literal);
        let is_folding = test.nocase.is_some() || matches!(subject.kind, ExprKind::Call(_));
        Some(Test {
            needs_value: op != CompareOp::Ne && !value.is_empty(),
            case: if is_folding { Case::Fold } else { self.language.case() },
            kind: kind.to_owned(),
            variable,
            field,
            subject: written,
            value,
        })
    }

    fn in_list(&self, test: &InList) -> Option<Test> {
        let Subject { variable, field, written: subject } = self.subject(&test.value)?;
        let kind = match test.kind {
            ListKind::Plain => "in_list",
            ListKind::Regex => "in_regex_list",
            ListKind::Cidr => "in_cidr_list",
        };
        let (kind, value) = (kind.to_owned(), print_expr(&test.list));
        Some(Test { variable, field, subject, kind, value, needs_value: true, case: Case::Exact })
    }

    fn call(&self, call: &Call) -> Option<Test> {
        let args = || {
            call.args.iter().map(|arg| match arg {
                Arg::Plain(value) | Arg::Named(_, value) => value,
            })
        };
        let Subject { variable, field, written: subject } = args().find_map(|arg| self.subject(arg))?;
        let values = args().filter_map(|arg| arg.as_literal().map(literal_text));
        let value = values.collect::<Vec<_>>().join(", ");
        let kind = match call.name.node.as_str() {
            "re.regex" => "regex_match",
            "net.ip_in_range_cidr" => "in_cidr",
            "strings.contains" => "contains",
            "strings.starts_with" => "starts_with",
            "strings.ends_with" => "ends_with",
            other => other,
        };
        let case = if call.nocase.is_some() { Case::Fold } else { self.language.case() };
        Some(Test { variable, field, subject, kind: kind.to_owned(), value, needs_value: true, case })
    }

    /// What a value is. Text in another case is still the field's own.
    fn subject(&self, expr: &Expr) -> Option<Subject> {
        let inner = unfolded(expr);
        let made_from = self.made_from(inner)?;
        let is_plain = inner.as_any_field().is_some() || inner.as_variable().is_some() || is_group(inner);
        let written = if is_plain { made_from.written } else { print_expr(expr) };
        Some(Subject { written, ..made_from })
    }

    /// The first field, or placeholder with a field, in a value.
    fn made_from(&self, expr: &Expr) -> Option<Subject> {
        let mut found = None;
        walk(expr, &mut |part| {
            if found.is_some() {
                return;
            }
            found = match part.as_any_field() {
                Some(field) => self.language.variable(field).map(|name| Subject {
                    variable: name.to_owned(),
                    field: path(field),
                    written: path(field),
                }),
                None => {
                    let bound = part.as_variable().and_then(|name| self.bound.get(name.node.as_str()));
                    bound.and_then(|all| all.first().cloned())
                }
            };
        });
        found
    }
}

/// `$p = $e.f` or `$p = function($e.f)`, either way round.
fn binding(expr: &Expr) -> Option<(&str, &Expr)> {
    let ExprKind::Compare(test) = &expr.kind else { return None };
    let sides = [(&test.left, &test.right), (&test.right, &test.left)];
    let mut bound = sides.into_iter().filter(|_| test.op.node == CompareOp::Eq);
    let (name, value) = bound.find_map(|(side, value)| Some((side.as_variable()?.node.as_str(), value)))?;
    let mut has_field = false;
    walk(value, &mut |part| has_field |= matches!(part.kind, ExprKind::Field(_)));
    has_field.then_some((name, value))
}

/// What is put into one case, where a value is made so.
fn unfolded(expr: &Expr) -> &Expr {
    let Some(call) = expr.as_call() else { return expr };
    match (call.name.node.as_str(), call.args.as_slice()) {
        ("strings.to_lower" | "strings.to_upper", [Arg::Plain(inner)]) => unfolded(inner),
        _ => expr,
    }
}

/// Any one field of a group may have the value, and the first stands for it.
fn is_group(expr: &Expr) -> bool {
    expr.as_call().is_some_and(|call| call.name.node == "group")
}

/// The path as in the rule, without the variable and without the places of elements.
fn path(field: &FieldRef) -> String {
    let steps = field.segments.iter().enumerate();
    let steps = steps.filter(|(index, segment)| *index > 0 || segment.name.node != "udm");
    let steps = steps.map(|(_, segment)| match &segment.access {
        Some(Access::Key(key)) => format!("{}[\"{}\"]", segment.name.node, key.node),
        Some(Access::Index(_)) | None => segment.name.node.clone(),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text) => text.clone(),
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => number.to_string(),
        Literal::Bool(truth) => truth.to_string(),
        Literal::Duration(length) => length.to_text(),
        Literal::Null => "null".to_owned(),
    }
}
