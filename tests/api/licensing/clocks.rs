//! Every end at its exact instant: a microsecond before it, at it, and after it; what was known
//! before does not outlive it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::ledger::TICK;
use crate::support::newsroom::with;
use crate::support::{both_engines, start};

fn at(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

/// What ends, and when.
struct Case {
    name: &'static str,
    licence: Value,
    /// End of the source's grant; none for own works.
    grant: Option<DateTime<Utc>>,
    embargo: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    boundary: DateTime<Utc>,
    /// What is given before, and from then on.
    given: [&'static str; 2],
}

fn cases() -> Vec<Case> {
    let case = |name, licence, boundary, given| Case {
        name,
        licence,
        grant: None,
        embargo: None,
        end: None,
        boundary,
        given,
    };
    let day = start() + TimeDelta::days(1);
    vec![
        case(
            "valid_from",
            json!({"valid_from": at(30)}),
            at(30),
            ["stub", "full"],
        ),
        case(
            "valid_until",
            json!({"valid_until": at(30)}),
            at(30),
            ["full", "stub"],
        ),
        case("archive", json!({"archive_days": 1}), day, ["full", "stub"]),
        Case {
            grant: Some(at(30)),
            ..case("grant", json!({}), at(30), ["full", "stub"])
        },
        Case {
            embargo: Some(at(30)),
            ..case("embargo", json!({}), at(30), ["404", "full"])
        },
        Case {
            embargo: Some(at(30)),
            ..case(
                "privilege",
                json!({"embargo_privilege": true}),
                at(30),
                ["full", "full"],
            )
        },
        Case {
            embargo: Some(at(30)),
            ..case(
                "archive after an embargo",
                json!({"archive_days": 1}),
                at(30) + TimeDelta::days(1),
                ["full", "stub"],
            )
        },
        Case {
            end: Some(at(30)),
            ..case("end of the work", json!({}), at(30), ["full", "410"])
        },
    ]
}

both_engines! {
    async fn a_right_begins_and_ends_at_its_instant(app) {
        let desk = app.newsroom().await;
        for (n, case) in cases().into_iter().enumerate() {
            app.set_clock(start());
            let title = format!("Case {n}");
            let work = match case.grant {
                None => desk.own_work(&title),
                Some(until) => {
                    let source = app.source(&format!("Wire {n}")).await;
                    app.grant(&source, json!({"channels": ["syndication", "web"], "valid_until": until})).await;
                    desk.reprint_of(&source, &title)
                }
            };
            let article = app.live(work).await;
            app.set_times(&article, case.embargo, case.end);
            let licence = with(json!({"selector": {"articles": [article]}}), case.licence);
            let deal = app.deal(&title, &[licence]).await;
            let path = format!("/v1/articles/{article}");
            let mut before: Option<(String, actix_web::web::Bytes)> = None;
            for (now, given) in [(case.boundary - TICK, case.given[0]), (case.boundary, case.given[1]), (case.boundary + TICK, case.given[1])] {
                app.set_clock(now);
                let place = format!("{} at {now}", case.name);
                assert_eq!(app.extent(&deal, &article).await, given, "{place}");
                let answer = app.read(&deal, &path).await;
                let listed = app.read(&deal, "/v1/articles?fields=body&count=exact").await.expect(200).json();
                let in_list = usize::from(given == "full");
                assert_eq!(listed["page"]["total"], in_list, "{place}");
                let document = app.read(&deal, &format!("{path}/representations/text")).await;
                let expected = match given {
                    "full" => 200,
                    "stub" => 403,
                    status => status.parse().unwrap(),
                };
                assert_eq!(document.status, expected, "{place}");
                if answer.status == 200 {
                    let json = answer.json();
                    let usage = &json["attribution"]["usage"];
                    let early = case.embargo.is_some_and(|until| now < until);
                    assert_eq!(usage["embargoed"] == true, early, "{place}");
                    // No right is said to be over already.
                    assert!(usage["valid_until"].as_str().is_none_or(|until| until.parse::<DateTime<Utc>>().unwrap() > now), "{place}");
                }
                // What was the same stays known, and nothing else does.
                if let Some((etag, known)) = before {
                    let again = app.get(&path).key(&deal.key).header("if-none-match", &etag).send().await;
                    let same = answer.status == 200 && known == answer.body;
                    assert_eq!(again.status == 304, same, "{place}: {}", again.status);
                }
                before = (answer.status == 200).then(|| (answer.etag(), answer.body.clone()));
            }
        }
    }
}
