//! What a handler gets: the shared parts of the process and the facts of the request,
//! under a permission.

use std::collections::HashSet;
use std::future::Ready;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use actix_web::dev::Payload;
use actix_web::http::Uri;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};

use super::accept;
use super::auth::{Credentials, Permission, Principal, StaffPrincipal};
use super::body::Document;
use super::coding;
use super::conditional::{Expected, Standing};
use super::edge::HeadersOnly;
use super::identity::Crawlers;
use super::ledger::{Attest, Ledger};
use super::limits::Limits;
use super::metrics::Metrics;
use super::page::Paging;
use super::params::{Known, Params};
pub use super::path::{PathId, PathN, PathTwo, PathWord, PathWords};
use super::problem::{Kind, Problem};
use super::ready;
use super::reply::Asked;
use super::schemas::Schemas;
use super::script;
use crate::config::Config;
use crate::db::{Db, Once, WriteCx, Written};
use crate::kernel::han::{Lexicon, Script};
use crate::kernel::id::{Id, Mint, PartnerId};
use crate::kernel::time::Clock;

/// The parts of the process that requests share.
pub struct Shared {
    pub db: Db,
    pub clock: Clock,
    pub mint: Mint,
    pub config: Arc<Config>,
    pub credentials: Arc<dyn Credentials>,
    pub attest: Arc<dyn Attest>,
    pub ledger: Arc<dyn Ledger>,
    pub standing: Arc<dyn Standing>,
    pub schemas: &'static Schemas,
    pub known: &'static Known,
    pub metrics: Metrics,
    pub limits: Limits,
    pub ready: ready::Ready,
    pub crawlers: Crawlers,
    /// `max-age` of public answers; follows the settings.
    pub public_max_age_seconds: AtomicU64,
    /// Origins of publishable keys; follows the clients.
    pub browser_origins: RwLock<HashSet<String>>,
    /// Where the words of searches part; follows the dictionary.
    pub lexicon: RwLock<Arc<Lexicon>>,
    /// Idempotency keys of requests under way on this node.
    pub in_flight: Mutex<HashSet<(String, String)>>,
}

/// A request under a permission.
pub struct Cx<P> {
    shared: Data<Shared>,
    principal: Principal,
    params: Params,
    pattern: String,
    method: String,
    uri: Uri,
    headers: HeaderMap,
    coding: &'static str,
    headers_only: bool,
    request_id: String,
    now: DateTime<Utc>,
    peer: String,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Cx<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::read(request))
    }
}

