//! What anyone may do: file a claim, and follow it with the token of its receipt.
//!
//! Nothing here says whether there is a work that readers may not know of: a claim about one is
//! answered as a claim about none.

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::{get, post};
use secrecy::{ExposeSecret, SecretString};

use super::terms;
use crate::claims::store::{self, filing, messages};
use crate::claims::view::claimant::{ClaimStatusView, ReceiptView};
use crate::claims::view::input::ClaimInput;
use crate::claims::view::moves::ClaimMessageInput;
use crate::http::auth::Open;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::ClaimId;
use crate::kernel::secret;

/// What tokens of receipts begin with.
const TOKEN_PREFIX: &str = "mhc_";

/// File a claim
///
/// Anyone may complain about a work: by its id, or by the address at which it was read. The receipt holds a token, this one time, with which the claim is followed. A claim that comes after the window of the notice is taken and marked. The same claim within a day is the same case: then the answer is 200, with its id and without a token.
#[utoipa::path(tag = "claims", request_body = ClaimInput,
    responses((status = 201, description = "The receipt.", body = ReceiptView),
        (status = 200, description = "The receipt of the same claim, which was filed before.", body = ReceiptView)),
    extensions(("x-permission" = json!("open")), ("x-once" = json!(true))))]
#[post("/v1/claims")]
pub async fn file_claim(cx: Cx<Open>, body: Body) -> Result<Reply<ReceiptView>, Problem> {
    cx.shared().limits.claim_attempt(cx.peer())?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let claim = document.read::<ClaimInput>(cx.schemas())?.parse()?;
    if cx.db().replayed(&write).await?.is_none() {
        cx.shared().limits.claim(cx.peer())?;
    }
    let token = secret::fresh(TOKEN_PREFIX);
    let hash = secret::digest(&token);
    let written = filing::file(cx.db(), write, claim, hash, terms(&cx)).await?;
    let id: ClaimId = written_id(&written)?;
    let claim = store::get(cx.db(), id).await?.claim;
    let is_new = written.status == 201;
    // On a repetition the token that was just made belongs to nobody.
    let token = (is_new && !written.replayed).then(|| token.expose_secret().to_owned());
    let receipt = ReceiptView::of(&claim, token);
    let at = receipt.follow_url.clone();
    Ok(match is_new {
        true => Reply::created(&at, receipt).secret(),
        false => Reply::ok(receipt).secret(),
    })
}

/// Follow a claim
///
/// For whoever has the token of the receipt. Another claim's token finds nothing, as if there were no such claim.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path),
        ("X-Claim-Token" = String, Header, description = "The token of the receipt.", example = json!("mhc_Zm9yIHRoZSBkb2N1bWVudCBvbmx5LCBubyB0b2tlbiEj"))),
    responses((status = 200, description = "How far it has come.", body = ClaimStatusView)),
    extensions(("x-permission" = json!("open"))))]
#[get("/v1/claims/{id}/status")]
pub async fn follow_claim(
    cx: Cx<Open>,
    PathId(id): PathId<ClaimId>,
) -> Result<Reply<ClaimStatusView>, Problem> {
    let case = store::followed(cx.db(), id, token_hash(&cx)?).await?;
    let revision = case.claim.revision;
    // The same address answers only who has the token: no cache may keep it.
    Ok(Reply::ok(ClaimStatusView::from(case))
        .revision(revision)
        .header(CACHE_CONTROL, "private, no-store"))
}

/// Write to the desk about a claim
///
/// For whoever has the token of the receipt, while the case is open. A case holds 50 messages.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path),
        ("X-Claim-Token" = String, Header, description = "The token of the receipt.", example = json!("mhc_Zm9yIHRoZSBkb2N1bWVudCBvbmx5LCBubyB0b2tlbiEj"))),
    request_body = ClaimMessageInput,
    responses((status = 200, description = "The claim, with the message.", body = ClaimStatusView)),
    extensions(("x-permission" = json!("open")), ("x-once" = json!(true))))]
#[post("/v1/claims/{id}/replies")]
pub async fn reply_to_claim(
    cx: Cx<Open>,
    PathId(id): PathId<ClaimId>,
    body: Body,
) -> Result<Reply<ClaimStatusView>, Problem> {
    let hash = token_hash(&cx)?;
    store::followed(cx.db(), id, hash.clone()).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let text = document.read::<ClaimMessageInput>(cx.schemas())?.parse()?;
    messages::reply(cx.db(), write, id, hash.clone(), text).await?;
    let case = store::followed(cx.db(), id, hash).await?;
    Ok(Reply::ok(ClaimStatusView::from(case)).secret())
}

/// What is stored of the token that was sent. Without one there is nothing to be seen.
fn token_hash(cx: &Cx<Open>) -> Result<String, Problem> {
    let token = cx.header(HeaderName::from_static("x-claim-token"));
    let token = token.ok_or_else(|| {
        Problem::not_found()
            .detail("A claim is followed with the token of its receipt, in X-Claim-Token.")
    })?;
    Ok(secret::digest(&SecretString::from(token)))
}
