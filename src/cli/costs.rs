//! What each rule cost and found, as a table on standard error.

use std::time::Duration;

use crate::exec::tally::Tally;
use crate::report::escape;
use crate::value::number::grouped;

/// A row of the table, as text; the first cell is a name, all others are numbers.
type Row = [String; 6];

const HEAD: [&str; 6] = ["rule", "tested", "matched", "windows", "detections", "time"];

/// The rules in the order they were given; the share of the time is that of the work on rules alone.
pub(super) fn table(tallies: &[(String, Tally)]) -> String {
    let whole: Duration = tallies.iter().map(|(_, tally)| tally.time).sum();
    let rows = tallies.iter().map(|(name, tally)| row(name, tally, whole));
    let rows: Vec<Row> = std::iter::once(HEAD.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn row(name: &str, tally: &Tally, whole: Duration) -> Row {
    let share = 100.0 * tally.time.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
    let counts = [tally.tested, tally.matched, tally.windows, tally.detections].map(grouped);
    let [tested, matched, windows, detections] = counts;
    [escape(name).into(), tested, matched, windows, detections, format!("{share:.1} %")]
}

fn line(row: &Row, widths: &[usize]) -> String {
    let [name, numbers @ ..] = row;
    let mut widths = widths.iter().copied();
    let name = format!("{name:<width$}", width = widths.next().unwrap_or(0));
    let numbers = numbers.iter().zip(widths).map(|(number, width)| format!("  {number:>width$}"));
    std::iter::once(name).chain(numbers).chain(["\n".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_below_their_heads() {
        let tally = |tested, millis| Tally {
            tested,
            matched: 2,
            windows: 1,
            detections: 1,
            time: Duration::from_millis(millis),
        };
        let rows = [("a".to_owned(), tally(12_345, 30)), ("longer".to_owned(), tally(7, 10))];
        let expected = "\
rule    tested  matched  windows  detections    time
a       12 345        2        1           1  75.0 %
longer       7        2        1           1  25.0 %
";
        assert_eq!(table(&rows), expected);
    }
}
