//! What webhooks ask of a client's log. `app` has it answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::standing::may_follow;
use crate::db::{Conn, Db, DbError, StoreError, WriteCx};
use crate::kernel::id::{ArticleId, ChangeId, ClientId};
use crate::webhooks::model::MessageType;

/// How long the making of a webhook may wait for its client's log.
const PATIENCE: Duration = Duration::from_secs(5);

/// An entry of a client's log.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// Its number in the log.
    pub n: i64,
    pub id: ChangeId,
    pub at: DateTime<Utc>,
    pub kind: MessageType,
    /// What it is about: messages about one article go one after the other.
    pub article: ArticleId,
    /// The entry as the client can read it itself.
    pub entry: Value,
}

/// The log of a client, as webhooks read it.
pub trait Feed: Send + Sync {
    /// Brings the log a piece nearer to now; whether there may be more.
    ///
    /// # Errors
    /// A database error.
    fn advance(&self, db: &Db, cx: &WriteCx, client: ClientId) -> Result<bool, StoreError>;

    /// Entries with a number above `n`, in their order.
    ///
    /// # Errors
    /// A database error.
    fn after(
        &self,
        conn: &mut Conn,
        client: ClientId,
        n: i64,
        limit: i64,
    ) -> Result<Vec<News>, StoreError>;

    /// The number of the last entry; `None` where the log is not begun, or not through all works yet.
    ///
    /// # Errors
    /// A database error.
    fn last(&self, conn: &mut Conn, client: ClientId) -> Result<Option<i64>, StoreError>;

    /// The number of an entry; `None` for one that the log does not have.
    ///
    /// # Errors
    /// A database error.
    fn number(
        &self,
        conn: &mut Conn,
        client: ClientId,
        id: ChangeId,
    ) -> Result<Option<i64>, StoreError>;
}

/// The log that the process has, for handlers.
#[derive(Clone)]
pub struct Log(pub Arc<dyn Feed>);

impl Log {
    /// Brings the log up to now, as far as that takes no longer than [`PATIENCE`]. What the
    /// client has by then lies before the place where a new webhook begins, and what happens afterwards
    /// behind it. Of a client that may not follow its log nothing is done.
    ///
    /// # Errors
    /// A database error.
    pub async fn catch_up(
        &self,
        db: &Db,
        cx: &WriteCx,
        client: ClientId,
    ) -> Result<(), StoreError> {
        let (feed, db) = (Arc::clone(&self.0), db.clone());
        // It is the server's own doing, whoever asked for the webhook.
        let cx = WriteCx::of_system(cx.now, cx.mint.clone());
        let work = move || -> Result<(), StoreError> {
            let began = Instant::now();
            if db.read_now(|conn| may_follow(conn, client, cx.now))? != Some(true) {
                return Ok(());
            }
            while began.elapsed() < PATIENCE && feed.advance(&db, &cx, client)? {}
            Ok(())
        };
        let panicked = |_| Err(StoreError::Db(DbError::Panicked));
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(panicked)
    }

    /// [`Feed::number`].
    ///
    /// # Errors
    /// A database error.
    pub async fn number(
        &self,
        db: &Db,
        client: ClientId,
        id: ChangeId,
    ) -> Result<Option<i64>, StoreError> {
        let feed = Arc::clone(&self.0);
        db.read(move |conn| feed.number(conn, client, id)).await
    }
}
