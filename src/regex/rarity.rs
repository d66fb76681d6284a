//! How rare a text is in the values of logs: what decides which of several texts a search looks for.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// What logs are full of, so that its length says nothing of it. In lower case, longer ones first where they overlap.
const COMMON: [&str; 62] = [
    "program files",
    "nt authority",
    "currentversion",
    "powershell",
    "192.168.",
    "127.0.0.1",
    "localhost",
    "microsoft",
    "system32",
    "syswow64",
    "rundll32",
    "controlset",
    "software",
    "services",
    "explorer",
    "security",
    "conhost",
    "svchost",
    "windows",
    "appdata",
    "process",
    "command",
    "service",
    "desktop",
    "download",
    "document",
    "google",
    "chrome",
    "config",
    "system",
    "update",
    "client",
    "server",
    "domain",
    "remote",
    "public",
    "admin",
    "users",
    "local",
    "https",
    "script",
    "event",
    "login",
    "agent",
    "index",
    "false",
    "user",
    "http",
    "file",
    "host",
    "data",
    "temp",
    "true",
    "name",
    ".exe",
    ".dll",
    ".com",
    ".net",
    ".org",
    "www.",
    "cmd",
    "s-1-5-",
];

/// What one of those common texts tells.
const COMMON_BITS: u32 = 3;

/// So many letters at either end of a text count as the word that they are a part of: texts are cut out of longer ones
/// wherever a letter has more than two cases, as `window` out of `windows`, and are met as often as those.
const PART: usize = 4;

/// What common texts end with, by how that starts: to look through all texts for it took a twentieth of the time to load
/// nine hundred rules.
static TAILS: LazyLock<FxHashMap<[u8; PART], Vec<&str>>> = LazyLock::new(|| {
    let mut tails: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for tail in COMMON.iter().flat_map(|word| (1..word.len()).filter_map(|at| word.get(at..))) {
        if let Some(start) = tail.as_bytes().first_chunk() {
            tails.entry(*start).or_default().push(tail);
        }
    }
    tails
});

/// How many bits it takes to tell a text from others, going by its letters and the words it is made of: a text is met
/// about once in two to that power places. Letters of either case count alike.
///
/// ```
/// # use yaral::regex::rarity;
/// assert!(rarity(r"\__") > rarity("system32.exe"));
/// ```
pub fn rarity(text: &str) -> u32 {
    let text = text.to_ascii_lowercase();
    let cut = cut_at_start(&text);
    let mut rest = text.get(cut..).unwrap_or_default();
    let mut bits = if cut > 0 { COMMON_BITS } else { 0 };
    while let Some(letter) = rest.chars().next() {
        if let Some(behind) = common(letter).find_map(|word| behind(word, rest)) {
            bits += COMMON_BITS;
            rest = behind;
            continue;
        }
        bits += of(letter);
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    bits
}

/// What of a text is behind a word, or behind as much of it as there is.
fn behind<'t>(word: &str, text: &'t str) -> Option<&'t str> {
    let is_part = text.len() >= PART && word.starts_with(text);
    text.strip_prefix(word).or_else(|| is_part.then_some(""))
}

/// How much of a text is a part, but no start, of a common one.
fn cut_at_start(text: &str) -> usize {
    let tails = text.as_bytes().first_chunk().and_then(|start| TAILS.get(start));
    let parts = tails.into_iter().flatten().filter(|tail| text.starts_with(**tail) || tail.starts_with(text));
    parts.map(|tail| tail.len().min(text.len())).max().unwrap_or(0)
}

/// The common texts that begin with a letter: most letters begin few, and to try all of them at each letter took a
/// fourteenth of the time to load nine hundred rules.
fn common(letter: char) -> impl Iterator<Item = &'static str> {
    let first = u8::try_from(letter).unwrap_or_default();
    COMMON.iter().copied().filter(move |word| word.as_bytes().first() == Some(&first))
}

/// Letters follow one another in words, so that each tells less than its own share would.
fn of(letter: char) -> u32 {
    match letter {
        'a' | 'c' | 'd' | 'e' | 'i' | 'l' | 'm' | 'n' | 'o' | 'p' | 'r' | 's' | 't' | 'u' | '0' | '1' => 3,
        '2'..='9' | ' ' => 3,
        'b' | 'f' | 'g' | 'h' | 'k' | 'v' | 'w' | 'x' | 'y' => 4,
        '.' | '-' | '\\' | '/' | ':' | '"' => 4,
        'j' | 'q' | 'z' | ',' | '=' | '{' | '}' => 6,
        '_' | '@' | '(' | ')' | '%' | ';' | '$' | '+' | '[' | ']' | '&' => 7,
        '!' | '#' | '*' | '?' | '|' | '~' | '^' | '`' | '<' | '>' | '\'' => 8,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_text_counts_for_more_than_a_longer_common_one() {
        assert!(rarity("mimikatz") > rarity(r"c:\windows\system32\"));
        assert!(rarity(r"\__") > rarity("powershell.exe"));
        assert_eq!(rarity("WINDOWS"), rarity("windows"));
    }

    #[test]
    fn a_part_of_a_common_text_is_as_common() {
        for part in ["window", "indows", "ndow", "proce", "oftware", "ystem32"] {
            assert_eq!(rarity(part), COMMON_BITS, "{part}");
        }
        assert!(rarity(r"\__") > rarity(r"\window"));
        assert_eq!(rarity(r"ervice\window"), rarity(r"services\windows"));
        assert!(rarity("windmill") > rarity("windows"));
    }

    #[test]
    fn no_common_text_hides_behind_a_shorter_one() {
        for (at, word) in COMMON.iter().enumerate() {
            assert!(!COMMON[..at].iter().any(|before| word.starts_with(before)), "{word}");
        }
    }
}
