//! Counts lines through the reader itself: the measure that everything else is compared with.

use std::ops::ControlFlow;

use super::chunk::Chunk;
use super::cut::Next;
use super::reading::{ReadOptions, drive};
use super::source::Input;
use super::tally::{Outcome, Walk};
use super::walk::Walked;

struct Newlines;

impl Walk<()> for Newlines {
    fn walk(&mut self, chunk: &mut Chunk, next: Next) -> Option<Outcome<()>> {
        let failed = match next {
            Next::End => return None,
            Next::Failed(_, error) => Some(error),
            Next::Chunk => None,
        };
        let lines = memchr::memchr_iter(b'\n', chunk.bytes()).count() as u64;
        let outcome = Outcome::new(chunk.opens.clone(), failed);
        Some(Outcome { walked: Walked { lines, indexes: 0 }, ..outcome })
    }
}

/// How many lines the inputs have, read in chunks by as many threads as for a run.
pub fn newlines(inputs: &[Input], options: &ReadOptions) -> u64 {
    let mut lines = 0;
    let order = super::order::Order::default();
    drive(inputs, options, &order, &|| Newlines, &mut |outcome| {
        lines += outcome.walked.lines;
        ControlFlow::Continue(())
    });
    lines
}
