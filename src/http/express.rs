//! The short way: a request whose answer is ready is answered before it is routed.
//!
//! Nothing is left out on it. Who calls is known, the caller's limit is taken from, every work is
//! decided on, what goes to a partner is in the ledger, and the answer says of itself what it says
//! on the long way, byte for byte; `tests/api/ready.rs` holds the two against each other. Whatever
//! is not plain here takes the long way, which also words every refusal.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage as _, HttpResponse};
use chrono::{DateTime, Utc};

use super::auth::Principal;
use super::coding;
use super::conditional;
use super::context::Shared;
use super::identity::known;
use super::limits::{Left, address};
use super::ready::{self, Answer, Kept};
use super::reply::{self, ReadyBody};
use super::script;
use crate::rights::Use;

/// An answer on the short way, and what is counted of it.
pub(super) struct Short {
    pub response: HttpResponse,
    pub left: Option<Left>,
    pub kept: Arc<Kept>,
}

/// What was taken from the caller's limit already.
#[derive(Debug, Clone)]
pub(super) struct Taken(pub Option<Left>);

/// The answer, if it is ready.
pub(super) async fn answer(request: &ServiceRequest, shared: &Shared, id: &str) -> Option<Short> {
    // What browsers send across origins is answered with headers for them, on the long way.
    if request.method() != Method::GET
        || !shared.ready.is_on()
        || request.headers().contains_key(header::ORIGIN)
    {
        return None;
    }
    let target = request.uri().path_and_query()?.as_str();
    let now = shared.clock.now();
    let principal = known(request.request(), shared, now)?;
    let coding = coding::accepted(request).unwrap_or(coding::IDENTITY);
    let script = script::preferred(request.headers());
    let name = ready::name(&principal, coding, script, target)?;
    let kept = shared.ready.get(&name)?;
    let use_ = principal.use_();
    let answer = cleared(&kept, shared, &use_, now)?;
    let left = shared
        .limits
        .request(&principal, &address(request.request()))
        .ok()?;
    // Where it takes the long way after all, nothing is taken twice.
    request.extensions_mut().insert(Taken(left.clone()));
    let is_known = answer
        .etag
        .to_str()
        .is_ok_and(|etag| conditional::none_match(request.headers(), etag));
    if !(kept.owed.is_empty() || is_known) {
        let delivered = delivered(&kept, shared, id, now);
        tokio::time::timeout(shared.config.request_timeout, delivered)
            .await
            .ok()??;
    }
    Some(Short {
        response: response(answer, shared, &principal, is_known),
        left,
        kept: Arc::clone(&kept),
    })
}

/// What is ready, if it may leave now.
fn cleared<'a>(
    kept: &'a Kept,
    shared: &Shared,
    use_: &Use,
    now: DateTime<Utc>,
) -> Option<&'a Answer> {
    if !kept.made.holds(&shared.db, now) {
        return None;
    }
    kept.answer.cleared(use_, now)
}

/// Puts what is owed into the ledger; `None` if the ledger does not take it, or if the signed
/// statement in the answer is not the one that would be given now.
async fn delivered(kept: &Kept, shared: &Shared, id: &str, now: DateTime<Utc>) -> Option<()> {
    let statements = shared.attest.attest(&kept.owed, now).await.ok()?;
    let same = statements.len() == kept.owed.len()
        && statements
            .iter()
            .zip(&kept.owed)
            .all(|(statement, owed)| owed.attestation == Some(statement.id));
    if !same {
        return None;
    }
    let recorded = shared
        .ledger
        .record(kept.owed.clone(), kept.surface, id.to_owned());
    recorded.await.ok()
}

fn response(
    answer: &Answer,
    shared: &Shared,
    principal: &Principal,
    is_known: bool,
) -> HttpResponse {
    reply::written(
        StatusCode::OK,
        &reply::cache_control(shared, Some(principal), answer.valid_until),
        &answer.headers,
        Some(ReadyBody {
            bytes: answer.bytes.clone(),
            media_type: answer.media_type,
            coding: answer.coding,
            etag: Some(answer.etag.clone()),
            is_known,
        }),
    )
}
