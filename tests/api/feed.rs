//! The change feed: what one node writes, another over the same database hears of.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use masthead::app::open_database;
use masthead::db::schema::changes;
use masthead::db::{Change, Conn, Db, DbError, Entry, Heed, Touched};

use crate::support::{Engine, TestApp, both_engines};

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(30);

/// `None` stands for "lost".
type Heard = Option<Vec<Touched>>;

/// Passes on what it hears.
struct Ear(Mutex<Sender<Heard>>);

impl Heed for Ear {
    fn touched(&self, records: &[Touched]) {
        self.0.lock().unwrap().send(Some(records.to_vec())).ok();
    }

    fn lost(&self) {
        self.0.lock().unwrap().send(None).ok();
    }
}

/// Another node over the database of `app`, and what it hears.
struct Node {
    db: Db,
    heard: Receiver<Heard>,
    _ear: Arc<dyn Heed>,
}

impl Node {
    fn beside(app: &TestApp) -> Self {
        let db = open_database(&app.parts.shared.config).unwrap();
        let (send, heard) = channel();
        let ear: Arc<dyn Heed> = Arc::new(Ear(Mutex::new(send)));
        db.tell(&ear);
        assert!(
            !db.is_fed() && db.feed_age().is_none(),
            "nothing was looked at yet"
        );
        db.follow().unwrap();
        assert!(db.feed_age().is_some(), "the first look is taken at once");
        let node = Self {
            db,
            heard,
            _ear: ear,
        };
        assert_eq!(node.next(), None, "nobody knows what was before");
        node
    }

    fn next(&self) -> Heard {
        self.heard.recv_timeout(LONG).expect("something is heard")
    }

    /// The next `n` records heard of.
    fn records(&self, n: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < n {
            let records = self.next().expect("told one by one");
            ids.extend(records.into_iter().map(|record| record.id));
        }
        ids
    }
}

/// Puts changes of made-up records on record, in one transaction.
fn write(app: &TestApp, ids: &[String]) {
    let written: Result<(), DbError> = app.db.write_now(&app.write(), |tx| {
        let entry = |id| Entry::new(Change::Updated, "section", id);
        tx.record_all(ids.iter().map(|id| entry(id)).collect())
    });
    written.unwrap();
}

fn ids(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|n| format!("{prefix}{n}")).collect()
}

fn sql(db: &Db, statement: &str) {
    db.with_writer(|conn| diesel::sql_query(statement).execute(conn))
        .unwrap()
        .unwrap();
}

both_engines! {
    async fn another_node_hears_of_every_change_in_order(app) {
        let node = Node::beside(&app);
        for n in 0..5 {
            write(&app, &ids(&format!("sec_{n}_"), 3));
        }
        let all: Vec<String> = (0..5).flat_map(|n| ids(&format!("sec_{n}_"), 3)).collect();
        assert_eq!(node.records(15), all);
    }

    async fn what_a_failed_write_has_changed_is_not_told(app) {
        let node = Node::beside(&app);
        let failed: Result<(), DbError> = app.db.write_now(&app.write(), |tx| {
            tx.record(Entry::new(Change::Updated, "section", "sec_never"))?;
            Err(DbError::Saturated)
        });
        assert!(failed.is_err());
        write(&app, &ids("sec_", 1));
        assert_eq!(node.records(1), ["sec_0"]);
    }

    async fn too_many_at_once_are_told_as_lost_and_those_after_them_again(app) {
        let node = Node::beside(&app);
        write(&app, &ids("many_", 1_001));
        assert_eq!(node.next(), None);
        write(&app, &ids("few_", 1_000));
        assert_eq!(node.records(1_000), ids("few_", 1_000));
    }

    async fn a_database_put_back_is_noticed(app) {
        write(&app, &ids("before_", 3));
        let node = Node::beside(&app);
        write(&app, &ids("after_", 3));
        assert_eq!(node.records(3), ids("after_", 3));
        sql(&app.db, "DELETE FROM changes WHERE resource_id LIKE 'after_%'");
        // On SQLite a deletion is a commit like any other; on PostgreSQL the next look shows it.
        assert_eq!(node.next(), None);
        write(&app, &ids("again_", 2));
        assert_eq!(node.records(2), ids("again_", 2));
    }

    async fn another_history_of_the_same_length_is_noticed(app) {
        write(&app, &ids("one_", 3));
        let node = Node::beside(&app);
        sql(&app.db, "UPDATE changes SET resource_id = 'another' WHERE resource_id LIKE 'one_%'");
        assert_eq!(node.next(), None);
    }

    async fn the_metrics_tell_how_old_the_feed_is(app) {
        let text = app.get("/metrics").by_admin().await.expect(200).text();
        let line = text.lines().find(|line| line.starts_with("change_feed_age_seconds "));
        let age: f64 = line.unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        assert!(age >= 0.0 && age.is_finite(), "{age}");
    }
}

