//! `group(…)`: several fields of one event, of one kind, as one list.

use super::calls::Depth;
use super::errors;
use super::types::{self, Family};
use super::walker::{Walker, arguments};
use crate::syntax::ast::{Call, ExprKind};

/// `group` takes fields of one event, and of one kind.
pub(super) fn check(walker: &mut Walker, call: &Call, depth: Depth) {
    if call.args.is_empty() {
        walker.found.push(errors::argument_count(call, 1, None));
        return;
    }
    if depth == Depth::Name {
        return;
    }
    let mut first: Option<(Option<&str>, Option<Family>)> = None;
    for expr in arguments(call) {
        let ExprKind::Field(field) = &expr.kind else {
            walker.found.push(errors::group_of_values(expr.span));
            return;
        };
        let event = field.variable.as_ref().map(|name| name.node.as_str());
        let family = types::type_of(walker.scope, expr).map(Family::of);
        let (known, kind) = *first.get_or_insert((event, family));
        if known != event {
            walker.found.push(errors::two_events_in_call(call.name.span, &call.name.node));
            return;
        }
        if let (Some(kind), Some(family)) = (kind, family)
            && kind != family
        {
            walker.found.push(errors::argument_kind(call, expr.span, kind.name(), family));
            return;
        }
    }
}
