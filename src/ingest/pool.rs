//! Workers: each takes the next chunk, walks it, and sends what came of it; they never run far ahead of the merge.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::chunk::Chunk;
use super::cut::{Cutter, Next};
use super::order::{Going, Order, lock};
use super::sink::Sink;
use super::tally::{Outcome, Worker};

/// So many chunks for each worker may be cut and not merged yet: what is read ahead stays in bounds.
const AHEAD: u64 = 4;

/// What workers share.
struct Shared<'i> {
    cutter: Mutex<Numbered<'i>>,
    order: &'i Order,
    ahead: u64,
}

struct Numbered<'i> {
    cutter: Cutter<'i>,
    next: u64,
}

/// A worker that panics must not leave the others waiting.
struct Fuse<'i>(&'i Order);

impl Drop for Fuse<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

impl Shared<'_> {
    /// The next chunk, as soon as the merge is near enough. Others wait meanwhile, and would have to anyway.
    fn next(&self, chunk: &mut Chunk) -> Option<Next> {
        let mut numbered = lock(&self.cutter);
        chunk.number = numbered.next;
        if self.order.wait(chunk.number, self.ahead) == Going::Stopped {
            return None;
        }
        numbered.next += 1;
        Some(numbered.cutter.next(chunk))
    }
}

/// Walks all chunks in so many threads; `merge` gets what comes of them in order, in the thread of the caller.
pub(super) fn run<'w, S: Sink>(
    cutter: Cutter<'_>,
    order: &Order,
    (threads, worker): (usize, &(dyn Fn() -> Worker<'w, S> + Sync)),
    merge: &mut dyn FnMut(Outcome<S::Batch>) -> ControlFlow<()>,
) {
    let shared =
        Shared { cutter: Mutex::new(Numbered { cutter, next: 0 }), order, ahead: AHEAD * threads as u64 };
    let (send, outcomes) = channel();
    thread::scope(|scope| {
        let start = |send: Sender<_>| scope.spawn(|| work(&shared, worker(), send));
        let workers: Vec<_> = (0..threads).map(|_| start(send.clone())).collect();
        drop(send);
        collect(order, &outcomes, merge);
        for worker in workers {
            if let Err(panic) = worker.join() {
                // As it is: its message has been told, with its place.
                resume_unwind(panic);
            }
        }
    });
}

fn work<S: Sink>(shared: &Shared<'_>, mut worker: Worker<'_, S>, send: Sender<(u64, Outcome<S::Batch>)>) {
    let _fuse = Fuse(shared.order);
    let mut chunk = Chunk::default();
    while let Some(next) = shared.next(&mut chunk) {
        let Some(outcome) = worker.walk(&mut chunk, next) else { return };
        if send.send((chunk.number, outcome)).is_err() {
            return;
        }
    }
}

fn collect<B>(
    order: &Order,
    outcomes: &Receiver<(u64, Outcome<B>)>,
    merge: &mut dyn FnMut(Outcome<B>) -> ControlFlow<()>,
) {
    let mut early = BTreeMap::new();
    let mut next = 0;
    while let Ok((number, outcome)) = outcomes.recv() {
        early.insert(number, outcome);
        while let Some(outcome) = early.remove(&next) {
            if merge(outcome).is_break() {
                return order.stop();
            }
            order.count();
            next += 1;
        }
    }
}
