//! Bringing a client's log forward. What was found in a snapshot is kept in one transaction, if
//! nobody else has brought the log forward meanwhile.

use diesel::prelude::*;

use crate::changes::model::{Feed, News, Told};
use crate::db::schema::{
    client_changes as entries, client_feeds as feeds, client_holdings as holdings,
};
use crate::db::{DbError, StoreError, Tx, insert_rows};
use crate::kernel::id::{ArticleId, ChangeId, ClientId};
use crate::kernel::time::to_db;

/// Rows of one statement that deletes by ids.
const PIECE: usize = 500;

/// What was found in a snapshot.
#[derive(Debug, Default)]
pub struct Found {
    /// The entries to be, in their order.
    pub news: Vec<(ArticleId, News)>,
    /// What the client was told of works from now on; `None` of one that it has no longer.
    pub told: Vec<(ArticleId, Option<Told>)>,
}

#[derive(Insertable)]
#[diesel(table_name = entries, treat_none_as_default_value = false)]
struct EntryRow {
    client_id: String,
    n: i64,
    id: String,
    at: chrono::NaiveDateTime,
    kind: &'static str,
    article_id: String,
    version: Option<i64>,
    extent: Option<&'static str>,
    reason_class: Option<&'static str>,
    advisory_id: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = holdings, treat_none_as_default_value = false)]
struct HoldingRow {
    client_id: String,
    article_id: String,
    version: i64,
    is_embargoed: bool,
    is_gone: bool,
    seen_seq: i64,
    fingerprint: String,
    recheck_at: Option<chrono::NaiveDateTime>,
}

/// Begins a client's log, if nobody has yet.
///
/// # Errors
/// A database error.
pub fn begin(tx: &mut Tx<'_>, client: ClientId, feed: &Feed) -> Result<(), StoreError> {
    let id = client.to_string();
    let is_there: Option<String> = feeds::table
        .find(&id)
        .select(feeds::client_id)
        .first(tx.conn)
        .optional()?;
    if is_there.is_none() {
        diesel::insert_into(feeds::table)
            .values((feeds::client_id.eq(&id), columns(feed)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Brings a client's log forward; `false` if it has gone on since it was read at `feed.revision`.
///
/// # Errors
/// A database error.
pub fn keep(
    tx: &mut Tx<'_>,
    client: ClientId,
    feed: &Feed,
    found: &Found,
) -> Result<bool, StoreError> {
    let count = i64::try_from(found.news.len()).unwrap_or(i64::MAX);
    let next = Feed {
        revision: feed.revision + 1,
        last_n: feed.last_n + count,
        ..feed.clone()
    };
    let id = client.to_string();
    let is_ours = diesel::update(
        feeds::table
            .filter(feeds::client_id.eq(&id))
            .filter(feeds::revision.eq(feed.revision)),
    )
    .set(columns(&next))
    .execute(tx.conn)?
        == 1;
    if is_ours {
        write(tx, &id, feed.last_n, &found.news)?;
        hold(tx, &id, &found.told)?;
    }
    Ok(is_ours)
}

type Columns = (
    diesel::dsl::Eq<feeds::revision, i64>,
    diesel::dsl::Eq<feeds::last_n, i64>,
    diesel::dsl::Eq<feeds::seen_seq, i64>,
    diesel::dsl::Eq<feeds::seen_at, chrono::NaiveDateTime>,
    diesel::dsl::Eq<feeds::sweep_after, Option<String>>,
    diesel::dsl::Eq<feeds::sweep_again, bool>,
);

fn columns(feed: &Feed) -> Columns {
    (
        feeds::revision.eq(feed.revision),
        feeds::last_n.eq(feed.last_n),
        feeds::seen_seq.eq(feed.seen_seq),
        feeds::seen_at.eq(to_db(feed.seen_at)),
        feeds::sweep_after.eq(feed.sweep_after.clone()),
        feeds::sweep_again.eq(feed.sweep_again),
    )
}

fn write(
    tx: &mut Tx<'_>,
    client: &str,
    last: i64,
    news: &[(ArticleId, News)],
) -> Result<(), DbError> {
    let now = tx.now();
    let rows: Vec<EntryRow> = news
        .iter()
        .zip(last + 1..)
        .map(|((article, news), n)| EntryRow {
            client_id: client.to_owned(),
            n,
            id: tx.cx.mint.id::<ChangeId>(now).to_string(),
            at: to_db(news.at),
            kind: news.kind.as_str(),
            article_id: article.to_string(),
            version: news.version,
            extent: news.extent.map(|extent| extent.as_str()),
            reason_class: news.reason_class.map(|class| class.as_str()),
            advisory_id: news.advisory.map(|id| id.to_string()),
        })
        .collect();
    insert_rows!(&mut *tx.conn, entries::table, rows);
    Ok(())
}

fn hold(tx: &mut Tx<'_>, client: &str, told: &[(ArticleId, Option<Told>)]) -> Result<(), DbError> {
    let ids: Vec<String> = told.iter().map(|(id, _)| id.to_string()).collect();
    for ids in ids.chunks(PIECE) {
        diesel::delete(
            holdings::table
                .filter(holdings::client_id.eq(client))
                .filter(holdings::article_id.eq_any(ids)),
        )
        .execute(tx.conn)?;
    }
    let rows: Vec<HoldingRow> = told
        .iter()
        .filter_map(|(id, told)| {
            let told = told.as_ref()?;
            Some(HoldingRow {
                client_id: client.to_owned(),
                article_id: id.to_string(),
                version: told.version,
                is_embargoed: told.is_embargoed,
                is_gone: told.is_gone,
                seen_seq: told.seen_seq,
                fingerprint: told.fingerprint.clone(),
                recheck_at: told.recheck_at.map(to_db),
            })
        })
        .collect();
    insert_rows!(&mut *tx.conn, holdings::table, rows);
    Ok(())
}
