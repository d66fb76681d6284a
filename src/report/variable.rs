//! Values of variables as Google's API writes them: typed, 64-bit whole numbers as strings.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Number, Value as Json};

use crate::exec::detection::{Detection, RuleInfo};
use crate::value::Value;
use crate::value::operators::parse_number;

/// Largest double below which every whole number is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A list that is made as it is written.
pub(super) struct Each<F>(pub(super) F);

impl<T: Serialize, I: Iterator<Item = T>, F: Fn() -> I> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq((self.0)())
    }
}

/// One entry of `variables`: kind (`MATCH`, `OUTCOME`), text, and the typed value.
struct Variable<'v> {
    kind: &'static str,
    value: &'v Value<'v>,
}

impl Serialize for Variable<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut all = out.serialize_map(None)?;
        all.serialize_entry("type", self.kind)?;
        all.serialize_entry("value", &self.value.to_text())?;
        typed(&mut all, self.value)?;
        all.end()
    }
}

fn typed<M: SerializeMap>(all: &mut M, value: &Value<'_>) -> Result<(), M::Error> {
    match value {
        Value::Text(_) | Value::Bytes(_) => all.serialize_entry("stringVal", &value.to_text()),
        Value::Int(_) => all.serialize_entry("int64Val", &value.to_text()),
        Value::Uint(number) if i64::try_from(*number).is_ok() => {
            all.serialize_entry("int64Val", &value.to_text())
        }
        Value::Uint(_) => all.serialize_entry("uint64Val", &value.to_text()),
        Value::Float(number) => all.serialize_entry("doubleVal", &double(*number)),
        Value::Bool(truth) => all.serialize_entry("boolVal", truth),
        Value::Time(_) => all.serialize_entry("timestampTime", &value.to_text()),
        Value::List(items) => sequence(all, items),
    }
}

/// What a list is shown as. One that mixes whole numbers and doubles is doubles; any other mixture is strings, and so is
/// an empty list, whose kind nothing tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Uint,
    Double,
    Bool,
    Text,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Int(_) => Kind::Int,
        Value::Uint(number) if i64::try_from(*number).is_ok() => Kind::Int,
        Value::Uint(_) => Kind::Uint,
        Value::Float(_) => Kind::Double,
        Value::Bool(_) => Kind::Bool,
        Value::Text(_) | Value::Bytes(_) | Value::Time(_) | Value::List(_) => Kind::Text,
    }
}

fn common(a: Kind, b: Kind) -> Kind {
    let whole = |kind| kind == Kind::Int || kind == Kind::Uint;
    match (a, b) {
        (a, b) if a == b => a,
        (a, b) if whole(a) && whole(b) => Kind::Uint,
        (a, b) if (whole(a) || a == Kind::Double) && (whole(b) || b == Kind::Double) => Kind::Double,
        _ => Kind::Text,
    }
}

fn sequence<M: SerializeMap>(all: &mut M, items: &[Value<'_>]) -> Result<(), M::Error> {
    let texts = Each(|| items.iter().map(Value::to_text));
    match items.iter().map(kind).reduce(common).unwrap_or(Kind::Text) {
        Kind::Int => all.serialize_entry("int64Seq", &Only("int64Vals", texts)),
        Kind::Uint => all.serialize_entry("uint64Seq", &Only("uint64Vals", texts)),
        Kind::Double => {
            let numbers = Each(|| items.iter().map(|item| double(item.as_f64().unwrap_or(0.0))));
            all.serialize_entry("doubleSeq", &Only("doubleVals", numbers))
        }
        Kind::Bool => {
            let truths = Each(|| items.iter().map(|item| *item == Value::Bool(true)));
            all.serialize_entry("boolSeq", &Only("boolVals", truths))
        }
        Kind::Text => all.serialize_entry("stringSeq", &Only("stringVals", texts)),
    }
}

/// An object of one member.
struct Only<T>(&'static str, T);

impl<T: Serialize> Serialize for Only<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut all = out.serialize_map(Some(1))?;
        all.serialize_entry(self.0, &self.1)?;
        all.end()
    }
}

/// A double as a JSON number, a whole one without a point.
pub(super) fn double(number: f64) -> Json {
    let whole =
        crate::value::number::truncate(number).filter(|_| number.fract() == 0.0 && number.abs() < EXACT);
    whole.map(Number::from).or_else(|| Number::from_f64(number)).map_or(Json::Null, Json::Number)
}

/// `variables`: match variables (of rules with `match`), then outcomes. A name that is both is the outcome.
pub(super) struct Variables<'d> {
    pub(super) rule: &'d RuleInfo,
    pub(super) detection: &'d Detection,
}

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Variables { rule, detection } = self;
        let outcome = |name: &String| detection.outcomes.iter().find(|(known, _)| *known == name);
        let matches = || detection.matches.iter().filter(|_| rule.has_match);
        let first = matches().map(|(name, value)| match outcome(name) {
            Some((_, value)) => (name, Variable { kind: "OUTCOME", value }),
            None => (name, Variable { kind: "MATCH", value }),
        });
        let rest = detection.outcomes.iter().filter(|(name, _)| !matches().any(|(known, _)| known == *name));
        out.collect_map(first.chain(rest.map(|(name, value)| (name, Variable { kind: "OUTCOME", value }))))
    }
}

