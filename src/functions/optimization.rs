//! `optimization.*`: looking at a part of the events.

use super::fingerprint::fingerprint;
use super::{Args, BadLiteral, Example, Function, Kind, ROW, Returns, bad, required, to_int};
use crate::regex::Pattern;
use crate::value::operators::Overflow;
use crate::value::{Type, Value};

pub(super) static SAMPLE_RATE: Function = Function {
    name: "optimization.sample_rate",
    params: &[
        required("bytes_or_string", Kind::TextOrBytes),
        required("numerator", Kind::Int),
        required("denominator", Kind::Int),
    ],
    returns: Returns::Fixed(Type::Bool),
    body: sample_rate,
    verify: Some(positive),
    summary: "True for a fixed share of all texts: `hash.fingerprint2011(x) % denominator < numerator`, unsigned. \
              False (chosen) for a denominator of 0 or below.",
    examples: &[
        Example { call: r#"optimization.sample_rate("test", 1, 5)"#, gives: "false" },
        Example { call: r#"optimization.sample_rate("user123", 4, 5)"#, gives: "true" },
    ],
    ..ROW
};

fn sample_rate<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let (numerator, denominator) = (u64::try_from(args.int(1)), u64::try_from(args.int(2)));
    let (Ok(numerator), Ok(denominator)) = (numerator, denominator) else { return Ok(Value::Bool(false)) };
    let rest = fingerprint(&args.bytes(0)).checked_rem(denominator);
    Ok(Value::Bool(rest.is_some_and(|rest| rest < numerator)))
}

fn positive(values: &[Option<Value<'static>>], _: Option<&Pattern>) -> Result<(), BadLiteral> {
    match values.get(2) {
        Some(Some(number)) if to_int(number) <= 0 => {
            let message = format!("a denominator of `{}` selects nothing", number.to_text());
            bad(2, message, "write 1 or more, as in `1, 10` for every tenth")
        }
        _ => Ok(()),
    }
}
