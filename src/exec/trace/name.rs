//! How values, fields and variables are shown to people.

use crate::plan::{Plan, Scalar, SourceId, SourceKind, Written};
use crate::value::Value;

/// What explanations of one rule are made with.
#[derive(Clone, Copy)]
pub(super) struct Names<'n> {
    pub(super) plan: &'n Plan,
    pub(super) written: &'n Written,
}

impl<'n> Names<'n> {
    /// `$e`, `%table`
    pub(super) fn variable(self, source: SourceId) -> String {
        let name = self.plan.source(source).map_or("", |source| source.name.as_str());
        if name.starts_with('%') { name.to_owned() } else { format!("${name}") }
    }

    /// The field that a value of a source is made from.
    pub(super) fn field(self, source: SourceId, value: &Scalar) -> Option<String> {
        self.written.field(self.plan, source, value).map(str::to_owned)
    }

    /// The field that a value is made from, of the first source in it that has one.
    pub(super) fn any_field(self, value: &Scalar) -> Option<String> {
        self.plan.sources_in(value).into_iter().find_map(|source| self.field(source, value))
    }

    /// The field that the rows of a source keep, or the column of a table.
    pub(super) fn captured(self, (source, capture): (SourceId, usize)) -> Option<String> {
        if let SourceKind::Table(table) = self.plan.source(source)?.kind {
            let table = self.plan.tables.get(table)?;
            let column = table.columns().get(capture.checked_sub(1)?)?;
            return Some(format!("%{}.{}", table.name(), column.name));
        }
        self.field(source, &self.plan.source(source)?.captures.get(capture)?.value)
    }
}

/// The longest text of a value that is shown.
const LONGEST: usize = 4_000;

/// A value as text, cut where it would bury all else.
pub(super) fn shown(value: &Value<'_>) -> String {
    let text = value.to_text();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