impl<P: Permission> Cx<P> {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let internal = |what: &str| Problem::new(Kind::Internal).cause(what);
        let shared = request
            .app_data::<Data<Shared>>()
            .cloned()
            .ok_or_else(|| internal("no shared state"))?;
        let principal = request
            .extensions()
            .get::<Principal>()
            .cloned()
            .ok_or_else(|| internal("no principal"))?;
        P::RULE.check(&principal)?;
        let pattern = request.match_pattern().unwrap_or_default();
        let method = request.method().as_str().to_owned();
        let params = Params::parse(request.query_string(), shared.known, &method, &pattern)?;
        request.extensions_mut().insert(params.clone());
        Ok(Self {
            now: shared.clock.now(),
            shared,
            principal,
            params,
            pattern,
            method,
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            coding: coding::accepted(request).unwrap_or(coding::IDENTITY),
            headers_only: request.extensions().get::<HeadersOnly>().is_some(),
            request_id: request_id(request),
            peer: super::limits::address(request),
            permission: PhantomData,
        })
    }

    /// The script that the headers ask for. Not of staff: what they read they may write back, and a
    /// browser's language must not turn the work into what was made of it.
    pub(super) fn preferred_script(&self) -> Option<Script> {
        match self.principal.is_staff() {
            true => None,
            false => script::preferred(&self.headers),
        }
    }

    /// The script of Chinese in which the caller wants to read: by `script`, or by the headers.
    ///
    /// # Errors
    /// 400 for another word.
    pub fn script(&self) -> Result<Option<Script>, Problem> {
        let asked = self.params.word("script", Script::parse, "hans, hant")?;
        Ok(asked.or_else(|| self.preferred_script()))
    }

    /// Which of these media types the caller wants most.
    ///
    /// # Errors
    /// 406 where none will do.
    pub fn wanted(&self, offered: &[&str]) -> Result<usize, Problem> {
        accept::preferred(&self.headers, offered).ok_or_else(|| Problem::new(Kind::NotAcceptable))
    }

    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    pub fn db(&self) -> &Db {
        &self.shared.db
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    pub fn schemas(&self) -> &Schemas {
        self.shared.schemas
    }

    /// The query string with its question mark, for redirects; empty without one.
    pub fn query(&self) -> String {
        self.params.to_query()
    }

    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The path with the query, as they were sent.
    pub fn target(&self) -> &str {
        self.uri.path_and_query().map_or("/", |it| it.as_str())
    }

    /// The pattern of the path.
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Whether the caller takes the headers alone (HEAD).
    pub fn is_headers_only(&self) -> bool {
        self.headers_only
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            shared: &self.shared,
            principal: Some(&self.principal),
            is_safe: matches!(self.method.as_str(), "GET" | "HEAD"),
            headers: &self.headers,
            coding: self.coding,
        }
    }

    /// Address of the caller.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    pub fn user_agent(&self) -> Option<String> {
        self.header(actix_web::http::header::USER_AGENT)
            .map(|agent| agent.chars().take(200).collect())
    }

    /// A header as text; `None` where it is not there or is no text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The member of staff who calls.
    ///
    /// # Errors
    /// 403 for anyone else; only where a permission lets others in.
    pub fn staff(&self) -> Result<&StaffPrincipal, Problem> {
        match &self.principal {
            Principal::Staff(staff) => Ok(staff),
            Principal::Anonymous { .. } => Err(Problem::new(Kind::Unauthorized)),
            Principal::Client(_) => Err(Problem::new(Kind::Forbidden)),
        }
    }

    /// The partner on whose behalf the request's key is used.
    ///
    /// # Errors
    /// 403 for anyone else; only where a permission lets others in.
    pub fn partner(&self) -> Result<PartnerId, Problem> {
        match &self.principal {
            Principal::Client(client) => client.partner.as_ref().map(|(partner, _)| *partner),
            Principal::Staff(_) | Principal::Anonymous { .. } => None,
        }
        .ok_or_else(|| Problem::new(Kind::Forbidden).detail("This needs the key of a partner."))
    }

    /// The page asked for.
    ///
    /// # Errors
    /// 400 for a limit or cursor that does not fit.
    pub fn paging(&self) -> Result<Paging, Problem> {
        Paging::read(&self.params, &self.pattern)
    }

    /// Checks `If-Match` against the revision that stands. Changes need the header.
    ///
    /// # Errors
    /// 428 without it, 412 where it names another revision.
    pub fn if_match(&self, revision: i64) -> Result<(), Problem> {
        match Expected::read(&self.headers)? {
            None => Err(Problem::new(Kind::PreconditionRequired)),
            Some(_) => self.if_match_given(revision),
        }
    }

    /// Checks `If-Match` where it is given.
    ///
    /// # Errors
    /// 412 where it names another revision.
    pub fn if_match_given(&self, revision: i64) -> Result<(), Problem> {
        match Expected::read(&self.headers)? {
            Some(expected) if !expected.admits(revision) => {
                Err(Problem::new(Kind::PreconditionFailed)
                    .detail(format!("The revision is {revision} by now."))
                    .header(
                        actix_web::http::header::ETAG,
                        &format!("\"{revision}.current\""),
                    ))
            }
            _ => Ok(()),
        }
    }

    /// What a write by this request brings along.
    pub fn write(&self) -> WriteCx {
        WriteCx {
            actor: self.principal.actor(),
            // Not the time at which the headers came: the body may have taken its own.
            now: self.shared.clock.now(),
            mint: self.shared.mint.clone(),
            request_id: Some(self.request_id.clone()),
            once: None,
        }
    }

    /// [`Cx::write`] that happens once per `Idempotency-Key`, if the request has one.
    /// Hold the guard until the write is done.
    ///
    /// # Errors
    /// 400 for a key that cannot be read, 409 while its twin is under way.
    pub fn write_once(&self, document: &Document) -> Result<(WriteCx, Option<InFlight>), Problem> {
        let mut write = self.write();
        let name = HeaderName::from_static("idempotency-key");
        if !self.headers.contains_key(&name) {
            return Ok((write, None));
        }
        if self.headers.get_all(&name).nth(1).is_some() {
            return Err(Problem::new(Kind::BadRequest).parameter(
                "Idempotency-Key",
                "repeated",
                "may stand once",
            ));
        }
        let key = self
            .header(name)
            .map(|key| key.trim().trim_matches('"'))
            .filter(|key| {
                (1..=200).contains(&key.len()) && key.bytes().all(|b| (b' '..=b'~').contains(&b))
            })
            .ok_or_else(|| {
                Problem::new(Kind::BadRequest).parameter(
                    "Idempotency-Key",
                    "format",
                    "must have 1 to 200 printable ASCII characters",
                )
            })?;
        let principal = match &self.principal {
            Principal::Staff(staff) => staff.user.to_string(),
            Principal::Client(client) => client.client.to_string(),
            Principal::Anonymous { .. } => self.peer.clone(),
        };
        let twin = (principal.clone(), key.to_owned());
        if !self.shared.in_flight.lock().insert(twin.clone()) {
            return Err(Problem::new(Kind::InFlight));
        }
        write.once = Some(Once {
            principal,
            key: key.to_owned(),
            route: format!("{} {}", self.method, self.path()),
            request_hash: document.hash().to_owned(),
        });
        let guard = InFlight {
            shared: self.shared.clone(),
            twin,
        };
        Ok((write, Some(guard)))
    }
}

/// Marks an idempotency key as under way until dropped.
pub struct InFlight {
    shared: Data<Shared>,
    twin: (String, String),
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.in_flight.lock().remove(&self.twin);
    }
}

/// The id under which a written resource is read back.
///
/// # Errors
/// 500 if the store wrote what it cannot read.
pub fn written_id<I: Id>(written: &Written) -> Result<I, Problem> {
    I::parse(&written.resource_id)
        .ok_or_else(|| Problem::new(Kind::Internal).cause("a written id cannot be read"))
}

/// The id of a request.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub Arc<str>);

impl RequestId {
    pub fn fresh() -> Self {
        let id = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
        Self(Arc::from(&*id.hyphenated().encode_lower(&mut [0; 36])))
    }
}

/// The request's id, as the answer's `X-Request-Id` has it.
pub fn request_id(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.to_string())
        .unwrap_or_default()
}
