//! How the server is asked: with the key, again after a pause where there was no answer or none just then, and no
//! faster than it wants. Each request of a mirror may be sent twice without harm.

use std::time::Duration;

use parking_lot::Mutex;
use rand::RngExt as _;
use reqwest::header::{ETAG, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::MirrorError;
use super::wire::{Refusal, Usage};
use crate::kernel::time::Clock;

const CONNECT: Duration = Duration::from_secs(10);
/// The longest pause between two attempts; the first is at most a second.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest answer that is taken, in bytes.
const LARGEST: usize = 32 << 20;

/// How long one goes on where there is no good answer.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a request is sent; `None` for ever.
    pub attempts: Option<u32>,
    /// How long one waits where the server says how long.
    pub longest_wait: Option<Duration>,
}

impl Patience {
    /// Of a run that has to end: some two minutes for an outage, and no waiting for tomorrow's quota.
    pub const ONCE: Self = Self {
        attempts: Some(8),
        longest_wait: Some(Duration::from_secs(300)),
    };
    /// Of one that follows.
    pub const FOREVER: Self = Self {
        attempts: None,
        longest_wait: None,
    };
}

/// The way to the server, with one key.
pub struct Line {
    http: Client,
    key: HeaderValue,
    patience: Patience,
    clock: Clock,
    /// Before this nothing is asked: the server said so.
    not_before: Mutex<Option<Instant>>,
}

