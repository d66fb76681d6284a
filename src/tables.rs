//! Data tables: finding the file of `%name`, reading its typed cells, and comparing values with them.

use std::path::{Path, PathBuf};

use csv::ByteRecord;
use ipnet::IpNet;
use rustc_hash::FxHashSet;

use crate::lists::{self, BadLine, Lines, Patterns};
use crate::syntax::ast::ListKind;
use crate::value::operators::{Case, CompareOp, compare, parse_number, total_order};
use crate::value::{Element, Type, Value, network};

/// The largest table that is read, in bytes.
pub const SIZE_LIMIT: usize = 64 << 20;

/// The most columns of a table.
pub const COLUMN_LIMIT: usize = 1_000;

/// A table, parsed once.
#[derive(Debug)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
    /// Row after row, each as long as `columns`.
    cells: Vec<Cell>,
    /// The line on which each row starts.
    lines: Vec<usize>,
}

/// A column, from its header cell: `ip:cidr`, `hosts:string[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Before the colon.
    pub name: String,
    /// After it; strings where nothing is said.
    pub kind: ColumnKind,
    /// One value to a cell, or several?
    pub holds: Holds,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `string`, compared as text.
    Text,
    /// `number`
    Number,
    /// `regex`: equal is what a pattern is found in.
    Regex,
    /// `cidr`: equal is what lies in a range.
    Cidr,
}

/// How many values a cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One; none where the cell is empty and no string.
    One,
    /// Any number, with `|` between them: `string[]`.
    Many,
}

/// The values of a cell.
#[derive(Debug)]
pub struct Cell(Vec<Item>);

/// One value.
#[derive(Debug)]
pub struct Item {
    text: Box<str>,
    meaning: Meaning,
}

#[derive(Debug)]
enum Meaning {
    Text,
    Number(Value<'static>),
    Regex(Box<Patterns>),
    Cidr(IpNet),
}

impl Column {
    /// The type of a cell's value; lists of patterns and of ranges are lists of text.
    pub fn value_type(&self) -> Type {
        match (self.holds, self.kind) {
            (Holds::One, ColumnKind::Number) => Type::Float,
            (Holds::One, ColumnKind::Text | ColumnKind::Regex | ColumnKind::Cidr) => Type::Text,
            (Holds::Many, ColumnKind::Number) => Type::List(Element::Float),
            (Holds::Many, ColumnKind::Text | ColumnKind::Regex | ColumnKind::Cidr) => {
                Type::List(Element::Text)
            }
        }
    }
}

impl Table {
    /// Reads a table: a header, then a row a line, cells in quotes where they hold commas or line ends. White space at the
    /// ends of a number, a range or a header cell is cut; strings and patterns keep theirs. An empty cell is a string `""`,
    /// the number 0, and a range or pattern that fits nothing.
    ///
    /// ```
    /// # use yaral::{tables::Table, value::{Value, operators::{Case, CompareOp}}};
    /// let table = Table::parse("sites", b"net:cidr,site\n10.0.0.0/8,Zurich\n").unwrap();
    /// assert!(table.matches((0, 0), CompareOp::Eq, &Value::text("10.1.2.3"), Case::Exact));
    /// ```
    ///
    /// # Errors
    /// Every cell that does not fit its column and every row of another length, with its line; or what is wrong with the
    /// header, or that the table is too large.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Table, Vec<BadLine>> {
        if bytes.len() > SIZE_LIMIT {
            let message = format!("the table has {} bytes, above the limit of {SIZE_LIMIT}", bytes.len());
            return Err(vec![BadLine { line: 1, message }]);
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
        let mut records = reader.byte_records().enumerate().map(|(index, record)| numbered(index, record));
        let header =
            records.next().unwrap_or_else(|| Err(bad(1, "the table is empty; it lacks its header".into())));
        let columns = columns(&header.map_err(|bad| vec![bad])?)?;
        let mut table = Table { name: name.to_owned(), columns, cells: Vec::new(), lines: Vec::new() };
        let mut wrong = Vec::new();
        for record in records {
            match record {
                Ok(row) => table.push(&row, &mut wrong),
                Err(bad) => wrong.push(bad),
            }
        }
        if wrong.is_empty() { Ok(table) } else { Err(wrong) }
    }

    /// Without `%`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// In the order of the header.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The place of the column with this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The rows, in the order of the file.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Cell]> {
        self.cells.chunks(self.columns.len().max(1))
    }

    /// The cell at a row and a column.
    pub fn cell(&self, (row, column): (usize, usize)) -> Option<&Cell> {
        if column >= self.columns.len() {
            return None;
        }
        self.cells.get(row.checked_mul(self.columns.len())?.checked_add(column)?)
    }

