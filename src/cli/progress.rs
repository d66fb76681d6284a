//! How far a long run is, on a terminal.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::doors::{Input, Progress};

/// A run that ends sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const REFRESH: Duration = Duration::from_millis(200);

/// A bar while it lives, where somebody can see it.
pub struct Watch(Option<Watched>);

struct Watched {
    progress: Arc<Progress>,
    /// Dropped, it ends the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches a run over these inputs.
    pub fn start(inputs: &[Input]) -> Watch {
        if !io::stderr().is_terminal() {
            return Watch(None);
        }
        let progress = Arc::new(Progress::default());
        let (stop, stopped) = channel();
        let (seen, total) = (Arc::clone(&progress), total(inputs));
        let thread = thread::spawn(move || show(&seen, total, &stopped));
        Watch(Some(Watched { progress, stop: Some(stop), thread: Some(thread) }))
    }

    /// What the run is to tell how far it is.
    pub fn progress(&self) -> Option<Arc<Progress>> {
        self.0.as_ref().map(|watched| Arc::clone(&watched.progress))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A bar that failed is no reason to fail.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The bytes to read, where that can be known.
fn total(inputs: &[Input]) -> Option<u64> {
    inputs.iter().map(size).sum()
}

fn size(input: &Input) -> Option<u64> {
    match input {
        Input::Stdin => None,
        Input::File { path, .. } => {
            // What cannot be looked at is told when it is read.
            Some(std::fs::metadata(path).map_or(0, |metadata| metadata.len()))
        }
    }
}

fn show(progress: &Progress, total: Option<u64>, stopped: &Receiver<()>) {
    let goes_on = |wait| stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let bar = bar(total);
    loop {
        bar.set_message(format!("{} records", progress.records()));
        bar.set_position(progress.bytes());
        if !goes_on(REFRESH) {
            return bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => {
            let template = "{wide_bar} {bytes}/{total_bytes}, {msg}, {bytes_per_sec}, {eta} left";
            (ProgressBar::new(total), template)
        }
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {msg}, {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_no_known_size() {
        assert_eq!(total(&[Input::Stdin]), None);
        assert_eq!(total(&[]), Some(0));
    }

    #[test]
    fn the_templates_are_sound() {
        for total in [Some(1), None] {
            bar(total).finish_and_clear();
        }
    }
}
