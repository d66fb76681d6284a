//! Calls: aggregates over a group, `if`, and the functions of the library.

use yaral::functions::{self, Args, Function, Kind, Returns};
use yaral::regex::Pattern;
use yaral::schema::FieldType;
use yaral::syntax::ast::{Call, Expr, ExprKind, Literal};
use yaral::syntax::visit::argument;
use yaral::value::operators::{ArithOp, Case};
use yaral::value::{Timestamp, Type, Value};

use crate::aggregate::{self, aggregate};
use crate::eval::{Row, Scope};
use crate::fields;
use crate::rows;
use crate::value::{Letters, V};
use crate::variables;

impl<'g, 'w> Scope<'g, 'w> {
    pub fn call(&self, call: &Call) -> V {
        let args: Vec<&Expr> = call.args.iter().map(argument).collect();
        if call.name.node == "if" {
            return self.choice(&args);
        }
        if let Some(fits) = self.cell_call(call) {
            return fits;
        }
        if let (true, Some(group)) = (aggregate::is_aggregate(&call.name.node), self.group) {
            let of = |row: &'g Row<'w>| args.iter().map(|arg| self.in_row(row).value(arg)).collect();
            let values = group.rows.iter().map(of).collect();
            return aggregate(&call.name.node, values, self.rule.array_limit());
        }
        let function = functions::find(&call.name.node).expect("the function is known");
        self.function(function, call, &args)
    }

    fn choice(&self, args: &[&Expr]) -> V {
        let floats = args[1..].iter().any(|branch| self.is_float(branch));
        let chosen = match (self.truth(args[0]), args.get(2)) {
            (true, _) => self.value(args[1]),
            (false, Some(other)) => self.value(other),
            (false, None) => V::Int(0),
        };
        match chosen {
            V::Int(number) if floats => V::Float(number as f64),
            chosen => chosen,
        }
    }

    fn function(&self, function: &Function, call: &Call, args: &[&Expr]) -> V {
        let folded = call.nocase.is_some();
        let letters = self.letters(folded);
        let (mut values, mut pattern) = (Vec::new(), None);
        for (index, arg) in args.iter().enumerate() {
            let kind = function.params.get(index).map(|param| param.kind);
            let value = self.argument(arg, kind, function.name);
            if kind == Some(Kind::Pattern) {
                let case = if letters == Letters::Folded { Case::Fold } else { Case::Exact };
                pattern = Pattern::parse(&value.shown(), case).ok();
            }
            values.push(to_library(&if folded { lower(value) } else { value }));
        }
        let args = Args { values: &values, pattern: pattern.as_ref(), now: Timestamp(0), seed: 0 };
        (function.body)(&args).map_or(V::Int(0), |value| from_library(&value))
    }

    fn argument(&self, arg: &Expr, kind: Option<Kind>, function: &str) -> V {
        match &arg.kind {
            ExprKind::Field(field) if function == "arrays.length" && self.is_read(field) => {
                let json = self.slot(field).map(|copy| copy.json);
                V::List(fields::all_values(json, self.rule.info(field)))
            }
            ExprKind::Literal(Literal::Regex(text)) if kind == Some(Kind::Pattern) => V::text(text),
            _ => self.value(arg),
        }
    }

    /// Is an expression a double by its form, whatever its value?
    pub fn is_float(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Literal(literal) => matches!(literal, Literal::Float(_)),
            ExprKind::Arith(ArithOp::Div, ..) => true,
            ExprKind::Arith(_, left, right) => self.is_float(left) || self.is_float(right),
            ExprKind::Field(field) | ExprKind::Quantified(_, field) if self.is_read(field) => {
                matches!(self.rule.info(field).kind, FieldType::Single | FieldType::Float)
            }
            ExprKind::Field(field) => variables::owner(field)
                .and_then(|owner| self.world.stages.get(&owner))
                .is_some_and(|rows| rows.is_float(&rows::path(field))),
            ExprKind::Variable(name) => {
                let outcome = self.rule.outcomes.iter().find(|(known, _)| *known == name.node);
                let meant = outcome.map(|(_, value)| *value).or(self.rule.binding(&name.node));
                meant.is_some_and(|meant| self.is_float(meant))
            }
            ExprKind::Call(call) => self.gives_float(call),
            _ => false,
        }
    }

    fn gives_float(&self, call: &Call) -> bool {
        let args: Vec<&Expr> = call.args.iter().map(argument).collect();
        match call.name.node.as_str() {
            "if" => args[1..].iter().any(|branch| self.is_float(branch)),
            "avg" | "stddev" | "window.avg" | "window.median" | "window.stddev" | "window.variance" => true,
            "max" | "min" | "sum" => self.is_float(args[0]),
            name => match functions::find(name).map(|function| function.returns) {
                Some(Returns::Fixed(kind)) => kind == Type::Float,
                Some(Returns::First) => self.is_float(args[0]),
                None => false,
            },
        }
    }
}

fn lower(value: V) -> V {
    match value {
        V::Text(text) => V::Text(text.to_lowercase()),
        other => other,
    }
}

fn to_library(value: &V) -> Value<'static> {
    match value {
        V::Text(text) => Value::owned(text.clone()),
        V::Int(number) => match i64::try_from(*number) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Uint(u64::try_from(*number).unwrap_or(0)),
        },
        V::Float(number) => Value::Float(*number),
        V::Bool(truth) => Value::Bool(*truth),
        V::Time(nanos) => Value::Time(Timestamp(*nanos)),
        V::List(items) => Value::List(items.iter().map(to_library).collect()),
    }
}

/// A value of the library as one of the oracle.
pub fn from_library(value: &Value<'_>) -> V {
    match value {
        Value::Text(text) => V::text(text),
        Value::Bytes(bytes) => V::Text(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => V::Int(i128::from(*number)),
        Value::Uint(number) => V::Int(i128::from(*number)),
        Value::Float(number) => V::Float(*number),
        Value::Bool(truth) => V::Bool(*truth),
        Value::Time(time) => V::Time(time.0),
        Value::List(items) => V::List(items.iter().map(from_library).collect()),
    }
}
