//! What the desk reads of a withdrawn or embargoed work, on every surface that gives a body.

use chrono::TimeDelta;
use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;

both_engines! {
    async fn every_way_to_such_a_body_is_on_record(app) {
        let desk = app.newsroom().await;
        let held = app.live(desk.own_work("Held")).await;
        let gone = app.live(desk.own_work("Gone")).await;
        app.clock.advance(TimeDelta::seconds(1));
        app.set_times(&held, Some(app.clock.now() + TimeDelta::hours(1)), None);
        app.withdraw(&gone, "legal").await.expect(200);
        for (id, slug) in [(&held, "held"), (&gone, "gone")] {
            let item = format!("/v1/articles/{id}");
            let ways = [
                (item.clone(), 1),
                (format!("{item}?fields=body"), 1),
                (format!("{item}?body_format=text"), 1),
                (format!("{item}?include=section,authors,source,versions"), 1),
                (format!("/v1/articles/slug/{slug}"), 1),
                (format!("/v1/articles/slug/{slug}?body_format=html"), 1),
                (format!("{item}/representations/html"), 1),
                (format!("{item}/representations/markdown"), 1),
                (format!("{item}/representations/text"), 1),
                ("/v1/articles?body_format=blocks".to_owned(), 1),
                ("/v1/articles?fields=title,body".to_owned(), 1),
                // Without bodies nothing of the kind is read.
                ("/v1/articles".to_owned(), 0),
                ("/v1/articles?fields=title&include=section,authors,source".to_owned(), 0),
            ];
            for (path, readings) in ways {
                for role in [Role::Admin, Role::Editor, Role::Rights] {
                    let before = app.readings(id);
                    let answer = app.get(&path).by_role(role).await.expect(200);
                    assert_eq!(app.readings(id), before + readings, "{path} as {role:?}");
                    if readings > 0 {
                        let last = app.audit(id).pop().unwrap();
                        assert_eq!(last.1, Some(app.user_of(role).to_string()), "{path}");
                    }
                    assert!(answer.text().contains("Ships dock from noon") || readings == 0 || path.contains("versions"), "{path}");
                    if readings == 0 {
                        assert!(!answer.text().contains("Ships dock"), "{path}");
                    }
                }
                // A viewer gets no such body, and so does nothing that is to be on record.
                let before = app.readings(id);
                let answer = app.get(&path).by_role(Role::Viewer).await;
                assert!(!answer.text().contains("Ships dock"), "{path}: {}", answer.text());
                assert_eq!(app.readings(id), before, "{path}");
            }
            // The answer to a write gives the body as well, also where it changes nothing.
            let before = app.readings(id);
            let same = app.patch(&item, json!({})).if_match("*").by_admin().await.expect(200);
            assert!(same.text().contains("Ships dock"));
            app.patch(&item, json!({"genre": "news"})).if_match("*").by_admin().await.expect(200);
            assert_eq!(app.readings(id), before + 2);
        }
        // A repetition of the write that withdrew is answered, and read, anew.
        let third = app.live(desk.own_work("Third")).await;
        app.clock.advance(TimeDelta::seconds(1));
        let withdraw = || {
            let reason = json!({"reason_class": "editorial", "reason": "x"});
            app.post(&format!("/v1/articles/{third}/withdraw"), reason).header("idempotency-key", "once")
        };
        for readings in [1, 2] {
            withdraw().by_admin().await.expect(200);
            assert_eq!(app.readings(&third), readings);
        }
    }
}
