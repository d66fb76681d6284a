//! The diagnostics of names, fields and structure: one small function for each, wording and help in one place.

use super::scope::Placeholder;
use crate::diag::{Diagnostic, codes};
use crate::regex::PatternError;
use crate::schema::{Field, FieldInfo, FieldType};
use crate::syntax::ast::{Expr, Name, OptionPair};
use crate::text::Span;
use crate::value::Type;

mod calls;
mod searches;
mod structure;
mod values;

pub(super) use calls::*;
pub(super) use searches::*;
pub(super) use structure::*;
pub(super) use values::*;

pub(super) fn did_you_mean(near: Option<impl std::fmt::Display>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?"))
}

pub(super) fn duplicate_rule(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::DUPLICATE_RULE, name.span, format!("a rule named `{}` stands above", name.node))
        .also(first, "first here")
        .help("give each rule a name of its own")
}

pub(super) fn duplicate_elsewhere(name: &Name, file: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::DUPLICATE_RULE,
        name.span,
        format!("`{file}` has a rule named `{}`, too", name.node),
    )
    .help("give each rule a name of its own")
}

pub(super) fn unknown_field(
    span: Span,
    word: &str,
    within: &str,
    near: Option<String>,
    fields: &[String],
) -> Diagnostic {
    let message = if within.is_empty() {
        format!("there is no field `{word}`")
    } else {
        format!("`{within}` has no field `{word}`")
    };
    let some = (!fields.is_empty()).then(|| format!("fields there are `{}`", fields.join("`, `")));
    Diagnostic::new(&codes::UNKNOWN_FIELD, span, message).maybe_help(some).maybe_help(did_you_mean(near))
}

pub(super) fn wrong_path(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(&codes::UNKNOWN_FIELD, span, format!("there is no field `{path}`"))
        .help("mend the findings above first")
}

pub(super) fn message_as_value(span: Span, path: &str, info: &FieldInfo) -> Diagnostic {
    let help = match &info.kind {
        FieldType::Struct => format!("read one key: `{path}.fields[\"key\"]`"),
        FieldType::Duration => format!("write `{path}.seconds`"),
        FieldType::Map(_) => format!("read one key: `{path}[\"key\"]`"),
        FieldType::Message(name) => message_help(path, name),
        FieldType::Text
        | FieldType::Bytes
        | FieldType::Int
        | FieldType::Uint
        | FieldType::Single
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Timestamp
        | FieldType::Enum(_) => "go on to one of its fields".to_owned(),
    };
    let message = format!("`{path}` is a group of fields and has no value of its own");
    Diagnostic::new(&codes::MESSAGE_AS_VALUE, span, message).help(help)
}

/// The fields that rules ask most groups for.
const USUAL: [&str; 7] = ["hostname", "userid", "command_line", "full_path", "action", "name", "id"];

fn message_help(path: &str, name: &str) -> String {
    let message = crate::schema::schema().message(name);
    let plain = |field: &&Field| field.kind.value_type().is_some();
    let usual = || USUAL.iter().find_map(|name| message?.field(name).filter(plain));
    match usual().or_else(|| message?.fields.iter().find(plain)) {
        Some(field) => format!("go on to one of its fields, such as `{path}.{}`", field.name),
        None => "go on to one of its fields".to_owned(),
    }
}

pub(super) fn message_without_path(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(&codes::MESSAGE_AS_VALUE, span, format!("`{path}` names no field"))
        .help("go on to one of its fields")
}

pub(super) fn no_fields_inside(span: Span, word: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` is a plain value and has no field `{word}`");
    Diagnostic::new(&codes::NO_FIELDS_INSIDE, span, message).help(format!("end the path at `{path}`"))
}

pub(super) fn not_a_list(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&codes::NOT_A_LIST, span, format!("`{word}` is not repeated, so it has no index"))
        .help("take the index out")
}

pub(super) fn no_keys(span: Span, word: &str) -> Diagnostic {
    let help = match word {
        "additional" => "write `additional.fields[\"key\"]`",
        "fields" => "name a key, as in `additional.fields[\"key\"]`",
        _ => "keys work on `additional.fields` and on lists of labels such as `detection_fields`",
    };
    Diagnostic::new(&codes::NO_KEYS, span, format!("`{word}` cannot be read like this by key")).help(help)
}

