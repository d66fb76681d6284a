//! Workers: each takes the next chunk, walks it, and sends what came of it; they never run far ahead of the merge.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::chunk::Chunk;
use super::cut::{Cutter, Next};
use super::sink::Sink;
use super::tally::{Outcome, Worker};

/// So many chunks for each worker may be cut and not merged yet: what is read ahead stays in bounds.
const AHEAD: u64 = 4;

/// What workers share.
struct Shared<'i> {
    cutter: Mutex<Numbered<'i>>,
    merge: Mutex<Merge>,
    merged: Condvar,
    ahead: u64,
}

struct Numbered<'i> {
    cutter: Cutter<'i>,
    next: u64,
}

/// How far the merge is.
#[derive(Default)]
struct Merge {
    done: u64,
    stopped: bool,
}

/// A worker that panics must not leave the others waiting.
struct Fuse<'s, 'i>(&'s Shared<'i>);

impl Drop for Fuse<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

impl<'i> Shared<'i> {
    fn stop(&self) {
        lock(&self.merge).stopped = true;
        self.merged.notify_all();
    }

    fn count(&self) {
        lock(&self.merge).done += 1;
        self.merged.notify_all();
    }

    /// The next chunk with its number, as soon as the merge is near enough. Others wait meanwhile, and would have to
    /// anyway.
    fn next(&self, chunk: &mut Chunk) -> Option<(u64, Next)> {
        let mut numbered = lock(&self.cutter);
        let number = numbered.next;
        let far = |merge: &mut Merge| !merge.stopped && number >= merge.done + self.ahead;
        let merge = self.merged.wait_while(lock(&self.merge), far).unwrap_or_else(PoisonError::into_inner);
        if merge.stopped {
            return None;
        }
        drop(merge);
        let next = numbered.cutter.next(chunk);
        numbered.next += 1;
        Some((number, next))
    }
}

/// What a panic left behind is not looked at again: the run ends.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Walks all chunks in so many threads; `merge` gets what comes of them in order, in the thread of the caller.
pub(super) fn run<'w, S: Sink>(
    cutter: Cutter<'_>,
    threads: usize,
    worker: &(dyn Fn() -> Worker<'w, S> + Sync),
    merge: &mut dyn FnMut(Outcome<S::Batch>) -> ControlFlow<()>,
) {
    let shared = Shared {
        cutter: Mutex::new(Numbered { cutter, next: 0 }),
        merge: Mutex::default(),
        merged: Condvar::new(),
        ahead: AHEAD * threads as u64,
    };
    let (send, outcomes) = channel();
    thread::scope(|scope| {
        let start = |send: Sender<_>| scope.spawn(|| work(&shared, worker(), send));
        let workers: Vec<_> = (0..threads).map(|_| start(send.clone())).collect();
        drop(send);
        collect(&shared, &outcomes, merge);
        for worker in workers {
            if let Err(panic) = worker.join() {
                // As it is: its message has been told, with its place.
                resume_unwind(panic);
            }
        }
    });
}

fn work<S: Sink>(shared: &Shared<'_>, mut worker: Worker<'_, S>, send: Sender<(u64, Outcome<S::Batch>)>) {
    let _fuse = Fuse(shared);
    let mut chunk = Chunk::default();
    while let Some((number, next)) = shared.next(&mut chunk) {
        let Some(outcome) = worker.walk(&mut chunk, next) else { return };
        if send.send((number, outcome)).is_err() {
            return;
        }
    }
}

fn collect<B>(
    shared: &Shared<'_>,
    outcomes: &Receiver<(u64, Outcome<B>)>,
    merge: &mut dyn FnMut(Outcome<B>) -> ControlFlow<()>,
) {
    let mut early = BTreeMap::new();
    let mut next = 0;
    while let Ok((number, outcome)) = outcomes.recv() {
        early.insert(number, outcome);
        while let Some(outcome) = early.remove(&next) {
            if merge(outcome).is_break() {
                return shared.stop();
            }
            shared.count();
            next += 1;
        }
    }
}
