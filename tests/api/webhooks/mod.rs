//! Webhooks: who may, where to, in which order, how often, and what becomes of what fails.

mod outbox;
mod receiver;
mod records;
mod sending;

use std::sync::Arc;

use chrono::TimeDelta;
use masthead::db::{Conn, Db, StoreError, WriteCx};
use masthead::http::auth::ClientKind;
use masthead::kernel::id::{ArticleId, ChangeId, ClientId, Id, WebhookId};
use masthead::rights::Channel;
use masthead::webhooks::model::MessageType;
use masthead::webhooks::store::feed::{Feed, News};
use masthead::webhooks::store::pump;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::support::TestApp;

/// A log that a test writes by hand.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<News>>>);

impl Feed for Tape {
    fn advance(&self, _: &Db, _: &WriteCx, _: ClientId) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn after(
        &self,
        _: &mut Conn,
        _: ClientId,
        n: i64,
        limit: i64,
    ) -> Result<Vec<News>, StoreError> {
        let all = self.0.lock();
        let later = all.iter().filter(|one| one.n > n);
        Ok(later
            .take(usize::try_from(limit).unwrap())
            .cloned()
            .collect())
    }

    fn last(&self, _: &mut Conn, _: ClientId) -> Result<Option<i64>, StoreError> {
        Ok(self.0.lock().last().map(|one| one.n))
    }

    fn number(&self, _: &mut Conn, _: ClientId, id: ChangeId) -> Result<Option<i64>, StoreError> {
        Ok(self
            .0
            .lock()
            .iter()
            .find(|one| one.id == id)
            .map(|one| one.n))
    }
}

/// An article that is only a name.
fn article(n: u8) -> ArticleId {
    Id::parse(&format!("art_0190000000007000800000000000{n:04x}")).unwrap()
}

impl Tape {
    /// Adds an entry about an article, as of now.
    fn tell(&self, app: &TestApp, kind: MessageType, about: u8) -> i64 {
        let mut all = self.0.lock();
        let n = i64::try_from(all.len()).unwrap() + 1;
        all.push(News {
            n,
            id: app.parts.shared.mint.id(app.clock.now()),
            at: app.clock.now(),
            kind,
            article: article(about),
            entry: json!({"n": n, "article": article(about)}),
        });
        n
    }

    /// Fills the outboxes until nothing is left.
    fn pump(&self, app: &TestApp) {
        while pump::run(&app.db, &app.write(), self).unwrap() {}
    }
}

/// A webhook of a first party's key, to `url`; its id and its secret.
async fn hook(app: &TestApp, url: &str) -> (WebhookId, String) {
    let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
    hook_of(app, client, json!({"url": url})).await
}

async fn hook_of(app: &TestApp, client: ClientId, mut members: Value) -> (WebhookId, String) {
    members["client_id"] = json!(client);
    let made = app
        .post("/v1/webhooks", members)
        .by_admin()
        .await
        .expect(201)
        .json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (Id::parse(&text("id")).unwrap(), text("secret"))
}

/// The webhook as it is now.
async fn seen(app: &TestApp, id: WebhookId) -> Value {
    let path = format!("/v1/webhooks/{id}");
    app.get(&path).by_admin().await.expect(200).json()
}

/// Changes a webhook.
async fn change(app: &TestApp, id: WebhookId, members: Value) {
    let path = format!("/v1/webhooks/{id}");
    let ask = app.patch(&path, members).if_match("*");
    ask.by_admin().await.expect(200);
}

/// The numbers of entries, or of pings the word, and the states of all messages, in order.
async fn states(app: &TestApp, id: WebhookId) -> Vec<(String, String)> {
    let path = format!("/v1/webhooks/{id}/messages?limit=100");
    let page = app.get(&path).by_admin().await.expect(200).json();
    let messages = page["data"].as_array().unwrap().iter().map(|one| {
        let what = match one["payload"]["data"]["n"].as_i64() {
            Some(n) => n.to_string(),
            None => one["type"].as_str().unwrap().to_owned(),
        };
        (what, one["state"].as_str().unwrap().to_owned())
    });
    messages.collect()
}

/// [`states`], as it is expected.
fn are(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(what, state)| ((*what).to_owned(), (*state).to_owned()))
        .collect()
}

/// What came of each attempt to deliver the first message.
async fn outcomes(app: &TestApp, id: WebhookId) -> Vec<String> {
    let path = format!("/v1/webhooks/{id}/messages?limit=1");
    let page = app.get(&path).by_admin().await.expect(200).json();
    let message = page["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/webhooks/{id}/messages/{message}/attempts?limit=100");
    let page = app.get(&path).by_admin().await.expect(200).json();
    let all = page["data"].as_array().unwrap().iter();
    all.map(|one| one["outcome"].as_str().unwrap().to_owned())
        .collect()
}

/// Lets a pause pass that no pause of failures outlasts.
fn wait_out(app: &TestApp) {
    app.clock.advance(TimeDelta::hours(9));
}
