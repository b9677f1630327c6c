//! Opening connections: by the engine that the URL names, with the settings each needs.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{HandleError, ManageConnection, R2D2Connection};
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

use super::{Conn, DatabaseUrl, Db, DbError};

/// Sizes and patience of the pools.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Connections that read at the same time.
    pub readers: u32,
    /// How long a caller waits for a connection before the answer is 503.
    pub wait: Duration,
    /// How long SQLite waits for another process that writes, or for one that recovers the file.
    pub busy: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            readers: 8,
            wait: Duration::from_secs(5),
            busy: Duration::from_secs(10),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    /// Reads a replica.
    Replica,
    /// Follows the change log.
    Feed,
}

/// Opens connections for a pool.
#[derive(Debug, Clone)]
pub struct Manager {
    url: DatabaseUrl,
    access: Access,
    busy: Duration,
}

impl Manager {
    pub fn new(url: DatabaseUrl, access: Access, busy: Duration) -> Self {
        Self { url, access, busy }
    }

    pub fn open(&self) -> Result<Conn, diesel::r2d2::Error> {
        use diesel::r2d2::Error::{ConnectionError as Refused, QueryError};
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| {
                    Refused(ConnectionError::InvalidConnectionUrl(
                        "the path is not UTF-8".into(),
                    ))
                })?;
                let mut conn = SqliteConnection::establish(path).map_err(Refused)?;
                // FULL: what is acknowledged survives a power cut. The log is carried over every 4,000
                // pages (16 MB). What a savepoint would undo is kept in memory: it took a tenth of a
                // write's time as a file.
                let (settings, cache) = match self.access {
                    Access::Write => (
                        "PRAGMA journal_mode = WAL;
                         PRAGMA synchronous = FULL;
                         PRAGMA foreign_keys = ON;
                         PRAGMA wal_autocheckpoint = 4000;
                         PRAGMA temp_store = MEMORY;",
                        WRITER_CACHE,
                    ),
                    Access::Read | Access::Replica | Access::Feed => {
                        ("PRAGMA query_only = ON;", READER_CACHE)
                    }
                };
                let sizes = format!(
                    "PRAGMA busy_timeout = {}; PRAGMA cache_size = -{cache};",
                    self.busy.as_millis()
                );
                conn.batch_execute(&(sizes + settings))
                    .map_err(QueryError)?;
                Ok(Conn::Sqlite(conn))
            }
            DatabaseUrl::Postgres(url) => {
                let url = match self.access {
                    Access::Read | Access::Write => url.clone(),
                    Access::Replica => with_parameters(url, &IMPATIENT),
                    Access::Feed => with_parameters(&with_parameters(url, &IMPATIENT), &FEED),
                };
                let mut conn = PgConnection::establish(&url).map_err(Refused)?;
                conn.batch_execute("SET TIME ZONE 'UTC'; SET lock_timeout = '30s'")
                    .map_err(QueryError)?;
                if self.access != Access::Write {
                    conn.batch_execute("SET default_transaction_read_only = on")
                        .map_err(QueryError)?;
                }
                Ok(Conn::Postgres(conn))
            }
        }
    }
}

/// What each SQLite connection keeps of the file, in KiB. The system keeps it as well: more here saves
/// calls and costs memory, for each reader anew.
pub(super) const WRITER_CACHE: u32 = 8 * 1024;
const READER_CACHE: u32 = 2 * 1024;

/// By what name the server lists the change feed.
const FEED: [(&str, &str); 1] = [("application_name", "masthead%20feed")];

/// When a connection that has fallen silent is given up: seconds, a count, and milliseconds.
const IMPATIENT: [(&str, &str); 5] = [
    ("connect_timeout", "2"),
    ("keepalives_idle", "1"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "2"),
    ("tcp_user_timeout", "1500"),
];

/// A PostgreSQL URL with more parameters. Of one that stands twice libpq takes the later.
fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    parameters
        .iter()
        .fold(url.to_owned(), |url, (name, value)| {
            let sign = if url.contains('?') { '&' } else { '?' };
            format!("{url}{sign}{name}={value}")
        })
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        self.open()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

impl Db {
    /// Opens a database that must be there, to look at it and not to change it. Its writer writes
    /// nothing either.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if it is not there or cannot be reached.
    pub fn open_to_read(url: &DatabaseUrl) -> Result<Self, DbError> {
        if let DatabaseUrl::Sqlite(path) = url
            && !path.is_file()
        {
            // The engine would make one.
            return Err(DbError::Unavailable(format!(
                "there is no file {}",
                path.display()
            )));
        }
        let options = PoolOptions {
            readers: 2,
            ..PoolOptions::default()
        };
        Self::opened(url, options, Access::Read)
    }
}

/// Errors of the pool's own threads go to the log, without the URL.
#[derive(Debug, Clone, Copy)]
pub struct LogErrors;

impl<E: std::error::Error> HandleError<E> for LogErrors {
    fn handle_error(&self, error: E) {
        tracing::error!(%error, "a database connection could not be opened");
    }
}
