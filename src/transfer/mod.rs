//! Everything that an installation has, from one database into an empty one: whatever the engines,
//! whatever the tables.
//!
//! Must not know a table: what there is, the engines tell (`db::tables`). Start with [`transfer`].

use std::collections::BTreeMap;

use thiserror::Error;

use crate::audit::model::Examination;
use crate::audit::store::verify::examine_in;
use crate::db::tables::{
    Contents, Digest, Load, Summary, Table, contents, describe, each_row, last_change, summary,
};
use crate::db::{Conn, DatabaseUrl, Db, DbError, PoolOptions, StoreError, migrate};

/// Rows after which progress is told.
const OFTEN: u64 = 100_000;

/// What was moved.
#[derive(Debug)]
pub struct Moved {
    /// By name of the table: rows and digest, the same on both sides.
    pub tables: Contents,
    pub last_change: Option<i64>,
    /// The audit log as it stands in the target.
    pub audit: Examination,
}

/// Why nothing was moved.
#[derive(Debug, Error)]
pub enum TransferError {
    #[error(
        "the source's schema is not up to date ({0} is to come): run `masthead migrate` on it first"
    )]
    Behind(String),
    #[error("the target is not empty ({0}): everything is moved into an empty database only")]
    NotEmpty(String),
    #[error("the tables of source and target are not the same: {0}")]
    OtherTables(String),
    #[error("what arrived is not what was sent, and was taken back: {0}")]
    Differs(String),
    #[error("{0}")]
    Scratch(std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbError> for TransferError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}

/// Moves everything that one snapshot of `from` shows into `to`, which is migrated first and must
/// be empty, in one transaction: it commits when all tables have the same rows and digests on both
/// sides. Who is killed before leaves an empty target, which the next run takes. Rows come one by
/// one, so that memory is bounded. `progress` hears of rows under way.
///
/// # Errors
/// [`TransferError`]; then the target is empty.
pub fn transfer(
    from: &Db,
    to: &Db,
    mut progress: impl FnMut(&str, u64),
) -> Result<Moved, TransferError> {
    if let Some(pending) = migrate::pending(from)?.into_iter().next() {
        return Err(TransferError::Behind(pending));
    }
    migrate::up(to)?;
    let pristine = pristine()?;
    from.read_now(|source| {
        to.fill(|target| {
            let tables = agreed(source, target)?;
            empty(target, &tables, &pristine)?;
            let mut sent = Contents::new();
            for table in &tables {
                sent.insert(
                    table.name.clone(),
                    copy(source, target, table, &mut progress)?,
                );
            }
            for table in &tables {
                let arrived = summary(target, table)?;
                same(&table.name, sent.get(&table.name), &arrived)?;
            }
            let (before, after) = (last_change(source)?, last_change(target)?);
            if before != after {
                return Err(TransferError::Differs(format!(
                    "the change log ends at {after:?}, not at {before:?}"
                )));
            }
            Ok(Moved {
                tables: sent,
                last_change: after,
                audit: examine_in(target, 1, &[])?,
            })
        })
    })
}

/// The tables, where both sides have the same.
fn agreed(source: &mut Conn, target: &mut Conn) -> Result<Vec<Table>, TransferError> {
    let by_name = |tables: Vec<Table>| -> BTreeMap<String, Table> {
        tables.into_iter().map(|t| (t.name.clone(), t)).collect()
    };
    let (ours, theirs) = (by_name(describe(source)?), by_name(describe(target)?));
    let odd: Vec<&str> = ours
        .keys()
        .chain(theirs.keys())
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .map(String::as_str)
        .collect();
    match odd.is_empty() {
        true => Ok(ours
            .into_values()
            .filter(|table| !table.is_derived())
            .collect()),
        false => Err(TransferError::OtherTables(odd.join(", "))),
    }
}

/// What a database holds that was migrated and never used.
fn pristine() -> Result<Contents, TransferError> {
    let folder = tempfile::tempdir().map_err(TransferError::Scratch)?;
    let options = PoolOptions {
        readers: 1,
        ..PoolOptions::default()
    };
    let db = Db::open(
        &DatabaseUrl::Sqlite(folder.path().join("pristine.db")),
        options,
    )?;
    migrate::up(&db)?;
    Ok(db.read_now(contents)?)
}

/// Refuses a target that somebody has used; takes away what its migrations have put there.
fn empty(target: &mut Conn, tables: &[Table], pristine: &Contents) -> Result<(), TransferError> {
    let mut used = Vec::new();
    for table in tables {
        // Whether there is any row more is all that is asked of a table that may be large.
        let expected = pristine.get(&table.name).map_or(0, |summary| summary.rows);
        if table.has_more_than(target, expected)? {
            used.push(table.name.as_str());
        } else if expected > 0 {
            let found = summary(target, table)?;
            if found.rows > 0 && Some(&found) != pristine.get(&table.name) {
                used.push(table.name.as_str());
            }
            table.clear(target)?;
        }
    }
    match used.is_empty() {
        true => Ok(()),
        false => Err(TransferError::NotEmpty(used.join(", "))),
    }
}

fn copy(
    source: &mut Conn,
    target: &mut Conn,
    table: &Table,
    progress: &mut impl FnMut(&str, u64),
) -> Result<Summary, TransferError> {
    let (mut digest, mut load, mut done) = (Digest::of(table), Load::into(table), 0_u64);
    each_row(source, table, |row| {
        digest.add(&row);
        done += 1;
        if done.is_multiple_of(OFTEN) {
            progress(&table.name, done);
        }
        load.push(target, row).map_err(TransferError::from)
    })?;
    load.finish(target)?;
    Ok(digest.finish())
}

fn same(table: &str, sent: Option<&Summary>, arrived: &Summary) -> Result<(), TransferError> {
    match sent {
        Some(sent) if sent == arrived => Ok(()),
        sent => Err(TransferError::Differs(format!(
            "{table}: {} rows {} were sent, {} rows {} arrived",
            sent.map_or(0, |sent| sent.rows),
            sent.map_or("", |sent| sent.sha256.as_str()),
            arrived.rows,
            arrived.sha256
        ))),
    }
}
