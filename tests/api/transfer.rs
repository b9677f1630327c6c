//! Everything moves from one database into another, whatever the engines, or nothing does.

use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use masthead::audit::store::verify::examine;
use masthead::db::tables::{Contents, Kind, Load, Row, Value, contents, describe};
use masthead::db::{Conn, DatabaseUrl, Db, DbError, PoolOptions, migrate};
use masthead::transfer::{TransferError, transfer};
use serde_json::json;

use crate::support::engine::{Engine, Home, postgres_is_there};
use crate::support::{TestApp, both_engines};

/// What an engine might take for something else.
const ODD: &str = "k900001 文𝄞\t\\N \\. {\"a\":  1}\r\n'\"%_";

/// Tables in which a made-up row would break a rule: events have their chain, settings one row.
const REAL: &[&str] = &["audit_events", "audit_seals", "settings"];

/// A newsroom with work in it, and a row of every kind in every table.
pub(crate) async fn everything(app: &TestApp) {
    let newsroom = app.newsroom().await;
    app.live(newsroom.own_work("A work of our own")).await;
    let source = app.source("Another Paper").await;
    app.grant(&source, json!({})).await;
    app.live(newsroom.reprint_of(&source, "A reprint")).await;
    app.chores().await;
    app.db
        .fill(|conn| {
            for table in describe(conn)? {
                if REAL.contains(&table.name.as_str()) {
                    continue;
                }
                let value = |kind: Kind| match kind {
                    Kind::Text => Value::Text(ODD.to_owned()),
                    Kind::Big => Value::Big(900_001),
                    Kind::Int => Value::Int(900_001),
                    Kind::Flag => Value::Flag(true),
                    Kind::Time => Value::Time("2026-06-01T12:00:00.000001".parse().unwrap()),
                };
                let row = table.columns.iter().map(|column| value(column.kind));
                let mut load = Load::into(&table);
                load.push(conn, Row(row.collect()))?;
                load.finish(conn)?;
            }
            Ok::<(), DbError>(())
        })
        .expect("all tables take a row");
}

pub(crate) fn all(db: &Db) -> Contents {
    db.read_now(contents).expect("all of it can be read")
}

fn open(home: &Home) -> Db {
    let url = DatabaseUrl::parse(&home.url).unwrap();
    Db::open(
        &url,
        PoolOptions {
            readers: 2,
            ..PoolOptions::default()
        },
    )
    .unwrap()
}

/// The engines that take part.
fn engines() -> Vec<Engine> {
    let mut engines = vec![Engine::Sqlite];
    engines.extend(postgres_is_there().then_some(Engine::Postgres));
    engines
}

fn engine_of(app: &TestApp) -> Engine {
    match app.db.engine() {
        masthead::db::Engine::Sqlite => Engine::Sqlite,
        masthead::db::Engine::Postgres => Engine::Postgres,
    }
}

fn command(from: &str, to: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_masthead"))
        .current_dir(home.path())
        .args(["transfer", "--from", from, "--to", to])
        .output()
        .unwrap()
}

/// Changes what the engine would not let anybody change.
fn break_reference(app: &TestApp) {
    let row =
        "INSERT INTO article_slugs (slug, article_id, seen) VALUES ('lost', 'art_nobody', TRUE)";
    app.db
        .with_writer(|conn| {
            let sql = match conn {
                Conn::Sqlite(_) => format!("PRAGMA foreign_keys = OFF; {row}; PRAGMA foreign_keys = ON"),
                Conn::Postgres(_) => {
                    format!("SET session_replication_role = replica; {row}; SET session_replication_role = origin")
                }
            };
            conn.batch_execute(&sql)
        })
        .unwrap()
        .unwrap();
}

