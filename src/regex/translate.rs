//! Reads a pattern as RE2 does and prints it for the `regex` crate.

use rustc_hash::FxHashSet;

use super::PatternError;
use super::class;
use super::cursor::{Cursor, perl_class, print};

/// RE2's bound on a counted repetition, and on the product of nested ones.
const MOST_REPEATS: u64 = 1000;

pub(super) struct Translation {
    pub rust: String,
    pub groups: usize,
}

pub(super) fn translate(text: &str) -> Result<Translation, PatternError> {
    let mut translator = Translator {
        cursor: Cursor::new(text),
        out: String::with_capacity(text.len()),
        open: Vec::new(),
        outermost: 1,
        groups: 0,
        names: FxHashSet::default(),
        last: Last::Nothing,
        end: 0,
    };
    while let Some(letter) = translator.cursor.peek() {
        translator.step(letter)?;
    }
    if let Some(open) = translator.open.last() {
        let help = "close it with `)`, or write `\\(` for the character";
        return Err(PatternError::new(open.at..text.len(), "this group is never closed", help));
    }
    Ok(Translation { rust: translator.out, groups: translator.groups })
}

struct Translator<'p> {
    cursor: Cursor<'p>,
    out: String,
    open: Vec<Open>,
    /// The most repeats outside all groups.
    outermost: u64,
    groups: usize,
    names: FxHashSet<&'p str>,
    last: Last,
    /// Where in `out` the last atom ends: flags may stand between it and its repetition.
    end: usize,
}

/// A group that is not closed yet.
struct Open {
    at: usize,
    /// The most repeats of anything within.
    repeats: u64,
}

/// What a repetition here would apply to.
#[derive(Clone, Copy)]
enum Last {
    /// The start of the pattern, of a group or of a branch.
    Nothing,
    /// Something that holds so many nested repeats.
    Atom(u64),
    /// A repetition, which began here and holds so many nested repeats; another is an error.
    Repeated(usize, u64),
}

/// How often: `{2,3}`.
struct Count {
    length: usize,
    least: u64,
    most: Option<u64>,
}

impl<'p> Translator<'p> {
    fn step(&mut self, letter: char) -> Result<(), PatternError> {
        match letter {
            '(' => self.group(),
            ')' => self.close(),
            '[' => {
                class::class(&mut self.cursor, &mut self.out)?;
                self.atom(1);
                Ok(())
            }
            '\\' => self.escape(),
            '*' | '+' | '?' => self.repeat(1, 1),
            '{' => self.brace(),
            '|' => {
                self.same();
                self.last = Last::Nothing;
                Ok(())
            }
            '.' | '^' | '$' => {
                self.same();
                self.atom(1);
                Ok(())
            }
            _ => {
                self.cursor.next();
                self.literal(letter);
                Ok(())
            }
        }
    }

    /// Prints the next character as it is.
    fn same(&mut self) {
        self.out.extend(self.cursor.next());
    }

    fn literal(&mut self, letter: char) {
        print(letter, &mut self.out);
        self.atom(1);
    }

    fn atom(&mut self, repeats: u64) {
        let most = self.open.last_mut().map_or(&mut self.outermost, |open| &mut open.repeats);
        *most = (*most).max(repeats);
        self.last = Last::Atom(repeats);
        self.end = self.out.len();
    }

    fn escape(&mut self) -> Result<(), PatternError> {
        if self.cursor.eat("\\Q") {
            self.quotation();
            return Ok(());
        }
        let second = self.cursor.second().unwrap_or_default();
        if let Some((negation, inside)) = perl_class(second) {
            self.cursor.at += 2;
            self.out.push_str(&format!("[{negation}{inside}]"));
            self.atom(1);
            return Ok(());
        }
        match second {
            'A' | 'z' => {
                self.same();
                self.same();
            }
            'b' | 'B' => {
                self.cursor.at += 2;
                self.out.push_str(&format!("(?-u:\\{second})"));
            }
            'p' | 'P' => {
                let printed = self.cursor.property()?;
                self.out.push_str(&printed);
            }
            _ => print(self.cursor.escaped()?, &mut self.out),
        }
        self.atom(1);
        Ok(())
    }