pub(super) fn partly_indexed(span: Span, word: &str) -> Diagnostic {
    let message = format!("`{word}` is repeated and has no index, while another list of the path has one");
    Diagnostic::new(&codes::PARTLY_INDEXED, span, message)
        .help(format!("write `{word}[0]`, or no index at all"))
}

pub(super) fn index_before_key(span: Span, word: &str) -> Diagnostic {
    let message = format!("`{word}` has an index, and a list behind it a key");
    Diagnostic::new(&codes::PARTLY_INDEXED, span, message)
        .help(format!("write `{word}` without its index: a key reads the first value found in any element"))
}

/// Deprecated fields and what is to be used in their place.
const SUCCESSORS: [(&str, &str); 14] = [
    ("cloud", "its successor `resource.attribute.cloud`"),
    ("file_metadata", "its successor `pe_file`"),
    ("groupid", "its successor `group_identifiers`"),
    ("ip_location", "its successor `ip_geo_artifact.location`"),
    ("labels", "`additional.fields[\"key\"]` of the event, or the field that the parser fills now"),
    ("parent_pid", "its successor `parent_process.pid`"),
    ("product_specific_parent_process_id", "its successor `parent_process.product_specific_process_id`"),
    ("region_latitude", "its successor `region_coordinates.latitude`"),
    ("region_longitude", "its successor `region_coordinates.longitude`"),
    ("role_name", "its successor `attribute.roles`"),
    ("user_role", "its successor `attribute.roles`"),
    ("type", "its successor `resource_type`, or `resource_subtype`"),
    ("id", "its successor `product_object_id`"),
    ("structured_fields", "`additional.fields[\"key\"]`"),
];

pub(super) fn deprecated(span: Span, path: &str, name: &str) -> Diagnostic {
    let successor = SUCCESSORS.iter().find(|(old, _)| *old == name).map(|(_, new)| format!("use {new}"));
    Diagnostic::new(&codes::DEPRECATED_FIELD, span, format!("`{name}` of `{path}` is deprecated"))
        .help(successor.unwrap_or_else(|| "look for its successor in the reference of UDM fields".to_owned()))
}

pub(super) fn field_without_variable(span: Span, path: &str, only: Option<&str>) -> Diagnostic {
    let event = only.unwrap_or("e");
    Diagnostic::new(&codes::FIELD_WITHOUT_VARIABLE, span, format!("`{path}` belongs to no event variable"))
        .help(format!("write `${event}.{path}`"))
}

pub(super) fn reserved_name(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is a word of the language and no name of a variable");
    Diagnostic::new(&codes::RESERVED_NAME, span, message).help(format!("write `${name}_value` or the like"))
}

pub(super) fn reserved_rule_name(name: &Name) -> Diagnostic {
    let message = format!("`{}` is a word of the language and no name of a rule", name.node);
    Diagnostic::new(&codes::RESERVED_NAME, name.span, message)
        .help(format!("write `{}_rule` or the like", name.node))
}

pub(super) fn undeclared(name: &Name, near: Option<&str>) -> Diagnostic {
    let help = did_you_mean(near.map(|near| format!("${near}")));
    let otherwise = format!(
        "under `events:`, `${0}.metadata.event_type = …` makes it an event variable, and `… = ${0}` a placeholder",
        name.node
    );
    Diagnostic::new(&codes::UNDECLARED_VARIABLE, name.span, format!("`${}` is not declared", name.node))
        .help(help.unwrap_or(otherwise))
}

pub(super) fn undeclared_event(name: &Name, known: Option<&str>) -> Diagnostic {
    let help = match known {
        Some(known) => format!("name an event variable of `events:`, such as `${known}`"),
        None => "use it in a statement under `events:` first".to_owned(),
    };
    Diagnostic::new(&codes::UNDECLARED_VARIABLE, name.span, format!("`${}` is not declared", name.node))
        .help(help)
}

pub(super) fn unbound(name: &str, placeholder: &Placeholder, near: Option<&str>) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean `${near}`?"),
        None => format!(
            "bind it in a statement of its own, as in `$e.principal.hostname = ${name}`; \
             an equality inside `or`, `not` or `if` is a test"
        ),
    };
    let message = format!("`${name}` is never given the value of an event field");
    Diagnostic::new(&codes::UNBOUND_PLACEHOLDER, placeholder.span, message).help(help)
}

