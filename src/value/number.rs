//! Numbers: conversions that lose no more than they must, and their text.

/// Shortest text of a double; whole values without a point.
pub fn float_text(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { format!("{number}") }
}

/// A signed whole number as the nearest double.
#[expect(clippy::cast_precision_loss, reason = "the language compares whole numbers and doubles as doubles")]
pub fn to_f64(number: i64) -> f64 {
    number as f64
}

/// An unsigned whole number as the nearest double.
#[expect(clippy::cast_precision_loss, reason = "the language compares whole numbers and doubles as doubles")]
pub fn unsigned_to_f64(number: u64) -> f64 {
    number as f64
}

/// A double cut to a whole number, where it fits.
#[expect(clippy::cast_possible_truncation, reason = "the range is tested first")]
pub fn truncate(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (number.is_finite() && (-LIMIT..LIMIT).contains(&number)).then_some(number as i64)
}

/// Digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let lead = digits.len() % 3;
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == lead {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}
