//! Classes in brackets: where RE2 knows no set operators and a `[` inside is a `[`.

use super::PatternError;
use super::cursor::{Cursor, perl_class, print};

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// Reads a class and prints it.
pub(super) fn class(cursor: &mut Cursor, out: &mut String) -> Result<(), PatternError> {
    let start = cursor.at;
    cursor.at += 1;
    out.push('[');
    if cursor.eat("^") {
        out.push('^');
    }
    let first = cursor.at;
    loop {
        match cursor.peek() {
            None => return Err(unclosed(cursor, start)),
            Some(']') if cursor.at != first => break,
            Some(_) => item(cursor, out)?,
        }
    }
    cursor.at += 1;
    out.push(']');
    Ok(())
}

fn unclosed(cursor: &Cursor, start: usize) -> PatternError {
    let help = "close it with `]`, or write `\\[` for the character";
    PatternError::new(start..cursor.at, "this class is never closed", help)
}

fn item(cursor: &mut Cursor, out: &mut String) -> Result<(), PatternError> {
    if let Some(name) = posix(cursor)? {
        out.push_str(name);
        return Ok(());
    }
    if cursor.peek() == Some('\\') {
        if matches!(cursor.second(), Some('p' | 'P')) {
            out.push_str(&cursor.property()?);
            return Ok(());
        }
        if let Some((negation, inside)) = cursor.second().and_then(perl_class) {
            cursor.at += 2;
            out.push_str(&format!("[{negation}{inside}]"));
            return Ok(());
        }
    }
    range(cursor, out)
}

/// Reads `[:alpha:]` or `[:^alpha:]`, if it stands here.
fn posix<'p>(cursor: &mut Cursor<'p>) -> Result<Option<&'p str>, PatternError> {
    let start = cursor.at;
    let Some(inside) = cursor.rest().strip_prefix("[:").filter(|_| !cursor.no_named_class) else {
        return Ok(None);
    };
    let Some((name, _)) = inside.split_once(":]") else {
        cursor.no_named_class = true;
        return Ok(None);
    };
    cursor.at += name.len() + 4;
    let text = cursor.since(start);
    if POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Ok(Some(text));
    }
    let help = format!("the names are {}", POSIX.map(|name| format!("`[:{name}:]`")).join(", "));
    Err(cursor.error(start, format!("RE2 knows no class `{text}`"), &help))
}

fn range(cursor: &mut Cursor, out: &mut String) -> Result<(), PatternError> {
    let start = cursor.at;
    let low = letter(cursor)?;
    print(low, out);
    if !opens_range(cursor) {
        return Ok(());
    }
    cursor.at += 1;
    let high = letter(cursor)?;
    if high < low {
        let help = format!("write `{high}-{low}`, or put the `-` last");
        return Err(cursor.error(
            start,
            format!("the range `{}` runs backwards", cursor.since(start)),
            &help,
        ));
    }
    out.push('-');
    print(high, out);
    Ok(())
}

/// Is the `-` here followed by the end of a range? It stands for itself before `]` and before a class.
fn opens_range(cursor: &Cursor) -> bool {
    let Some(rest) = cursor.rest().strip_prefix('-') else { return false };
    let mut after = rest.chars();
    match (after.next(), after.next()) {
        (None | Some(']'), _) => false,
        (Some('\\'), Some(letter)) => perl_class(letter).is_none() && !matches!(letter, 'p' | 'P'),
        _ => true,
    }
}

fn letter(cursor: &mut Cursor) -> Result<char, PatternError> {
    if cursor.peek() == Some('\\') {
        return cursor.escaped();
    }
    Ok(cursor.next().unwrap_or_default())
}
