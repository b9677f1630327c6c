//! Errors as RFC 9457 problem details. One table of kinds is the truth: statuses, titles
//! and the pages under `/problems/` come from it.
//!
//! The file is longer than 400 lines: the table, its wire form and the way of every lower
//! error to it are one statement, and are read as one.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::conditional::Current;
use crate::db::{DbError, InUse, StoreError};
use crate::kernel::fault::Fault;
use crate::rights::{Axis, ReasonClass, Refusal};

macro_rules! kinds {
    ($($kind:ident = $slug:literal, $status:literal, $title:literal, $help:literal;)+) => {
        /// Every kind of problem that an answer can have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $(#[doc = $help] $kind,)+ }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];
            pub fn slug(self) -> &'static str { match self { $(Self::$kind => $slug,)+ } }
            pub fn status(self) -> u16 { match self { $(Self::$kind => $status,)+ } }
            pub fn title(self) -> &'static str { match self { $(Self::$kind => $title,)+ } }
            pub fn help(self) -> &'static str { match self { $(Self::$kind => $help,)+ } }
        }
    };
}

kinds! {
    BadRequest = "bad-request", 400, "The request cannot be read",
        "The request is not well-formed HTTP, or a header has a value that cannot be read.";
    BadParameter = "bad-parameter", 400, "A parameter is wrong",
        "A query parameter is unknown, repeated where it may stand once, or has a value that it cannot have. `errors` names each; unknown ones come with the list of those known.";
    BadCursor = "bad-cursor", 400, "The cursor does not fit",
        "A cursor is bound to the sort order and the filters of the list it came from. Start again without it.";
    NotJson = "not-json", 400, "The body is not JSON",
        "The body must be one JSON document in UTF-8, nested at most 128 levels deep.";
    Unauthorized = "unauthorized", 401, "Credentials are needed",
        "No credential was given where one is needed, or it is unknown, expired, revoked or forged. `WWW-Authenticate` says which kind is accepted.";
    SignInFailed = "sign-in-failed", 401, "Sign-in failed",
        "The mail address and the password do not belong to an active account. Which of them is wrong is not said.";
    Forbidden = "forbidden", 403, "Not allowed",
        "The credential is good, but its role, scope or origin does not cover this operation.";
    LicenceRequired = "licence-required", 403, "A licence is needed",
        "The work is there, but this reader has no right to this form of it. `missing` names what is missing, `acquire_licence_url` where a licence can be had. What licences give is told at /docs/partners.";
    NotFound = "not-found", 404, "Not found",
        "There is nothing here, or nothing that this reader may know of.";
    MethodNotAllowed = "method-not-allowed", 405, "Method not allowed",
        "The resource is there but does not take this method. `Allow` lists those it takes.";
    RequestTimeout = "request-timeout", 408, "The request took too long to arrive",
        "The body did not arrive in time.";
    NotAcceptable = "not-acceptable", 406, "No such representation",
        "None of the media types that Accept names is on offer. The operation's documentation lists those that are.";
    Conflict = "conflict", 409, "The operation does not fit the state",
        "The resource is in a state in which this operation makes no sense. `detail` says what to do instead.";
    Taken = "taken", 409, "A value is taken",
        "A member that must be unique is in use by another resource. `errors` points to it.";
    InUse = "in-use", 409, "Still in use",
        "Other resources refer to this one. `referrers` names them; end those references first.";
    InFlight = "in-flight", 409, "The same request is being carried out",
        "A request with this Idempotency-Key has begun and not ended. Try again shortly.";
    Gone = "gone", 410, "Withdrawn",
        "The work was published and has been withdrawn. `reason_class`, `reason` and `withdrawn_at` tell why and when.";
    CursorLost = "cursor-lost", 410, "The log has no such entry",
        "The change feed has no entry with the id that was given, since the database was restored or the entry is another client's. Begin anew without `after`, and drop what is not told until `is_caught_up`; /docs/partners has it step by step.";
    PreconditionFailed = "precondition-failed", 412, "Changed in the meantime",
        "If-Match names another revision than the current one, which the ETag of this answer holds. For articles `current` tells its version, and who changed it last. Read again, then decide.";
    TooLarge = "too-large", 413, "The body is too large",
        "The body is longer than this installation takes.";
    UnsupportedMediaType = "unsupported-media-type", 415, "Media type not supported",
        "Send application/json, or application/merge-patch+json with PATCH.";
    Invalid = "invalid", 422, "The content is invalid",
        "The document is JSON but not what this operation takes. `errors` points to every fault at once.";
    NotPublishable = "not-publishable", 422, "The work cannot be published",
        "Something that the rules ask for is missing. `errors` has one entry per missing item.";
    KeyReused = "key-reused", 422, "Idempotency-Key used for another request",
        "The same key came with another body or for another operation. Take a new key.";
    PreconditionRequired = "precondition-required", 428, "If-Match is needed",
        "Changes need If-Match with the ETag that was read, so that nobody's work is overwritten unseen.";
    TooManyRequests = "too-many-requests", 429, "Too many requests",
        "The limit for this caller is used up. Retry-After says when there is room again.";
    QuotaExhausted = "quota-exhausted", 429, "The quota is used up",
        "The licence does not give so many more bodies today. `resets_at` and Retry-After say when it does again.";
    Legal = "unavailable-for-legal-reasons", 451, "Withdrawn for legal reasons",
        "The work was published and has been withdrawn on a legal demand (RFC 7725).";
    Internal = "internal", 500, "Something went wrong here",
        "The fault is ours. Tell us the request_id.";
    Unavailable = "unavailable", 503, "Not available right now",
        "The server is saturated, or cannot reach what it needs. Retry-After says when to try again.";
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"pointer": "/original/title", "code": "required", "detail": "a reprint states its original title"}))]
pub struct ProblemError {
    /// JSON Pointer (RFC 6901) into the body that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// Name of the query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
    /// Stable code for machines.
    pub code: String,
    /// One sentence for people.
    pub detail: String,
}

