//! The diagnostics of values: functions, arguments, comparisons, kinds.

use super::did_you_mean;
use crate::aggregates::Takes;
use crate::check::types::Family;
use crate::diag::{Diagnostic, codes};
use crate::functions::BadLiteral;
use crate::functions::metrics::BadMetric;
use crate::syntax::ast::{Call, Comparison, Expr, ExprKind, Literal, Name};
use crate::text::{Span, Spanned};
use crate::value::Type;
use crate::value::operators::CompareOp;

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

pub(in crate::check) fn modulus_on_float(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::MODULUS_ON_FLOAT, span, "`%` takes whole numbers, and this is a float")
        .help("round it with `math.floor`, or convert with `cast.as_int`")
}

pub(in crate::check) fn quantified_value(span: Span, word: &str, path: &str) -> Diagnostic {
    Diagnostic::new(&codes::QUANTIFIED_VALUE, span, format!("`{word}` compares nothing here"))
        .help(format!("write `{path}` alone"))
}

pub(in crate::check) fn outcome_kind(comparison: &Comparison, left: Family, right: Family) -> Diagnostic {
    let span = comparison.left.span.to(comparison.right.span);
    let (literal, other) = if matches!(comparison.right.kind, ExprKind::Literal(_)) {
        (&comparison.right, left)
    } else {
        (&comparison.left, right)
    };
    let help = match other {
        Family::Number => unquoted(literal).unwrap_or_else(|| "compare it with a number".to_owned()),
        Family::Text => "compare it with a string in quotes".to_owned(),
        Family::Bool => "compare it with `true` or `false`".to_owned(),
        Family::Time => "compare it with a time such as `\"2024-05-01T00:00:00Z\"`".to_owned(),
        Family::List => "write `arrays.contains(list, value)`".to_owned(),
    };
    let message = format!("this compares {} with {}", left.name(), right.name());
    Diagnostic::new(&codes::OUTCOME_KIND, span, message).help(help)
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
        (_, Family::Bool | Family::Time) => "convert it with `cast.as_string`",
        (_, Family::Text | Family::Number | Family::List) => "give it a value of that kind",
    };
    Diagnostic::new(&codes::ARGUMENT_KIND, span, message).help(help)
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

pub(in crate::check) fn number_in_list(span: Span) -> Diagnostic {
    let message = "a list holds texts, and is asked here for the decimal text of a number";
    Diagnostic::new(&codes::NUMBER_AS_TEXT, span, message)
        .help("say so, as in `strings.concat($e.target.port, \"\") in %list`")
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

pub(in crate::check) fn other_element(value: &Expr, wanted: Family, given: Family) -> Diagnostic {
    let plural = |family: Family| family.name().trim_start_matches("a ").to_owned() + "s";
    let message = format!("this looks for {} in a list of {}", given.name(), plural(wanted));
    let help = match (wanted, &value.kind) {
        (Family::Number, _) => unquoted(value).unwrap_or_else(|| "look for a number".to_owned()),
        (Family::Text, ExprKind::Literal(Literal::Int(number))) => format!("write `\"{number}\"`"),
        (Family::Text, _) => "look for a string in quotes".to_owned(),
        (Family::Bool, _) => "look for `true` or `false`".to_owned(),
        (Family::Time | Family::List, _) => format!("look for {}", wanted.name()),
    };
    Diagnostic::new(&codes::OUTCOME_KIND, value.span, message).help(help)
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

pub(in crate::check) fn risk_score(span: Span, given: Family) -> Diagnostic {
    Diagnostic::new(
        &codes::RISK_SCORE,
        span,
        format!("`$risk_score` is a number, and this is {}", given.name()),
    )
    .help("write a number such as `65`")
}

pub(in crate::check) fn both_literal(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::BOTH_LITERAL, span, "both sides of this comparison are literals")
        .help("compare a field, a variable or a call")
}

pub(in crate::check) fn pattern_on_number(span: Span, family: Family) -> Diagnostic {
    let help = match family {
        Family::List => "pick an element with `arrays.index_to_str`, or ask `arrays.contains`",
        Family::Number | Family::Bool | Family::Time | Family::Text => "compare it with `=`, `<` or `>`",
    };
    let message = format!("a pattern looks into strings, and the other side is {}", family.name());
    Diagnostic::new(&codes::PATTERN_ON_NUMBER, span, message).help(help)
}

pub(in crate::check) fn null(span: Span, kind: Option<Type>) -> Diagnostic {
    let zero = super::zero(kind);
    Diagnostic::new(&codes::NULL, span, "there is no null: an absent field holds the zero value of its kind")
        .help(format!("compare with it, as in `… = {zero}`"))
}

pub(in crate::check) fn arithmetic_kind(span: Span, family: Family) -> Diagnostic {
    let help = match family {
        Family::Text => "join strings with `strings.concat`, or convert with `cast.as_int`",
        Family::Time => "write `.seconds` after the time",
        Family::Number | Family::Bool | Family::List => "calculate with numbers",
    };
    Diagnostic::new(
        &codes::ARITHMETIC_KIND,
        span,
        format!("a calculation takes numbers, and this is {}", family.name()),
    )
    .help(help)
}

pub(in crate::check) fn stray_pattern(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::STRAY_PATTERN, span, "a pattern is no value here")
        .help("write it after `=` or `!=`, or as the pattern of `re.regex`")
}

pub(in crate::check) fn stray_list(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::STRAY_LIST, span, format!("the list `%{name}` is no value"))
        .help(format!("write `… in %{name}`"))
}

