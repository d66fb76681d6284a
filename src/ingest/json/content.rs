//! What kinds of byte a string holds.

use wide::u8x16;

/// So many bytes are looked at together.
const WIDTH: usize = 16;

/// The last byte that must be escaped.
const LAST_CONTROL: u8 = b' ' - 1;

/// What a string is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Nothing but ASCII.
    Ascii,
    /// Other bytes, too, which may be UTF-8 or not.
    Any,
}

/// The first byte that must be escaped, and what the string is made of. Few strings have such a byte or are not ASCII:
/// one look for both, that never stops early, saves a run whose rule reads every launch 3 % against one for each.
pub(super) fn content(bytes: &[u8]) -> (Option<usize>, Letters) {
    let (least, bits) = extremes(bytes);
    let control = least.simd_eq(least.min(u8x16::splat(LAST_CONTROL))).any();
    let first = if control { bytes.iter().position(|byte| *byte <= LAST_CONTROL) } else { None };
    (first, if bits.any() { Letters::Any } else { Letters::Ascii })
}

/// The least bytes, and all bits that bytes have. A stretch at the end overlaps the one before.
fn extremes(bytes: &[u8]) -> (u8x16, u8x16) {
    let Some(last) = bytes.last_chunk::<WIDTH>() else {
        let few = u8x16::from(few(bytes));
        return (few, few);
    };
    let last = u8x16::from(*last);
    let stretches = bytes.as_chunks().0.iter().map(|stretch| u8x16::from(*stretch));
    stretches.fold((last, last), |(least, bits), bytes| (least.min(bytes), bits | bytes))
}

/// The bytes of a short string, some of them twice, or spaces behind them.
fn few(bytes: &[u8]) -> [u8; WIDTH] {
    let mut all = [b' '; WIDTH];
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>(), all.as_chunks_mut().0) {
        (Some(first), Some(last), [low, high]) => (*low, *high) = (*first, *last),
        _ => all.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte),
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_noticed_wherever_it_stands_in_strings_of_any_length() {
        for length in 0..70 {
            let plain = vec![b'~'; length];
            assert_eq!(content(&plain), (None, Letters::Ascii));
            for at in 0..length {
                for (byte, expected) in [
                    (0, (Some(at), Letters::Ascii)),
                    (0x1f, (Some(at), Letters::Ascii)),
                    (b' ', (None, Letters::Ascii)),
                    (0x7f, (None, Letters::Ascii)),
                    (0x80, (None, Letters::Any)),
                    (0xff, (None, Letters::Any)),
                ] {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    assert_eq!(content(&bytes), expected, "{byte} at {at} of {length}");
                }
            }
        }
    }
}
