//! The diagnostics of structure: windows, conditions, joins.

use crate::check::scope::Language;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::Name;
use crate::text::Span;

pub(in crate::check) fn event_as_key(name: &Name) -> Diagnostic {
    let message = format!("`${}` is an event variable, and events are grouped by placeholders", name.node);
    Diagnostic::new(&codes::BAD_MATCH_KEY, name.span, message)
        .help("bind one of its fields to a placeholder under `events:` and name that")
}

pub(in crate::check) fn bad_match_key(span: Span, language: Language, path: &Option<String>) -> Diagnostic {
    let message = match language {
        Language::Rule => "a rule groups events by placeholders alone",
        Language::Search => "a search groups events by fields and placeholders alone",
    };
    let help = match path {
        Some(path) => format!("write `{path} = $key` under `events:` and `$key` here"),
        None => "bind a field to a placeholder under `events:` and name that".to_owned(),
    };
    Diagnostic::new(&codes::BAD_MATCH_KEY, span, message).help(help)
}

pub(in crate::check) fn no_match_key(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::BAD_MATCH_KEY, span, "the window has no match variable before it")
        .help("name a placeholder before it, as in `$host over 5m`")
}

pub(in crate::check) fn tumbling_pivot(name: &Name) -> Diagnostic {
    let message = format!("a window of `by` has fixed bounds and does not open at `${}`", name.node);
    Diagnostic::new(&codes::BAD_PIVOT, name.span, message).help("write `over` in place of `by`")
}

pub(in crate::check) fn entity_pivot(name: &Name) -> Diagnostic {
    let message = format!("`${}` is entity context, which has no time of its own", name.node);
    Diagnostic::new(&codes::BAD_PIVOT, name.span, message).help("name a variable over events")
}

pub(in crate::check) fn window_missing(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::WINDOW_MISSING, span, "the match variables have no window of time")
        .help("write its length after them, such as `over 5m`")
}

pub(in crate::check) fn window_length(
    span: Span,
    in_seconds: bool,
    short: bool,
    longest: &str,
) -> Diagnostic {
    let message = match (in_seconds, short) {
        (true, _) => "windows are not measured in seconds",
        (false, true) => "the window is shorter than 1m",
        (false, false) => "the window is longer than allowed",
    };
    Diagnostic::new(&codes::WINDOW_LENGTH, span, message)
        .help(format!("write a length from `1m` to {longest}, in `m`, `h` or `d`"))
}

pub(in crate::check) fn bad_pivot(name: &Name, events: &[&str]) -> Diagnostic {
    let list = events.iter().map(|event| format!("`${event}`")).collect::<Vec<_>>().join(" or ");
    let help = if list.is_empty() { "name an event variable".to_owned() } else { format!("write {list}") };
    Diagnostic::new(
        &codes::BAD_PIVOT,
        name.span,
        format!("`${}` is no event variable of the rule", name.node),
    )
    .help(help)
}

pub(in crate::check) fn pivot_not_required(name: &Name) -> Diagnostic {
    let message = format!("the window opens at `${}`, which the condition does not require", name.node);
    Diagnostic::new(&codes::BAD_PIVOT, name.span, message)
        .help(format!("add `and ${}` to the condition", name.node))
}

pub(in crate::check) fn event_not_in_condition(
    name: &str,
    span: Span,
    heading: Span,
    near: Option<&str>,
) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `${near}`? otherwise add `and ${name}` to the condition"),
        None => format!("add `and ${name}` to the condition"),
    };
    let message = format!("the condition says nothing of `${name}`");
    Diagnostic::new(&codes::EVENT_NOT_IN_CONDITION, span, message).also(heading, "not named here").help(help)
}

pub(in crate::check) fn nothing_required(span: Span, example: &str) -> Diagnostic {
    Diagnostic::new(&codes::NOTHING_REQUIRED, span, "the condition holds without any event")
        .help(format!("require one, as in `${example}` or `#{example} > 0`, joined to the rest by `and`"))
}