pub(in crate::check) fn stray_array(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::STRAY_LIST, span, "a list in brackets is no value")
        .help("write one comparison for each item, joined by `or`")
}

pub(in crate::check) fn not_a_list_test(list: &Expr) -> Diagnostic {
    Diagnostic::new(&codes::NOT_A_LIST_TEST, list.span, "after `in` comes a reference list")
        .help("write `in %name`, or compare with `=`")
}

pub(in crate::check) fn quantified_scalar(span: Span, word: &str, path: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::QUANTIFIED_SCALAR,
        span,
        format!("`{path}` is not repeated, so `{word}` has no meaning"),
    )
    .help(format!("take `{word}` out"))
}

pub(in crate::check) fn quantified_column(span: Span, word: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` holds one value in each row, so `{word}` has no meaning");
    Diagnostic::new(&codes::QUANTIFIED_SCALAR, span, message)
        .help(format!("look into a list with `arrays.contains({path}, …)`"))
}

pub(in crate::check) fn quantified_access(span: Span, word: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` is one element by its index or key, so `{word}` has no meaning");
    Diagnostic::new(&codes::QUANTIFIED_SCALAR, span, message)
        .help(format!("take `{word}` or the brackets out"))
}

pub(in crate::check) fn quantified_placeholder(span: Span, word: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::QUANTIFIED_SCALAR,
        span,
        format!("`{word}` cannot stand beside the placeholder `${name}`"),
    )
    .help(format!("take `{word}` out: the placeholder then stands for each element in turn"))
}

pub(in crate::check) fn quantified_join(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&codes::QUANTIFIED_SCALAR, span, format!("`{word}` cannot join two events"))
        .help(format!("take `{word}` out: each element is then compared"))
}

pub(in crate::check) fn list_compared(comparison: &Comparison, left: Family) -> Diagnostic {
    let span = if left == Family::List { comparison.left.span } else { comparison.right.span };
    Diagnostic::new(&codes::LIST_COMPARED, span, "this is a list, and no single value equals it")
        .help("write `arrays.contains(list, value)`")
}

pub(in crate::check) fn other_kind(comparison: &Comparison, kinds: [Type; 2]) -> Diagnostic {
    let [left, right] = kinds.map(Family::of);
    let span = comparison.left.span.to(comparison.right.span);
    let message = format!("this compares {} with {}", left.name(), right.name());
    let help = match (left, right) {
        (Family::Number, Family::Text) => unquoted(&comparison.right),
        (Family::Text, Family::Number) => unquoted(&comparison.left),
        _ => None,
    };
    let enumeration = kinds.iter().any(|kind| matches!(kind, Type::Enum(_)));
    let otherwise = match (left, right) {
        _ if enumeration => "write the name of the enum, in quotes and capitals",
        (Family::Number, Family::Text) | (Family::Text, Family::Number) => {
            "write the number without quotes, or the string with them"
        }
        (Family::Bool, Family::Text) | (Family::Text, Family::Bool) => {
            "write `true` or `false` without quotes"
        }
        (Family::Time, _) | (_, Family::Time) => "write `.seconds` after the time",
        _ => "compare values of one kind",
    };
    Diagnostic::new(&codes::OTHER_KIND, span, message).help(otherwise).maybe_help(help)
}

/// `"443"` beside a number is `443`.
fn unquoted(side: &Expr) -> Option<String> {
    let (ExprKind::Literal(Literal::Text(text)) | ExprKind::Literal(Literal::Raw(text))) = &side.kind else {
        return None;
    };
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    digits.then(|| format!("write `{text}` without quotes"))
}

pub(in crate::check) fn bool_ordered(op: &Spanned<CompareOp>) -> Diagnostic {
    let message = format!("booleans have no order for `{}`", op.node.symbol());
    Diagnostic::new(&codes::BOOL_ORDERED, op.span, message).help("write `=` or `!=`")
}

pub(in crate::check) fn text_ordered(op: &Spanned<CompareOp>) -> Diagnostic {
    let message = format!("`{}` orders these strings byte by byte", op.node.symbol());
    Diagnostic::new(&codes::TEXT_ORDERED, op.span, message)
        .help("convert with `cast.as_int` where numbers are meant")
}

pub(in crate::check) fn text_outcome_ordered(op: &Spanned<CompareOp>) -> Diagnostic {
    let message = format!("a string outcome has no order for `{}`", op.node.symbol());
    Diagnostic::new(&codes::TEXT_OUTCOME_ORDERED, op.span, message).help("write `=` or `!=`")
}

pub(in crate::check) fn unknown_member(
    span: Span,
    text: &str,
    near: Option<&str>,
    names: &[String],
) -> Diagnostic {
    let some =
        || names.iter().filter(|name| !name.contains("UNSPECIFIED") && !name.contains("UNKNOWN")).take(3);
    let otherwise = || some().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let help = did_you_mean(near).unwrap_or_else(|| format!("the field holds names such as {}", otherwise()));
    Diagnostic::new(&codes::UNKNOWN_ENUM_MEMBER, span, format!("the field never holds `{text}`")).help(help)
}

pub(in crate::check) fn nocase_on_enum(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NOCASE_ON_ENUM, span, "`nocase` does not go with an enum")
        .help("take it out, and write the name in capitals")
}

pub(in crate::check) fn nocase_without_text(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NOCASE_WITHOUT_TEXT, span, "`nocase` changes nothing here").help("take it out")
}
