//! Points in time, durations and windows, all in nanoseconds since the Unix epoch, UTC.

use std::str::FromStr;

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

impl Timestamp {
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
        let whole = time.strftime("%Y-%m-%dT%H:%M:%S");
        let nanos = self.nanos();
        match (nanos, nanos % 1_000_000, nanos % 1_000) {
            (0, ..) => format!("{whole}Z"),
            (_, 0, _) => format!("{whole}.{:03}Z", nanos / 1_000_000),
            (_, _, 0) => format!("{whole}.{:06}Z", nanos / 1_000),
            _ => format!("{whole}.{nanos:09}Z"),
        }
    }

    /// Reads RFC 3339 with any offset; a space may stand for the `T`.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let time = jiff::Timestamp::from_str(text).ok()?;
        i64::try_from(time.as_nanosecond()).ok().map(Timestamp)
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
}