    /// `value op cell`, for the cell at a row and a column: membership for `=` and `!=` with a range or a pattern, and of a
    /// cell of several values for any of them.
    pub fn matches(&self, at: (usize, usize), op: CompareOp, value: &Value, case: Case) -> bool {
        let (Some(cell), Some(column)) = (self.cell(at), self.columns.get(at.1)) else { return false };
        match column.holds {
            // A range or a pattern that is not there fits nothing.
            Holds::One if cell.items().is_empty() => op == CompareOp::Ne,
            Holds::One | Holds::Many => cell.items().iter().any(|item| item.matches(op, value, case)),
        }
    }

    /// The values of a column, to ask whether one is among them: `in %table.column`, `in regex`, `in cidr`. A typed column
    /// needs no such word.
    ///
    /// # Errors
    /// The column is of another type than the word says, or its strings are no patterns or ranges, each with its line.
    pub fn set(&self, column: usize, kind: ListKind) -> Result<ColumnSet, Vec<BadLine>> {
        let Some(found) = self.columns.get(column) else { return Ok(ColumnSet::Numbers(Vec::new())) };
        match (found.kind, kind) {
            (ColumnKind::Number, ListKind::Plain) => Ok(ColumnSet::Numbers(self.numbers(column))),
            (ColumnKind::Text, kind) => self.lines(column, kind),
            (ColumnKind::Regex, ListKind::Plain | ListKind::Regex) => self.lines(column, ListKind::Regex),
            (ColumnKind::Cidr, ListKind::Plain | ListKind::Cidr) => self.lines(column, ListKind::Cidr),
            (ColumnKind::Number | ColumnKind::Regex, ListKind::Cidr)
            | (ColumnKind::Number | ColumnKind::Cidr, ListKind::Regex) => {
                let message = format!("the column `{}` holds {}", found.name, found.kind.plural());
                Err(vec![bad(1, message)])
            }
        }
    }

    fn items(&self, column: usize) -> impl Iterator<Item = (usize, &Item)> {
        let rows = self.lines.iter().zip(self.rows());
        rows.flat_map(move |(line, row)| {
            row.get(column).into_iter().flat_map(Cell::items).map(|item| (*line, item))
        })
    }

    fn lines(&self, column: usize, kind: ListKind) -> Result<ColumnSet, Vec<BadLine>> {
        let values = self.items(column).map(|(line, item)| (line, item.text.as_ref()));
        Lines::of(values, kind).map(ColumnSet::Lines)
    }

    fn numbers(&self, column: usize) -> Vec<Value<'static>> {
        let mut numbers: Vec<_> = self.items(column).map(|(_, item)| item.value().into_static()).collect();
        numbers.sort_by(total_order);
        numbers
    }

    fn push(&mut self, row: &Row, wrong: &mut Vec<BadLine>) {
        let (given, wanted) = (row.cells.len(), self.columns.len());
        if given != wanted {
            let message = format!("this row has {given} cells, and the header has {wanted}");
            wrong.push(bad(row.line, message));
            return;
        }
        for (column, text) in self.columns.iter().zip(&row.cells) {
            match cell(column, text) {
                Ok(cell) => self.cells.push(cell),
                Err(message) => wrong.push(bad(row.line, format!("column `{}`: {message}", column.name))),
            }
        }
        self.lines.push(row.line);
    }
}

/// The values of a column.
#[derive(Debug)]
pub enum ColumnSet {
    /// Texts, patterns or ranges.
    Lines(Lines),
    /// Numbers in order.
    Numbers(Vec<Value<'static>>),
}

impl ColumnSet {
    /// Is `value` among them?
    pub fn contains(&self, value: &Value, case: Case) -> bool {
        match self {
            ColumnSet::Lines(lines) => lines.contains(&value.to_text(), case),
            ColumnSet::Numbers(numbers) => {
                let text = value.as_f64().is_none().then(|| value.to_text());
                let read = text.and_then(|text| parse_number(&text));
                let wanted = read.as_ref().unwrap_or(value);
                numbers.binary_search_by(|number| total_order(number, wanted)).is_ok()
            }
        }
    }
}

impl Cell {
    /// Its values.
    pub fn items(&self) -> &[Item] {
        &self.0
    }
}

impl Item {
    /// As a value of the language: a pattern or a range is its text.
    pub fn value(&self) -> Value<'_> {
        match &self.meaning {
            Meaning::Number(number) => number.borrowed(),
            Meaning::Text | Meaning::Regex(_) | Meaning::Cidr(_) => Value::text(&self.text),
        }
    }

    fn matches(&self, op: CompareOp, value: &Value, case: Case) -> bool {
        let fits = match &self.meaning {
            Meaning::Regex(patterns) if !op.is_ordering() => patterns.any_matches(&value.to_text(), case),
            Meaning::Cidr(range) if !op.is_ordering() => network::is_in(range, &value.to_text()),
            Meaning::Text | Meaning::Number(_) | Meaning::Regex(_) | Meaning::Cidr(_) => {
                return compare(op, value, &self.value(), case);
            }
        };
        fits == (op == CompareOp::Eq)
    }
}

/// A record and the line it starts on.
struct Row {
    line: usize,
    cells: Vec<String>,
}

