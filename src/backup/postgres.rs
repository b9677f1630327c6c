//! PostgreSQL's own programs: `pg_dump` and `pg_restore`, over a snapshot that we hold.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use sha2::{Digest as _, Sha256};

use super::findings::Findings;
use super::{BackupError, at, place};
use crate::db::{Conn, Db, DbError};

/// Where the programs are.
#[derive(Debug)]
pub struct Programs(Option<PathBuf>);

/// A program under way, and what it complains of.
struct Running {
    name: &'static str,
    child: Child,
    complaints: File,
}

impl Programs {
    pub fn at(folder: Option<&Path>) -> Self {
        Self(folder.map(Path::to_owned))
    }

    fn start(
        &self,
        name: &'static str,
        url: Option<&str>,
        arguments: &[&str],
        output: Stdio,
    ) -> Result<Running, BackupError> {
        let path = self
            .0
            .as_ref()
            .map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let complaints = tempfile::tempfile().map_err(at(&std::env::temp_dir()))?;
        let mut command = Command::new(&path);
        if let Some(url) = url {
            // Arguments can be read by everybody on the machine.
            let (url, password) = apart(url).ok_or(BackupError::Url)?;
            command.arg(format!("--dbname={url}"));
            if let Some(password) = password {
                command.env("PGPASSWORD", password);
            }
        }
        let child = command
            .args(arguments)
            .arg("--no-password")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(complaints.try_clone().map_err(at(&path))?)
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => BackupError::NoProgram(path),
                _ => BackupError::File(path, error),
            })?;
        Ok(Running {
            name,
            child,
            complaints,
        })
    }
}

impl Running {
    /// Waits for its end, which must be a good one.
    fn end(mut self) -> Result<(), BackupError> {
        let failed = |why: String| BackupError::Program(self.name, why);
        let status = self
            .child
            .wait()
            .map_err(|error| failed(error.to_string()))?;
        if status.success() {
            return Ok(());
        }
        let mut told = Vec::new();
        let read = self
            .complaints
            .seek(SeekFrom::Start(0))
            .and_then(|_| (&mut self.complaints).take(4_096).read_to_end(&mut told));
        Err(BackupError::Program(
            self.name,
            match read {
                Ok(_) if !told.is_empty() => String::from_utf8_lossy(&told).trim().to_owned(),
                _ => status.to_string(),
            },
        ))
    }
}

/// A URL without its password, and the password. Read by hand: the URLs of libpq may name several
/// hosts, which other readers of URLs refuse.
fn apart(url: &str) -> Option<(String, Option<String>)> {
    let (scheme, rest) = url.split_once("://")?;
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let mut password = None;
    let authority = match authority.rsplit_once('@') {
        Some((who, hosts)) => match who.split_once(':') {
            Some((user, secret)) => {
                password = Some(decoded(secret)?);
                format!("{user}@{hosts}")
            }
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    let mut shown = format!("{scheme}://{authority}{path}");
    let mut sign = '?';
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        match pair.split_once('=') {
            Some(("password", secret)) => password = Some(decoded(secret)?),
            _ => {
                shown.push(sign);
                shown.push_str(pair);
                sign = '&';
            }
        }
    }
    Some((shown, password))
}

/// Undoes `%41`, and nothing else.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            bytes.extend(hex::decode(digits).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[derive(QueryableByName)]
struct Snapshot {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Dumps what one snapshot shows, and looks at the same snapshot itself. The dump passes through
/// this process: when it is killed, `pg_dump` has nowhere to write and ends too.
pub fn dump(
    db: &Db,
    url: &str,
    to: &Path,
    programs: &Programs,
) -> Result<(Findings, String), BackupError> {
    db.read_now(|conn| {
        let snapshot: Snapshot = sql_query("SELECT pg_export_snapshot() AS name")
            .get_result(conn)
            .map_err(DbError::from)?;
        let snapshot = format!("--snapshot={}", snapshot.name);
        let arguments = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            &snapshot,
        ];
        let mut running = programs.start("pg_dump", Some(url), &arguments, Stdio::piped())?;
        let mut file = place::create_private(to).map_err(at(to))?;
        let mut hash = Sha256::new();
        let pumped = match running.child.stdout.take() {
            Some(mut output) => place::pump(&mut output, &mut file, &mut hash).map(|_| ()),
            None => Ok(()),
        };
        if pumped.is_err() {
            // Nothing takes what it writes any more: it ends by itself, and is not waited for.
            let _killed = running.child.kill();
        }
        let ended = running.end();
        pumped.map_err(at(to))?;
        ended?;
        file.sync_all().map_err(at(to))?;
        // All of the archive is read once: what is cut off or garbled shows.
        let path = to.to_string_lossy();
        programs
            .start(
                "pg_restore",
                None,
                &["--file=/dev/null", &path],
                Stdio::null(),
            )?
            .end()?;
        Ok((Findings::of(conn, &[])?, hex::encode(hash.finalize())))
    })
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Whether there is nothing in the database: no table, view or sequence of anybody's.
pub fn is_empty(conn: &mut Conn) -> Result<bool, DbError> {
    let found: Count = sql_query(
        "SELECT count(*) AS n FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname NOT LIKE 'pg\\_%' AND s.nspname <> 'information_schema'",
    )
    .get_result(conn)?;
    Ok(found.n == 0)
}

/// Restores an archive in one transaction: all of it, or nothing.
pub fn load(url: &str, from: &Path, programs: &Programs) -> Result<(), BackupError> {
    let path = from.to_string_lossy();
    let arguments = [
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        &path,
    ];
    programs
        .start("pg_restore", Some(url), &arguments, Stdio::null())?
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_no_arguments() {
        for (url, shown, password) in [
            ("postgres://db/news", "postgres://db/news", None),
            ("postgres://desk@db/news", "postgres://desk@db/news", None),
            (
                "postgres://desk:s3cret@db:5432/news",
                "postgres://desk@db:5432/news",
                Some("s3cret"),
            ),
            (
                "postgresql://desk:a%40b%25@db",
                "postgresql://desk@db",
                Some("a@b%"),
            ),
            (
                "postgres://desk:x@a:1,b:2/news?sslmode=require",
                "postgres://desk@a:1,b:2/news?sslmode=require",
                Some("x"),
            ),
            (
                "postgres:///news?host=/tmp&password=p%26q&user=desk",
                "postgres:///news?host=/tmp&user=desk",
                Some("p&q"),
            ),
            (
                "postgres://db/news?password=p",
                "postgres://db/news",
                Some("p"),
            ),
            (
                "postgres://desk:a+b@db/news",
                "postgres://desk@db/news",
                Some("a+b"),
            ),
        ] {
            let password = password.map(str::to_owned);
            assert_eq!(apart(url), Some((shown.to_owned(), password)), "{url}");
        }
        for url in [
            "",
            "news",
            "postgres://desk:%4@db/news",
            "postgres://desk:%zz@db/news",
        ] {
            assert_eq!(apart(url), None, "{url}");
        }
    }
}
