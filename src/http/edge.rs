//! What every request passes: who calls, how much, how long; and what every answer
//! carries: an id, security headers, problem details, a line in the log and in the metrics.

use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::auth::Principal;
use super::coding;
use super::context::{RequestId, Shared, request_id};
use super::express::{self, Short, Taken};
use super::identity::identify;
use super::limits::{Left, address};
use super::openapi::Routes;
use super::problem::{Kind, Problem};
use super::reply;

/// Marks a request that takes the headers of an answer and not its body.
#[derive(Debug, Clone, Copy)]
pub struct HeadersOnly;

/// The middleware around everything that is served.
///
/// # Errors
/// A [`Problem`] with the request's path and id, where no response could be made.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(shared) = request.app_data::<Data<Shared>>().cloned() else {
        return Err(Problem::new(Kind::Internal).cause("no shared state").into());
    };
    let method = request.method().clone();
    // RFC 9110, 9.3.2: HEAD is GET without the content, which the connection leaves out.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadersOnly);
    }
    let path = request.path().to_owned();
    let id = request_id(request.request());
    let admitted = admit(&request, &shared).await;
    let (mut response, left) = match admitted {
        Err(problem) => {
            let problem = problem.at(&path, &id);
            (request.error_response(problem), None)
        }
        Ok(left) => {
            let limit = shared.config.request_timeout;
            match run(next, request, limit).await {
                Ok(response) => (response, left),
                Err(problem) => {
                    let problem = problem.at(&path, &id);
                    let status = problem.kind().status();
                    shared.metrics.observe(
                        method.as_str(),
                        "unfinished",
                        status,
                        started.elapsed(),
                    );
                    tracing::info!(
                        target: ACCESS,
                        %id, %method, %path, status, micros = started.elapsed().as_micros(), "unfinished"
                    );
                    return Err(problem.into());
                }
            }
        }
    };
    if let Some(problem) = problem_of(&response) {
        let problem = by_method(problem, response.request()).at(&path, &id);
        let problem = with_current(problem, response.request(), &shared).await;
        let (request, _) = response.into_parts();
        response = ServiceResponse::from_err(problem, request);
    }
    dress(response.response_mut().head_mut(), &path, &id, left);
    let status = response.status().as_u16();
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "unmatched".to_owned());
    let took = started.elapsed();
    shared
        .metrics
        .observe(method.as_str(), &route, status, took);
    log(&method, &path, &id, status, took);
    Ok(response)
}

