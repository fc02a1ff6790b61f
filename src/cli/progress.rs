//! A progress bar on a terminal when a file is long.

use std::io::{self, Read};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::scrub::Source;

/// Files below this size are done before a bar could be read.
const LONG: u64 = 16 * 1024 * 1024;

/// Does what may take a while, and shows on a terminal for how long it has been at it.
pub fn waiting<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4)).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    let done = work();
    bar.finish_and_clear();
    done
}

/// A source that shows how far it has been read.
pub struct Shown<S> {
    source: S,
    bar: ProgressBar,
}

impl<S: Source> Shown<S> {
    /// Around a source of `bytes` that will be read `passes` times. Hidden off a terminal.
    pub fn new(source: S, bytes: u64, passes: u64) -> Shown<S> {
        let bar = ProgressBar::with_draw_target(Some(bytes * passes), ProgressDrawTarget::stderr());
        if bytes < LONG {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {binary_bytes_per_sec}") {
            bar.set_style(style);
        }
        Shown { source, bar }
    }
}

impl<S> Drop for Shown<S> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl<S: Source> Source for Shown<S> {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.bar.wrap_read(self.source.open()?)))
    }

    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        self.source.open_at(offset)
    }
}