pub(super) fn second_hand(span: Span, name: &str) -> Diagnostic {
    let message =
        format!("`${name}` is a function of placeholders alone, and a function of it binds nothing");
    Diagnostic::new(&codes::UNBOUND_PLACEHOLDER, span, message)
        .help(format!("write the call of `${name}` within this one, or begin it with an event field"))
}

pub(super) fn outcome_in_events(name: &str, span: Span, assigned: Span) -> Diagnostic {
    let message = format!("`${name}` is an outcome, computed after `events:`");
    Diagnostic::new(&codes::OUTCOME_TOO_EARLY, span, message)
        .also(assigned, "assigned here")
        .help(format!("compare `${name}` under `condition:`"))
}

pub(super) fn two_events(span: Span) -> Diagnostic {
    let message = "a placeholder takes the result of a call over one event variable, and this call uses two";
    Diagnostic::new(&codes::TWO_EVENTS_IN_CALL, span, message)
        .help("bind the field of each event to a placeholder of its own")
}

pub(super) fn two_events_in_call(span: Span, name: &str) -> Diagnostic {
    let message = format!("`{name}` takes the fields of one event variable, and these are of two");
    Diagnostic::new(&codes::TWO_EVENTS_IN_CALL, span, message)
        .help("compare the fields of each event one by one, or bind each to a placeholder of its own")
}

pub(super) fn outcome_too_early(name: &Name, assigned: Span) -> Diagnostic {
    if assigned.end <= name.span.start {
        let message = format!("`${}` is used in its own assignment", name.node);
        return Diagnostic::new(&codes::OUTCOME_TOO_EARLY, name.span, message)
            .help("give the new value a name of its own");
    }
    Diagnostic::new(
        &codes::OUTCOME_TOO_EARLY,
        name.span,
        format!("`${}` is assigned further down", name.node),
    )
    .also(assigned, "assigned here")
    .help("move the assignment above its use")
}

pub(super) fn name_taken(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::NAME_TAKEN, name.span, format!("`${}` already has a meaning", name.node))
        .also(first, "first here")
        .help("give the outcome a name of its own")
}

pub(super) fn too_many_outcomes(heading: Span, count: usize, most: usize) -> Diagnostic {
    let message = format!("{count} outcomes, and there may be {most}");
    Diagnostic::new(&codes::TOO_MANY_OUTCOMES, heading, message).help("remove some")
}

pub(super) fn event_as_value(name: &Name) -> Diagnostic {
    let message = format!("`${}` is an event and has no value of its own", name.node);
    Diagnostic::new(&codes::NOT_A_VALUE, name.span, message)
        .help(format!("name one of its fields, such as `${}.metadata.id`", name.node))
}

pub(super) fn counted_only(name: &Name) -> Diagnostic {
    let message = format!("`${}` is a placeholder, whose values are only counted here", name.node);
    let help = format!("write `#{}` for their number, or compare the value under `events:`", name.node);
    Diagnostic::new(&codes::NOT_A_VALUE, name.span, message).help(help)
}

pub(super) fn outcome_counted(name: &Name, span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NOT_A_VALUE, span, format!("`{}` is an outcome and is not counted", name.node))
        .help(format!("write `${}`", name.node))
}

pub(super) fn bare_outcome(name: &Name, kind: Option<Type>) -> Diagnostic {
    let zero = zero(kind);
    Diagnostic::new(&codes::BARE_VALUE, name.span, format!("`${}` is a value and no condition", name.node))
        .help(format!("compare it, as in `${} != {zero}`", name.node))
}

pub(super) fn count_not_here(span: Span, sign: &str, name: &str) -> Diagnostic {
    let message = format!("`{sign}{name}` stands only under `condition:`");
    Diagnostic::new(&codes::COUNT_NOT_HERE, span, message).help("move it to `condition:`")
}

pub(super) fn unknown_option(key: &Name, near: Option<&str>) -> Diagnostic {
    let otherwise = || "the options are `allow_zero_values` and `suppression_window`".to_owned();
    Diagnostic::new(&codes::UNKNOWN_OPTION, key.span, format!("there is no option `{}`", key.node))
        .help(did_you_mean(near).unwrap_or_else(otherwise))
}

