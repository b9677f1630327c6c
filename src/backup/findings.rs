//! What a database holds, as one snapshot of it shows: what a backup promises, and what a
//! restoration is held against.

use std::path::Path;

use super::{BackupError, Manifest};
use crate::audit::model::{Examination, Head};
use crate::audit::store::verify::examine_in;
use crate::db::tables::{Contents, contents, damage, last_change};
use crate::db::{Conn, DatabaseUrl, Db};

#[derive(Debug)]
pub struct Findings {
    pub tables: Contents,
    pub last_change: Option<i64>,
    pub audit: Examination,
}

impl Findings {
    /// Looks at all that a transaction sees.
    pub fn of(conn: &mut Conn, head: &[Head]) -> Result<Self, BackupError> {
        if let Some(damage) = damage(conn)? {
            return Err(BackupError::Copy(damage));
        }
        Ok(Self {
            tables: contents(conn)?,
            last_change: last_change(conn)?,
            audit: examine_in(conn, 1, head)?,
        })
    }

    /// Looks at an SQLite file, and leaves it as it is.
    pub fn of_file(path: &Path) -> Result<Self, BackupError> {
        let db = Db::open_to_read(&DatabaseUrl::Sqlite(path.to_owned()))?;
        db.read_now(|conn| Self::of(conn, &[]))
    }

    /// The first thing that is not as a manifest tells it.
    pub fn differ(&self, manifest: &Manifest) -> Option<String> {
        for name in manifest.tables.keys().chain(self.tables.keys()) {
            let (told, found) = (manifest.tables.get(name), self.tables.get(name));
            if told != found {
                let rows = |summary: Option<&crate::db::tables::Summary>| {
                    summary.map_or("no table".to_owned(), |s| {
                        format!("{} rows {}", s.rows, s.sha256)
                    })
                };
                return Some(format!("{name} has {}, not {}", rows(found), rows(told)));
            }
        }
        if self.last_change != manifest.last_change {
            return Some("the change log ends elsewhere".to_owned());
        }
        let audit = super::Audit::of(&self.audit);
        (audit != manifest.audit).then(|| {
            let broken = audit.broken.map(|at| format!("; it is broken at {at}"));
            format!("the audit log is another{}", broken.unwrap_or_default())
        })
    }
}