/// Records of one noun that refer to the resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Referrers {
    /// Plural noun.
    pub resource: String,
    /// Ids of some of them.
    pub ids: Vec<String>,
    /// How many there are in all.
    pub count: i64,
}

/// Problem details as they go over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/not-found", "title": "Not found", "status": 404,
    "instance": "/v1/articles/art_01900000000070008000000000000000", "request_id": "01900000-0000-7000-8000-000000000000"
}))]
pub struct ProblemDocument {
    /// Kind of the problem, relative to the server.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// Path of the request.
    pub instance: String,
    pub request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub referrers: Vec<Referrers>,
    /// Of a tombstone: why the work was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason_class: Option<ReasonClass>,
    /// Of a tombstone: the reason as published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// Of a tombstone: when it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Of a missing licence: the sides of the right that are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Axis>,
    /// Of a missing licence: where one can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acquire_licence_url: Option<String>,
    /// Of a used-up quota: when it begins anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub resets_at: Option<DateTime<Utc>>,
    /// Of a failed precondition on an article: what stands, and who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub current: Option<Current>,
}

/// What a handler answers when it cannot do as asked.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<ProblemError>,
    referrers: Vec<Referrers>,
    tombstone: Option<crate::rights::lifecycle::Withdrawal>,
    missing: Vec<Axis>,
    acquire_licence_url: Option<String>,
    resets_at: Option<DateTime<Utc>>,
    current: Option<Current>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// For the log only; never sent.
    cause: Option<String>,
    /// Path and id of the request, once the edge has told them.
    place: (String, String),
}

impl Problem {
    pub fn new(kind: Kind) -> Self {
        Self(Box::new(Parts {
            kind,
            detail: None,
            errors: Vec::new(),
            referrers: Vec::new(),
            tombstone: None,
            missing: Vec::new(),
            acquire_licence_url: None,
            resets_at: None,
            current: None,
            headers: Vec::new(),
            cause: None,
            place: Default::default(),
        }))
    }

    /// Tells where it happened: the request's path and id.
    #[must_use]
    pub fn at(mut self, instance: &str, request_id: &str) -> Self {
        self.0.place = (instance.to_owned(), request_id.to_owned());
        self
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    #[must_use]
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.0
            .errors
            .extend(faults.into_iter().map(|fault| ProblemError {
                pointer: Some(fault.pointer),
                parameter: None,
                code: fault.code.to_owned(),
                detail: fault.detail,
            }));
        self
    }

    /// A fault of a query parameter or header.
    #[must_use]
    pub fn parameter(mut self, name: &str, code: &str, detail: impl Into<String>) -> Self {
        self.0.errors.push(ProblemError {
            pointer: None,
            parameter: Some(name.to_owned()),
            code: code.to_owned(),
            detail: detail.into(),
        });
        self
    }

    /// A form of a work that this reader has no right to (rule 23).
    pub fn licence_required(missing: Vec<Axis>, acquire_licence_url: Option<String>) -> Self {
        let mut problem = Self::new(Kind::LicenceRequired)
            .detail("No right of this reader gives a body of this article.");
        problem.0.missing = missing;
        problem.0.acquire_licence_url = acquire_licence_url;
        problem
    }

    /// When that which is used up begins anew.
    #[must_use]
    pub fn resets_at(mut self, at: DateTime<Utc>) -> Self {
        self.0.resets_at = Some(at);
        self
    }

