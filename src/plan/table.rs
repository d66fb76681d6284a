//! Data tables: their rows as a source, cells against values, and values looked up in a column.

use super::compile::{Compiler, Refusal};
use super::scalar::Scope;
use super::{Atom, CellTest, LookedUp, Scalar, Site, SourceId, SourceKind};
use crate::lists;
use crate::syntax::ast::{Call, Expr, ExprKind, ListKind, ListRef, Name};
use crate::syntax::children;
use crate::tables::{ColumnKind, Holds};
use crate::text::Span;
use crate::value::operators::{Case, CompareOp};

/// Calls `visit` for each table whose rows an expression joins: those after `in` are looked up, not joined.
pub(super) fn joined<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Name, Span)) {
    if let Some(list) = expr.as_column() {
        visit(&list.name, expr.span);
    } else if let ExprKind::In(test) = &expr.kind {
        joined(&test.value, visit);
    } else {
        children(expr).into_iter().for_each(|child| joined(child, visit));
    }
}

/// The column in `re.regex($e.f, %t.c)` or `net.ip_in_range_cidr($e.ip, %t.c)`, which means membership.
pub(super) fn column_argument(call: &Call) -> Option<(&Expr, &ListRef)> {
    const MEMBERSHIP: [&str; 2] = ["re.regex", "net.ip_in_range_cidr"];
    if !MEMBERSHIP.contains(&call.name.node.as_str()) {
        return None;
    }
    let [value, column] = call.args.as_slice() else { return None };
    let (value, column) = (crate::syntax::visit::argument(value), crate::syntax::visit::argument(column));
    column.as_column().map(|list| (value, list))
}

impl Compiler<'_, '_> {
    /// Reads the tables whose rows are joined; their sources keep the number of the row, then each column.
    pub(super) fn load_tables(&mut self) -> Result<(), Refusal> {
        for index in 0..self.sources.len() {
            let Some(draft) = self.sources.get(index) else { continue };
            let SourceKind::Table(_) = draft.kind else { continue };
            let (name, at) = (draft.name.trim_start_matches('%').to_owned(), draft.at);
            let table = self.table(&name, at)?;
            let count = self.tables.get(table).map_or(0, |table| table.columns().len());
            if let Some(draft) = self.sources.get_mut(index) {
                draft.kind = SourceKind::Table(table);
                draft.keep_columns(count + 1);
            }
        }
        Ok(())
    }

    /// The table of this name, read once.
    fn table(&mut self, name: &str, span: Span) -> Result<usize, Refusal> {
        if let Some(index) = self.tables.iter().position(|table| table.name() == name) {
            return Ok(index);
        }
        let table = (self.needs.table)(name).map_err(|why| Refusal::new(span, why))?;
        self.tables.push(table);
        Ok(self.tables.len() - 1)
    }

    /// A table and the place of a column in it.
    fn column(&mut self, list: &ListRef, span: Span) -> Result<(usize, usize), Refusal> {
        let table = self.table(&list.name.node, span)?;
        let Some(word) = &list.column else { return Err(Refusal::new(span, "a column is missing")) };
        let found = self.tables.get(table).and_then(|table| table.column(&word.node));
        let missing = || Refusal::new(span, format!("`%{}` has no column `{}`", list.name.node, word.node));
        Ok((table, found.ok_or_else(missing)?))
    }

    fn table_source(&self, list: &ListRef, span: Span) -> Result<SourceId, Refusal> {
        let source = self.source_named(&format!("%{}", list.name.node));
        source.ok_or_else(|| Refusal::new(span, format!("`%{}` is joined by nothing", list.name.node)))
    }

    /// The value of a column in the joined row.
    pub(super) fn table_column(&mut self, list: &ListRef, span: Span) -> Result<Scalar, Refusal> {
        if list.column.is_none() {
            return Err(Refusal::new(span, format!("`%{}` has no value of its own", list.name.node)));
        }
        let (_, column) = self.column(list, span)?;
        Ok(Scalar::Captured(self.table_source(list, span)?, column + 1))
    }

    /// `value op %table.column`, row by row.
    pub(super) fn cell(
        &mut self,
        list: &ListRef,
        (value, op, case): (Scalar, CompareOp, Case),
        span: Span,
    ) -> Result<Site, Refusal> {
        let (table, column) = self.column(list, span)?;
        let row = Scalar::Captured(self.table_source(list, span)?, 0);
        Ok(self.ask(Atom::Cell(Box::new(CellTest { value, op, table, column, row, case })), span))
    }

    /// A function over a typed column: membership in the cell.
    pub(super) fn cell_call(&mut self, call: &Call, span: Span, scope: Scope) -> Result<Site, Refusal> {
        let Some((value, list)) = column_argument(call) else {
            return Err(Refusal::new(span, "a column is missing"));
        };
        let value = self.value(value, scope)?;
        let case = self.case(call.nocase);
        self.cell(list, (value, CompareOp::Eq, case), span)
    }

    /// A column that values are looked up in.
    pub(super) fn column_set(
        &mut self,
        list: &ListRef,
        kind: ListKind,
        span: Span,
    ) -> Result<usize, Refusal> {
        let (table, column) = self.column(list, span)?;
        let Some(found) = self.tables.get(table) else { return Err(Refusal::new(span, "the table is gone")) };
        let set = found.set(column, kind).map_err(|bad| {
            Refusal::new(span, format!("`%{}`: {}", list.name.node, lists::first(&bad, "line")))
        })?;
        let column = list.column.as_ref().map_or("", |column| column.node.as_str());
        self.columns.push(LookedUp { name: format!("%{}.{column}", list.name.node), set });
        Ok(self.columns.len() - 1)
    }

    /// Is it a column whose equality is more than that of texts, so that no hash finds it?
    pub(super) fn is_typed_column(&mut self, side: &Expr) -> bool {
        let ExprKind::List(list) = &side.kind else { return false };
        let Ok((table, column)) = self.column(list, side.span) else { return true };
        let column = self.tables.get(table).and_then(|table| table.columns().get(column));
        column.is_none_or(|column| column.kind != ColumnKind::Text || column.holds != Holds::One)
    }
}
