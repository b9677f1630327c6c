//! The database: two engines behind one query text, one writer at a time, and the
//! journal that every write leaves behind.
//!
//! Must not know a noun. Start with [`Db::read`] and [`Db::write`].

#[macro_use]
mod each;

pub mod advisories;
pub mod error;
mod feed;
pub mod few;
pub mod filling;
mod group;
pub mod heed;
pub mod inbound;
pub mod journal;
pub mod marks;
pub mod migrate;
pub mod notices_in_force;
pub mod once;
pub mod page;
pub mod permitted;
mod pool;
pub mod references;
mod replica;
#[rustfmt::skip]
pub mod schema;
pub mod selections;
pub mod tables;
pub mod takedowns;
pub mod tree;
pub mod url;
mod wal;
mod writer;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::connection::TransactionManager;
use diesel::r2d2::Pool;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};

pub(crate) use each::{insert_rows, on_each};
pub use error::{DbError, InUse, StoreError};
use group::Queue;
pub use heed::{Heed, Touched};
pub use journal::{Actor, Change, Entry, WriteCx};
pub use marks::{Made, Marks, Place, Stamp};
pub use once::{Once, Written};
pub use pool::PoolOptions;
use pool::{Access, Manager};
pub use url::{DatabaseUrl, Engine, beside, secret_file};
use wal::Wal;
use writer::{READ, Turn, Writer, begin, begun, end, ended};

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

type Transactions = <Conn as Connection>::TransactionManager;

/// The database of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    readers: Pool<Manager>,
    writer: Writer,
    queue: Queue,
    heeds: heed::Heeds,
    marks: Arc<Marks>,
    feed: Arc<feed::Feed>,
    replica: Option<Arc<replica::Replica>>,
}

/// An open write transaction.
pub struct Tx<'a> {
    pub conn: &'a mut Conn,
    pub cx: &'a WriteCx,
    /// What this write has put on record so far.
    told: &'a mut heed::Told,
}

impl Db {
    /// Opens the database. Makes an SQLite file that is not there yet, and nothing
    /// else: a mistyped URL is an error.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if it cannot be reached or opened.
    pub fn open(url: &DatabaseUrl, options: PoolOptions) -> Result<Self, DbError> {
        Self::opened(url, options, Access::Write)
    }

    fn opened(url: &DatabaseUrl, options: PoolOptions, write: Access) -> Result<Self, DbError> {
        let build = |access, size: u32| {
            let manager = Manager::new(url.clone(), access, options.busy);
            // One connection at once shows a wrong URL as itself, not as a timeout.
            drop(
                manager
                    .open()
                    .map_err(|error| DbError::Unavailable(error.to_string()))?,
            );
            Pool::builder()
                .max_size(size)
                // None is opened in the background: a command that ends meanwhile would take TLS away
                // from under it, and crash.
                .min_idle(Some(0))
                .connection_timeout(options.wait)
                .test_on_check_out(false)
                .error_handler(Box::new(pool::LogErrors))
                .build(manager)
                .map_err(|error| DbError::Unavailable(error.to_string()))
        };
        let writer = match url.engine() {
            // SQLite has one writer; who waits, waits here and not in the engine.
            Engine::Sqlite => build(write, 1)?,
            Engine::Postgres => build(write, options.readers)?,
        };
        let readers = match url.engine() {
            Engine::Sqlite => build(Access::Read, options.readers)?,
            Engine::Postgres => writer.clone(),
        };
        let wal = match url {
            DatabaseUrl::Sqlite(path) => Some(Wal::of(path, options.busy)),
            DatabaseUrl::Postgres(_) => None,
        };
        let marks = Arc::new(Marks::default());
        let heeds = heed::Heeds::default();
        let heed: Arc<dyn Heed> = marks.clone();
        heeds.add(&heed);
        let feed = Arc::new(feed::Feed::new(url.clone()));
        let writer = Writer::new(writer, options.wait, heeds.clone(), Arc::clone(&feed), wal);
        let queue = Queue::start(writer.clone())
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(Self {
            engine: url.engine(),
            readers,
            writer,
            queue,
            heeds,
            marks,
            feed,
            replica: None,
        })
    }

