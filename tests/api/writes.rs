//! Writes that are asked for at the same time go into common commits, and each is kept or undone
//! alone; who holds the database's lock is waited for; a server that was restarted is found again.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};
use futures_util::future::{join_all, join3, poll_immediate};
use masthead::db::schema::{audit_events, changes};
use masthead::db::{
    Change, DatabaseUrl, Db, DbError, Engine, Entry, Heed, PoolOptions, StoreError, Touched,
    WriteCx,
};
use masthead::rights::Role;
use parking_lot::Mutex;

use crate::support::{Engine as TestEngine, TestApp, both_engines};

/// Hears which records each commit has touched.
#[derive(Default)]
struct Commits(Mutex<Vec<Vec<String>>>);

impl Heed for Commits {
    fn touched(&self, records: &[Touched]) {
        self.0
            .lock()
            .push(records.iter().map(|record| record.id.clone()).collect());
    }

    fn lost(&self) {}
}

/// Holds the writer's turn until told to let go.
struct Held {
    go: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Held {
    fn take(db: &Db) -> Self {
        let (go, wait) = mpsc::channel();
        let (has, taken) = mpsc::channel();
        let db = db.clone();
        let thread = std::thread::spawn(move || {
            db.with_writer(|_| {
                has.send(()).unwrap();
                let _ = wait.recv();
            })
            .unwrap();
        });
        taken.recv().unwrap();
        Self { go, thread }
    }

    fn release(self) {
        self.go.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// A write that puts one thing on record, and then ends like this.
async fn note(
    db: &Db,
    cx: WriteCx,
    id: &str,
    end: fn() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let id = id.to_owned();
    db.write(cx, move |tx| {
        tx.attempt(|tx| {
            tx.record(Entry::new(Change::Updated, "thing", &id))?;
            end()
        })
    })
    .await
}

/// Ids and times of the change log's things, in its order.
fn things(app: &TestApp) -> Vec<(String, chrono::NaiveDateTime)> {
    app.db
        .read_now(|conn| {
            changes::table
                .filter(changes::resource.eq("thing"))
                .order(changes::seq)
                .select((changes::resource_id, changes::at))
                .load(conn)
                .map_err(DbError::from)
        })
        .unwrap()
}

/// How many events of things the audit log has.
fn audited(app: &TestApp) -> i64 {
    app.db
        .read_now(|conn| {
            audit_events::table
                .filter(audit_events::resource.eq("thing"))
                .count()
                .get_result(conn)
                .map_err(DbError::from)
        })
        .unwrap()
}

both_engines! {
    async fn each_of_a_group_is_kept_or_undone_alone(app) {
        let commits = Arc::new(Commits::default());
        let heed: Arc<dyn Heed> = commits.clone();
        app.db.tell(&heed);
        let held = Held::take(&app.db);
        let fine = || Ok(());
        let writes = [
            note(&app.db, app.write(), "first", || Ok(())),
            note(&app.db, app.write(), "refused", || Err(StoreError::NotFound)),
            note(&app.db, app.write(), "second", fine),
            note(&app.db, app.write(), "broken", || panic!("as this test wants it")),
            note(&app.db, app.write(), "clash", || Err(DbError::Unique("a key".into()).into())),
            note(&app.db, app.write(), "third", fine),
        ];
        let writes = join_all(writes);
        let mut writes = std::pin::pin!(writes);
        assert!(poll_immediate(writes.as_mut()).await.is_none(), "all wait for their turn");
        held.release();
        let told: Vec<String> = writes.await.into_iter().map(|result| format!("{result:?}")).collect();
        assert_eq!(told, ["Ok(())", "Err(NotFound)", "Ok(())", "Err(Db(Panicked))", "Err(Db(Unique(\"a key\")))", "Ok(())"]);
        let kept: Vec<String> = things(&app).into_iter().map(|(id, _)| id).collect();
        assert_eq!(kept, ["first", "second", "third"]);
        assert_eq!(audited(&app), 3);
        // The first may have gone alone: the thread takes what is there when it looks. What the feed
        // reads back afterwards is told too, but without those that were not kept.
        let commits = commits.0.lock();
        let common = |ids: &&Vec<String>| ["third", "clash"].iter().all(|id| ids.iter().any(|told| told == id));
        assert!(commits.iter().any(|ids| common(&ids)), "{commits:?}");
    }

    async fn one_that_fails_alone_leaves_nothing(app) {
        let refused = note(&app.db, app.write(), "refused", || Err(StoreError::NotFound)).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
        let broken = note(&app.db, app.write(), "broken", || panic!("as this test wants it")).await;
        assert!(matches!(broken, Err(StoreError::Db(DbError::Panicked))));
        assert_eq!(things(&app), []);
        note(&app.db, app.write(), "fine", || Ok(())).await.unwrap();
        assert_eq!(things(&app).len(), 1, "the writer works on");
    }

    async fn nothing_is_kept_after_the_engine_gave_up(app) {
        let written = app.db.write(app.write(), |tx| {
            let given_up = tx.attempt(|tx| Ok::<_, StoreError>(tx.conn.batch_execute("ROLLBACK").map_err(DbError::from)?));
            assert!(given_up.is_err());
            let after = tx.attempt(|tx| Ok::<_, StoreError>(tx.record(Entry::new(Change::Updated, "thing", "after"))?));
            assert!(matches!(after, Err(StoreError::Db(DbError::Unavailable(_)))), "{after:?}");
            Ok::<_, StoreError>(())
        });
        assert!(matches!(written.await, Err(StoreError::Db(DbError::Unavailable(_)))));
        assert_eq!(things(&app), []);
        note(&app.db, app.write(), "fine", || Ok(())).await.unwrap();
        assert_eq!(things(&app).len(), 1, "the writer works on");
    }

    async fn a_write_that_nobody_waits_for_is_not_begun(app) {
        let held = Held::take(&app.db);
        // One is in the writer's hand already when it waits for the turn.
        let first = note(&app.db, app.write(), "first", || Ok(()));
        let mut first = std::pin::pin!(first);
        assert!(poll_immediate(first.as_mut()).await.is_none());
        {
            let gone = note(&app.db, app.write(), "gone", || Ok(()));
            let mut gone = std::pin::pin!(gone);
            assert!(poll_immediate(gone.as_mut()).await.is_none());
        }
        let last = note(&app.db, app.write(), "last", || Ok(()));
        let mut last = std::pin::pin!(last);
        assert!(poll_immediate(last.as_mut()).await.is_none());
        held.release();
        first.await.unwrap();
        last.await.unwrap();
        let kept: Vec<String> = things(&app).into_iter().map(|(id, _)| id).collect();
        assert_eq!(kept, ["first", "last"]);
    }

    async fn times_of_the_journal_follow_its_numbers(app) {
        let held = Held::take(&app.db);
        let at = |seconds: i64| WriteCx { now: app.clock.now() + TimeDelta::seconds(seconds), ..app.write() };
        let writes = [(0, "a"), (3, "b"), (1, "c"), (2, "d"), (4, "e")];
        let writes = join_all(writes.map(|(seconds, id)| note(&app.db, at(seconds), id, || Ok(()))));
        let mut writes = std::pin::pin!(writes);
        assert!(poll_immediate(writes.as_mut()).await.is_none());
        held.release();
        assert!(writes.await.into_iter().all(|result| result.is_ok()));
        let given: Vec<(String, i64)> = things(&app)
            .into_iter()
            .map(|(id, time)| (id, (time.and_utc() - app.clock.now()).num_seconds()))
            .collect();
        let expected = [("a", 0), ("b", 3), ("c", 3), ("d", 3), ("e", 4)];
        assert_eq!(given, expected.map(|(id, seconds)| (id.to_owned(), seconds)));
        // A clock that was set back is believed.
        note(&app.db, at(-3_600), "back", || Ok(())).await.unwrap();
        let (_, time) = things(&app).pop().unwrap();
        assert_eq!((time.and_utc() - app.clock.now()).num_seconds(), -3_600);
    }

    async fn a_queue_that_is_full_turns_away(app) {
        let patient = PoolOptions { wait: Duration::from_secs(300), ..PoolOptions::default() };
        let db = Db::open(&DatabaseUrl::parse(app.url()).unwrap(), patient).unwrap();
        let held = Held::take(&db);
        let mut writes: Vec<_> = (0..5_000).map(|_| Box::pin(note(&db, app.write(), "many", || Ok(())))).collect();
        let mut away = 0;
        for write in &mut writes {
            match poll_immediate(write).await {
                None => {}
                Some(Err(StoreError::Db(DbError::Saturated))) => away += 1,
                Some(other) => panic!("{other:?}"),
            }
        }
        assert!((500..1_000).contains(&away), "{away} were turned away");
        drop(writes);
        held.release();
        // It is full until the thread has passed over those who left.
        while let Err(error) = note(&db, app.write(), "after", || Ok(())).await {
            assert!(matches!(error, StoreError::Db(DbError::Saturated)), "{error:?}");
        }
        assert!(things(&app).len() <= 2, "those who left are not served");
    }

    async fn a_turn_that_does_not_come_is_told_with_a_time_to_retry(app) {
        let short = PoolOptions { wait: Duration::from_millis(100), ..PoolOptions::default() };
        let db = Db::open(&DatabaseUrl::parse(app.url()).unwrap(), short).unwrap();
        let held = Held::take(&db);
        let refused = note(&db, app.write(), "refused", || Ok(())).await;
        assert!(matches!(refused, Err(StoreError::Db(DbError::Saturated))), "{refused:?}");
        held.release();
        note(&db, app.write(), "fine", || Ok(())).await.unwrap();
        assert_eq!(things(&app).len(), 1);
    }
}

#[actix_web::test]
async fn who_is_turned_away_is_told_when_to_come_again() {
    let app = TestApp::with(TestEngine::Sqlite, |raw| raw.database_wait_seconds = 1).await;
    let token = app.token(Role::Admin).await;
    let held = Held::take(&app.db);
    let author = serde_json::json!({"name": "Too many", "kind": "reporter"});
    let answer = app
        .post("/v1/authors", author.clone())
        .bearer(&token)
        .send()
        .await
        .expect(503);
    assert!(answer.headers.contains_key("retry-after"));
    held.release();
    app.post("/v1/authors", author)
        .bearer(&token)
        .send()
        .await
        .expect(201);
}

/// Another process that writes, or a server that goes, as each engine has them.
mod others {
    use super::*;

    #[derive(QueryableByName)]
    struct Word {
        #[diesel(sql_type = Text)]
        word: String,
    }

    both_engines! {
        async fn another_process_that_writes_is_waited_for(app) {
            if app.db.engine() != Engine::Sqlite {
                return;
            }
            let path = app.url().trim_start_matches("sqlite://").to_owned();
            let mut other = SqliteConnection::establish(&path).unwrap();
            other.batch_execute("BEGIN IMMEDIATE").unwrap();
            // It lets go once the server waits, or before: a write finds its way in both cases.
            let waits = note(&app.db, app.write(), "patient", || Ok(()));
            let mut waits = std::pin::pin!(waits);
            assert!(poll_immediate(waits.as_mut()).await.is_none());
            other.batch_execute("COMMIT").unwrap();
            waits.await.unwrap();
            // One that does not let go is not waited for for ever, and no fault of ours.
            let short = PoolOptions { busy: Duration::from_millis(50), ..PoolOptions::default() };
            let db = Db::open(&DatabaseUrl::parse(app.url()).unwrap(), short).unwrap();
            other.batch_execute("BEGIN IMMEDIATE").unwrap();
            let refused = note(&db, app.write(), "refused", || Ok(())).await;
            assert!(matches!(refused, Err(StoreError::Db(DbError::Unavailable(_)))), "{refused:?}");
            let refused = db.write_now(&app.write(), |_| Ok::<_, DbError>(()));
            assert!(matches!(refused, Err(DbError::Unavailable(_))), "{refused:?}");
            other.batch_execute("COMMIT").unwrap();
            note(&db, app.write(), "fine", || Ok(())).await.unwrap();
            let kept: Vec<String> = things(&app).into_iter().map(|(id, _)| id).collect();
            assert_eq!(kept, ["patient", "fine"]);
        }

        async fn connections_whose_server_has_gone_are_not_used_again(app) {
            if app.db.engine() != Engine::Postgres {
                return;
            }
            note(&app.db, app.write(), "before", || Ok(())).await.unwrap();
            let mut other = PgConnection::establish(app.url()).unwrap();
            for round in 0..3 {
                let ended: Vec<Word> = sql_query(END_ALL).load(&mut other).unwrap();
                assert!(ended.iter().any(|row| row.word == "true"), "round {round}: connections were open");
                app.get("/v1/sections").by_admin().await.expect(200);
                note(&app.db, app.write(), &format!("after {round}"), || Ok(())).await.unwrap();
            }
            assert_eq!(things(&app).len(), 4);
        }

        async fn a_server_that_goes_in_the_middle_of_a_write_is_no_fault_of_ours(app) {
            if app.db.engine() != Engine::Postgres {
                return;
            }
            let mut other = PgConnection::establish(app.url()).unwrap();
            let held = Held::take(&app.db);
            let before = note(&app.db, app.write(), "before", || Ok(()));
            let cut = app.db.write(app.write(), move |tx| {
                tx.record(Entry::new(Change::Updated, "thing", "cut"))?;
                sql_query(END_ALL).execute(&mut other)?;
                tx.record(Entry::new(Change::Updated, "thing", "cut"))?;
                Ok::<_, StoreError>(())
            });
            let after = note(&app.db, app.write(), "after", || Ok(()));
            let mut all = std::pin::pin!(join3(before, cut, after));
            assert!(poll_immediate(all.as_mut()).await.is_none());
            held.release();
            let (before, cut, after) = all.await;
            let passing = |result: &Result<(), StoreError>| matches!(result, Err(StoreError::Db(DbError::Unavailable(_))));
            assert!(passing(&cut), "{cut:?}");
            // Those of the same commit hear the same; nobody hears of success that did not last.
            let kept: Vec<String> = things(&app).into_iter().map(|(id, _)| id).collect();
            for (id, result) in [("before", before), ("after", after)] {
                assert_eq!(kept.contains(&id.to_owned()), result.is_ok());
                assert!(result.is_ok() || passing(&result), "{result:?}");
            }
            note(&app.db, app.write(), "again", || Ok(())).await.unwrap();
        }
    }

    /// Ends all connections to the database but the one that asks.
    const END_ALL: &str = "SELECT pg_terminate_backend(pid, 5000)::text AS word FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
}
