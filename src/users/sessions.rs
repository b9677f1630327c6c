//! Sessions and their refresh tokens in the database.
//!
//! A session begins with a sign-in and lives on its refresh tokens. Each is good for one
//! use; one that comes back after its use is in two hands, so that the whole session ends
//! (RFC 9700, 4.14.2). Two refreshes at the same time with the same token are the same
//! thing: writers follow each other, the first wins, the second ends the session.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::model::{Bearer, PasswordHash, Session};
use crate::db::error::stored;
use crate::db::page::Window;
use crate::db::schema::{refresh_tokens, sessions, users};
use crate::db::{Actor, Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx};
use crate::kernel::id::{Id, SessionId, UserId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::Role;

const NOUN: &str = "session";

/// How long an ended session's row stays.
const KEPT: TimeDelta = TimeDelta::days(30);

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    id: String,
    user_agent: Option<String>,
    created_at: NaiveDateTime,
    last_used_at: NaiveDateTime,
    expires_at: NaiveDateTime,
}

impl Row {
    fn read(self) -> Result<Session, StoreError> {
        Ok(Session {
            id: stored(SessionId::parse(&self.id), "sessions.id")?,
            user_agent: self.user_agent,
            created_at: from_db(self.created_at),
            last_used_at: from_db(self.last_used_at),
            expires_at: from_db(self.expires_at),
        })
    }
}

/// What the bearer of a token may do now: nothing if the session has ended or the user is
/// disabled or gone. One query over two primary keys.
///
/// # Errors
/// A database error.
pub async fn role(db: &Db, bearer: Bearer, now: DateTime<Utc>) -> Result<Option<Role>, DbError> {
    db.read(move |conn| {
        let role: Option<String> = sessions::table
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(sessions::id.eq(bearer.session.to_string()))
            .filter(sessions::user_id.eq(bearer.user.to_string()))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(to_db(now)))
            .filter(users::active.eq(true))
            .select(users::role)
            .first(conn)
            .optional()?;
        role.map(|role| stored(Role::parse(&role), "users.role"))
            .transpose()
    })
    .await
}

/// A sign-in that was proven.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub user: UserId,
    /// What the password was checked against: it must still stand.
    pub password_hash: PasswordHash,
    pub user_agent: Option<String>,
    /// SHA-256 of the first refresh token.
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// Begins a session.
///
/// # Errors
/// [`StoreError::NotFound`] if the user was disabled, removed or given another password in
/// the meantime; or a database error.
pub async fn start(db: &Db, cx: WriteCx, sign_in: SignIn) -> Result<Bearer, StoreError> {
    let cx = WriteCx {
        actor: Actor::User(sign_in.user.to_string()),
        ..cx
    };
    db.write(cx, move |tx| {
        let user = sign_in.user.to_string();
        let now = to_db(tx.now());
        users::table
            .find(&user)
            .filter(users::active.eq(true))
            .filter(users::password_hash.eq(sign_in.password_hash.as_str()))
            .select(users::id)
            .first::<String>(tx.conn)?;
        forget_old(tx, &user)?;
        let session: SessionId = tx.cx.mint.id(tx.now());
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(session.to_string()),
                sessions::user_id.eq(&user),
                sessions::user_agent.eq(sign_in.user_agent.as_deref()),
                sessions::created_at.eq(now),
                sessions::last_used_at.eq(now),
                sessions::expires_at.eq(to_db(sign_in.expires_at)),
            ))
            .execute(tx.conn)?;
        hand_out(tx, session, &sign_in.token)?;
        let id = session.to_string();
        tx.record(Entry::new(Change::Created, NOUN, &id).detail(json!({"user": user})))?;
        Ok(Bearer {
            user: sign_in.user,
            session,
        })
    })
    .await
}

/// What became of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// It was good; the next one is handed out.
    Next(Bearer),
    /// It had been used before: its session has ended.
    Reused,
    /// It is unknown, or its session has come to its end.
    Refused,
}