fn bad(line: usize, message: String) -> BadLine {
    BadLine { line, message }
}

fn numbered(index: usize, record: csv::Result<ByteRecord>) -> Result<Row, BadLine> {
    let record = record.map_err(|error| bad(index + 1, format!("it cannot be read: {error}")))?;
    let line = record.position().and_then(|place| usize::try_from(place.line()).ok()).unwrap_or(index + 1);
    let cells: Result<Vec<String>, _> =
        record.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned)).collect();
    Ok(Row { line, cells: cells.map_err(|_| bad(line, "this row is not UTF-8".to_owned()))? })
}

fn columns(header: &Row) -> Result<Vec<Column>, Vec<BadLine>> {
    if header.cells.len() > COLUMN_LIMIT {
        let message =
            format!("the table has {} columns, above the limit of {COLUMN_LIMIT}", header.cells.len());
        return Err(vec![bad(header.line, message)]);
    }
    let mut seen = FxHashSet::default();
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for text in &header.cells {
        match column(text) {
            Ok(column) if !seen.insert(column.name.clone()) => {
                wrong.push(bad(header.line, format!("there are two columns `{}`; rename one", column.name)));
            }
            Ok(column) => good.push(column),
            Err(message) => wrong.push(bad(header.line, message)),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

fn column(text: &str) -> Result<Column, String> {
    let (name, kind) = text.rsplit_once(':').unwrap_or((text, "string"));
    let (name, kind) = (name.trim(), kind.trim().to_ascii_lowercase());
    if name.is_empty() {
        return Err("a column has no name; write one, as in `ip:cidr`".to_owned());
    }
    let (kind, holds) = match kind.strip_suffix("[]") {
        Some(kind) => (kind, Holds::Many),
        None => (kind.as_str(), Holds::One),
    };
    let known = ColumnKind::ALL.into_iter().find(|known| known.word() == kind);
    let kind = known.ok_or_else(|| {
        format!(
            "`{text}` has no such type; write `cidr`, `regex`, `number` or `string`, with `[]` for several"
        )
    })?;
    Ok(Column { name: name.to_owned(), kind, holds })
}

impl ColumnKind {
    const ALL: [ColumnKind; 4] = [ColumnKind::Text, ColumnKind::Number, ColumnKind::Regex, ColumnKind::Cidr];

    /// As a header spells it.
    pub fn word(self) -> &'static str {
        match self {
            ColumnKind::Text => "string",
            ColumnKind::Number => "number",
            ColumnKind::Regex => "regex",
            ColumnKind::Cidr => "cidr",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            ColumnKind::Text => "strings",
            ColumnKind::Number => "numbers",
            ColumnKind::Regex => "patterns",
            ColumnKind::Cidr => "ranges of addresses",
        }
    }
}

fn cell(column: &Column, text: &str) -> Result<Cell, String> {
    let items: Result<Vec<Item>, String> = match column.holds {
        Holds::One if text.trim().is_empty() => return Ok(Cell(empty(column.kind, text))),
        Holds::One => std::iter::once(item(column.kind, text)).collect(),
        Holds::Many if text.is_empty() => Ok(Vec::new()),
        Holds::Many => text.split('|').map(|part| item(column.kind, part)).collect(),
    };
    items.map(Cell)
}

/// What an empty cell holds.
fn empty(kind: ColumnKind, text: &str) -> Vec<Item> {
    let meaning = match kind {
        ColumnKind::Text => Meaning::Text,
        ColumnKind::Number => Meaning::Number(Value::Int(0)),
        ColumnKind::Regex | ColumnKind::Cidr => return Vec::new(),
    };
    vec![Item { text: Box::from(text), meaning }]
}

fn item(kind: ColumnKind, text: &str) -> Result<Item, String> {
    let text = match kind {
        ColumnKind::Text | ColumnKind::Regex => text,
        ColumnKind::Number | ColumnKind::Cidr => text.trim(),
    };
    let meaning = match kind {
        ColumnKind::Text => Meaning::Text,
        ColumnKind::Number => {
            Meaning::Number(parse_number(text).ok_or_else(|| format!("`{text}` is no number"))?)
        }
        ColumnKind::Regex => Meaning::Regex(Box::new(Patterns::of(vec![lists::pattern(text)?]))),
        ColumnKind::Cidr => Meaning::Cidr(lists::range(text)?),
    };
    Ok(Item { text: Box::from(text), meaning })
}

/// The file of table `name`: `name.csv` in each of `folders`, else in a folder `data_tables` beside the rule or in a parent
/// of it up to `root`, the folder named on the command line.
pub fn find(name: &str, folders: &[PathBuf], rule_file: &Path, root: &Path) -> Option<PathBuf> {
    let place = lists::Place { beside: "data_tables", endings: &[".csv"] };
    lists::find_in(place, name, &lists::Search { folders, rule_file, root })
}

#[cfg(test)]
mod tests;
