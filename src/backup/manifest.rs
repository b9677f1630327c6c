//! What stands beside a backup and says what is in it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::audit::model::Examination;
use crate::db::beside;
use crate::db::tables::Contents;

/// Written into each manifest; another form gets another name.
pub const FORMAT: &str = "masthead-backup/1";

/// Larger files are no manifests.
const LARGEST: u64 = 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    /// The version of the program that took it.
    pub masthead: String,
    pub series: String,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// Stamps of the migrations that the database had.
    pub migrations: Vec<String>,
    /// When it was begun: every write acknowledged before is in it.
    pub taken_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    /// The name of the copy, in the same folder.
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
    /// Whether the installation's secret lies beside it, as `<file>.secret`.
    pub has_secret: bool,
    pub last_change: Option<i64>,
    pub audit: Audit,
    pub tables: Contents,
}

/// The audit log, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub intact: bool,
    /// The first broken place.
    pub broken: Option<i64>,
    pub sealed: i64,
    pub unsealed: i64,
    /// The last seal, as `SEQ:HASH`, which `masthead audit verify --expect` takes.
    pub head: Option<String>,
}

impl Audit {
    pub fn of(found: &Examination) -> Self {
        Self {
            intact: found.broken.is_none(),
            broken: found.broken.map(|(seq, _)| seq),
            sealed: found.sealed,
            unsealed: found.unsealed,
            head: found
                .head
                .as_ref()
                .map(|head| format!("{}:{}", head.seq, head.hash)),
        }
    }
}

impl Manifest {
    /// Where the manifest of a copy is.
    pub fn beside(copy: &Path) -> PathBuf {
        beside(copy, ".json")
    }

    /// Where the secret beside a copy is.
    pub fn secret_beside(copy: &Path) -> PathBuf {
        beside(copy, ".secret")
    }

    pub fn text(&self) -> String {
        format!("{:#}\n", serde_json::to_value(self).unwrap_or_default())
    }

    /// Reads the manifest of a copy.
    ///
    /// # Errors
    /// [`BackupError::File`] or [`BackupError::Manifest`].
    pub fn of(copy: &Path) -> Result<Self, BackupError> {
        let path = Self::beside(copy);
        let wrong = |why: String| BackupError::Manifest(path.clone(), why);
        let length = std::fs::metadata(&path).map_err(super::at(&path))?.len();
        if length > LARGEST {
            return Err(wrong("it is too large".to_owned()));
        }
        let text = std::fs::read(&path).map_err(super::at(&path))?;
        // The form first: another one may have other members.
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        match value["format"].as_str() {
            Some(FORMAT) => {}
            Some(other) => return Err(wrong(format!("it is of the form {other}, not {FORMAT}"))),
            None => return Err(wrong("it names no format".to_owned())),
        }
        let manifest: Self =
            serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
        match copy
            .file_name()
            .is_some_and(|name| name == manifest.file.as_str())
        {
            true => Ok(manifest),
            false => Err(wrong(format!("it is that of {}", manifest.file))),
        }
    }
}
