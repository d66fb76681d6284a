//! `group(…)`: several fields of one event as a list of its own.

use super::compile::{Compiler, Refusal};
use super::{Scalar, SourceId};
use crate::ingest::wanted::SlotId;
use crate::syntax::ast::{Expr, ExprKind, FieldRef};
use crate::syntax::visit::argument;
use crate::text::Span;

impl Compiler<'_, '_> {
    /// `group(…)`: the values of several fields of one event as a list of its own.
    pub(super) fn group(&mut self, args: &[&Expr], span: Span) -> Result<Scalar, Refusal> {
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            let ExprKind::Field(field) = &arg.kind else {
                return Err(Refusal::new(arg.span, "`group` takes fields of an event"));
            };
            parts.push(self.slot(field, arg.span)?);
        }
        match parts.first().copied() {
            Some((source, _)) if parts.iter().all(|(other, _)| *other == source) => {
                let slot = self.needs.wanted.group(parts.into_iter().map(|(_, slot)| slot).collect());
                self.mention(source, slot, span);
                Ok(Scalar::Field(source, slot))
            }
            _ => Err(Refusal::new(span, "`group` takes fields of one event")),
        }
    }

    /// A field as it is, and not what a function makes of some.
    pub(super) fn is_plain_field(&self, value: &Scalar) -> bool {
        matches!(value, Scalar::Field(_, slot) if !self.needs.wanted.is_grouped(*slot))
    }

    /// Where the values of `group(…)` are found.
    pub(super) fn grouped(&mut self, part: &Expr) -> Option<(SourceId, SlotId)> {
        let ExprKind::Call(call) = &part.kind else { return None };
        let is_group = call.name.node == "group";
        let fields = call.args.iter().map(|arg| argument(arg).as_field().filter(|_| is_group));
        let fields: Option<Vec<&FieldRef>> = fields.collect();
        let places: Option<Vec<_>> = fields?.into_iter().map(|field| self.place(field)).collect();
        let places = places?;
        let source = places.first()?.0;
        Some((source, self.needs.wanted.group(places.into_iter().map(|(_, slot)| slot).collect())))
    }
}
