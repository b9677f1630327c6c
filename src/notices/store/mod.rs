//! Notices in the database: reading here, writing in [`write`].

mod write;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

pub use self::write::{create, delete, insert, revise};
use super::model::{Effect, Notice, Revision, Wording, in_force};
use crate::db::error::{stored, stored_json};
use crate::db::page::{Window, id_page};
use crate::db::schema::{notice_revisions as revisions, notices};
use crate::db::{Conn, Db, DbError, StoreError};
use crate::kernel::id::{Id, NoticeId, UserId};
use crate::kernel::language::Language;
use crate::kernel::time::{from_db, to_db};
use crate::rights::NoticeKind;

#[derive(Queryable, Selectable)]
#[diesel(table_name = notices)]
struct Row {
    id: String,
    revision: i64,
    kind: String,
    language: String,
    created_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revisions)]
struct RevisionRow {
    notice_id: String,
    n: i64,
    text: String,
    contact: Option<String>,
    claim_window_days: Option<i64>,
    effective_from: NaiveDateTime,
    created_at: NaiveDateTime,
    created_by: Option<String>,
}

impl RevisionRow {
    /// `current` is the number of the revision in force.
    fn read(self, current: Option<i64>) -> Result<Revision, DbError> {
        let contact = self
            .contact
            .map(|json| stored_json(&json, "notice_revisions.contact"))
            .transpose()?;
        Ok(Revision {
            n: self.n,
            wording: Wording {
                text: self.text,
                contact,
                claim_window_days: self.claim_window_days,
                effective_from: from_db(self.effective_from),
            },
            in_force: current == Some(self.n),
            created_at: from_db(self.created_at),
            created_by: self.created_by.as_deref().and_then(UserId::parse),
        })
    }
}

/// Which revision of a notice is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// The newest one, to the desk.
    Newest,
    /// The one in force; a notice without one is not there.
    InForce,
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(
    db: &Db,
    id: NoticeId,
    show: Show,
    now: DateTime<Utc>,
) -> Result<Notice, StoreError> {
    db.read(move |conn| {
        let row: Row = notices::table
            .find(id.to_string())
            .select(Row::as_select())
            .first(conn)?;
        read(conn, vec![row], show, now)?
            .pop()
            .ok_or(StoreError::NotFound)
    })
    .await
}

/// The notices of these rows, each with the revision that is shown. Two queries.
fn read(
    conn: &mut Conn,
    rows: Vec<Row>,
    show: Show,
    now: DateTime<Utc>,
) -> Result<Vec<Notice>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let effects = effects(conn, &ids)?;
    let current = |id: &str| effects.get(id).and_then(|effects| in_force(effects, now));
    let wanted: HashMap<&str, i64> = rows
        .iter()
        .filter_map(|row| {
            let n = match show {
                Show::Newest => Some(row.revision),
                Show::InForce => current(&row.id),
            };
            n.map(|n| (row.id.as_str(), n))
        })
        .collect();
    let found: Vec<RevisionRow> = revisions::table
        .filter(revisions::notice_id.eq_any(&ids))
        .filter(revisions::n.eq_any(wanted.values().copied().collect::<Vec<_>>()))
        .select(RevisionRow::as_select())
        .load(conn)?;
    let mut shown: HashMap<String, RevisionRow> = found
        .into_iter()
        .filter(|row| wanted.get(row.notice_id.as_str()) == Some(&row.n))
        .map(|row| (row.notice_id.clone(), row))
        .collect();
    rows.iter()
        .filter_map(|row| Some((row, shown.remove(&row.id)?)))
        .map(|(row, shown)| {
            Ok(Notice {
                id: stored(NoticeId::parse(&row.id), "notices.id")?,
                kind: stored(NoticeKind::parse(&row.kind), "notices.kind")?,
                language: stored(Language::parse(&row.language), "notices.language")?,
                revision: row.revision,
                shown: shown.read(current(&row.id))?,
                created_at: from_db(row.created_at),
            })
        })
        .collect()
}

/// When the revisions of these notices take effect, by notice.
fn effects(conn: &mut Conn, ids: &[&str]) -> Result<HashMap<String, Vec<Effect>>, DbError> {
    let rows: Vec<(String, i64, NaiveDateTime)> = revisions::table
        .filter(revisions::notice_id.eq_any(ids))
        .select((
            revisions::notice_id,
            revisions::n,
            revisions::effective_from,
        ))
        .load(conn)?;
    let mut effects: HashMap<String, Vec<Effect>> = HashMap::new();
    for (id, n, from) in rows {
        effects.entry(id).or_default().push(Effect {
            n,
            from: from_db(from),
        });
    }
    Ok(effects)
}

/// Which notices a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<NoticeKind>,
    pub language: Option<Language>,
}

/// One page, with one notice too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    show: Show,
    now: DateTime<Utc>,
    descending: bool,
    window: Window,
) -> Result<(Vec<Notice>, Option<i64>), StoreError> {
    db.read_scaled(move |conn| {
        let matching = || {
            let mut query = notices::table.into_boxed();
            if let Some(kind) = filter.kind {
                query = query.filter(notices::kind.eq(kind.as_str()));
            }
            if let Some(language) = &filter.language {
                query = query.filter(notices::language.eq(language.as_str()));
            }
            match show {
                Show::Newest => query,
                Show::InForce => query.filter(
                    notices::id.eq_any(
                        revisions::table
                            .filter(revisions::effective_from.le(to_db(now)))
                            .select(revisions::notice_id),
                    ),
                ),
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<Row> = id_page!(matching(), window, descending, notices::id, after)
            .select(Row::as_select())
            .load(conn)?;
        Ok((read(conn, rows, show, now)?, total))
    })
    .await
}

/// One page of a notice's revisions, newest first, with one too many if there are more.
///
/// # Errors
/// [`StoreError::NotFound`] without such a notice, or a database error.
pub async fn history(
    db: &Db,
    id: NoticeId,
    now: DateTime<Utc>,
    after: i64,
    window: Window,
) -> Result<(Vec<Revision>, Option<i64>), StoreError> {
    db.read_scaled(move |conn| {
        let current = current(conn, id, now)?;
        let matching = || {
            revisions::table
                .filter(revisions::notice_id.eq(id.to_string()))
                .into_boxed()
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<RevisionRow> = id_page!(matching(), window, true, revisions::n, after)
            .select(RevisionRow::as_select())
            .load(conn)?;
        let page = rows
            .into_iter()
            .map(|row| row.read(current))
            .collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// One revision of a notice.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn revision(
    db: &Db,
    id: NoticeId,
    n: i64,
    now: DateTime<Utc>,
) -> Result<Revision, StoreError> {
    db.read_scaled(move |conn| {
        let current = current(conn, id, now)?;
        let row: RevisionRow = revisions::table
            .find((id.to_string(), n))
            .select(RevisionRow::as_select())
            .first(conn)?;
        Ok(row.read(current)?)
    })
    .await
}

/// The number of the revision in force of a notice that is there.
fn current(conn: &mut Conn, id: NoticeId, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
    let id = id.to_string();
    let effects = effects(conn, &[&id])?
        .remove(&id)
        .ok_or(StoreError::NotFound)?;
    Ok(in_force(&effects, now))
}
