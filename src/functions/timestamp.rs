//! `timestamp.*`: calendars and clocks. Times are seconds since the Unix epoch; the zone is GMT unless given.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};

use super::{
    Args, BadLiteral, Example, Function, Kind, ROW, Returns, STAFF, bad, literal, optional, required, zone,
};
use crate::regex::Pattern;
use crate::value::operators::Overflow;
use crate::value::{Type, Value};

const SECONDS: super::Param = required("unix_seconds", Kind::Int);
const ZONE: super::Param = optional("time_zone", Kind::TextLiteral);
const ZONE_HELP: &str = "write a name as `America/New_York` or `UTC`, or an offset as `-08:00`; abbreviations such as \
                         `PST` are not accepted";

pub(super) static AS_UNIX_SECONDS: Function = Function {
    name: "timestamp.as_unix_seconds",
    params: &[required("timestamp", Kind::Text), ZONE],
    returns: Returns::Fixed(Type::Int),
    body: as_unix_seconds,
    verify: Some(zone_is_second),
    summary: "The seconds of a time written as `2024-02-22 10:43:00`; 0 (chosen) for other text.",
    examples: &[
        Example {
            call: r#"timestamp.as_unix_seconds("2024-02-22 10:43:00", "America/New_York")"#,
            gives: "1708616580",
        },
        Example { call: r#"timestamp.as_unix_seconds("yesterday")"#, gives: "0" },
    ],
    ..ROW
};

fn as_unix_seconds<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", &*args.text(0)).ok();
    let time = time.and_then(|time| zone_at(args, 1)?.to_timestamp(time).ok());
    Ok(Value::Int(time.map_or(0, |time| time.as_second())))
}

pub(super) static CURRENT_SECONDS: Function = Function {
    name: "timestamp.current_seconds",
    params: &[],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(Value::Int(args.now.seconds())),
    summary: "The time of the run.",
    examples: &[],
    ..ROW
};

pub(super) static DIFF: Function = Function {
    name: "timestamp.diff",
    params: &[required("end", Kind::Int), required("start", Kind::Int), optional("unit", Kind::TextLiteral)],
    returns: Returns::Fixed(Type::Int),
    body: diff,
    verify: Some(unit_is_third),
    summary: "Whole units from start to end, below 0 where the end is first; months, quarters and years by the calendar \
              in UTC. Seconds (chosen) unless a unit is given.",
    source: STAFF,
    examples: &[
        Example { call: r#"timestamp.diff(1278498000, 1230219000, "HOUR")"#, gives: "13410" },
        Example { call: "timestamp.diff(60, 0)", gives: "60" },
    ],
    ..ROW
};

fn diff<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let unit = if args.get(2).is_none() { Some(Unit::Second) } else { Unit::parse(&args.text(2)) };
    let Some(unit) = unit else { return Ok(Value::Int(0)) };
    let (end, start) = (args.int(0), args.int(1));
    if let Some(seconds) = unit.seconds() {
        return end.checked_sub(start).map(|between| Value::Int(between / seconds)).ok_or(Overflow);
    }
    let months = months_between(start, end).ok_or(Overflow)?;
    Ok(Value::Int(months / unit.months()))
}

fn months_between(start: i64, end: i64) -> Option<i64> {
    if end < start {
        return months_between(end, start).map(|months| -months);
    }
    let (start, end) = (moment(start, TimeZone::UTC)?.datetime(), moment(end, TimeZone::UTC)?.datetime());
    let index = |time: DateTime| i64::from(time.year()) * 12 + i64::from(time.month());
    let unfinished = (end.day(), end.time()) < (start.day(), start.time());
    Some(index(end) - index(start) - i64::from(unfinished))
}

