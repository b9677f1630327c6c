//! Adding to the ledger: many batches in one transaction, each checked once more, each taken
//! whole or not at all. The number of checking queries does not depend on the number of batches.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::error::stored;
use crate::db::few::rows_of;
use crate::db::schema::{articles, clients, deliveries, delivery_counts as counts, licences};
use crate::db::{Conn, Db, DbError, Tx, WriteCx, insert_rows, on_each};
use crate::deliveries::model::{ArticleNow, Batch, KeyNow, LicenceNow, Refusal, Standing};
use crate::kernel::id::{ArticleId, ClientId, DeliveryId, Id, LicenceId, PartnerId};
use crate::kernel::time::{Clock, from_db, to_db, utc_day};
use crate::rights::lifecycle::Withdrawal;
use crate::rights::{Delivery, LicenceStatus, Lifecycle, ReasonClass, Stage};

/// Rows of one statement: SQLite binds 32,766 values at most.
const ROWS: usize = 1_000;

/// Whether each batch was taken, in their order.
pub type Outcomes = Vec<Result<(), Refusal>>;

#[derive(Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
struct Row {
    id: String,
    at: NaiveDateTime,
    day: String,
    partner_id: String,
    client_id: String,
    licence_id: String,
    licence_revision: i64,
    article_id: String,
    section_id: Option<String>,
    version: i64,
    digest: String,
    content_digest: String,
    credit_line: String,
    extent: &'static str,
    format: &'static str,
    surface: &'static str,
    attestation_id: Option<String>,
    request_id: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = counts, treat_none_as_default_value = false)]
struct CountRow<'a> {
    licence_id: String,
    day: &'a str,
    delivered: i64,
}

/// Takes batches in one transaction. What time it is, is asked once it is this writer's turn:
/// who waited past an end, is past it.
///
/// # Errors
/// A [`DbError`]; then none is taken.
pub fn record(
    db: &Db,
    cx: &WriteCx,
    clock: &Clock,
    batches: &[Batch],
) -> Result<Outcomes, DbError> {
    db.write_now(cx, |tx| {
        let now = clock.now();
        let day = utc_day(now);
        let mut standing = standing(tx.conn, &day, batches, now)?;
        let outcomes: Outcomes = batches
            .iter()
            .map(|batch| standing.take(&batch.deliveries, now))
            .collect();
        let taken: Vec<&Batch> = batches
            .iter()
            .zip(&outcomes)
            .filter_map(|(batch, outcome)| outcome.is_ok().then_some(batch))
            .collect();
        write(tx, now, &day, &taken)?;
        count(tx, &day, &taken, &standing)?;
        Ok(outcomes)
    })
}

/// Reads what the batches rest on.
fn standing(
    conn: &mut Conn,
    day: &str,
    batches: &[Batch],
    now: DateTime<Utc>,
) -> Result<Standing, DbError> {
    let owed = || batches.iter().flat_map(|batch| &batch.deliveries);
    let licences = ids(owed().map(|delivery| delivery.licence));
    Ok(Standing {
        keys: keys(conn, ids(owed().map(|delivery| delivery.client)))?,
        articles: works(conn, ids(owed().map(|delivery| delivery.article)), now)?,
        delivered: delivered(conn, day, licences.clone())?,
        licences: rights(conn, licences)?,
    })
}

/// Each id once, as it is stored.
fn ids(ids: impl Iterator<Item = impl Id + Ord>) -> Vec<String> {
    let ids: BTreeSet<_> = ids.collect();
    ids.iter().map(ToString::to_string).collect()
}

fn keys(conn: &mut Conn, ids: Vec<String>) -> Result<HashMap<ClientId, KeyNow>, DbError> {
    type Row = (
        String,
        i64,
        Option<String>,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
    );
    let columns = (
        clients::id,
        clients::revision,
        clients::partner_id,
        clients::expires_at,
        clients::revoked_at,
    );
    let rows: Vec<Row> = rows_of(
        conn,
        ids,
        |conn, id| {
            let one = clients::table.find(id).select(columns);
            one.first(conn).optional()
        },
        |conn, ids| {
            let many = clients::table.filter(clients::id.eq_any(ids));
            many.select(columns).load(conn)
        },
    )?;
    let read = |(id, revision, partner, expires_at, revoked_at): Row| {
        let key = KeyNow {
            revision,
            partner: partner
                .map(|id| stored(PartnerId::parse(&id), "clients.partner_id"))
                .transpose()?,
            expires_at: expires_at.map(from_db),
            is_revoked: revoked_at.is_some(),
        };
        Ok((stored(ClientId::parse(&id), "clients.id")?, key))
    };
    rows.into_iter().map(read).collect()
}

fn rights(conn: &mut Conn, ids: Vec<String>) -> Result<HashMap<LicenceId, LicenceNow>, DbError> {
    type Row = (
        String,
        i64,
        String,
        String,
        NaiveDateTime,
        Option<NaiveDateTime>,
        Option<i64>,
    );
    let columns = (
        licences::id,
        licences::revision,
        licences::partner_id,
        licences::status,
        licences::valid_from,
        licences::valid_until,
        licences::quota_per_day,
    );
    let rows: Vec<Row> = rows_of(
        conn,
        ids,
        |conn, id| {
            let one = licences::table.find(id).select(columns);
            one.first(conn).optional()
        },
        |conn, ids| {
            let many = licences::table.filter(licences::id.eq_any(ids));
            many.select(columns).load(conn)
        },
    )?;
    let read = |(id, revision, partner, status, from, until, quota_per_day): Row| {
        let licence = LicenceNow {
            revision,
            partner: stored(PartnerId::parse(&partner), "licences.partner_id")?,
            status: stored(LicenceStatus::parse(&status), "licences.status")?,
            valid_from: from_db(from),
            valid_until: until.map(from_db),
            quota_per_day,
        };
        Ok((stored(LicenceId::parse(&id), "licences.id")?, licence))
    };
    rows.into_iter().map(read).collect()
}