/// An answer that was received whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Line {
    /// # Errors
    /// [`MirrorError::Address`] if the system gives no roots of trust.
    pub fn new(
        key: HeaderValue,
        is_plain: bool,
        patience: Patience,
        clock: Clock,
    ) -> Result<Self, MirrorError> {
        let mut http = Client::builder()
            .user_agent(concat!("masthead-mirror/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            // It would take the key elsewhere.
            .redirect(redirect::Policy::none());
        if is_plain {
            // A proxy would read the key, and answer in the server's place.
            http = http.no_proxy();
        }
        let http = http
            .build()
            .map_err(|error| MirrorError::Address(error.to_string()))?;
        Ok(Self {
            http,
            key,
            patience,
            clock,
            not_before: Mutex::new(None),
        })
    }

    /// Sends a request until it is answered, by a yes or by a no that would stay one.
    pub async fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        timeout: Duration,
    ) -> Result<Answer, MirrorError> {
        let mut attempt = 0;
        loop {
            self.hold().await;
            let mut request = self
                .http
                .request(method.clone(), url.clone())
                .header("x-api-key", self.key.clone())
                .timeout(timeout);
            if let Some(body) = &body {
                request = request
                    .header("content-type", "application/json")
                    .body(body.to_string());
            }
            let (failed, told) = match receive(request).await {
                Ok(answer) => {
                    self.heed(&answer.headers);
                    if !may_pass(answer.status) {
                        return Ok(answer);
                    }
                    let failed = answer.refused(url.path());
                    match self.told_to_wait(&answer.headers) {
                        // A limit passes by itself, and is no failure.
                        Some(wait) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                            self.wait_for(wait, &failed)?;
                            continue;
                        }
                        told => (failed, told),
                    }
                }
                Err(error @ MirrorError::Answer(_)) => return Err(error),
                Err(error) => (error, None),
            };
            attempt += 1;
            if self.patience.attempts.is_some_and(|most| attempt >= most) {
                return Err(failed);
            }
            match told {
                Some(wait) => self.wait_for(wait, &failed)?,
                None => {
                    tracing::warn!(%failed, attempt, "asked again after a pause");
                    tokio::time::sleep(pause(attempt)).await;
                }
            }
        }
    }

    /// Waits until the server may be asked.
    async fn hold(&self) {
        loop {
            let until = *self.not_before.lock();
            match until.filter(|until| *until > Instant::now()) {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    /// Slows down where the limit is used up, before it refuses.
    fn heed(&self, headers: &HeaderMap) {
        if member(headers, "ratelimit", "r") != Some(0) {
            return;
        }
        let (quota, window) = (
            member(headers, "ratelimit-policy", "q"),
            member(headers, "ratelimit-policy", "w"),
        );
        let seconds = match (quota, window) {
            (Some(quota), Some(window)) if quota > 0 => window.div_ceil(quota),
            _ => member(headers, "ratelimit", "t").unwrap_or(1),
        };
        self.not_until(Duration::from_secs(seconds.clamp(1, 60)));
    }

    fn not_until(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut held = self.not_before.lock();
        *held = Some(held.map_or(until, |held| held.max(until)));
    }

    /// For how long the server says to stay away.
    fn told_to_wait(&self, headers: &HeaderMap) -> Option<Duration> {
        let told = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = told.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let at = httpdate::parse_http_date(told).ok()?;
        let now = std::time::SystemTime::from(self.clock.now());
        Some(at.duration_since(now).unwrap_or_default())
    }

    fn wait_for(&self, wait: Duration, failed: &MirrorError) -> Result<(), MirrorError> {
        let seconds = wait.as_secs();
        if self.patience.longest_wait.is_some_and(|most| wait > most) {
            let why = failed.to_string();
            return Err(MirrorError::Later { seconds, why });
        }
        tracing::warn!(%failed, seconds, "told to wait");
        // Two of ours are not to come back at the same instant as everybody's.
        let more = Duration::from_millis(rand::rng().random_range(0..1_000));
        self.not_until(wait + more);
        Ok(())
    }
}

impl Answer {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, MirrorError> {
        serde_json::from_slice(&self.body).map_err(|error| MirrorError::Answer(error.to_string()))
    }

    /// Whether the server itself says that there is nothing: a no that is worded otherwise, by a proxy, says nothing.
    pub fn is_a_no(&self) -> bool {
        const NO: [&str; 3] = ["not-found", "gone", "unavailable-for-legal-reasons"];
        NO.contains(&self.refusal().slug())
    }

    pub fn refusal(&self) -> Refusal {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn refused(&self, path: &str) -> MirrorError {
        let Refusal { title, detail, .. } = self.refusal();
        let title = if title.is_empty() {
            self.status
                .canonical_reason()
                .unwrap_or_default()
                .to_owned()
        } else {
            title
        };
        MirrorError::Refused {
            path: path.trim_start_matches('/').to_owned(),
            status: self.status.as_u16(),
            why: detail.map_or(title.clone(), |detail| format!("{title}: {detail}")),
        }
    }

    /// The number with which the entity tag of an article begins.
    pub fn version(&self) -> Option<i64> {
        let tag = self.headers.get(ETAG)?.to_str().ok()?;
        let tag = tag.trim_start_matches("W/").trim_matches('"');
        tag.split('.').next()?.parse().ok()
    }

    pub fn extent(&self) -> Result<String, MirrorError> {
        let usage = self.headers.get("masthead-usage");
        let usage: Option<Usage> =
            usage.and_then(|usage| serde_json::from_slice(usage.as_bytes()).ok());
        usage
            .map(|usage| usage.extent)
            .ok_or_else(|| MirrorError::Answer("a document without Masthead-Usage".to_owned()))
    }
}

/// Whether what was answered may be otherwise in a moment.
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

/// Sends a request and receives all of the answer.
async fn receive(request: RequestBuilder) -> Result<Answer, MirrorError> {
    let unanswered = |error: reqwest::Error| MirrorError::Unanswered(error.without_url());
    let mut response = request.send().await.map_err(unanswered)?;
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(unanswered)? {
        if body.len() + part.len() > LARGEST {
            let why = format!("an answer of more than {LARGEST} bytes");
            return Err(MirrorError::Answer(why));
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body,
    })
}

/// A pause that doubles, of which half is chance.
fn pause(attempt: u32) -> Duration {
    let whole = Duration::from_secs(1 << (attempt - 1).min(6)).min(LONGEST_PAUSE);
    whole.mul_f64(rand::rng().random_range(0.5..=1.0))
}

/// A parameter of the first item of a structured field, such as `r` in `"default";r=0;t=60`.
fn member(headers: &HeaderMap, field: &str, name: &str) -> Option<u64> {
    let field = headers.get(field)?.to_str().ok()?;
    let first = field.split(',').next()?;
    first.split(';').find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        (key == name).then(|| value.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit", "\"default\";r=0;t=60".parse().unwrap());
        headers.insert("ratelimit-policy", "\"default\";q=20;w=60".parse().unwrap());
        assert_eq!(member(&headers, "ratelimit", "r"), Some(0));
        assert_eq!(member(&headers, "ratelimit", "t"), Some(60));
        assert_eq!(member(&headers, "ratelimit-policy", "q"), Some(20));
        assert_eq!(member(&headers, "ratelimit-policy", "x"), None);
        assert_eq!(member(&headers, "nothing", "x"), None);
    }

    #[test]
    fn pauses_grow_and_are_bounded() {
        for attempt in 1..=200 {
            let whole = (1u64 << (attempt - 1).min(6)).min(60);
            let pause = pause(attempt).as_secs_f64();
            assert!(pause >= whole as f64 / 2.0 && pause <= whole as f64);
        }
    }
}
