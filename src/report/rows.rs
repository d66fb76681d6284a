//! Rows of searches: a JSON object each, an aligned table, or comma-separated values.

use std::io::{self, Write};

use serde_json::{Map, Value as Json};

use super::picked::{event, text_at};
use super::text::{escape, sample_line};
use super::variable::double;
use crate::exec::query::{Results, Row, Windowed};
use crate::ingest::evidence::Sample;
use crate::plan::{Select, Shown};
use crate::value::Value;

/// Whole numbers beyond it are written as strings, which no reader rounds.
const EXACT: u64 = 1 << 53;

/// The columns that are shown, with their place among all; the window's ends come last.
fn columns(results: &Results) -> Vec<(String, Column)> {
    let cells = results.columns.iter().enumerate().map(|(index, name)| (name.clone(), Column::Cell(index)));
    let mut all: Vec<(String, Column)> = cells.collect();
    if results.windowed == Windowed::Yes {
        all.push(("window_start".to_owned(), Column::Start));
        all.push(("window_end".to_owned(), Column::End));
    }
    let Select { only, but } = &results.select;
    if !only.is_empty() {
        let find = |shown: &Shown| all.iter().find(|(known, _)| *known == shown.name).cloned();
        all = only.iter().filter_map(find).collect();
    }
    all.retain(|(name, _)| !but.iter().any(|left_out| left_out.name == *name));
    all
}

#[derive(Debug, Clone, Copy)]
enum Column {
    Cell(usize),
    Start,
    End,
}

fn cell(row: &Row, column: Column) -> Value<'_> {
    let window = row.window.unwrap_or_default();
    match column {
        Column::Cell(index) => row.cells.get(index).map_or(Value::text(""), Value::borrowed),
        Column::Start => Value::Time(window.start),
        Column::End => Value::Time(window.end),
    }
}

/// The rows of a search as JSON objects; `name` begins each where several things run together.
pub(super) fn objects<'r>(results: &'r Results, name: Option<&'r str>) -> impl Iterator<Item = Json> + 'r {
    let columns = columns(results);
    results.rows.iter().map(move |row| {
        let mut all = Map::new();
        if let Some(name) = name {
            all.insert("search".to_owned(), Json::from(name));
        }
        match &row.event {
            Some(sample) => all.extend(event(&sample.event(), &results.select)),
            None => {
                all.extend(columns.iter().map(|(name, column)| (name.clone(), json(&cell(row, *column)))))
            }
        }
        Json::Object(all)
    })
}

fn json(value: &Value) -> Json {
    match value {
        Value::Int(number) if number.unsigned_abs() <= EXACT => Json::from(*number),
        Value::Uint(number) if *number <= EXACT => Json::from(*number),
        Value::Float(number) => double(*number),
        Value::Bool(truth) => Json::Bool(*truth),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Int(_) | Value::Uint(_) | Value::Text(_) | Value::Bytes(_) | Value::Time(_) => {
            Json::String(value.to_text().into_owned())
        }
    }
}

/// What events have at the paths that are shown, where a search picks some; its columns are the paths.
fn picked(results: &Results) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let only = &results.select.only;
    if only.is_empty() || results.rows.iter().any(|row| row.event.is_none()) {
        return None;
    }
    let cells = |row: &Row| {
        let whole = row.event.as_ref().map(Sample::event).unwrap_or_default();
        let shown = Json::Object(event(&whole, &results.select));
        only.iter().map(|path| text_at(&shown, &path.steps)).collect()
    };
    Some((only.iter().map(|path| path.name.clone()).collect(), results.rows.iter().map(cells).collect()))
}

/// An aligned table no wider than `width`; events a line each, but where the search picks paths of them.
pub(super) fn table(out: &mut dyn Write, results: &Results, width: usize) -> io::Result<()> {
    if let Some((heading, body)) = picked(results) {
        let safe =
            |texts: Vec<String>| texts.iter().map(|text| escape(text).into_owned()).collect::<Vec<String>>();
        return aligned(out, &safe(heading), &body.into_iter().map(safe).collect::<Vec<_>>(), width);
    }
    if results.rows.iter().any(|row| row.event.is_some()) {
        let samples = results.rows.iter().filter_map(|row| row.event.as_ref());
        return samples.into_iter().try_for_each(|sample| writeln!(out, "{}", sample_line(sample)));
    }
    let (heading, body) = texts(results);
    aligned(out, &heading, &body, width)
}

fn aligned(out: &mut dyn Write, heading: &[String], body: &[Vec<String>], width: usize) -> io::Result<()> {
    let widths = widths(heading, body, width);
    line(out, heading, &widths)?;
    line(out, &widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>(), &widths)?;
    body.iter().try_for_each(|row| line(out, row, &widths))
}

/// The heading and the rows as text that is safe to show.
pub(super) fn texts(results: &Results) -> (Vec<String>, Vec<Vec<String>>) {
    let columns = columns(results);
    let heading = columns.iter().map(|(name, _)| escape(name).into_owned()).collect();
    let text = |row: &Row, column: Column| escape(&cell(row, column).to_text()).into_owned();
    let line = |row: &Row| columns.iter().map(|(_, column)| text(row, *column)).collect();
    (heading, results.rows.iter().map(line).collect())
}

/// The widths of columns: as wide as what they hold, the widest cut until all fit. Of a window's ends, which differ in
/// what would be cut, nothing is.
fn widths(heading: &[String], body: &[Vec<String>], width: usize) -> Vec<usize> {
    const GAP: usize = 2;
    const NARROWEST: usize = 8;
    const WINDOW: [&str; 2] = ["window_start", "window_end"];
    let of = |index: usize| {
        let cells = body.iter().filter_map(|row| row.get(index)).chain(heading.get(index));
        cells.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..heading.len()).map(of).collect();
    let room = width.saturating_sub(GAP * heading.len().saturating_sub(1));
    let is_whole = |index: usize| heading.get(index).is_some_and(|name| WINDOW.contains(&name.as_str()));
    while widths.iter().sum::<usize>() > room {
        let cut =
            widths.iter_mut().enumerate().filter(|(index, width)| !is_whole(*index) && **width > NARROWEST);
        let Some((_, widest)) = cut.max_by_key(|(_, width)| **width) else { break };
        *widest -= 1;
    }
    widths
}

fn line(out: &mut dyn Write, cells: &[String], widths: &[usize]) -> io::Result<()> {
    let mut shown = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        if !shown.is_empty() {
            shown.push_str("  ");
        }
        let length = cell.chars().count();
        if length > *width {
            shown.extend(cell.chars().take(width.saturating_sub(1)));
            shown.push('…');
        } else {
            shown.push_str(cell);
            shown.extend(std::iter::repeat_n(' ', width - length));
        }
    }
    writeln!(out, "{}", shown.trim_end())
}

/// Comma-separated values with a heading; events as one column of JSON, but where the search picks paths of them.
pub(super) fn csv(out: &mut dyn Write, results: &Results) -> io::Result<()> {
    let columns = columns(results);
    let mut writer = csv::Writer::from_writer(out);
    if let Some((heading, body)) = picked(results) {
        writer.write_record(heading)?;
        body.iter().try_for_each(|row| writer.write_record(row))?;
        return writer.flush();
    }
    if results.rows.iter().any(|row| row.event.is_some()) {
        writer.write_record(["event"])?;
        for object in objects(results, None) {
            writer.write_record([object.to_string()])?;
        }
        return writer.flush();
    }
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    for row in &results.rows {
        writer.write_record(columns.iter().map(|(_, column)| cell(row, *column).to_text().into_owned()))?;
    }
    writer.flush()
}
