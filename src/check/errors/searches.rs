//! The diagnostics of searches, of `setup:` and of `export:`.

use super::did_you_mean;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::Name;
use crate::text::Span;

pub(in crate::check) fn unknown_setup(name: &Name, near: Option<&str>) -> Diagnostic {
    let otherwise = "write `graph_override(…)`, `graph_append […]` or `graph_exclude(…)`";
    Diagnostic::new(&codes::BAD_SETUP, name.span, format!("`setup:` has no `{}`", name.node))
        .help(did_you_mean(near).unwrap_or_else(|| otherwise.to_owned()))
}

pub(in crate::check) fn too_much_setup(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::BAD_SETUP, span, "`setup:` holds at most two lines").help("take this one out")
}

pub(in crate::check) fn setup_twice(span: Span, entity: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_SETUP, span, format!("`${entity}` is changed twice"))
        .help("keep one of the lines")
}

pub(in crate::check) fn bad_setup(span: Span, name: &str) -> Diagnostic {
    let right = match name {
        "graph_append" => "`graph_append [$g, %table]`".to_owned(),
        _ => format!("`{name}($g.graph.entity.hostname = %table.column)`"),
    };
    Diagnostic::new(&codes::BAD_SETUP, span, format!("`{name}` joins an entity with a data table"))
        .help(format!("write {right}"))
}

pub(in crate::check) fn setup_over_events(name: &Name) -> Diagnostic {
    let message = format!("`${}` ranges over events, and `setup:` changes the entity graph", name.node);
    Diagnostic::new(&codes::BAD_SETUP, name.span, message)
        .help("name a variable whose fields begin with `graph`")
}

pub(in crate::check) fn unknown_export(method: &Name, table: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_EXPORT, method.span, format!("a data table has no `{}`", method.node))
        .help(format!("write `%{table}.write_row(column: $variable)`"))
}

pub(in crate::check) fn empty_export(span: Span, table: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_EXPORT, span, "no column is written")
        .help(format!("write `%{table}.write_row(column: $variable)`"))
}

pub(in crate::check) fn bad_export(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::BAD_EXPORT, span, "a column takes a match variable, an outcome or a literal")
        .help("assign this to an outcome, and write that")
}

pub(in crate::check) fn stage_not_there(name: &Name, stages: &[&str], near: Option<&str>) -> Diagnostic {
    let list = stages.iter().map(|stage| format!("`${stage}`")).collect::<Vec<_>>().join(", ");
    let help = match (near, stages) {
        (Some(near), _) => format!("did you mean `${near}`?"),
        (None, []) => "write the stage above this one".to_owned(),
        (None, _) => format!("the stages above are {list}"),
    };
    Diagnostic::new(&codes::STAGE_NAME, name.span, format!("no stage `{}` stands above", name.node))
        .help(help)
}

pub(in crate::check) fn stage_twice(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::STAGE_NAME, name.span, format!("a stage named `{}` stands above", name.node))
        .also(first, "first here")
        .help("give each stage a name of its own")
}

pub(in crate::check) fn not_an_output(span: Span, stage: &str, word: &str, outputs: &[String]) -> Diagnostic {
    let near = crate::schema::nearest(word, outputs.iter().map(String::as_str));
    let help = match near {
        Some(near) => format!("did you mean `${stage}.{near}`?"),
        None => format!("it has `{}`", outputs.join("`, `")),
    };
    Diagnostic::new(&codes::STAGE_OUTPUT, span, format!("the stage `{stage}` gives no `{word}`")).help(help)
}

pub(in crate::check) fn stage_empty(name: &Name) -> Diagnostic {
    Diagnostic::new(
        &codes::STAGE_EMPTY,
        name.span,
        format!("the stage `{}` gives nothing to read", name.node),
    )
    .help("add `match:` or `outcome:` to it")
}

pub(in crate::check) fn search_empty(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::STAGE_EMPTY, span, "a search of stages alone has no event to show")
        .help("add `match:` or `outcome:` to it")
}

pub(in crate::check) fn untimed_stages(span: Span, stages: &[&str]) -> Diagnostic {
    let names = stages.iter().map(|stage| format!("`${stage}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(
        &codes::UNTIMED_STAGES,
        span,
        format!("the rows of {names} happen at no time, so no window holds them"),
    )
    .help("give the stage a window, or take this one out")
}

pub(in crate::check) fn untimed_entities(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::UNTIMED_ENTITIES, span, "windows over entities alone are not run")
        .help("take the window out, or join an event: `yaral run` passes this over")
}

pub(in crate::check) fn search_window(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&codes::SEARCH_WINDOW, span, format!("`{word}` belongs to searches"))
        .help("write `by` and the length, as in `$host by 5m`")
}

pub(in crate::check) fn too_many_sources(span: Span, most: usize, what: &str) -> Diagnostic {
    let message = format!("a search in Google SecOps takes {most} {what}, and this is one more");
    Diagnostic::new(&codes::TOO_MANY_SOURCES, span, message)
        .help("join two of them in a stage, and read that")
}

pub(in crate::check) fn unused_stage(name: &Name) -> Diagnostic {
    Diagnostic::new(&codes::UNUSED_STAGE, name.span, format!("nothing reads the stage `{}`", name.node))
        .help(format!("read one of its outputs, as in `${}.…`, or take it out", name.node))
}

pub(in crate::check) fn too_many_stages(name: &Name, most: usize) -> Diagnostic {
    Diagnostic::new(&codes::TOO_MANY_STAGES, name.span, format!("a search has at most {most} named stages"))
        .help("join two of them, or make two searches of it")
}

pub(in crate::check) fn cross_join_of_one(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::CROSS_JOIN, span, format!("the stage `{name}` is joined with nothing"))
        .help(format!("name two stages, as in `cross join ${name}, $other`"))
}

pub(in crate::check) fn cross_without_limit(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::CROSS_JOIN, span, "neither of these stages has `limit: 1`")
        .help("write `limit: 1` in the stage that gives one row")
}

pub(in crate::check) fn bad_row_key(span: Span, written: &str, known: &[String]) -> Diagnostic {
    let help = match known {
        [] => "name a match variable or an outcome".to_owned(),
        some => format!("name one of `{}`", some.join("`, `")),
    };
    Diagnostic::new(&codes::BAD_ROW_KEY, span, format!("`{written}` is not in the rows of this search"))
        .help(help)
}

pub(in crate::check) fn repeated_row_key(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::BAD_ROW_KEY,
        span,
        format!("`{written}` is repeated, and a row is told by single values"),
    )
    .help(format!("pick an element, as in `{written}[0]`"))
}

pub(in crate::check) fn bad_limit(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::BAD_LIMIT, span, "a limit of 0 gives no row").help("write a number from 1 on")
}

pub(in crate::check) fn stage_window_ratio(span: Span, stage: &str) -> Diagnostic {
    let message = format!("this window holds 720 or more windows of the stage `{stage}`");
    Diagnostic::new(&codes::STAGE_WINDOWS, span, message)
        .help(format!("write a shorter window here, or a longer one in the stage `{stage}`"))
}

pub(in crate::check) fn stage_windows(span: Span, stage: &str) -> Diagnostic {
    let message = format!("the windows of `over` overlap, and so do those of the stage `{stage}`");
    Diagnostic::new(&codes::STAGE_WINDOWS, span, message).help("write `by` in one of the two")
}
