//! The sections of a search that arrange its rows, and choose among them.

use super::scope::{Scope, outcomes};
use super::searches::{column, known, match_keys};
use super::walker::{Place, Walker};
use super::{errors, fields, names, types};
use crate::diag::Diagnostic;
use crate::syntax::ast::{Body, Expr, FieldRef, Name, Section};
use crate::syntax::print::print_expr;

/// `dedup:`, `order:`, `limit:`, `select:` and `unselect:`.
pub(super) fn check(scope: &Scope, body: &Body, found: &mut Vec<Diagnostic>) {
    let mut rows = Rows { scope, body, known: known(body), grouped: scope.gathered, found };
    rows.items(body.dedup.as_ref(), Repeated::Refused);
    for item in body.order.iter().flat_map(|section| &section.items) {
        rows.key(&item.key, Repeated::Refused);
    }
    rows.items(body.select.as_ref(), Repeated::Taken);
    rows.items(body.unselect.as_ref(), Repeated::Taken);
    for limit in body.limit.iter().flat_map(|section| &section.items) {
        if limit.node == 0 {
            found.push(errors::bad_limit(limit.span));
        }
    }
}

/// Whether a repeated field may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeated {
    Taken,
    Refused,
}

struct Rows<'r, 't> {
    scope: &'r Scope<'t>,
    body: &'r Body,
    known: Vec<String>,
    grouped: bool,
    found: &'r mut Vec<Diagnostic>,
}

impl Rows<'_, '_> {
    fn items(&mut self, section: Option<&Section<Expr>>, repeated: Repeated) {
        for item in section.iter().flat_map(|section| &section.items) {
            self.key(item, repeated);
        }
    }

    fn key(&mut self, key: &Expr, repeated: Repeated) {
        if let Some(field) = key.as_field() {
            self.field(key, field, repeated);
        } else if let Some(name) = key.as_variable() {
            self.variable(name);
        }
    }

    /// Match variables and outcomes as a user writes them.
    fn written(&self) -> Vec<String> {
        let outcomes = outcomes(self.body).map(|(name, _)| format!("${}", name.node));
        match_keys(self.body).map(print_expr).chain(outcomes).collect()
    }

    fn variable(&mut self, name: &Name) {
        let word = name.node.as_str();
        let scope = self.scope;
        if self.known.iter().any(|known| known == word) || scope.foreign.contains(word) {
            return;
        }
        let declared = scope.placeholders.contains_key(word) || scope.events.contains_key(word);
        if declared && self.grouped {
            self.found.push(errors::bad_row_key(name.span, &format!("${word}"), &self.written()));
        } else if !declared {
            names::undeclared(scope, name, self.found);
        }
    }

    /// A field under `match:`, by its path alone where no other has it; columns are also chosen by their names.
    fn is_column(&self, field: &FieldRef, repeated: Repeated) -> bool {
        let mut keys = match_keys(self.body).filter(|key| key.as_field().is_some());
        let path = || Some(fields::path(field));
        let bare = field.variable.is_none();
        let by_name = bare && repeated == Repeated::Taken && self.known.contains(&fields::path(field));
        by_name || keys.any(|key| key.as_field() == Some(field) || (bare && column(self.body, key) == path()))
    }

    fn field(&mut self, key: &Expr, field: &FieldRef, repeated: Repeated) {
        let written = fields::text(field);
        if types::is_window_word(field) || self.is_column(field, repeated) {
            return;
        }
        let bare = field.variable.is_none() && field.segments.len() == 1;
        // Rows of outcomes have nothing else to show, though events can be told apart and put in order by their fields.
        let columns_only = self.grouped || (repeated == Repeated::Taken && !self.known.is_empty());
        if columns_only && (self.grouped || !fields::is_foreign(self.scope, field)) {
            return self.found.push(errors::bad_row_key(key.span, &written, &self.written()));
        }
        let mut walker = Walker::new(self.scope, Place::Events, self.found);
        let info = if repeated == Repeated::Taken {
            fields::check_group(&mut walker, field, key.span)
        } else {
            fields::check(&mut walker, field, key.span)
        };
        if repeated == Repeated::Refused && !bare && info.is_some_and(|info| info.is_repeated()) {
            self.found.push(errors::repeated_row_key(key.span, &written));
        }
    }
}
