//! How rare a text is in the values of logs: what decides which of several texts a search looks for.

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

/// How many bits it takes to tell a text from others, going by its letters and the words it is made of: a text is met
/// about once in two to that power places. Letters of either case count alike.
///
/// ```
/// # use yaral::regex::rarity;
/// assert!(rarity(r"\__") > rarity("system32.exe"));
/// ```
pub fn rarity(text: &str) -> u32 {
    let text = text.to_ascii_lowercase();
    let mut rest = text.as_str();
    let mut bits = 0;
    while let Some(letter) = rest.chars().next() {
        if let Some(behind) = common(letter).find_map(|word| rest.strip_prefix(word)) {
            bits += COMMON_BITS;
            rest = behind;
            continue;
        }
        bits += of(letter);
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    bits
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
    fn no_common_text_hides_behind_a_shorter_one() {
        for (at, word) in COMMON.iter().enumerate() {
            assert!(!COMMON[..at].iter().any(|before| word.starts_with(before)), "{word}");
        }
    }
}
