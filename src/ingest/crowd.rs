//! Finds records that follow another on the same line.

/// So many bytes are looked at together, in one pass that needs no look at each: it takes half the time of a search for
/// each of the ways in which a record may follow.
const WIDTH: usize = 64;

/// Does one record follow another on some line?
pub(super) fn is_in(bytes: &[u8]) -> bool {
    places(bytes).next().is_some()
}

/// The brackets, and the ends of line of their own kind, behind which another record begins on the same line, in order.
pub(super) fn places(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let (stretches, rest) = bytes.as_chunks::<WIDTH>();
    let next = bytes.get(1..).unwrap_or_default().as_chunks::<WIDTH>().0;
    // What stands at the end is looked at in any case.
    let end = bytes.len() - if next.len() < stretches.len() { rest.len() + WIDTH } else { rest.len() };
    let stretches = stretches.iter().zip(next).enumerate();
    let found = stretches.filter(|(_, (stretch, next))| may_hold(stretch, next));
    let places = found.flat_map(|(number, _)| number * WIDTH..(number + 1) * WIDTH);
    let all = places.chain(end..bytes.len());
    all.filter(|at| match bytes.get(*at..) {
        Some([b'}', behind @ ..]) => opens_another(behind),
        // The record before it may be cut off.
        Some([b'\r', b'{', ..]) => true,
        Some(_) | None => false,
    })
}

/// May such a place be among these bytes, each with the next one?
fn may_hold(stretch: &[u8; WIDTH], next: &[u8; WIDTH]) -> bool {
    let follows = |next: u8| u8::from(next == b'{') | (u8::from(next <= b' ') & u8::from(next != b'\n'));
    let pairs = stretch.iter().zip(next);
    let opens = |byte: u8, next: u8| {
        (u8::from(byte == b'}') & follows(next)) | (u8::from(byte == b'\r') & u8::from(next == b'{'))
    };
    pairs.fold(0, |found, (byte, next)| found | opens(*byte, *next)) != 0
}

/// Does a record begin behind a bracket, on the same line?
fn opens_another(behind: &[u8]) -> bool {
    let next = behind.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    next == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_follows_is_found_wherever_it_stands() {
        for between in ["", " ", "  ", "\t", "\r", " \t "] {
            for before in 0..150 {
                let before = "x".repeat(before) + "}";
                for behind in ["", "\"a\":1}\n", &"y".repeat(140)] {
                    let line = format!("{before}{between}{{{behind}");
                    assert_eq!(places(line.as_bytes()).next(), Some(before.len() - 1), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_record_behind_one_that_is_cut_off_is_found() {
        for before in 1..150 {
            let line = format!("{}\r{{}}", "x".repeat(before));
            assert_eq!(places(line.as_bytes()).collect::<Vec<_>>(), [before]);
        }
    }

    #[test]
    fn objects_within_a_record_are_no_records_that_follow() {
        let lines = "{\"a\":{} }\r\n{\"b\":{}, \"c\":1}\n".repeat(9);
        assert!(!is_in(lines.as_bytes()));
    }
}
