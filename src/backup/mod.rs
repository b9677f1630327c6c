//! Backups: a whole copy of the database as it stood at one instant, taken while the server writes,
//! held against what was copied before it is called one; and the way back.
//!
//! Must not change the database that it copies, nor touch a file that is none of its own. Start
//! with [`take()`] and [`restore()`].

mod findings;
mod manifest;
mod place;
mod postgres;
mod restore;
mod series;
mod sqlite;

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

pub use manifest::{Audit, Manifest};
pub use restore::{Restored, restore};
pub use series::Keep;

use crate::db::{DatabaseUrl, Db, DbError, Engine, StoreError, migrate};
use findings::Findings;
use place::Workshop;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, Error)]
pub enum BackupError {
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    #[error(
        "the folder {0} is not there: a backup is not written into a place that was not mounted"
    )]
    NoFolder(PathBuf),
    #[error(
        "a backup of this database is a file that ends with .{0}, or goes into a folder: {1} is neither"
    )]
    OtherName(&'static str, PathBuf),
    #[error("another backup is being written into {0}")]
    UnderWay(PathBuf),
    #[error("{0} is there already, and nothing is overwritten")]
    Exists(PathBuf),
    #[error(
        "a backup with the secret key was asked for, and there is none: set MASTHEAD_SECRET_KEY, or do without"
    )]
    NoSecret,
    #[error("the name of a series is made of a-z, 0-9 and _: {0:?} is not")]
    SeriesName(String),
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the copy is not as what was copied: {0}")]
    Copy(String),
    #[error(
        "{0} was not found: install PostgreSQL's client programs (package postgresql-client), not older than the server, or name their folder with --postgres-bin"
    )]
    NoProgram(PathBuf),
    #[error("{0} failed: {1}")]
    Program(&'static str, String),
    #[error("the URL of the database cannot be read apart; give the password in PGPASSWORD")]
    Url,
    #[error("{0} is no manifest of a backup: {1}")]
    Manifest(PathBuf, String),
    #[error("{0} is not the file that its manifest tells of: {1}")]
    Damaged(PathBuf, String),
    #[error(
        "the backup is of {backup}, and the target is {target}: restore into the same engine, then use `masthead transfer`"
    )]
    OtherEngine {
        backup: String,
        target: &'static str,
    },
    #[error(
        "the backup was made by a newer version (it has the migration {0}): restore it with that one"
    )]
    Newer(String),
    #[error("the target database is not empty: a backup is restored into an empty one only")]
    NotEmpty,
    #[error("what was restored is not what the backup's manifest tells of: {0}")]
    Differs(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}

/// Names the file that something went wrong with.
fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::File(path, error)
}

/// What is to be backed up, and where to.
#[derive(Debug)]
pub struct Order {
    pub database: DatabaseUrl,
    /// A folder, for one more backup of a series; or the name of a file that is not there yet.
    pub to: PathBuf,
    /// The name of the series.
    pub series: String,
    /// Which earlier ones of the series stay.
    pub keep: Keep,
    /// The installation's secret, where it is to lie beside the copy.
    pub secret: Option<SecretString>,
    /// The folder of PostgreSQL's programs; else they are found on the `PATH`.
    pub postgres_bin: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug)]
pub struct Taken {
    pub file: PathBuf,
    pub manifest: Manifest,
    /// Earlier backups of the series that have gone.
    pub removed: Vec<PathBuf>,
}

/// Ends of names: the copy says by which engine it can be read.
fn extension(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "db",
        Engine::Postgres => "dump",
    }
}

fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

/// Takes a backup: writes the copy aside, holds it against what was copied, puts it in its place,
/// and only then removes what [`Keep`] does not keep. `clock` is asked at the beginning and at the end.
///
/// Where the audit log is not as it was sealed, the backup is kept and nothing older is removed: its
/// manifest says so.
///
/// # Errors
/// [`BackupError`]; then there is no backup, and nothing was removed.
pub fn take(order: &Order, clock: impl Fn() -> DateTime<Utc>) -> Result<Taken, BackupError> {
    let engine = order.database.engine();
    let taken_at = clock();
    let name = series::Name::of(&order.series, taken_at, extension(engine))?;
    let target = place::target(&order.to, &name, extension(engine))?;
    let workshop = Workshop::open(&target)?;
    let db = Db::open_to_read(&order.database)?;
    let applied = migrate::applied(&db)?;
    let copy = workshop.path("copy");
    let (findings, sha256) = match &order.database {
        DatabaseUrl::Sqlite(path) => {
            // The copy is what will be restored: it is looked at, and not the original.
            sqlite::copy(path, &copy)?;
            (Findings::of_file(&copy)?, place::digest(&copy)?)
        }
        DatabaseUrl::Postgres(url) => {
            let programs = postgres::Programs::at(order.postgres_bin.as_deref());
            postgres::dump(&db, url, &copy, &programs)?
        }
    };
    let manifest = Manifest {
        format: manifest::FORMAT.to_owned(),
        masthead: env!("CARGO_PKG_VERSION").to_owned(),
        series: order.series.clone(),
        engine: engine_name(engine).to_owned(),
        migrations: applied,
        taken_at,
        finished_at: clock(),
        file: place::file_name(&target),
        bytes: std::fs::metadata(&copy).map_err(at(&copy))?.len(),
        sha256,
        has_secret: order.secret.is_some(),
        last_change: findings.last_change,
        audit: Audit::of(&findings.audit),
        tables: findings.tables,
    };
    workshop.write("manifest", manifest.text().as_bytes())?;
    if let Some(secret) = &order.secret {
        workshop.write("secret", format!("{}\n", secret.expose_secret()).as_bytes())?;
    }
    workshop.settle(&target, order.secret.is_some())?;
    let removed = match (order.to.is_dir(), manifest.audit.intact) {
        (true, true) => series::prune(&order.to, &order.series, order.keep, &target, taken_at)?,
        _ => Vec::new(),
    };
    Ok(Taken {
        file: target,
        manifest,
        removed,
    })
}
