//! Those who wait for changes: by holding the answer back, or by listening to a stream.

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};

use super::{deal, next, page, told};
use crate::support::{Engine, TestApp, both_engines};

both_engines! {
    async fn an_answer_waits_for_something_to_tell(app) {
        let desk = app.newsroom().await;
        let draft = app.draft(desk.own_work("Quay opens")).await;
        let deal = deal(&app, json!({})).await;
        told(&app, &deal.key, &mut None).await;
        // It would wait for longer than any test does if it were not woken.
        let (waited, _) = join(page(&app, &deal.key, "wait=30"), app.publish(&draft)).await;
        let waited = waited.expect(200).json();
        assert_eq!(waited["data"][0]["kind"], "created");
        // By what another node writes as well.
        app.clock.advance(TimeDelta::seconds(1));
        let other = app.beside(2).await;
        let query = format!("wait=30&after={}", next(&waited));
        let (waited, _) = join(page(&app, &deal.key, &query), other.withdraw(&draft, "editorial")).await;
        assert_eq!(waited.expect(200).json()["data"][0]["kind"], "withdrawn");
    }

    async fn an_answer_with_nothing_to_tell_ends(app) {
        let deal = deal(&app, json!({})).await;
        let nothing = page(&app, &deal.key, "wait=1").await.expect(200).json();
        assert_eq!(nothing, json!({"data": [], "page": {"next": null, "is_caught_up": true}}));
    }
}

/// The events of a stream: their ids, kinds and data.
fn events(text: &str) -> Vec<(&str, &str, Value)> {
    text.split("\n\n")
        .filter(|event| event.starts_with("id: "))
        .map(|event| {
            let part = |name: &str| {
                let line = event.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap()
            };
            (
                part("id: "),
                part("event: "),
                serde_json::from_str(part("data: ")).unwrap(),
            )
        })
        .collect()
}

async fn listen(app: &TestApp, key: &str, last: Option<&str>) -> crate::support::Answer {
    let mut ask = app
        .get("/v1/changes")
        .key(key)
        .header("accept", "text/event-stream");
    if let Some(last) = last {
        ask = ask.header("last-event-id", last);
    }
    ask.send_unchecked().await
}

#[actix_web::test]
async fn a_stream_tells_until_the_server_stops() {
    let app = TestApp::new(Engine::Sqlite).await;
    let desk = app.newsroom().await;
    let early = app.live(desk.own_work("Quay opens")).await;
    let deal = deal(&app, json!({})).await;
    listen(
        &app,
        &deal.key,
        Some("chg_01900000000070008000000000000000"),
    )
    .await
    .expect(410);
    listen(&app, &deal.key, Some("no id")).await.expect(410);
    let happens = async {
        let late = app.live(desk.own_work("Ferry sails")).await;
        // Once it is in the log it was told, or is told before the end.
        while told(&app, &deal.key, &mut None).await.len() < 2 {}
        app.parts.wake.close();
        late
    };
    let (answer, late) = join(listen(&app, &deal.key, None), happens).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = answer.text();
    let told = events(&text);
    let kinds: Vec<(&str, &str)> = told
        .iter()
        .map(|(_, kind, data)| (*kind, data["article"]["id"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds[0], ("entered", early.as_str()), "{text}");
    assert!(
        kinds.len() == 1 || kinds[1] == ("created", late.as_str()),
        "{text}"
    );
    assert!(told.iter().all(|(id, _, data)| data["id"] == *id));
    // Whoever comes back is told the rest.
    let again = listen(&app, &deal.key, Some(told[0].0)).await.text();
    assert!(events(&again).len() <= 1, "{again}");
}

#[actix_web::test]
async fn who_asks_for_the_headers_of_a_stream_gets_no_stream() {
    let app = TestApp::new(Engine::Sqlite).await;
    let deal = deal(&app, json!({})).await;
    let ask = app.request("HEAD", "/v1/changes").key(&deal.key);
    let answer = ask
        .header("accept", "text/event-stream")
        .send_unchecked()
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type"), answer.text()),
        (200, "text/event-stream", String::new())
    );
}

#[actix_web::test]
async fn a_stream_ends_with_its_key() {
    let app = TestApp::new(Engine::Sqlite).await;
    let deal = deal(&app, json!({})).await;
    let revoked = async {
        let path = format!("/v1/clients/{}", deal.client);
        let seen = app.get(&path).by_admin().await.expect(200);
        app.delete(&path).if_match(&seen.etag()).by_admin().await
    };
    let (answer, _) = join(listen(&app, &deal.key, None), revoked).await;
    // It ended: or the test would go on until the stream's own end.
    assert_eq!(events(&answer.text()), []);
    listen(&app, &deal.key, None).await.expect(401);
}
