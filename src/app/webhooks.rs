//! Webhooks meet the clients' logs here: what `webhooks` asks of a log, `changes` and `following`
//! answer. None of them imports another.

use serde_json::Value;

use crate::changes::model::{Entry, EntryKind};
use crate::changes::store as changes;
use crate::db::{Conn, Db, StoreError, WriteCx};
use crate::following::advance;
use crate::following::view::ChangeView;
use crate::kernel::id::{ChangeId, ClientId};
use crate::webhooks::model::MessageType;
use crate::webhooks::store::feed::{Feed, News};
use crate::webhooks::store::pump;

/// The logs of clients, as webhooks read them.
pub struct Logs;

impl Feed for Logs {
    fn advance(&self, db: &Db, cx: &WriteCx, client: ClientId) -> Result<bool, StoreError> {
        advance::advance(db, cx, client)
    }

    fn after(
        &self,
        conn: &mut Conn,
        client: ClientId,
        n: i64,
        limit: i64,
    ) -> Result<Vec<News>, StoreError> {
        let entries = changes::after(conn, client, n, limit)?;
        entries.iter().map(|(n, entry)| news(*n, entry)).collect()
    }

    fn last(&self, conn: &mut Conn, client: ClientId) -> Result<Option<i64>, StoreError> {
        let feed = changes::feed(conn, client)?;
        // One that goes through all works may not be through them for the first time.
        Ok(feed
            .filter(|feed| feed.sweep_after.is_none())
            .map(|feed| feed.last_n))
    }

    fn number(
        &self,
        conn: &mut Conn,
        client: ClientId,
        id: ChangeId,
    ) -> Result<Option<i64>, StoreError> {
        changes::number(conn, client, id)
    }
}

fn news(n: i64, entry: &Entry) -> Result<News, StoreError> {
    Ok(News {
        n,
        id: entry.id,
        at: entry.news.at,
        kind: kind(entry.news.kind),
        article: entry.article,
        entry: told(entry)?,
    })
}

/// The entry as `GET /v1/changes` has it.
fn told(entry: &Entry) -> Result<Value, StoreError> {
    let told = serde_json::to_value(ChangeView::of(entry));
    told.map_err(|error| StoreError::Db(crate::db::DbError::Corrupt(error.to_string())))
}

fn kind(kind: EntryKind) -> MessageType {
    match kind {
        EntryKind::Created => MessageType::Created,
        EntryKind::Published => MessageType::Published,
        EntryKind::Updated => MessageType::Updated,
        EntryKind::Corrected => MessageType::Corrected,
        EntryKind::Withdrawn => MessageType::Withdrawn,
        EntryKind::Reinstated => MessageType::Reinstated,
        EntryKind::Entered => MessageType::Entered,
        EntryKind::Exited => MessageType::Exited,
        EntryKind::Advisory => MessageType::Advisory,
    }
}

/// [`pump::run`] over these logs: a chore.
///
/// # Errors
/// Those of the pump.
pub fn fill(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    pump::run(db, cx, &Logs)
}