/// Exchanges a refresh token for the next one, both by hash, and moves the session's end.
///
/// # Errors
/// A database error.
pub async fn refresh(
    db: &Db,
    cx: WriteCx,
    token: String,
    next: String,
    expires_at: DateTime<Utc>,
) -> Result<Refreshed, StoreError> {
    db.write(cx, move |tx| {
        let found: Option<(Option<NaiveDateTime>, String, String)> = refresh_tokens::table
            .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(refresh_tokens::token_hash.eq(&token))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(to_db(tx.now())))
            .filter(users::active.eq(true))
            .select((refresh_tokens::used_at, sessions::id, users::id))
            .first(tx.conn)
            .optional()?;
        let Some((used_at, session, user)) = found else {
            return Ok(Refreshed::Refused);
        };
        let cx = WriteCx {
            actor: Actor::User(user.clone()),
            ..tx.cx.clone()
        };
        if used_at.is_some() {
            // Whoever came with it need not be the user: nobody known did this.
            end_rows(tx, std::slice::from_ref(&session), "refresh_token_reused")?;
            tracing::warn!(
                session,
                user,
                "a used refresh token came back: the session has ended"
            );
            return Ok(Refreshed::Reused);
        }
        let tx = &mut tx.on_behalf(&cx);
        let bearer = Bearer {
            user: stored(UserId::parse(&user), "users.id")?,
            session: stored(SessionId::parse(&session), "sessions.id")?,
        };
        let now = to_db(tx.now());
        diesel::update(refresh_tokens::table.find(&token))
            .set(refresh_tokens::used_at.eq(now))
            .execute(tx.conn)?;
        // One that has been used and is older than a session's life is refused as unknown.
        let stale = to_db(tx.now() - (expires_at - tx.now()));
        diesel::delete(
            refresh_tokens::table
                .filter(refresh_tokens::session_id.eq(&session))
                .filter(refresh_tokens::used_at.lt(stale)),
        )
        .execute(tx.conn)?;
        hand_out(tx, bearer.session, &next)?;
        diesel::update(sessions::table.find(&session))
            .set((
                sessions::last_used_at.eq(now),
                sessions::expires_at.eq(to_db(expires_at)),
            ))
            .execute(tx.conn)?;
        tx.record(
            Entry::new(Change::Updated, NOUN, &session).detail(json!({"reason": "refreshed"})),
        )?;
        Ok(Refreshed::Next(bearer))
    })
    .await
}

/// The sessions of a user that have not come to their end, newest first: one page, with one
/// too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    user: UserId,
    now: DateTime<Utc>,
    window: Window,
) -> Result<(Vec<Session>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            sessions::table
                .filter(sessions::user_id.eq(user.to_string()))
                .filter(sessions::ended_at.is_null())
                .filter(sessions::expires_at.gt(to_db(now)))
                .into_boxed()
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let mut query = matching().order(sessions::id.desc()).limit(window.fetch());
        if let Some(mark) = window.after {
            query = query.filter(sessions::id.lt(mark.id));
        }
        let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// Ends a session of a user.
///
/// # Errors
/// [`StoreError::NotFound`] for one that is not theirs or has ended; or a database error.
pub async fn end(db: &Db, cx: WriteCx, user: UserId, session: SessionId) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let session = session.to_string();
        let running = running(tx.conn, user)?;
        if !running.contains(&session) {
            return Err(StoreError::NotFound);
        }
        end_rows(tx, &[session], "ended")
    })
    .await
}

/// Ends all sessions of a user.
///
/// # Errors
/// A database error.
pub async fn end_all(db: &Db, cx: WriteCx, user: UserId) -> Result<(), StoreError> {
    db.write(cx, move |tx| end_others(tx, user, None, "ended"))
        .await
}

/// Ends all sessions of a user but one, within a transaction.
///
/// # Errors
/// A database error.
pub(super) fn end_others(
    tx: &mut Tx<'_>,
    user: UserId,
    but: Option<SessionId>,
    reason: &str,
) -> Result<(), StoreError> {
    let but = but.map(|session| session.to_string());
    let mut ending = running(tx.conn, user)?;
    ending.retain(|session| but.as_ref() != Some(session));
    end_rows(tx, &ending, reason)
}

/// Sessions that nobody has ended; they may have expired.
fn running(conn: &mut Conn, user: UserId) -> Result<Vec<String>, StoreError> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::ended_at.is_null())
        .order(sessions::id)
        .select(sessions::id)
        .load(conn)?)
}

fn end_rows(tx: &mut Tx<'_>, ending: &[String], reason: &str) -> Result<(), StoreError> {
    for session in ending {
        diesel::update(sessions::table.find(session))
            .set(sessions::ended_at.eq(to_db(tx.now())))
            .execute(tx.conn)?;
        // The tokens of an ended session are refused whether they are known or not.
        diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq(session)))
            .execute(tx.conn)?;
        tx.record(Entry::new(Change::Revoked, NOUN, session).detail(json!({"reason": reason})))?;
    }
    Ok(())
}

fn hand_out(tx: &mut Tx<'_>, session: SessionId, token: &str) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token),
            refresh_tokens::session_id.eq(session.to_string()),
            refresh_tokens::issued_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Housekeeping at a sign-in: the user's sessions that ended long ago. The journal keeps
/// what happened to them.
fn forget_old(tx: &mut Tx<'_>, user: &str) -> Result<(), StoreError> {
    let old = to_db(tx.now() - KEPT);
    diesel::delete(
        sessions::table.filter(sessions::user_id.eq(user)).filter(
            sessions::expires_at.lt(old).or(sessions::ended_at
                .is_not_null()
                .and(sessions::last_used_at.lt(old))),
        ),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// The role of a user who may sign in, for what is done in their name without a session; `None` for who is disabled or gone.
///
/// # Errors
/// A database error.
pub fn active_role(conn: &mut Conn, id: UserId) -> Result<Option<Role>, StoreError> {
    let role: Option<String> = users::table
        .find(id.to_string())
        .filter(users::active.eq(true))
        .select(users::role)
        .first(conn)
        .optional()?;
    let role = role.map(|role| stored(Role::parse(&role), "users.role"));
    Ok(role.transpose()?)
}
