//! What is known of the record at hand: the answer to each test that several plans ask, so that it is looked for once.

use std::cell::Cell;

use crate::plan::facts::{Fact, FactOf};

/// Elements beyond this many of a list are tested each time anew.
const ELEMENTS: u32 = 64;

/// The answers for one record, by fact. They are forgotten all at once, by counting the record.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    record: Cell<u32>,
    answers: Vec<Answer>,
}

/// Where a fact is known, and where it holds: a bit for each element of its list, or one bit.
#[derive(Debug, Default, Clone)]
struct Answer {
    /// The record that it is about.
    record: Cell<u32>,
    known: Cell<u64>,
    holds: Cell<u64>,
}

impl Verdicts {
    pub(super) fn new(facts: u32) -> Verdicts {
        Verdicts { record: Cell::new(0), answers: vec![Answer::default(); facts as usize] }
    }

    /// Begins with the next record, of which nothing is known.
    pub(super) fn next(&self) {
        let next = self.record.get().checked_add(1).unwrap_or_else(|| {
            self.answers.iter().for_each(|answer| answer.record.set(0));
            1
        });
        self.record.set(next);
    }

    /// The answer, where it is known.
    pub(super) fn get(&self, fact: Fact, element: u32) -> Option<bool> {
        let bit = bit(fact, element)?;
        let answer = self.answers.get(fact.id.0 as usize)?;
        let known = answer.record.get() == self.record.get() && answer.known.get() & bit != 0;
        known.then(|| answer.holds.get() & bit != 0)
    }

    /// Keeps an answer.
    pub(super) fn set(&self, fact: Fact, element: u32, holds: bool) {
        let (Some(bit), Some(answer)) = (bit(fact, element), self.answers.get(fact.id.0 as usize)) else {
            return;
        };
        if answer.record.replace(self.record.get()) != self.record.get() {
            answer.known.set(0);
            answer.holds.set(0);
        }
        answer.known.set(answer.known.get() | bit);
        let others = answer.holds.get() & !bit;
        answer.holds.set(if holds { others | bit } else { others });
    }
}

fn bit(fact: Fact, element: u32) -> Option<u64> {
    match fact.of {
        FactOf::Record => Some(1),
        FactOf::Element(_) => (element < ELEMENTS).then(|| 1 << element),
    }
}

/// The answers so far, and which of them the tests of one plan ask.
#[derive(Clone, Copy)]
pub(super) struct Shared<'s> {
    /// By atom.
    pub(super) facts: &'s [Option<Fact>],
    pub(super) verdicts: &'s Verdicts,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::wanted::ListId;
    use crate::plan::facts::FactId;

    #[test]
    fn answers_are_kept_by_element_until_the_next_record() {
        let verdicts = Verdicts::new(1);
        let fact = Fact { id: FactId(0), of: FactOf::Element(ListId(0)) };
        verdicts.next();
        verdicts.set(fact, 3, true);
        verdicts.set(fact, 4, false);
        assert_eq!([3, 4, 5].map(|element| verdicts.get(fact, element)), [Some(true), Some(false), None]);
        verdicts.set(fact, u32::MAX, true);
        assert_eq!(verdicts.get(fact, u32::MAX), None);
        verdicts.next();
        assert_eq!(verdicts.get(fact, 3), None);
    }

    #[test]
    fn a_fact_of_the_record_has_one_answer() {
        let verdicts = Verdicts::new(1);
        let fact = Fact { id: FactId(0), of: FactOf::Record };
        verdicts.next();
        verdicts.set(fact, 0, true);
        assert_eq!(verdicts.get(fact, u32::MAX), Some(true));
    }
}
