//! The way back: into a database that is not there yet, or is empty.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::findings::Findings;
use super::{BackupError, Manifest, at, engine_name, place, postgres};
use crate::audit::model::Head;
use crate::db::{DatabaseUrl, Db, beside, migrate, secret_file};

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    /// Migrations that this version has and the database has not yet.
    pub pending: Vec<String>,
    /// Where the installation's secret is now, if it was in the backup: beside an SQLite database,
    /// else still beside the backup.
    pub secret: Option<PathBuf>,
}

/// Restores a backup, and looks whether all of it is there.
///
/// # Errors
/// [`BackupError`]. Then there is no database at an SQLite target. A PostgreSQL target is as it
/// was, but for [`BackupError::Differs`]: what is in it then is not to be used.
pub fn restore(
    from: &Path,
    to: &DatabaseUrl,
    postgres_bin: Option<&Path>,
) -> Result<Restored, BackupError> {
    let manifest = Manifest::of(from)?;
    let target = engine_name(to.engine());
    if manifest.engine != target {
        return Err(BackupError::OtherEngine {
            backup: manifest.engine,
            target,
        });
    }
    let known = migrate::names(to.engine())?;
    let is_known = |stamp: &&String| known.iter().any(|name| name.starts_with(stamp.as_str()));
    if let Some(newer) = manifest.migrations.iter().find(|stamp| !is_known(stamp)) {
        return Err(BackupError::Newer(newer.clone()));
    }
    let secret = match to {
        DatabaseUrl::Sqlite(path) => into_file(from, &manifest, path)?,
        DatabaseUrl::Postgres(url) => {
            let programs = postgres::Programs::at(postgres_bin);
            into_postgres(from, &manifest, to, url, &programs)?
        }
    };
    let pending = migrate::pending(&Db::open_to_read(to)?)?;
    Ok(Restored {
        manifest,
        pending,
        secret,
    })
}

/// What the file must be, by its manifest.
fn check(from: &Path, manifest: &Manifest, bytes: u64, hash: Sha256) -> Result<(), BackupError> {
    let wrong = |why: &str| Err(BackupError::Damaged(from.to_owned(), why.to_owned()));
    if bytes != manifest.bytes {
        return wrong("it has another length");
    }
    match hex::encode(hash.finalize()) == manifest.sha256 {
        true => Ok(()),
        false => wrong("its SHA-256 is another one"),
    }
}

/// What the database must hold, by the manifest.
fn hold(db: &Db, manifest: &Manifest) -> Result<(), BackupError> {
    let head = manifest.audit.head.as_deref().map(Head::parse).transpose();
    let head = head.map_err(BackupError::Differs)?;
    // A log that was broken when it was copied has no head to be held against.
    let head: Vec<Head> = head.filter(|_| manifest.audit.intact).into_iter().collect();
    let findings = db.read_now(|conn| Findings::of(conn, &head))?;
    match findings.differ(manifest) {
        None => Ok(()),
        Some(what) => Err(BackupError::Differs(what)),
    }
}

/// Copies the file aside, looks at it, puts it into place. The lock on the file aside keeps two
/// from writing it; one that a killed process left is written over.
fn into_file(from: &Path, manifest: &Manifest, to: &Path) -> Result<Option<PathBuf>, BackupError> {
    // A log that lies about would be carried over into what is restored.
    for taken in [
        to.to_owned(),
        beside(to, "-wal"),
        beside(to, "-shm"),
        beside(to, "-journal"),
    ] {
        if taken.exists() {
            return Err(BackupError::Exists(taken));
        }
    }
    let folder = place::folder_of(to);
    let aside = folder.join(format!(".{}.restoring", place::file_name(to)));
    let mut file = place::locked(&aside, &aside)?;
    // From here on it goes, whatever happens.
    let aside = tempfile::TempPath::try_from_path(&aside).map_err(at(&aside))?;
    file.set_len(0)
        .and_then(|()| file.rewind())
        .map_err(at(&aside))?;
    let mut hash = Sha256::new();
    let mut backup = File::open(from).map_err(at(from))?;
    let bytes = place::pump(&mut backup, &mut file, &mut hash).map_err(at(from))?;
    check(from, manifest, bytes, hash)?;
    file.sync_all().map_err(at(&aside))?;
    let url = DatabaseUrl::Sqlite(aside.to_path_buf());
    hold(&Db::open_to_read(&url)?, manifest)?;
    // Before the database: a server that finds one without the other would make a new secret.
    let secret = match manifest.has_secret {
        true => Some(put_secret(from, to)?),
        false => None,
    };
    aside
        .persist_noclobber(to)
        .map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => BackupError::File(to.to_owned(), error.error),
        })?;
    place::sync_folder(folder).map_err(at(folder))?;
    Ok(secret)
}

/// Puts the secret beside the database; one that is there must be the same.
fn put_secret(from: &Path, to: &Path) -> Result<PathBuf, BackupError> {
    let kept = Manifest::secret_beside(from);
    let secret = place::small(&kept)?;
    let path = secret_file(to);
    match place::create_private(&path) {
        Ok(mut file) => {
            let written = file
                .write_all(secret.as_bytes())
                .and_then(|()| file.sync_all());
            if let Err(error) = written {
                let _gone = fs::remove_file(&path);
                return Err(BackupError::File(path, error));
            }
            Ok(path)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match place::small(&path)?.trim() == secret.trim() {
                true => Ok(path),
                false => Err(BackupError::Exists(path)),
            }
        }
        Err(error) => Err(BackupError::File(path, error)),
    }
}

fn into_postgres(
    from: &Path,
    manifest: &Manifest,
    to: &DatabaseUrl,
    url: &str,
    programs: &postgres::Programs,
) -> Result<Option<PathBuf>, BackupError> {
    let mut hash = Sha256::new();
    let mut file = File::open(from).map_err(at(from))?;
    let bytes = place::pump(&mut file, &mut io::sink(), &mut hash).map_err(at(from))?;
    check(from, manifest, bytes, hash)?;
    let db = Db::open_to_read(to)?;
    if !db.read_now(postgres::is_empty)? {
        return Err(BackupError::NotEmpty);
    }
    postgres::load(url, from, programs)?;
    hold(&db, manifest)?;
    Ok(manifest.has_secret.then(|| Manifest::secret_beside(from)))
}
