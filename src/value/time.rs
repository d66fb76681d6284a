//! Points in time, durations and windows, all in nanoseconds since the Unix epoch, UTC.

use std::str::FromStr;

use super::number;

/// Nanoseconds since the Unix epoch, UTC; from the year 1677 to 2262.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A length of time in nanoseconds, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(pub i64);

/// A stretch of time. Whether the end belongs to it depends on the kind of window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Window {
    /// First instant.
    pub start: Timestamp,
    /// Last instant, or one past it.
    pub end: Timestamp,
}

impl Window {
    /// The window of this length that holds `at`, one of those laid side by side from `origin` on.
    pub fn block(at: Timestamp, length: Duration, origin: Timestamp) -> Window {
        let size = length.0.max(1);
        let index = at.0.saturating_sub(origin.0).div_euclid(size);
        let start = Timestamp(index.saturating_mul(size).saturating_add(origin.0));
        Window { start, end: start.plus(length) }
    }

    /// The `count` months of the calendar in UTC that hold `at`, counted from January 1970.
    ///
    /// ```
    /// # use yaral::value::{Timestamp, Window};
    /// let window = Window::months(Timestamp::parse("2024-02-29T12:00:00Z").unwrap(), 1).unwrap();
    /// assert_eq!(window.end.to_rfc3339(), "2024-03-01T00:00:00Z");
    /// ```
    pub fn months(at: Timestamp, count: i64) -> Option<Window> {
        let date =
            jiff::Timestamp::from_second(at.seconds()).ok()?.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        let month = (i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1;
        let first = month.div_euclid(count.max(1)).checked_mul(count.max(1))?;
        let start = |month: i64| {
            let year = i16::try_from(month.div_euclid(12).checked_add(1970)?).ok()?;
            let number = i8::try_from(month.rem_euclid(12) + 1).ok()?;
            let date = jiff::civil::Date::new(year, number, 1).ok()?;
            let midnight = date.to_datetime(jiff::civil::Time::midnight());
            Timestamp::from_parts(jiff::tz::TimeZone::UTC.to_timestamp(midnight).ok()?.as_second(), 0)
        };
        Some(Window { start: start(first)?, end: start(first.checked_add(count.max(1))?)? })
    }
}

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

impl Duration {
    /// So many seconds, at most the 292 years that fit.
    pub const fn seconds(seconds: i64) -> Duration {
        Duration(seconds.saturating_mul(SECOND))
    }

    /// In the largest unit that divides it: `90m`, `1h`, `2d`, `30s`.
    pub fn to_text(self) -> String {
        const UNITS: [(i64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "m")];
        let seconds = self.0 / SECOND;
        match UNITS.iter().find(|(size, _)| seconds != 0 && seconds % size == 0) {
            Some((size, unit)) => format!("{}{unit}", seconds / size),
            None => format!("{seconds}s"),
        }
    }
}

/// The last day of the year 9999 is too late for the library, which leaves room for every time zone behind it.
fn last_day(text: &str) -> Option<(i64, u32)> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    let (date, time, offset) = (pieces.date(), pieces.time()?, pieces.to_numeric_offset()?);
    let days = date.since(jiff::civil::Date::new(1970, 1, 1).ok()?).ok()?.get_days();
    let hours = i64::from(days) * 24 + i64::from(time.hour());
    let seconds = (hours * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    Some((seconds - i64::from(offset.seconds()), u32::try_from(time.subsec_nanosecond()).ok()?))
}

impl Timestamp {
    /// The first Monday since the epoch, 1970-01-05: weeks count from it.
    pub const MONDAY: Timestamp = Timestamp(4 * 86_400 * SECOND);

    /// From seconds and nanoseconds; nothing beyond the range.
    pub fn from_parts(seconds: i64, nanos: u32) -> Option<Timestamp> {
        seconds.checked_mul(SECOND)?.checked_add(i64::from(nanos)).map(Timestamp)
    }

    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// The nanoseconds within the second.
    pub fn nanos(self) -> i64 {
        self.0.rem_euclid(SECOND)
    }

    /// Later by `by`, staying within the range.
    #[must_use]
    pub fn plus(self, by: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(by.0))
    }

