//! How values, fields and variables are shown to people.

use std::sync::OnceLock;

use super::gaps::Gaps;
use crate::plan::{Join, Plan, Scalar, SourceId, SourceKind, Written};
use crate::regex::Pattern;
use crate::value::Value;
use crate::value::operators::Case;

/// What explanations of one rule are made with.
#[derive(Clone, Copy)]
pub(super) struct Names<'n> {
    pub(super) plan: &'n Plan,
    pub(super) written: &'n Written,
    pub(super) folded: &'n Folded,
    /// What the records behind kept rows lack.
    pub(super) gaps: &'n Gaps,
}

/// The patterns of a plan without regard to case, each compiled when it is first asked for.
pub(super) struct Folded(Vec<OnceLock<Option<Pattern>>>);

impl Folded {
    pub(super) fn of(plan: &Plan) -> Folded {
        Folded(plan.patterns.iter().map(|_| OnceLock::new()).collect())
    }

    fn get(&self, plan: &Plan, pattern: usize) -> Option<&Pattern> {
        let text = plan.patterns.get(pattern)?.text();
        self.0.get(pattern)?.get_or_init(|| Pattern::parse(text, Case::Fold).ok()).as_ref()
    }
}

impl<'n> Names<'n> {
    /// `$e`, `%table`
    pub(super) fn variable(self, source: SourceId) -> String {
        let name = self.plan.source(source).map_or("", |source| source.name.as_str());
        if name.starts_with('%') { name.to_owned() } else { format!("${name}") }
    }

    /// A value in which a field of the source takes part: the field, or what the rule makes of it.
    pub(super) fn field(self, source: SourceId, value: &Scalar) -> Option<String> {
        self.written.field(self.plan, source, value)?;
        Some(self.text(value))
    }

    /// The same of any source.
    pub(super) fn any_field(self, value: &Scalar) -> Option<String> {
        self.plan.sources_in(value).into_iter().find_map(|source| self.field(source, value))
    }

    /// What the rows of a source keep, or the column of a table.
    pub(super) fn captured(self, (source, capture): (SourceId, usize)) -> Option<String> {
        if let SourceKind::Table(table) = self.plan.source(source)?.kind {
            let table = self.plan.tables.get(table)?;
            let column = table.columns().get(capture.checked_sub(1)?)?;
            return Some(format!("%{}.{}", table.name(), column.name));
        }
        self.field(source, &self.plan.source(source)?.captures.get(capture)?.value)
    }

    /// Does the rule ask more than one thing of the rows of a table?
    pub(super) fn asks_more_of(self, table: usize) -> bool {
        let is_of =
            |id: SourceId| self.plan.source(id).is_some_and(|source| source.kind == SourceKind::Table(table));
        let across = self.plan.across.iter().filter(|one| one.sources.iter().any(|id| is_of(*id))).count();
        let joined = |join: &&Join| join.any.iter().any(|tie| is_of(tie.left.0) || is_of(tie.right.0));
        let joins = self.plan.joins.iter().filter(joined).count();
        let own = (0..self.plan.sources.len()).map(SourceId).filter(|id| is_of(*id));
        let own = own.filter_map(|id| self.plan.source(id));
        across + joins + own.map(|source| source.once.len()).sum::<usize>() > 1
    }

    /// Would the pattern be found in letters of another case?
    pub(super) fn is_match_folded(self, pattern: usize, text: &str) -> bool {
        self.folded.get(self.plan, pattern).is_some_and(|pattern| pattern.is_match(text))
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

/// Text in quotes, anything else as it is.
pub(super) fn quoted(value: &Value<'_>) -> String {
    match value {
        Value::Text(_) => format!("\"{}\"", shown(value)),
        Value::Bytes(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Time(_)
        | Value::List(_) => shown(value),
    }
}
