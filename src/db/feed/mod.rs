//! The change feed: a thread of its own follows the change log on the primary, so that whoever
//! keeps copies of records hears of what other nodes have written.
//!
//! On PostgreSQL every writing transaction notifies `masthead_changes`; a notification only makes
//! the thread look sooner. It looks every 200 ms in any case, so that a `LISTEN` that is lost, or
//! that a pooler between never delivers, costs those 200 ms and nothing else. SQLite tells by
//! `PRAGMA data_version` whether anybody has committed.
//!
//! What is heard here is late by nature: who keeps copies asks [`Feed::is_fresh`] and reads through
//! where the last good look is too long ago. The clock is the machine's steady one: this is about
//! the process and not about the newsroom's time. Must not know a noun. Start with [`Feed::start`].

mod log;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use self::log::{Line, Link, News};
use super::heed::Heeds;
use super::pool::{Access, Manager};
use super::{DatabaseUrl, Db, DbError, Touched};

/// The channel of notifications.
pub(super) const CHANNEL: &str = "masthead_changes";

/// What the feed knows is good for as long as this after the last look.
const FRESH: Duration = Duration::from_secs(1);

/// The longest pause between two looks at PostgreSQL's log, heard of anything or not.
const LOOK_POSTGRES: Duration = Duration::from_millis(200);

/// The pause between two looks at whether notifications have come; it costs no round trip.
const LISTEN_EVERY: Duration = Duration::from_millis(10);

/// The pause between two looks at SQLite.
const LOOK_SQLITE: Duration = Duration::from_millis(100);

/// The first and the longest pause between two attempts to connect.
const AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

impl Db {
    /// Follows the change log from now on, on a thread of its own that ends with the last clone of
    /// this: who is told of changes ([`Db::tell`]) hears of those of other nodes, too.
    ///
    /// # Errors
    /// If the system gives no thread. A database that does not answer is tried again.
    pub fn follow(&self) -> std::io::Result<()> {
        self.feed.start(self.heeds.clone())
    }

    /// Whether the change log was looked at less than a second ago: only then may a copy of a
    /// record stand for it.
    pub fn is_fed(&self) -> bool {
        self.feed.is_fresh()
    }

    /// How long ago the last good look at the change log began; `None` before the first.
    pub fn feed_age(&self) -> Option<Duration> {
        self.feed.age()
    }
}

/// What a process knows of the change log, and the thread that keeps it fresh. The thread ends
/// when this is dropped.
pub(super) struct Feed {
    url: DatabaseUrl,
    log: Arc<Log>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Shared with the thread.
struct Log {
    epoch: Instant,
    /// When the last good look began, in nanoseconds after the epoch; 0 before the first.
    looked: AtomicU64,
    /// The highest number that this process has written or heard of.
    known: AtomicI64,
    stopped: AtomicBool,
}

impl Feed {
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            log: Arc::new(Log {
                epoch: Instant::now(),
                looked: AtomicU64::new(0),
                known: AtomicI64::new(0),
                stopped: AtomicBool::new(false),
            }),
            thread: Mutex::new(None),
        }
    }

    /// Begins to follow, if nobody has yet. The first look is taken on this thread: a database
    /// that answers is followed when this returns.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(&self, heeds: Heeds) -> std::io::Result<()> {
        let mut thread = self.thread.lock();
        if thread.is_some() {
            return Ok(());
        }
        let mut follower = Follower {
            manager: Manager::new(self.url.clone(), Access::Feed, FRESH),
            log: Arc::clone(&self.log),
            heeds,
            at: None,
            link: None,
            outage: None,
        };
        follower.step();
        let started = thread::Builder::new()
            .name("feed".to_owned())
            .spawn(move || follower.run())?;
        *thread = Some(started);
        Ok(())
    }

    /// For how long nothing is known of the log, measured from the beginning of the last good look.
    pub fn age(&self) -> Option<Duration> {
        match self.log.looked.load(Ordering::Acquire) {
            0 => None,
            looked => Some(
                self.log
                    .epoch
                    .elapsed()
                    .saturating_sub(Duration::from_nanos(looked)),
            ),
        }
    }

    /// Whether the last good look at the log began less than a second ago.
    pub fn is_fresh(&self) -> bool {
        self.age().is_some_and(|age| age < FRESH)
    }

    /// The highest number of the log that this process has written or heard of.
    pub fn known(&self) -> i64 {
        self.log.known.load(Ordering::Acquire)
    }

    /// A write of this process got this number.
    pub fn wrote(&self, seq: i64) {
        self.log.known.fetch_max(seq, Ordering::AcqRel);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.log.stopped.store(true, Ordering::Release);
        if let Some(thread) = &*self.thread.lock() {
            thread.thread().unpark();
        }
    }
}

