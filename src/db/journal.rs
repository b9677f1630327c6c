//! The journal: the ordered change log, which caches, feeds and webhooks read, and the
//! audit log. Both are written in the write's own transaction, and numbered there: each
//! without a gap, in the order of the commits. The audit log is sealed afterwards, by a chore
//! (the noun `audit`): nothing here hashes.

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use serde_json::Value;

use super::feed::CHANNEL;
use super::heed::Told;
use super::schema::{audit_events, audit_seals, changes};
use super::{Conn, DbError, Once, Touched};
use crate::kernel::id::{AuditId, Mint};
use crate::kernel::time::to_db;
use crate::kernel::words::words;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff, by id.
    User(String),
    /// An API client, by id.
    Client(String),
    /// Nobody known, such as somebody signing in.
    Anonymous,
    /// Whoever runs the command line.
    Operator,
    /// The server itself, doing a chore.
    System,
}

impl Actor {
    fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::User(id) => ("user", Some(id)),
            Self::Client(id) => ("client", Some(id)),
            Self::Anonymous => ("anonymous", None),
            Self::Operator => ("operator", None),
            Self::System => ("system", None),
        }
    }
}

/// What a write brings along: who, when, under which request, and whether once only.
#[derive(Debug, Clone)]
pub struct WriteCx {
    pub actor: Actor,
    pub now: DateTime<Utc>,
    pub mint: Mint,
    pub request_id: Option<String>,
    pub once: Option<Once>,
}

impl WriteCx {
    /// What the server does of itself, at no request.
    pub fn of_system(now: DateTime<Utc>, mint: Mint) -> Self {
        Self {
            actor: Actor::System,
            now,
            mint,
            request_id: None,
            once: None,
        }
    }
}

words! {
    /// What happened to a record.
    Change {
        Created = "created",
        Updated = "updated",
        Deleted = "deleted",
        /// Handed in for review.
        Submitted = "submitted",
        /// Taken back to be worked on: from review, or from the schedule.
        Returned = "returned",
        /// Given times at which readers see it, or no longer do.
        Scheduled = "scheduled",
        /// Due, and held back: those with the privilege may have it.
        Embargoed = "embargoed",
        Published = "published",
        Corrected = "corrected",
        Withdrawn = "withdrawn",
        /// A withdrawal was undone.
        Reinstated = "reinstated",
        /// A credential or session came to its end.
        Revoked = "revoked",
        /// Ended for now by the server itself, for a reason that it tells.
        Disabled = "disabled",
        /// Read where reading is put on record.
        Read = "read",
        /// A partner, or the desk on its behalf, has taken note of an advisory.
        Acknowledged = "acknowledged",
        /// A partner was reminded of an advisory.
        Reminded = "reminded",
    }
}

/// One line for the journal.
#[derive(Debug)]
pub struct Entry<'a> {
    pub change: Change,
    /// Singular noun, such as `article`.
    pub resource: &'static str,
    pub id: &'a str,
    pub version: Option<i64>,
    /// Facts for the audit log. Never a secret, never a text.
    pub detail: Option<Value>,
}

impl<'a> Entry<'a> {
    pub fn new(change: Change, resource: &'static str, id: &'a str) -> Self {
        Self {
            change,
            resource,
            id,
            version: None,
            detail: None,
        }
    }

    #[must_use]
    pub fn version(self, n: i64) -> Self {
        Self {
            version: Some(n),
            ..self
        }
    }

    #[must_use]
    pub fn detail(self, detail: Value) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }
}

/// Waits for this writer's turn. SQLite has one writer anyway; on PostgreSQL a lock held
/// to the commit keeps `seq` in commit order, which a sequence would not.
pub(super) fn take_turn(conn: &mut Conn) -> Result<(), DbError> {
    const TURN: i64 = 0x6d61_7374_6865_6164;
    if let Conn::Postgres(conn) = conn {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(TURN)
            .execute(conn)?;
    }
    Ok(())
}

/// The last numbers that a transaction knows of: those it has given itself, since no other gives
/// any meanwhile. Who undoes a part of it goes back to those before.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Numbers {
    change: Option<i64>,
    event: Option<i64>,
}

