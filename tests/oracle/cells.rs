//! Values against data tables and reference lists.

use yaral::syntax::ast::{Call, Expr, ExprKind, InList, ListKind, ListRef};
use yaral::syntax::visit::argument;
use yaral::value::operators::CompareOp;

use crate::eval::{Scope, Slot};
use crate::value::{Letters, V, holds};
use crate::world::{self, Column, Table};

impl Scope<'_, '_> {
    /// A column of the table row at hand.
    pub fn cell(&self, list: &ListRef) -> V {
        let (name, column) = (&list.name.node, list.column.as_ref().map_or("", |column| &column.node));
        let index = self.rule.index(&format!("%{name}")).expect("the table is joined");
        let Slot::Here(copy) = self.row[index] else { return V::text("") };
        let table = Table::read(&self.world.tables[name]);
        let (at, kind) = table.column(column);
        let values: Vec<V> = table.rows[copy.record][at].iter().map(|cell| cell_value(kind, cell)).collect();
        if table.several[at] { V::List(values) } else { values[0].clone() }
    }

    /// A comparison with a column of the table row at hand.
    pub fn row_test(
        &self,
        op: CompareOp,
        value: &V,
        (table, column): (&str, &str),
        letters: Letters,
    ) -> bool {
        let Some(index) = self.rule.index(&format!("%{table}")) else { return false };
        let Some(Slot::Here(copy)) = self.row.get(index) else { return false };
        let table = Table::read(&self.world.tables[table]);
        let (at, kind) = table.column(column);
        table.rows[copy.record][at].iter().any(|cell| cell_test(kind, op, value, cell, letters))
    }

    /// A function over a typed column of the table row at hand: does the value fit the cell?
    pub fn cell_call(&self, call: &Call) -> Option<V> {
        let args: Vec<&Expr> = call.args.iter().map(argument).collect();
        let [value, Expr { kind: ExprKind::List(list), .. }] = args.as_slice() else { return None };
        let column = list.column.as_ref().map_or("", |column| &column.node);
        let letters = self.letters(call.nocase.is_some());
        let held = self.row_test(CompareOp::Eq, &self.value(value), (&list.name.node, column), letters);
        Some(V::Bool(held))
    }

    pub fn contained(&self, test: &InList) -> bool {
        let ExprKind::List(list) = &test.list.kind else { return false };
        let letters = self.letters(test.nocase.is_some());
        let value = self.value(&test.value);
        let Some(column) = &list.column else {
            let text = &self.world.lists[&list.name.node];
            return world::in_list(text, test.kind, &value.shown(), letters);
        };
        let table = Table::read(&self.world.tables[&list.name.node]);
        let (at, kind) = table.column(&column.node);
        let kind = match test.kind {
            ListKind::Plain => kind,
            ListKind::Regex => Column::Regex,
            ListKind::Cidr => Column::Cidr,
        };
        let mut cells = table.rows.iter().flat_map(|row| &row[at]);
        cells.any(|cell| cell_test(kind, CompareOp::Eq, &value, cell, letters))
    }
}

fn cell_value(kind: Column, cell: &str) -> V {
    match kind {
        Column::Number => cell_number(cell),
        Column::Text | Column::Regex | Column::Cidr => V::text(cell),
    }
}

fn cell_test(kind: Column, op: CompareOp, value: &V, cell: &str, letters: Letters) -> bool {
    match kind {
        // A pattern or a range that is not there fits nothing.
        Column::Regex | Column::Cidr if cell.is_empty() => op == CompareOp::Ne,
        Column::Text => holds(op, value, &V::text(cell), letters),
        Column::Number => holds(op, value, &cell_number(cell), letters),
        Column::Regex => world::found(cell, &value.shown(), letters) == (op == CompareOp::Eq),
        Column::Cidr => world::in_network(cell, &value.shown()) == (op == CompareOp::Eq),
    }
}

/// An empty cell is the number 0.
fn cell_number(cell: &str) -> V {
    let number = cell.parse().map(V::Int).or_else(|_| cell.parse().map(V::Float));
    if cell.is_empty() { V::Int(0) } else { number.expect("number columns hold numbers") }
}