    /// What stands in place of what a precondition named.
    #[must_use]
    pub fn current(mut self, current: Option<Current>) -> Self {
        self.0.current = current;
        self
    }

    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self::new(Kind::Invalid).faults(faults)
    }

    pub fn not_found() -> Self {
        Self::new(Kind::NotFound)
    }

    /// The problem as it is told; what caused it goes into the log.
    pub fn document(&self, instance: &str, request_id: &str) -> ProblemDocument {
        let parts = &*self.0;
        if let Some(cause) = &parts.cause {
            tracing::error!(kind = parts.kind.slug(), %cause, "request failed");
        }
        let tombstone = parts.tombstone.as_ref();
        ProblemDocument {
            kind: format!("/problems/{}", parts.kind.slug()),
            title: parts.kind.title().to_owned(),
            status: parts.kind.status(),
            detail: parts.detail.clone(),
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
            errors: parts.errors.clone(),
            referrers: parts.referrers.clone(),
            reason_class: tombstone.map(|gone| gone.reason_class),
            reason: tombstone
                .map(|gone| gone.reason.clone())
                .filter(|reason| !reason.is_empty()),
            withdrawn_at: tombstone.map(|gone| gone.at),
            missing: parts.missing.clone(),
            acquire_licence_url: parts.acquire_licence_url.clone(),
            resets_at: parts.resets_at,
            current: parts.current.clone(),
        }
    }

    fn respond(&self, instance: &str, request_id: &str) -> HttpResponse {
        let bytes = serde_json::to_vec(&self.document(instance, request_id)).unwrap_or_default();
        let mut response = HttpResponse::build(self.status_code())
            .content_type("application/problem+json")
            .body(bytes);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.default_headers(headers);
        for (name, value) in &self.0.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }

    fn default_headers(&self, headers: &mut HeaderMap) {
        match self.0.kind {
            Kind::Unauthorized | Kind::SignInFailed => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"masthead\""),
                );
            }
            Kind::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            Kind::InFlight => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind.title())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (instance, request_id) = &self.0.place;
        let mut response = self.respond(instance, request_id);
        // Where no response of the service is left to dress, this one leaves as it is.
        super::edge::dress(response.head_mut(), instance, request_id, None);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Stale { current } => Self::new(Kind::PreconditionFailed)
                .detail(format!("The revision is {current} by now.")),
            StoreError::InUse(users) => Self::in_use(users),
            StoreError::Taken { pointer, detail } => {
                Self::new(Kind::Taken).faults([Fault::new(pointer, "taken", detail)])
            }
            StoreError::Clashes(faults) => Self::new(Kind::Taken).faults(faults),
            StoreError::State(detail) => Self::new(Kind::Conflict).detail(detail),
            StoreError::Invalid(faults) => Self::invalid(faults),
            StoreError::KeyReused => Self::new(Kind::KeyReused),
            StoreError::Db(error) => error.into(),
        }
    }
}

impl From<Vec<Fault>> for Problem {
    fn from(faults: Vec<Fault>) -> Self {
        Self::invalid(faults)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Saturated => Self::new(Kind::Unavailable),
            DbError::Unavailable(cause) => Self::new(Kind::Unavailable).cause(cause),
            // A store that knows what is unique or referred to says so itself; what is left
            // is a race that a repetition settles.
            DbError::Unique(cause) => Self::new(Kind::Conflict)
                .detail("Another request changed the same thing. Read again and retry.")
                .cause(cause),
            DbError::Reference => Self::new(Kind::Conflict)
                .detail("Something it refers to has gone, or something refers to it."),
            error @ (DbError::Panicked | DbError::Corrupt(_) | DbError::Query(_)) => {
                Self::new(Kind::Internal).cause(error)
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found(),
            Refusal::Gone(withdrawal) => {
                let kind = match withdrawal.reason_class {
                    ReasonClass::Legal => Kind::Legal,
                    ReasonClass::Editorial | ReasonClass::RightsExpired => Kind::Gone,
                };
                let mut problem = Self::new(kind);
                problem.0.tombstone = Some(withdrawal);
                problem
            }
            Refusal::Unattributable => Self::new(Kind::Unavailable)
                .cause("no attribution can be computed: a licensing notice is missing"),
        }
    }
}

impl Problem {
    fn in_use(users: Vec<InUse>) -> Self {
        let named = users
            .iter()
            .map(|user| format!("{} {}", user.count, user.by))
            .collect::<Vec<_>>()
            .join(", ");
        let mut problem = Self::new(Kind::InUse).detail(format!("Referred to by {named}."));
        problem.0.referrers = users
            .into_iter()
            .map(|user| Referrers {
                resource: user.by.to_owned(),
                ids: user.ids,
                count: user.count,
            })
            .collect();
        problem
    }
}