    /// When records last changed, as far as this process has heard.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Reads at one snapshot, off the async threads.
    ///
    /// # Errors
    /// Those of `read`, or a [`DbError`].
    pub async fn read<T, E>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        off_thread(move || db.read_now(read)).await
    }

    /// [`Db::read`] on this thread.
    ///
    /// # Errors
    /// Those of `read`, or a [`DbError`].
    pub fn read_now<T, E: From<DbError>>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = begun(&self.readers, READ)?;
        ended(&mut conn, read)
    }

    /// Writes in one transaction, off the async threads. Writers follow each other on
    /// both engines, so that what is checked in a transaction still holds when it commits.
    /// Writes that are asked for at the same time are committed together (see [`group`]); each
    /// is kept or undone alone. A write that nobody waits for any more is not begun. The time of
    /// the write is that of `cx`, or a little later for one that waited.
    ///
    /// # Errors
    /// Those of `write`, or a [`DbError`]; nothing is kept then.
    pub async fn write<T, E>(
        &self,
        cx: WriteCx,
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.queue.write(cx, write).await
    }

    /// [`Db::write`] on this thread, in a transaction of its own and at the time of `cx`.
    ///
    /// # Errors
    /// Those of `write`, or a [`DbError`].
    pub fn write_now<T, E: From<DbError>>(
        &self,
        cx: &WriteCx,
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.transaction(|turn| {
            turn.time(cx.now);
            let Turn { conn, told, .. } = turn;
            write(&mut Tx { conn, cx, told })
        })
    }

    /// Tells `heed` of every change from now on, for as long as somebody else holds it: of this
    /// node's own before it is acknowledged.
    pub fn tell(&self, heed: &Arc<dyn Heed>) {
        self.heeds.add(heed);
    }

    /// A write that happens once per `Idempotency-Key`: a repetition finds what the
    /// first one did and does nothing.
    ///
    /// # Errors
    /// Those of `write`, [`StoreError::KeyReused`], or a [`DbError`].
    pub async fn write_once<E>(
        &self,
        cx: WriteCx,
        write: impl FnOnce(&mut Tx<'_>) -> Result<Written, E> + Send + 'static,
    ) -> Result<Written, E>
    where
        E: From<StoreError> + From<DbError> + Send + 'static,
    {
        self.write(cx, move |tx| match once::earlier(tx)? {
            Some(written) => Ok(written),
            None => {
                let written = write(tx)?;
                once::remember(tx, &written)?;
                Ok(written)
            }
        })
        .await
    }

    /// What an earlier request with the same `Idempotency-Key` did, if there was one: it is
    /// answered before preconditions that its own success has made untrue.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`], or a [`DbError`].
    pub async fn replayed(&self, cx: &WriteCx) -> Result<Option<Written>, StoreError> {
        match cx.once.clone() {
            None => Ok(None),
            Some(once) => self.read(move |conn| once::find(conn, &once)).await,
        }
    }

    /// A connection to the writer itself, for migrations and maintenance.
    ///
    /// # Errors
    /// [`DbError::Saturated`] if none comes free in time.
    pub fn with_writer<T>(&self, work: impl FnOnce(&mut Conn) -> T) -> Result<T, DbError> {
        self.writer.with(work)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// A [`DbError`] if it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.read(|conn| {
            diesel::sql_query("SELECT 1")
                .execute(conn)
                .map(|_| ())
                .map_err(DbError::from)
        })
        .await
    }

    /// Connections in use and in all, of each pool.
    pub fn pool_use(&self) -> Vec<(&'static str, u32, u32)> {
        let mut pools = vec![("read", &self.readers), ("write", &self.writer.pool)];
        pools.extend(
            self.replica
                .iter()
                .map(|replica| ("replica", replica.pool())),
        );
        let used = |(name, pool): (&'static str, &Pool<Manager>)| {
            let state = pool.state();
            let busy = state.connections.saturating_sub(state.idle_connections);
            (name, busy, state.connections)
        };
        pools.into_iter().map(used).collect()
    }
}

impl Tx<'_> {
    pub fn now(&self) -> DateTime<Utc> {
        self.cx.now
    }

    /// A part of the write that may fail alone: then nothing of it is kept, and the rest of the
    /// write can go on.
    ///
    /// # Errors
    /// Those of `part`, or a [`DbError`].
    pub fn attempt<T, E: From<DbError>>(
        &mut self,
        part: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.told.is_broken {
            return Err(DbError::gone().into());
        }
        // What cannot be begun, kept or undone alone is undone with the whole, whatever `part`
        // would make of another error.
        let broken = |error: diesel::result::Error| DbError::Unavailable(error.to_string());
        let before = self.told.numbers;
        let begun = Transactions::begin_transaction(self.conn);
        self.told.is_broken |= begun.is_err();
        begun.map_err(broken)?;
        let result = part(&mut Tx {
            conn: &mut *self.conn,
            cx: self.cx,
            told: &mut *self.told,
        });
        let ended = match result {
            Ok(_) => Transactions::commit_transaction(self.conn),
            Err(_) => {
                self.told.numbers = before;
                Transactions::rollback_transaction(self.conn)
            }
        };
        self.told.is_broken |= ended.is_err();
        ended.map_err(broken)?;
        result
    }

    /// The same write on behalf of somebody else, as the journal is to have it.
    pub fn on_behalf<'b>(&'b mut self, cx: &'b WriteCx) -> Tx<'b> {
        Tx {
            conn: &mut *self.conn,
            cx,
            told: &mut *self.told,
        }
    }

    /// Puts a write on record, in the change log and in the audit log.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn record(&mut self, entry: Entry<'_>) -> Result<(), DbError> {
        self.record_all(vec![entry])
    }

    /// [`Tx::record`] of many writes at once.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn record_all(&mut self, entries: Vec<Entry<'_>>) -> Result<(), DbError> {
        journal::record(self.conn, self.cx, self.told, &entries)
    }

    /// Puts something on record that is no write, such as reading an embargoed body.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn audit(&mut self, entry: Entry<'_>) -> Result<(), DbError> {
        journal::audit(self.conn, self.cx, &mut self.told.numbers, &[entry])
    }
}

async fn off_thread<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(DbError::Panicked.into()))
}
