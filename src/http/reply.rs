//! The only writer of a success body. What it takes is [`Outward`], one of an explicit list of
//! nouns that carry no protected text, or [`Works`]: cleared works with their credit. Those
//! cannot be answered as they are: they have to be settled first (see [`super::settle`]).

use std::sync::atomic::Ordering;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Responder};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::auth::{ClientKind, Principal};
use super::coding;
use super::conditional;
use super::context::Shared;
use super::problem::{Kind, Problem};
use crate::db::Made;
use crate::kernel::id::AttestationId;
use crate::rights::{Deliverable, Delivery, Fingerprint};

/// What may leave as it is. A structure test lists who implements it.
pub trait Outward: Serialize {
    /// The cursor of the next page, where this is a page.
    fn next_cursor(&self) -> Option<&str> {
        None
    }

    /// The answer's bytes and their media type.
    ///
    /// # Errors
    /// Where they cannot be written.
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        Ok((serde_json::to_vec(self)?, "application/json"))
    }
}

/// Works with their credit. They leave once the ledger holds what goes to partners. A structure
/// test lists who implements it.
pub trait Works: Serialize {
    /// Each work, for what is owed for it.
    fn works(&mut self) -> Vec<&mut dyn Owing>;

    /// The cursor of the next page, where this is a page.
    fn next_cursor(&self) -> Option<&str> {
        None
    }

    /// What the answer says in headers, for forms that carry no members beside the text.
    fn headers(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The answer's bytes and their media type.
    ///
    /// # Errors
    /// Where they cannot be written.
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        Ok((serde_json::to_vec(self)?, "application/json"))
    }
}

/// A work that may have to be in the ledger before it leaves.
pub trait Owing {
    fn owed(&self) -> Option<&Delivery>;
    fn attest(&mut self, id: AttestationId, token: String);
    /// How it was cleared.
    fn fingerprint(&self) -> &Fingerprint;
}

impl<V> Owing for Deliverable<V> {
    fn owed(&self) -> Option<&Delivery> {
        Deliverable::owed(self)
    }

    fn attest(&mut self, id: AttestationId, token: String) {
        Deliverable::attest(self, id, token);
    }

    fn fingerprint(&self) -> &Fingerprint {
        Deliverable::fingerprint(self)
    }
}

impl<V: Serialize> Works for Deliverable<V> {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        vec![self]
    }
}

/// An answer without a body.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Nothing;
impl Outward for Nothing {}

/// Who may keep a copy of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// By who asked: public answers may be kept, others not.
    ByReader,
    /// Nobody: the answer holds a secret or concerns a person.
    Nobody,
}

/// A success.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    pub(super) body: Option<T>,
    revision: Option<i64>,
    keep: Keep,
    pub(super) valid_until: Option<DateTime<Utc>>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// What it was made of, where this node may keep it.
    pub(super) made: Option<Made>,
}

impl<T> Reply<T> {
    fn with(status: StatusCode, body: Option<T>) -> Self {
        Self {
            status,
            body,
            revision: None,
            keep: Keep::ByReader,
            valid_until: None,
            headers: Vec::new(),
            made: None,
        }
    }

    pub fn ok(body: T) -> Self {
        Self::with(StatusCode::OK, Some(body))
    }

    /// 201 with the new resource's address.
    pub fn created(location: &str, body: T) -> Self {
        Self::with(StatusCode::CREATED, Some(body)).header(header::LOCATION, location)
    }

    /// 202 with the address where it is seen how far the work is.
    pub fn accepted(location: &str, body: T) -> Self {
        Self::with(StatusCode::ACCEPTED, Some(body)).header(header::LOCATION, location)
    }

    /// The revision that the entity tag begins with.
    #[must_use]
    pub fn revision(mut self, revision: i64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// The first instant at which the answer may be wrong: no cache outlives it.
    #[must_use]
    pub fn until(mut self, valid_until: Option<DateTime<Utc>>) -> Self {
        self.valid_until = valid_until;
        self
    }

    /// See [`Reply::until`].
    pub fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.valid_until
    }

    /// What the answer was made of: this node keeps it ready while that holds. Whatever else it
    /// depends on has to stand in its address, or to follow from who asks.
    #[must_use]
    pub fn made_of(mut self, made: Option<Made>) -> Self {
        self.made = made;
        self
    }

    /// Keeps every cache from keeping it.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.keep = Keep::Nobody;
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The ids whose change makes a cached copy stale.
    #[must_use]
    pub fn surrogate_keys(self, keys: impl IntoIterator<Item = String>) -> Self {
        let keys: Vec<String> = keys.into_iter().collect();
        self.header(HeaderName::from_static("surrogate-key"), &keys.join(" "))
    }
}

impl Reply<Nothing> {
    /// 204.
    pub fn no_content() -> Self {
        Self::with(StatusCode::NO_CONTENT, None)
    }

    /// 308 to where the resource lives now.
    pub fn moved(location: &str) -> Self {
        Self::with(StatusCode::PERMANENT_REDIRECT, None).header(header::LOCATION, location)
    }
}

