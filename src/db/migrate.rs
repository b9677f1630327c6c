//! The schema's history, embedded in the binary: one folder per engine, twins by name.

use diesel::migration::MigrationSource;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Db, DbError, Engine};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Where the migration library keeps what is applied.
pub(super) const HISTORY: &str = "__diesel_schema_migrations";

/// Applies what is pending and returns the names applied.
///
/// # Errors
/// [`DbError::Unavailable`] with the engine's words.
pub fn up(db: &Db) -> Result<Vec<String>, DbError> {
    db.with_writer(|conn| match conn {
        Conn::Sqlite(conn) => conn
            .run_pending_migrations(SQLITE)
            .map(|done| done.iter().map(ToString::to_string).collect()),
        Conn::Postgres(conn) => locked(conn, |conn| {
            conn.run_pending_migrations(POSTGRES)
                .map(|done| done.iter().map(ToString::to_string).collect())
        }),
    })?
    .map_err(unavailable)
}

/// Takes everything back. Only tests do this.
///
/// # Errors
/// [`DbError::Unavailable`] with the engine's words.
pub fn down(db: &Db) -> Result<(), DbError> {
    db.with_writer(|conn| match conn {
        Conn::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(|_| ()),
        Conn::Postgres(conn) => conn.revert_all_migrations(POSTGRES).map(|_| ()),
    })?
    .map_err(unavailable)
}

/// Whether any migration was ever applied: whether the database is somebody's.
///
/// # Errors
/// A [`DbError`] if the database does not answer.
pub fn begun(db: &Db) -> Result<bool, DbError> {
    Ok(!applied(db)?.is_empty())
}

/// Names of migrations that are not applied yet. Asks a reader: whoever wants to know
/// whether the server is ready does not stand in the way of a write.
///
/// # Errors
/// A [`DbError`] if the database does not answer.
pub fn pending(db: &Db) -> Result<Vec<String>, DbError> {
    let applied = applied(db)?;
    let known = names(db.engine())?;
    Ok(known
        .into_iter()
        .filter(|name| {
            !applied
                .iter()
                .any(|version| name.starts_with(version.as_str()))
        })
        .collect())
}

/// Stamps of the migrations that are applied, in order.
///
/// # Errors
/// A [`DbError`] if the database does not answer.
pub fn applied(db: &Db) -> Result<Vec<String>, DbError> {
    #[derive(QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let applied = db.read_now(|conn| {
        sql_query(format!("SELECT version FROM {HISTORY} ORDER BY version"))
            .load::<Applied>(conn)
            .map_err(DbError::from)
    });
    match applied {
        Ok(rows) => Ok(rows.into_iter().map(|row| row.version).collect()),
        // Before the first migration there is no history to read.
        Err(DbError::Query(error)) if error.to_string().contains(HISTORY) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Names of all migrations of an engine, in order.
///
/// # Errors
/// [`DbError::Unavailable`] if the embedded ones cannot be read.
pub fn names(engine: Engine) -> Result<Vec<String>, DbError> {
    match engine {
        Engine::Sqlite => {
            MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map(|list| {
                list.iter()
                    .map(|m| m.name().to_string())
                    .collect::<Vec<_>>()
            })
        }
        Engine::Postgres => MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES)
            .map(|list| list.iter().map(|m| m.name().to_string()).collect()),
    }
    .map(|mut names: Vec<String>| {
        names.sort();
        names
    })
    .map_err(unavailable)
}

/// Nodes that start together take turns.
fn locked<T>(
    conn: &mut diesel::PgConnection,
    work: impl FnOnce(&mut diesel::PgConnection) -> diesel::migration::Result<T>,
) -> diesel::migration::Result<T> {
    use diesel::connection::SimpleConnection;
    const LOCK: i64 = 0x6d61_7374_6d69_6772;
    conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
    let result = work(conn);
    conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    result
}

fn unavailable(error: Box<dyn std::error::Error + Send + Sync>) -> DbError {
    DbError::Unavailable(format!("migrations: {error}"))
}
