//! The size of SQLite's write-ahead log. SQLite carries it over by itself, but begins it anew only
//! at an instant at which nobody reads in it: with readers that overlap all day it never comes, and
//! the log grows until the disk is full. So now and then readers are waited for, shortly.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::Pool;

use super::Conn;
use super::pool::Manager;

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
    /// The size at which the next try is due.
    due: AtomicU64,
    /// The connection's own patience.
    busy: Duration,
}

impl Wal {
    pub fn of(database: &Path, busy: Duration) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self {
            path: path.into(),
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
        self.due.store(self.size() + MOST, Ordering::Relaxed);
    }

    fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }
}
