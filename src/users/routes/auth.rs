//! Signing in and out.

use actix_web::post;
use actix_web::web::Data;

use super::tokens_for;
use crate::db::StoreError;
use crate::http::auth::{Denied, Open, Staff};
use crate::http::body::Body;
use crate::http::context::Cx;
use crate::http::problem::{Kind, Problem, ProblemDocument};
use crate::http::reply::{Nothing, Reply};
use crate::kernel::secret;
use crate::users::model::Email;
use crate::users::passwords::Passwords;
use crate::users::sessions::{self, Refreshed, SignIn};
use crate::users::store::{self, Whose};
use crate::users::tokens::Tokens;
use crate::users::view::{LoginInput, RefreshInput, TokensView};

/// Sign in
///
/// Unknown people, wrong passwords and disabled accounts get the very same answer, after the same time. Attempts are limited for each address and each account.
#[utoipa::path(tag = "auth", request_body = LoginInput,
    responses((status = 200, description = "Tokens of a new session.", body = TokensView),
        (status = 401, description = "The mail address and the password do not belong to an active account.", body = ProblemDocument, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("open"))))]
#[post("/v1/auth/login")]
pub async fn login(
    cx: Cx<Open>,
    tokens: Data<Tokens>,
    passwords: Data<Passwords>,
    body: Body,
) -> Result<Reply<TokensView>, Problem> {
    let input: LoginInput = body.json()?.read(cx.schemas())?;
    cx.shared().limits.login(cx.peer(), &input.email)?;
    let known = match Email::parse(&input.email) {
        Some(email) => store::known(cx.db(), Whose::Email(email)).await?,
        None => None,
    };
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let proven = passwords.verify(hash, input.password).await?;
    let Some(known) = known.filter(|known| proven && known.active) else {
        return Err(Problem::new(Kind::SignInFailed));
    };
    let first = Tokens::refresh();
    let sign_in = SignIn {
        user: known.id,
        password_hash: known.password_hash,
        user_agent: cx.user_agent(),
        token: secret::digest(&first),
        expires_at: tokens.session_end(cx.now()),
    };
    let bearer = match sessions::start(cx.db(), cx.write(), sign_in).await {
        Err(StoreError::NotFound) => return Err(Problem::new(Kind::SignInFailed)),
        outcome => outcome?,
    };
    tokens_for(&tokens, bearer, &first, cx.now()).await
}

/// Get new tokens
///
/// Exchanges a refresh token for a new pair. Each is good for one use: one that comes back after its use ends the whole session, since two hands hold it. Two refreshes at the same time with the same token count as that, so a program refreshes in one place.
#[utoipa::path(tag = "auth", request_body = RefreshInput,
    responses((status = 200, description = "The next tokens of the session.", body = TokensView)),
    extensions(("x-permission" = json!("open"))))]
#[post("/v1/auth/refresh")]
pub async fn refresh(
    cx: Cx<Open>,
    tokens: Data<Tokens>,
    body: Body,
) -> Result<Reply<TokensView>, Problem> {
    let input: RefreshInput = body.json()?.read(cx.schemas())?;
    let next = Tokens::refresh();
    let refreshed = sessions::refresh(
        cx.db(),
        cx.write(),
        secret::digest(&input.refresh_token),
        secret::digest(&next),
        tokens.session_end(cx.now()),
    )
    .await?;
    match refreshed {
        Refreshed::Next(bearer) => tokens_for(&tokens, bearer, &next, cx.now()).await,
        Refreshed::Reused | Refreshed::Refused => {
            Err(Denied::Invalid("The refresh token is not valid, or not any more.").into())
        }
    }
}

/// Sign out
///
/// Ends the session of the token that is sent, at once.
#[utoipa::path(tag = "auth",
    responses((status = 204, description = "The session has ended.")),
    extensions(("x-permission" = json!("staff")), ("x-unconditional" = json!(true))))]
#[post("/v1/auth/logout")]
pub async fn logout(cx: Cx<Staff>) -> Result<Reply<Nothing>, Problem> {
    let staff = cx.staff()?;
    match sessions::end(cx.db(), cx.write(), staff.user, staff.session).await {
        // Another request was faster.
        Ok(()) | Err(StoreError::NotFound) => Ok(Reply::no_content()),
        Err(error) => Err(error.into()),
    }
}