    /// `\Q…\E`; without `\E` up to the end of the pattern.
    fn quotation(&mut self) {
        let rest = self.cursor.rest();
        let quoted = rest.split_once("\\E").map_or(rest, |(quoted, _)| quoted);
        quoted.chars().for_each(|letter| self.literal(letter));
        self.cursor.at += quoted.len();
        self.cursor.eat("\\E");
    }

    fn brace(&mut self) -> Result<(), PatternError> {
        let Some(count) = count(self.cursor.rest()) else {
            self.cursor.next();
            self.literal('{');
            return Ok(());
        };
        let start = self.cursor.at;
        let at = start..start + count.length;
        let written = self.cursor.text.get(at.clone()).unwrap_or_default();
        if count.least > MOST_REPEATS || count.most.is_some_and(|most| most > MOST_REPEATS) {
            return Err(too_often(at, &format!("`{written}` repeats too often")));
        }
        if count.most.is_some_and(|most| most < count.least) {
            let message = format!("`{written}` has its bounds the wrong way round");
            return Err(PatternError::new(at, message, "write the smaller number first"));
        }
        self.repeat(count.length, count.most.unwrap_or(count.least).max(1))
    }

    /// A repetition of `length` bytes, and the `?` after it.
    fn repeat(&mut self, length: usize, times: u64) -> Result<(), PatternError> {
        let start = self.cursor.at;
        self.cursor.at += length;
        let sign = self.cursor.since(start);
        let repeats = match self.last {
            Last::Nothing => {
                let help = format!("write `\\{sign}` for the character itself");
                return Err(self.cursor.error(start, format!("`{sign}` has nothing to repeat"), &help));
            }
            Last::Repeated(from, _) => {
                let message = format!("`{}` repeats a repetition", self.cursor.since(from));
                return Err(self.cursor.error(
                    from,
                    message,
                    "keep one of them, or put the first in `(?:…)`",
                ));
            }
            Last::Atom(repeats) => repeats.saturating_mul(times),
        };
        if repeats > MOST_REPEATS {
            return Err(too_often(start..self.cursor.at, "nested repetitions repeat too often"));
        }
        self.cursor.eat("?");
        let written = self.cursor.since(start);
        let end = self.end + written.len();
        self.out.insert_str(self.end, written);
        self.atom(repeats);
        self.end = end;
        self.last = Last::Repeated(start, repeats);
        Ok(())
    }

    fn close(&mut self) -> Result<(), PatternError> {
        let Some(open) = self.open.pop() else {
            let at = self.cursor.at..self.cursor.at + 1;
            return Err(PatternError::new(at, "this `)` closes nothing", "write `\\)` for the character"));
        };
        self.same();
        self.atom(open.repeats);
        Ok(())
    }

    fn group(&mut self) -> Result<(), PatternError> {
        let at = self.cursor.at;
        if let Some((sign, message, help)) = refused_group(self.cursor.rest()) {
            return Err(PatternError::new(at..at + sign.len(), message, help));
        }
        if self.cursor.eat("(?P<") || self.cursor.eat("(?<") {
            self.name(at)?;
        } else if self.cursor.eat("(?") {
            return self.flags(at);
        } else {
            self.cursor.next();
        }
        self.groups += 1;
        self.out.push('(');
        self.enter(at);
        Ok(())
    }

    fn enter(&mut self, at: usize) {
        self.open.push(Open { at, repeats: 1 });
        self.last = Last::Nothing;
    }