both_engines! {
    async fn everything_arrives_and_comes_back(app) {
        everything(&app).await;
        let before = all(&app.db);
        assert!(before.values().all(|table| table.rows > 0), "every table has a row: {before:?}");
        let found = examine(&app.db, 1, &[]).unwrap();
        assert!(found.sealed > 10 && found.broken.is_none(), "{found:?}");
        for engine in engines() {
            let away = Home::new(engine);
            let target = open(&away);
            let moved = transfer(&app.db, &target, |_, _| {}).unwrap();
            assert_eq!(moved.tables, before, "{engine:?}");
            assert_eq!(moved.audit, found);
            assert_eq!(all(&target), before);
            assert_eq!(examine(&target, 1, &found.head.clone().into_iter().collect::<Vec<_>>()).unwrap(), found);
            assert_eq!(moved.last_change, Some(900_001));
            // The references are there again, and are checked.
            let orphan = target.with_writer(|conn| {
                conn.batch_execute("INSERT INTO article_slugs (slug, article_id, seen) VALUES ('x', 'art_nobody', TRUE)")
            });
            assert!(matches!(orphan.unwrap().map_err(DbError::from), Err(DbError::Reference)));
            let home = Home::new(engine_of(&app));
            let back = open(&home);
            transfer(&target, &back, |_, _| {}).unwrap();
            assert_eq!(all(&back), before, "by way of {engine:?}");
        }
    }

    async fn a_target_in_use_is_left_alone(app) {
        app.newsroom().await;
        for engine in engines() {
            let home = Home::new(engine);
            let target = open(&home);
            migrate::up(&target).unwrap();
            target
                .with_writer(|conn| conn.batch_execute("UPDATE settings SET site_name = 'Somebody else'"))
                .unwrap()
                .unwrap();
            let before = all(&target);
            let refused = transfer(&app.db, &target, |_, _| {});
            assert!(matches!(&refused, Err(TransferError::NotEmpty(what)) if what == "settings"), "{refused:?}");
            assert_eq!(all(&target), before);
        }
    }

    async fn what_is_cut_off_leaves_an_empty_target_that_the_next_run_takes(app) {
        everything(&app).await;
        break_reference(&app);
        for engine in engines() {
            let home = Home::new(engine);
            let target = open(&home);
            let refused = transfer(&app.db, &target, |_, _| {});
            assert!(matches!(refused, Err(TransferError::Store(_))), "{refused:?}");
            let left = all(&target);
            assert_eq!(left.values().map(|table| table.rows).sum::<u64>(), 1, "the settings: {left:?}");
        }
        app.db.with_writer(|conn| conn.batch_execute("DELETE FROM article_slugs WHERE slug = 'lost'")).unwrap().unwrap();
        let home = Home::new(Engine::Sqlite);
        migrate::up(&open(&home)).unwrap();
        transfer(&app.db, &open(&home), |_, _| {}).expect("an empty one that is migrated will do");
        assert_eq!(all(&open(&home)), all(&app.db));
    }

    async fn the_command_tells_both_sides_and_refuses_to_do_it_twice(app) {
        app.newsroom().await;
        app.chores().await;
        let away = Home::new(Engine::Sqlite);
        let output = command(app.url(), &away.url);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
        for (name, table) in all(&app.db) {
            let line = format!("{}  {}  {name}\n", table.rows, table.sha256);
            assert!(text.contains(&line), "{name}: {text}");
        }
        assert!(text.contains("the same on both sides") && text.contains("MASTHEAD_SECRET_KEY"), "{text}");
        for (from, to, told) in [
            (app.url(), away.url.as_str(), "is not empty"),
            (app.url(), app.url(), "are the same"),
            ("sqlite:///tmp/no-such-masthead.db", away.url.as_str(), "there is no file"),
            ("mysql://a/b", away.url.as_str(), "no known scheme"),
        ] {
            let output = command(from, to);
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{text}");
            assert!(text.contains(told), "{told}: {text}");
        }
        assert_eq!(all(&open(&away)), all(&app.db), "nothing of that changed it");
    }
}

#[test]
fn a_source_that_is_behind_is_refused() {
    let (from, to) = (Home::new(Engine::Sqlite), Home::new(Engine::Sqlite));
    let refused = transfer(&open(&from), &open(&to), |_, _| {});
    assert!(
        matches!(refused, Err(TransferError::Behind(_))),
        "{refused:?}"
    );
}