pub(in crate::check) fn match_in_condition(name: &Name) -> Diagnostic {
    let message = format!("`{}` is a match variable, which has one value in each group", name.node);
    Diagnostic::new(&codes::MATCH_IN_CONDITION, name.span, message).help("take it out of the condition")
}

pub(in crate::check) fn key_not_required(key: &str, span: Span, event: &str) -> Diagnostic {
    let message =
        format!("`{key}` takes its value from `${event}` alone, which the condition does not require");
    Diagnostic::new(&codes::KEY_NOT_REQUIRED, span, message)
        .help(format!("take the value from a required event as well, or add `and ${event}` to the condition"))
}

pub(in crate::check) fn field_in_condition(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::FIELD_IN_CONDITION,
        span,
        format!("`{path}` is a field, and fields are tested under `events:`"),
    )
    .help("move the test to `events:`, or take the field into an outcome and compare that")
}

pub(in crate::check) fn window_word_in_events(span: Span, word: &str) -> Diagnostic {
    let message = format!("`{word}` is known when the window is, after `events:`");
    Diagnostic::new(&codes::WINDOW_WORD_HERE, span, message)
        .help(format!("compare `{word}` under `outcome:` or `condition:`, or a field of the event here"))
}

pub(in crate::check) fn or_with_absence(span: Span) -> Diagnostic {
    let message = "one side of this `or` also holds without any event";
    Diagnostic::new(&codes::OR_BETWEEN_EVENTS, span, message)
        .help("write `and`, or counts that need an event on both sides, such as `#e > 0`")
}

pub(in crate::check) fn or_without_brackets(span: Span) -> Diagnostic {
    let message = "the outcome after `and` belongs to the last side of this `or` alone";
    Diagnostic::new(&codes::OR_WITHOUT_BRACKETS, span, message)
        .help("put the conditions on events in brackets, as in `($e or #ip > 3) and $score > 50`")
}

pub(in crate::check) fn two_sources(span: Span, name: &str, first: Span) -> Diagnostic {
    let message = format!("`${name}` ranges over two sources");
    Diagnostic::new(&codes::TWO_SOURCES, span, message)
        .also(first, "over another here")
        .help("use a second variable for this one, and join the two by a field")
}

pub(in crate::check) fn not_on_event(span: Span, name: &str, plain: bool) -> Diagnostic {
    let help = if plain { format!("write `!${name}`") } else { "write the opposite comparison".to_owned() };
    Diagnostic::new(&codes::NOT_ON_EVENT, span, format!("`not` does not stand before `${name}` here"))
        .help(help)
}

pub(in crate::check) fn or_between_events(span: Span) -> Diagnostic {
    let message = "conditions on events are joined by `and` where a rule has several event variables";
    Diagnostic::new(&codes::OR_BETWEEN_EVENTS, span, message).help("write `and`, or make two rules of it")
}

pub(in crate::check) fn match_needed(span: Span, what: &str) -> Diagnostic {
    let message = format!("{what} without a window, since there is no `match:`");
    Diagnostic::new(&codes::MATCH_NEEDED, span, message)
        .help("add `match:` with a window, such as `$host over 5m`")
}

/// Event variables begin with `$`; what has none is told in words.
pub(in crate::check) fn not_joined(span: Span, name: &str, other: &str) -> Diagnostic {
    let quoted = |name: &str| if name.starts_with('$') { format!("`{name}`") } else { name.to_owned() };
    let message = format!("nothing ties {} to {}", quoted(name), quoted(other));
    let help = if name.starts_with('$') && other.starts_with('$') {
        format!("bind a field of each to one placeholder, or write `{other}.field = {name}.field`")
    } else {
        "bind a field of each to one placeholder, or begin each field of one event with the same event variable"
            .to_owned()
    };
    Diagnostic::new(&codes::NOT_JOINED, span, message).help(help)
}

pub(in crate::check) fn table_not_joined(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::NOT_JOINED, span, format!("nothing ties the table `%{name}` to an event by `=`"))
        .help(format!("compare one of its columns with `=`, as in `$e.principal.hostname = %{name}.column`"))
}
