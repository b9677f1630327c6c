//! The operation on statements: anyone may have one checked.

use actix_web::post;
use actix_web::web::Data;
use utoipa_actix_web::service_config::ServiceConfig;

use super::signer::Signer;
use super::view::{VerificationInput, VerificationView};
use crate::http::auth::Open;
use crate::http::body::Body;
use crate::http::context::Cx;
use crate::http::problem::Problem;
use crate::http::reply::Reply;

/// Adds the operation to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(verify_attestation);
}

/// Check an attestation
///
/// Whatever string is sent as an attestation is answered with 200 and a status; what cannot be one, of any length and with any character in it, is `tampered` with nothing named. Signature and claims can also be checked without asking, by the keys at `/.well-known/jwks.json`; only this operation knows what has been revoked since.
#[utoipa::path(tag = "attestations", request_body = VerificationInput,
    responses((status = 200, description = "What it is worth now.", body = VerificationView)),
    extensions(("x-permission" = json!("open"))))]
#[post("/v1/attestations/verify")]
pub async fn verify_attestation(
    cx: Cx<Open>,
    signer: Data<Signer>,
    body: Body,
) -> Result<Reply<VerificationView>, Problem> {
    let input: VerificationInput = body.json()?.read(cx.schemas())?;
    let verdict = signer.verify(&input.attestation, cx.now()).await?;
    Ok(Reply::ok(VerificationView::of(verdict, &input)).secret())
}
