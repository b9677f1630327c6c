//! Operations on the server itself. They are not under `/v1`: no credential, no limit.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Redirect};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::guide;
use crate::articles::store::agenda;
use crate::db::migrate;
use crate::http::context::{PathWord, Shared};
use crate::http::problem::{Kind, Problem};
use crate::webhooks;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(healthz)
        .service(readyz)
        .service(metrics)
        .service(openapi)
        .service(problem_kind)
        .service(partners_guide);
}

/// The published document as text, put into the server's data at start.
pub struct DocumentText(pub &'static str);

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: String,
}

/// Whether the server can work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok", "database": "ok", "migrations": "ok", "agenda_lateness_seconds": 0.0}))]
pub struct Readiness {
    /// `ok` or `unavailable`.
    pub status: String,
    /// `ok` or `unavailable`.
    pub database: String,
    /// `ok` or `pending`.
    pub migrations: String,
    /// For how long the eldest of what came about by itself (publications, ends) has not been
    /// written into the change log. Readers do not wait for it: it delays who follows the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agenda_lateness_seconds: Option<f64>,
}

/// Whether the process lives
#[utoipa::path(operation_id = "healthz", tag = "operations",
    responses((status = 200, description = "It does.", body = Health)))]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    plain(
        StatusCode::OK,
        &Health {
            status: "ok".to_owned(),
        },
    )
}

/// Whether requests can be served
#[utoipa::path(operation_id = "readyz", tag = "operations", responses(
    (status = 200, description = "The database answers and its schema is current.", body = Readiness),
    (status = 503, description = "Not now.", body = Readiness)))]
#[get("/readyz")]
pub async fn readyz(shared: Data<Shared>) -> HttpResponse {
    let database = shared.db.ping().await.is_ok();
    let db = shared.db.clone();
    let pending = tokio::task::spawn_blocking(move || migrate::pending(&db)).await;
    let current = matches!(pending, Ok(Ok(pending)) if pending.is_empty());
    let late = lateness(&shared).await;
    let word = |ok: bool, otherwise: &str| if ok { "ok" } else { otherwise }.to_owned();
    let status = if database && current {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    plain(
        status,
        &Readiness {
            status: word(database && current, "unavailable"),
            database: word(database, "unavailable"),
            migrations: word(current, "pending"),
            agenda_lateness_seconds: late,
        },
    )
}

/// How late the agenda is, in seconds; `None` where it cannot be read.
async fn lateness(shared: &Data<Shared>) -> Option<f64> {
    let (db, now) = (shared.db.clone(), shared.clock.now());
    let late = tokio::task::spawn_blocking(move || agenda::lateness(&db, now)).await;
    let late = late.ok()?.ok()?;
    let micros = late.map_or(0, |late| late.num_microseconds().unwrap_or(i64::MAX));
    Some(std::time::Duration::from_micros(micros.unsigned_abs()).as_secs_f64())
}

/// Metrics for Prometheus
#[utoipa::path(operation_id = "metrics", tag = "operations", responses(
    (status = 200, description = "Counters, gauges and histograms.", body = String, content_type = "text/plain",
        example = json!("http_requests_total{method=\"GET\",route=\"/v1/articles\",status=\"200\"} 1\n"))))]
#[get("/metrics")]
pub async fn metrics(shared: Data<Shared>) -> Result<HttpResponse, Problem> {
    if let Some(late) = lateness(&shared).await {
        shared.metrics.agenda_is_late(late);
    }
    for (reason, count) in shared.db.read(webhooks::store::disabled).await? {
        shared.metrics.webhooks_are_disabled(reason.as_str(), count);
    }
    let text = shared
        .metrics
        .render(&shared.db, &shared.ready)
        .map_err(|error| Problem::new(Kind::Internal).cause(error))?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}

/// This document
#[utoipa::path(operation_id = "openapi", tag = "operations", responses(
    (status = 200, description = "The OpenAPI 3.1 document.", body = Object, example = json!({"openapi": "3.1.0"}))))]
#[get("/openapi.json")]
pub async fn openapi(document: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(document.0)
}

/// What a kind of problem means
#[utoipa::path(operation_id = "problem_kind", tag = "operations",
    params(("kind" = String, Path, description = "Last part of a problem's `type`.")),
    responses((status = 200, description = "What happened and what to do.", body = String, content_type = "text/plain", example = json!("404 Not found\n"))))]
#[get("/problems/{kind}")]
pub async fn problem_kind(PathWord(slug): PathWord) -> Result<HttpResponse, Problem> {
    let kind = Kind::ALL
        .iter()
        .find(|kind| kind.slug() == slug)
        .ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(format!(
            "{} {}\n\n{}\n",
            kind.status(),
            kind.title(),
            kind.help()
        )))
}

/// The documentation for partners
///
/// From the key to the first article, the change feed and the acknowledgement of advisories, each step with curl.
#[utoipa::path(operation_id = "partners_guide", tag = "operations", responses(
    (status = 200, description = "A page to read.", body = String, content_type = "text/html",
        example = json!("<!DOCTYPE html>"))))]
#[get("/docs/partners")]
pub async fn partners_guide() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(guide::page())
}

/// The documentation stands below `/docs/`.
pub fn docs_redirect() -> Redirect {
    Redirect::to("/docs/").permanent()
}

fn plain<T: Serialize>(status: StatusCode, body: &T) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(serde_json::to_vec(body).unwrap_or_default())
}
