#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::syntax::ast::{Assignment, Call, ExprKind, Unit};
use crate::syntax::{parse, print};
use crate::text::Sources;

/// Messages for `metrics.NAME(arguments)`.
fn judged(written: &str) -> Vec<String> {
    let text = format!("rule r {{ meta: events: $e.a = 1 outcome: $x = max({written}) condition: $e }}");
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    let parsed = parse(sources.get(id).unwrap());
    let errors: Vec<_> = parsed.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{written}: {errors:?}");
    let printed = print(&parsed.file);
    assert!(printed.contains("metrics."), "{printed}");
    let Some(Unit::Rule(rule)) = parsed.file.units.first() else { panic!("one rule") };
    let Assignment::Set { value, .. } = &rule.body.outcome.as_ref().unwrap().items[0] else { panic!("good") };
    let ExprKind::Call(Call { args, .. }) = &value.kind else { panic!("a call") };
    let ExprKind::Call(call) = &crate::syntax::visit::argument(&args[0]).kind else { panic!("a call") };
    let metric = find(&call.name.node).unwrap_or_else(|| panic!("`{}` has no row", call.name.node));
    judge(metric, call).into_iter().map(|bad| bad.message).collect()
}

const DAILY: &str = "period: 1d, window: 30d, agg: max";

#[test]
fn the_rows_are_sorted_and_say_what_they_count() {
    assert!(all().is_sorted_by(|left, right| left.name < right.name));
    assert!(all().iter().all(|metric| metric.counts.ends_with('.') && !metric.sets.is_empty()));
}

#[test]
fn good_calls_of_every_kind_are_let_through() {
    let good = [
        "metrics.auth_attempts_total(period: 1h, window: today, metric: event_count_sum, agg: max, principal.user.userid: $u)",
        "metrics.network_bytes_total(agg: avg, period: 1d, metric: value_sum, window: 30d, principal.asset.ip: \"10.0.0.1\")",
        "metrics.network_bytes_total(period: 1d, window: 30d, agg: sum, metric: value_sum, target.user.userid: $u)",
        "metrics.auth_attempts_success(period: 1d, window: 30d, metric: first_seen, agg: min, principal.asset.hostname: $h, target.asset.hostname: $t, target.namespace: $n, filter: event_count_sum > 10 and timestamp.get_day_of_week(first_seen) = 3)",
        "metrics.auth_attempts_total(period: 1d, window: 30d, metric: num_unique_filter_values, agg: max, target.user.userid: $u, target.application: *)",
        "metrics.file_executions_total(period: 1d, window: 30d, metric: last_seen, agg: num_metric_periods, metadata.event_type: $t, principal.process.file.sha256: $s)",
    ];
    for call in good {
        assert_eq!(judged(call), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn each_mistake_is_named_once() {
    let cases = [
        ("metrics.dns_queries_total($u)".to_owned(), "`metrics.dns_queries_total` takes named arguments"),
        (
            format!("metrics.dns_queries_total({DAILY}, agg: min, metric: event_count_sum, principal.user.userid: $u)"),
            "the argument `agg` is given twice",
        ),
        (
            "metrics.dns_queries_total(window: 30d, agg: max, metric: event_count_sum, principal.user.userid: $u)".to_owned(),
            "`metrics.dns_queries_total` lacks the argument `period`",
        ),
        (
            "metrics.dns_queries_total(period: 1h, window: 30d, agg: max, metric: event_count_sum, principal.user.userid: $u)".to_owned(),
            "this period and this window do not go together",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: value_sum, principal.user.userid: $u)"),
            "this is no `metric` of `metrics.dns_queries_total`",
        ),
        (
            "metrics.dns_queries_total(period: 1d, window: 30d, agg: median, metric: first_seen, principal.user.userid: $u)".to_owned(),
            "this is no `agg` of `metrics.dns_queries_total`",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, principal.hostname: $u)"),
            "`metrics.dns_queries_total` is not kept by `principal.hostname`",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, network.dns_domain: $u)"),
            "`metrics.dns_queries_total` is not kept by these fields together",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, principal.user.userid: \"\")"),
            "nothing is kept for a zero value",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, principal.user.userid: $u, target.namespace: $n)"),
            "`target.namespace` goes with a field of `target`",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, principal.user.userid: *)"),
            "`*` stands for values that are counted",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: num_unique_filter_values, principal.user.userid: $u)"),
            "`num_unique_filter_values` counts the values of one field",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, principal.user.userid: $u, filter: first_seen > $p)"),
            "a `filter` looks at metrics alone",
        ),
        (
            format!("metrics.dns_queries_total({DAILY}, metric: first_seen, principal.user.userid: $u, filter: first_seen + $e.a > 10)"),
            "a `filter` looks at metrics alone",
        ),
    ];
    for (call, message) in cases {
        assert_eq!(judged(&call), [message], "{call}");
    }
}
