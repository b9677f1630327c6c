//! Operations on the ledger.

use actix_web::get;
use chrono::{DateTime, Days, NaiveDate, Utc};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Filter, UsageGroup, UsageQuery};
use super::store;
use super::view::{DeliveryPage, DeliveryView, UsageReport};
use crate::db::page::Mark;
use crate::http::auth::ManageLicences;
use crate::http::context::{Cx, PathId};
use crate::http::page::{CreatedSortParams, PageParams, created_sort};
use crate::http::params::{Params, bad};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::{ArticleId, ClientId, DeliveryId, LicenceId, PartnerId, SectionId};
use crate::rights::Extent;

/// Longest period of a usage report: a leap year.
const MOST_DAYS: i64 = 366;

/// Groups that one report holds.
const MOST_GROUPS: usize = 10_000;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_deliveries)
        .service(get_delivery)
        .service(get_usage);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct DeliveryParams {
    /// Only what this partner was given.
    #[param(required = false)]
    partner: PartnerId,
    /// Only what this key asked for.
    #[param(required = false)]
    client: ClientId,
    /// Only what was given under this licence.
    #[param(required = false)]
    licence: LicenceId,
    /// Only this article.
    #[param(required = false)]
    article: ArticleId,
    /// Only articles that stood in this section itself.
    #[param(required = false)]
    section: SectionId,
    /// Only this much of a work.
    #[param(required = false, inline)]
    extent: Extent,
    /// Given at this instant or later.
    #[param(required = false)]
    from: DateTime<Utc>,
    /// Given before this instant.
    #[param(required = false)]
    until: DateTime<Utc>,
}

fn filter(params: &Params) -> Result<Filter, Problem> {
    let extents: Vec<&str> = Extent::ALL.iter().map(|extent| extent.as_str()).collect();
    Ok(Filter {
        partner: params.id("partner")?,
        client: params.id("client")?,
        licence: params.id("licence")?,
        article: params.id("article")?,
        section: params.id("section")?,
        extent: params.word("extent", Extent::parse, &extents.join(", "))?,
        from: params.time("from")?,
        until: params.time("until")?,
    })
}

/// List what partners were given
///
/// The ledger: one row for each body, written before it left. Sorted by `created_at`, which is the row's `at`.
#[utoipa::path(tag = "deliveries", params(DeliveryParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the ledger.", body = DeliveryPage)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/deliveries")]
pub async fn list_deliveries(cx: Cx<ManageLicences>) -> Result<Reply<DeliveryPage>, Problem> {
    let (filter, descending) = (filter(cx.params())?, created_sort(cx.params())?);
    let paging = cx.paging()?;
    let window = paging.window.clone();
    let (rows, total) = store::list(cx.db(), filter, descending, window).await?;
    let (rows, page) = paging.close(rows, total, |row| Mark {
        key: String::new(),
        id: row.id.to_string(),
    });
    Ok(Reply::ok(DeliveryPage {
        data: rows.into_iter().map(DeliveryView::from).collect(),
        page,
    }))
}

/// Read a row of the ledger
#[utoipa::path(tag = "deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 200, description = "The row.", body = DeliveryView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/deliveries/{id}")]
pub async fn get_delivery(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<DeliveryId>,
) -> Result<Reply<DeliveryView>, Problem> {
    let row = store::get(cx.db(), id).await?;
    Ok(Reply::ok(DeliveryView::from(row)))
}

/// What a report is about, and as what it comes. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct UsageParams {
    /// The first day (UTC); without it, 30 days before `until`.
    #[param(required = false)]
    from: NaiveDate,
    /// The first day after it; without it, tomorrow. At most 366 days after `from`.
    #[param(required = false)]
    until: NaiveDate,
    /// `partner`, `article`, `section`, `day` and `extent`, one or more, separated by commas.
    #[param(
        required = false,
        pattern = "^(partner|article|section|day|extent)(,(partner|article|section|day|extent))*$",
        default = "partner"
    )]
    group_by: String,
    /// Only what this partner was given.
    #[param(required = false)]
    partner: PartnerId,
    /// Only what was given under this licence.
    #[param(required = false)]
    licence: LicenceId,
    /// Only this article.
    #[param(required = false)]
    article: ArticleId,
    /// Only articles that stood in this section itself.
    #[param(required = false)]
    section: SectionId,
    /// `json` or `csv`.
    #[param(required = false, pattern = "^(json|csv)$", default = "json")]
    format: String,
}

