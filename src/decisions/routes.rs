//! Operations on decisions.

use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;

use super::reader::case;
use super::view::{ExplainInput, ExplanationView};
use crate::http::auth::ManageLicences;
use crate::http::body::Body;
use crate::http::context::Cx;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::time::micros;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(explain_decision);
}

/// Explain a decision
///
/// What a reader gets of a work at an instant, and the chain of rules and facts that leads there.
/// Nothing is delivered by it, and nothing is put in the ledger.
#[utoipa::path(tag = "licences", request_body = ExplainInput,
    responses((status = 200, description = "The outcome and its reasons.", body = ExplanationView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[post("/v1/decisions/explain")]
pub async fn explain_decision(
    cx: Cx<ManageLicences>,
    body: Body,
) -> Result<Reply<ExplanationView>, Problem> {
    let input = body.json()?.read::<ExplainInput>(cx.schemas())?;
    let at = input.at.map_or(cx.now(), micros);
    let reader = input.reader.parse(cx.staff()?.user)?;
    let case = case(cx.db(), input.article_id, reader, at).await?;
    Ok(Reply::ok(ExplanationView::of(case, at)))
}
