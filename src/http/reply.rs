//! The only writer of a success body. What it takes is [`Outward`], one of an explicit list of
//! nouns that carry no protected text, or [`Works`]: cleared works with their credit. Those
//! cannot be answered as they are: they have to be settled first (see [`super::settle`]).

use std::sync::atomic::Ordering;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, AcceptEncoding, Encoding, Header, HeaderMap, HeaderName, HeaderValue,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Responder};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::auth::{ClientKind, Principal};
use super::conditional;
use super::context::Shared;
use super::problem::{Kind, Problem};
use crate::kernel::id::AttestationId;
use crate::rights::{Deliverable, Delivery};

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
}

impl<V> Owing for Deliverable<V> {
    fn owed(&self) -> Option<&Delivery> {
        Deliverable::owed(self)
    }

    fn attest(&mut self, id: AttestationId, token: String) {
        Deliverable::attest(self, id, token);
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
    valid_until: Option<DateTime<Utc>>,
    headers: Vec<(HeaderName, HeaderValue)>,
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
            coding: coding(request),
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
pub(super) struct Written {
    bytes: Vec<u8>,
    media_type: &'static str,
    etag: Option<String>,
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
    ) -> Written {
        let etag = (self.keep == Keep::ByReader)
            .then(|| conditional::etag(self.revision, &bytes, asked.coding));
        let is_known = self.status == StatusCode::OK
            && asked.is_safe
            && etag
                .as_deref()
                .is_some_and(|etag| conditional::none_match(asked.headers, etag));
        Written {
            bytes,
            media_type,
            etag,
            is_known,
        }
    }

    pub(super) fn answer(&self, asked: &Asked<'_>, body: Option<Written>) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, self.cache_control(asked)));
        for (name, value) in &self.headers {
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
        response.content_type(body.media_type).body(body.bytes)
    }

    fn cache_control(&self, asked: &Asked<'_>) -> String {
        if self.keep == Keep::Nobody || !asked.is_safe {
            return "no-store".to_owned();
        }
        match asked.principal {
            Some(Principal::Anonymous { crawler: false }) => {
                let longest = asked.shared.public_max_age_seconds.load(Ordering::Relaxed);
                let left = self.valid_until.map_or(longest, |until| {
                    let seconds = (until - asked.shared.clock.now()).num_seconds().max(0);
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
}

fn next_query(request: &HttpRequest, cursor: &str) -> Option<String> {
    request
        .extensions()
        .get::<super::params::Params>()
        .map(|params| params.with_cursor(cursor))
}

/// The content codings that answers go out in, best first.
pub(super) const CODINGS: [Encoding; 5] = [
    Encoding::brotli(),
    Encoding::zstd(),
    Encoding::gzip(),
    Encoding::deflate(),
    Encoding::identity(),
];

/// The content coding that the compressing layer will choose for this request.
pub(super) fn coding(request: &HttpRequest) -> &'static str {
    let chosen = AcceptEncoding::parse(request)
        .ok()
        .and_then(|accepted| accepted.negotiate(CODINGS.iter()));
    match chosen {
        Some(chosen) if chosen == Encoding::brotli() => "br",
        Some(chosen) if chosen == Encoding::zstd() => "zstd",
        Some(chosen) if chosen == Encoding::gzip() => "gzip",
        Some(chosen) if chosen == Encoding::deflate() => "deflate",
        _ => "identity",
    }
}

/// What every answer varies by.
pub fn vary(headers: &mut HeaderMap) {
    headers.append(
        header::VARY,
        HeaderValue::from_static("Authorization, X-Api-Key, Accept-Encoding"),
    );
}
