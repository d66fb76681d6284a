//! Calls of functions that there are not: which one was meant.

use super::errors;
use super::walker::Walker;
use crate::aggregates;
use crate::functions::{self, metrics};
use crate::schema;
use crate::syntax::ast::Call;

/// What people write for a function that has another name here.
const MEANT: [(&str, &str); 22] = [
    ("any_of", "arrays.contains"),
    ("contains_any", "strings.contains"),
    ("distinct", "array_distinct"),
    ("distinct_count", "count_distinct"),
    ("endswith", "strings.ends_with"),
    ("extract", "re.capture"),
    ("findall", "re.capture_all"),
    ("format", "timestamp.get_timestamp"),
    ("iif", "if"),
    ("in_cidr", "net.ip_in_range_cidr"),
    ("len", "strings.length"),
    ("like", "re.regex"),
    ("lowercase", "strings.to_lower"),
    ("match", "re.regex"),
    ("matches", "re.regex"),
    ("mean", "avg"),
    ("regexp", "re.regex"),
    ("search", "re.regex"),
    ("startswith", "strings.starts_with"),
    ("sub", "re.replace"),
    ("substr", "re.capture"),
    ("uppercase", "strings.to_upper"),
];

/// A name that is no function's.
pub(super) fn call(walker: &mut Walker, call: &Call) {
    let names = || {
        let functions = functions::all().iter().map(|row| row.name);
        let aggregates = aggregates::all().iter().map(|row| row.name);
        functions.chain(aggregates).chain(metrics::all().iter().map(|row| row.name))
    };
    let name = call.name.node.as_str();
    let folded = name.to_ascii_lowercase();
    if let Some(right) = names().chain(["if", "group"]).find(|known| *known == folded) {
        walker.found.push(errors::function_case(&call.name, right));
        return;
    }
    // `lower` is far from `strings.to_lower` in letters, and near in meaning.
    let last = folded.rsplit('.').next().unwrap_or_default();
    let ends = |known: &str| known.ends_with(&format!(".{last}")) || known.ends_with(&format!("_{last}"));
    let same_end = || names().find(|known| ends(known));
    let meant = || MEANT.iter().find(|(word, _)| *word == last).map(|(_, known)| *known);
    let near = schema::nearest(&folded, names().chain(["if", "group"])).or_else(meant).or_else(same_end);
    let space = folded.split_once('.').map(|(space, _)| format!("{space}."));
    let siblings =
        || names().filter(|name| space.as_ref().is_some_and(|space| name.starts_with(space.as_str())));
    walker.found.push(errors::unknown_function(&call.name, near, siblings().collect()));
}
