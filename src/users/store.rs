//! Users in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::json;

use super::model::{Account, Email, PasswordHash, User};
use super::sessions;
use crate::db::error::stored;
use crate::db::page::{Sort, Window, keyset};
use crate::db::schema::users;
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::{Id, SessionId, UserId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::Role;

const NOUN: &str = "user";

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct Row {
    id: String,
    revision: i64,
    email: String,
    name: String,
    role: String,
    active: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that an account fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users)]
struct Columns<'a> {
    email: &'a str,
    name: &'a str,
    role: &'static str,
    active: bool,
}

impl<'a> From<&'a Account> for Columns<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            email: account.email.as_str(),
            name: &account.name,
            role: account.role.as_str(),
            active: account.active,
        }
    }
}

impl Row {
    fn read(self) -> Result<User, StoreError> {
        Ok(User {
            id: stored(UserId::parse(&self.id), "users.id")?,
            revision: self.revision,
            account: Account {
                email: stored(Email::parse(&self.email), "users.email")?,
                name: self.name,
                role: stored(Role::parse(&self.role), "users.role")?,
                active: self.active,
            },
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: UserId) -> Result<User, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: UserId) -> Result<User, StoreError> {
    users::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// A user and what their password is checked against.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: UserId,
    pub email: Email,
    pub active: bool,
    pub password_hash: PasswordHash,
}

/// By what a user is looked up to check a password.
#[derive(Debug, Clone)]
pub enum Whose {
    Email(Email),
    Id(UserId),
}

/// # Errors
/// A database error.
pub async fn known(db: &Db, whose: Whose) -> Result<Option<Known>, StoreError> {
    db.read(move |conn| {
        let query = match whose {
            Whose::Email(email) => users::table
                .filter(users::email.eq(email.as_str().to_owned()))
                .into_boxed(),
            Whose::Id(id) => users::table
                .filter(users::id.eq(id.to_string()))
                .into_boxed(),
        };
        let row: Option<(String, String, bool, String)> = query
            .select((users::id, users::email, users::active, users::password_hash))
            .first(conn)
            .optional()?;
        row.map(|(id, email, active, password_hash)| {
            Ok(Known {
                id: stored(UserId::parse(&id), "users.id")?,
                email: stored(Email::parse(&email), "users.email")?,
                active,
                password_hash: PasswordHash::new(password_hash),
            })
        })
        .transpose()
    })
    .await
}

/// Which users a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub role: Option<Role>,
    pub active: Option<bool>,
}

/// How users are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Created,
    Email,
}

/// One page, with one user too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    sort: Sort<By>,
    window: Window,
) -> Result<(Vec<User>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let mut query = users::table.into_boxed();
            if let Some(role) = filter.role {
                query = query.filter(users::role.eq(role.as_str()));
            }
            if let Some(active) = filter.active {
                query = query.filter(users::active.eq(active));
            }
            query
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let key = window
            .after
            .clone()
            .map(|mark| mark.key)
            .unwrap_or_default();
        let query = match sort.by {
            By::Created => {
                let query = matching().limit(window.fetch());
                match (sort.descending, window.after.clone()) {
                    (false, None) => query.order(users::id.asc()),
                    (true, None) => query.order(users::id.desc()),
                    (false, Some(mark)) => {
                        query.filter(users::id.gt(mark.id)).order(users::id.asc())
                    }
                    (true, Some(mark)) => {
                        query.filter(users::id.lt(mark.id)).order(users::id.desc())
                    }
                }
            }
            By::Email => keyset!(
                matching(),
                window,
                sort.descending,
                users::email,
                key.clone(),
                users::id
            ),
        };
        let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// # Errors
/// [`StoreError::Taken`] for the address; a database error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    account: Account,
    password: PasswordHash,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: UserId = tx.cx.mint.id(tx.now());
        insert(tx, id, &account, &password)?;
        Ok(Written::created(id))
    })
    .await
}

/// [`create`] on this thread, for the command line.
///
/// # Errors
/// [`StoreError::Taken`] for the address, or a database error.
pub fn create_now(
    db: &Db,
    cx: &WriteCx,
    account: &Account,
    password: &PasswordHash,
) -> Result<UserId, StoreError> {
    db.write_now(cx, |tx| {
        let id: UserId = tx.cx.mint.id(tx.now());
        insert(tx, id, account, password)?;
        Ok(id)
    })
}

