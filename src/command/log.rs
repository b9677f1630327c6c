//! The log, on standard error. Lines about requests are gathered for a moment and written
//! together: a system call for each would cost more than the answer. Everything else is written
//! at once, with what was gathered before it.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use crate::config::Config;
use crate::http::edge::ACCESS;

/// How long a line may wait.
const WAIT: Duration = Duration::from_millis(200);

/// Bytes after which nothing waits.
const FULL: usize = 32 * 1024;

/// Starts the log that a configuration asks for.
pub(super) fn start(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log_filter);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(Gathered::start());
    let started = if config.log_json {
        log.json().try_init()
    } else {
        log.with_target(false).try_init()
    };
    if let Err(error) = started {
        eprintln!("masthead: no log: {error}");
    }
}

/// Lines that wait to be written.
#[derive(Default)]
struct Lines(Mutex<Vec<u8>>);

impl Lines {
    fn add(&self, line: &[u8], at_once: bool) {
        let mut waiting = self.0.lock();
        waiting.extend_from_slice(line);
        if at_once || waiting.len() >= FULL {
            write_out(&mut waiting);
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        write_out(self.0.get_mut());
    }
}

/// There is nowhere to tell of a log that cannot be written.
fn write_out(waiting: &mut Vec<u8>) {
    if !waiting.is_empty() {
        let _unwritten = io::stderr().write_all(waiting);
        waiting.clear();
    }
}

struct Gathered(Arc<Lines>);

impl Gathered {
    fn start() -> Self {
        let lines = Arc::new(Lines::default());
        let waiting = Arc::downgrade(&lines);
        let writer = thread::Builder::new().name("log".to_owned());
        // Without the thread, lines wait until there are many, or one that does not wait.
        let _started = writer.spawn(move || write_regularly(&waiting));
        Self(lines)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own, which does nothing but wait and write"
)]
fn write_regularly(waiting: &Weak<Lines>) {
    loop {
        thread::sleep(WAIT);
        let Some(lines) = waiting.upgrade() else {
            return;
        };
        write_out(&mut lines.0.lock());
    }
}

/// Writes one line.
struct Line<'a> {
    lines: &'a Lines,
    at_once: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.at_once);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Gathered {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: &self.0,
            at_once: true,
        }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line<'a> {
        let waits = meta.target() == ACCESS && *meta.level() >= Level::INFO;
        Line {
            lines: &self.0,
            at_once: !waits,
        }
    }
}
