//! Operations on claims: filing and following for anyone in [`filing`], reading for the desk in
//! [`desk`], its moves in [`moves`].

pub mod desk;
pub mod filing;
pub mod moves;

use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Terms;
use super::store;
use super::view::desk::ClaimView;
use crate::http::auth::{ManageClaims, Permission};
use crate::http::context::Cx;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::ClaimId;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(filing::file_claim)
        .service(filing::follow_claim)
        .service(filing::reply_to_claim)
        .service(desk::list_claims)
        .service(desk::get_claim_report)
        .service(desk::get_claim)
        .service(desk::update_claim)
        .service(desk::write_claim_message)
        .service(desk::get_hold)
        .service(moves::acknowledge_claim)
        .service(moves::hold_claim)
        .service(moves::release_claim)
        .service(moves::decide_claim)
        .service(moves::counter_claim)
        .service(moves::restore_claim)
        .service(moves::close_claim);
}

/// How long things may take in this installation.
fn terms<P: Permission>(cx: &Cx<P>) -> Terms {
    let config = &cx.shared().config;
    Terms {
        acknowledge_days: config.claim_acknowledge_days,
        decide_days: config.claim_decide_days,
        data_days: config.claim_data_days,
    }
}

/// The claim as it is now.
async fn shown(cx: &Cx<ManageClaims>, id: ClaimId) -> Result<Reply<ClaimView>, Problem> {
    let case = store::get(cx.db(), id).await?;
    let revision = case.claim.revision;
    Ok(Reply::ok(ClaimView::of(case, cx.now())).revision(revision))
}
