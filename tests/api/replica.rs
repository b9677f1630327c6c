//! Reads that may go to a replica: there only when it shows all that this node knows of. Another
//! database stands for the replica here, whose change log the test moves by hand, so that an
//! answer tells where it came from; `just replicas` does it with a streaming one.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use masthead::app::open_database;
use masthead::config::{Config, RawConfig};
use masthead::db::{Change, Conn, DatabaseUrl, Db, DbError, Entry, PoolOptions, StoreError};

use crate::support::engine::postgres_is_there;
use crate::support::{Engine, TestApp};

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(30);

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

fn name(conn: &mut Conn) -> Result<String, DbError> {
    let row: Named = diesel::sql_query("SELECT current_database()::text AS name")
        .get_result(conn)
        .map_err(DbError::from)?;
    Ok(row.name)
}

async fn place(db: &Db) -> String {
    db.read_scaled(name).await.unwrap()
}

/// Puts `n` changes on record.
fn write(app: &TestApp, db: &Db, n: usize) {
    let written: Result<(), DbError> = db.write_now(&app.write(), |tx| {
        let entry = |_| Entry::new(Change::Updated, "section", "sec_any");
        tx.record_all((0..n).map(entry).collect())
    });
    written.unwrap();
}

fn counted(db: &Db, outcome: &str) -> u64 {
    let counts = db.replica_reads();
    counts.iter().find(|(name, _)| *name == outcome).unwrap().1
}

fn url(app: &TestApp) -> DatabaseUrl {
    app.parts.shared.config.database_url.clone()
}

/// A node over the database of `app` that reads `replica`.
fn node(app: &TestApp, replica: &DatabaseUrl) -> Db {
    let options = PoolOptions {
        readers: 2,
        ..PoolOptions::default()
    };
    open_database(&app.parts.shared.config)
        .unwrap()
        .with_replica(replica, options)
}

/// Reads until an answer comes from there.
async fn reaches(db: &Db, wanted: &str) {
    let began = Instant::now();
    while place(db).await != wanted {
        assert!(began.elapsed() < LONG, "never read at {wanted}");
    }
}

#[actix_web::test]
async fn who_has_written_is_never_answered_by_a_replica_that_is_behind() {
    if !postgres_is_there() {
        return;
    }
    let (primary, replica) = (
        TestApp::new(Engine::Postgres).await,
        TestApp::new(Engine::Postgres).await,
    );
    let (here, there) = (
        primary.db.read(name).await.unwrap(),
        replica.db.read(name).await.unwrap(),
    );
    let db = node(&primary, &url(&replica));
    assert_eq!(place(&db).await, here, "nothing is known of the log yet");
    assert_eq!(counted(&db, "unfed"), 1);
    db.follow().unwrap();
    write(&replica, &replica.db, 10);
    reaches(&db, &there).await;
    // This node writes: the primary answers it until the replica has come as far.
    write(&primary, &db, 20);
    for _ in 0..20 {
        assert_eq!(place(&db).await, here);
    }
    assert!(counted(&db, "behind") > 0);
    assert_eq!(
        db.read(name).await.unwrap(),
        here,
        "other reads do not go there"
    );
    write(&replica, &replica.db, 20);
    reaches(&db, &there).await;
    // Another node writes: once heard of, it counts the same.
    write(&primary, &primary.db, 20);
    reaches(&db, &here).await;
    for _ in 0..20 {
        assert_eq!(place(&db).await, here);
    }
}

#[actix_web::test]
async fn an_error_of_the_replica_is_not_an_answer() {
    if !postgres_is_there() {
        return;
    }
    let (primary, replica) = (
        TestApp::new(Engine::Postgres).await,
        TestApp::new(Engine::Postgres).await,
    );
    let there = replica.db.read(name).await.unwrap();
    let db = node(&primary, &url(&replica));
    db.follow().unwrap();
    write(&replica, &replica.db, 10);
    reaches(&db, &there).await;
    // That there is no such record is an answer.
    let before = counted(&db, "replica");
    let absent = db
        .read_scaled(|_| Err::<(), StoreError>(StoreError::NotFound))
        .await;
    assert!(matches!(absent, Err(StoreError::NotFound)));
    assert_eq!(counted(&db, "replica"), before + 1);
    // That a query failed there is none.
    let made = primary.db.with_writer(|conn| {
        diesel::sql_query("CREATE TABLE only_here AS SELECT 1 AS one").execute(conn)
    });
    made.unwrap().unwrap();
    let counted_rows = db
        .read_scaled(|conn| {
            diesel::sql_query("SELECT one FROM only_here")
                .execute(conn)
                .map_err(DbError::from)
        })
        .await;
    assert_eq!(counted_rows.unwrap(), 1);
    assert_eq!(counted(&db, "down"), 1);
}

#[actix_web::test]
async fn a_replica_that_is_down_is_done_without() {
    if !postgres_is_there() {
        return;
    }
    let primary = TestApp::new(Engine::Postgres).await;
    let here = primary.db.read(name).await.unwrap();
    let absent = format!("{}_absent", primary.parts.shared.config.database_url);
    let db = node(&primary, &DatabaseUrl::parse(&absent).unwrap());
    db.follow().unwrap();
    for _ in 0..5 {
        assert_eq!(place(&db).await, here);
    }
    assert!(counted(&db, "down") > 0);
    assert_eq!(counted(&db, "replica"), 0);
}

#[test]
fn only_postgresql_has_replicas() {
    let parse = |url: &str, read: Option<&str>| -> Result<Config, String> {
        let raw = RawConfig {
            database_url: url.to_owned(),
            database_read_url: read.map(str::to_owned),
            ..RawConfig::default()
        };
        raw.parse().map_err(|error| error.to_string())
    };
    let (file, server) = ("sqlite://news.db", "postgres://desk:hunter2@db/news");
    assert!(parse(server, Some(server)).is_ok());
    assert!(parse(server, None).is_ok());
    for (url, read) in [
        (file, server),
        (server, file),
        (file, file),
        (server, "mysql://db/news"),
        (server, ""),
    ] {
        let fault = parse(url, Some(read)).unwrap_err();
        assert!(
            fault.contains("database_read_url: "),
            "{url}, {read}: {fault}"
        );
        assert!(!fault.contains("hunter2"), "{fault}");
    }
    let raw = RawConfig {
        database_read_url: Some(server.to_owned()),
        ..RawConfig::default()
    };
    let shown = raw.redacted();
    assert!(
        shown.contains("database_read_url") && !shown.contains("hunter2"),
        "{shown}"
    );
}
