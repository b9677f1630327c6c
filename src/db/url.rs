//! Which engine, and where: read from the URL's scheme, never guessed.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database URL that names its engine. `Debug` and `Display` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Why a URL was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    #[error(
        "the database URL has no known scheme: use sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME"
    )]
    Scheme,
    #[error("the database URL names no file: use sqlite://PATH")]
    NoPath,
    #[error("an SQLite URL takes no parameters: give a plain path after sqlite://")]
    Parameters,
    #[error("the folder {0} of the database file does not exist")]
    NoFolder(String),
    #[error("{0} is a folder, not a database file")]
    Folder(String),
}

impl DatabaseUrl {
    /// Reads a URL. Touches nothing on disk but to look whether the folder is there.
    ///
    /// # Errors
    /// [`UrlError`], without the URL's secrets.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"))
            .ok_or(UrlError::Scheme)?;
        if path.is_empty() || path.starts_with(':') {
            return Err(UrlError::NoPath);
        }
        if path.contains(['?', '#']) {
            return Err(UrlError::Parameters);
        }
        let path = PathBuf::from(path);
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(UrlError::NoFolder(folder.display().to_string()));
        }
        if path.is_dir() {
            return Err(UrlError::Folder(path.display().to_string()));
        }
        Ok(Self::Sqlite(path))
    }

    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

/// The file beside another one that has its name and an ending more: `news.db-wal`, of
/// `news.db`.
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Where the secret of an installation is kept whose SQLite database this is.
pub fn secret_file(database: &Path) -> PathBuf {
    beside(database, ".secret")
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(text) => match url::Url::parse(text) {
                Ok(mut url) => {
                    if url.password().is_some() && url.set_password(Some("***")).is_err() {
                        return f.write_str("postgres://***");
                    }
                    // A password may stand in the query, too.
                    let shown: Vec<(String, String)> = url
                        .query_pairs()
                        .map(|(name, value)| match name.contains("pass") {
                            true => (name.into_owned(), "***".to_owned()),
                            false => (name.into_owned(), value.into_owned()),
                        })
                        .collect();
                    if !shown.is_empty() {
                        url.query_pairs_mut().clear().extend_pairs(shown);
                    }
                    write!(f, "{url}")
                }
                Err(_) => f.write_str("postgres://***"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        for (url, engine) in [
            ("sqlite://news.db", Some(Engine::Sqlite)),
            ("sqlite:news.db", Some(Engine::Sqlite)),
            ("postgres://a:b@c/d", Some(Engine::Postgres)),
            ("postgresql://c/d", Some(Engine::Postgres)),
            ("news.db", None),
            ("sqlit://news.db", None),
            ("mysql://c/d", None),
            ("sqlite://", None),
            ("sqlite::memory:", None),
            ("sqlite://news.db?mode=ro", None),
            ("sqlite:///no/such/folder/news.db", None),
            ("", None),
        ] {
            assert_eq!(
                DatabaseUrl::parse(url).ok().map(|u| u.engine()),
                engine,
                "{url}"
            );
        }
        assert!(!Path::new("news.db").exists(), "parsing makes no file");
    }

    #[test]
    fn passwords_are_not_printed() {
        let url = DatabaseUrl::parse("postgres://desk:hunter2@db/news?password=hunter2");
        let shown = format!("{url:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
