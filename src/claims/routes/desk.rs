//! What the desk reads of claims, and what it writes down besides its moves.

use actix_web::{get, patch, post};
use chrono::{DateTime, TimeDelta, Utc};
use utoipa::IntoParams;

use super::shown;
use crate::claims::model::report::Report;
use crate::claims::model::{ClaimKind, ClaimStage};
use crate::claims::store::{self, Filter, filing, holds, messages};
use crate::claims::view::desk::{ClaimLineView, ClaimPage, ClaimView, HoldView};
use crate::claims::view::moves::{ClaimCaseInput, ClaimMessageInput};
use crate::claims::view::report::ClaimReport;
use crate::db::page::Mark;
use crate::http::auth::ManageClaims;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId};
use crate::http::page::{CreatedSortParams, PageParams, created_sort};
use crate::http::params::{Params, bad};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::{ArticleId, ClaimId, HoldId};

/// Longest period of a report: a leap year, in days.
const MOST_DAYS: i64 = 366;

/// Claims that one report counts.
const MOST_CLAIMS: usize = 100_000;

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ClaimParams {
    /// Only claims in this stage.
    #[param(required = false, inline)]
    stage: ClaimStage,
    /// Only claims of this kind.
    #[param(required = false, inline)]
    kind: ClaimKind,
    /// Only claims about this article.
    #[param(required = false)]
    article: ArticleId,
    /// Whether the next step is overdue.
    #[param(required = false)]
    overdue: bool,
    /// Whether they came within the window of the notice.
    #[param(required = false)]
    within_window: bool,
}

fn filter(params: &Params, now: DateTime<Utc>) -> Result<Filter, Problem> {
    let stages: Vec<&str> = ClaimStage::ALL.iter().map(|stage| stage.as_str()).collect();
    let kinds: Vec<&str> = ClaimKind::ALL.iter().map(|kind| kind.as_str()).collect();
    Ok(Filter {
        stage: params.word("stage", ClaimStage::parse, &stages.join(", "))?,
        kind: params.word("kind", ClaimKind::parse, &kinds.join(", "))?,
        article: params.id("article")?,
        overdue: params.maybe_flag("overdue")?.map(|overdue| (overdue, now)),
        within_window: params.maybe_flag("within_window")?,
    })
}

/// List claims
///
/// In the order in which they came. Nothing personal stands in the list.
#[utoipa::path(tag = "claims", params(ClaimParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the claims.", body = ClaimPage)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[get("/v1/claims")]
pub async fn list_claims(cx: Cx<ManageClaims>) -> Result<Reply<ClaimPage>, Problem> {
    let filter = filter(cx.params(), cx.now())?;
    let (descending, paging) = (created_sort(cx.params())?, cx.paging()?);
    let window = paging.window.clone();
    let (lines, total) = store::list(cx.db(), filter, descending, window).await?;
    let (lines, page) = paging.close(lines, total, |line| Mark {
        key: String::new(),
        id: line.id.to_string(),
    });
    let lines = lines.into_iter();
    let data = lines
        .map(|line| ClaimLineView::of(line, cx.now()))
        .collect();
    Ok(Reply::ok(ClaimPage { data, page }))
}

/// What a report is about. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ReportParams {
    /// Received at this instant or later; without it, 30 days before `until`.
    #[param(required = false)]
    from: DateTime<Utc>,
    /// Received before this instant; without it, now. At most 366 days after `from`.
    #[param(required = false)]
    until: DateTime<Utc>,
}

fn period(params: &Params, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Problem> {
    let until = params.time("until")?.unwrap_or(now);
    let from = params.time("from")?;
    let from = from.unwrap_or_else(|| until - TimeDelta::days(30));
    if until <= from {
        return Err(bad("until", "period", "must be after from"));
    }
    if until - from > TimeDelta::days(MOST_DAYS) {
        let detail = format!("may be {MOST_DAYS} days after from at most");
        return Err(bad("until", "period", detail));
    }
    Ok((from, until))
}

/// Report on claims
///
/// Those received in a period: how many of which kind, how far they have come, how long it took. And how many are overdue now.
#[utoipa::path(tag = "claims", params(ReportParams),
    responses((status = 200, description = "The report.", body = ClaimReport)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[get("/v1/reports/claims")]
pub async fn get_claim_report(cx: Cx<ManageClaims>) -> Result<Reply<ClaimReport>, Problem> {
    let (from, until) = period(cx.params(), cx.now())?;
    let (facts, overdue) =
        store::report::facts(cx.db(), from, until, cx.now(), MOST_CLAIMS).await?;
    if facts.len() > MOST_CLAIMS {
        // A report that is cut would be a wrong one.
        let detail = format!("gives more than {MOST_CLAIMS} claims: narrow the period");
        return Err(bad("from", "range", detail));
    }
    let report = Report::of(&facts, overdue);
    Ok(Reply::ok(ClaimReport::of(from, until, report)))
}

/// Read a claim
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)),
    responses((status = 200, description = "The claim.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[get("/v1/claims/{id}")]
pub async fn get_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
) -> Result<Reply<ClaimView>, Problem> {
    shown(&cx, id).await
}

/// Change the desk's part of a claim
///
/// Its note, and the work that it is about where what the claimant gave was not enough to find it. What the claimant said stands.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)),
    request_body(content = ClaimCaseInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The claim as it is now.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[patch("/v1/claims/{id}")]
pub async fn update_claim(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    let revision = current.claim.revision;
    cx.if_match(revision)?;
    let input: ClaimCaseInput = document.patch(&ClaimCaseInput::from(&current), cx.schemas())?;
    filing::update(cx.db(), cx.write(), id, revision, input.parse()?).await?;
    shown(&cx, id).await
}

/// Write to a claimant
///
/// While the case is open. A case holds 50 messages.
#[utoipa::path(tag = "claims", params(("id" = ClaimId, Path)), request_body = ClaimMessageInput,
    responses((status = 200, description = "The claim, with the message.", body = ClaimView)),
    extensions(("x-permission" = json!("manage_claims"))))]
#[post("/v1/claims/{id}/messages")]
pub async fn write_claim_message(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<ClaimId>,
    body: Body,
) -> Result<Reply<ClaimView>, Problem> {
    store::get(cx.db(), id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let text = document.read::<ClaimMessageInput>(cx.schemas())?.parse()?;
    messages::write(cx.db(), write, id, text).await?;
    shown(&cx, id).await
}

/// Read and check frozen evidence
///
/// The hold, and whether the version and the ledger still are what they were when it was made.
#[utoipa::path(tag = "claims", params(("id" = HoldId, Path)),
    responses((status = 200, description = "The hold.", body = HoldView,
        example = json!({"id": "hld_01900000000070008000000000000001", "claim_id": "clm_01900000000070008000000000000001", "article_id": "art_01900000000070008000000000000001", "version": 3, "digest": "sha-256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "text_digest": "sha-256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "source_id": "src_01900000000070008000000000000001", "source": {"name": "Harbour Daily"}, "ledger": {"rows": 0, "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, "interim": true, "frozen_at": "2026-06-02T09:00:00Z", "released_at": null, "intact": {"version": true, "ledger": true}}))),
    extensions(("x-permission" = json!("manage_claims"))))]
#[get("/v1/holds/{id}")]
pub async fn get_hold(
    cx: Cx<ManageClaims>,
    PathId(id): PathId<HoldId>,
) -> Result<Reply<HoldView>, Problem> {
    let (hold, intact) = holds::get(cx.db(), id).await?;
    Ok(Reply::ok(HoldView::checked(hold, intact)))
}
