//! Reading the change log: what has been added since a line, over a connection that may hear of
//! additions. Starts no thread and remembers nothing but the connection.

use diesel::prelude::*;

use super::CHANNEL;
use crate::db::pool::Manager;
use crate::db::schema::changes;
use crate::db::{Conn, DbError};

/// More changes than this at once are not told one by one.
const MOST: usize = 1_000;

/// A line of the log, as far as it matters here. By the whole of it the feed knows the line again
/// at which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct Line {
    pub seq: i64,
    at: chrono::NaiveDateTime,
    pub resource: String,
    pub resource_id: String,
}

/// What a look at the log has shown.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    Nothing,
    Lines(Vec<Line>),
    /// Too many, or the log is another one than it was: where it ends now.
    Lost(Option<Line>),
}

/// A connection and what it remembers.
pub struct Link {
    conn: Conn,
    /// SQLite's `data_version` at the last look.
    version: Option<i32>,
}

impl Link {
    pub fn open(manager: &Manager) -> Result<Self, DbError> {
        let mut conn = manager
            .open()
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        if let Conn::Postgres(conn) = &mut conn {
            let listens = diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(conn);
            if let Err(error) = listens {
                tracing::info!(%error, "no LISTEN here: the change log is polled");
            }
        }
        Ok(Self {
            conn,
            version: None,
        })
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// Whether a notification has come, or the connection is gone, which the next look shows.
    pub fn heard(&mut self) -> bool {
        match &mut self.conn {
            Conn::Postgres(conn) => {
                let mut heard = false;
                // All of them, or those left would tell the same again; but a connection that is
                // gone says so for ever.
                for notification in conn.notifications_iter() {
                    heard = true;
                    if notification.is_err() {
                        break;
                    }
                }
                heard
            }
            Conn::Sqlite(_) => false,
        }
    }

    /// What there is to tell to who stands at `at`; to who stands nowhere yet, where the log ends.
    pub fn news(&mut self, at: &Option<Option<Line>>) -> Result<News, DbError> {
        let version = self.data_version()?;
        if at.is_some() && version.is_some() && version == self.version {
            return Ok(News::Nothing);
        }
        let news = match at {
            Some(at) => news(&mut self.conn, at.as_ref())?,
            None => News::Lost(last(&mut self.conn)?),
        };
        self.version = version;
        Ok(news)
    }

    /// Changes whenever another connection has committed to the SQLite file.
    fn data_version(&mut self) -> Result<Option<i32>, DbError> {
        #[derive(QueryableByName)]
        struct Version {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            data_version: i32,
        }
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let row: Version = diesel::sql_query("PRAGMA data_version").get_result(conn)?;
                Ok(Some(row.data_version))
            }
            Conn::Postgres(_) => Ok(None),
        }
    }
}

/// What has been added to the log since `at`. The line at which the feed stands is read again: a
/// database put back to an earlier state, or another one in its place, does not have it.
fn news(conn: &mut Conn, at: Option<&Line>) -> Result<News, DbError> {
    let from = at.map_or(0, |line| line.seq);
    let limit = i64::try_from(MOST + 2).unwrap_or(i64::MAX);
    let mut lines: Vec<Line> = changes::table
        .filter(changes::seq.ge(from))
        .order(changes::seq)
        .limit(limit)
        .select(Line::as_select())
        .load(conn)?;
    if let Some(at) = at {
        if lines.first() != Some(at) {
            return Ok(News::Lost(last(conn)?));
        }
        lines.remove(0);
    }
    Ok(match lines.len() {
        0 => News::Nothing,
        n if n > MOST => News::Lost(last(conn)?),
        _ => News::Lines(lines),
    })
}

/// Where the log ends.
fn last(conn: &mut Conn) -> Result<Option<Line>, DbError> {
    Ok(changes::table
        .order(changes::seq.desc())
        .select(Line::as_select())
        .first(conn)
        .optional()?)
}