/// The outermost middleware: gives the request its id, answers what is ready, and sees to it that
/// what the layers within answer by themselves, such as to preflights, looks like all else.
///
/// # Errors
/// Those of the layers within.
pub async fn outside(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(shared) = request.app_data::<Data<Shared>>().cloned() else {
        return Err(Problem::new(Kind::Internal).cause("no shared state").into());
    };
    let id = RequestId::fresh();
    // A panic takes the long way, which tells of it.
    let short = AssertUnwindSafe(express::answer(&request, &shared, &id.0)).catch_unwind();
    if let Ok(Some(short)) = short.await {
        return Ok(finished(request, short, &id, started));
    }
    // Every line of the log of one request stands in its span.
    let span = tracing::info_span!("request", id = %id.0);
    request.extensions_mut().insert(id.clone());
    // Who refuses every coding, the plain one included, is sent the plain one all the same
    // (RFC 9110, 12.5.3, leaves that to the server).
    if coding::accepted(&request).is_none() {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let path = request.path().to_owned();
    let answered = next.call(request).instrument(span).await?;
    let mut response = answered.map_into_boxed_body();
    if response.headers().contains_key("x-request-id") {
        return Ok(response);
    }
    if is_bare(&response) {
        let problem = by_status(response.status())
            .detail("The preflight names an origin, a method or a header that is not allowed.")
            .at(&path, &id.0);
        let (request, _) = response.into_parts();
        response = ServiceResponse::from_err(problem, request);
    }
    dress(response.response_mut().head_mut(), &path, &id.0, None);
    Ok(response)
}

/// The answer on the short way, with what every answer carries, counted and in the log.
fn finished(
    request: ServiceRequest,
    mut short: Short,
    id: &RequestId,
    started: Instant,
) -> ServiceResponse<BoxBody> {
    dress(short.response.head_mut(), request.path(), &id.0, short.left);
    for_browsers(short.response.headers_mut());
    let status = short.response.status();
    let took = started.elapsed();
    let is_known = status == StatusCode::NOT_MODIFIED;
    short.kept.meter.observe(is_known, took);
    log(
        request.method(),
        request.path(),
        &id.0,
        status.as_u16(),
        took,
    );
    request.into_response(short.response)
}

/// Headers that browsers let scripts of other origins read.
pub const EXPOSED: [&str; 10] = [
    "etag",
    "link",
    "location",
    "masthead-attestation",
    "masthead-stage",
    "masthead-usage",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
];

/// What the layer for browsers says of every answer, which the short way goes past.
fn for_browsers(headers: &mut HeaderMap) {
    const BROWSERS: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    static SAID: LazyLock<Vec<(HeaderName, HeaderValue)>> = LazyLock::new(|| {
        let vary = format!("{}, {BROWSERS}", reply::VARY);
        let said = [
            (header::VARY, vary),
            (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED.join(", ")),
        ];
        let valid = |(name, text): (_, String)| Some((name, HeaderValue::from_str(&text).ok()?));
        said.into_iter().filter_map(valid).collect()
    });
    for (name, value) in &*SAID {
        headers.insert(name.clone(), value.clone());
    }
}

/// What lines about requests stand under in the log.
pub const ACCESS: &str = "masthead::access";

/// The line about a request, once, without query or headers: a secret may stand there.
fn log(method: &Method, path: &str, id: &str, status: u16, took: Duration) {
    let micros = took.as_micros();
    tracing::info!(target: ACCESS, %id, %method, %path, status, micros, "answered");
}

/// What is served without asking who calls. All else is asked, however its path is written:
/// `/%761` is `/v1` to the router.
const OPEN: &[&str] = &[
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/problems/",
    "/.well-known/",
];

/// Finds out who calls and takes the request from the caller's limit.
async fn admit(request: &ServiceRequest, shared: &Data<Shared>) -> Result<Option<Left>, Problem> {
    if OPEN.iter().any(|place| request.path().starts_with(place)) {
        return Ok(None);
    }
    let principal = identify(request.request(), shared).await;
    let from = address(request.request());
    let counted = match &principal {
        Ok(principal) => principal.clone(),
        // A wrong credential counts for the address: guessing keys has a limit.
        Err(_) => Principal::Anonymous { crawler: false },
    };
    let taken = request.extensions().get::<Taken>().cloned();
    let left = match taken {
        Some(Taken(left)) => left,
        None => shared.limits.request(&counted, &from)?,
    };
    request.extensions_mut().insert(principal?);
    Ok(left)
}

/// Runs the handler, bounded in time. A panic is a 500 and no dropped connection.
async fn run(
    next: Next<impl MessageBody + 'static>,
    request: ServiceRequest,
    limit: Duration,
) -> Result<ServiceResponse<BoxBody>, Problem> {
    let handled = AssertUnwindSafe(next.call(request)).catch_unwind();
    match tokio::time::timeout(limit, handled).await {
        Ok(Ok(Ok(response))) => Ok(response.map_into_boxed_body()),
        Ok(Ok(Err(error))) => Err(translate(&error)),
        Ok(Err(_)) => Err(Problem::new(Kind::Internal).cause("a handler panicked")),
        Err(_) => Err(Problem::new(Kind::Unavailable).detail("The request took too long.")),
    }
}

/// The problem that a response stands for, if it is an error.
fn problem_of(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    match response.response().error() {
        Some(error) => Some(translate(error)),
        None if is_bare(response) => Some(by_status(response.status())),
        None => None,
    }
}

/// 405 in place of 404 or 401 where the path is there and only its method is not: no
/// credential would help. `tree` is no id, so `DELETE /v1/sections/tree` found nothing to delete.
fn by_method(problem: Problem, request: &HttpRequest) -> Problem {
    if !matches!(problem.kind(), Kind::NotFound | Kind::Unauthorized) {
        return problem;
    }
    let methods = request
        .app_data::<Data<Routes>>()
        .map(|routes| routes.methods(request.path()))
        .unwrap_or_default();
    if methods.is_empty()
        || methods
            .iter()
            .any(|method| method == request.method().as_str())
    {
        return problem;
    }
    Problem::new(Kind::MethodNotAllowed).header(header::ALLOW, &methods.join(", "))
}

/// A 412 says what stands by now. Whoever gets one was let in by the operation, and has told a
/// revision: this is no news of what they may not know.
async fn with_current(problem: Problem, request: &HttpRequest, shared: &Shared) -> Problem {
    if problem.kind() != Kind::PreconditionFailed {
        return problem;
    }
    let named: Vec<&str> = request.match_info().iter().map(|(_, part)| part).collect();
    // The precondition is about the last thing that the path names by an id.
    match named.iter().rev().find(|part| part.contains('_')) {
        Some(id) => problem.current(shared.standing.current(id).await),
        None => problem,
    }
}

/// An error answer of the framework that carries no problem document of ours.
fn is_bare(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind != "application/problem+json")
        && !response.request().path().starts_with("/readyz")
}

