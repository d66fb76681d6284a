//! Aggregates over windows that overlap: what came in is given back, and no row is looked at for each window that holds it.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::mem::discriminant;

use rustc_hash::FxHashMap;

use super::counting::{Key, number_key};
use super::numeric::{outcome, whole};
use super::{Item, Outcome, Sliding};
use crate::value::operators::{total_order, whole_value};
use crate::value::{Value, number};

/// How many rows there are.
#[derive(Default)]
pub(super) struct Rows(u128);

impl Sliding for Rows {
    fn add(&mut self, item: &Item<'_>) {
        self.0 += u128::from(item.weight);
    }

    fn remove(&mut self, item: &Item<'_>) {
        self.0 = self.0.saturating_sub(u128::from(item.weight));
    }

    fn result(&self) -> Option<Outcome> {
        let rows = u64::try_from(self.0).unwrap_or(u64::MAX);
        Some(outcome(whole_value(Some(i128::from(rows))), Value::Int(0)))
    }
}

/// How many different values there are.
#[derive(Default)]
pub(super) struct Different {
    /// How often each is in.
    times: FxHashMap<Same, u64>,
    /// Lists are told apart by what they hold.
    has_lists: bool,
}

/// Equal for values that are the same.
#[derive(PartialEq, Eq, Hash)]
enum Same {
    Number(Key<'static>),
    /// By its number, so that no text is hashed.
    Other(u32),
}

impl Same {
    fn of(item: &Item<'_>) -> Same {
        number_key(&item.value).map_or(Same::Other(item.number), Same::Number)
    }
}

impl Sliding for Different {
    fn add(&mut self, item: &Item<'_>) {
        self.has_lists |= matches!(item.value, Value::List(_));
        if item.weight > 0 {
            *self.times.entry(Same::of(item)).or_default() += 1;
        }
    }

    fn remove(&mut self, item: &Item<'_>) {
        if item.weight == 0 {
            return;
        }
        let same = Same::of(item);
        if let Some(times) = self.times.get_mut(&same) {
            *times -= 1;
            if *times == 0 {
                self.times.remove(&same);
            }
        }
    }

    fn result(&self) -> Option<Outcome> {
        let count = Value::Int(i64::try_from(self.times.len()).unwrap_or(i64::MAX));
        (!self.has_lists).then_some((count, None))
    }
}

/// The sum of whole numbers, and of how many rows. That of floats depends on their order.
pub(super) struct Total {
    whole: i128,
    rows: u128,
    /// How many are in that are no whole numbers, or very large.
    others: u64,
    /// What becomes of the sum and the number of rows.
    finish: fn(i128, f64) -> Outcome,
}

/// So many and more rows are not counted exactly by a double.
const INEXACT: u64 = 1 << 53;

impl Total {
    pub(super) fn start(finish: fn(i128, f64) -> Outcome) -> Box<dyn Sliding> {
        Box::new(Total { whole: 0, rows: 0, others: 0, finish })
    }

    /// What an item counts for; four thousand million such are within 128 bits, in whatever order.
    fn part(item: &Item<'_>) -> Option<i128> {
        const LARGE: u128 = 1 << 94;
        let product = whole(&item.value)?.checked_mul(i128::from(item.weight))?;
        (product.unsigned_abs() < LARGE).then_some(product)
    }
}

impl Sliding for Total {
    fn add(&mut self, item: &Item<'_>) {
        self.rows += u128::from(item.weight);
        match Total::part(item) {
            Some(part) => self.whole += part,
            None => self.others += 1,
        }
    }

    fn remove(&mut self, item: &Item<'_>) {
        self.rows = self.rows.saturating_sub(u128::from(item.weight));
        match Total::part(item) {
            Some(part) => self.whole -= part,
            None => self.others = self.others.saturating_sub(1),
        }
    }

    fn result(&self) -> Option<Outcome> {
        let rows = u64::try_from(self.rows).ok().filter(|rows| *rows < INEXACT)?;
        (self.others == 0).then(|| (self.finish)(self.whole, number::unsigned_to_f64(rows)))
    }
}

/// The value furthest in one direction.
pub(super) struct Furthest {
    /// How a value stands to the best so far when it takes its place.
    wanted: Ordering,
    none: Value<'static>,
    came: u64,
    gone: u64,
    /// Those that no later one reaches, with when each came: the first is the best. Of equal ones the last stays.
    best: VecDeque<(u64, Value<'static>)>,
    /// Values of different kinds, or lists, may be equal without being the same.
    is_mixed: bool,
}

impl Furthest {
    pub(super) fn start(wanted: Ordering, none: Value<'static>) -> Box<dyn Sliding> {
        Box::new(Furthest { wanted, none, came: 0, gone: 0, best: VecDeque::new(), is_mixed: false })
    }

    /// Does a value make one before it needless?
    fn reaches(&mut self, value: &Value<'_>) -> bool {
        let Some((_, last)) = self.best.back() else { return false };
        let last: &Value<'_> = last;
        self.is_mixed |= discriminant(last) != discriminant(value) || matches!(value, Value::List(_));
        let order = total_order(value, last);
        order == self.wanted || order.is_eq()
    }
}

impl Sliding for Furthest {
    fn add(&mut self, item: &Item<'_>) {
        if item.weight == 0 {
            return;
        }
        self.came += 1;
        while self.reaches(&item.value) {
            self.best.pop_back();
        }
        self.best.push_back((self.came, item.value.clone().into_static()));
    }

    fn remove(&mut self, item: &Item<'_>) {
        if item.weight == 0 {
            return;
        }
        self.gone += 1;
        while self.best.front().is_some_and(|(came, _)| *came <= self.gone) {
            self.best.pop_front();
        }
    }

    fn result(&self) -> Option<Outcome> {
        let best = self.best.front().map_or(&self.none, |(_, best)| best);
        (!self.is_mixed).then(|| (best.clone(), None))
    }
}
