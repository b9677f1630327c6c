//! Operations on users: signing in ([`auth`]), one's own account ([`me`]), and the staff as
//! administrators see it ([`staff`]).

mod auth;
mod me;
mod staff;

use actix_web::http::header;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Bearer;
use super::passwords::PasswordError;
use super::tokens::Tokens;
use super::view::TokensView;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(me::get_me)
        .service(me::change_password)
        .service(me::list_own_sessions)
        .service(me::end_own_session)
        .service(staff::list_users)
        .service(staff::create_user)
        .service(staff::get_user)
        .service(staff::update_user)
        .service(staff::delete_user)
        .service(staff::list_sessions)
        .service(staff::end_sessions);
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::new(Kind::Unavailable),
            PasswordError::Broken => Self::new(Kind::Internal).cause(error),
        }
    }
}

/// The answer to whoever has proven who they are.
async fn tokens_for(
    tokens: &Tokens,
    bearer: Bearer,
    refresh: &secrecy::SecretString,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Reply<TokensView>, Problem> {
    let access = tokens.access(bearer, now).await?;
    // RFC 6749, 5.1.
    Ok(Reply::ok(TokensView::of(access, refresh))
        .secret()
        .header(header::PRAGMA, "no-cache"))
}
