//! Assignments: who was asked to do what. Like comments they stay at the desk: the audit log
//! alone tells of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::json;

use super::load::held;
use super::versions::author_of;
use crate::articles::model::{Assignment, Colleague, Order, Side, Task};
use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::{article_assignments as assignments, users};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, AssignmentId, Id, UserId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::{Audience, Channel, Extent, Role, Use, decide};

const NOUN: &str = "assignment";

#[derive(Queryable, Selectable)]
#[diesel(table_name = assignments)]
struct Row {
    id: String,
    revision: i64,
    article_id: String,
    user_id: String,
    task: String,
    note: Option<String>,
    due_at: Option<NaiveDateTime>,
    created_by: String,
    created_at: NaiveDateTime,
    completed_at: Option<NaiveDateTime>,
    completed_by: Option<String>,
}

impl Row {
    fn read(self, name: String) -> Result<Assignment, StoreError> {
        let by = self.completed_by.as_deref().and_then(UserId::parse);
        let user = |id: &str, what| stored(UserId::parse(id), what);
        Ok(Assignment {
            id: stored(AssignmentId::parse(&self.id), "article_assignments.id")?,
            revision: self.revision,
            article: stored(
                ArticleId::parse(&self.article_id),
                "article_assignments.article_id",
            )?,
            assignee: Colleague {
                id: user(&self.user_id, "article_assignments.user_id")?,
                name: Some(name),
            },
            task: stored(Task::parse(&self.task), "article_assignments.task")?,
            note: self.note,
            due_at: self.due_at.map(from_db),
            created_by: user(&self.created_by, "article_assignments.created_by")?,
            created_at: from_db(self.created_at),
            completed: self.completed_at.map(from_db).zip(by),
        })
    }
}

/// Which assignments a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub article: Option<ArticleId>,
    pub user: Option<UserId>,
    /// Only those that are not done, or only those that are.
    pub open: Option<bool>,
}

/// One page, oldest first, with one assignment too many if there are more, and the total if
/// asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    window: Window,
) -> Result<(Vec<Assignment>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let mut query = assignments::table
                .inner_join(users::table.on(users::id.eq(assignments::user_id)))
                .into_boxed();
            if let Some(article) = filter.article {
                query = query.filter(assignments::article_id.eq(article.to_string()));
            }
            if let Some(user) = filter.user {
                query = query.filter(assignments::user_id.eq(user.to_string()));
            }
            match filter.open {
                Some(open) => query.filter(assignments::open.eq(open)),
                None => query,
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<(Row, String)> = id_page!(matching(), window, false, assignments::id, after)
            .select((Row::as_select(), users::name))
            .load(conn)?;
        let page = rows.into_iter().map(|(row, name)| row.read(name));
        Ok((page.collect::<Result<_, _>>()?, total))
    })
    .await
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, article: ArticleId, id: AssignmentId) -> Result<Assignment, StoreError> {
    db.read(move |conn| find(conn, article, id)).await
}

fn find(conn: &mut Conn, article: ArticleId, id: AssignmentId) -> Result<Assignment, StoreError> {
    let (row, name): (Row, String) = assignments::table
        .inner_join(users::table.on(users::id.eq(assignments::user_id)))
        .filter(assignments::id.eq(id.to_string()))
        .filter(assignments::article_id.eq(article.to_string()))
        .select((Row::as_select(), users::name))
        .first(conn)?;
    row.read(name)
}

/// # Errors
/// [`StoreError::Invalid`] for who is not there, may not sign in or may not read the article; a
/// database error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    order: Order,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let by = author_of(tx).ok_or(StoreError::NotFound)?;
        check_assignee(tx, article, order.user)?;
        let id: AssignmentId = tx.cx.mint.id(tx.now());
        diesel::insert_into(assignments::table)
            .values((
                assignments::id.eq(id.to_string()),
                assignments::revision.eq(1),
                assignments::article_id.eq(article.to_string()),
                assignments::user_id.eq(order.user.to_string()),
                assignments::task.eq(order.task.as_str()),
                assignments::note.eq(order.note.as_deref()),
                assignments::due_at.eq(order.due_at.map(to_db)),
                assignments::open.eq(true),
                assignments::created_by.eq(by.to_string()),
                assignments::created_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        audit(tx, Change::Created, id, article, order.user)?;
        Ok::<_, StoreError>(Written::created(id))
    })
    .await
}

fn audit(
    tx: &mut Tx<'_>,
    change: Change,
    id: AssignmentId,
    article: ArticleId,
    user: UserId,
) -> Result<(), DbError> {
    let detail = json!({"article": article, "user": user});
    tx.audit(Entry::new(change, NOUN, &id.to_string()).detail(detail))
}

/// Whether somebody can be asked to work on an article: they are active, and may read all of it.
fn check_assignee(tx: &mut Tx<'_>, article: ArticleId, user: UserId) -> Result<(), StoreError> {
    let refuse =
        |code, detail: &str| StoreError::Invalid(vec![Fault::new("/user_id", code, detail)]);
    let found: Option<(String, bool)> = users::table
        .find(user.to_string())
        .select((users::role, users::active))
        .first(tx.conn)
        .optional()?;
    let Some((role, active)) = found else {
        return Err(refuse("unknown", "there is no such user"));
    };
    if !active {
        return Err(refuse("inactive", "may not sign in any more"));
    }
    let now = tx.now();
    let work = held(tx.conn, &[article.to_string()], Side::Head, false, now)?
        .pop()
        .ok_or(StoreError::NotFound)?;
    let role = stored(Role::parse(&role), "users.role")?;
    let use_ = Use {
        audience: Audience::Desk { role, user },
        channel: Channel::Web,
        territory: None,
        holder: None,
    };
    match decide(work.rights(), &use_, now) {
        Ok(decision) if decision.extent == Extent::Full => Ok(()),
        Ok(_) | Err(_) => Err(refuse(
            "may_not_read",
            "may not read this article, or not all of it",
        )),
    }
}

/// Marks an assignment as done; once more changes nothing.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn complete(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    id: AssignmentId,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let assignment = find(tx.conn, article, id)?;
        if assignment.completed.is_some() {
            return Ok(());
        }
        let by = author_of(tx).map(|user| user.to_string());
        diesel::update(assignments::table.find(id.to_string()))
            .set((
                assignments::revision.eq(assignment.revision + 1),
                assignments::open.eq(false),
                assignments::completed_at.eq(to_db(tx.now())),
                assignments::completed_by.eq(by),
            ))
            .execute(tx.conn)?;
        audit(tx, Change::Updated, id, article, assignment.assignee.id)?;
        Ok(())
    })
    .await
}

/// Takes an assignment back.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    id: AssignmentId,
    revision: i64,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let assignment = find(tx.conn, article, id)?;
        if assignment.revision != revision {
            return Err(StoreError::Stale {
                current: assignment.revision,
            });
        }
        diesel::delete(assignments::table.find(id.to_string())).execute(tx.conn)?;
        audit(tx, Change::Deleted, id, article, assignment.assignee.id)?;
        Ok(())
    })
    .await
}
