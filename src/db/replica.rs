//! A read replica (PostgreSQL): reads that may run there do so when it is known to show all that
//! this node has written or heard of; any other time the primary answers.
//!
//! A replica is late by nature. So the read's own snapshot is asked how far it has come: the log's
//! last number in it against the highest that this node knows. Who has written on this node finds
//! what was written, however far behind the replica is. What other nodes wrote is heard of by the
//! change feed; where that has fallen silent, nothing is read here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::r2d2::Pool;
use parking_lot::Mutex;

use super::feed::Feed;
use super::pool::{Access, LogErrors, Manager};
use super::schema::changes;
use super::{Conn, DatabaseUrl, Db, DbError, PoolOptions, READ, begin, end, off_thread};

/// How long a read waits for a connection to the replica before it takes the primary.
const WAIT: Duration = Duration::from_millis(250);

/// For how long a replica is left alone that was behind, and one that gave no connection.
const REST_BEHIND: Duration = Duration::from_millis(10);
const REST_DOWN: Duration = Duration::from_secs(1);

/// Where a read that may go to the replica was answered, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// There.
    Replica,
    /// On the primary: the replica did not show yet what this node knows of.
    Behind,
    /// On the primary: the replica gave no connection, or no answer.
    Down,
    /// On the primary: the change feed is silent.
    Unfed,
}

/// The outcomes as the metrics name them, in their order.
const OUTCOMES: [&str; 4] = ["replica", "behind", "down", "unfed"];

impl Db {
    /// The same with a read replica, which [`Db::read_scaled`] may take.
    #[must_use]
    pub fn with_replica(self, url: &DatabaseUrl, options: PoolOptions) -> Self {
        Self {
            replica: Some(Arc::new(Replica::new(url.clone(), options))),
            ..self
        }
    }

    /// [`Db::read`] for what readers get: by a replica where there is one that shows all that this
    /// node has written or heard of. Nothing that a write, a credential or a chore depends on.
    /// `read` may run twice: the primary answers when the replica does not.
    ///
    /// # Errors
    /// Those of `read`, or a [`DbError`].
    pub async fn read_scaled<T, E>(
        &self,
        read: impl Fn(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        off_thread(move || {
            let replica = db.replica.as_ref();
            match replica.and_then(|replica| replica.read(&db.feed, &read)) {
                Some(answer) => answer,
                None => db.read_now(read),
            }
        })
        .await
    }

    /// How many reads that may go to a replica were answered where, and why. Empty without one.
    pub fn replica_reads(&self) -> Vec<(&'static str, u64)> {
        let replica = self.replica.as_ref();
        replica.map_or_else(Vec::new, |replica| replica.counts().collect())
    }
}

pub(super) struct Replica {
    pool: Pool<Manager>,
    /// Until when it is left alone, and why.
    rest: Mutex<Option<(Instant, Outcome)>>,
    counts: [AtomicU64; OUTCOMES.len()],
}

impl Replica {
    /// Opens nothing yet: a replica that is down does not keep a node from starting.
    pub fn new(url: DatabaseUrl, options: PoolOptions) -> Self {
        Self {
            pool: Pool::builder()
                .max_size(options.readers)
                .min_idle(Some(0))
                .connection_timeout(WAIT)
                .test_on_check_out(false)
                .error_handler(Box::new(LogErrors))
                .build_unchecked(Manager::new(url, Access::Replica, options.busy)),
            rest: Mutex::new(None),
            counts: Default::default(),
        }
    }

    /// The answer of the replica; `None` where the primary is to be asked.
    pub fn read<T, E: From<DbError>>(
        &self,
        feed: &Feed,
        read: impl Fn(&mut Conn) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let (answer, outcome) = self.attempt(feed, read);
        self.counts[outcome as usize].fetch_add(1, Ordering::Relaxed);
        answer
    }

    fn attempt<T, E: From<DbError>>(
        &self,
        feed: &Feed,
        read: impl Fn(&mut Conn) -> Result<T, E>,
    ) -> (Option<Result<T, E>>, Outcome) {
        if !feed.is_fresh() {
            return (None, Outcome::Unfed);
        }
        if let Some((until, why)) = *self.rest.lock()
            && Instant::now() < until
        {
            return (None, why);
        }
        // Before the snapshot: what is known by now has to be in it.
        let known = feed.known();
        let Ok(mut conn) = self.pool.get() else {
            self.rest(REST_DOWN, Outcome::Down);
            return (None, Outcome::Down);
        };
        match shown(&mut conn) {
            Ok(seq) if seq >= known => {}
            Ok(_) => {
                self.rest(REST_BEHIND, Outcome::Behind);
                end(&mut conn, false).ok();
                return (None, Outcome::Behind);
            }
            // This one is dropped; another may do.
            Err(_) => {
                end(&mut conn, false).ok();
                return (None, Outcome::Down);
            }
        }
        let answer = read(&mut conn);
        // An error may be an answer, such as that there is no such record, or the replica's own,
        // such as a query that stood in the way of what it replays. Then nothing goes any more.
        let is_sound = answer.is_ok() || diesel::sql_query("SELECT 1").execute(&mut *conn).is_ok();
        let ended = end(&mut conn, is_sound);
        match is_sound && ended.is_ok() {
            true => (Some(answer), Outcome::Replica),
            false => (None, Outcome::Down),
        }
    }

    fn rest(&self, length: Duration, why: Outcome) {
        *self.rest.lock() = Some((Instant::now() + length, why));
    }

    /// How many reads had each outcome.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        OUTCOMES
            .into_iter()
            .zip(&self.counts)
            .map(|(outcome, count)| (outcome, count.load(Ordering::Relaxed)))
    }

    pub fn pool(&self) -> &Pool<Manager> {
        &self.pool
    }
}

/// Begins the snapshot, and how far it has come.
fn shown(conn: &mut Conn) -> Result<i64, DbError> {
    begin(conn, READ)?;
    let last: Option<i64> = changes::table.select(max(changes::seq)).first(conn)?;
    Ok(last.unwrap_or(0))
}
