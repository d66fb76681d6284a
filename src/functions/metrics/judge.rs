//! What a call of a metric may say: its period, its numbers, and a set of fields whole.

use super::{Dimension, Metric, Sums};
use crate::syntax::ast::{Arg, Call, Expr, ExprKind, Literal, Name};
use crate::syntax::walk;
use crate::text::Span;
use crate::value::Duration;

/// What is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadMetric {
    /// Where.
    pub span: Span,
    /// Lower case, no full stop.
    pub message: String,
    /// The correction.
    pub help: String,
}

const HOUR: Duration = Duration::seconds(3_600);
const DAY: Duration = Duration::seconds(86_400);
const METRICS: [&str; 5] =
    ["event_count_sum", "first_seen", "last_seen", "num_unique_filter_values", "value_sum"];
const AGGREGATES: [&str; 6] = ["avg", "max", "min", "num_metric_periods", "stddev", "sum"];
const NAMESPACES: [&str; 2] = ["principal.namespace", "target.namespace"];
const SETTINGS: [&str; 5] = ["agg", "filter", "metric", "period", "window"];

/// The values that fields of the metric must have: all else is words of its own.
pub fn matched(call: &Call) -> impl Iterator<Item = &Expr> {
    call.args
        .iter()
        .filter_map(|argument| match argument {
            Arg::Named(name, value) if !SETTINGS.contains(&name.node.as_str()) => Some(value),
            Arg::Named(..) | Arg::Plain(_) => None,
        })
        .filter(|value| word_of(value).is_none())
}

/// How often a metric is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// `1h`
    Hour,
    /// `1d`
    Day,
}

/// What a call says of it, where that can be read.
pub fn period(call: &Call) -> Option<Period> {
    call.args.iter().find_map(|argument| match argument {
        Arg::Named(name, value) if name.node == "period" => {
            let known = [(HOUR, Period::Hour), (DAY, Period::Day)];
            known.into_iter().find(|(length, _)| duration(value) == Some(*length)).map(|(_, period)| period)
        }
        Arg::Named(..) | Arg::Plain(_) => None,
    })
}

/// Judges the arguments of a call. Nothing is said of a field that is no dimension where the call lacks something else.
pub fn judge(metric: &Metric, call: &Call) -> Vec<BadMetric> {
    let mut judge = Judge { metric, call, found: Vec::new(), named: Vec::new() };
    judge.collect();
    if judge.found.is_empty() {
        judge.settings();
        judge.dimensions();
    }
    judge.found
}

struct Judge<'c> {
    metric: &'c Metric,
    call: &'c Call,
    found: Vec<BadMetric>,
    named: Vec<(String, &'c Name, &'c Expr)>,
}

impl<'c> Judge<'c> {
    fn bad(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.found.push(BadMetric { span, message, help: help.into() });
    }

    /// Every argument has a name, and each name comes once.
    fn collect(&mut self) {
        for argument in &self.call.args {
            match argument {
                Arg::Plain(value) => {
                    let message = format!("`{}` takes named arguments", self.call.name.node);
                    self.bad(value.span, message, "write `name: value`, as in `period: 1d`");
                }
                Arg::Named(name, value) => self.name(name, value),
            }
        }
    }

    fn name(&mut self, name: &'c Name, value: &'c Expr) {
        let path: String = name.node.split_whitespace().collect();
        if self.named.iter().any(|(known, ..)| *known == path) {
            self.bad(name.span, format!("the argument `{path}` is given twice"), "keep one of them");
            return;
        }
        self.named.push((path, name, value));
    }