pub(super) static GET_DATE: Function = Function {
    name: "timestamp.get_date",
    params: &[SECONDS, ZONE],
    returns: Returns::Fixed(Type::Text),
    body: |args| Ok(formatted(args, 1, "%F")),
    verify: Some(zone_is_second),
    summary: "The date as `YYYY-MM-DD`.",
    examples: &[
        Example { call: "timestamp.get_date(1708560000)", gives: r#""2024-02-22""# },
        Example { call: r#"timestamp.get_date(1708560000, "-08:00")"#, gives: r#""2024-02-21""# },
    ],
    ..ROW
};

pub(super) static GET_DAY_OF_WEEK: Function = Function {
    name: "timestamp.get_day_of_week",
    params: &[SECONDS, ZONE],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(part(args, |time| i64::from(time.weekday().to_sunday_one_offset()))),
    verify: Some(zone_is_second),
    summary: "The day of the week, from 1 for Sunday to 7 for Saturday.",
    examples: &[Example { call: "timestamp.get_day_of_week(1708598631)", gives: "5" }],
    ..ROW
};

pub(super) static GET_HOUR: Function = Function {
    name: "timestamp.get_hour",
    params: &[SECONDS, ZONE],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(part(args, |time| i64::from(time.hour()))),
    verify: Some(zone_is_second),
    summary: "The hour of the day, from 0 to 23.",
    examples: &[
        Example { call: "timestamp.get_hour(1708598631)", gives: "10" },
        Example { call: r#"timestamp.get_hour(1708598631, "America/Los_Angeles")"#, gives: "2" },
    ],
    ..ROW
};

pub(super) static GET_MINUTE: Function = Function {
    name: "timestamp.get_minute",
    params: &[SECONDS, ZONE],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(part(args, |time| i64::from(time.minute()))),
    verify: Some(zone_is_second),
    summary: "The minute of the hour, from 0 to 59.",
    examples: &[Example { call: r#"timestamp.get_minute(1708598631, "+5:30")"#, gives: "13" }],
    ..ROW
};

pub(super) static GET_TIMESTAMP: Function = Function {
    name: "timestamp.get_timestamp",
    params: &[SECONDS, optional("format", Kind::TextLiteral), optional("time_zone", Kind::TextLiteral)],
    returns: Returns::Fixed(Type::Text),
    body: get_timestamp,
    verify: Some(format_and_zone),
    summary: "The time as text: by `SECOND` (unless given), `MINUTE`, `HOUR`, `DATE`, `WEEK` (the date of its Sunday), \
              `MONTH`, `YEAR`, or a format of BigQuery's `%` elements.",
    examples: &[
        Example { call: "timestamp.get_timestamp(1708598631)", gives: r#""2024-02-22 10:43:51""# },
        Example { call: r#"timestamp.get_timestamp(1708598631, "WEEK", "GMT")"#, gives: r#""2024-02-18""# },
        Example { call: r#"timestamp.get_timestamp(1708598631, "%H:%M")"#, gives: r#""10:43""# },
    ],
    ..ROW
};

fn get_timestamp<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let text = args.text(1);
    if text == "WEEK" {
        let sunday = moment_at(args, 2).and_then(|time| sunday_of(time.date()));
        return Ok(Value::owned(sunday.map_or_else(String::new, |day| day.strftime("%F").to_string())));
    }
    let known = GRANULARITIES.iter().find(|(word, _)| *word == text);
    Ok(formatted(args, 2, known.map_or(&*text, |(_, format)| *format)))
}

const GRANULARITIES: [(&str, &str); 7] = [
    ("", "%F %T"),
    ("SECOND", "%F %T"),
    ("MINUTE", "%F %H:%M"),
    ("HOUR", "%F %H"),
    ("DATE", "%F"),
    ("MONTH", "%Y-%m"),
    ("YEAR", "%Y"),
];

pub(super) static GET_WEEK: Function = Function {
    name: "timestamp.get_week",
    params: &[SECONDS, ZONE],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(part(args, |time| week(time.date()))),
    verify: Some(zone_is_second),
    summary: "The week of the year, from 0 to 53. Weeks begin on Sunday; the days before the first one are week 0.",
    examples: &[
        Example { call: "timestamp.get_week(1704110400)", gives: "0" },
        Example { call: "timestamp.get_week(1708603200)", gives: "7" },
    ],
    ..ROW
};

/// The day of the year on which its week began lies in week 0 up to 0, in week 1 up to 7, and so on.
fn week(date: Date) -> i64 {
    let sunday = i64::from(date.day_of_year()) - i64::from(date.weekday().to_sunday_zero_offset());
    (sunday + 6).div_euclid(7)
}

pub(super) static NOW: Function = Function {
    name: "timestamp.now",
    params: &[],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(Value::Int(args.now.seconds())),
    summary: "The time of the run; the same as `timestamp.current_seconds`.",
    examples: &[],
    ..ROW
};

pub(super) static TRUNCATE: Function = Function {
    name: "timestamp.truncate",
    params: &[SECONDS, required("unit", Kind::TextLiteral)],
    returns: Returns::Fixed(Type::Int),
    body: truncate,
    verify: Some(unit_is_second),
    summary: "The start of the unit that holds the time, in UTC, as (chosen) seconds since the epoch; a week begins on \
              Sunday.",
    source: STAFF,
    examples: &[
        Example { call: r#"timestamp.truncate(1708601644, "MINUTE")"#, gives: "1708601640" },
        Example { call: r#"timestamp.truncate(1708601644, "MONTH")"#, gives: "1706745600" },
    ],
    ..ROW
};

fn truncate<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let seconds = args.int(0);
    let Some(unit) = Unit::parse(&args.text(1)) else { return Ok(Value::Int(0)) };
    if let Unit::Second | Unit::Minute | Unit::Hour | Unit::Day = unit {
        let size = unit.seconds().unwrap_or(1);
        return Ok(Value::Int(seconds.saturating_sub(seconds.rem_euclid(size))));
    }
    let date = moment(seconds, TimeZone::UTC).and_then(|time| unit.first_day(time.date()));
    let start = date
        .and_then(|date| TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok());
    Ok(Value::Int(start.map_or(0, |time| time.as_second())))
}

/// A unit of `timestamp.diff` and `timestamp.truncate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// In either case, singular or plural.
    fn parse(text: &str) -> Option<Unit> {
        let upper = text.to_ascii_uppercase();
        Some(match upper.strip_suffix('S').unwrap_or(&upper) {
            "SECOND" => Unit::Second,
            "MINUTE" => Unit::Minute,
            "HOUR" => Unit::Hour,
            "DAY" => Unit::Day,
            "WEEK" => Unit::Week,
            "MONTH" => Unit::Month,
            "QUARTER" => Unit::Quarter,
            "YEAR" => Unit::Year,
            _ => return None,
        })
    }

    /// Its length, where it always has the same.
    fn seconds(self) -> Option<i64> {
        match self {
            Unit::Second => Some(1),
            Unit::Minute => Some(60),
            Unit::Hour => Some(3_600),
            Unit::Day => Some(86_400),
            Unit::Week => Some(7 * 86_400),
            Unit::Month | Unit::Quarter | Unit::Year => None,
        }
    }

    /// Its length in months, 1 for what is shorter.
    fn months(self) -> i64 {
        match self {
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Week | Unit::Month => 1,
            Unit::Quarter => 3,
            Unit::Year => 12,
        }
    }

    /// The day on which the unit that holds `date` begins.
    fn first_day(self, date: Date) -> Option<Date> {
        match self {
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => Some(date),
            Unit::Week => sunday_of(date),
            Unit::Month => Some(date.first_of_month()),
            Unit::Quarter => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok(),
            Unit::Year => Some(date.first_of_year()),
        }
    }
}

fn sunday_of(date: Date) -> Option<Date> {
    let past = date.weekday().since(Weekday::Sunday);
    date.checked_sub(i64::from(past).days()).ok()
}

fn moment(seconds: i64, zone: TimeZone) -> Option<ZonedDateTime> {
    Some(jiff::Timestamp::from_second(seconds).ok()?.to_zoned_datetime(zone))
}

/// The time at 0, in the zone at `index`.
fn moment_at(args: &Args, index: usize) -> Option<ZonedDateTime> {
    moment(args.int(0), zone_at(args, index)?)
}

fn zone_at(args: &Args, index: usize) -> Option<TimeZone> {
    if args.get(index).is_none() { Some(TimeZone::UTC) } else { zone::parse(&args.text(index)) }
}

/// A part of the time at 0 in the zone at 1; 0 where the time is beyond all calendars.
fn part<'a>(args: &Args, part: fn(&ZonedDateTime) -> i64) -> Value<'a> {
    Value::Int(moment_at(args, 1).map_or(0, |time| part(&time)))
}

fn formatted<'a>(args: &Args, zone_index: usize, format: &str) -> Value<'a> {
    let text = moment_at(args, zone_index).and_then(|time| zone::format(&time, format));
    Value::owned(text.unwrap_or_default())
}

type Values<'v> = &'v [Option<Value<'static>>];

fn zone_is_second(values: Values, _: Option<&Pattern>) -> Result<(), BadLiteral> {
    valid_zone(values, 1)
}

fn valid_zone(values: Values, index: usize) -> Result<(), BadLiteral> {
    match literal(values, index) {
        Some(text) if zone::parse(&text).is_none() => {
            bad(index, format!("`{text}` is no time zone"), ZONE_HELP)
        }
        _ => Ok(()),
    }
}

fn format_and_zone(values: Values, _: Option<&Pattern>) -> Result<(), BadLiteral> {
    match literal(values, 1) {
        Some(text) if zone::rewritten(&text).is_none() => {
            let help = "write elements such as `%F %T`, and `%%` for the sign";
            bad(1, format!("`{text}` has an unknown `%` element"), help)
        }
        Some(text) if is_unknown_word(&text) => {
            let help = "write `SECOND`, `MINUTE`, `HOUR`, `DATE`, `WEEK`, `MONTH`, `YEAR`, or a format such as `%F %T`";
            bad(1, format!("`{text}` is neither a granularity nor a format"), help)
        }
        _ => valid_zone(values, 2),
    }
}

/// A format without elements gives the same text for every time.
fn is_unknown_word(text: &str) -> bool {
    text != "WEEK" && !text.contains('%') && !GRANULARITIES.iter().any(|(word, _)| *word == text)
}

fn unit_is_second(values: Values, _: Option<&Pattern>) -> Result<(), BadLiteral> {
    valid_unit(values, 1)
}

fn unit_is_third(values: Values, _: Option<&Pattern>) -> Result<(), BadLiteral> {
    valid_unit(values, 2)
}

fn valid_unit(values: Values, index: usize) -> Result<(), BadLiteral> {
    match literal(values, index) {
        Some(text) if Unit::parse(&text).is_none() => {
            let help = "write `SECOND`, `MINUTE`, `HOUR`, `DAY`, `WEEK`, `MONTH`, `QUARTER` or `YEAR`";
            bad(index, format!("`{text}` is no unit of time"), help)
        }
        _ => Ok(()),
    }
}
