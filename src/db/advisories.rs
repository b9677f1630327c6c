//! Issuing advisories: every partner that holds a work is told what became of it (rule 18). It
//! stands here because the actions on articles issue them and `advisories` keeps them, and no
//! noun may ask another one's store. Plain ids in; what is told is the caller's to know.
//!
//! A partner holds a work if the ledger has a row of it, in whatever version. Writers follow each
//! other: a delivery that was committed before this write is seen by it, and one that comes after
//! it is checked against what the write has made of the work.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde_json::json;

use super::schema::advisories;
use super::{Change, DbError, Entry, Tx};
use crate::kernel::id::AdvisoryId;
use crate::kernel::time::to_db;

/// Singular noun, as the journal has it.
pub const NOUN: &str = "advisory";

/// The status of an advisory that nobody has acknowledged.
pub const OPEN: &str = "open";

/// Partners that one query looks for, and rows of one statement.
const PIECE: i64 = 500;

/// What became of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Correction,
    Withdrawal,
    Reinstatement,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Withdrawal => "withdrawal",
            Self::Reinstatement => "reinstatement",
        }
    }
}

/// What partners are told.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    pub article: &'a str,
    /// The version that the correction, withdrawal or reinstatement has made. A later event has
    /// a higher one: by it advisories of one work are told older from newer.
    pub version: i64,
    pub kind: Kind,
    /// Of a withdrawal, its class.
    pub reason_class: Option<&'a str>,
    /// The public note or reason. Never a text of the work.
    pub text: Option<&'a str>,
}

/// A partner that holds the work and is not told yet.
#[derive(QueryableByName)]
struct Holder {
    #[diesel(sql_type = Text)]
    partner_id: String,
    /// The shortest deadline among the licences under which it got the work.
    #[diesel(sql_type = Nullable<BigInt>)]
    hours: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = advisories, treat_none_as_default_value = false)]
struct Row<'a> {
    id: String,
    revision: i64,
    partner_id: &'a str,
    article_id: &'a str,
    version: i64,
    kind: &'static str,
    reason_class: Option<&'a str>,
    text: Option<&'a str>,
    issued_at: chrono::NaiveDateTime,
    due_at: chrono::NaiveDateTime,
    status: &'static str,
    remind_at: Option<chrono::NaiveDateTime>,
    reminders: i64,
}

/// Tells each partner that holds the work. Who was told the same already is not told again.
///
/// # Errors
/// A [`DbError`].
pub fn issue(tx: &mut Tx<'_>, issue: &Issue<'_>) -> Result<(), DbError> {
    let mut after = String::new();
    loop {
        let holders = holders(tx, issue, &after)?;
        let Some(last) = holders.last() else {
            return Ok(());
        };
        tell(tx, issue, &holders)?;
        after.clone_from(&last.partner_id);
    }
}

/// The next partners, in the order of their ids. The ledger may have very many rows of a work:
/// the query steps from partner to partner along an index, and does not read them.
fn holders(tx: &mut Tx<'_>, issue: &Issue<'_>, after: &str) -> Result<Vec<Holder>, DbError> {
    // SQLite numbers parameters by where they first stand: keep them in order.
    let found = diesel::sql_query(
        "WITH RECURSIVE holders (partner_id) AS (\
         SELECT MIN(deliveries.partner_id) FROM deliveries \
         WHERE deliveries.article_id = $1 AND deliveries.partner_id > $2 \
         UNION ALL \
         SELECT (SELECT MIN(deliveries.partner_id) FROM deliveries \
         WHERE deliveries.article_id = $1 AND deliveries.partner_id > holders.partner_id) \
         FROM holders WHERE holders.partner_id IS NOT NULL) \
         SELECT holders.partner_id AS partner_id, \
         (SELECT MIN(licences.removal_deadline_hours) FROM licences \
         WHERE licences.partner_id = holders.partner_id AND EXISTS (SELECT 1 FROM deliveries \
         WHERE deliveries.article_id = $1 AND deliveries.partner_id = holders.partner_id \
         AND deliveries.licence_id = licences.id)) AS hours \
         FROM holders WHERE holders.partner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM advisories \
         WHERE advisories.article_id = $1 AND advisories.partner_id = holders.partner_id \
         AND advisories.version = $3 AND advisories.kind = $4) \
         ORDER BY holders.partner_id LIMIT $5",
    )
    .bind::<Text, _>(issue.article)
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(issue.version)
    .bind::<Text, _>(issue.kind.as_str())
    .bind::<BigInt, _>(PIECE)
    .load(tx.conn)?;
    Ok(found)
}

fn tell(tx: &mut Tx<'_>, issue: &Issue<'_>, holders: &[Holder]) -> Result<(), DbError> {
    let now = tx.now();
    let rows: Vec<Row<'_>> = holders
        .iter()
        .map(|holder| {
            let due_at = to_db(due(now, holder.hours));
            Row {
                id: tx.cx.mint.id::<AdvisoryId>(now).to_string(),
                revision: 1,
                partner_id: &holder.partner_id,
                article_id: issue.article,
                version: issue.version,
                kind: issue.kind.as_str(),
                reason_class: issue.reason_class,
                text: issue.text,
                issued_at: to_db(now),
                due_at,
                status: OPEN,
                remind_at: Some(due_at),
                reminders: 0,
            }
        })
        .collect();
    on_each!(&mut *tx.conn, |conn| diesel::insert_into(advisories::table)
        .values(&rows)
        .execute(conn))?;
    tx.record_all(rows.iter().map(entry).collect())
}

fn entry<'a>(row: &'a Row<'_>) -> Entry<'a> {
    let about =
        json!({"partner_id": row.partner_id, "article_id": row.article_id, "kind": row.kind});
    Entry::new(Change::Created, NOUN, &row.id)
        .version(row.version)
        .detail(about)
}

/// By when a partner has to have acted. A deadline that is not known is no time at all (rule 6).
fn due(now: DateTime<Utc>, hours: Option<i64>) -> DateTime<Utc> {
    hours
        .and_then(TimeDelta::try_hours)
        .and_then(|hours| now.checked_add_signed(hours))
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_hours_from_now() {
        let now: DateTime<Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
        for (hours, expected) in [
            (Some(1), "2026-06-01T13:00:00Z"),
            (Some(8760), "2027-06-01T12:00:00Z"),
            (Some(0), "2026-06-01T12:00:00Z"),
            (None, "2026-06-01T12:00:00Z"),
            (Some(i64::MAX), "2026-06-01T12:00:00Z"),
        ] {
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(due(now, hours), expected, "{hours:?}");
        }
    }
}