pub(super) fn option_twice(key: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::OPTION_TWICE, key.span, format!("`{}` is given twice", key.node))
        .also(first, "first here")
        .help("keep one of them")
}

pub(super) fn bad_option(option: &OptionPair, wanted: &str) -> Diagnostic {
    let message = format!("bad value of `{}`", option.key.node);
    Diagnostic::new(&codes::BAD_OPTION, option.value.span, message).help(format!("write {wanted}"))
}

pub(super) fn bare_suppression(span: Span, seconds: u64) -> Diagnostic {
    Diagnostic::new(&codes::BARE_SUPPRESSION, span, format!("`{seconds}` has no unit and is read as seconds"))
        .help(format!("write `{seconds}s`"))
}

pub(super) fn short_suppression(span: Span, window: Span) -> Diagnostic {
    let message = "the suppression window is no longer than the match window";
    Diagnostic::new(&codes::SHORT_SUPPRESSION, span, message)
        .also(window, "the match window")
        .help("write a longer duration, or `0` for none")
}

pub(super) fn not_aggregated(span: Span, path: &str) -> Diagnostic {
    let message = format!("`{path}` may have many values, so an outcome takes it through an aggregate");
    Diagnostic::new(&codes::NOT_AGGREGATED, span, message)
        .help(format!("wrap it, as in `array_distinct({path})`"))
}

pub(super) fn key_not_aggregated(span: Span, name: &str) -> Diagnostic {
    let message =
        format!("`{name}` is a match variable, and an outcome takes even that through an aggregate");
    Diagnostic::new(&codes::NOT_AGGREGATED, span, message)
        .help(format!("wrap it, as in `array_distinct({name})`"))
}

pub(super) fn metric_not_aggregated(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::NOT_AGGREGATED, span, format!("an outcome takes `{name}` through an aggregate"))
        .help(format!("write `max({name}(…))`"))
}

pub(super) fn wrap_the_whole(found: Diagnostic, kind: Option<Type>) -> Diagnostic {
    let example = match kind {
        Some(Type::Int | Type::Uint | Type::Float) => "max",
        Some(Type::Text | Type::Bytes | Type::Bool | Type::Enum(_) | Type::Time | Type::List(_)) | None => {
            "array_distinct"
        }
    };
    found.help(format!("wrap the whole expression, as in `{example}(…)`"))
}

pub(super) fn aggregated_twice(span: Span, outer: &str, inner: &str) -> Diagnostic {
    let message = format!("`{inner}` inside of `{outer}` is already one value");
    Diagnostic::new(&codes::AGGREGATED_TWICE, span, message).help(format!("take `{inner}` or `{outer}` out"))
}

pub(super) fn too_many_lists(span: Span, most: usize, words: &str) -> Diagnostic {
    let message = format!("Google SecOps takes {most} tests with `{words}`, and this is one more");
    Diagnostic::new(&codes::TOO_MANY_LISTS, span, message).help("join some of the lists")
}

pub(super) fn bad_pattern(literal: Span, text: &str, error: &PatternError) -> Diagnostic {
    let span = super::lints::part(literal, text, error.at.start, error.at.len())
        .filter(|span| span.end > span.start);
    Diagnostic::new(&codes::BAD_PATTERN, span.unwrap_or(literal), error.message.clone())
        .maybe_help(error.help.clone())
}

pub(super) fn bare_value(expr: &Expr, kind: Option<Type>) -> Diagnostic {
    let message = "a value stands where a condition belongs";
    let help = match expr.as_literal() {
        Some(_) => "compare a field with it".to_owned(),
        None => format!("compare it, as in `… != {}`", zero(kind)),
    };
    Diagnostic::new(&codes::BARE_VALUE, expr.span, message).help(help)
}

/// The zero value as rules write it.
fn zero(kind: Option<Type>) -> &'static str {
    match kind {
        Some(Type::Int | Type::Uint | Type::Float | Type::Time) => "0",
        Some(Type::Bool) => "false",
        Some(Type::Text | Type::Bytes | Type::Enum(_) | Type::List(_)) | None => "\"\"",
    }
}
