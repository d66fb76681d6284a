//! The order that workers keep among themselves, since chunks are merged by position.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

/// How far the merge is, and what must be known in order.
#[derive(Default)]
pub(super) struct Order {
    merge: Mutex<Merge>,
    moved: Condvar,
    /// The events that detections of one input brought.
    seen: Mutex<(u32, FxHashSet<u64>)>,
}

#[derive(Default)]
struct Merge {
    done: u64,
    stopped: bool,
}

/// Whether the run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Going {
    On,
    Stopped,
}

impl Order {
    /// Nothing more is merged.
    pub(super) fn stop(&self) {
        lock(&self.merge).stopped = true;
        self.moved.notify_all();
    }

    /// One more chunk is merged.
    pub(super) fn count(&self) {
        lock(&self.merge).done += 1;
        self.moved.notify_all();
    }

    /// Waits until all but `ahead` of the chunks before `number` are merged.
    pub(super) fn wait(&self, number: u64, ahead: u64) -> Going {
        let far = |merge: &mut Merge| !merge.stopped && number > merge.done + ahead;
        let waited = self.moved.wait_while(lock(&self.merge), far);
        if waited.unwrap_or_else(PoisonError::into_inner).stopped { Going::Stopped } else { Going::On }
    }

    /// Is this the first time in its input? Only to be asked by whoever has waited for its turn.
    pub(super) fn is_first(&self, input: u32, hash: u64) -> bool {
        let mut seen = lock(&self.seen);
        if seen.0 != input {
            *seen = (input, FxHashSet::default());
        }
        seen.1.insert(hash)
    }
}

/// What a panic left behind is not looked at again: the run ends.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