    /// Earlier by `by`, staying within the range.
    #[must_use]
    pub fn minus(self, by: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(by.0))
    }

    /// RFC 3339 in UTC with `Z`, with 0, 3, 6 or 9 digits of fraction as proto JSON has it.
    ///
    /// ```
    /// # use yaral::value::Timestamp;
    /// assert_eq!(Timestamp(0).to_rfc3339(), "1970-01-01T00:00:00Z");
    /// assert_eq!(Timestamp(1_500_000_000).to_rfc3339(), "1970-01-01T00:00:01.500Z");
    /// ```
    pub fn to_rfc3339(self) -> String {
        let Ok(time) = jiff::Timestamp::from_second(self.seconds()) else { return String::new() };
        let time = jiff::tz::Offset::UTC.to_datetime(time);
        let mut text = String::with_capacity("2024-05-01T10:00:00.000000000Z".len());
        let (year, month, day) = (time.year().into(), time.month().into(), time.day().into());
        let (hour, minute, second) = (time.hour().into(), time.minute().into(), time.second().into());
        let parts = [
            ("", year, 4),
            ("-", month, 2),
            ("-", day, 2),
            ("T", hour, 2),
            (":", minute, 2),
            (":", second, 2),
        ];
        for (before, number, digits) in parts {
            text.push_str(before);
            push_digits(&mut text, number, digits);
        }
        let nanos = self.nanos();
        let fraction = match (nanos, nanos % 1_000_000, nanos % 1_000) {
            (0, ..) => None,
            (_, 0, _) => Some((nanos / 1_000_000, 3)),
            (_, _, 0) => Some((nanos / 1_000, 6)),
            _ => Some((nanos, 9)),
        };
        if let Some((fraction, digits)) = fraction {
            text.push('.');
            push_digits(&mut text, fraction, digits);
        }
        text.push('Z');
        text
    }

    /// Reads RFC 3339 with any offset; a space may stand for the `T`.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let (seconds, nanos) = Timestamp::parse_parts(text)?;
        Timestamp::from_parts(seconds, nanos)
    }

    /// The same as seconds and nanoseconds, from the year -9999 to 9999: much that never ends is said to end in 9999.
    ///
    /// ```
    /// # use yaral::value::Timestamp;
    /// assert_eq!(Timestamp::parse_parts("9999-12-31T23:59:59Z"), Some((253_402_300_799, 0)));
    /// ```
    pub fn parse_parts(text: &str) -> Option<(i64, u32)> {
        let Ok(time) = jiff::Timestamp::from_str(text) else { return last_day(text) };
        let (nanos, second) = (time.as_nanosecond(), i128::from(SECOND));
        Some((i64::try_from(nanos.div_euclid(second)).ok()?, u32::try_from(nanos.rem_euclid(second)).ok()?))
    }

    /// Reads an epoch number by its size: below 10^11 seconds, below 10^14 milliseconds, below 10^17 microseconds,
    /// else nanoseconds.
    pub fn from_epoch_number(number: i64) -> Option<Timestamp> {
        let scale = match number.unsigned_abs() {
            0..100_000_000_000 => SECOND,
            100_000_000_000..100_000_000_000_000 => 1_000_000,
            100_000_000_000_000..100_000_000_000_000_000 => 1_000,
            _ => 1,
        };
        number.checked_mul(scale).map(Timestamp)
    }

    /// The same of a number with a fraction: of seconds a double holds it to the microsecond, larger units lose theirs.
    ///
    /// ```
    /// # use yaral::value::Timestamp;
    /// assert_eq!(Timestamp::from_epoch_fraction(1.5), Some(Timestamp(1_500_000_000)));
    /// ```
    pub fn from_epoch_fraction(time: f64) -> Option<Timestamp> {
        const LAST_OF_SECONDS: f64 = 100_000_000_000.0;
        if time.abs() >= LAST_OF_SECONDS {
            return Timestamp::from_epoch_number(number::truncate(time)?);
        }
        number::truncate((time * 1_000_000.0).round())?.checked_mul(1_000).map(Timestamp)
    }
}

/// The last so many digits of a number that is not negative.
fn push_digits(text: &mut String, number: i64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = u32::try_from(number / 10_i64.pow(place) % 10).unwrap_or(0);
        text.extend(char::from_digit(digit, 10));
    }
}
