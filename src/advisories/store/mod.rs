//! Advisories in the database: reading them. [`write`] acknowledges and reminds;
//! [`crate::db::advisories`] adds them.

pub mod write;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{count_star, max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use crate::advisories::model::{
    Acknowledgement, Advisory, AdvisoryAction, AdvisoryKind, AdvisoryStanding, AdvisoryStatus, By,
    Filter, Holding,
};
use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::{advisories, deliveries};
use crate::db::{Conn, Db, DbError, StoreError};
use crate::kernel::id::{AdvisoryId, ArticleId, ClientId, Id, PartnerId, UserId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::ReasonClass;

diesel::allow_columns_to_appear_in_same_group_by_clause!(advisories::id, deliveries::version);

#[derive(Queryable, Selectable)]
#[diesel(table_name = advisories)]
struct Row {
    id: String,
    revision: i64,
    partner_id: String,
    article_id: String,
    version: i64,
    kind: String,
    reason_class: Option<String>,
    text: Option<String>,
    issued_at: NaiveDateTime,
    due_at: NaiveDateTime,
    reminders: i64,
    last_reminded_at: Option<NaiveDateTime>,
    acknowledged_at: Option<NaiveDateTime>,
    acknowledged_by_kind: Option<String>,
    acknowledged_by: Option<String>,
    acknowledged_with: Option<String>,
    action: Option<String>,
    note: Option<String>,
}

impl Row {
    fn read(self, newest: Option<String>, holding: Holding) -> Result<Advisory, DbError> {
        let acknowledgement = self.acknowledgement()?;
        Ok(Advisory {
            id: stored(AdvisoryId::parse(&self.id), "advisories.id")?,
            revision: self.revision,
            partner: stored(PartnerId::parse(&self.partner_id), "advisories.partner_id")?,
            article: stored(ArticleId::parse(&self.article_id), "advisories.article_id")?,
            version: self.version,
            kind: stored(AdvisoryKind::parse(&self.kind), "advisories.kind")?,
            reason_class: known(
                self.reason_class,
                ReasonClass::parse,
                "advisories.reason_class",
            )?,
            text: self.text,
            issued_at: from_db(self.issued_at),
            due_at: from_db(self.due_at),
            reminders: self.reminders,
            last_reminded_at: self.last_reminded_at.map(from_db),
            acknowledgement,
            superseded_by: known(newest, AdvisoryId::parse, "advisories.id")?,
            holding,
        })
    }

    fn acknowledgement(&self) -> Result<Option<Acknowledgement>, DbError> {
        let Some(at) = self.acknowledged_at else {
            return Ok(None);
        };
        let id = self.acknowledged_by.as_deref().unwrap_or_default();
        let by = match self.acknowledged_by_kind.as_deref() {
            Some("client") => ClientId::parse(id).map(By::Client),
            Some("user") => UserId::parse(id).map(By::User),
            _ => None,
        };
        Ok(Some(Acknowledgement {
            at: from_db(at),
            by: stored(by, "advisories.acknowledged_by")?,
            with: known(
                self.acknowledged_with.clone(),
                AdvisoryId::parse,
                "advisories.acknowledged_with",
            )?,
            action: known(
                self.action.clone(),
                AdvisoryAction::parse,
                "advisories.action",
            )?,
            note: self.note.clone(),
        }))
    }
}

fn known<T>(
    text: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
    what: &str,
) -> Result<Option<T>, DbError> {
    text.map(|text| stored(parse(&text), what)).transpose()
}

/// The newest advisory of the same partner about the same work, if it is a later one.
fn newest() -> diesel::expression::SqlLiteral<Nullable<Text>> {
    sql(
        "(SELECT newer.id FROM advisories newer WHERE newer.article_id = advisories.article_id \
         AND newer.partner_id = advisories.partner_id AND newer.version > advisories.version \
         ORDER BY newer.version DESC, newer.kind DESC LIMIT 1)",
    )
}

type Boxed<'a> = advisories::BoxedQuery<'a, crate::db::MultiBackend>;

/// One advisory, as its partner or those who manage rights see it: to another partner there is
/// none.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: AdvisoryId, own: Option<PartnerId>) -> Result<Advisory, StoreError> {
    db.read(move |conn| {
        let found: (Row, Option<String>) = visible(own)
            .filter(advisories::id.eq(id.to_string()))
            .select((Row::as_select(), newest()))
            .first(conn)?;
        finished(conn, vec![found])?
            .pop()
            .ok_or(StoreError::NotFound)
    })
    .await
}

/// One page, the newest first, with one advisory too many if there are more, and the total if
/// asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    window: Window,
    now: DateTime<Utc>,
) -> Result<(Vec<Advisory>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let total = match window.count {
            true => Some(matching(&filter, now).count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let query = matching(&filter, now);
        let rows: Vec<(Row, Option<String>)> = id_page!(query, window, true, advisories::id, after)
            .select((Row::as_select(), newest()))
            .load(conn)?;
        Ok((finished(conn, rows)?, total))
    })
    .await
}