    fn value(&self, name: &str) -> Option<&'c Expr> {
        self.named.iter().find(|(known, ..)| known == name).map(|(.., value)| *value)
    }

    fn settings(&mut self) {
        self.periods();
        let metrics: &[&str] = &METRICS;
        let without_sum = metrics.split_last().map_or(metrics, |(_, rest)| rest);
        self.word("metric", if self.metric.sums == Sums::Bytes { metrics } else { without_sum });
        self.word("agg", &AGGREGATES);
        if let Some(filter) = self.value("filter") {
            self.filter(filter);
        }
    }

    /// `1d` goes with `30d`, and `1h` with `today`.
    fn periods(&mut self) {
        const HELP: &str = "write `period: 1d, window: 30d` or `period: 1h, window: today`";
        let (Some(period), Some(window)) = (self.value("period"), self.value("window")) else {
            let missing = if self.value("period").is_none() { "period" } else { "window" };
            self.missing(missing, HELP);
            return;
        };
        let month = Duration::seconds(30 * 86_400);
        let fits = match (duration(period), duration(window), word_of(window)) {
            (Some(period), Some(window), _) => period == DAY && window == month,
            (Some(period), None, Some("today")) => period == HOUR,
            _ => false,
        };
        if !fits {
            self.bad(
                period.span.to(window.span),
                "this period and this window do not go together".into(),
                HELP,
            );
        }
    }

    fn missing(&mut self, name: &str, help: impl Into<String>) {
        let message = format!("`{}` lacks the argument `{name}`", self.call.name.node);
        self.bad(self.call.name.span, message, help);
    }

    fn word(&mut self, name: &str, known: &[&str]) {
        let choices = || known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self.value(name) {
            None => self.missing(name, format!("write `{name}:` and one of {}", choices())),
            Some(value) if !word_of(value).is_some_and(|word| known.contains(&word)) => {
                let message = format!("this is no `{name}` of `{}`", self.call.name.node);
                self.bad(value.span, message, format!("write one of {}", choices()));
            }
            Some(_) => {}
        }
    }

    /// A filter looks at the metrics themselves.
    fn filter(&mut self, filter: &Expr) {
        let mut foreign = Vec::new();
        walk(filter, &mut |part| {
            let own = word_of(part).is_some_and(|word| METRICS.contains(&word));
            let bare = matches!(part.kind, ExprKind::Field(_) | ExprKind::Quantified(..) | ExprKind::List(_));
            let variable =
                matches!(part.kind, ExprKind::Variable(_) | ExprKind::Count(_) | ExprKind::Absent(_));
            if variable || (bare && !own) {
                foreign.push(part.span);
            }
        });
        for span in foreign {
            let help = format!("compare one of {}", METRICS.map(|word| format!("`{word}`")).join(", "));
            self.bad(span, "a `filter` looks at metrics alone".to_owned(), help);
        }
    }

    fn dimensions(&mut self) {
        let fields: Vec<_> =
            self.named.iter().filter(|(name, ..)| !SETTINGS.contains(&name.as_str())).cloned().collect();
        for (name, written, _) in &fields {
            if !self.knows(name) {
                let message = format!("`{}` is not kept by `{name}`", self.call.name.node);
                self.bad(written.span, message, format!("write {}", self.choices()));
                return;
            }
        }
        let names: Vec<&str> =
            fields.iter().map(|(name, ..)| name.as_str()).filter(|name| !NAMESPACES.contains(name)).collect();
        if !self.metric.sets.iter().any(|set| is_whole(set, &names)) {
            let message = format!("`{}` is not kept by these fields together", self.call.name.node);
            self.bad(self.call.name.span, message, format!("write {}", self.choices()));
        }
        self.namespaces(&names);
        self.unique(&fields);
    }

    fn knows(&self, name: &str) -> bool {
        NAMESPACES.contains(&name)
            || self.metric.sets.iter().copied().flatten().any(|paths| paths.contains(&name))
    }

    /// The sets, one path standing for all those that could take its place.
    fn choices(&self) -> String {
        let set = |set: &&[Dimension]| {
            let first = set.iter().filter_map(|paths| paths.first());
            format!("`{}`", first.copied().collect::<Vec<_>>().join(", "))
        };
        let sets = self.metric.sets.iter().map(set).collect::<Vec<_>>();
        format!("one set of fields whole, or their like: {}", sets.join("; "))
    }

    /// A namespace goes with a field of the same noun.
    fn namespaces(&mut self, names: &[&str]) {
        let given = self.named.iter().filter(|(name, ..)| NAMESPACES.contains(&name.as_str()));
        let lonely = given.filter(|(name, ..)| {
            let noun = name.split('.').next().unwrap_or_default();
            !names.iter().any(|field| field.split('.').next() == Some(noun))
        });
        let lonely: Vec<_> = lonely.map(|(name, written, _)| (name.clone(), written.span)).collect();
        for (name, span) in lonely {
            let noun = name.split('.').next().unwrap_or_default().to_owned();
            self.bad(span, format!("`{name}` goes with a field of `{noun}`"), "leave it out");
        }
    }

    /// One field is `*` where its values are counted, and none elsewhere; no field is matched with a zero value.
    fn unique(&mut self, fields: &[(String, &Name, &Expr)]) {
        let counts = self.value("metric").and_then(word_of) == Some("num_unique_filter_values");
        let stars: Vec<Span> = fields
            .iter()
            .filter(|(.., value)| word_of(value) == Some("*"))
            .map(|(.., value)| value.span)
            .collect();
        match (counts, stars.as_slice()) {
            (true, [_]) | (false, []) => {}
            (true, []) => {
                let message = "`num_unique_filter_values` counts the values of one field".to_owned();
                self.bad(self.call.name.span, message, "write `*` as the value of that field");
            }
            (true, [_, second, ..]) => {
                self.bad(*second, "only one field may be `*`".to_owned(), "give this one a value");
            }
            (false, [first, ..]) => {
                let help = "write `metric: num_unique_filter_values`, or a value here";
                self.bad(*first, "`*` stands for values that are counted".to_owned(), help);
            }
        }
        let zeros = fields.iter().filter(|(.., value)| is_zero(value)).map(|(.., value)| value.span);
        for span in zeros.collect::<Vec<_>>() {
            self.bad(span, "nothing is kept for a zero value".to_owned(), "write a placeholder or a value");
        }
    }
}

/// Does each dimension have its field, and each field its dimension?
fn is_whole(set: &[Dimension], names: &[&str]) -> bool {
    let one = |paths: &Dimension| names.iter().filter(|name| paths.contains(name)).count() == 1;
    set.len() == names.len() && set.iter().all(one)
}

fn is_zero(value: &Expr) -> bool {
    value.as_text().is_some_and(str::is_empty) || matches!(value.as_literal(), Some(Literal::Int(0)))
}

fn duration(expr: &Expr) -> Option<Duration> {
    if let Some(Literal::Duration(length)) = expr.as_literal() { Some(*length) } else { None }
}

/// The bare word that an expression is: `today`, `event_count_sum`, `*`.
fn word_of(expr: &Expr) -> Option<&str> {
    let field = expr.as_field().filter(|field| field.variable.is_none())?;
    let [segment] = field.segments.as_slice() else { return None };
    segment.access.is_none().then_some(&segment.name.node)
}
