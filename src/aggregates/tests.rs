//! Numbers worked out by hand.

use super::*;
use crate::value::Timestamp;

fn run(name: &str, values: &[(Value<'static>, u64)]) -> (Value<'static>, Option<Overflow>) {
    let mut under_way = (find(name).unwrap().start)();
    for (value, weight) in values {
        under_way.add(value, *weight);
    }
    under_way.finish()
}

fn fine(name: &str, values: &[(Value<'static>, u64)]) -> Value<'static> {
    let (value, overflow) = run(name, values);
    assert_eq!(overflow, None);
    value
}

fn ints(numbers: &[i64]) -> Vec<(Value<'static>, u64)> {
    numbers.iter().map(|number| (Value::Int(*number), 1)).collect()
}

fn texts(texts: &[&str]) -> Vec<(Value<'static>, u64)> {
    texts.iter().map(|text| (Value::owned(*text), 1)).collect()
}

fn list(items: &[&str]) -> Value<'static> {
    Value::List(items.iter().map(|text| Value::owned(*text)).collect())
}

#[test]
fn every_row_is_found_by_its_name_and_described() {
    for row in all() {
        assert_eq!(find(row.name).map(|found| found.name), Some(row.name));
        assert!(!row.summary.is_empty(), "{}", row.name);
    }
    assert!(find("variance").is_none());
}

#[test]
fn the_documents_example_counts_three_rows_of_two_assets() {
    let assets = texts(&["asset-a", "asset-b", "asset-b"]);
    assert_eq!(fine("count", &assets), Value::Int(3));
    assert_eq!(fine("count_distinct", &assets), Value::Int(2));
    assert_eq!(fine("array", &assets), list(&["asset-a", "asset-b", "asset-b"]));
    assert_eq!(fine("array_distinct", &assets), list(&["asset-a", "asset-b"]));
}

#[test]
fn an_aggregate_that_sees_values_alone_gives_the_same_for_any_weight() {
    // As long as all weights are the same.
    const MEANS: [&str; 4] = ["avg", "window.avg", "window.median", "window.mode"];
    let plain = ints(&[3, 1, 2, 3]);
    let heavy: Vec<_> = plain.iter().map(|(value, _)| (value.clone(), 7)).collect();
    for row in all().iter().filter(|row| row.takes != Takes::Time) {
        let same = run(row.name, &plain) == run(row.name, &heavy);
        let expected = row.sees == Sees::Values || MEANS.contains(&row.name);
        assert_eq!(same, expected, "{}", row.name);
    }
}

#[test]
fn a_weight_stands_for_so_many_rows() {
    let weighed = [(Value::Int(2), 3), (Value::Int(10), 1)];
    assert_eq!(fine("count", &weighed), Value::Int(4));
    assert_eq!(fine("sum", &weighed), Value::Int(16));
    assert_eq!(fine("avg", &weighed), Value::Float(4.0));
    // Distances 2, 2, 2, 6 from the mean: 48 over 3 rows is 16.
    assert_eq!(fine("stddev", &weighed), Value::Float(4.0));
    assert_eq!(
        fine("array", &weighed),
        Value::List(vec![Value::Int(2), Value::Int(2), Value::Int(2), Value::Int(10)])
    );
}

#[test]
fn no_rows_give_zero_values() {
    for weightless in [&[][..], &[(Value::Int(9), 0)]] {
        for name in ["max", "min", "sum", "count", "count_distinct"] {
            assert_eq!(fine(name, weightless), Value::Int(0), "{name}");
        }
        assert_eq!(fine("avg", weightless), Value::Float(0.0));
        assert_eq!(fine("stddev", weightless), Value::Float(0.0));
        assert_eq!(fine("array", weightless), Value::List(Vec::new()));
        assert_eq!(fine("array_distinct", weightless), Value::List(Vec::new()));
    }
    assert_eq!(fine("earliest", &[]), Value::Time(Timestamp(0)));
    assert_eq!(fine("latest", &[]), Value::Time(Timestamp(0)));
}

#[test]
fn extremes_keep_the_kind_they_came_in() {
    assert_eq!(fine("max", &ints(&[-5, -2, -9])), Value::Int(-2));
    assert_eq!(fine("min", &ints(&[-5, -2, -9])), Value::Int(-9));
    let mixed = [(Value::Int(2), 1), (Value::Float(2.5), 1), (Value::Uint(u64::MAX), 1)];
    assert_eq!(fine("max", &mixed), Value::Uint(u64::MAX));
    assert_eq!(fine("max", &mixed[..2]), Value::Float(2.5));
    assert_eq!(fine("min", &mixed), Value::Int(2));
}

#[test]
fn a_sum_overflows_on_its_total_and_not_on_the_way() {
    let back = [(Value::Uint(u64::MAX), 5), (Value::Int(-1), 1), (Value::Uint(u64::MAX), 0)];
    assert_eq!(run("sum", &back), (Value::Int(0), Some(Overflow)));
    let fits = [(Value::Int(i64::MAX), 4), (Value::Int(i64::MIN), 4), (Value::Int(7), 1)];
    assert_eq!(fine("sum", &fits), Value::Int(3));
    let above = [(Value::Int(i64::MAX), 2)];
    assert_eq!(fine("sum", &above), Value::Uint(u64::MAX - 1));
}

#[test]
fn a_sum_with_a_float_is_a_float() {
    assert_eq!(fine("sum", &[(Value::Int(1), 1), (Value::Float(0.5), 3)]), Value::Float(2.5));
    let large = [(Value::Float(f64::MAX), 2)];
    assert_eq!(run("sum", &large), (Value::Float(0.0), Some(Overflow)));
}

#[test]
fn a_mean_counts_zero_values() {
    assert_eq!(fine("avg", &ints(&[0, 0, 6])), Value::Float(2.0));
    assert_eq!(fine("stddev", &ints(&[2, 4])), Value::Float(2.0_f64.sqrt()));
    assert_eq!(fine("stddev", &ints(&[5])), Value::Float(0.0));
}

#[test]
fn numbers_are_told_apart_by_value_and_text_exactly() {
    let numbers = [(Value::Int(1), 1), (Value::Uint(1), 1), (Value::Float(1.0), 1), (Value::Float(1.5), 1)];
    assert_eq!(fine("count_distinct", &numbers), Value::Int(2));
    assert_eq!(fine("count_distinct", &[(Value::Float(0.0), 1), (Value::Float(-0.0), 1)]), Value::Int(1));
    let mixed = [(Value::owned("1"), 1), (Value::Int(1), 1), (Value::owned("A"), 1), (Value::owned("a"), 1)];
    assert_eq!(fine("count_distinct", &mixed), Value::Int(4));
    assert_eq!(fine("count_distinct", &texts(&["", "x", ""])), Value::Int(2));
}

#[test]
fn arrays_are_cut_at_twenty_five_after_what_is_distinct_is_found() {
    let many = [(Value::Int(1), 1_000_000_000), (Value::Int(2), 1)];
    let Value::List(items) = fine("array", &many) else { panic!() };
    assert_eq!(items, vec![Value::Int(1); LIMIT]);
    let numbers: Vec<i64> = (0..100).map(|number| number / 2).collect();
    let Value::List(items) = fine("array_distinct", &ints(&numbers)) else { panic!() };
    assert_eq!(items, (0..25).map(Value::Int).collect::<Vec<_>>());
}

#[test]
fn times_keep_their_nanoseconds() {
    let times = [5, -3, 8].map(|nanos| (Value::Time(Timestamp(nanos)), 1));
    assert_eq!(fine("earliest", &times), Value::Time(Timestamp(-3)));
    assert_eq!(fine("latest", &times), Value::Time(Timestamp(8)));
}

/// Rows of several arguments, one after the other.
fn rows(name: &str, rows: &[&[Value<'static>]]) -> Value<'static> {
    let mut under_way = (find(name).unwrap().start)();
    rows.iter().for_each(|row| under_way.add_row(row, 1));
    under_way.finish().0
}

#[test]
fn zeros_are_ignored_on_request_alone() {
    let numbers = [-2, 0, 0, 4].map(Value::Int);
    let with = |ignore: bool| numbers.clone().map(|number| [number, Value::Bool(ignore)]);
    for (name, kept, ignored) in [
        ("window.avg", Value::Float(0.5), Value::Float(1.0)),
        ("window.median", Value::Float(0.0), Value::Float(-2.0)),
    ] {
        let (all, some) = (with(false), with(true));
        assert_eq!(rows(name, &all.each_ref().map(|row| &row[..])), kept, "{name}");
        assert_eq!(rows(name, &some.each_ref().map(|row| &row[..])), ignored, "{name}");
        assert_eq!(rows(name, &numbers.each_ref().map(std::slice::from_ref)), kept, "{name}");
        assert_eq!(rows(name, &[&[Value::Int(0), Value::Bool(true)]]), Value::Float(0.0), "{name}");
    }
    assert_eq!(rows("window.range", &[&[Value::Int(0), Value::Bool(true)]]), Value::List(vec![]));
}

#[test]
fn the_first_and_last_row_are_told_by_their_key_and_then_by_their_order() {
    let row = |key: i64, value: &str| [Value::Int(key), Value::owned(value)];
    let all = [row(2, "b"), row(1, "a"), row(1, "c"), row(2, "d")];
    let all = all.each_ref().map(|row| &row[..]);
    assert_eq!(rows("window.first", &all), Value::text("a"));
    assert_eq!(rows("window.last", &all), Value::text("d"));
    assert_eq!(rows("window.first", &[&[Value::Int(1), Value::Int(80)]]), Value::text("80"));
    assert_eq!(rows("window.last", &[]), Value::text(""));
}

#[test]
fn the_mode_and_the_median_count_rows_and_settle_ties() {
    assert_eq!(fine("window.mode", &texts(&["b", "a", "a", "b"])), Value::text("b"));
    assert_eq!(fine("window.mode", &[(Value::Int(1), 1), (Value::Float(2.0), 3)]), Value::text("2"));
    assert_eq!(fine("window.median", &ints(&[4, 1, 3, 2])), Value::Float(2.0));
    let mixed = [(Value::Float(-1.5), 1), (Value::Int(-3), 1), (Value::Int(7), 3)];
    assert_eq!(fine("window.median", &mixed), Value::Float(7.0));
    assert_eq!(fine("window.median", &mixed[..2]), Value::Float(-3.0));
    assert_eq!(fine("window.variance", &[(Value::Int(2), 3), (Value::Int(10), 1)]), Value::Float(16.0));
}

#[test]
fn the_mean_of_whole_numbers_is_their_sum_divided_once() {
    let avg = super::find("avg").unwrap();
    let mut state = (avg.start)();
    [10, 20, 5].into_iter().for_each(|number| state.add(&Value::Int(number), 1));
    assert_eq!(state.finish().0, Value::Float(35.0 / 3.0));
}

#[test]
fn the_mean_of_doubles_whose_sum_is_out_of_range_is_found() {
    let avg = super::find("avg").unwrap();
    let mut state = (avg.start)();
    [f64::MAX, f64::MAX].into_iter().for_each(|number| state.add(&Value::Float(number), 1));
    assert_eq!(state.finish().0, Value::Float(f64::MAX));
}

/// Rows as overlapping windows see them: random values and weights, and windows that only go forward.
fn overlapping(
    make: impl Fn(u64) -> Value<'static>,
) -> (Vec<(Value<'static>, u64)>, Vec<std::ops::Range<usize>>) {
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let rows: Vec<_> = (0..300).map(|_| (make(random(1 << 30)), random(4))).collect();
    let (mut windows, mut from, mut to) = (Vec::new(), 0, 0);
    while to < rows.len() {
        windows.push(from..to);
        to = (to + random(12) as usize).min(rows.len());
        from = (from + random(13) as usize).min(to);
    }
    (rows, windows)
}

/// In how many windows the sliding aggregate gives a result; it is that of the same rows taken in anew.
fn slid(
    row: &Aggregate,
    (rows, windows): &(Vec<(Value<'static>, u64)>, Vec<std::ops::Range<usize>>),
) -> usize {
    let item = |index: usize| {
        let (value, weight) = &rows[index];
        let number = rows.iter().position(|(other, _)| other == value).unwrap();
        Item { number: u32::try_from(number).unwrap(), value: value.borrowed(), weight: *weight }
    };
    let (mut sliding, mut within, mut known) = (row.slide.unwrap()(), 0..0, 0);
    for window in windows {
        (within.start..window.start.min(within.end)).for_each(|index| sliding.remove(&item(index)));
        (within.end.max(window.start)..window.end).for_each(|index| sliding.add(&item(index)));
        within = window.clone();
        if let Some(result) = sliding.result() {
            assert_eq!(result, run(row.name, &rows[window.clone()]), "{} of {window:?}", row.name);
            known += 1;
        }
    }
    known
}

#[test]
fn what_slides_over_windows_is_what_their_rows_give() {
    let kinds: [fn(u64) -> Value<'static>; 7] = [
        |random| Value::Int(i64::try_from(random % 40).unwrap() - 20),
        |random| Value::Int(if random % 2 == 0 { i64::MAX } else { i64::MIN }),
        |random| Value::Uint(u64::MAX - random % 3),
        |random| Value::Bool(random % 5 == 0),
        |random| Value::owned(format!("{}", random % 9)),
        |random| Value::Float(f64::from(u32::try_from(random % 50).unwrap()) / 4.0 - 6.0),
        |random| Value::Time(Timestamp(i64::try_from(random % 90).unwrap() - 45)),
    ];
    for row in all().iter().filter(|row| row.slide.is_some()) {
        for kind in kinds {
            let rows = overlapping(kind);
            let known = slid(row, &rows);
            let is_whole = matches!(rows.0[0].0, Value::Int(_) | Value::Uint(_) | Value::Bool(_));
            let hangs_on_rounding = ["sum", "avg"].contains(&row.name) && !is_whole;
            let expected = rows.1.iter().filter(|window| !hangs_on_rounding || window.is_empty()).count();
            assert_eq!(known, expected, "{}", row.name);
        }
    }
}

#[test]
fn values_of_several_kinds_slide_only_where_that_changes_nothing() {
    let mixed: fn(u64) -> Value<'static> = |random| match random % 5 {
        0 => Value::Float(-0.0),
        1 => Value::Float(1.0),
        2 => Value::Uint(random % 3),
        3 => Value::List(vec![Value::Int(1), Value::Float(2.0)]),
        _ => Value::Int(i64::try_from(random % 3).unwrap()),
    };
    for row in all().iter().filter(|row| row.slide.is_some()) {
        slid(row, &overlapping(mixed));
    }
}
