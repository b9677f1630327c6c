//! The desk's moves. Each does in one transaction what it says, and is refused where it does not
//! fit the stage: the answer then names what fits.

use actix_web::post;
use actix_web::web::Data;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::{shown, terms};
use crate::claims::store;
use crate::claims::store::moves::{self, Act};
use crate::claims::store::takedown::Shelf;
use crate::claims::view::desk::ClaimView;
use crate::claims::view::moves::{ClaimMoveInput, CounterNoticeInput, DecideInput, HoldInput};
use crate::db::WriteCx;
use crate::http::auth::ManageClaims;
use crate::http::body::Body;
use crate::http::context::{Cx, InFlight, PathId};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::ClaimId;

/// What every move begins with: the claim is there, and the body can be read.
async fn begin<T: DeserializeOwned + ToSchema>(
    cx: &Cx<ManageClaims>,
    id: ClaimId,
    body: &Body,
) -> Result<(T, WriteCx, Option<InFlight>), Problem> {
    store::get(cx.db(), id).await?;
    let document = body.json()?;
    let (write, in_flight) = cx.write_once(&document)?;
    Ok((document.read(cx.schemas())?, write, in_flight))
}

fn act(cx: &Cx<ManageClaims>, claim: ClaimId, message: Option<String>) -> Act {
    Act {
        claim,
        message,
        terms: terms(cx),
    }
}

/// Acknowledge a claim
///
/// It was received and is in order.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = ClaimMoveInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/acknowledge")]
pub async fn acknowledge_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<ClaimMoveInput>(&cx, id, &body).await?;
    let act = act(&cx, id, input.parse()?);
    moves::acknowledge(cx.db(), write, act).await?;
    shown(&cx, id).await
}

/// Freeze the evidence for a claim
///
/// Version, source and ledger are written down as they stand, and article and source cannot be deleted. With `interim` the work is taken back from readers for as long as the hold lasts: they get 451 with the reason.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = HoldInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/hold")]
pub async fn hold_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    shelf: Data<Shelf>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<HoldInput>(&cx, id, &body).await?;
    let (reason, message) = input.parse()?;
    let act = act(&cx, id, message);
    moves::hold(cx.db(), write, act, reason, shelf.get_ref().clone()).await?;
    shown(&cx, id).await
}

/// Release the evidence of a claim
///
/// What was frozen stays written down. A work that was taken back for the time being goes back to readers, unless it was decided that it stays withdrawn.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = ClaimMoveInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/release")]
pub async fn release_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    shelf: Data<Shelf>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<ClaimMoveInput>(&cx, id, &body).await?;
    let act = act(&cx, id, input.parse()?);
    moves::release(cx.db(), write, act, shelf.get_ref().clone()).await?;
    shown(&cx, id).await
}

/// Decide a claim
///
/// `withdraw` takes the work back from readers in the same transaction. `correct` is done by the newsroom, by the article's own operation; an interim hold lasts until it is released. `none` ends an interim withdrawal.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = DecideInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/decide")]
pub async fn decide_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    shelf: Data<Shelf>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<DecideInput>(&cx, id, &body).await?;
    let (ruling, message) = input.parse()?;
    let act = act(&cx, id, message);
    moves::decide(cx.db(), write, act, ruling, shelf.get_ref().clone()).await?;
    shown(&cx, id).await
}

/// Enter a counter-notice
///
/// Whoever answers for a work that was withdrawn on the claim objects.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = CounterNoticeInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/counter-notice")]
pub async fn counter_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<CounterNoticeInput>(&cx, id, &body).await?;
    let (act, notice) = (act(&cx, id, None), input.parse()?);
    moves::counter(cx.db(), write, act, notice).await?;
    shown(&cx, id).await
}

/// Restore the work after a counter-notice
///
/// It goes back to readers. The decision stays on record, and the evidence frozen.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = ClaimMoveInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/restore")]
pub async fn restore_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    shelf: Data<Shelf>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<ClaimMoveInput>(&cx, id, &body).await?;
    let act = act(&cx, id, input.parse()?);
    moves::restore(cx.db(), write, act, shelf.get_ref().clone()).await?;
    shown(&cx, id).await
}

/// Close a claim
///
/// The case ends; what is personal is blanked when its time is over. Evidence stays frozen until it is released.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = ClaimMoveInput,
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/close")]
pub async fn close_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let (input, write, _in_flight) = begin::<ClaimMoveInput>(&cx, id, &body).await?;
    let act = act(&cx, id, input.parse()?);
    moves::close(cx.db(), write, act).await?;
    shown(&cx, id).await
}
