//! Licences in the database: terms in a row, what they select in rows of their own.

mod rows;
mod scope;
mod write;

pub use scope::inbound;
pub use write::{create, delete, insert, update};

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;

use self::rows::{Row, with_selections};
use self::scope::LIVE;
use super::model::{Holdings, Licence, MOST_HELD, Parties};
use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::{
    article_listings as listings, articles, delivery_counts as counts,
    licence_selections as selections, licences, partners, settings,
};
use crate::db::{Conn, Db, StoreError};
use crate::kernel::id::{ArticleId, Id, LicenceId, PartnerId};
use crate::kernel::time::{to_db, utc_day};
use crate::rights::{self, LicenceStatus};

const NOUN: &str = "licence";

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: LicenceId) -> Result<Licence, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: LicenceId) -> Result<Licence, StoreError> {
    let row: Row = licences::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    let mut found = with_selections(conn, vec![row])?;
    found.pop().ok_or(StoreError::NotFound)
}

/// Which licences a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub partner: Option<PartnerId>,
    pub status: Option<LicenceStatus>,
}

/// One page in the order in which they were made, with one licence too many if there are more,
/// and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    descending: bool,
    window: Window,
) -> Result<(Vec<Licence>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let mut query = licences::table.into_boxed();
            if let Some(partner) = filter.partner {
                query = query.filter(licences::partner_id.eq(partner.to_string()));
            }
            if let Some(status) = filter.status {
                query = query.filter(licences::status.eq(status.as_str()));
            }
            query
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<Row> = id_page!(matching(), window, descending, licences::id, after)
            .select(Row::as_select())
            .load(conn)?;
        Ok((with_selections(conn, rows)?, total))
    })
    .await
}

/// All licences of a partner that are not revoked, in the order of their ids: suspended ones
/// and those of another time are for the rules to tell. Two queries.
///
/// # Errors
/// A database error.
pub fn held_by(conn: &mut Conn, partner: PartnerId) -> Result<Vec<rights::Licence>, StoreError> {
    let held = held(conn, partner)?;
    Ok(held.into_iter().map(rights::Licence::from).collect())
}

/// The newest licences of a partner, revoked ones too, at most twice as many as it may hold.
///
/// # Errors
/// A database error.
pub fn all_of(conn: &mut Conn, partner: PartnerId) -> Result<Vec<rights::Licence>, StoreError> {
    let rows: Vec<Row> = licences::table
        .filter(licences::partner_id.eq(partner.to_string()))
        .order(licences::id.desc())
        .limit(2 * MOST_HELD)
        .select(Row::as_select())
        .load(conn)?;
    let all = with_selections(conn, rows)?;
    Ok(all.into_iter().map(rights::Licence::from).collect())
}

fn held(conn: &mut Conn, partner: PartnerId) -> Result<Vec<Licence>, StoreError> {
    let rows: Vec<Row> = licences::table
        .filter(licences::partner_id.eq(partner.to_string()))
        .filter(licences::status.ne(LicenceStatus::Revoked.as_str()))
        .order(licences::id.asc())
        .select(Row::as_select())
        .load(conn)?;
    with_selections(conn, rows)
}

/// What a partner holds, as it may know it at an instant: with what was delivered on that day
/// (UTC), and of single works those that readers could see by then.
///
/// # Errors
/// [`StoreError::NotFound`] without such a partner, or a database error.
pub async fn holdings(
    db: &Db,
    partner: PartnerId,
    now: DateTime<Utc>,
) -> Result<Holdings, StoreError> {
    let day = utc_day(now);
    db.read(move |conn| {
        let partner_name = name_of(conn, partner)?;
        let mut held = held(conn, partner)?;
        leave_out_unseen(conn, &mut held, now)?;
        let ids: Vec<String> = held.iter().map(|licence| licence.id.to_string()).collect();
        let rows: Vec<(String, i64)> = counts::table
            .filter(counts::licence_id.eq_any(ids))
            .filter(counts::day.eq(&day))
            .select((counts::licence_id, counts::delivered))
            .load(conn)?;
        let delivered = |id: LicenceId| {
            let id = id.to_string();
            rows.iter()
                .find(|(licence, _)| *licence == id)
                .map_or(0, |(_, delivered)| *delivered)
        };
        let licences = held.into_iter().map(|licence| {
            let today = delivered(licence.id);
            (licence, today)
        });
        Ok(Holdings {
            partner,
            partner_name,
            licences: licences.collect(),
        })
    })
    .await
}

/// Takes out of the selectors the single works that readers could not see by an instant: an id
/// alone would tell that there is such a work (rule 19). Withdrawn works were seen, and stay.
fn leave_out_unseen(
    conn: &mut Conn,
    licences: &mut [Licence],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ids: Vec<String> = licences
        .iter()
        .filter(|licence| !licence.terms.selector.articles.is_empty())
        .map(|licence| licence.id.to_string())
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let seen: Vec<String> = selections::table
        .inner_join(listings::table.on(selections::article_id.eq(listings::article_id.nullable())))
        .filter(selections::licence_id.eq_any(ids))
        .filter(listings::side.eq(LIVE))
        .filter(listings::visible_from.le(to_db(now)))
        // Seen before it was withdrawn, if it was.
        .filter(exists(
            articles::table
                .filter(articles::id.eq(listings::article_id))
                .filter(
                    articles::withdrawn_at.is_null().or(articles::withdrawn_at
                        .assume_not_null()
                        .gt(listings::visible_from)),
                ),
        ))
        .select(listings::article_id)
        .distinct()
        .load(conn)?;
    let seen = seen
        .iter()
        .map(|id| stored(ArticleId::parse(id), "article_listings.article_id"))
        .collect::<Result<HashSet<_>, _>>()?;
    for licence in licences {
        let articles = &mut licence.terms.selector.articles;
        articles.retain(|article| seen.contains(article));
    }
    Ok(())
}

/// A licence, and who grants it to whom: to the desk as it stands, to a partner its own, as it
/// may know it at an instant.
///
/// # Errors
/// [`StoreError::NotFound`], also where it is not this partner's or names nothing that it may
/// know; or a database error.
pub async fn agreed(
    db: &Db,
    id: LicenceId,
    reader: Option<PartnerId>,
    now: DateTime<Utc>,
) -> Result<(Licence, Parties), StoreError> {
    db.read(move |conn| {
        let mut licence = find(conn, id)?;
        if let Some(partner) = reader {
            leave_out_unseen(conn, std::slice::from_mut(&mut licence), now)?;
            if licence.partner != partner || licence.terms.selector.is_empty() {
                return Err(StoreError::NotFound);
            }
        }
        let (base_url, copyright_holder) = settings::table
            .select((settings::base_url, settings::copyright_holder))
            .first(conn)?;
        let partner_name = name_of(conn, licence.partner)?;
        let parties = Parties {
            base_url,
            copyright_holder,
            partner_name,
        };
        Ok((licence, parties))
    })
    .await
}

fn name_of(conn: &mut Conn, partner: PartnerId) -> Result<String, StoreError> {
    Ok(partners::table
        .find(partner.to_string())
        .select(partners::name)
        .first(conn)?)
}

/// Whose a stored licence is.
fn partner_of(text: &str) -> Result<PartnerId, StoreError> {
    Ok(stored(PartnerId::parse(text), "licences.partner_id")?)
}
