//! What an article was: its versions, listed, read one by one and in pairs; and which one
//! stands.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::load::{Row, StateRow, assemble, held};
use super::registers::Registers;
use super::stored;
use crate::articles::model::{
    Article, ChangeKind, Colleague, Comparison, Latest, Side, VersionLine,
};
use crate::db::error::stored as known;
use crate::db::page::Window;
use crate::db::schema::{article_listings as listings, articles, audit_events, users, versions};
use crate::db::{Change, Conn, Db, DbError, StoreError};
use crate::kernel::id::{ArticleId, Id, UserId};
use crate::kernel::time::from_db;
use crate::rights::{Held, Rights};

/// The newest versions of an article, newest first, at most this many.
///
/// # Errors
/// A database error.
pub async fn newest(db: &Db, id: ArticleId, at_most: i64) -> Result<Vec<VersionLine>, StoreError> {
    db.read(move |conn| lines(conn, id, i64::MAX, at_most))
        .await
}

/// The versions of an article before one, newest first, with one line too many if there are
/// more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    id: ArticleId,
    before: i64,
    window: Window,
) -> Result<(Vec<VersionLine>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let total = match window.count {
            true => Some(
                versions::table
                    .filter(versions::article_id.eq(id.to_string()))
                    .count()
                    .get_result(conn)?,
            ),
            false => None,
        };
        Ok((lines(conn, id, before, window.fetch())?, total))
    })
    .await
}

fn lines(
    conn: &mut Conn,
    id: ArticleId,
    before: i64,
    at_most: i64,
) -> Result<Vec<VersionLine>, StoreError> {
    type Line = (
        i64,
        String,
        Option<String>,
        String,
        Option<String>,
        NaiveDateTime,
        Option<String>,
    );
    let lines: Vec<Line> = versions::table
        .left_join(users::table.on(users::id.nullable().eq(versions::created_by)))
        .filter(versions::article_id.eq(id.to_string()))
        .filter(versions::n.lt(before))
        .order(versions::n.desc())
        .limit(at_most)
        .select((
            versions::n,
            versions::change_kind,
            versions::note,
            versions::digest,
            versions::created_by,
            versions::created_at,
            users::name.nullable(),
        ))
        .load(conn)?;
    lines
        .into_iter()
        .map(|(n, kind, note, digest, by, at, name)| {
            Ok(VersionLine {
                n,
                change_kind: known(ChangeKind::parse(&kind), "versions.change_kind")?,
                note,
                digest,
                created_by: by.as_deref().and_then(UserId::parse),
                created_by_name: name,
                created_at: from_db(at),
            })
        })
        .collect()
}

/// The head version of an article, without its body.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn head(db: &Db, id: ArticleId, now: DateTime<Utc>) -> Result<Held<Article>, StoreError> {
    db.read(move |conn| {
        held(conn, &[id.to_string()], Side::Head, false, now)?
            .pop()
            .ok_or(StoreError::NotFound)
    })
    .await
}

/// An article in one of its versions.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn version(
    db: &Db,
    id: ArticleId,
    n: i64,
    now: DateTime<Utc>,
) -> Result<Held<Article>, StoreError> {
    db.read(move |conn| {
        let found = read(conn, id, &[n], now)?;
        let (article, rights) = found.into_iter().next().ok_or(StoreError::NotFound)?;
        Ok(Held::lock(article, rights))
    })
    .await
}

/// An article in two of its versions, under the rights of the one that is asked for.
///
/// # Errors
/// [`StoreError::NotFound`] if that one is not there; `Ok(None)` if only the other one is not;
/// or a database error.
pub async fn pair(
    db: &Db,
    id: ArticleId,
    n: i64,
    against: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Option<Held<Comparison>>, StoreError> {
    db.read(move |conn| {
        let wanted: Vec<i64> = [Some(n), against].into_iter().flatten().collect();
        let found = read(conn, id, &wanted, now)?;
        let one = |n: i64| {
            found
                .iter()
                .find(|(article, _)| article.version == n)
                .cloned()
        };
        let (after, rights) = one(n).ok_or(StoreError::NotFound)?;
        let before = match against {
            None => None,
            Some(m) => match one(m) {
                Some((article, _)) => Some(article),
                None => return Ok(None),
            },
        };
        Ok(Some(Held::lock(Comparison { before, after }, rights)))
    })
    .await
}

fn read(
    conn: &mut Conn,
    id: ArticleId,
    ns: &[i64],
    now: DateTime<Utc>,
) -> Result<Vec<(Article, Rights)>, StoreError> {
    let rows: Vec<Row> = versions::table
        .inner_join(articles::table.on(articles::id.eq(versions::article_id)))
        .inner_join(
            listings::table.on(listings::article_id
                .eq(versions::article_id)
                .and(listings::side.eq(Side::Head.as_str()))),
        )
        .filter(versions::article_id.eq(id.to_string()))
        .filter(versions::n.eq_any(ns.to_vec()))
        .select((
            StateRow::as_select(),
            versions::n,
            listings::visible_from,
            versions::created_at,
            versions::digest,
            versions::content,
            versions::body.nullable(),
        ))
        .load(conn)?;
    let contents = rows
        .iter()
        .map(|row| stored::read(&row.content, row.body.as_deref()))
        .collect::<Result<Vec<_>, DbError>>()?;
    let registers = Registers::load(conn, contents.iter(), now)?;
    rows.into_iter()
        .zip(contents)
        .map(|(row, content)| assemble(row, content, &registers, now))
        .collect()
}

/// What stands of an article, and who changed it last; `None` if it is not there.
///
/// # Errors
/// A database error.
pub async fn latest(db: &Db, id: ArticleId) -> Result<Option<Latest>, StoreError> {
    db.read(move |conn| {
        let found: Option<(i64, i64, NaiveDateTime)> = articles::table
            .find(id.to_string())
            .select((
                articles::revision,
                articles::head_version,
                articles::updated_at,
            ))
            .first(conn)
            .optional()?;
        let Some((revision, version, at)) = found else {
            return Ok(None);
        };
        // Not every change makes a version: who made the last one is what the audit log knows.
        let actor: Option<(Option<String>, Option<String>)> = audit_events::table
            .left_join(users::table.on(users::id.nullable().eq(audit_events::actor_id)))
            .filter(audit_events::resource_id.eq(id.to_string()))
            .filter(audit_events::resource.eq("article"))
            .filter(audit_events::action.ne(Change::Read.as_str()))
            .order((audit_events::at.desc(), audit_events::seq.desc()))
            .select((audit_events::actor_id, users::name.nullable()))
            .first(conn)
            .optional()?;
        let changed_by = actor.and_then(|(id, name)| {
            let id = UserId::parse(&id?)?;
            Some(Colleague { id, name })
        });
        Ok(Some(Latest {
            revision,
            version,
            changed_by,
            changed_at: from_db(at),
        }))
    })
    .await
}
