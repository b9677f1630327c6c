//! The one who may write: turns in the order of asking, one transaction at a time.
//!
//! SQLite has one writer anyway. On PostgreSQL the turn keeps a node's writers from holding a
//! connection each while they wait for the lock that orders the writers of all nodes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::r2d2::{Pool, PooledConnection, R2D2Connection};
use parking_lot::{Mutex, MutexGuard};

use super::feed::Feed;
use super::heed::{Heeds, Told};
use super::pool::Manager;
use super::wal::Wal;
use super::{Conn, DbError, Transactions, journal};

/// A write that is asked for later may bring a time that is this much earlier: who waited for its
/// turn is given the time of the turn before. A clock that is set back further is believed.
const LAG: TimeDelta = TimeDelta::seconds(5);

/// The way to the connection that writes.
#[derive(Clone)]
pub(super) struct Writer {
    pub pool: Pool<Manager>,
    /// The time that the last write was given.
    turn: Arc<Mutex<DateTime<Utc>>>,
    wait: Duration,
    heeds: Heeds,
    feed: Arc<Feed>,
    wal: Option<Arc<Wal>>,
}

/// An open transaction in this writer's turn.
pub(super) struct Turn<'a> {
    pub conn: &'a mut Conn,
    /// What the writes of this turn have put on record.
    pub told: &'a mut Told,
    last: &'a mut DateTime<Utc>,
}

impl Turn<'_> {
    /// The time for a write that brought `now`: never before that of a write which had its turn
    /// before, so that the journal's times follow its numbers.
    pub fn time(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        *self.last = following(*self.last, now);
        *self.last
    }
}

/// The time of a write that brought `now`, after one that was given `last`.
fn following(last: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if last - now <= LAG {
        last.max(now)
    } else {
        now
    }
}

impl Writer {
    pub fn new(
        pool: Pool<Manager>,
        wait: Duration,
        heeds: Heeds,
        feed: Arc<Feed>,
        wal: Option<Wal>,
    ) -> Self {
        Self {
            pool,
            turn: Arc::new(Mutex::new(DateTime::UNIX_EPOCH)),
            wait,
            heeds,
            feed,
            wal: wal.map(Arc::new),
        }
    }

    /// How long a write waits before it is turned away.
    pub fn patience(&self) -> Duration {
        self.wait
    }

    /// The connection itself, outside of any transaction.
    ///
    /// # Errors
    /// [`DbError::Saturated`] if it does not come free in time.
    pub fn with<T>(&self, work: impl FnOnce(&mut Conn) -> T) -> Result<T, DbError> {
        self.in_turn(|_| {
            let mut conn = self.pool.get().map_err(|_| DbError::Saturated)?;
            Ok(work(&mut conn))
        })
    }

    /// One transaction. Whoever keeps copies hears of it before this returns.
    ///
    /// # Errors
    /// Those of `work`, or a [`DbError`]; nothing is kept then.
    pub fn transaction<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Turn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.in_turn(|last| {
            if let Some(wal) = &self.wal {
                wal.bound(&self.pool);
            }
            let mut conn = begun(&self.pool, WRITE)?;
            let mut told = Told::default();
            let written = ended(&mut conn, |conn| {
                journal::take_turn(conn)?;
                let value = work(&mut Turn {
                    conn,
                    told: &mut told,
                    last,
                })?;
                // Whoever went on all the same has nothing that could be kept.
                match told.is_broken {
                    false => Ok(value),
                    true => Err(DbError::gone().into()),
                }
            });
            if written.is_ok() {
                self.feed.wrote(told.numbers.change());
            }
            // Where a commit failed, nobody knows whether it did: copies are forgotten all the same.
            self.heeds.touched(&told.records);
            written
        })
    }

    /// Turns are handed on to who has waited longest: a queue that is never empty must not keep
    /// a chore waiting.
    fn in_turn<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut DateTime<Utc>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut turn = self
            .turn
            .try_lock_for(self.wait)
            .ok_or(DbError::Saturated)?;
        let result = work(&mut turn);
        MutexGuard::unlock_fair(turn);
        result
    }
}

/// How a transaction begins on SQLite and on PostgreSQL.
pub(super) type Begin = (&'static str, &'static str);

pub(super) const READ: Begin = ("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
pub(super) const WRITE: Begin = ("BEGIN IMMEDIATE", "BEGIN");

pub(super) fn begin(conn: &mut Conn, (sqlite, postgres): Begin) -> Result<(), DbError> {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
        Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres),
    }
    .map_err(DbError::from)
}

/// Keeps what the transaction did, or undoes it.
pub(super) fn end(conn: &mut Conn, is_good: bool) -> Result<(), DbError> {
    match is_good {
        true => Transactions::commit_transaction(conn),
        false => Transactions::rollback_transaction(conn),
    }
    .map_err(DbError::from)
}

/// A connection with a transaction begun on it. One whose server has gone is found out here,
/// where nothing has been done yet, and another one is taken.
pub(super) fn begun(
    pool: &Pool<Manager>,
    how: Begin,
) -> Result<PooledConnection<Manager>, DbError> {
    let mut others = pool.state().connections;
    loop {
        let mut conn = pool.get().map_err(|_| DbError::Saturated)?;
        match begin(&mut conn, how) {
            Ok(()) => return Ok(conn),
            Err(_) if others > 0 && conn.is_broken() => others -= 1,
            Err(error) => return Err(error),
        }
    }
}

/// Does `work` in the open transaction, and commits or rolls back.
///
/// # Errors
/// Those of `work`, or a [`DbError`]; nothing is kept then.
pub(super) fn ended<T, E: From<DbError>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    // A panic in `work` leaves the transaction open; the pool sees a broken connection
    // and drops it, which rolls it back.
    match work(conn) {
        Ok(value) => {
            end(conn, true)?;
            Ok(value)
        }
        Err(error) => {
            if let Err(rollback) = end(conn, false) {
                tracing::warn!(error = %rollback, "rollback failed; the connection is dropped");
            }
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each write's own time, and the one it is given.
    #[test]
    fn times_follow_turns() {
        let at = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let mut last = DateTime::UNIX_EPOCH;
        for (now, is_given) in [
            (100, 100),
            (98, 100),
            (103, 103),
            (99, 103),
            (90, 90),
            (91, 91),
        ] {
            last = following(last, at(now));
            assert_eq!(last, at(is_given), "{now}");
        }
    }
}
