//! Ten thousand articles on the schedule: each is out at its exact second with nobody writing it
//! down; written down afterwards, each is told once and in order, however often that is cut off.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use masthead::articles::model::Timetable;
use masthead::articles::store::{agenda, write};
use masthead::articles::view::ArticleInput;
use masthead::db::schema::{article_agenda, articles};
use masthead::db::{StoreError, WriteCx};
use masthead::kernel::id::ArticleId;
use serde_json::{Value, json};

use crate::support::ledger::TICK;
use crate::support::{TestApp, both_engines};

const WORKS: i64 = 10_000;

/// A way through all numbers that is not their order.
fn shuffled(n: i64) -> i64 {
    n * 7_919 % WORKS
}

/// Schedules the works, one for each second from `from` on; their ids by second.
fn schedule(app: &TestApp, work: &Value, from: DateTime<Utc>) -> Vec<ArticleId> {
    let mut by_second = vec![None; usize::try_from(WORKS).unwrap()];
    let input: ArticleInput = serde_json::from_value(work.clone()).unwrap();
    for some in (0..WORKS).collect::<Vec<_>>().chunks(500) {
        let made = app.db.write_now(&app.write(), |tx| {
            let mut made = Vec::new();
            for n in some {
                let id: ArticleId = tx.cx.mint.id(tx.now());
                let mut draft = input.clone().parse().map_err(StoreError::Invalid)?;
                draft.slug_given = true;
                draft.content.slug = format!("work-{n}");
                draft.content.title = format!("Work {n}");
                write::create_in(tx, id, draft)?;
                let times = Timetable {
                    publish_at: Some(from + TimeDelta::seconds(shuffled(*n))),
                    ..Timetable::default()
                };
                write::schedule_in(tx, id, None, times)?;
                made.push((shuffled(*n), id));
            }
            Ok::<_, write::ActionError>(made)
        });
        for (second, id) in made.unwrap() {
            by_second[usize::try_from(second).unwrap()] = Some(id);
        }
    }
    by_second.into_iter().map(Option::unwrap).collect()
}

/// One piece of the chore that is cut off before its commit.
fn cut_off(app: &TestApp, cx: &WriteCx) {
    let cut = app.db.write_now(cx, |tx| {
        // What a killed process leaves of its transaction: nothing.
        agenda::piece(tx)?;
        Err::<(), _>(StoreError::State("killed".to_owned()))
    });
    assert!(matches!(cut, Err(StoreError::State(_))));
}

both_engines! {
    async fn ten_thousand_works_come_out_at_their_second(app) {
        let desk = app.newsroom().await;
        let from = app.clock.now() + TimeDelta::hours(1);
        let by_second = schedule(&app, &desk.own_work("x"), from);
        let before = app.changes().len();
        let total = || async { app.get("/v1/articles?count=exact&limit=1").send().await.expect(200).json() };
        for second in (0..WORKS).step_by(409).chain([WORKS - 1]) {
            let id = by_second[usize::try_from(second).unwrap()];
            let path = format!("/v1/articles/{id}");
            app.set_clock(from + TimeDelta::seconds(second) - TICK);
            assert_eq!(total().await["page"]["total"], second);
            app.get(&path).send().await.expect(404);
            app.clock.advance(TICK);
            let page = total().await;
            assert_eq!((&page["page"]["total"], &page["data"][0]["id"]), (&json!(second + 1), &json!(id.to_string())));
            app.get(&path).send().await.expect(200);
        }
        assert_eq!(app.changes().len(), before, "nobody has written anything down");

        // A third of them, and the process is killed; then pieces and kills in turn.
        let mut cx = app.write();
        cx.now = from + TimeDelta::seconds(WORKS / 3);
        let mut more = true;
        while more {
            cut_off(&app, &cx);
            more = agenda::run(&app.db, &cx).unwrap();
        }
        assert_eq!(app.changes().len() - before, by_second.iter().take(usize::try_from(WORKS / 3 + 1).unwrap()).count());
        cut_off(&app, &app.write());
        app.chores().await;
        let told: Vec<String> = app.changes()[before..].iter().map(|change| {
            assert_eq!((change.1.as_str(), change.4), ("published", Some(1)));
            change.3.clone()
        }).collect();
        let expected: Vec<String> = by_second.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), told.iter().collect::<HashSet<_>>().len(), "each once");
        assert!(told == expected, "in the order of their seconds");
        let left: (i64, i64) = app.db.read_now(|conn| {
            let agenda = article_agenda::table.count().get_result(conn)?;
            let unsaid = articles::table.filter(articles::stage.ne("published")).count().get_result(conn)?;
            Ok::<_, StoreError>((agenda, unsaid))
        }).unwrap();
        assert_eq!(left, (0, 0));
    }
}