fn works(
    conn: &mut Conn,
    ids: Vec<String>,
    now: DateTime<Utc>,
) -> Result<HashMap<ArticleId, ArticleNow>, DbError> {
    type Row = (
        String,
        String,
        Option<i64>,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
    );
    let columns = (
        articles::id,
        articles::stage,
        articles::live_version,
        articles::publish_at,
        articles::embargoed_until,
        articles::unpublish_at,
        articles::withdrawn_at,
    );
    let rows: Vec<Row> = rows_of(
        conn,
        ids,
        |conn, id| {
            let one = articles::table.find(id).select(columns);
            one.first(conn).optional()
        },
        |conn, ids| {
            let many = articles::table.filter(articles::id.eq_any(ids));
            many.select(columns).load(conn)
        },
    )?;
    let read = |(id, stage, live_version, publish, embargo, unpublish, withdrawn): Row| {
        let life = Lifecycle {
            stage: stored(Stage::parse(&stage), "articles.stage")?,
            publish_at: publish.map(from_db),
            embargoed_until: embargo.map(from_db),
            unpublish_at: unpublish.map(from_db),
            // Its class and words are for readers; here it counts that there is one. It has happened,
            // even where a clock was set back behind it.
            withdrawal: withdrawn.map(|at| Withdrawal {
                at: from_db(at).min(now),
                reason_class: ReasonClass::Editorial,
                reason: String::new(),
            }),
            has_live_version: live_version.is_some(),
        };
        let id = stored(ArticleId::parse(&id), "articles.id")?;
        Ok((id, ArticleNow { live_version, life }))
    };
    rows.into_iter().map(read).collect()
}

fn delivered(
    conn: &mut Conn,
    day: &str,
    ids: Vec<String>,
) -> Result<HashMap<LicenceId, i64>, DbError> {
    let columns = (counts::licence_id, counts::delivered);
    let rows: Vec<(String, i64)> = rows_of(
        conn,
        ids,
        |conn, id| {
            let one = counts::table.find((id, day)).select(columns);
            one.first(conn).optional()
        },
        |conn, ids| {
            let many = counts::table.filter(counts::licence_id.eq_any(ids));
            many.filter(counts::day.eq(day)).select(columns).load(conn)
        },
    )?;
    let read = |(id, delivered): (String, i64)| {
        let id = LicenceId::parse(&id);
        Ok((stored(id, "delivery_counts.licence_id")?, delivered))
    };
    rows.into_iter().map(read).collect()
}

/// Adds the rows of the batches that are taken.
fn write(tx: &mut Tx<'_>, now: DateTime<Utc>, day: &str, taken: &[&Batch]) -> Result<(), DbError> {
    let mint = &tx.cx.mint;
    let rows: Vec<Row> = taken
        .iter()
        .flat_map(|batch| {
            batch
                .deliveries
                .iter()
                .map(move |delivery| (*batch, delivery))
        })
        .map(|(batch, delivery)| row_of(mint.id(now), now, day, batch, delivery))
        .collect();
    insert_rows!(&mut *tx.conn, deliveries::table, rows);
    Ok(())
}

fn row_of(
    id: DeliveryId,
    now: DateTime<Utc>,
    day: &str,
    batch: &Batch,
    delivery: &Delivery,
) -> Row {
    Row {
        id: id.to_string(),
        at: to_db(now),
        day: day.to_owned(),
        partner_id: delivery.partner.to_string(),
        client_id: delivery.client.to_string(),
        licence_id: delivery.licence.to_string(),
        licence_revision: delivery.licence_revision,
        article_id: delivery.article.to_string(),
        section_id: delivery.section.map(|id| id.to_string()),
        version: delivery.version,
        digest: delivery.digest.clone(),
        content_digest: delivery.content_digest.clone(),
        credit_line: delivery.credit_line.clone(),
        extent: delivery.extent.as_str(),
        format: delivery.format,
        surface: batch.surface.as_str(),
        attestation_id: delivery.attestation.map(|id| id.to_string()),
        request_id: Some(&batch.request_id).filter(|id| !id.is_empty()).cloned(),
    }
}

/// Writes down what the licences of the batches that are taken have given by now. Writers
/// follow each other, so that what was read plus what was added is exact.
fn count(tx: &mut Tx<'_>, day: &str, taken: &[&Batch], standing: &Standing) -> Result<(), DbError> {
    let licences: BTreeSet<LicenceId> = taken
        .iter()
        .flat_map(|batch| &batch.deliveries)
        .map(|delivery| delivery.licence)
        .collect();
    let rows: Vec<CountRow<'_>> = licences
        .iter()
        .filter_map(|id| standing.delivered.get_key_value(id))
        .map(|(id, delivered)| CountRow {
            licence_id: id.to_string(),
            day,
            delivered: *delivered,
        })
        .collect();
    for rows in rows.chunks(ROWS) {
        on_each!(&mut *tx.conn, |conn| diesel::insert_into(counts::table)
            .values(rows)
            .on_conflict((counts::licence_id, counts::day))
            .do_update()
            .set(counts::delivered.eq(excluded(counts::delivered)))
            .execute(conn))?;
    }
    Ok(())
}
