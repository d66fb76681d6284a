//! Calls that Google alone computes: where they may stand, what they may say, and which other they need beside them.

use super::scope::{Language, expressions};
use super::walker::{Place, Walker};
use super::{errors, unknown};
use crate::diag::Diagnostic;
use crate::functions::metrics::{self, Period};
use crate::syntax::ast::{Body, Call, ExprKind};
use crate::syntax::walk;

/// A metric has named arguments, of which only the values to be matched are expressions of the rule.
pub(super) fn call(walker: &mut Walker, call: &Call) {
    let Some(metric) = metrics::find(&call.name.node) else {
        if call.name.node.starts_with("metrics.") {
            unknown::call(walker, call);
        } else if call.name.node == "any_value" && walker.scope.language == Language::Rule {
            walker.found.push(errors::any_value_in_rule(&call.name));
        }
        return;
    };
    if walker.place != Place::Outcome {
        walker.found.push(errors::aggregate_not_here(&call.name));
        return;
    }
    walker.found.extend(metrics::judge(metric, call).into_iter().map(errors::bad_metric));
    metrics::matched(call).for_each(|value| walker.value(value));
}

/// Metrics of today go on from those of the month, so a rule asks for both.
pub(super) fn alone(body: &Body, found: &mut Vec<Diagnostic>) {
    let (mut hourly, mut daily) = (None, None);
    for expr in expressions(body) {
        walk(expr, &mut |part| {
            let ExprKind::Call(call) = &part.kind else { return };
            match metrics::find(&call.name.node).and_then(|_| metrics::period(call)) {
                Some(Period::Hour) => drop(hourly.get_or_insert(call.name.span)),
                Some(Period::Day) => drop(daily.get_or_insert(call.name.span)),
                None => {}
            }
        });
    }
    if let (Some(span), None) = (hourly, daily) {
        found.push(errors::hourly_alone(span));
    }
}
