//! The diagnostics of calls: functions and aggregates, and what is given to them.

use super::did_you_mean;
use crate::aggregates::Takes;
use crate::check::types::Family;
use crate::diag::{Diagnostic, codes};
use crate::functions::BadLiteral;
use crate::functions::metrics::BadMetric;
use crate::syntax::ast::{Call, Name};
use crate::text::Span;
use crate::value::Type;

pub(in crate::check) fn unknown_function(name: &Name, near: Option<&str>, siblings: Vec<&str>) -> Diagnostic {
    let help = did_you_mean(near).unwrap_or_else(|| match siblings.as_slice() {
        [] => "functions stand in `strings.`, `re.`, `net.`, `arrays.`, `math.`, `cast.`, `hash.`, `timestamp.` and \
               `window.`, as in `strings.to_lower($x)`"
            .to_owned(),
        some => format!("there are `{}`", some.join("`, `")),
    });
    Diagnostic::new(&codes::UNKNOWN_FUNCTION, name.span, format!("there is no function `{}`", name.node))
        .help(help)
}

pub(in crate::check) fn too_nested(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::TOO_NESTED, span, "this call is nested more than 20 deep")
        .help("give an inner part a name of its own, as a placeholder or an outcome, and use that")
}

pub(in crate::check) fn function_case(name: &Name, right: &str) -> Diagnostic {
    Diagnostic::new(&codes::FUNCTION_CASE, name.span, format!("`{}` is written in lower case", name.node))
        .help(format!("write `{right}`"))
}

pub(in crate::check) fn argument_count(call: &Call, least: usize, most: Option<usize>) -> Diagnostic {
    let plural =
        |count: usize| if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") };
    let wanted = match most {
        Some(most) if most == least => plural(least),
        Some(most) if most == least + 1 => format!("{least} or {}", plural(most)),
        Some(most) => format!("{least} to {}", plural(most)),
        None => format!("{} or more", plural(least)),
    };
    let message = format!("`{}` takes {wanted}, and {} were given", call.name.node, call.args.len());
    Diagnostic::new(&codes::ARGUMENT_COUNT, call.name.span, message.replace("and 1 were", "and 1 was"))
        .help(signature(&call.name.node))
}

/// The call as the table has it: `strings.split(string, delimiter)`.
fn signature(name: &str) -> String {
    let Some(function) = crate::functions::find(name) else {
        return match name {
            "if" => "write `if(condition, then, else)`".to_owned(),
            "group" => "write `group(field, …)`".to_owned(),
            _ => {
                let names = crate::aggregates::find(name).map_or(&["value"][..], |row| row.arguments.names());
                format!("write `{name}({})`", names.join(", "))
            }
        };
    };
    let params = function.params.iter().chain(&function.rest).map(|param| param.name);
    let end = if function.rest.is_some() { ", …" } else { "" };
    format!("write `{name}({}{end})`", params.collect::<Vec<_>>().join(", "))
}

pub(in crate::check) fn argument_kind(call: &Call, span: Span, wanted: &str, given: Family) -> Diagnostic {
    let message = format!("`{}` takes {wanted} here, and this is {}", call.name.node, given.name());
    let help = match (wanted, given) {
        ("a whole number" | "a number", Family::Text) => "convert it with `cast.as_int` or `cast.as_float`",
        ("a whole number", Family::Number) => "round it with `math.floor` or `math.ceil`",
        ("a number", Family::Time) => "write `.seconds` after the time",
        ("a string", Family::List) => "pick an element with `arrays.index_to_str`",
        ("a string", Family::Number) => {
            "write it as text with `cast.as_string`, or compare the number itself"
        }
        ("a list", Family::Text) => "cut it with `strings.split`, or collect values with `array`",
        ("a list", _) => "collect values with `array`",
        ("a boolean", _) => "compare it, or convert it with `cast.as_bool`",
        ("bytes", Family::Text) => "decode it with `strings.from_base64` or `strings.from_hex`",
        ("a number" | "a whole number", Family::Bool) => "write `if(…, 1, 0)` around it",
        (_, Family::Bool | Family::Time) => "convert it with `cast.as_string`",
        (_, Family::Text | Family::Number | Family::List) => "give it a value of that kind",
    };
    Diagnostic::new(&codes::ARGUMENT_KIND, span, message).help(help)
}

pub(in crate::check) fn named_argument(name: &Name) -> Diagnostic {
    let message = format!("`{}:` names an argument, and only `metrics.` functions take names", name.node);
    Diagnostic::new(&codes::ARGUMENT_KIND, name.span, message)
        .help(format!("take `{}:` out, and give the arguments in their order", name.node))
}

pub(in crate::check) fn literal_wanted(call: &Call, span: Span, param: &str) -> Diagnostic {
    let message = format!("the argument `{param}` of `{}` is a string literal", call.name.node);
    Diagnostic::new(&codes::ARGUMENT_KIND, span, message).help("write the text itself, in quotes")
}

