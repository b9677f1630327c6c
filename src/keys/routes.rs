//! The operation on keys: who checks signatures reads the public halves.

use actix_web::get;
use actix_web::http::header;
use actix_web::web::Data;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::JwksView;
use super::{KeysError, Rings};
use crate::db::DbError;
use crate::http::context::Shared;
use crate::http::problem::Problem;
use crate::http::reply::Reply;

/// Adds the operation to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(get_jwks);
}

impl From<KeysError> for Problem {
    fn from(error: KeysError) -> Self {
        DbError::from(error).into()
    }
}

/// Read the keys that sign access tokens and attestations
///
/// A JSON Web Key Set (RFC 7517). A token of an unknown `kid` is reason to read it again. A key that the next one has followed stays in it for as long as anything is taken that it has signed. The `typ` of a token tells what it is: `at+jwt` or `masthead-attestation+jwt`.
#[utoipa::path(tag = "auth",
    responses((status = 200, description = "The public halves of the keys.", body = JwksView)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(
    shared: Data<Shared>,
    rings: Data<Rings>,
) -> Result<Reply<JwksView>, Problem> {
    let keys = rings.public(shared.clock.now()).await?;
    Ok(Reply::ok(JwksView::of(keys)).header(header::CACHE_CONTROL, "public, max-age=300"))
}