    /// The name of a group is checked and dropped: rules number their groups.
    fn name(&mut self, at: usize) -> Result<(), PatternError> {
        let help = "write it as `(?P<name>…)`, with letters, digits and `_`";
        let Some((name, _)) = self.cursor.rest().split_once('>') else {
            return Err(self.cursor.error(at, "the name of this group is never closed", help));
        };
        self.cursor.at += name.len() + 1;
        if name.is_empty() || !name.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
            return Err(self.cursor.error(at, format!("`{name}` is no name for a group"), help));
        }
        if !self.names.insert(name) {
            let message = format!("the pattern has two groups with the name `{name}`");
            return Err(self.cursor.error(at, message, "rename one of them"));
        }
        Ok(())
    }

    /// `(?i)` or `(?i-s:`, behind its `(?`. A flag may come twice in RE2; the last word counts.
    fn flags(&mut self, at: usize) -> Result<(), PatternError> {
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negated, mut seen) = (false, false);
        loop {
            match self.cursor.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    seen = true;
                    on.retain(|other| other != flag);
                    off.retain(|other| other != flag);
                    if negated { off.push(flag) } else { on.push(flag) }
                }
                Some('-') if !negated => (negated, seen) = (true, false),
                Some(end @ (')' | ':')) if seen || !negated => {
                    self.print_flags(&on, &off, end);
                    if end == ':' {
                        self.enter(at);
                    }
                    return Ok(());
                }
                _ => return Err(self.bad_flag(at)),
            }
        }
    }

    /// A repetition after `(?i)` is one of what stands before that; after `(?U)` it would be printed with another sign.
    fn print_flags(&mut self, on: &str, off: &str, end: char) {
        self.last = match self.last {
            Last::Atom(repeats) | Last::Repeated(_, repeats)
                if end == ')' && !(on.contains('U') || off.contains('U')) =>
            {
                Last::Atom(repeats)
            }
            Last::Nothing | Last::Atom(_) | Last::Repeated(..) => Last::Nothing,
        };
        let dash = if off.is_empty() { "" } else { "-" };
        if end == ':' || !on.is_empty() || !off.is_empty() {
            self.out.push_str(&format!("(?{on}{dash}{off}{end}"));
        }
    }

    fn bad_flag(&self, at: usize) -> PatternError {
        let written = self.cursor.since(at);
        let help = "the flags are `i`, `m`, `s` and `U`: `(?i)`, `(?s:…)`";
        self.cursor.error(at, format!("RE2 has no group `{written}`"), help)
    }
}

fn too_often(at: std::ops::Range<usize>, message: &str) -> PatternError {
    PatternError::new(at, message, "RE2 repeats at most 1000 times, counting repetitions within repetitions")
}

/// The openings of groups that other engines have.
fn refused_group(rest: &str) -> Option<(&'static str, &'static str, &'static str)> {
    const LOOK_AHEAD: &str = "RE2 has no look-ahead";
    const LOOK_BEHIND: &str = "RE2 has no look-behind";
    const SPLIT: &str = "test for it in a second pattern, such as `not re.regex(…)`";
    const TABLE: [(&str, &str, &str); 8] = [
        ("(?=", LOOK_AHEAD, "test for it in a second pattern"),
        ("(?!", LOOK_AHEAD, SPLIT),
        ("(?<=", LOOK_BEHIND, "match what comes before, and capture the rest"),
        ("(?<!", LOOK_BEHIND, SPLIT),
        ("(?P=", "RE2 has no back-reference", "write out what the group matches"),
        ("(?P>", "RE2 has no recursion", "write out what the group matches"),
        ("(?>", "RE2 has no atomic group", "write `(?:`"),
        ("(?#", "RE2 has no comment", "leave it out"),
    ];
    TABLE.into_iter().find(|(sign, ..)| rest.starts_with(sign))
}

/// `{n}`, `{n,}` or `{n,m}`; any other `{` is the character.
fn count(rest: &str) -> Option<Count> {
    let inside = rest.strip_prefix('{')?;
    // Not up to any `}`: a pattern of nothing but `{` would be gone through once for each.
    let length = inside.find(|letter: char| letter != ',' && !letter.is_ascii_digit())?;
    let body =
        inside.get(..length).filter(|_| inside.get(length..).is_some_and(|after| after.starts_with('}')))?;
    let (least, most) = match body.split_once(',') {
        None => (number(body)?, Some(number(body)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some(Count { length: body.len() + 2, least, most })
}

/// RE2 takes no leading zeros here.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    (plain && !padded).then(|| digits.parse().unwrap_or(u64::MAX))
}
