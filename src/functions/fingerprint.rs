//! The 64-bit fingerprint of bytes that is known as `fingerprint2011`. All arithmetic is modulo 2^64.

use std::num::Wrapping;

type Word = Wrapping<u64>;

const K0: Word = Wrapping(0xa5b8_5c5e_198e_d849);
const K1: Word = Wrapping(0x8d58_ac26_afe1_2e47);
const K2: Word = Wrapping(0xc47b_6e9e_3a97_0ed3);
const K3: Word = Wrapping(0xc6a4_a793_5bd1_e995);

/// The fingerprint, at least 2.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    let inner = match bytes.len() {
        0..=32 => short(bytes),
        33..=64 => medium(bytes),
        _ => long(bytes),
    };
    let first = if bytes.len() < 8 { K0 } else { word(bytes, 0) };
    let last = if bytes.len() < 9 { K0 } else { from_end(bytes, 8) };
    match combine(inner + last, first) {
        // 0 and 1 are kept free for other uses and go to the top of the range.
        Wrapping(low @ (0 | 1)) => low.wrapping_sub(2),
        Wrapping(result) => result,
    }
}

/// Eight bytes from `at`, the lowest first; those beyond the end count as 0.
fn word(bytes: &[u8], at: usize) -> Word {
    let mut eight = [0; 8];
    eight.iter_mut().zip(bytes.iter().skip(at)).for_each(|(slot, byte)| *slot = *byte);
    Wrapping(u64::from_le_bytes(eight))
}

/// Eight bytes, the first of them `distance` before the end.
fn from_end(bytes: &[u8], distance: usize) -> Word {
    word(bytes, bytes.len().saturating_sub(distance))
}

fn length(bytes: &[u8]) -> Word {
    Wrapping(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}

fn rotated(word: Word, by: u32) -> Word {
    Wrapping(word.0.rotate_right(by))
}

fn shifted(word: Word) -> Word {
    word ^ (word >> 47)
}

fn combine(high: Word, low: Word) -> Word {
    let both = shifted((low ^ high) * K3);
    shifted((high ^ both) * K3) * K3
}

/// Up to 32 bytes, word by word.
fn short(bytes: &[u8]) -> Word {
    let mut hash = K0 ^ K1 ^ K2 ^ (length(bytes) * K3);
    for chunk in bytes.chunks(8) {
        let word = word(chunk, 0);
        let whole = chunk.len() == 8;
        hash = (hash ^ if whole { shifted(word * K3) * K3 } else { word }) * K3;
    }
    shifted(shifted(hash) * K3)
}

/// 33 to 64 bytes: the first and the last 32, which may overlap.
fn medium(bytes: &[u8]) -> Word {
    let front = word(bytes, 0) + (length(bytes) + from_end(bytes, 16)) * K0;
    let (front_sum, front_mix) = stir(front, word(bytes, 8), word(bytes, 16), word(bytes, 24));
    let back = word(bytes, 16) + from_end(bytes, 32);
    let (back_sum, back_mix) = stir(back, from_end(bytes, 24), from_end(bytes, 16), from_end(bytes, 8));
    let joined = shifted((front_sum + back_mix) * K2 + (back_sum + front_mix) * K0);
    shifted(joined * K0 + front_mix) * K2
}

fn stir(start: Word, second: Word, third: Word, last: Word) -> (Word, Word) {
    let (middle, sum) = (start + second, start + second + third);
    let mixed = rotated(start + last, 52) + rotated(start, 37) + rotated(middle, 7) + rotated(sum, 31);
    (sum + last, mixed)
}

/// Two words of state over the 32 bytes from `at`.
fn fold(bytes: &[u8], at: usize, first: Word, second: Word) -> (Word, Word) {
    let [one, two, three, four] = [0, 8, 16, 24].map(|offset| word(bytes, at + offset));
    let start = first + one;
    let sum = start + two + three;
    (sum + four, rotated(second + start + four, 51) + rotated(sum, 23) + start)
}

/// More than 64 bytes: the tail first, then blocks of 64, over seven words of state.
fn long(bytes: &[u8]) -> Word {
    let size = bytes.len();
    let mut y = from_end(bytes, 16) ^ K1;
    let mut v = fold(bytes, size.saturating_sub(64), length(bytes), y);
    let mut w = fold(bytes, size.saturating_sub(32), length(bytes) * K1, K0);
    let mut z = (from_end(bytes, 56) ^ K0) + shifted(v.1) * K1;
    let mut x = rotated(z + word(bytes, 0), 39) * K1;
    y = rotated(y, 33) * K1;
    let blocks = size.saturating_sub(1) / 64;
    for at in (0..blocks).map(|block| block * 64) {
        x = (rotated(x + y + v.0 + word(bytes, at + 16), 37) * K1) ^ w.1;
        y = (rotated(y + v.1 + word(bytes, at + 48), 42) * K1) ^ v.0;
        z = rotated(z ^ w.0, 33);
        v = fold(bytes, at, v.1 * K1, x + w.0);
        w = fold(bytes, at + 32, z + w.1, y);
        std::mem::swap(&mut z, &mut x);
    }
    combine(combine(v.0, w.0) + shifted(y) * K1 + z, combine(v.1, w.1) + x)
}