/// A day as `YYYY-MM-DD`, in no other spelling.
fn day(params: &Params, name: &str) -> Result<Option<NaiveDate>, Problem> {
    let day = |text: &str| {
        let day: NaiveDate = text.parse().ok()?;
        (day.to_string() == text && text.len() == 10 && !text.starts_with("0000")).then_some(day)
    };
    params
        .one(name)?
        .map(|text| day(text).ok_or_else(|| bad(name, "format", "must be a day as YYYY-MM-DD")))
        .transpose()
}

/// The days that a report is about, half-open.
fn days(params: &Params, now: DateTime<Utc>) -> Result<(NaiveDate, NaiveDate), Problem> {
    let (from, until) = (day(params, "from")?, day(params, "until")?);
    let today = now.date_naive();
    let until = until.unwrap_or_else(|| today.checked_add_days(Days::new(1)).unwrap_or(today));
    let from = from.unwrap_or_else(|| until.checked_sub_days(Days::new(30)).unwrap_or(until));
    match (until - from).num_days() {
        ..=0 => Err(bad("until", "period", "must be after from")),
        1..=MOST_DAYS => Ok((from, until)),
        _ => Err(bad(
            "until",
            "period",
            format!("may be {MOST_DAYS} days after from at most"),
        )),
    }
}

fn group_by(params: &Params) -> Result<Vec<UsageGroup>, Problem> {
    let known: Vec<&str> = UsageGroup::ALL.iter().map(|by| by.as_str()).collect();
    let Some(words) = params.list("group_by", &known)? else {
        return Ok(vec![UsageGroup::Partner]);
    };
    let mut groups = Vec::new();
    for by in words.iter().filter_map(|word| UsageGroup::parse(word)) {
        if !groups.contains(&by) {
            groups.push(by);
        }
    }
    if groups.is_empty() {
        let detail = format!("must name one or more of {}", known.join(", "));
        return Err(bad("group_by", "choice", detail));
    }
    Ok(groups)
}

/// Report how much partners were given
///
/// Bodies and different articles by group, over whole days (UTC). As CSV, a cell that a
/// spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(tag = "deliveries", params(UsageParams),
    responses((status = 200, description = "The report.", content(
        (UsageReport = "application/json"),
        (String = "text/csv", example = json!("partner_id,partner_name,bodies,articles\r\nptn_01900000000070008000000000000001,Coastal Gazette,12,7\r\n"))))),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/usage")]
pub async fn get_usage(cx: Cx<ManageLicences>) -> Result<Reply<UsageReport>, Problem> {
    let params = cx.params();
    let (from, until) = days(params, cx.now())?;
    let as_csv = |word: &str| ["json", "csv"].contains(&word).then_some(word == "csv");
    let as_csv = params.word("format", as_csv, "json, csv")?.unwrap_or(false);
    let asked = UsageQuery {
        from,
        until,
        group_by: group_by(params)?,
        partner: params.id("partner")?,
        licence: params.id("licence")?,
        article: params.id("article")?,
        section: params.id("section")?,
        most: MOST_GROUPS,
    };
    let usage = store::usage::usage(cx.db(), asked.clone()).await?;
    if usage.groups.len() > MOST_GROUPS {
        return Err(too_many());
    }
    Ok(Reply::ok(UsageReport::new(&asked, usage, as_csv)))
}

/// A report that is cut would be a wrong one.
fn too_many() -> Problem {
    let detail =
        format!("gives more than {MOST_GROUPS} groups: narrow the days, filter, or group by less");
    bad("group_by", "range", detail)
}
