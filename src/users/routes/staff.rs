//! The staff, as administrators see and change it.

use actix_web::web::Data;
use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;

use crate::db::page::{Mark, Sort};
use crate::http::auth::ManageUsers;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{PageParams, sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::UserId;
use crate::rights::Role;
use crate::users::passwords::Passwords;
use crate::users::sessions;
use crate::users::store::{self, By, Filter};
use crate::users::tokens::Tokens;
use crate::users::view::{
    SessionPage, SessionView, UserChangeInput, UserInput, UserPage, UserView,
};

/// Filters and order of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct UserParams {
    /// Only this role.
    #[param(required = false, inline)]
    role: Role,
    /// Only people who may sign in, or only the others.
    #[param(required = false)]
    active: bool,
    /// `created_at` or `email`, with `-` for descending.
    #[param(
        required = false,
        pattern = "^-?(created_at|email)$",
        default = "created_at"
    )]
    sort: String,
}

/// List users
#[utoipa::path(tag = "users", params(UserParams, PageParams),
    responses((status = 200, description = "A page of the staff.", body = UserPage)),
    extensions(("x-permission" = json!("manage_users"))))]
#[get("/v1/users")]
pub async fn list_users(cx: Cx<ManageUsers>) -> Result<Reply<UserPage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        role: params.word("role", Role::parse, "admin, rights, editor, author, viewer")?,
        active: params.maybe_flag("active")?,
    };
    let known = [("created_at", By::Created), ("email", By::Email)];
    let default = Sort {
        by: By::Created,
        descending: false,
    };
    let (sort, paging) = (sort(params, &known, default)?, cx.paging()?);
    let (users, total) = store::list(cx.db(), filter, sort, paging.window.clone()).await?;
    let (users, page) = paging.close(users, total, |user| Mark {
        key: match sort.by {
            By::Created => String::new(),
            By::Email => user.account.email.as_str().to_owned(),
        },
        id: user.id.to_string(),
    });
    Ok(Reply::ok(UserPage {
        data: users.into_iter().map(UserView::from).collect(),
        page,
    }))
}

/// Add a user
#[utoipa::path(tag = "users", request_body = UserInput,
    responses((status = 201, description = "The new user.", body = UserView)),
    extensions(("x-permission" = json!("manage_users"))))]
#[post("/v1/users")]
pub async fn create_user(
    cx: Cx<ManageUsers>,
    tokens: Data<Tokens>,
    passwords: Data<Passwords>,
    body: Body,
) -> Result<Reply<UserView>, Problem> {
    let document = body.json()?;
    let (mut write, _in_flight) = cx.write_once(&document)?;
    if let Some(once) = &mut write.once {
        // The body holds a password: a plain hash of it could be searched for that.
        once.request_hash = tokens.keys().fingerprint(&once.request_hash);
    }
    let (account, password) = document.read::<UserInput>(cx.schemas())?.parse()?;
    let password = passwords.hash(password).await?;
    let written = store::create(cx.db(), write, account, password).await?;
    let id: UserId = written_id(&written)?;
    let user = store::get(cx.db(), id).await?;
    let revision = user.revision;
    Ok(Reply::created(&format!("/v1/users/{id}"), UserView::from(user)).revision(revision))
}

/// Read a user
#[utoipa::path(tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, description = "The user.", body = UserView)),
    extensions(("x-permission" = json!("manage_users"))))]
#[get("/v1/users/{id}")]
pub async fn get_user(
    cx: Cx<ManageUsers>,
    PathId(id): PathId<UserId>,
) -> Result<Reply<UserView>, Problem> {
    let user = store::get(cx.db(), id).await?;
    let revision = user.revision;
    Ok(Reply::ok(UserView::from(user)).revision(revision))
}

/// Change a user
///
/// A new role and `active: false` count from the user's next request; a new password and disabling end their sessions. The last active administrator stays one.
#[utoipa::path(tag = "users", params(("id" = UserId, Path)),
    request_body(content = UserChangeInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The user as they are now.", body = UserView)),
    extensions(("x-permission" = json!("manage_users"))))]
#[patch("/v1/users/{id}")]
pub async fn update_user(
    cx: Cx<ManageUsers>,
    PathId(id): PathId<UserId>,
    passwords: Data<Passwords>,
    body: Body,
) -> Result<Reply<UserView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: UserChangeInput = document.patch(&UserChangeInput::from(&current), cx.schemas())?;
    let (account, password) = input.parse()?;
    let hash = match password {
        Some(password) => Some(passwords.hash(password).await?),
        None => None,
    };
    store::update(cx.db(), cx.write(), id, current.revision, account, hash).await?;
    let user = store::get(cx.db(), id).await?;
    let revision = user.revision;
    Ok(Reply::ok(UserView::from(user)).revision(revision))
}

/// Remove a user
///
/// Ends their sessions. What they wrote stays, under their id. Refused for the last active administrator.
#[utoipa::path(tag = "users", params(("id" = UserId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("manage_users"))))]
#[delete("/v1/users/{id}")]
pub async fn delete_user(
    cx: Cx<ManageUsers>,
    PathId(id): PathId<UserId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}

/// List a user's sessions
#[utoipa::path(tag = "users", params(("id" = UserId, Path), PageParams),
    responses((status = 200, description = "Sessions that have not ended, newest first.", body = SessionPage)),
    extensions(("x-permission" = json!("manage_users"))))]
#[get("/v1/users/{id}/sessions")]
pub async fn list_sessions(
    cx: Cx<ManageUsers>,
    PathId(id): PathId<UserId>,
) -> Result<Reply<SessionPage>, Problem> {
    let reader = cx.staff()?.session;
    let paging = cx.paging()?;
    store::get(cx.db(), id).await?;
    let (found, total) = sessions::list(cx.db(), id, cx.now(), paging.window.clone()).await?;
    let (found, page) = paging.close(found, total, |session| Mark {
        key: String::new(),
        id: session.id.to_string(),
    });
    let data = found
        .into_iter()
        .map(|session| SessionView::of(session, reader));
    Ok(Reply::ok(SessionPage {
        data: data.collect(),
        page,
    }))
}

/// End all sessions of a user
#[utoipa::path(tag = "users", params(("id" = UserId, Path)),
    responses((status = 204, description = "Ended.")),
    extensions(("x-permission" = json!("manage_users")), ("x-unconditional" = json!(true))))]
#[delete("/v1/users/{id}/sessions")]
pub async fn end_sessions(
    cx: Cx<ManageUsers>,
    PathId(id): PathId<UserId>,
) -> Result<Reply<Nothing>, Problem> {
    store::get(cx.db(), id).await?;
    sessions::end_all(cx.db(), cx.write(), id).await?;
    Ok(Reply::no_content())
}