impl<T: Outward> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Some(shared) = request.app_data::<actix_web::web::Data<Shared>>() else {
            return HttpResponse::from_error(Problem::new(Kind::Internal).cause("no shared state"));
        };
        let principal = request.extensions().get::<Principal>().cloned();
        let asked = Asked {
            shared,
            principal: principal.as_ref(),
            is_safe: request.method().is_safe(),
            headers: request.headers(),
            coding: coding::accepted(request).unwrap_or(coding::IDENTITY),
        };
        let mut reply = self;
        let Some(body) = reply.body.take() else {
            return reply.answer(&asked, None);
        };
        if let Some(cursor) = body.next_cursor()
            && let Some(query) = next_query(request, cursor)
        {
            reply = reply.next_page(request.path(), &query);
        }
        match body.bytes() {
            Ok((bytes, media_type)) => {
                let written = reply.written(&asked, bytes, media_type);
                reply.answer(&asked, Some(written))
            }
            Err(error) => HttpResponse::from_error(Problem::new(Kind::Internal).cause(error)),
        }
    }
}

/// What an answer depends on, of the request.
pub(super) struct Asked<'a> {
    pub shared: &'a Shared,
    pub principal: Option<&'a Principal>,
    pub is_safe: bool,
    pub headers: &'a HeaderMap,
    pub coding: &'static str,
}

/// A body that is ready to leave.
pub(super) struct ReadyBody {
    pub bytes: Bytes,
    pub media_type: &'static str,
    /// What the bytes are coded in already.
    pub coding: Option<&'static str>,
    pub etag: Option<HeaderValue>,
    /// The caller has it already: 304.
    pub is_known: bool,
}

impl<T> Reply<T> {
    /// `Link: rel="next"`.
    pub(super) fn next_page(self, path: &str, query: &str) -> Self {
        self.header(header::LINK, &format!("<{path}?{query}>; rel=\"next\""))
    }

    /// Gives bytes their entity tag, and compares it with what the caller has.
    pub(super) fn written(
        &self,
        asked: &Asked<'_>,
        bytes: Vec<u8>,
        media_type: &'static str,
    ) -> ReadyBody {
        let etag = (self.keep == Keep::ByReader)
            .then(|| conditional::etag(self.revision, &bytes, asked.coding));
        let is_known = self.status == StatusCode::OK
            && asked.is_safe
            && etag
                .as_deref()
                .is_some_and(|etag| conditional::none_match(asked.headers, etag));
        ReadyBody {
            bytes: bytes.into(),
            media_type,
            coding: None,
            etag: etag.and_then(|etag| HeaderValue::from_str(&etag).ok()),
            is_known,
        }
    }

    /// Whether this node may keep it.
    pub(super) fn is_plain(&self) -> bool {
        self.status == StatusCode::OK && self.keep == Keep::ByReader
    }

    pub(super) fn answer(&self, asked: &Asked<'_>, body: Option<ReadyBody>) -> HttpResponse {
        let kept = if self.keep == Keep::Nobody || !asked.is_safe {
            "no-store".to_owned()
        } else {
            cache_control(asked.shared, asked.principal, self.valid_until)
        };
        written(self.status, &kept, &self.headers, body)
    }
}

/// Writes an answer.
pub(super) fn written(
    status: StatusCode,
    cache_control: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Option<ReadyBody>,
) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, cache_control));
    for (name, value) in headers {
        if *name == header::CACHE_CONTROL {
            // What a handler says of keeping stands in place of the general word.
            response.insert_header((name.clone(), value.clone()));
        } else {
            response.append_header((name.clone(), value.clone()));
        }
    }
    let Some(body) = body else {
        return response.finish();
    };
    if let Some(etag) = body.etag {
        response.insert_header((header::ETAG, etag));
    }
    if body.is_known {
        response.status(StatusCode::NOT_MODIFIED);
        return response.finish();
    }
    if let Some(coding) = body.coding {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(coding)));
    }
    response
        .insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static(body.media_type),
        ))
        .body(body.bytes)
}

/// Who may keep the answer, and for how long.
pub(super) fn cache_control(
    shared: &Shared,
    principal: Option<&Principal>,
    valid_until: Option<DateTime<Utc>>,
) -> String {
    match principal {
        Some(Principal::Anonymous { crawler: false }) => {
            let longest = shared.public_max_age_seconds.load(Ordering::Relaxed);
            let left = valid_until.map_or(longest, |until| {
                let seconds = (until - shared.clock.now()).num_seconds().max(0);
                longest.min(u64::try_from(seconds).unwrap_or(0))
            });
            // Fresh and stale time together never exceed the setting, nor the right's end.
            let fresh = if left < longest {
                left
            } else {
                left.div_ceil(2)
            };
            let stale = left - fresh;
            format!("public, max-age={fresh}, stale-while-revalidate={stale}")
        }
        Some(Principal::Client(client)) if client.kind == ClientKind::FirstParty => {
            "private, no-cache".to_owned()
        }
        _ => "private, no-store".to_owned(),
    }
}

fn next_query(request: &HttpRequest, cursor: &str) -> Option<String> {
    request
        .extensions()
        .get::<super::params::Params>()
        .map(|params| params.with_cursor(cursor))
}

/// What every answer varies by.
pub const VARY: &str = "Authorization, X-Api-Key, Accept-Encoding, Accept-Language";
