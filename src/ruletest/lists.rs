//! Reference lists that a test brings along.

use crate::lists::{List, first};
use crate::syntax::ast::ListKind;

/// The list of these values, as its file would give it.
pub(super) fn list(name: &str, values: &[String], kind: ListKind) -> Result<List, String> {
    let lines: Vec<String> = values.iter().map(|value| line(value, kind)).collect();
    List::parse(&lines.join("\n"), kind)
        .map_err(|bad| format!("the list `%{name}` of the test: {}", first(&bad, "value")))
}

/// A value with escapes where the file of a list would cut it.
fn line(value: &str, kind: ListKind) -> String {
    match kind {
        ListKind::Plain => plain(value),
        // `\/` is `/` there; all else is the pattern's own.
        ListKind::Regex => value.replace("//", r"/\/"),
        ListKind::Cidr => value.to_owned(),
    }
}

fn plain(value: &str) -> String {
    let inner = value.trim_start().len()..;
    let start = value.len() - inner.start;
    let end = value.trim_end().len();
    let mut line = String::with_capacity(value.len());
    for (at, letter) in value.char_indices() {
        if matches!(letter, '\\' | '/') || at < start || at >= end {
            line.push('\\');
        }
        line.push(letter);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::operators::Case;

    #[test]
    fn values_mean_what_they_say() {
        let values = [r"C:\Temp\a", "http://evil", " spaced ", "// no comment"].map(str::to_owned);
        let list = list("l", &values, ListKind::Plain).unwrap();
        for value in &values {
            assert!(list.contains(value, Case::Exact), "{value}");
        }
        assert!(list.warnings().is_empty());
    }

    #[test]
    fn patterns_keep_their_slashes() {
        let list = list("l", &["^http://evil/".to_owned()], ListKind::Regex).unwrap();
        assert!(list.contains("http://evil/x", Case::Exact) && !list.contains("http:/", Case::Exact));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named() {
        let error = list("l", &["10.0.0.0/8".to_owned(), "host".to_owned()], ListKind::Cidr).unwrap_err();
        assert_eq!(error, "the list `%l` of the test: value 2: `host` is no range of addresses");
    }
}
