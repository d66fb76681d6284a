//! Escapes in strings.

use memchr::memchr;

/// Where a backslash stands that escapes nothing.
pub(super) fn unknown_escape(content: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr(b'\\', content.get(at..)?) {
        at += found;
        let known = match content.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
            Some(b'u') => {
                content.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            Some(_) | None => false,
        };
        if !known {
            return Some(at);
        }
        at += 2;
    }
    None
}

/// Appends the content of an escaped string, unescaped; a lone surrogate becomes U+FFFD, an unknown escape stays.
pub fn unescape(content: &[u8], out: &mut String) {
    // Mostly it is text as a whole, so that its parts need no look of their own.
    unescape_text(&String::from_utf8_lossy(content), out);
}

/// The same of what is known to be text.
pub fn unescape_text(content: &str, out: &mut String) {
    let mut rest = content;
    while let Some((plain, escape)) = memchr(b'\\', rest.as_bytes()).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let used = push_escape(escape.as_bytes(), out);
        rest = escape.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Takes one escape and tells how many bytes it had.
fn push_escape(escape: &[u8], out: &mut String) -> usize {
    let letter = match escape.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return push_unicode(escape, out),
        Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
        Some(_) | None => {
            out.push('\\');
            return 1;
        }
    };
    out.push(letter);
    2
}

fn push_unicode(escape: &[u8], out: &mut String) -> usize {
    let unit = |at: usize| {
        let digits = escape.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok())?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(high) = unit(2) else {
        out.push('\\');
        return 1;
    };
    let low = (escape.get(6..8) == Some(b"\\u")).then(|| unit(8)).flatten();
    if let (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) = (high, low) {
        out.extend(char::decode_utf16([high, low]).flatten());
        return 12;
    }
    out.push(char::from_u32(u32::from(high)).unwrap_or(char::REPLACEMENT_CHARACTER));
    6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_json_means_them() {
        let mut out = String::new();
        unescape(br#"a\n\u003e\ud83d\ude00\\\/\ud800x"#, &mut out);
        assert_eq!(out, "a\n>\u{1F600}\\/\u{FFFD}x");
    }
}