fn translate(error: &Error) -> Problem {
    error
        .as_error::<Problem>()
        .cloned()
        .unwrap_or_else(|| by_status(error.as_response_error().status_code()))
}

fn by_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(Kind::MethodNotAllowed),
        StatusCode::REQUEST_TIMEOUT => Problem::new(Kind::RequestTimeout),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::TooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(Kind::UnsupportedMediaType),
        status if status.is_client_error() => Problem::new(Kind::BadRequest),
        status => Problem::new(Kind::Internal).cause(status),
    }
}

/// The headers that every answer carries. What is said of content goes with the content: an answer
/// of 304 brings none (RFC 9110, 15.4.5).
pub(super) fn dress(answer: &mut ResponseHead, path: &str, id: &str, left: Option<Left>) {
    let headers = &mut answer.headers;
    let mut set = |name: &'static str, value: HeaderValue| {
        headers.insert(HeaderName::from_static(name), value);
    };
    if let Ok(id) = HeaderValue::from_str(id) {
        set("x-request-id", id);
    }
    if answer.status != StatusCode::NOT_MODIFIED {
        set(
            "x-content-type-options",
            HeaderValue::from_static("nosniff"),
        );
        set("x-frame-options", HeaderValue::from_static("DENY"));
        set("referrer-policy", HeaderValue::from_static("no-referrer"));
        // The documentation page runs its own scripts and styles and nothing from outside.
        let policy = if path.starts_with("/docs") {
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
        } else {
            "default-src 'none'; frame-ancestors 'none'"
        };
        set("content-security-policy", HeaderValue::from_static(policy));
    }
    if !OPEN.iter().any(|place| path.starts_with(place)) {
        // One line: the layer for browsers adds to the first alone.
        let more = headers.get(header::VARY).and_then(|own| own.to_str().ok());
        let vary = more.map(|own| format!("{}, {own}", reply::VARY));
        let vary = vary.and_then(|vary| HeaderValue::from_str(&vary).ok());
        let general = || HeaderValue::from_static(reply::VARY);
        headers.insert(header::VARY, vary.unwrap_or_else(general));
    }
    // A limit that refused says more of itself than the general one.
    if let Some(left) = left.filter(|_| !headers.contains_key("ratelimit")) {
        left.write(headers);
    }
}
