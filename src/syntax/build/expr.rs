//! Expressions.

use pest::iterators::Pair;

use super::{Builder, MAX_ARITHMETIC};
use crate::syntax::ast::{
    Access, Arg, Call, Comparison, Expr, ExprKind, FieldRef, InList, ListKind, ListRef, Place, Quantifier,
    Segment, Threshold,
};
use crate::syntax::errors;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use crate::value::operators::{ArithOp, CompareOp};

impl Builder<'_> {
    /// One whole expression: a statement, a value, an item.
    pub fn whole(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        self.arithmetic = 0;
        self.expr(pair)
    }

    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        match pair.as_rule() {
            Rule::or_expr => self.chain(pair, ExprKind::Or),
            Rule::and_expr => self.chain(pair, ExprKind::And),
            Rule::not_expr => self.not(pair),
            Rule::comparison => self.comparison(pair),
            Rule::sum | Rule::product => self.arithmetic(pair),
            Rule::paren => self.paren(pair),
            _ => self.unit(pair),
        }
    }

    /// `a or b or c`, `a and b and c`
    fn chain(&mut self, pair: Pair<'_, Rule>, kind: fn(Vec<Expr>) -> ExprKind) -> Option<Expr> {
        let span = self.span(&pair);
        let mut parts = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_or | Rule::kw_and => {}
                Rule::pipes | Rule::ampersands => {
                    self.found.push(errors::c_operator(self.span(&part), part.as_str()))
                }
                _ => parts.push(self.expr(part)?),
            }
        }
        join(parts, span, kind)
    }

    fn not(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let whole = self.span(&pair);
        let mut starts = Vec::new();
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::kw_not => starts.push(span),
                Rule::bang => {
                    self.found.push(errors::bang(span));
                    starts.push(span);
                }
                _ => {
                    let inside = self.expr(part)?;
                    let wrap = |inner, start: &Span| Expr {
                        kind: ExprKind::Not(Box::new(inner)),
                        span: start.to(whole),
                    };
                    return Some(starts.iter().rev().fold(inside, wrap));
                }
            }
        }
        None
    }

    fn comparison(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let left = self.expr(parts.next()?)?;
        let Some(next) = parts.next() else { return Some(left) };
        match next.as_rule() {
            Rule::compare_op => {
                let op = self.compare_op(&next)?;
                let right = self.expr(parts.next()?)?;
                let nocase = parts.next().map(|word| Place(self.span(&word)));
                let comparison = Comparison { op, left, right, nocase };
                Some(Expr { kind: ExprKind::Compare(Box::new(comparison)), span })
            }
            Rule::in_tail => {
                let nocase = parts.next().map(|word| Place(self.span(&word)));
                self.in_list(left, next, span, nocase)
            }
            Rule::is_tail => {
                let stray = parts.next().map(|word| self.span(&word));
                self.found.extend(stray.map(errors::stray_nocase));
                Some(is_null(left, span, &next))
            }
            _ => Some(self.nocase_after(left, self.span(&next), span)),
        }
    }

    /// `re.regex(…) nocase`; anything but a call has no use for the word.
    fn nocase_after(&mut self, mut value: Expr, word: Span, span: Span) -> Expr {
        if let ExprKind::Call(call) = &mut value.kind
            && call.nocase.is_none()
        {
            call.nocase = Some(Place(word));
            value.span = span;
        } else if !matches!(value.kind, ExprKind::Array(_)) {
            // Arguments without a function are told as such.
            self.found.push(errors::stray_nocase(word));
        }
        value
    }

    fn compare_op(&mut self, pair: &Pair<'_, Rule>) -> Option<Spanned<CompareOp>> {
        let span = self.span(pair);
        let op = match pair.as_str() {
            "=" => CompareOp::Eq,
            "!=" => CompareOp::Ne,
            "<" => CompareOp::Lt,
            "<=" => CompareOp::Le,
            ">" => CompareOp::Gt,
            ">=" => CompareOp::Ge,
            "==" => {
                self.found.push(errors::double_equals(span));
                CompareOp::Eq
            }
            "<>" => {
                self.found.push(errors::angle_not_equal(span));
                CompareOp::Ne
            }
            _ => return None,
        };
        Some(Spanned::new(op, span))
    }

    fn in_list(
        &mut self,
        value: Expr,
        tail: Pair<'_, Rule>,
        span: Span,
        nocase: Option<Place>,
    ) -> Option<Expr> {
        let mut list = InList { value, kind: ListKind::Plain, list: null_at(span), nocase, negated: None };
        for part in tail.into_inner() {
            match part.as_rule() {
                Rule::kw_not => {
                    let not = self.span(&part);
                    self.found.push(errors::not_in(not));
                    list.negated = Some(Place(not));
                }
                Rule::kw_in => {}
                Rule::kw_regex => list.kind = ListKind::Regex,
                Rule::kw_cidr => list.kind = ListKind::Cidr,
                _ => {
                    let before = self.found.len();
                    list.list = self.expr(part)?;
                    // Whatever else stands there, what is missing is a list.
                    if !matches!(list.list.kind, ExprKind::List(_)) {
                        self.found.truncate(before);
                    }
                }
            }
        }
        Some(Expr { kind: ExprKind::In(Box::new(list)), span })
    }

    fn arithmetic(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let mut parts = pair.into_inner();
        let mut left = self.expr(parts.next()?)?;
        while let Some(sign) = parts.next() {
            let right = self.expr(parts.next()?)?;
            self.arithmetic += 1;
            if self.arithmetic == MAX_ARITHMETIC {
                self.found.push(errors::too_long(self.span(&sign)));
            }
            if self.arithmetic < MAX_ARITHMETIC {
                let span = left.span.to(right.span);
                let kind = ExprKind::Arith(arith_op(sign.as_str())?, Box::new(left), Box::new(right));
                left = Expr { kind, span };
            }
        }
        Some(left)
    }

    fn paren(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let span = self.span(&pair);
        let (mut parts, mut commas) = (Vec::new(), Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::stray_comma => commas.push(self.span(&part)),
                _ => parts.push(self.expr(part)?),
            }
        }
        // `("a", "b")` is a list, or what is left of a call.
        if !commas.is_empty() && parts.iter().any(is_value) {
            return Some(Expr { kind: ExprKind::Array(parts), span });
        }
        self.found.extend(commas.into_iter().map(errors::comma));
        let inside = join(parts, span, ExprKind::And)?;
        Some(Expr { span, ..inside })
    }

    fn unit(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::negative => self.negative(pair)?,
            Rule::array => ExprKind::Array(self.exprs(pair)?),
            Rule::of => self.of(pair)?,
            Rule::quantified => self.quantified(pair)?,
            Rule::call => self.call(pair)?,
            Rule::field => ExprKind::Field(self.field(pair)?),
            Rule::variable => ExprKind::Variable(self.sigil_name(pair)?),
            Rule::count => ExprKind::Count(self.sigil_name(pair)?),
            Rule::absent => ExprKind::Absent(self.sigil_name(pair)?),
            Rule::list => self.list(pair)?,
            _ => ExprKind::Literal(self.literal(&pair)?),
        };
        Some(Expr { kind, span })
    }

    fn exprs(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Expr>> {
        pair.into_inner().map(|part| self.expr(part)).collect()
    }

    fn negative(&mut self, pair: Pair<'_, Rule>) -> Option<ExprKind> {
        self.found.push(errors::negative(self.span(&pair), pair.as_str()));
        Some(ExprKind::Negative(Box::new(self.expr(pair.into_inner().next()?)?)))
    }

    fn of(&mut self, pair: Pair<'_, Rule>) -> Option<ExprKind> {
        let mut parts = pair.into_inner();
        let first = parts.next()?;
        let threshold = match first.as_rule() {
            Rule::kw_any => Threshold::Any,
            Rule::kw_all => Threshold::All,
            _ => Threshold::AtLeast(self.int(&first)),
        };
        let array = parts.find(|part| part.as_rule() == Rule::array)?;
        Some(ExprKind::Of(threshold, self.exprs(array)?))
    }

    fn quantified(&mut self, pair: Pair<'_, Rule>) -> Option<ExprKind> {
        let mut parts = pair.into_inner();
        let word = parts.next()?;
        let quantifier = if word.as_rule() == Rule::kw_any { Quantifier::Any } else { Quantifier::All };
        let inner = parts.next()?;
        if inner.as_rule() == Rule::call {
            self.found.push(errors::quantified_call(self.span(&word), word.as_str()));
            return self.call(inner);
        }
        Some(ExprKind::Quantified(quantifier, self.field(inner)?))
    }

    fn call(&mut self, pair: Pair<'_, Rule>) -> Option<ExprKind> {
        let mut parts = pair.into_inner();
        let name = parts.next()?;
        let name = Spanned::new(name.as_str().to_owned(), self.span(&name));
        let args = parts.map(|part| self.arg(part)).collect::<Option<Vec<Arg>>>()?;
        Some(ExprKind::Call(Call { name, args, nocase: None }))
    }

    fn arg(&mut self, pair: Pair<'_, Rule>) -> Option<Arg> {
        let inside = pair.into_inner().next()?;
        if inside.as_rule() != Rule::named {
            return Some(Arg::Plain(self.expr(inside)?));
        }
        let mut parts = inside.into_inner();
        let name = parts.next()?;
        let name = Spanned::new(name.as_str().to_owned(), self.span(&name));
        let value = parts.next()?;
        if value.as_rule() == Rule::every_value {
            return Some(Arg::Named(name, self.every_value(&value)));
        }
        Some(Arg::Named(name, self.expr(value)?))
    }

    /// `*` stands in the tree as a word of that name, which no field can have.
    fn every_value(&self, pair: &Pair<'_, Rule>) -> Expr {
        let span = self.span(pair);
        let name = Spanned::new(pair.as_str().to_owned(), span);
        let field = FieldRef { variable: None, segments: vec![Segment { name, access: None }] };
        Expr { kind: ExprKind::Field(field), span }
    }

    fn field(&mut self, pair: Pair<'_, Rule>) -> Option<FieldRef> {
        let mut field = FieldRef { variable: None, segments: Vec::new() };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::variable => field.variable = Some(self.sigil_name(part)?),
                _ => field.segments.push(self.segment(part)?),
            }
        }
        Some(field)
    }

    fn segment(&mut self, pair: Pair<'_, Rule>) -> Option<Segment> {
        let mut parts = pair.into_inner();
        let name = self.name(parts.next()?)?;
        let access = parts.next().and_then(|access| self.access(access));
        Some(Segment { name, access })
    }

    fn access(&mut self, pair: Pair<'_, Rule>) -> Option<Access> {
        let inside = pair.into_inner().next()?;
        let span = self.span(&inside);
        Some(match inside.as_rule() {
            Rule::int => Access::Index(Spanned::new(self.int(&inside), span)),
            _ => Access::Key(Spanned::new(self.key(&inside), span)),
        })
    }

    fn list(&mut self, pair: Pair<'_, Rule>) -> Option<ExprKind> {
        let mut words =
            pair.into_inner().map(|word| Spanned::new(word.as_str().to_owned(), self.span(&word)));
        let name = words.next()?;
        Some(ExprKind::List(ListRef { name, column: words.next() }))
    }
}

/// One part is itself; more become a chain.
fn join(mut parts: Vec<Expr>, span: Span, kind: fn(Vec<Expr>) -> ExprKind) -> Option<Expr> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Expr { kind: kind(parts), span }),
    }
}

fn is_null(value: Expr, span: Span, tail: &Pair<'_, Rule>) -> Expr {
    let negated = tail.clone().into_inner().any(|part| part.as_rule() == Rule::kw_not);
    let test = Expr { kind: ExprKind::IsNull(Box::new(value)), span };
    if negated { Expr { kind: ExprKind::Not(Box::new(test)), span } } else { test }
}

fn null_at(span: Span) -> Expr {
    Expr { kind: ExprKind::Literal(crate::syntax::ast::Literal::Null), span }
}

fn arith_op(text: &str) -> Option<ArithOp> {
    Some(match text {
        "+" => ArithOp::Add,
        "-" => ArithOp::Sub,
        "*" => ArithOp::Mul,
        "/" => ArithOp::Div,
        "%" => ArithOp::Rem,
        _ => return None,
    })
}

/// A value, which no comma joins with another.
fn is_value(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Literal(_) | ExprKind::Field(_) | ExprKind::Quantified(..) | ExprKind::Arith(..)
    )
}
