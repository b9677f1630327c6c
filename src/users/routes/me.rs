//! One's own account.

use actix_web::web::Data;
use actix_web::{delete, get, put};

use crate::db::page::Mark;
use crate::http::auth::Staff;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId};
use crate::http::page::PageParams;
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::fault::Fault;
use crate::kernel::id::SessionId;
use crate::users::passwords::Passwords;
use crate::users::sessions;
use crate::users::store::{self, Whose};
use crate::users::view::{MeView, PasswordInput, SessionPage, SessionView};

/// Read who is signed in
#[utoipa::path(tag = "me",
    responses((status = 200, description = "The user, the session, and what the role may do.", body = MeView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/me")]
pub async fn get_me(cx: Cx<Staff>) -> Result<Reply<MeView>, Problem> {
    let staff = cx.staff()?;
    let user = store::get(cx.db(), staff.user).await?;
    let revision = user.revision;
    Ok(Reply::ok(MeView::of(user, staff.session)).revision(revision))
}

/// Change one's own password
///
/// Ends all other sessions. Attempts are limited as those to sign in are.
#[utoipa::path(tag = "me", request_body = PasswordInput,
    responses((status = 204, description = "Changed.")),
    extensions(("x-permission" = json!("staff"))))]
#[put("/v1/me/password")]
pub async fn change_password(
    cx: Cx<Staff>,
    passwords: Data<Passwords>,
    body: Body,
) -> Result<Reply<Nothing>, Problem> {
    let wrong = || {
        vec![Fault::new(
            "/current_password",
            "wrong",
            "is not the current password",
        )]
    };
    let staff = cx.staff()?;
    let input: PasswordInput = body.json()?.read(cx.schemas())?;
    let new = input.parse()?;
    let Some(known) = store::known(cx.db(), Whose::Id(staff.user)).await? else {
        return Err(Problem::not_found());
    };
    cx.shared().limits.login(cx.peer(), known.email.as_str())?;
    let hash = known.password_hash;
    let proven = passwords
        .verify(Some(hash.clone()), input.current_password)
        .await?;
    if !proven {
        return Err(wrong().into());
    }
    let new = passwords.hash(new).await?;
    let (user, session) = (staff.user, staff.session);
    let changed = store::change_password(cx.db(), cx.write(), user, hash, new, session).await?;
    // It was changed while we looked: what was sent is not the current one any more.
    if !changed {
        return Err(wrong().into());
    }
    Ok(Reply::no_content())
}

/// List one's own sessions
#[utoipa::path(tag = "me", params(PageParams),
    responses((status = 200, description = "Sessions that have not ended, newest first.", body = SessionPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/me/sessions")]
pub async fn list_own_sessions(cx: Cx<Staff>) -> Result<Reply<SessionPage>, Problem> {
    let staff = cx.staff()?;
    let paging = cx.paging()?;
    let window = paging.window.clone();
    let (found, total) = sessions::list(cx.db(), staff.user, cx.now(), window).await?;
    let (found, page) = paging.close(found, total, |session| Mark {
        key: String::new(),
        id: session.id.to_string(),
    });
    let data = found
        .into_iter()
        .map(|session| SessionView::of(session, staff.session));
    Ok(Reply::ok(SessionPage {
        data: data.collect(),
        page,
    }))
}

/// End one of one's own sessions
#[utoipa::path(tag = "me", params(("id" = SessionId, Path)),
    responses((status = 204, description = "Ended.")),
    extensions(("x-permission" = json!("staff")), ("x-unconditional" = json!(true))))]
#[delete("/v1/me/sessions/{id}")]
pub async fn end_own_session(
    cx: Cx<Staff>,
    PathId(id): PathId<SessionId>,
) -> Result<Reply<Nothing>, Problem> {
    let user = cx.staff()?.user;
    sessions::end(cx.db(), cx.write(), user, id).await?;
    Ok(Reply::no_content())
}
