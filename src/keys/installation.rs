//! The secret of an installation: given, or kept in a file beside an SQLite database.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rand::Rng;
use thiserror::Error;

use crate::config::Config;
use crate::db::{DatabaseUrl, secret_file};

/// Why there is no secret key.
#[derive(Debug, Error)]
pub enum SecretError {
    #[error(
        "a PostgreSQL database needs a secret key that all nodes share: set MASTHEAD_SECRET_KEY to at least 32 random \
         characters, such as those of `openssl rand -hex 32`, and keep it"
    )]
    Missing,
    #[error("the secret key file {0} cannot be used: {1}")]
    File(PathBuf, io::Error),
}

/// The secret that seals the signing keys: the configured one, or for SQLite that in the
/// file beside the database, which is made where it is not there.
///
/// # Errors
/// [`SecretError`].
pub fn installation_secret(config: &Config) -> Result<String, SecretError> {
    match (config.secret(), &config.database_url) {
        (Some(secret), _) => Ok(secret.to_owned()),
        (None, DatabaseUrl::Postgres(_)) => Err(SecretError::Missing),
        (None, DatabaseUrl::Sqlite(database)) => {
            let path = secret_file(database);
            kept_or_made(&path).map_err(|error| SecretError::File(path, error))
        }
    }
}

/// The secret of an installation, if there is one: nothing is made.
///
/// # Errors
/// [`SecretError::File`].
pub fn secret_there(config: &Config) -> Result<Option<String>, SecretError> {
    match (config.secret(), &config.database_url) {
        (Some(secret), _) => Ok(Some(secret.to_owned())),
        (None, DatabaseUrl::Postgres(_)) => Ok(None),
        (None, DatabaseUrl::Sqlite(database)) => {
            let path = secret_file(database);
            match read_secret(&path) {
                Ok(secret) => Ok(Some(secret)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(SecretError::File(path, error)),
            }
        }
    }
}

fn kept_or_made(path: &Path) -> io::Result<String> {
    match read_secret(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_secret(path)?;
            read_secret(path)
        }
        outcome => outcome,
    }
}

fn read_secret(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    // A longer file is not one of ours.
    fs::File::open(path)?
        .take(4_096)
        .read_to_string(&mut text)?;
    let secret = text.trim();
    if secret.len() < 32 {
        return Err(io::Error::other("it holds fewer than 32 characters"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "the secret key file can be read by others than its owner");
        }
    }
    Ok(secret.to_owned())
}

/// Writes a new secret aside and links it into place: the file is never seen half-written,
/// and where another process was faster, its file stays.
fn make_secret(path: &Path) -> io::Result<()> {
    let mut random = [0; 32];
    rand::rng().fill_bytes(&mut random);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Made with mode 0600.
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(aside, "{}", hex::encode(random))?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(path) {
        Ok(_) => fs::File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;

    const SECRET: &str = "a secret of an installation, long enough";

    #[test]
    fn postgres_needs_a_secret_and_sqlite_keeps_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let secret = |database_url: String, secret_key: Option<&str>| {
            let raw = RawConfig {
                database_url,
                secret_key: secret_key.map(str::to_owned),
                ..RawConfig::default()
            };
            installation_secret(&raw.parse().unwrap())
        };
        let missing = secret("postgres://db/news".to_owned(), None).unwrap_err();
        assert!(missing.to_string().contains("MASTHEAD_SECRET_KEY"));
        let given = secret("postgres://db/news".to_owned(), Some(SECRET)).unwrap();
        assert_eq!(given, SECRET);
        let url = format!("sqlite://{}", folder.path().join("news.db").display());
        let there = |secret_key: Option<&str>| {
            let raw = RawConfig {
                database_url: url.clone(),
                secret_key: secret_key.map(str::to_owned),
                ..RawConfig::default()
            };
            secret_there(&raw.parse().unwrap()).unwrap()
        };
        assert_eq!(there(None), None, "to ask makes none");
        let made = secret(url.clone(), None).unwrap();
        assert_eq!(secret(url.clone(), None).unwrap(), made);
        assert!(folder.path().join("news.db.secret").is_file());
        assert_eq!(there(None), Some(made));
        assert_eq!(there(Some(SECRET)).as_deref(), Some(SECRET));
        assert_eq!(
            secret(url, Some(SECRET)).unwrap(),
            SECRET,
            "what is given counts"
        );
    }

    #[test]
    fn the_secret_beside_a_database_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db.secret");
        let secret = kept_or_made(&path).unwrap();
        assert_eq!(secret.len(), 64);
        assert_eq!(kept_or_made(&path).unwrap(), secret);
        make_secret(&path).unwrap();
        assert_eq!(
            kept_or_made(&path).unwrap(),
            secret,
            "a second maker leaves it alone"
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, "short").unwrap();
        assert!(kept_or_made(&path).is_err());
    }
}
