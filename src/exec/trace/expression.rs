//! Values and tests as a rule would write them, for what a rule makes of fields: a result is no field's own value.

use super::name::{Names, quoted};
use crate::plan::{Atom, Predicate, Scalar, Site, SourceId, SourceKind};

impl Names<'_> {
    /// Fields go without their variable where all are of one.
    pub(super) fn text(self, value: &Scalar) -> String {
        let variables = match self.plan.sources_in(value).len() {
            0 | 1 => Variables::Left,
            _ => Variables::Named,
        };
        Writer { names: self, variables }.value(value)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variables {
    Left,
    Named,
}

#[derive(Clone, Copy)]
struct Writer<'w> {
    names: Names<'w>,
    variables: Variables,
}

impl Writer<'_> {
    fn value(self, value: &Scalar) -> String {
        match value {
            Scalar::Const(value) => quoted(value),
            Scalar::Field(source, _) | Scalar::Each(source, ..) | Scalar::Whole(source, _) => {
                self.field(*source, value)
            }
            Scalar::Captured(source, capture) => self.captured(*source, *capture),
            Scalar::Call(function, args, _) => format!("{}({})", function.name, self.list(args, ", ")),
            Scalar::Arith(op, left, right) => {
                format!("{} {} {}", self.operand(left), op.symbol(), self.operand(right))
            }
            Scalar::If(test, then, other) => {
                format!("if({}, {}, {})", self.site(test), self.value(then), self.value(other))
            }
            Scalar::Truth(test) => self.site(test),
            Scalar::WindowStart => "window_start".to_owned(),
            Scalar::WindowEnd => "window_end".to_owned(),
            Scalar::Events(source) => format!("#{}", self.names.variable(*source).trim_start_matches('$')),
            Scalar::Key(key) => {
                self.names.plan.keys.get(*key).map_or("…".to_owned(), |key| format!("${}", key.name))
            }
            Scalar::Outcome(outcome) => self
                .names
                .plan
                .outcomes
                .get(*outcome)
                .map_or("…".to_owned(), |(name, _)| format!("${name}")),
            Scalar::Gathered(_) => "…".to_owned(),
        }
    }

    fn list(self, values: &[Scalar], between: &str) -> String {
        values.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(between)
    }

    fn operand(self, value: &Scalar) -> String {
        let text = self.value(value);
        if matches!(value, Scalar::Arith(..)) { format!("({text})") } else { text }
    }

    fn field(self, source: SourceId, value: &Scalar) -> String {
        let field = self.names.written.field(self.names.plan, source, value).unwrap_or("…");
        match self.variables {
            Variables::Left => field.to_owned(),
            Variables::Named => format!("{}.{field}", self.names.variable(source)),
        }
    }

    fn captured(self, source: SourceId, capture: usize) -> String {
        let Some(plan) = self.names.plan.source(source) else { return "…".to_owned() };
        match plan.kind {
            SourceKind::Table(_) => self.names.captured((source, capture)).unwrap_or_default(),
            SourceKind::Records(_) | SourceKind::Stage(..) => {
                plan.captures.get(capture).map_or("…".to_owned(), |kept| self.value(&kept.value))
            }
        }
    }

    fn site(self, site: &Site) -> String {
        match &site.predicate {
            Predicate::All(sites) => self.sites(sites, " and "),
            Predicate::Any(sites) => self.sites(sites, " or "),
            Predicate::AtLeast(count, sites) => format!("{count} of [{}]", self.sites(sites, ", ")),
            Predicate::Not(inner) => format!("not {}", self.site(inner)),
            Predicate::Test(id) => self.names.plan.atom(*id).map_or("…".to_owned(), |atom| self.atom(atom)),
        }
    }

    fn sites(self, sites: &[Site], between: &str) -> String {
        sites.iter().map(|site| self.site(site)).collect::<Vec<_>>().join(between)
    }

    fn atom(self, atom: &Atom) -> String {
        match atom {
            Atom::Compare { op, left, right, .. } => {
                format!("{} {} {}", self.value(left), op.symbol(), self.value(right))
            }
            Atom::Matches(value, pattern) => {
                let pattern = self.names.plan.patterns.get(*pattern).map_or("", |pattern| pattern.text());
                format!("{} = /{pattern}/", self.value(value))
            }
            Atom::InList(value, list, _) => {
                format!("{} in %{}", self.value(value), self.names.written.list(*list))
            }
            Atom::InColumn(value, column, _) => {
                let column =
                    self.names.plan.columns.get(*column).map_or("…", |column| column.name.as_str());
                format!("{} in {column}", self.value(value))
            }
            Atom::Cell(test) => format!("{} {} …", self.value(&test.value), test.op.symbol()),
            Atom::Holds(value) | Atom::NotZero(value) => self.value(value),
            Atom::AnyOf(_, inner) => format!("any {}", self.atom(inner)),
            Atom::AllOf(_, inner) => format!("all {}", self.atom(inner)),
        }
    }
}