struct Follower {
    manager: Manager,
    log: Arc<Log>,
    heeds: Heeds,
    /// The last line seen; the outer `None` before the first look.
    at: Option<Option<Line>>,
    link: Option<Link>,
    /// Since when the log cannot be read, and how many attempts that were.
    outage: Option<(Instant, u32)>,
}

impl Follower {
    fn run(mut self) {
        while !self.is_stopped() {
            self.pause();
            if !self.is_stopped() {
                self.step();
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.log.stopped.load(Ordering::Acquire)
    }

    /// Looks once, and takes note of how it went.
    fn step(&mut self) {
        let began = self.log.epoch.elapsed();
        match self.look() {
            Ok(()) => {
                let nanos = u64::try_from(began.as_nanos()).unwrap_or(u64::MAX).max(1);
                self.log.looked.store(nanos, Ordering::Release);
                if let Some((since, _)) = self.outage.take() {
                    let seconds = since.elapsed().as_secs_f64();
                    tracing::info!(seconds, "the change log is followed again");
                }
            }
            Err(error) => {
                self.link = None;
                if self.is_stopped() {
                    return;
                }
                match &mut self.outage {
                    Some((_, attempts)) => *attempts += 1,
                    None => {
                        tracing::warn!(%error, "the change log cannot be followed; copies are not used meanwhile");
                        self.outage = Some((Instant::now(), 1));
                    }
                }
            }
        }
    }

    fn look(&mut self) -> Result<(), DbError> {
        let link = match &mut self.link {
            Some(link) => link,
            none => none.insert(Link::open(&self.manager)?),
        };
        match link.news(&self.at)? {
            News::Nothing => {}
            News::Lines(lines) => {
                let touched: Vec<Touched> = lines
                    .iter()
                    .map(|line| Touched::new(&line.resource, &line.resource_id))
                    .collect();
                if let Some(last) = lines.into_iter().last() {
                    // First the number, so that no copy made after the call is from before it.
                    self.log.known.fetch_max(last.seq, Ordering::AcqRel);
                    self.at = Some(Some(last));
                }
                self.heeds.touched(&touched);
            }
            News::Lost(end) => {
                let seq = end.as_ref().map_or(0, |line| line.seq);
                let before = self.at.as_ref().and_then(Option::as_ref);
                match before.is_some_and(|line| seq < line.seq) {
                    // Put back: what was known is no more.
                    true => self.log.known.store(seq, Ordering::Release),
                    // A write of this process may have got a higher one meanwhile.
                    false => {
                        self.log.known.fetch_max(seq, Ordering::AcqRel);
                    }
                }
                self.at = Some(end);
                self.heeds.lost();
            }
        }
        Ok(())
    }

    /// Waits until it is time to look again, or something was heard.
    fn pause(&mut self) {
        let until = Instant::now() + self.longest_pause();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.is_stopped() || self.link.as_mut().is_some_and(Link::heard) {
                return;
            }
            let is_listening = matches!(&self.link, Some(link) if link.is_postgres());
            thread::park_timeout(if is_listening {
                left.min(LISTEN_EVERY)
            } else {
                left
            });
        }
    }

    fn longest_pause(&self) -> Duration {
        match (&self.link, self.outage) {
            (_, Some((_, attempts))) => {
                let (first, longest) = AGAIN;
                longest.min(first * 2_u32.saturating_pow(attempts.min(10)))
            }
            (Some(link), None) if link.is_postgres() => LOOK_POSTGRES,
            (_, None) => LOOK_SQLITE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_ends_with_the_feed() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("feed.db").display());
        let feed = Feed::new(DatabaseUrl::parse(&url).unwrap());
        assert!(!feed.is_fresh(), "nothing was looked at yet");
        // There is no table: the thread goes on trying all the same.
        feed.start(Heeds::default()).unwrap();
        feed.start(Heeds::default()).unwrap();
        assert!(!feed.is_fresh(), "no look was good");
        let thread = feed.thread.lock().take().unwrap();
        feed.log.stopped.store(true, Ordering::Release);
        thread.thread().unpark();
        thread.join().unwrap();
    }
}
