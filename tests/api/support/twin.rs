//! The twin: the same application over the same database, which keeps no answer. Whatever this
//! suite asks of articles as a reader, it asks three times: the application, which reads it;
//! the application once more, which may have it ready; and the twin, which cannot. All three
//! answers have to be the same to the byte.

use std::rc::Rc;

use actix_web::test::TestRequest;
use masthead::app::{app, assemble, refresh};
use masthead::kernel::id::Mint;
use masthead::keys::Foreign;
use serde_json::json;

use super::{Answer, Call, SECRET, TestApp, called};

/// Headers that differ from answer to answer by their nature.
const PASSING: [&str; 3] = ["date", "x-request-id", "ratelimit"];

/// A whole answer, but for what names the request itself.
pub fn whole(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| {
            let mut value = value.to_str().unwrap_or_default().to_owned();
            if name == "access-control-expose-headers" {
                // A set, which every process writes in an order of its own.
                let mut names: Vec<&str> = value.split(", ").collect();
                names.sort_unstable();
                value = names.join(", ");
            }
            (name.to_string(), value)
        })
        .filter(|(name, _)| !PASSING.contains(&name.as_str()))
        .collect();
    headers.sort();
    let text = match answer.header("content-type") {
        "application/problem+json" => {
            let mut problem = answer.json();
            problem["request_id"] = json!("");
            problem.to_string()
        }
        _ => answer.text(),
    };
    (answer.status, headers, text)
}

/// The application without what it keeps, and what it shares.
pub struct Twin {
    pub call: Call,
    parts: masthead::app::Parts,
}

impl Twin {
    async fn of(it: &TestApp) -> Self {
        let mut config = masthead::config::Config::clone(&it.parts.shared.config);
        config.cache_bytes = 0;
        let parts = assemble(
            config,
            it.db.clone(),
            SECRET,
            Foreign::Refuse,
            it.clock.clone(),
            Mint::seeded(2),
        )
        .expect("the twin comes together");
        let call = called(Rc::new(actix_web::test::init_service(app(&parts)).await));
        Self { call, parts }
    }
}

/// Holds an answer against what comes when it is asked for again, and against the twin's.
pub async fn agrees(it: &TestApp, path: &str, headers: &[(String, Vec<u8>)], first: &Answer) {
    if !is_comparable(it, path, headers) {
        return;
    }
    if it.twin.borrow().is_none() {
        let twin = Twin::of(it).await;
        *it.twin.borrow_mut() = Some(Rc::new(twin));
    }
    let twin = it.twin.borrow().clone().expect("it was just made");
    refresh(&twin.parts.shared).expect("the twin follows the settings");
    let request = || {
        let mut request =
            TestRequest::with_uri(path).peer_addr("127.0.0.1:5000".parse().expect("an address"));
        for (name, value) in headers {
            request = request.append_header((name.as_str(), value.as_slice()));
        }
        request.to_request()
    };
    let again = super::read(&it.call, request()).await;
    assert_eq!(
        whole(first),
        whole(&again),
        "asked again: {path} {headers:?}"
    );
    let cold = super::read(&twin.call, request()).await;
    assert_eq!(
        whole(first),
        whole(&cold),
        "asked the twin: {path} {headers:?}"
    );
}

/// Whether asking again changes nothing: a partner's answer is a delivery, a member of staff's may
/// be put on record, and a limit counts each request.
fn is_comparable(it: &TestApp, path: &str, headers: &[(String, Vec<u8>)]) -> bool {
    let config = &it.parts.shared.config;
    let own = it.own_keys.borrow();
    let plain = headers.iter().all(|(name, value)| match name.as_str() {
        "x-api-key" => own.iter().any(|key| key.as_bytes() == value),
        "authorization" => own
            .iter()
            .any(|key| format!("Bearer {key}").as_bytes() == value),
        "x-forwarded-for" | "accept-encoding" | "origin" => false,
        _ => true,
    });
    plain
        && path.starts_with("/v1/articles")
        && config.rate_limit_per_minute == 0
        && config.publishable_limit_per_minute == 0
}
