//! Rate limits: per key, per member of staff, else per address; sign-in per address and
//! per account; claims per address. In memory, per node.

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Data;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::auth::Principal;
use super::context::Shared;
use super::problem::{Kind, Problem};
use crate::config::Config;

type Keyed =
    RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// A limit of so many within a window for each key; `None` means no limit.
struct Limit {
    window_seconds: u32,
    /// `RateLimit-Policy`.
    policy: HeaderValue,
    limiter: Option<Keyed>,
}

const MINUTE: u32 = 60;
const DAY: u32 = 24 * 60 * 60;

/// What is left of a caller's limit, for the `RateLimit` headers.
#[derive(Debug, Clone)]
pub struct Left {
    policy: HeaderValue,
    window_seconds: u32,
    remaining: u32,
}

/// All limits of the process.
pub struct Limits {
    general: Limit,
    publishable: Limit,
    login: Limit,
    claim_attempts: Limit,
    claims: Limit,
}

impl Limit {
    fn new(most: u32, window_seconds: u32) -> Self {
        let window = Duration::from_secs(u64::from(window_seconds));
        let quota = NonZeroU32::new(most).and_then(|most| {
            Quota::with_period(window / most.get()).map(|quota| quota.allow_burst(most))
        });
        let policy = format!("\"default\";q={most};w={window_seconds}");
        Self {
            window_seconds,
            // Digits and plain signs: always a header's value.
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("")),
            limiter: quota.map(|quota| {
                RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>()
            }),
        }
    }

    fn take(&self, key: &str) -> Result<Option<Left>, Problem> {
        let Some(limiter) = &self.limiter else {
            return Ok(None);
        };
        match limiter.check_key(&key.to_owned()) {
            Ok(state) => Ok(Some(Left {
                policy: self.policy.clone(),
                window_seconds: self.window_seconds,
                remaining: state.remaining_burst_capacity(),
            })),
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let seconds = wait.as_secs() + 1;
                Err(Problem::new(Kind::TooManyRequests)
                    .header(header::RETRY_AFTER, &seconds.to_string())
                    .header(
                        HeaderName::from_static("ratelimit"),
                        &format!("\"default\";r=0;t={seconds}"),
                    )
                    .header(
                        HeaderName::from_static("ratelimit-policy"),
                        self.policy.to_str().unwrap_or_default(),
                    ))
            }
        }
    }

    fn sweep(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
        }
    }
}

impl Left {
    pub fn write(self, headers: &mut HeaderMap) {
        let left = format!("\"default\";r={};t={}", self.remaining, self.window_seconds);
        if let Ok(left) = HeaderValue::from_str(&left) {
            headers.insert(HeaderName::from_static("ratelimit"), left);
        }
        headers.insert(HeaderName::from_static("ratelimit-policy"), self.policy);
    }
}

impl Limits {
    pub fn new(config: &Config) -> Self {
        Self {
            general: Limit::new(config.rate_limit_per_minute, MINUTE),
            publishable: Limit::new(config.publishable_limit_per_minute, MINUTE),
            login: Limit::new(config.login_limit_per_minute, MINUTE),
            claim_attempts: Limit::new(config.claims_limit_per_minute, MINUTE),
            claims: Limit::new(config.claims_limit_per_day, DAY),
        }
    }

    /// Takes one request from the caller's limit. A key that stands in browsers counts
    /// for each address that uses it, under a limit of its own.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn request(&self, principal: &Principal, address: &str) -> Result<Option<Left>, Problem> {
        match principal {
            Principal::Anonymous { .. } => self.general.take(address),
            Principal::Staff(staff) => self.general.take(&staff.user.to_string()),
            Principal::Client(client) if client.publishable => self
                .publishable
                .take(&format!("{} {address}", client.client)),
            Principal::Client(client) => self.general.take(&client.client.to_string()),
        }
    }

    /// Takes one sign-in attempt, of the address and of the account.
    ///
    /// # Errors
    /// 429 with `Retry-After`, whether the account exists or not.
    pub fn login(&self, address: &str, account: &str) -> Result<(), Problem> {
        self.login.take(&format!("address {address}"))?;
        self.login
            .take(&format!("account {}", account.trim().to_lowercase()))?;
        Ok(())
    }

    /// Takes one attempt to file a claim, whatever comes of it.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn claim_attempt(&self, address: &str) -> Result<(), Problem> {
        self.claim_attempts.take(address).map(|_| ())
    }

    /// Takes one claim that is fit to be filed from what the address may file in a day.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn claim(&self, address: &str) -> Result<(), Problem> {
        self.claims.take(address).map(|_| ())
    }

    /// Forgets callers that are back at their full limit.
    pub fn sweep(&self) {
        for limit in [
            &self.general,
            &self.publishable,
            &self.login,
            &self.claim_attempts,
            &self.claims,
        ] {
            limit.sweep();
        }
    }
}

/// The caller's address; from `X-Forwarded-For` only where a proxy is trusted to set it.
///
/// Of several addresses the last counts: it is the one that our proxy added. Those before it,
/// and `Forwarded`, are whatever the caller wrote, who would have a limit for each.
pub fn address(request: &HttpRequest) -> String {
    let trusted = request
        .app_data::<Data<Shared>>()
        .is_some_and(|shared| shared.config.trust_forwarded_for);
    if trusted {
        let last = request
            .headers()
            .get_all("x-forwarded-for")
            .last()
            .and_then(|value| value.to_str().ok())
            .and_then(|list| list.rsplit(',').next())
            .map(str::trim);
        if let Some(address) = last.filter(|address| !address.is_empty()) {
            return address.to_owned();
        }
    }
    request
        .peer_addr()
        .map_or_else(|| "unknown".to_owned(), |peer| peer.ip().to_string())
}