pub(in crate::check) fn repeated_wanted(call: &Call, span: Span) -> Diagnostic {
    let message = format!("`{}` takes a repeated field", call.name.node);
    Diagnostic::new(&codes::ARGUMENT_KIND, span, message).help("for a computed list, use `arrays.size`")
}

pub(in crate::check) fn number_as_text(call: &Call, span: Span) -> Diagnostic {
    let message =
        format!("`{}` takes a string, and works on the decimal text of this number", call.name.node);
    Diagnostic::new(&codes::NUMBER_AS_TEXT, span, message)
        .help("compare the number itself with `=`, `<` or `>`")
}

pub(in crate::check) fn bad_argument(span: Span, bad: BadLiteral) -> Diagnostic {
    Diagnostic::new(&codes::BAD_ARGUMENT, span, bad.message).help(bad.help)
}

pub(in crate::check) fn bad_metric(bad: BadMetric) -> Diagnostic {
    Diagnostic::new(&codes::BAD_ARGUMENT, bad.span, bad.message).help(bad.help)
}

pub(in crate::check) fn nocase_after_call(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::NOCASE_AFTER_CALL, span, format!("`nocase` is not documented after `{name}`"))
        .help("fold the case of its arguments with `strings.to_lower`")
}

pub(in crate::check) fn if_branches(span: Span, then: Family, other: Family) -> Diagnostic {
    let message = format!("one result of this `if` is {}, and the other {}", then.name(), other.name());
    let zero = if then == Family::Text { "\"\"" } else { "0" };
    Diagnostic::new(&codes::IF_BRANCHES, span, message)
        .help(format!("give both one kind, such as `{zero}` here"))
}

pub(in crate::check) fn else_missing(span: Span, kind: Option<Type>) -> Diagnostic {
    let zero = if kind.map(Family::of) == Some(Family::Number) { "0" } else { "\"\"" };
    let message = "without a third argument `if` takes only a number written out";
    Diagnostic::new(&codes::ELSE_MISSING, span, message)
        .help(format!("add what stands otherwise, such as `{zero}`"))
}

pub(in crate::check) fn aggregate_not_here(name: &Name) -> Diagnostic {
    let message = format!("`{}` is computed over a whole group, and stands only under `outcome:`", name.node);
    Diagnostic::new(&codes::AGGREGATE_NOT_HERE, name.span, message)
        .help(format!("write `$x = {}(…)` under `outcome:`, and compare `$x` in the condition", name.node))
}

pub(in crate::check) fn if_in_condition(name: &Name) -> Diagnostic {
    let message = "`if` chooses a value, and stands only under `events:` and `outcome:`";
    Diagnostic::new(&codes::IF_IN_CONDITION, name.span, message).help(
        "write `$x = if(…)` under `outcome:` and compare `$x` here, or join the tests by `and` and `or`",
    )
}

pub(in crate::check) fn any_value_in_rule(name: &Name) -> Diagnostic {
    Diagnostic::new(
        &codes::UNKNOWN_FUNCTION,
        name.span,
        "`any_value` is a function of searches, and rules have none",
    )
    .help("write `array_distinct(…)` for the values, or `max(…)` for one of some numbers")
}

pub(in crate::check) fn hourly_alone(span: Span) -> Diagnostic {
    let message = "an hourly metric needs a daily one in the same rule";
    Diagnostic::new(&codes::BAD_ARGUMENT, span, message)
        .help("add an outcome with the same metric and `period: 1d, window: 30d`")
}

pub(in crate::check) fn group_not_here(name: &Name) -> Diagnostic {
    let message = "`group` makes a row of each value, and stands only under `events:`";
    Diagnostic::new(&codes::GROUP_NOT_HERE, name.span, message)
        .help("write `$x = group(…)` under `events:`, and use `$x` here")
}

pub(in crate::check) fn group_of_values(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::ARGUMENT_KIND, span, "`group` takes fields of an event")
        .help("name fields alone, as in `group($e.principal.ip, $e.target.ip)`")
}

pub(in crate::check) fn aggregate_kind(call: &Call, span: Span, takes: Takes, given: Family) -> Diagnostic {
    let (wanted, help) = match takes {
        Takes::Number if given == Family::Text => {
            ("numbers", "use `array_distinct`, or convert with `cast.as_int`")
        }
        Takes::Number if given == Family::Time => {
            ("numbers", "use `earliest` or `latest`, or add `.seconds`")
        }
        Takes::Number => ("numbers", "count or list such values"),
        Takes::Time => ("times", "give it a time, such as `$e.metadata.event_timestamp`"),
        Takes::Any => ("single values", "leave the aggregate out: this is a list already"),
    };
    let message = format!("`{}` takes {wanted}, and this is {}", call.name.node, given.name());
    Diagnostic::new(&codes::AGGREGATE_KIND, span, message).help(help)
}
