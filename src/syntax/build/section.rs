//! What stands in sections: pairs, assignments, clauses.

use pest::iterators::Pair;

use super::Builder;
use crate::diag::codes;
use crate::syntax::ast::{
    Assignment, CrossJoin, Direction, Expr, ExprKind, Literal, MatchClause, MetaPair, Name, OptionPair,
    OrderItem, Pivot, Place, SetupCall, Side, Stmt, TimeUnit, WindowClause, WindowLength, WindowWord,
    WriteRow,
};
use crate::syntax::errors;
use crate::syntax::grammar::Rule;
use crate::text::Spanned;

impl Builder<'_> {
    /// A statement.
    pub fn statement(&mut self, pair: Pair<'_, Rule>) -> Option<Stmt> {
        Some(Stmt::Predicate(self.whole(pair.into_inner().next()?)?))
    }

    /// `cross join $a, $b`, which goes to [`Builder::cross`].
    pub fn cross_join(&mut self, pair: Pair<'_, Rule>) {
        let span = Place(self.span(&pair));
        let names = pair.into_inner().filter(|part| part.as_rule() == Rule::variable);
        let stages = names.filter_map(|part| self.sigil_name(part)).collect();
        self.cross.push(CrossJoin { stages, span });
    }

    /// `key = "value"` under `meta:`; any other value is reported and kept.
    pub fn meta_pair(&mut self, pair: Pair<'_, Rule>) -> Option<MetaPair> {
        let before = self.found.len();
        let (key, value) = self.pair(pair)?;
        // What is shown to people is not compared with anything.
        self.found
            .retain(|one| one.code != &codes::UNKNOWN_ESCAPE || one.label.span.start < value.span.start);
        let text = matches!(value.kind, ExprKind::Literal(Literal::Text(_) | Literal::Raw(_)));
        if !text && self.found.len() == before {
            self.found.push(errors::meta_value(value.span, &key.node));
        }
        Some(MetaPair { key, value })
    }

    /// `key = value` under `options:`
    pub fn option_pair(&mut self, pair: Pair<'_, Rule>) -> Option<OptionPair> {
        let (start, text) = (self.span(&pair).start as usize, pair.as_str());
        let (key, value) = self.pair(pair)?;
        let range = value.span.range();
        let written = text.get(range.start - start..range.end - start).unwrap_or_default();
        if matches!(value.kind, ExprKind::Literal(Literal::Duration(_))) && written.ends_with('w') {
            self.found.push(errors::weeks(value.span));
        }
        Some(OptionPair { key, value })
    }

    fn pair(&mut self, pair: Pair<'_, Rule>) -> Option<(Name, Expr)> {
        let mut parts = pair.into_inner();
        let key = self.name(parts.next()?)?;
        self.assign(&parts.next()?);
        Some((key, self.whole(parts.next()?)?))
    }

    /// `=`, or what was written in its place.
    fn assign(&mut self, sign: &Pair<'_, Rule>) {
        let span = self.span(sign);
        match sign.as_str() {
            "==" => self.found.push(errors::double_equals(span)),
            ":" => self.found.push(errors::colon_for_equals(span)),
            _ => {}
        }
    }

    /// `$name = expression`
    pub fn assignment(&mut self, pair: Pair<'_, Rule>) -> Option<Assignment> {
        let span = Place(self.span(&pair));
        let mut parts = pair.into_inner();
        let name = self.sigil_name(parts.next()?)?;
        self.assign(&parts.next()?);
        Some(Assignment::Set { name, value: self.whole(parts.next()?)?, span })
    }

    /// An item of `dedup:`, `select:`, `unselect:`
    pub fn item(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        self.whole(pair)
    }

    /// The number under `limit:`
    pub fn limit(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<u64>> {
        let span = self.span(&pair);
        Some(Spanned::new(self.int(&pair), span))
    }

    /// `$x desc`
    pub fn order_item(&mut self, pair: Pair<'_, Rule>) -> Option<OrderItem> {
        let mut parts = pair.into_inner();
        let key = self.whole(parts.next()?)?;
        let descending = parts.next().is_some_and(|word| word.as_rule() == Rule::kw_desc);
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        Some(OrderItem { key, direction })
    }

    /// `graph_override(…)`, `graph_append […]`
    pub fn setup_call(&mut self, pair: Pair<'_, Rule>) -> Option<SetupCall> {
        let span = Place(self.span(&pair));
        let mut parts = pair.into_inner();
        let name = self.name(parts.next()?)?;
        let mut args = Vec::new();
        for part in parts {
            match part.as_rule() {
                Rule::array => {
                    for item in part.into_inner() {
                        args.push(self.whole(item)?);
                    }
                }
                _ => args.push(self.whole(part)?),
            }
        }
        Some(SetupCall { name, args, span })
    }

    /// `%t.write_row(column: $x)`
    pub fn write_row(&mut self, pair: Pair<'_, Rule>) -> Option<WriteRow> {
        let span = Place(self.span(&pair));
        let mut parts = pair.into_inner();
        let table = self.name(parts.next()?)?;
        let method = self.name(parts.next()?)?;
        let mut columns = Vec::new();
        for column in parts {
            let mut parts = column.into_inner();
            columns.push((self.name(parts.next()?)?, self.whole(parts.next()?)?));
        }
        Some(WriteRow { table, method, columns, span })
    }

    /// Keys and window.
    pub fn match_clause(&mut self, pair: Pair<'_, Rule>) -> Option<MatchClause> {
        let span = Place(self.span(&pair));
        let mut clause = MatchClause { keys: Vec::new(), window: None, span };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::keys => {
                    for key in part.into_inner() {
                        clause.keys.push(self.whole(key)?);
                    }
                }
                _ => clause.window = Some(self.window(part)?),
            }
        }
        Some(clause)
    }

    fn window(&mut self, pair: Pair<'_, Rule>) -> Option<WindowClause> {
        let span = Place(self.span(&pair));
        let (mut word, mut first, mut length, mut pivot, mut tumbling) =
            (WindowWord::Over, None, None, None, None);
        for part in pair.into_inner() {
            let place = Place(self.span(&part));
            match part.as_rule() {
                Rule::kw_over => word = WindowWord::Over,
                Rule::kw_by => word = WindowWord::By,
                Rule::over_every => word = WindowWord::OverEvery,
                Rule::kw_first => first = Some(place),
                Rule::length => length = Some(self.length(part)?),
                Rule::pivot => pivot = Some(self.pivot(part)?),
                _ => tumbling = Some(place),
            }
        }
        Some(WindowClause { word, first, length: length?, pivot, tumbling, span })
    }

    fn length(&mut self, pair: Pair<'_, Rule>) -> Option<WindowLength> {
        let span = self.span(&pair);
        let mut count = 1;
        let mut unit = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::length_count => count = part.as_str().parse().unwrap_or(u64::MAX),
                _ => unit = Some(Spanned::new(time_unit(part.as_str()), self.span(&part))),
            }
        }
        Some(WindowLength { count, unit: unit?, span: Place(span) })
    }

    fn pivot(&mut self, pair: Pair<'_, Rule>) -> Option<Pivot> {
        let mut parts = pair.into_inner();
        let side = if parts.next()?.as_rule() == Rule::kw_before { Side::Before } else { Side::After };
        Some(Pivot { side, variable: self.sigil_name(parts.next()?)? })
    }
}

fn time_unit(text: &str) -> TimeUnit {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "mo" | "month" | "months" => TimeUnit::Month,
        "m" | "minute" | "minutes" => TimeUnit::Minute,
        "h" | "hour" | "hours" => TimeUnit::Hour,
        "d" | "day" | "days" => TimeUnit::Day,
        "w" | "week" | "weeks" => TimeUnit::Week,
        _ => TimeUnit::Second,
    }
}
