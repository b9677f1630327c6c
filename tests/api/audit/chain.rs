//! The chain over the log: gapless numbers, one seal for each, and no tampering unseen.

use diesel::connection::SimpleConnection;
use masthead::app::open_database;
use masthead::audit::chain::{Breach, START, seal};
use masthead::audit::model::Head;
use masthead::audit::store::seal::{BATCH, seal as seal_next};
use masthead::audit::store::verify::examine;
use masthead::db::{Change, DbError, Engine, Entry};
use serde_json::json;

use super::events;
use crate::support::{TestApp, both_engines};

/// Puts events on record, so many at once.
fn record(app: &TestApp, count: usize) {
    let ids: Vec<String> = (0..count).map(|n| format!("thing {n}")).collect();
    app.db
        .write_now(&app.write(), |tx| {
            let entries = ids.iter().map(|id| {
                Entry::new(Change::Updated, "thing", id).detail(json!({"what": "名", "n": 1}))
            });
            tx.record_all(entries.collect())
        })
        .expect("they are recorded");
}

/// Changes the database behind the program's back.
pub(super) fn tamper(app: &TestApp, sql: &str) {
    app.db
        .with_writer(|conn| conn.batch_execute(sql))
        .expect("a connection")
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The first broken place, and where the chain is good up to.
fn broken(app: &TestApp, from: i64, expected: &[Head]) -> Option<(i64, Breach)> {
    examine(&app.db, from, expected).expect("it reads").broken
}

pub(super) fn head(app: &TestApp) -> Head {
    examine(&app.db, 1, &[])
        .expect("it reads")
        .head
        .expect("a head")
}

/// Moves all numbers from one on by one; by way of numbers below zero, since each is unique.
fn shift(from: i64, by: i64) -> String {
    format!(
        "UPDATE audit_events SET seq = -(seq + {by}) WHERE seq >= {from};
         UPDATE audit_events SET seq = -seq WHERE seq < 0;"
    )
}

/// An event that nobody caused.
pub(super) fn forged(seq: i64) -> String {
    format!(
        "INSERT INTO audit_events (id, seq, at, actor_kind, action, resource, resource_id)
         VALUES ('aud_0190000000007000800000000000000{seq}', {seq}, '2026-06-01 12:00:00', 'operator', 'deleted', 'thing', 'x');"
    )
}

both_engines! {
    async fn every_event_is_sealed_once_and_in_order(app) {
        app.newsroom().await;
        let before = examine(&app.db, 1, &[]).unwrap();
        assert_eq!((before.broken, before.sealed, before.head.is_none()), (None, 0, true));
        assert!(before.unsealed > 10, "{before:?}");
        app.chores().await;
        let found = examine(&app.db, 1, &[]).unwrap();
        assert_eq!((found.broken, found.sealed, found.unsealed), (None, before.unsealed, 0));
        // By hand: each seal is over the one before it and the event.
        let mut previous = START.to_owned();
        for (seq, recorded) in (1..).zip(events(&app)) {
            assert_eq!(recorded.event.seq, seq, "without a gap");
            previous = seal(&previous, &recorded.event.document()).unwrap();
            let sealed = recorded.seal.expect("a seal");
            assert_eq!((sealed.hash.as_str(), sealed.sealed_at), (previous.as_str(), app.clock.now()));
        }
        assert_eq!(found.head.map(|head| head.hash), Some(previous));
        // Sealing is no event; what comes next goes on from there.
        let all = events(&app).len();
        app.chores().await;
        assert_eq!(events(&app).len(), all);
        record(&app, 1);
        let found = examine(&app.db, 1, &[]).unwrap();
        assert_eq!((found.broken, found.unsealed), (None, 1));
        app.chores().await;
        assert_eq!(head(&app).seq, i64::try_from(all).unwrap() + 1);
    }

    async fn more_than_a_batch_is_sealed_piece_by_piece(app) {
        let many = usize::try_from(BATCH).unwrap();
        record(&app, many + 1);
        let first = events(&app).len() - many - 1;
        assert!(seal_next(&app.db, &app.write()).unwrap(), "there is more");
        assert_eq!(examine(&app.db, 1, &[]).unwrap().sealed, BATCH);
        assert!(!seal_next(&app.db, &app.write()).unwrap());
        assert!(!seal_next(&app.db, &app.write()).unwrap());
        let found = examine(&app.db, 1, &[]).unwrap();
        assert_eq!((found.broken, found.unsealed), (None, 0));
        assert_eq!(found.sealed, i64::try_from(first + many + 1).unwrap());
        // A break at the seam of two batches, and one behind it.
        for seq in [BATCH, BATCH + 1] {
            tamper(&app, &format!("UPDATE audit_events SET resource_id = 'y' WHERE seq = {seq}"));
            assert_eq!(broken(&app, 1, &[]), Some((seq, Breach::ChangedEvent)));
            tamper(&app, &format!("UPDATE audit_events SET resource_id = 'thing {}' WHERE seq = {seq}", seq - 1 - i64::try_from(first).unwrap()));
            assert_eq!(broken(&app, 1, &[]), None);
        }
    }

    async fn two_nodes_that_write_and_seal_number_and_seal_once(app) {
        let other = open_database(&app.parts.shared.config).unwrap();
        let before = events(&app).len();
        std::thread::scope(|scope| {
            for db in [&app.db, &other, &app.db, &other] {
                let (mint, now) = (app.parts.shared.mint.clone(), app.clock.now());
                scope.spawn(move || {
                    let cx = masthead::db::WriteCx {
                        actor: masthead::db::Actor::Operator, now, mint, request_id: None, once: None,
                    };
                    for n in 0..20 {
                        db.write_now(&cx, |tx| tx.audit(Entry::new(Change::Updated, "thing", &n.to_string()))).unwrap();
                        seal_next(db, &cx).unwrap();
                    }
                });
            }
        });
        app.chores().await;
        let found = examine(&app.db, 1, &[]).unwrap();
        assert_eq!((found.broken, found.unsealed), (None, 0));
        assert_eq!(found.sealed, i64::try_from(before + 80).unwrap());
    }

    async fn what_is_rolled_back_leaves_no_gap(app) {
        record(&app, 1);
        let refused = app.db.write_now(&app.write(), |tx| {
            tx.audit(Entry::new(Change::Deleted, "thing", "x"))?;
            Err::<(), _>(DbError::Panicked)
        });
        assert!(refused.is_err());
        record(&app, 1);
        app.chores().await;
        assert_eq!(broken(&app, 1, &[]), None);
    }

    async fn tampering_shows(app) {
        record(&app, 12);
        app.chores().await;
        let kept = head(&app);
        record(&app, 2);
        let end = kept.seq;
        tamper(&app, "CREATE TABLE kept_events AS SELECT * FROM audit_events; CREATE TABLE kept_seals AS SELECT * FROM audit_seals;");
        let at = |breach| move |seq| Some((seq, breach));
        type Expected = (Option<(i64, Breach)>, bool);
        let cases: Vec<(&str, String, Expected)> = vec![
            ("nothing", "SELECT 1".into(), (None, true)),
            ("a detail is changed", "UPDATE audit_events SET detail = '{\"n\":2,\"what\":\"名\"}' WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("a detail is no JSON any more", "UPDATE audit_events SET detail = '{' WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("a detail says the same with a space", "UPDATE audit_events SET detail = '{\"n\": 1,\"what\":\"名\"}' WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("a detail is gone", "UPDATE audit_events SET detail = NULL WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("who it was", "UPDATE audit_events SET actor_kind = 'system' WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("when it was", "UPDATE audit_events SET at = '2026-06-01 12:00:00.000001' WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("the id", "UPDATE audit_events SET id = 'nonsense' WHERE seq = 5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("an event is deleted", "DELETE FROM audit_events WHERE seq = 5".into(), (at(Breach::MissingEvent)(5), false)),
            ("an event and its seal are deleted", "DELETE FROM audit_events WHERE seq = 5; DELETE FROM audit_seals WHERE seq = 5".into(), (at(Breach::MissingEvent)(5), false)),
            ("the first event is deleted", "DELETE FROM audit_events WHERE seq = 1".into(), (at(Breach::MissingEvent)(1), false)),
            ("an event is deleted and the gap closed", format!("DELETE FROM audit_events WHERE seq = 5; {}", shift(6, -1)), (at(Breach::MissingEvent)(5), false)),
            ("an unsealed event is deleted", format!("DELETE FROM audit_events WHERE seq = {}", end + 1), (at(Breach::MissingEvent)(end + 1), false)),
            ("the sealed tail is deleted", format!("DELETE FROM audit_events WHERE seq >= {end}"), (at(Breach::MissingEvent)(end), false)),
            ("an event is put in", format!("{} {}", shift(5, 1), forged(5)), (at(Breach::ExtraEvent)(5), false)),
            ("an event is put in before the first", forged(0), (at(Breach::ExtraEvent)(0), false)),
            ("two neighbours are swapped", "UPDATE audit_events SET seq = -5 WHERE seq = 5; UPDATE audit_events SET seq = 5 WHERE seq = 6; UPDATE audit_events SET seq = 6 WHERE seq = -5".into(), (at(Breach::SwappedEvents)(5), false)),
            ("two others are swapped", "UPDATE audit_events SET seq = -5 WHERE seq = 5; UPDATE audit_events SET seq = 5 WHERE seq = 8; UPDATE audit_events SET seq = 8 WHERE seq = -5".into(), (at(Breach::ChangedEvent)(5), false)),
            ("a seal is changed", format!("UPDATE audit_seals SET hash = '{}' WHERE seq = 5", "f".repeat(64)), (at(Breach::ChangedSeal)(5), false)),
            ("a seal is deleted", "DELETE FROM audit_seals WHERE seq = 5".into(), (at(Breach::MissingSeal)(5), false)),
            // Whole in itself. Only a head that was kept elsewhere tells.
            ("the tail and its seals are deleted", format!("DELETE FROM audit_events WHERE seq >= {end}; DELETE FROM audit_seals WHERE seq >= {end}"), (None, false)),
            ("everything is deleted", "DELETE FROM audit_events; DELETE FROM audit_seals".into(), (None, false)),
        ];
        for (what, sql, (expected, is_whole)) in cases {
            tamper(&app, &sql);
            assert_eq!(broken(&app, 1, &[]), expected, "{what}");
            let with_head = broken(&app, 1, std::slice::from_ref(&kept));
            assert_eq!(with_head.is_none(), is_whole, "{what}: {with_head:?}");
            if expected.is_none() && !is_whole {
                assert_eq!(with_head, Some((end, Breach::OtherChain)), "{what}");
            }
            tamper(&app, "DELETE FROM audit_events; DELETE FROM audit_seals; INSERT INTO audit_events SELECT * FROM kept_events; INSERT INTO audit_seals SELECT * FROM kept_seals;");
        }
        // An event is put in and everything sealed anew from there on.
        tamper(&app, &format!("{} {} DELETE FROM audit_seals WHERE seq >= 5;", shift(5, 1), forged(5)));
        app.chores().await;
        assert_eq!(broken(&app, 1, &[]), None);
        assert_eq!(broken(&app, 1, &[kept]), Some((end, Breach::OtherChain)));
        tamper(&app, "DROP TABLE kept_events; DROP TABLE kept_seals;");
    }

    async fn a_part_is_examined_by_itself(app) {
        record(&app, 12);
        app.chores().await;
        record(&app, 2);
        let end = head(&app).seq;
        tamper(&app, "UPDATE audit_events SET resource_id = 'y' WHERE seq = 3");
        assert_eq!(broken(&app, 1, &[]), Some((3, Breach::ChangedEvent)));
        assert_eq!(broken(&app, 3, &[]), Some((3, Breach::ChangedEvent)));
        for (from, sealed, unsealed) in [(4, end - 3, 2), (end, 1, 2), (end + 1, 0, 2), (end + 2, 0, 1), (end + 3, 0, 0), (i64::MAX, 0, 0)] {
            let found = examine(&app.db, from, &[]).unwrap();
            assert_eq!((found.broken, found.sealed, found.unsealed), (None, sealed, unsealed), "from {from}");
        }
        tamper(&app, "DELETE FROM audit_seals WHERE seq = 3");
        assert_eq!(broken(&app, 4, &[]), Some((3, Breach::MissingSeal)));
        let nothing = Head { seq: end + 9, hash: "0".repeat(64) };
        assert_eq!(broken(&app, 5, &[nothing]), Some((end + 9, Breach::OtherChain)));
    }

    async fn a_number_under_seal_is_not_given_again(app) {
        record(&app, 3);
        app.chores().await;
        let end = head(&app).seq;
        tamper(&app, &format!("DELETE FROM audit_events WHERE seq >= {}", end - 1));
        record(&app, 1);
        app.chores().await;
        assert_eq!(broken(&app, 1, &[]), Some((end - 1, Breach::MissingEvent)));
        let numbers: Vec<i64> = events(&app).iter().map(|one| one.event.seq).filter(|seq| *seq >= end - 2).collect();
        assert_eq!(numbers, [end - 2, end + 1]);
    }

    async fn what_was_there_before_is_numbered(app) {
        record(&app, 5);
        let before: Vec<String> = { let mut ids: Vec<String> = events(&app).into_iter().map(|one| one.event.id).collect(); ids.sort(); ids };
        let (up, down) = match app.db.engine() {
            Engine::Sqlite => (include_str!("../../../migrations/sqlite/20261124000006_audit/up.sql"), include_str!("../../../migrations/sqlite/20261124000006_audit/down.sql")),
            Engine::Postgres => (include_str!("../../../migrations/postgres/20261124000006_audit/up.sql"), include_str!("../../../migrations/postgres/20261124000006_audit/down.sql")),
        };
        tamper(&app, down);
        tamper(&app, up);
        let after = events(&app);
        assert_eq!(after.iter().map(|one| one.event.id.clone()).collect::<Vec<_>>(), before, "by id");
        assert_eq!(after.iter().map(|one| one.event.seq).collect::<Vec<_>>(), (1..=i64::try_from(before.len()).unwrap()).collect::<Vec<_>>());
        let things = after.iter().filter(|one| one.event.resource == "thing");
        assert_eq!(things.filter(|one| one.event.detail == Some(json!({"what": "名", "n": 1}))).count(), 5);
        app.chores().await;
        assert_eq!(broken(&app, 1, &[]), None);
    }
}
