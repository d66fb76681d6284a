//! The diagnostics of values: comparisons, kinds, lists.

use super::did_you_mean;
use crate::check::types::Family;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Comparison, Expr, ExprKind, InList, Literal};
use crate::syntax::children;
use crate::syntax::print::print_expr;
use crate::text::{Span, Spanned};
use crate::value::Type;
use crate::value::operators::CompareOp;

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

pub(in crate::check) fn number_in_list(span: Span) -> Diagnostic {
    let message = "a list holds texts, and is asked here for the decimal text of a number";
    Diagnostic::new(&codes::NUMBER_AS_TEXT, span, message)
        .help("say so, as in `strings.concat($e.target.port, \"\") in %list`")
}

pub(in crate::check) fn list_in_list(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::LIST_COMPARED, span, "this is a list, and `in` looks a single value up")
        .help("test the field it is made of under `events:`, or look up one element, as in `arrays.index_to_str(list, 0)`")
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

pub(in crate::check) fn risk_score(span: Span, given: Family) -> Diagnostic {
    Diagnostic::new(
        &codes::RISK_SCORE,
        span,
        format!("`$risk_score` is a number, and this is {}", given.name()),
    )
    .help("write a number such as `65`")
}

pub(in crate::check) fn values_in_brackets(op: CompareOp, field: &Expr, values: &Expr) -> Diagnostic {
    let joint = if op == CompareOp::Ne { " and " } else { " or " };
    let (field, values_span) = (print_expr(field), values.span);
    let compared = |value: &&Expr| format!("{field} {} {}", op.symbol(), print_expr(value));
    let all: Vec<String> = children(values).iter().map(compared).collect();
    Diagnostic::new(&codes::BARE_VALUE, values_span, "`or` and `and` join conditions, not values")
        .help(format!("write `{}`", all.join(joint)))
}

pub(in crate::check) fn value_after_comparison(before: &Comparison, value: &Expr) -> Diagnostic {
    let (field, op) = (print_expr(&before.left), before.op.node.symbol());
    Diagnostic::new(&codes::BARE_VALUE, value.span, "a value stands where a condition belongs")
        .help(format!("write `{field} {op} {}`", print_expr(value)))
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
        Family::Time => "write `.seconds` after the field, or take `timestamp.diff` of two times",
        Family::Bool => "turn it into a number, as in `if(…, 1, 0)`",
        Family::List => "count it with `arrays.size`, or pick an element with `arrays.index_to_int`",
        Family::Number => "calculate with numbers",
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
        .help("write one comparison for each item, joined by `or`, or a function before the bracket")
}

pub(in crate::check) fn list_before_in(list: &InList) -> Diagnostic {
    let (name, value) = (print_expr(&list.value), print_expr(&list.list));
    Diagnostic::new(&codes::STRAY_LIST, list.value.span, format!("the list `{name}` stands before `in`"))
        .help(format!("write `{value} in {name}`"))
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

pub(in crate::check) fn nocase_on_ranges(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NOCASE_ON_RANGES, span, "`nocase` does not go with `in cidr`").help("take it out")
}

pub(in crate::check) fn nocase_without_text(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NOCASE_WITHOUT_TEXT, span, "`nocase` changes nothing here").help("take it out")
}