/// Adds a user within a transaction.
///
/// # Errors
/// [`StoreError::Taken`] for the address, or a database error.
pub fn insert(
    tx: &mut Tx<'_>,
    id: UserId,
    account: &Account,
    password: &PasswordHash,
) -> Result<(), StoreError> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id.to_string()),
            users::revision.eq(1),
            Columns::from(account),
            users::password_hash.eq(password.as_str()),
            users::created_at.eq(to_db(tx.now())),
            users::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)
        .map_err(taken)?;
    tx.record(
        Entry::new(Change::Created, NOUN, &id.to_string())
            .detail(json!({"role": account.role, "active": account.active})),
    )?;
    Ok(())
}

fn taken(error: diesel::result::Error) -> StoreError {
    StoreError::from(error).taken("email", "/email", "another user has this mail address")
}

/// Replaces the account of a user who still has this revision, and the password where a new
/// one is given. A new password and disabling end the user's sessions; a new role counts
/// from the next request.
///
/// # Errors
/// [`StoreError::State`] if no active administrator would be left; [`StoreError::Taken`],
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: UserId,
    revision: i64,
    account: Account,
    password: Option<PasswordHash>,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let before = check(tx.conn, id, revision)?;
        if before.account.is_active_admin() && !account.is_active_admin() {
            keep_an_admin(tx.conn, id)?;
        }
        diesel::update(users::table.find(id.to_string()))
            .set((
                users::revision.eq(revision + 1),
                Columns::from(&account),
                users::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)
            .map_err(taken)?;
        if let Some(password) = &password {
            diesel::update(users::table.find(id.to_string()))
                .set(users::password_hash.eq(password.as_str()))
                .execute(tx.conn)?;
        }
        let detail = json!({"role": account.role, "role_before": before.account.role,
            "active": account.active, "password_changed": password.is_some()});
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        if password.is_some() {
            sessions::end_others(tx, id, None, "password_changed")?;
        } else if !account.active {
            sessions::end_others(tx, id, None, "disabled")?;
        }
        Ok(())
    })
    .await
}

/// Gives a user a new password, if the old one is still that which was checked, and ends
/// all sessions but this one. `false` if it is another by now.
///
/// # Errors
/// A database error.
pub async fn change_password(
    db: &Db,
    cx: WriteCx,
    id: UserId,
    checked: PasswordHash,
    new: PasswordHash,
    session: SessionId,
) -> Result<bool, StoreError> {
    db.write(cx, move |tx| {
        let changed = diesel::update(
            users::table
                .find(id.to_string())
                .filter(users::password_hash.eq(checked.as_str())),
        )
        .set((
            users::revision.eq(users::revision + 1),
            users::password_hash.eq(new.as_str()),
            users::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
        if changed == 0 {
            return Ok(false);
        }
        let detail = json!({"password_changed": true});
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        sessions::end_others(tx, id, Some(session), "password_changed")?;
        Ok(true)
    })
    .await
}

/// Removes a user; their sessions go with them. What they wrote stays, under their id.
///
/// # Errors
/// [`StoreError::State`] for the last active administrator; [`StoreError::NotFound`],
/// [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: UserId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let before = check(tx.conn, id, revision)?;
        if before.account.is_active_admin() {
            keep_an_admin(tx.conn, id)?;
        }
        sessions::end_others(tx, id, None, "user_deleted")?;
        diesel::delete(users::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// Writers follow each other, so that two administrators cannot remove each other at once.
fn keep_an_admin(conn: &mut Conn, leaving: UserId) -> Result<(), StoreError> {
    let others: i64 = users::table
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::active.eq(true))
        .filter(users::id.ne(leaving.to_string()))
        .count()
        .get_result(conn)?;
    if others > 0 {
        return Ok(());
    }
    Err(StoreError::State(
        "This is the last active administrator. Make another one first.".to_owned(),
    ))
}

fn check(conn: &mut Conn, id: UserId, revision: i64) -> Result<User, StoreError> {
    let user = find(conn, id)?;
    if user.revision == revision {
        Ok(user)
    } else {
        Err(StoreError::Stale {
            current: user.revision,
        })
    }
}
