//! The doors of the library that the commands go through.

use std::path::{Path, PathBuf};

pub use crate::check::{check, unsupported};
pub use crate::diag::render::{Colour, json as render_json, text as render_text};
pub use crate::exec::Run;
pub use crate::ingest::source::{Input, InputOrigin};
pub use crate::plan::Plan;

use crate::diag::{Diagnostic, codes};
use crate::ingest::wanted::Wanted;
use crate::lists::{self, List};
use crate::plan::{self, Needs};
use crate::syntax::ast::{ListKind, Rule};
use crate::text::Span;

/// Where reference lists are looked for.
#[derive(Debug, Clone, Default)]
pub struct ListFolders {
    /// Those of `--lists`, which come first.
    pub given: Vec<PathBuf>,
    /// The rule path on the command line: no folder above it is searched.
    pub root: PathBuf,
}

/// A plan, or why there is none. The fields it reads join those already in `wanted`.
///
/// # Errors
/// What keeps the rule from running, a list that is not there among it.
pub fn compile(
    rule: &Rule,
    file: &str,
    folders: &ListFolders,
    wanted: &mut Wanted,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut list = |name: &str, kind: ListKind| read_list(name, kind, file, folders);
    let needs = Needs { wanted, list: &mut list };
    plan::compile(rule, file, needs)
        .map_err(|refusal| vec![Diagnostic::new(&codes::NOT_COMPILED, refusal.span, refusal.why)])
}

/// The reference list that a rule in `file` means by `name`.
///
/// # Errors
/// It is not there, or no such list.
pub fn read_list(name: &str, kind: ListKind, file: &str, folders: &ListFolders) -> Result<List, String> {
    let missing = || format!("the reference list `%{name}` is not there: no file `{name}` or `{name}.txt`");
    let root = if folders.root.is_dir() {
        folders.root.as_path()
    } else {
        folders.root.parent().unwrap_or(Path::new(""))
    };
    let path = lists::find(name, &folders.given, Path::new(file), root).ok_or_else(missing)?;
    let shown = path.display();
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    List::parse(&text, kind).map_err(|bad| {
        let first = bad.first().map(|bad| format!("line {}: {}", bad.line, bad.message)).unwrap_or_default();
        format!("`{shown}` is no such list: {first}")
    })
}

/// Does `inner` begin within `outer`?
pub fn within(inner: Span, outer: Span) -> bool {
    inner.source == outer.source && outer.start <= inner.start && inner.start <= outer.end
}
