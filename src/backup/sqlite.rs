//! SQLite's own way to copy a database that is written to: its backup API, over one snapshot.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{BackupError, at};

/// Pages that are copied at a time.
const PAGES: i32 = 1_000;

/// Copies what one read transaction sees. The server goes on writing: in a write-ahead log, who
/// reads holds up no writer. Since the transaction stays open over all steps, no write of others
/// makes the copy begin anew.
///
/// The copy is one file, without a log beside it, and has as many rows in each table as the
/// snapshot had.
pub fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let source = Connection::open_with_flags(
        from,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    source.execute_batch("PRAGMA query_only = ON; PRAGMA busy_timeout = 10000; BEGIN")?;
    // The first statement that reads is what takes the snapshot.
    let sent = counts(&source)?;
    // Only its owner reads it, as with the database.
    drop(super::place::create_private(to).map_err(at(to))?);
    let mut copy = Connection::open_with_flags(
        to,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    {
        let backup = Backup::new(&source, &mut copy)?;
        loop {
            match backup.step(PAGES)? {
                StepResult::Done => break,
                StepResult::More => {}
                // Nobody else has the copy, and the snapshot is held: neither is to be waited for.
                other => {
                    return Err(BackupError::Copy(format!("SQLite says {other:?}")));
                }
            }
        }
    }
    source.execute_batch("COMMIT")?;
    drop(source);
    let mode: String = copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(BackupError::Copy(format!("its journal is {mode}")));
    }
    let arrived = counts(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    match sent == arrived {
        true => Ok(()),
        false => Err(BackupError::Copy(
            "its tables have other numbers of rows".to_owned(),
        )),
    }
}

/// How many rows each table has.
fn counts(conn: &Connection) -> Result<BTreeMap<String, i64>, rusqlite::Error> {
    let mut names = conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let count = |name: String| {
        let query = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        Ok((name, conn.query_row(&query, [], |row| row.get(0))?))
    };
    names.into_iter().map(count).collect()
}
