//! Statements in the database. Rows are added and read, never changed and never deleted.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::db::error::stored;
use crate::db::schema::{articles, attestations, licences, partners, signing_keys};
use crate::db::{Conn, Db, DbError, on_each};
use crate::kernel::id::{ArticleId, AttestationId, Id, LicenceId, PartnerId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::LicenceStatus;

/// A statement to be kept.
#[derive(Debug)]
pub struct Fresh {
    pub id: AttestationId,
    /// The hash of what it is about.
    pub subject: String,
    pub partner: PartnerId,
    pub licence: LicenceId,
    pub article: ArticleId,
    pub token: String,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A statement that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: AttestationId,
    pub subject: String,
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// What there is to give out again.
#[derive(Debug, Default)]
pub struct Standing {
    /// Newest first, none of them past its end.
    pub statements: Vec<Kept>,
    /// The keys whose signatures are taken, and until when.
    pub keys: HashMap<String, Option<DateTime<Utc>>>,
}

#[derive(Insertable)]
#[diesel(table_name = attestations)]
struct NewRow<'a> {
    jti: String,
    subject: &'a str,
    partner_id: String,
    licence_id: String,
    article_id: String,
    token: &'a str,
    issued_at: NaiveDateTime,
    expires_at: NaiveDateTime,
}

/// The statements about these subjects that have not ended, and the keys of their purpose.
///
/// # Errors
/// A database error.
pub fn standing(
    conn: &mut Conn,
    subjects: &[String],
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<Standing, DbError> {
    let rows: Vec<(String, String, String, NaiveDateTime)> = attestations::table
        .filter(attestations::subject.eq_any(subjects.to_vec()))
        .filter(attestations::expires_at.gt(to_db(now)))
        .order((attestations::expires_at.desc(), attestations::jti.desc()))
        .select((
            attestations::jti,
            attestations::subject,
            attestations::token,
            attestations::expires_at,
        ))
        .load(conn)?;
    let keys: Vec<(String, Option<NaiveDateTime>)> = signing_keys::table
        .filter(signing_keys::purpose.eq(purpose))
        .filter(
            signing_keys::retired_at
                .is_null()
                .or(signing_keys::retired_at.gt(to_db(now))),
        )
        .select((signing_keys::kid, signing_keys::retired_at))
        .load(conn)?;
    let statements = rows.into_iter().map(|(jti, subject, token, expires_at)| {
        Ok(Kept {
            id: stored(AttestationId::parse(&jti), "attestations.jti")?,
            subject,
            token,
            expires_at: from_db(expires_at),
        })
    });
    Ok(Standing {
        statements: statements.collect::<Result<_, DbError>>()?,
        keys: keys
            .into_iter()
            .map(|(kid, end)| (kid, end.map(from_db)))
            .collect(),
    })
}

/// Keeps statements, all or none.
///
/// They stand in no journal: each is its own record, nothing that readers see changes by it,
/// and a number in the change log would count works that are not public yet (rule 19).
///
/// # Errors
/// A database error.
pub fn keep(conn: &mut Conn, fresh: &[Fresh]) -> Result<(), DbError> {
    let rows: Vec<NewRow<'_>> = fresh
        .iter()
        .map(|one| NewRow {
            jti: one.id.to_string(),
            subject: &one.subject,
            partner_id: one.partner.to_string(),
            licence_id: one.licence.to_string(),
            article_id: one.article.to_string(),
            token: &one.token,
            issued_at: to_db(one.issued_at),
            expires_at: to_db(one.expires_at),
        })
        .collect();
    if !rows.is_empty() {
        on_each!(conn, |conn| diesel::insert_into(attestations::table)
            .values(&rows)
            .execute(conn))?;
    }
    Ok(())
}

/// What is known of a statement.
#[derive(Debug)]
pub struct Known {
    pub token: String,
    /// Whether what it says holds no more, before its end.
    pub revoked: bool,
}

/// A statement by its id, and what became of what it is about, at one snapshot.
///
/// # Errors
/// A database error.
pub async fn find(
    db: &Db,
    id: AttestationId,
    now: DateTime<Utc>,
) -> Result<Option<Known>, DbError> {
    db.read(move |conn| {
        let row: Option<(String, String, String, String)> = attestations::table
            .find(id.to_string())
            .select((
                attestations::token,
                attestations::partner_id,
                attestations::licence_id,
                attestations::article_id,
            ))
            .first(conn)
            .optional()?;
        let Some((token, partner, licence, article)) = row else {
            return Ok(None);
        };
        let holds = is_licensed(conn, &licence)?
            && is_partner(conn, &partner, now)?
            && is_to_be_read(conn, &article, now)?;
        Ok(Some(Known {
            token,
            revoked: !holds,
        }))
    })
    .await
}

fn is_licensed(conn: &mut Conn, licence: &str) -> Result<bool, DbError> {
    let status: Option<String> = licences::table
        .find(licence)
        .select(licences::status)
        .first(conn)
        .optional()?;
    Ok(status.as_deref() == Some(LicenceStatus::Active.as_str()))
}

fn is_partner(conn: &mut Conn, partner: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let ended_at: Option<Option<NaiveDateTime>> = partners::table
        .find(partner)
        .select(partners::ended_at)
        .first(conn)
        .optional()?;
    Ok(ended_at.is_some_and(|end| end.is_none_or(|end| now < from_db(end))))
}

/// Withdrawal shows at once, whatever time it bears; the end of publication when it comes.
fn is_to_be_read(conn: &mut Conn, article: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let ends: Option<(Option<NaiveDateTime>, Option<NaiveDateTime>)> = articles::table
        .find(article)
        .select((articles::withdrawn_at, articles::unpublish_at))
        .first(conn)
        .optional()?;
    Ok(ends.is_some_and(|(withdrawn_at, unpublish_at)| {
        withdrawn_at.is_none() && unpublish_at.is_none_or(|end| now < from_db(end))
    }))
}
