#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text, Case::Exact).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn matches(text: &str, subject: &str) -> bool {
    let pattern = pattern(text);
    let found = pattern.is_match(subject);
    let whole = pattern.regex().expect("it compiles").is_match(subject);
    assert_eq!(found, whole, "`{text}` reduced to {:?}", pattern.reduced);
    found
}

fn error(text: &str) -> PatternError {
    Pattern::parse(text, Case::Exact).map(|found| found.rust).expect_err(text)
}

fn check(rows: &[(&str, &str, bool)]) {
    for (text, subject, expected) in rows {
        assert_eq!(matches(text, subject), *expected, "`{text}` on {subject:?}");
    }
}

#[test]
fn a_brace_that_opens_no_count_is_a_character() {
    check(&[
        ("0x{", "0x{", true),
        ("a{,2}", "a{,2}", true),
        ("a{,2}", "aa", false),
        ("a{b", "a{b", true),
        ("/set {default}", "/set {default}", true),
        ("${IFS}", "x", false),
        (r"\$\{IFS}", "${IFS}", true),
        ("a{01}", "a{01}", true),
        ("{", "{", true),
        ("^a{2,3}$", "aaa", true),
        ("^a{2,}$", "a", false),
        ("a{ 2}", "a{ 2}", true),
    ]);
}

#[test]
fn octal_escapes_are_characters() {
    check(&[
        (r"\0", "\0", true),
        (r"\012", "\n", true),
        (r"\101", "A", true),
        (r"\12", "\n", true),
        (r"[\0]", "\0", true),
        (r"^\0129$", "\n9", true),
    ]);
}

#[test]
fn quotations_are_literal() {
    check(&[
        (r"\Qa.b\E", "a.b", true),
        (r"\Qa.b\E", "axb", false),
        (r"\Qa*\E+", "a***", true),
        (r"\Q[\d", r"[\d", true),
        (r"^x\Q\Ey$", "xy", true),
    ]);
}

#[test]
fn classes_have_no_operators_and_no_nesting() {
    check(&[
        ("^[a&&b]$", "&", true),
        ("^[a&&b]$", "a", true),
        ("^[a~~b]$", "~", true),
        ("[[]", "[", true),
        ("^[a[b]$", "[", true),
        ("^[a[b]$", "b", true),
        ("^[]a]$", "]", true),
        ("^[^]a]$", "b", true),
        ("^[a-]$", "-", true),
        ("^[-a]$", "-", true),
        ("^[+--]$", ",", true),
        (r"^[\w-z]$", "-", true),
        (r"^[a-\d]$", "-", true),
        (r"^[a-\d]$", "7", true),
        (r"^[\]]$", "]", true),
        ("^[[:alpha:]]$", "q", true),
        ("^[[:alpha:]]$", ":", false),
        ("^[[:^alpha:]]$", "1", true),
        ("^[[:word:]]$", "_", true),
        ("^[[:a]$", ":", true),
        (r"^[^\D]$", "5", true),
        (r"^[^\S]$", "\u{b}", false),
    ]);
}

#[test]
fn classes_and_boundaries_are_ascii() {
    check(&[
        (r"\d", "٣", false),
        (r"\w", "é", false),
        (r"\W", "é", true),
        (r"\s", "\u{b}", false),
        (r"\s", "\u{a0}", false),
        (r"^\s{5}$", "\t\n\u{c}\r ", true),
        (r"\bclé\b", "clé", false),
        (r"\bcl\b", "clé", true),
        (r"a\Bb", "ab", true),
    ]);
}