#[actix_web::test]
async fn a_connection_that_is_cut_costs_nothing_that_was_written() {
    if !crate::support::engine::postgres_is_there() {
        return;
    }
    let app = TestApp::new(Engine::Postgres).await;
    let node = Node::beside(&app);
    for n in 0..3 {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = 'masthead feed' AND datname = current_database()";
        sql(&app.db, cut);
        write(&app, &ids(&format!("cut_{n}_"), 2));
        assert_eq!(node.records(2), ids(&format!("cut_{n}_"), 2));
    }
    let last = node.db.read_now(|conn: &mut Conn| {
        changes::table
            .select(diesel::dsl::max(changes::seq))
            .first::<Option<i64>>(conn)
            .map_err(DbError::from)
    });
    assert!(last.unwrap().is_some());
}

/// Holds the change log, so that nobody can look at it, until it is dropped.
struct Hang {
    go_on: Option<Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Hang {
    fn of(app: &TestApp) -> Self {
        let db = open_database(&app.parts.shared.config).unwrap();
        let ((go_on, wait), (held, is_held)) = (channel(), channel());
        let thread = std::thread::spawn(move || {
            let hold = |conn: &mut Conn| {
                conn.batch_execute("BEGIN; LOCK TABLE changes IN ACCESS EXCLUSIVE MODE")?;
                held.send(()).expect("somebody waits");
                let _ended = wait.recv();
                conn.batch_execute("ROLLBACK")
            };
            db.with_writer(hold).unwrap().unwrap();
        });
        is_held.recv_timeout(LONG).expect("the log is held");
        Self {
            go_on: Some(go_on),
            thread: Some(thread),
        }
    }
}

impl Drop for Hang {
    fn drop(&mut self) {
        self.go_on.take();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the log is free again");
        }
    }
}

/// A node that could not look at the log for a second gives out no copy, though nobody has told it
/// that one is old.
#[actix_web::test]
async fn a_feed_that_hangs_is_not_waited_for() {
    if !crate::support::engine::postgres_is_there() {
        return;
    }
    let app = TestApp::new(Engine::Postgres).await;
    let desk = app.newsroom().await;
    let id = app.live(desk.own_work("Before")).await;
    let path = format!("/v1/articles/{id}");
    let title = async || {
        let answer = app.get(&path).send_unchecked().await;
        assert_eq!(answer.status, 200);
        answer.json()["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (title().await, title().await),
        ("Before".into(), "Before".into())
    );
    let change = "UPDATE versions SET content = replace(content, '\"Before\"', '\"Behind\"')";
    {
        let _hang = Hang::of(&app);
        sql(&app.db, change);
        let began = std::time::Instant::now();
        while app.db.is_fed() {
            assert!(began.elapsed() < LONG, "the feed is silent");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(title().await, "Behind");
    }
    assert_eq!(title().await, "Behind");
}