/// The outcome `risk_score` where it is a number, else what Google gives a rule without one.
pub fn risk_score(rule: &RuleInfo, detection: &Detection) -> Json {
    let own = detection.outcomes.iter().find(|(name, _)| *name == "risk_score");
    own.and_then(|(_, value)| number(value)).unwrap_or_else(|| default_risk(rule))
}

fn default_risk(rule: &RuleInfo) -> Json {
    let alert = rule.meta("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("alert"));
    Json::from(if alert { 40 } else { 15 })
}

fn number(value: &Value) -> Option<Json> {
    match value {
        Value::Int(number) => Some(Json::from(*number)),
        Value::Uint(number) => Some(Json::from(*number)),
        Value::Float(number) => Some(double(*number)),
        // Parsed text is a number, so this goes one level down at most.
        Value::Text(text) => parse_number(text).and_then(|parsed| self::number(&parsed)),
        Value::Bytes(_) | Value::Bool(_) | Value::Time(_) | Value::List(_) => None,
    }
}

/// Severities that Google knows.
const SEVERITIES: [&str; 7] = ["INFORMATIONAL", "ERROR", "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// The meta value `severity` in Google's spelling; nothing where Google knows no such severity.
pub fn severity(rule: &RuleInfo) -> Option<&'static str> {
    let written = rule.meta("severity")?.trim().to_ascii_uppercase();
    let name = if written == "INFO" { "INFORMATIONAL" } else { &written };
    SEVERITIES.into_iter().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::Timestamp;

    fn variable(kind: &'static str, value: &Value<'_>) -> String {
        serde_json::to_string(&Variable { kind, value }).unwrap()
    }

    fn list(items: Vec<Value<'static>>) -> Value<'static> {
        Value::List(items)
    }

    #[test]
    fn each_kind_of_value_has_its_own_key() {
        let cases = [
            (Value::text("ws1"), json!({"type":"MATCH","value":"ws1","stringVal":"ws1"})),
            (Value::Int(65), json!({"type":"MATCH","value":"65","int64Val":"65"})),
            (Value::Uint(7), json!({"type":"MATCH","value":"7","int64Val":"7"})),
            (
                Value::Uint(u64::MAX),
                json!({"type":"MATCH","value":"18446744073709551615","uint64Val":"18446744073709551615"}),
            ),
            (Value::Bool(true), json!({"type":"MATCH","value":"true","boolVal":true})),
            (
                Value::Time(Timestamp(0)),
                json!({"type":"MATCH","value":"1970-01-01T00:00:00Z","timestampTime":"1970-01-01T00:00:00Z"}),
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(variable("MATCH", &value), expected.to_string());
        }
    }

    #[test]
    fn a_whole_double_is_written_without_a_point() {
        assert_eq!(
            variable("OUTCOME", &Value::Float(65.0)),
            r#"{"type":"OUTCOME","value":"65","doubleVal":65}"#
        );
        assert_eq!(double(0.5).to_string(), "0.5");
        assert_eq!(double(-0.0).to_string(), "0");
    }

    #[test]
    fn lists_take_the_kind_of_their_items() {
        let seq = |value: Value<'static>| variable("OUTCOME", &value);
        assert!(seq(list(vec![])).ends_with(r#""value":"","stringSeq":{"stringVals":[]}}"#));
        assert!(
            seq(list(vec![Value::Int(1), Value::Int(2)]))
                .ends_with(r#""value":"1, 2","int64Seq":{"int64Vals":["1","2"]}}"#)
        );
        assert!(
            seq(list(vec![Value::Int(1), Value::Float(0.5)]))
                .ends_with(r#""doubleSeq":{"doubleVals":[1,0.5]}}"#)
        );
        assert!(seq(list(vec![Value::Bool(true)])).ends_with(r#""boolSeq":{"boolVals":[true]}}"#));
        assert!(
            seq(list(vec![Value::Int(1), Value::text("a")]))
                .ends_with(r#""stringSeq":{"stringVals":["1","a"]}}"#)
        );
    }

    #[test]
    fn severity_is_one_that_google_knows_whatever_its_case() {
        let of = |word: &str| {
            severity(&RuleInfo { meta: vec![("severity".into(), word.into())], ..RuleInfo::default() })
        };
        assert_eq!(of("Medium"), Some("MEDIUM"));
        assert_eq!(of("Info"), Some("INFORMATIONAL"));
        assert_eq!(of("Severe"), None);
    }
}