fn visible<'a>(own: Option<PartnerId>) -> Boxed<'a> {
    let query = advisories::table.into_boxed();
    match own {
        None => query,
        Some(partner) => query.filter(advisories::partner_id.eq(partner.to_string())),
    }
}

/// The rows that a filter lets through.
fn matching<'a>(filter: &Filter, now: DateTime<Utc>) -> Boxed<'a> {
    let mut query = visible(filter.own);
    if let Some(partner) = filter.partner {
        query = query.filter(advisories::partner_id.eq(partner.to_string()));
    }
    if let Some(article) = filter.article {
        query = query.filter(advisories::article_id.eq(article.to_string()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(advisories::kind.eq(kind.as_str()));
    }
    let open = AdvisoryStatus::Open.as_str();
    match filter.standing {
        None => query,
        Some(AdvisoryStanding::Open) => query.filter(advisories::status.eq(open)),
        Some(AdvisoryStanding::Overdue) => query
            .filter(advisories::status.eq(open))
            .filter(advisories::due_at.le(to_db(now))),
        Some(AdvisoryStanding::Acknowledged) => {
            query.filter(advisories::status.eq(AdvisoryStatus::Acknowledged.as_str()))
        }
    }
}

/// Adds to rows what their partners hold.
fn finished(
    conn: &mut Conn,
    rows: Vec<(Row, Option<String>)>,
) -> Result<Vec<Advisory>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|(row, _)| row.id.as_str()).collect();
    let mut holdings = match ids.is_empty() {
        true => HashMap::new(),
        false => holdings(conn, ids)?,
    };
    let read = |(row, newest): (Row, Option<String>)| {
        let holding = holdings.remove(&row.id).unwrap_or_default();
        row.read(newest, holding).map_err(StoreError::from)
    };
    rows.into_iter().map(read).collect()
}

/// What the partners of these advisories were given of their works, by advisory.
fn holdings(conn: &mut Conn, ids: Vec<&str>) -> Result<HashMap<String, Holding>, DbError> {
    type Given = (
        String,
        i64,
        i64,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
    );
    let same_work = deliveries::article_id.eq(advisories::article_id);
    let given: Vec<Given> = advisories::table
        .inner_join(
            deliveries::table.on(same_work.and(deliveries::partner_id.eq(advisories::partner_id))),
        )
        .filter(advisories::id.eq_any(ids))
        .group_by((advisories::id, deliveries::version))
        .order((advisories::id.asc(), deliveries::version.asc()))
        .select((
            advisories::id,
            deliveries::version,
            count_star(),
            min(deliveries::at),
            max(deliveries::at),
        ))
        .load(conn)?;
    let mut holdings: HashMap<String, Holding> = HashMap::new();
    for (id, version, count, first, last) in given {
        let first = stored(first, "deliveries.at")?;
        let last = stored(last, "deliveries.at")?;
        let holding = holdings.entry(id).or_default();
        holding.add(version, count, from_db(first), from_db(last));
    }
    Ok(holdings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::advisories::{Kind, OPEN};

    #[test]
    fn what_is_issued_can_be_read() {
        let issued = [Kind::Correction, Kind::Withdrawal, Kind::Reinstatement];
        let known = issued.map(|kind| AdvisoryKind::parse(kind.as_str()));
        assert_eq!(
            known.to_vec(),
            AdvisoryKind::ALL
                .iter()
                .copied()
                .map(Some)
                .collect::<Vec<_>>()
        );
        assert_eq!(OPEN, AdvisoryStatus::Open.as_str());
    }
}