#[test]
fn angle_brackets_and_other_punctuation_are_themselves() {
    check(&[
        (r"\<b\>", "<b>", true),
        (r"\<b\>", "b", false),
        (r#"^\_\ \"\/\'\;$"#, r#"_ "/';"#, true),
        ("<a>", "<a>", true),
        (r"\#\-\&\~", "#-&~", true),
    ]);
}

#[test]
fn the_dot_and_the_dollar_follow_re2() {
    check(&[
        ("a.c", "a\nc", false),
        ("a.c", "a\rc", true),
        ("a.c", "a\u{2028}c", true),
        ("(?s)a.c", "a\nc", true),
        ("abc$", "abc\n", false),
        ("(?m)abc$", "abc\n", true),
        ("(?m)^b", "a\nb", true),
        (r"abc\z", "abc", true),
        (r"\Ab", "ab", false),
        ("first.*second", "first\nsecond", false),
    ]);
}

#[test]
fn folding_is_unicode() {
    check(&[
        ("(?i)É", "é", true),
        ("(?i)k", "\u{212a}", true),
        ("(?i)s", "ſ", true),
        ("(?i:a)b", "Ab", true),
        ("(?i:a)b", "AB", false),
        ("a(?i)b|c", "C", true),
        ("(?i-i)a", "A", false),
        ("(?ii)a", "A", true),
        ("(?)a", "a", true),
        ("(?-s:a.)", "a\n", false),
        ("^a(?i)+b$", "aaB", true),
        ("^a(?i){2}b$", "AaB", false),
        ("^a*(?i)*$", "", true),
        ("^a(?i)+(?s){2}b$", "aaB", true),
    ]);
    let folded = Pattern::parse("(?-i:a)b", Case::Fold).unwrap();
    assert!(folded.is_match("aB") && !folded.is_match("AB"));
}

#[test]
fn an_ungreedy_pattern_takes_the_least() {
    let found = pattern("(?U)a+").regex().unwrap().find("aaa").unwrap().len();
    assert_eq!(found, 1);
    let found = pattern("(?U)a+?").regex().unwrap().find("aaa").unwrap().len();
    assert_eq!(found, 3);
}

#[test]
fn groups_are_counted_and_may_have_names() {
    assert_eq!(pattern("(?P<n>a)(?<m>b)(?:c)(d)").groups(), 3);
    assert_eq!(pattern(r"\(a").groups(), 0);
    assert_eq!(pattern("(?P<1st>a)").groups(), 1);
    assert!(error("(?P<n>a)(?P<n>b)").message.contains("two groups"));
    assert!(error("(?P<>a)").message.contains("no name"));
}

#[test]
fn unicode_classes_and_numbers_are_read() {
    check(&[
        (r"^\pN$", "٣", true),
        (r"^\p{Greek}$", "β", true),
        (r"^\p{^Greek}$", "b", true),
        (r"^\P{Greek}$", "β", false),
        (r"^[\p{Lu}]$", "É", true),
        (r"^\p{Any}$", "x", true),
        (r"^\x41\x{e9}$", "Aé", true),
        (r"\x{10FFFF}", "\u{10ffff}", true),
        (r"^\a\f\t\n\r\v$", "\u{7}\u{c}\t\n\r\u{b}", true),
    ]);
    for text in [r"\p{Alphabetic}", r"\p{sc=Greek}", r"\pX", r"\p{Greek", r"\x{110000}", r"\xZ1", r"\x{}"] {
        error(text);
    }
}

#[test]
fn what_re2_refuses_is_refused_with_its_place() {
    let rows = [
        ("a(?=b)", "look-ahead", 1..4),
        ("a(?!b)", "look-ahead", 1..4),
        ("(?<=a)b", "look-behind", 0..4),
        ("(?<!a)b", "look-behind", 0..4),
        (r"(a)\1", "back-reference", 3..5),
        (r"\9", "back-reference", 0..2),
        ("a**", "repeats a repetition", 1..3),
        ("a++", "repeats a repetition", 1..3),
        ("a{2}{3}", "repeats a repetition", 1..7),
        ("x{1001}", "too often", 1..7),
        ("(a{100}){100}", "too often", 8..13),
        ("x{3,2}", "wrong way round", 1..6),
        ("*a", "nothing to repeat", 0..1),
        ("a|*", "nothing to repeat", 2..3),
        ("(?i)*", "nothing to repeat", 4..5),
        (r"\Z", "no escape", 0..2),
        (r"\h", "no escape", 0..2),
        (r"\C", "no escape", 0..2),
        (r"a\", "lone", 1..2),
        ("(a", "never closed", 0..2),
        ("a)", "closes nothing", 1..2),
        ("[a", "never closed", 0..2),
        ("[]", "never closed", 0..2),
        ("[z-a]", "backwards", 1..4),
        ("[[:nope:]]", "no class", 1..9),
        ("(?x)a", "no group", 0..3),
        ("(?i-)a", "no group", 0..5),
        ("(?>a)", "atomic", 0..3),
    ];
    for (text, part, at) in rows {
        let error = error(text);
        assert!(error.message.contains(part), "`{text}`: {}", error.message);
        assert_eq!(error.at, at, "`{text}`");
        assert!(error.help.is_some(), "`{text}`");
    }
}

#[test]
fn too_large_a_pattern_is_found_when_it_is_parsed() {
    assert!(error(r"(?:\pL{100}){10}(?:\pL{100}){10}(?:\pL{100}){10}").message.contains("too large"));
    assert!(error(&"(".repeat(5000)).message.contains("never closed"));
    assert!(
        error(&format!("{}{}", "(".repeat(5000), ")".repeat(5000))).message.contains("cannot be compiled")
    );
    assert!(matches("a{1000}", &"a".repeat(1000)));
}

#[test]
fn the_ends_that_may_match_nothing_are_not_searched_for() {
    let reduced = |text: &str| pattern(text).reduced;
    assert_eq!(reduced(".*cmd.*").as_deref(), Some("(?:cmd)"));
    assert_eq!(reduced("(?s).*a|.*b").map(|found| found.contains('*')), Some(false));
    assert_eq!(reduced("^.*a"), None);
    assert_eq!(reduced("(a)"), None);
    check(&[
        (".*", "", true),
        (".*^a", "a", true),
        (".*^a", "ba", false),
        ("(.*)cmd(.*)", "x\ncmd", true),
        ("(?m).*^b.*$", "a\nb", true),
        ("a?b?", "", true),
        (r".*\bcmd\b.*", "a cmd b", true),
        (r".*\bcmd\b.*", "acmd", false),
    ]);
}

fn rare(pattern: &Pattern) -> Option<Vec<Literal>> {
    pattern.literals_by(&|literal| rarity(&literal.text))
}

#[test]
fn every_match_contains_one_of_the_literals() {
    let found = |text: &str| {
        let literals = rare(&pattern(text))?;
        Some(literals.into_iter().map(|found| (found.text, found.case)).collect::<Vec<_>>())
    };
    assert_eq!(found(r".*\\cmd\.exe$"), Some(vec![(r"\cmd.exe".to_owned(), Case::Exact)]));
    assert_eq!(found("(?i)power[a-z]+"), Some(vec![("power".to_owned(), Case::Fold)]));
    assert_eq!(found("(?i)task"), Some(vec![("ta".to_owned(), Case::Fold)]));
    assert_eq!(found("abc|.*"), None);
    assert_eq!(found("(abc|xyz)+").map(|set| set.len()), Some(2));
    assert_eq!(found("a*"), None);
}

#[test]
fn where_engines_differ_the_answer_is_that_of_re2() {
    check(&[
        ("a.c", "a\nc", false),
        ("a.c", "a\rc", true),
        ("a.c", "a\u{2028}c", true),
        ("abc$", "abc\n", false),
        (r"^\d+$", "٣", false),
        (r"^\w+$", "é", false),
        (r"é\b", "é", false),
        (r"\s", "\u{b}", false),
        ("(?i)É", "é", true),
        ("(?i)k", "\u{212a}", true),
        ("^[[:alpha:]]+$", "abc", true),
        ("^[[:alpha:]]+$", ":", false),
        ("^[a&&b]$", "&", true),
        ("(?P<n>a)", "a", true),
        ("^a{,2}$", "a{,2}", true),
        ("^[[]$", "[", true),
        (r"^\Qa.b\E$", "a.b", true),
        (r"^\Qa.b\E$", "axb", false),
        ("(?U)^a+$", "aaa", true),
    ]);
    for refused in ["a(?=b)", "(?<!a)b", r"(a)\1", "a++", r"a\Z", r"\h", "(?>a)", r"\C"] {
        error(refused);
    }
}

/// Each of these took time that grows with the square of its length, or would in an engine that goes back.
#[test]
fn long_and_hostile_patterns_and_texts_take_linear_time() {
    let braces = Pattern::parse(&"{".repeat(200_000), Case::Exact);
    assert!(braces.is_ok() || braces.is_err_and(|error| error.message.contains("too large")));
    error(&format!("[{}", "[:".repeat(200_000)));
    error(&(0..50_000).map(|number| format!("(?P<n{number}>a)")).chain(["(".to_owned()]).collect::<String>());
    let text = "x".repeat(200_000);
    check(&[("(x+x+)+y", &text, false), ("^(x|xx)+$", &text, true), ("(x*)*$", &text, true)]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_place_in_it(text in patterns(), subject in "[a-cABCkK\u{212a}1 \n]{0,12}") {
        match Pattern::parse(&text, Case::Exact) {
            Ok(found) => {
                let matches = found.is_match(&subject);
                proptest::prop_assert_eq!(matches, found.regex().unwrap().is_match(&subject));
                let literals = rare(&found).filter(|_| matches);
                proptest::prop_assert!(literals.is_none_or(|all| all.iter().any(|one| stands_in(one, &subject))));
            }
            Err(error) => proptest::prop_assert!(text.get(error.at.clone()).is_some(), "{:?}", error),
        }
    }
}

fn patterns() -> impl proptest::strategy::Strategy<Value = String> {
    let pieces =
        "(\\(|\\(\\?i\\)|\\)|\\[|\\]|[abckAB1]{1,3}|\\*|\\+|\\?|\\||\\.|\\^|\\$|\\\\[dswb]|\\{2\\}|-){0,8}";
    proptest::prop_oneof![".{0,24}", pieces]
}

fn stands_in(literal: &Literal, subject: &str) -> bool {
    match literal.case {
        Case::Exact => subject.contains(&literal.text),
        Case::Fold => subject.to_ascii_lowercase().contains(&literal.text),
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let pieces =
        ["(", ")", "[", "]", "\\", "{", "}", "*", "?", "é", "-", "^", "1", ",", ":", "<", "P", "x", "Q", "i"];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        if let Ok(found) = Pattern::parse(&text, Case::Exact) {
            assert!(regex_syntax::parse(found.rust()).is_ok());
        }
    }
}
