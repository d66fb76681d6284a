//! Data tables that a test brings along: rows written in it, or a file.

use std::path::Path;

use super::fields::{bad, wrong};
use super::model::TableSource;
use super::yaml::{Kind, Node};
use crate::diag::Diagnostic;
use crate::tables::Table;

/// The tables under `tables`.
pub(super) fn read(node: &Node, folder: &Path, found: &mut Vec<Diagnostic>) -> Vec<(String, TableSource)> {
    let Kind::Map(entries) = &node.kind else {
        found.push(wrong(node, "a mapping from the names of tables to their rows"));
        return Vec::new();
    };
    let mut all = Vec::with_capacity(entries.len());
    for (name, table) in entries {
        let name = name.text().unwrap_or_default().trim_start_matches('%').to_owned();
        match &table.kind {
            Kind::List(rows) => all.extend(csv(rows, found).map(|csv| (name, TableSource::Csv(csv)))),
            Kind::Plain(file) | Kind::Quoted(file) if !table.is_null() => {
                all.push((name, TableSource::File { name: file.clone(), path: folder.join(file) }));
            }
            Kind::Map(_) | Kind::Plain(_) | Kind::Quoted(_) => {
                found.push(wrong(table, "a list of rows, each a mapping from columns to values, or a path"));
            }
        }
    }
    all
}

/// Rows as the file of a table has them; the first gives the header.
fn csv(rows: &[Node], found: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    let header = rows.first().map_or(Vec::new(), |row| match &row.kind {
        Kind::Map(cells) => cells.iter().filter_map(|(column, _)| column.text()).collect(),
        Kind::List(_) | Kind::Plain(_) | Kind::Quoted(_) => Vec::new(),
    });
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(&header);
    for row in rows {
        let before = found.len();
        let cells = cells(row, &header, found);
        if found.len() > before {
            return None;
        }
        written = written.and_then(|()| writer.write_record(&cells));
    }
    // Memory takes all that is written to it, and every row is as long as the header.
    written.ok().and_then(|()| writer.into_inner().ok())
}

fn cells(row: &Node, header: &[&str], found: &mut Vec<Diagnostic>) -> Vec<String> {
    let Kind::Map(entries) = &row.kind else {
        found.push(wrong(row, "a row, a mapping from columns to values"));
        return Vec::new();
    };
    for (column, _) in entries {
        let name = column.text().unwrap_or_default();
        if !header.contains(&name) {
            found
                .push(bad(column.span, format!("the first row has no column `{name}`, so none may have it")));
        }
    }
    let value = |name: &&str| entries.iter().find(|(column, _)| column.text() == Some(name));
    header.iter().map(|name| value(name).map(|(_, value)| cell(value)).unwrap_or_default()).collect()
}

/// Several values stand in one cell with `|` between them.
fn cell(node: &Node) -> String {
    match &node.kind {
        Kind::List(items) => items.iter().map(cell).collect::<Vec<_>>().join("|"),
        Kind::Plain(text) | Kind::Quoted(text) => text.clone(),
        Kind::Map(_) => node.json().to_string(),
    }
}

/// The table itself.
pub(super) fn table(name: &str, source: &TableSource) -> Result<Table, String> {
    let bytes = match source {
        TableSource::Csv(bytes) => bytes.clone(),
        TableSource::File { name, path } => {
            std::fs::read(path).map_err(|error| format!("`{name}` cannot be read: {error}"))?
        }
    };
    Table::parse(name, &bytes)
        .map_err(|bad| format!("the table `%{name}` of the test: {}", crate::lists::first(&bad, "line")))
}
