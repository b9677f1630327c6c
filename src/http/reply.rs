//! The only writer of a success body. What it takes must be [`Outward`]: a cleared work
//! with its credit, or one of an explicit list of nouns that carry no protected text.

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
use crate::rights::Deliverable;

/// What may leave. A structure test lists who implements it.
pub trait Outward: Serialize {
    /// The cursor of the next page, where this is a page.
    fn next_cursor(&self) -> Option<&str> {
        None
    }
}

impl<V: Serialize> Outward for Deliverable<V> {}

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
    body: Option<T>,
    revision: Option<i64>,
    keep: Keep,
    valid_until: Option<DateTime<Utc>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl<T: Outward> Reply<T> {
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

/// One of two answers, such as a resource or a redirect to it.
#[derive(Debug)]
pub enum Either<A, B> {
    Left(Reply<A>),
    Right(Reply<B>),
}

impl<A: Outward, B: Outward> Responder for Either<A, B> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Left(reply) => reply.respond_to(request),
            Self::Right(reply) => reply.respond_to(request),
        }
    }
}

impl<T: Outward> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Some(shared) = request.app_data::<actix_web::web::Data<Shared>>() else {
            return HttpResponse::from_error(Problem::new(Kind::Internal).cause("no shared state"));
        };
        let mut response = HttpResponse::build(self.status);
        let cache = self.cache_control(request, shared);
        response.insert_header((header::CACHE_CONTROL, cache));
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        let Some(body) = &self.body else {
            return response.finish();
        };
        if let Some(cursor) = body.next_cursor()
            && let Some(query) = next_query(request, cursor)
        {
            let link = format!("<{}?{query}>; rel=\"next\"", request.path());
            response.insert_header((header::LINK, link));
        }
        let bytes = match serde_json::to_vec(body) {
            Ok(bytes) => bytes,
            Err(error) => {
                return HttpResponse::from_error(Problem::new(Kind::Internal).cause(error));
            }
        };
        if self.keep == Keep::ByReader {
            let etag = conditional::etag(self.revision, &bytes, coding(request));
            let fresh = self.status == StatusCode::OK
                && request.method().is_safe()
                && conditional::none_match(request.headers(), &etag);
            response.insert_header((header::ETAG, etag));
            if fresh {
                response.status(StatusCode::NOT_MODIFIED);
                return response.finish();
            }
        }
        response.content_type("application/json").body(bytes)
    }
}

impl<T> Reply<T> {
    fn cache_control(&self, request: &HttpRequest, shared: &Shared) -> String {
        let principal = request.extensions().get::<Principal>().cloned();
        if self.keep == Keep::Nobody || !request.method().is_safe() {
            return "no-store".to_owned();
        }
        match principal {
            Some(Principal::Anonymous { crawler: false }) => {
                let longest = shared.public_max_age_seconds.load(Ordering::Relaxed);
                let left = self.valid_until.map_or(longest, |until| {
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
fn coding(request: &HttpRequest) -> &'static str {
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
