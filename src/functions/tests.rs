#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::value::operators::Case;

fn call(name: &str, values: &[Value], pattern: Option<&Pattern>) -> Value<'static> {
    let args = Args { values, pattern, now: Timestamp(0), seed: 1 };
    let found = find(name).unwrap_or_else(|| panic!("`{name}` has no row"));
    (found.body)(&args).unwrap_or(Value::Int(0)).into_static()
}

#[test]
fn the_rows_are_sorted_and_found_by_name() {
    assert!(all().is_sorted_by(|left, right| left.name < right.name));
    assert!(all().iter().all(|row| find(row.name).is_some_and(|found| found.name == row.name)));
    assert!(find("strings.substr").is_none());
}

#[test]
fn every_row_says_what_it_does() {
    for row in all() {
        assert!(row.summary.ends_with('.') && !row.source.is_empty(), "{}", row.name);
        let optional_last = row.params.is_sorted_by_key(|param| param.need == Need::Optional);
        assert!(optional_last, "{}", row.name);
    }
}

/// Values of every kind, the worst of each.
fn nasty() -> Vec<Value<'static>> {
    vec![
        Value::text(""),
        Value::owned("é\u{0}\u{10ffff}%E4%zz@:[//..".repeat(20)),
        Value::text("1e999999999"),
        Value::text("-9223372036854775808"),
        Value::text("99999999999999999999"),
        Value::text("+14:"),
        Value::text("%"),
        Value::text("%E9S%E"),
        Value::text("\\"),
        Value::text("WEEK"),
        Value::text("YEARS"),
        Value::Bytes(Cow::Owned(vec![0xff, 0xfe, 0xc3])),
        Value::Int(0),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX),
        Value::Uint(u64::MAX),
        Value::Float(f64::MAX),
        Value::Float(f64::NAN),
        Value::Float(-0.0),
        Value::Bool(true),
        Value::Time(Timestamp(i64::MIN)),
        Value::List(vec![Value::text("x"), Value::Float(f64::INFINITY), Value::Int(3)]),
        Value::List(vec![]),
    ]
}

#[test]
fn no_argument_makes_a_body_panic() {
    let patterns = ["", "(.)?", "(a)(b)", "é*"].map(|text| Pattern::parse(text, Case::Exact).unwrap());
    let values = nasty();
    for row in all() {
        call(row.name, &[], None);
        for first in &values {
            call(row.name, std::slice::from_ref(first), Some(&patterns[0]));
            for (index, second) in values.iter().enumerate() {
                let pattern = &patterns[index % patterns.len()];
                call(row.name, &[first.clone(), second.clone()], Some(pattern));
                let three = [first.clone(), second.clone(), second.clone(), first.clone()];
                call(row.name, &three, Some(pattern));
                if let Some(verify) = row.verify {
                    let _ = verify(&three.clone().map(Some), Some(pattern));
                }
            }
        }
    }
}

#[test]
fn a_long_text_is_no_trouble() {
    let long = "é\u{0}%E4@:[//..".repeat(20_000);
    let pattern = Pattern::parse("(.)?", Case::Exact).unwrap();
    for row in all() {
        call(row.name, &[Value::text(&long), Value::text("x"), Value::text("y")], Some(&pattern));
    }
}

/// Folds the fingerprints of 3200 texts of many lengths into one number, as the published test of the algorithm does.
#[test]
fn the_fingerprint_has_the_published_checksum() {
    let (mut bytes, mut hash) = (Vec::<u8>::new(), 0_u64);
    for round in 0..800_usize {
        for choice in 0..4 {
            let most = bytes.len().max(1);
            let length = [round, round * round % most, round * round * round % most, bytes.len()][choice];
            let mut text = bytes.clone();
            text.resize(length, 0);
            hash ^= fingerprint::fingerprint(&text);
            hash = (hash ^ (hash >> 41)).wrapping_mul(949_921_979);
            bytes.push(b'a' + ((hash & 0xf_ffff) % 26) as u8);
        }
        let count = bytes.len();
        let [x0, x1, x2, x3] = [count - 1, count - 2, count - 3, count / 2].map(|at| usize::from(bytes[at]));
        bytes[((x0 << 16) + (x1 << 8) + x2) % count] ^= x3 as u8;
        bytes[((x1 << 16) + (x2 << 8) + x3) % count] ^= round as u8;
    }
    assert_eq!(hash, 0xeaa3_b1c9_8526_1632);
}

fn refused(name: &str, values: &[&str], pattern: Option<&Pattern>) -> Option<BadLiteral> {
    let values: Vec<_> = values.iter().map(|text| Some(Value::owned(*text))).collect();
    (find(name)?.verify?)(&values, pattern).err()
}

#[test]
fn literals_are_judged_before_a_run() {
    let two = Pattern::parse("(a)(b)", Case::Exact).unwrap();
    assert!(refused("re.capture", &["", "(a)(b)"], Some(&two)).unwrap().message.contains("2 capture groups"));
    assert!(refused("re.replace", &["", "", r"\2\\\0"], Some(&two)).is_none());
    assert!(refused("re.replace", &["", "", r"\3"], Some(&two)).unwrap().message.contains("`\\3`"));
    assert!(refused("re.replace", &["", "", r"a\"], Some(&two)).is_some());
    assert!(refused("re.replace", &["", "", r"\n"], Some(&two)).is_some());
    assert!(refused("net.ip_in_range_cidr", &["", "10.0.0.1/8"], None).is_none());
    assert!(refused("net.ip_in_range_cidr", &["", "10.0.0.0/33"], None).is_some());
    assert!(refused("timestamp.get_hour", &["", "PST"], None).is_some());
    assert!(refused("timestamp.get_hour", &["", "EST"], None).is_some());
    assert!(refused("timestamp.get_hour", &["", "+5:30"], None).is_none());
    assert!(refused("timestamp.get_hour", &["", "+15"], None).is_some());
    assert!(refused("timestamp.get_timestamp", &["", "%Y-%K"], None).is_some());
    assert!(refused("timestamp.get_timestamp", &["", "MINUTES"], None).is_some());
    assert!(refused("timestamp.get_timestamp", &["", "WEEK", "GMT"], None).is_none());
    assert!(refused("timestamp.diff", &["", "", "fortnight"], None).is_some());
    assert!(refused("timestamp.diff", &["", "", "days"], None).is_none());
}

#[test]
fn every_documented_element_of_a_format_is_known() {
    let elements =
        "A a B b C c D d e F G g H h I j k l M m n P p Q R S s T t U u V W w X x Y y Z z % Ez E*S E3S E4Y";
    for element in elements.split(' ') {
        let format = format!("%{element}");
        let text = call("timestamp.get_timestamp", &[Value::Int(1_708_598_631), Value::owned(format)], None);
        assert!(text != Value::text(""), "%{element}");
    }
}

#[test]
fn differences_of_times_follow_the_calendar() {
    let diff = |end: i64, start: i64, unit: &'static str| {
        call("timestamp.diff", &[Value::Int(end), Value::Int(start), Value::text(unit)], None)
    };
    // 2024-02-29 and 2024-03-28.
    assert_eq!(diff(1_711_584_000, 1_709_164_800, "MONTH"), Value::Int(0));
    assert_eq!(diff(1_709_164_800, 1_711_670_400, "MONTH"), Value::Int(-1));
    assert_eq!(diff(0, 3600, "HOUR"), Value::Int(-1));
    assert_eq!(diff(1_711_584_000, 0, "YEAR"), Value::Int(54));
}
