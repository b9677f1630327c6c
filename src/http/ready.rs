//! Answers that are kept ready: bytes, headers and entity tag, made once, with what they were
//! made of. Whether they may leave is decided on every request; what is kept saves the reading
//! and the writing, not the decision.
//!
//! An answer leaves from here only if all of this holds at the time of the request:
//!
//! 1. it was made for the same address, content coding and caller;
//! 2. nothing that it was made of has changed, as far as the change log tells, and this node has
//!    heard of the change log within the last second ([`Made::holds`]);
//! 3. every work in it is cleared as it was then ([`Rendered::cleared`]);
//! 4. what goes to a partner is in the ledger ([`super::express`]).

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::auth::Principal;
use super::metrics::Meter;
use crate::db::Made;
use crate::kernel::han::Script;
use crate::rights::{Delivery, Rendered, Surface};

/// What an entry takes besides its bytes, roughly, and what the ledger is told of each body.
const ENTRY_BYTES: usize = 1_024;
const OWED_BYTES: usize = 768;

/// The bytes of an answer and what is said of them.
#[derive(Debug)]
pub(super) struct Answer {
    pub bytes: Bytes,
    pub media_type: &'static str,
    /// `Content-Encoding`, where the bytes are coded.
    pub coding: Option<&'static str>,
    pub etag: HeaderValue,
    /// Those of the reply itself.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The first instant at which the answer may be wrong.
    pub valid_until: Option<DateTime<Utc>>,
}

/// An answer that is kept.
pub(super) struct Kept {
    pub answer: Rendered<Answer>,
    pub made: Made,
    /// What the ledger has to hold each time that it leaves.
    pub owed: Vec<Delivery>,
    pub surface: Surface,
    pub meter: Meter,
}

/// The answers that are kept, up to a number of bytes.
pub struct Ready(Option<Cache<String, Arc<Kept>>>);

impl Ready {
    /// Keeps so many bytes; none at all with 0.
    pub fn new(bytes: u64) -> Self {
        Self((bytes > 0).then(|| {
            Cache::builder()
                .max_capacity(bytes)
                .weigher(|name: &String, kept: &Arc<Kept>| {
                    u32::try_from(name.len() * 2 + kept.weight()).unwrap_or(u32::MAX)
                })
                .build()
        }))
    }

    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Kept>> {
        self.0.as_ref()?.get(name)
    }

    pub(super) fn keep(&self, name: String, kept: Kept) {
        if let Some(cache) = &self.0 {
            cache.insert(name, Arc::new(kept));
        }
    }

    /// Bytes that are kept, roughly.
    pub fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |cache| {
            // What was kept last is counted, and what is too much dropped, a little later else.
            cache.run_pending_tasks();
            cache.weighted_size()
        })
    }
}

impl Kept {
    fn weight(&self) -> usize {
        let bytes = self.answer.measured(|answer| {
            let headers = answer.headers.iter();
            let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + 64);
            answer.bytes.len() + headers.sum::<usize>()
        });
        let places = self.made.of.len() * size_of_val(&self.made.stamp);
        ENTRY_BYTES + bytes + places + self.answer.held_bytes() + self.owed.len() * OWED_BYTES
    }
}

/// The name under which an answer is kept: who asks, in which coding and script, for what. Staff have
/// none: what they see is made for each of them.
pub(super) fn name(
    principal: &Principal,
    coding: &str,
    script: Option<Script>,
    target: &str,
) -> Option<String> {
    let script = script.map_or("", Script::as_str);
    Some(match principal {
        Principal::Staff(_) => return None,
        Principal::Anonymous { crawler: false } => format!("p {coding} {script} {target}"),
        Principal::Anonymous { crawler: true } => format!("c {coding} {script} {target}"),
        // As it stands: what a key may do changes with its revision.
        Principal::Client(client) => {
            format!(
                "{} {} {coding} {script} {target}",
                client.client, client.revision
            )
        }
    })
}
