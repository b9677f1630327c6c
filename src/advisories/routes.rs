//! Operations on advisories: a partner's key sees and acknowledges its own, those who manage
//! rights see all and may act on a partner's behalf.

use actix_web::{get, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{AdvisoryKind, AdvisoryStanding, By, Filter};
use super::store;
use super::view::{AcknowledgeInput, AdvisoryPage, AdvisoryView};
use crate::db::page::Mark;
use crate::http::auth::{FollowAdvisories, ManageLicences, Permission, Principal};
use crate::http::body::{Body, Document};
use crate::http::context::{Cx, PathId};
use crate::http::page::PageParams;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::kernel::id::{AdvisoryId, ArticleId, PartnerId};

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_advisories)
        .service(get_advisory)
        .service(acknowledge_advisory)
        .service(remind_of_advisory);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct AdvisoryParams {
    /// Only those to this partner.
    #[param(required = false)]
    partner: PartnerId,
    /// Only those about this article.
    #[param(required = false)]
    article: ArticleId,
    /// Only those of this kind.
    #[param(required = false, inline)]
    kind: AdvisoryKind,
    /// Only those that stand so. What is overdue is open, too.
    #[param(required = false, inline)]
    status: AdvisoryStanding,
}

/// List advisories
///
/// Corrections, withdrawals and reinstatements of works that a partner was given, the newest first. A partner's key sees its own; those who manage rights see all.
#[utoipa::path(tag = "advisories", params(AdvisoryParams, PageParams),
    responses((status = 200, description = "A page of advisories.", body = AdvisoryPage)),
    extensions(("x-permission" = json!("follow_advisories"))))]
#[get("/v1/advisories")]
pub async fn list_advisories(cx: Cx<FollowAdvisories>) -> Result<Reply<AdvisoryPage>, Problem> {
    let (params, paging, now) = (cx.params(), cx.paging()?, cx.now());
    let kinds: Vec<&str> = AdvisoryKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let filter = Filter {
        own: own(&cx)?,
        partner: params.id("partner")?,
        article: params.id("article")?,
        kind: params.word("kind", AdvisoryKind::parse, &kinds.join(", "))?,
        standing: params.word(
            "status",
            AdvisoryStanding::parse,
            "open, overdue, acknowledged",
        )?,
    };
    let window = paging.window.clone();
    let (advisories, total) = store::list(cx.db(), filter, window, now).await?;
    let (advisories, page) = paging.close(advisories, total, |advisory| Mark {
        key: String::new(),
        id: advisory.id.to_string(),
    });
    let view = |advisory| AdvisoryView::of(advisory, now, cx.principal().is_staff());
    let data = advisories.into_iter().map(view).collect();
    Ok(Reply::ok(AdvisoryPage { data, page }))
}

/// Read an advisory
///
/// Another partner's is not there.
#[utoipa::path(tag = "advisories", params(("id" = AdvisoryId, Path)),
    responses((status = 200, description = "The advisory.", body = AdvisoryView)),
    extensions(("x-permission" = json!("follow_advisories"))))]
#[get("/v1/advisories/{id}")]
pub async fn get_advisory(
    cx: Cx<FollowAdvisories>,
    PathId(id): PathId<AdvisoryId>,
) -> Result<Reply<AdvisoryView>, Problem> {
    shown(&cx, id).await
}

/// Acknowledge an advisory
///
/// By the partner, or by those who manage rights on its behalf, which stays on record. The first acknowledgement stands: a second one changes nothing and answers with the first. The partner's older open corrections and reinstatements of the same work are settled with it; an older withdrawal has to be acknowledged itself.
#[utoipa::path(tag = "advisories", params(("id" = AdvisoryId, Path)), request_body = AcknowledgeInput,
    responses((status = 200, description = "The advisory as it is now.", body = AdvisoryView)),
    extensions(("x-permission" = json!("follow_advisories"))))]
#[post("/v1/advisories/{id}/acknowledge")]
pub async fn acknowledge_advisory(
    cx: Cx<FollowAdvisories>,
    PathId(id): PathId<AdvisoryId>,
    body: Body,
) -> Result<Reply<AdvisoryView>, Problem> {
    let own = own(&cx)?;
    store::get(cx.db(), id, own).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let answer = document.read::<AcknowledgeInput>(cx.schemas())?.parse()?;
    store::write::acknowledge(cx.db(), write, id, own, by(&cx)?, answer).await?;
    shown(&cx, id).await
}

/// Remind a partner of an advisory
///
/// Counts the reminder and puts it into the change log. What is overdue is reminded of once a day without being asked; a reminder by hand takes the place of that day's.
#[utoipa::path(tag = "advisories", params(("id" = AdvisoryId, Path)),
    responses((status = 200, description = "The advisory as it is now.", body = AdvisoryView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[post("/v1/advisories/{id}/remind")]
pub async fn remind_of_advisory(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<AdvisoryId>,
) -> Result<Reply<AdvisoryView>, Problem> {
    let (write, _in_flight) = cx.write_once(&Document::none())?;
    store::write::remind(cx.db(), write, id).await?;
    shown(&cx, id).await
}

async fn shown<P: Permission>(cx: &Cx<P>, id: AdvisoryId) -> Result<Reply<AdvisoryView>, Problem> {
    let advisory = store::get(cx.db(), id, own(cx)?).await?;
    let revision = advisory.revision;
    let view = AdvisoryView::of(advisory, cx.now(), cx.principal().is_staff());
    Ok(Reply::ok(view).revision(revision))
}

/// Whose advisories the caller is held to: those of the key's partner, and all for the staff.
fn own<P: Permission>(cx: &Cx<P>) -> Result<Option<PartnerId>, Problem> {
    match cx.principal().is_staff() {
        true => Ok(None),
        false => cx.partner().map(Some),
    }
}

fn by<P: Permission>(cx: &Cx<P>) -> Result<By, Problem> {
    match cx.principal() {
        Principal::Client(client) => Ok(By::Client(client.client)),
        Principal::Staff(staff) => Ok(By::User(staff.user)),
        Principal::Anonymous { .. } => Err(Problem::new(Kind::Unauthorized)),
    }
}
