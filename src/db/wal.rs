//! The size of SQLite's write-ahead log. SQLite carries it over by itself, but begins it anew only
//! at an instant at which nobody reads in it: with readers that overlap all day it never comes, and
//! the log grows until the disk is full. So now and then readers are waited for, shortly.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::Pool;

use super::pool::Manager;
use super::{Conn, beside};

/// Bytes up to which the log may grow before readers are waited for, and by which it grows again
/// before that is tried once more.
const MOST: u64 = 64 * 1024 * 1024;

/// How long readers are waited for, in milliseconds. Whoever reads a page of a list is done by then;
/// for a backup under way nobody waits.
const PATIENCE_MS: u32 = 200;

/// The log of a database file.
#[derive(Debug)]
pub(super) struct Wal {
    path: PathBuf,
    /// How much longer it may be than at the last try.
    most: u64,
    /// The size at which the next try is due.
    due: AtomicU64,
    /// The connection's own patience.
    busy: Duration,
}

impl Wal {
    pub fn of(database: &Path, busy: Duration) -> Self {
        Self {
            path: beside(database, "-wal"),
            most: MOST,
            due: AtomicU64::new(MOST),
            busy,
        }
    }

    /// Begins the log anew where it has grown too long. Readers that come meanwhile wait for nothing:
    /// they find all in the database file.
    pub fn bound(&self, writer: &Pool<Manager>) {
        if self.size() < self.due.load(Ordering::Relaxed) {
            return;
        }
        let Ok(mut conn) = writer.get() else { return };
        if let Conn::Sqlite(conn) = &mut *conn {
            let done = conn.batch_execute(&format!(
                "PRAGMA busy_timeout = {PATIENCE_MS};
                 PRAGMA wal_checkpoint(TRUNCATE);
                 PRAGMA busy_timeout = {};",
                self.busy.as_millis()
            ));
            if let Err(error) = done {
                tracing::warn!(%error, "the write-ahead log was not carried over");
            }
        }
        self.due.store(self.size() + self.most, Ordering::Relaxed);
    }

    fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseUrl, Db, DbError, PoolOptions};

    #[test]
    fn a_long_log_begins_anew_once_nobody_reads_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let db = Db::open(&DatabaseUrl::Sqlite(path.clone()), PoolOptions::default()).unwrap();
        let fill = || {
            let rows = "CREATE TABLE IF NOT EXISTS long (row BLOB);
                        INSERT INTO long VALUES (zeroblob(300000));";
            db.with_writer(|conn| conn.batch_execute(rows))
                .unwrap()
                .unwrap();
        };
        let most = 100_000;
        let wal = Wal {
            most,
            due: AtomicU64::new(most),
            ..Wal::of(&path, Duration::from_secs(1))
        };
        fill();
        db.read_now(|conn| {
            conn.batch_execute("SELECT count(*) FROM long")?;
            fill();
            wal.bound(&db.writer.pool);
            assert!(wal.size() > most, "somebody reads");
            Ok::<_, DbError>(())
        })
        .unwrap();
        fill();
        wal.bound(&db.writer.pool);
        assert_eq!(wal.size(), 0);
        fill();
        assert!(wal.size() > 0, "it is written on");
    }
}