impl Numbers {
    /// The last number given in the change log; 0 for none.
    pub fn change(self) -> i64 {
        self.change.unwrap_or(0)
    }
}

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct ChangeRow {
    seq: i64,
    at: chrono::NaiveDateTime,
    kind: &'static str,
    resource: &'static str,
    resource_id: String,
    version: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
struct AuditRow {
    id: String,
    seq: i64,
    at: chrono::NaiveDateTime,
    actor_kind: &'static str,
    actor_id: Option<String>,
    action: &'static str,
    resource: &'static str,
    resource_id: String,
    request_id: Option<String>,
    detail: Option<String>,
}

/// Puts writes on record, in their order: each gets the next number of the change log and
/// a line in the audit log.
pub(super) fn record(
    conn: &mut Conn,
    cx: &WriteCx,
    told: &mut Told,
    entries: &[Entry<'_>],
) -> Result<(), DbError> {
    let touched = entries
        .iter()
        .map(|entry| Touched::new(entry.resource, entry.id));
    told.records.extend(touched);
    let last = match told.numbers.change {
        Some(seq) => seq,
        None => last_change(conn)?,
    };
    let rows: Vec<ChangeRow> = entries
        .iter()
        .zip(last + 1..)
        .map(|(entry, seq)| ChangeRow {
            seq,
            at: to_db(cx.now),
            kind: entry.change.as_str(),
            resource: entry.resource,
            resource_id: entry.id.to_owned(),
            version: entry.version,
        })
        .collect();
    insert_rows!(&mut *conn, changes::table, rows);
    told.numbers.change = Some(rows.last().map_or(last, |row| row.seq));
    audit(conn, cx, &mut told.numbers, entries)
}

/// The number of the last change. On PostgreSQL it asks in the same breath for a notification of
/// the feeds at the commit: however often a transaction asks, they get one.
fn last_change(conn: &mut Conn) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        last: i64,
    }
    match conn {
        Conn::Sqlite(conn) => {
            let last: Option<i64> = changes::table.select(max(changes::seq)).first(conn)?;
            Ok(last.unwrap_or(0))
        }
        Conn::Postgres(conn) => {
            let row: Last = diesel::sql_query(
                "SELECT coalesce(max(seq), 0) AS last, pg_notify($1, '') FROM changes",
            )
            .bind::<diesel::sql_types::Text, _>(CHANNEL)
            .get_result(conn)?;
            Ok(row.last)
        }
    }
}

pub(super) fn audit(
    conn: &mut Conn,
    cx: &WriteCx,
    numbers: &mut Numbers,
    entries: &[Entry<'_>],
) -> Result<(), DbError> {
    let (actor_kind, actor_id) = cx.actor.parts();
    let last = match numbers.event {
        Some(seq) => seq,
        None => last_event(conn)?,
    };
    let rows: Vec<AuditRow> = entries
        .iter()
        .zip(last + 1..)
        .map(|(entry, seq)| AuditRow {
            seq,
            id: cx.mint.id::<AuditId>(cx.now).to_string(),
            at: to_db(cx.now),
            actor_kind,
            actor_id: actor_id.map(str::to_owned),
            action: entry.change.as_str(),
            resource: entry.resource,
            resource_id: entry.id.to_owned(),
            request_id: cx.request_id.clone(),
            detail: entry.detail.as_ref().map(ToString::to_string),
        })
        .collect();
    insert_rows!(conn, audit_events::table, rows);
    numbers.event = Some(rows.last().map_or(last, |row| row.seq));
    Ok(())
}

/// The number of the last event that there is or was: a number under seal is not given twice,
/// whatever became of its event.
fn last_event(conn: &mut Conn) -> Result<i64, DbError> {
    let event: Option<i64> = audit_events::table
        .select(max(audit_events::seq))
        .first(conn)?;
    let seal: Option<i64> = audit_seals::table
        .select(max(audit_seals::seq))
        .first(conn)?;
    Ok(event.max(seal).unwrap_or(0))
}
