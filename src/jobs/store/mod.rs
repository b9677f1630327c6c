//! Jobs in the database: begun, looked at, stopped, swept. What those need who do the work is in
//! [`work`].

mod rows;
pub mod work;

use diesel::prelude::*;
use serde_json::json;

use self::rows::{ItemRow, JobRow, NewItem};
use super::model::{ITEMS_KEPT, Item, ItemState, Job, JobState, Lease, NewJob};
use crate::db::error::to_json;
use crate::db::page::{Window, id_page};
use crate::db::schema::{job_items as items, jobs};
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx, WriteCx, on_each};
use crate::kernel::id::{JobId, UserId};
use crate::kernel::time::to_db;

pub(crate) const NOUN: &str = "job";

/// Rows of one statement: an engine takes some ten thousand values in one.
const ROWS: usize = 1_000;

/// Puts a job down, with everything that it is to do.
///
/// # Errors
/// A database error.
pub fn create_in(tx: &mut Tx<'_>, new: NewJob) -> Result<JobId, StoreError> {
    let id: JobId = tx.cx.mint.id(tx.now());
    let name = id.to_string();
    let total = i64::try_from(new.targets.len()).unwrap_or(i64::MAX);
    let lease = match &new.owner {
        Some(owner) => Lease::of(owner, tx.now()),
        None => Lease::free(tx.now()),
    };
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(&name),
            jobs::kind.eq(new.kind.as_str()),
            jobs::params.eq(to_json(&new.params)?),
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::total.eq(total),
            jobs::done.eq(0),
            jobs::failed.eq(0),
            jobs::created_by.eq(new.created_by.to_string()),
            jobs::request_id.eq(tx.cx.request_id.as_deref()),
            jobs::created_at.eq(to_db(tx.now())),
            jobs::lease_owner.eq(lease.owner),
            jobs::lease_until.eq(to_db(lease.until)),
            jobs::items_kept.eq(true),
        ))
        .execute(tx.conn)?;
    let rows: Vec<NewItem<'_>> = (1..)
        .zip(&new.targets)
        .map(|(n, target)| NewItem::pending(&name, n, target))
        .collect();
    for some in rows.chunks(ROWS) {
        on_each!(&mut *tx.conn, |conn| diesel::insert_into(items::table)
            .values(some)
            .execute(conn))?;
    }
    let detail = json!({"kind": new.kind, "total": total});
    tx.audit(Entry::new(Change::Created, NOUN, &name).detail(detail))?;
    Ok(id)
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: JobId) -> Result<Job, StoreError> {
    db.read(move |conn| get_in(conn, id)).await
}

/// [`get`] on this connection.
///
/// # Errors
/// As [`get`].
pub fn get_in(conn: &mut Conn, id: JobId) -> Result<Job, StoreError> {
    jobs::table
        .find(id.to_string())
        .select(JobRow::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(JobRow::read)
}

/// One page in the order in which jobs were asked for, of one member of staff or of all, with one
/// job too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    of: Option<UserId>,
    descending: bool,
    window: Window,
) -> Result<(Vec<Job>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let query = jobs::table.into_boxed();
            match of {
                Some(user) => query.filter(jobs::created_by.eq(user.to_string())),
                None => query,
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<JobRow> = id_page!(matching(), window, descending, jobs::id, after)
            .select(JobRow::as_select())
            .load(conn)?;
        let page = rows
            .into_iter()
            .map(JobRow::read)
            .collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// One page of what a job does, in its order, `after` a number, with one item too many if there
/// are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list_items(
    db: &Db,
    job: JobId,
    state: Option<ItemState>,
    after: i64,
    window: Window,
) -> Result<(Vec<Item>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let query = items::table
                .filter(items::job_id.eq(job.to_string()))
                .into_boxed();
            match state {
                Some(state) => query.filter(items::state.eq(state.as_str())),
                None => query,
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<ItemRow> = id_page!(matching(), window, false, items::n, after)
            .select(ItemRow::as_select())
            .load(conn)?;
        let page = rows
            .into_iter()
            .map(ItemRow::read)
            .collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// Stops a job. What was done stays done; since every piece of it is a write and writes follow
/// each other, nothing more is done once this is. What is over stays as it is.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn cancel(db: &Db, cx: WriteCx, id: JobId) -> Result<Job, StoreError> {
    db.write(cx, move |tx| {
        let job = get_in(tx.conn, id)?;
        if job.state.is_over() {
            return Ok(job);
        }
        let job = work::save(tx, job.over(JobState::Cancelled, tx.now()))?;
        let detail = json!({"state": job.state, "done": job.done, "failed": job.failed});
        tx.audit(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        Ok(job)
    })
    .await
}

/// Removes the items of a job that ended long ago; whether there may be more such jobs. The job
/// itself stays, with its counts.
///
/// # Errors
/// A database error.
pub fn sweep(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    let before = to_db(cx.now - ITEMS_KEPT);
    let next = move |conn: &mut Conn| -> Result<Option<String>, StoreError> {
        Ok(jobs::table
            .filter(jobs::items_kept.eq(true))
            .filter(jobs::finished_at.le(before))
            .order((jobs::finished_at.asc(), jobs::id.asc()))
            .select(jobs::id)
            .first(conn)
            .optional()?)
    };
    // Looking costs no writer's turn.
    if db.read_now(next)?.is_none() {
        return Ok(false);
    }
    db.write_now(cx, |tx| {
        let Some(job) = next(tx.conn)? else {
            return Ok(false);
        };
        diesel::delete(items::table.filter(items::job_id.eq(&job))).execute(tx.conn)?;
        diesel::update(jobs::table.find(&job))
            .set(jobs::items_kept.eq(false))
            .execute(tx.conn)?;
        Ok(true)
    })
}
