//! Operations on the audit log. All of them read; that an administrator does so is put on
//! record once a day.

use actix_web::get;
use actix_web::http::header;
use chrono::{DateTime, Utc};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ActorKind, Filter, Place};
use super::store;
use super::view::{EventLines, EventPage, EventView};
use crate::db::Change;
use crate::db::page::Mark;
use crate::http::auth::ReadAudit;
use crate::http::context::{Cx, PathId};
use crate::http::page::{PageParams, Paging, unfit_cursor};
use crate::http::params::{Params, bad};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::{AuditId, ClientId, Id, UserId};

/// Events that one answer of the export holds.
const MOST_LINES: i64 = 10_000;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_audit_events)
        .service(export_audit_events)
        .service(get_audit_event);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct EventParams {
    /// Only what this user or client did.
    #[param(required = false, pattern = "^(usr|cli)_[0-9a-f]{32}$")]
    actor: String,
    #[param(required = false, inline)]
    actor_kind: ActorKind,
    #[param(required = false, inline)]
    action: Change,
    /// Only what was done to this kind of record: a singular noun, such as `article`.
    #[param(required = false, max_length = 40)]
    resource: String,
    /// Only what was done to this record.
    #[param(required = false, max_length = 100)]
    resource_id: String,
    /// At this instant or later.
    #[param(required = false)]
    from: DateTime<Utc>,
    /// Before this instant.
    #[param(required = false)]
    until: DateTime<Utc>,
}

fn filter(params: &Params) -> Result<Filter, Problem> {
    let actions: Vec<&str> = Change::ALL.iter().map(|action| action.as_str()).collect();
    let kinds: Vec<&str> = ActorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let text = |name: &str, most: usize| match params.one(name)? {
        Some(text) if text.is_empty() || text.len() > most => Err(bad(
            name,
            "length",
            format!("must have 1 to {most} characters"),
        )),
        text => Ok(text.map(str::to_owned)),
    };
    let action = |word: &str| Change::parse(word).map(Change::as_str);
    Ok(Filter {
        actor: params.word("actor", actor, "the ids that begin with usr_ or cli_")?,
        actor_kind: params.word("actor_kind", ActorKind::parse, &kinds.join(", "))?,
        action: params.word("action", action, &actions.join(", "))?,
        resource: text("resource", 40)?,
        resource_id: text("resource_id", 100)?,
        from: params.time("from")?,
        until: params.time("until")?,
    })
}

/// The id of somebody who can do something.
fn actor(text: &str) -> Option<String> {
    let known = UserId::parse(text).is_some() || ClientId::parse(text).is_some();
    known.then(|| text.to_owned())
}

/// List what was done
///
/// Every write, and every reading by the desk of a withdrawn or embargoed body. Newest first.
/// Reading the log is itself put on record, once a day (UTC) for each reader.
#[utoipa::path(tag = "audit", params(EventParams, PageParams),
    responses((status = 200, description = "A page of the audit log.", body = EventPage)),
    extensions(("x-permission" = json!("read_audit"))))]
#[get("/v1/audit-events")]
pub async fn list_audit_events(cx: Cx<ReadAudit>) -> Result<Reply<EventPage>, Problem> {
    let (filter, paging) = (filter(cx.params())?, cx.paging()?);
    let (after, window) = (place(&paging)?, paging.window.clone());
    store::note_reader(cx.db(), cx.write()).await?;
    let (events, total) = store::list(cx.db(), filter, after, window).await?;
    let (events, page) = paging.close(events, total, |recorded| Mark {
        key: recorded.event.at.timestamp_micros().to_string(),
        id: recorded.event.seq.to_string(),
    });
    let data = events.into_iter().map(EventView::from).collect();
    Ok(Reply::ok(EventPage { data, page }))
}

/// Where the page before ended.
fn place(paging: &Paging) -> Result<Option<Place>, Problem> {
    let Some(mark) = &paging.window.after else {
        return Ok(None);
    };
    let at = mark
        .key
        .parse()
        .ok()
        .and_then(DateTime::from_timestamp_micros)
        .filter(|at| crate::kernel::time::is_sane(*at));
    match (at, mark.id.parse()) {
        (Some(at), Ok(seq)) => Ok(Some(Place { at, seq })),
        _ => Err(unfit_cursor()),
    }
}

/// Read an event
#[utoipa::path(tag = "audit", params(("id" = AuditId, Path)),
    responses((status = 200, description = "The event, with its seal.", body = EventView)),
    extensions(("x-permission" = json!("read_audit"))))]
#[get("/v1/audit-events/{id}")]
pub async fn get_audit_event(
    cx: Cx<ReadAudit>,
    PathId(id): PathId<AuditId>,
) -> Result<Reply<EventView>, Problem> {
    let recorded = store::get(cx.db(), id).await?;
    store::note_reader(cx.db(), cx.write()).await?;
    Ok(Reply::ok(recorded.into()))
}

/// What the export is asked for. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ExportParams {
    /// The number of the last event that is known already.
    #[param(required = false, minimum = 0, default = 0)]
    after: i64,
    /// Events in one answer.
    #[param(required = false, minimum = 1, maximum = 10_000, default = 1_000)]
    limit: i64,
    /// Leaves out the newest events, which have no seal yet.
    #[param(required = false)]
    sealed: bool,
}

/// Export the audit log
///
/// Events as JSON lines in the order of their numbers, each as `GET /v1/audit-events/{id}` gives
/// it. `Link: rel="next"` leads on while there are more.
#[utoipa::path(tag = "audit", params(ExportParams),
    responses((status = 200, description = "The next events, one on each line.",
        content((String = "application/x-ndjson", example = json!("{\"seq\":1,\"id\":\"aud_01900000000070008000000000000001\",\"action\":\"created\",\"…\":\"…\"}\n"))),
        headers(("Link" = String, description = "`rel=\"next\"`, while there are more.")))),
    extensions(("x-permission" = json!("read_audit"))))]
#[get("/v1/audit-events/export")]
pub async fn export_audit_events(cx: Cx<ReadAudit>) -> Result<Reply<EventLines>, Problem> {
    let params = cx.params();
    let after = params.whole("after", 0..=i64::MAX)?.unwrap_or(0);
    let limit = params.whole("limit", 1..=MOST_LINES)?.unwrap_or(1_000);
    let sealed = params.flag("sealed")?;
    store::note_reader(cx.db(), cx.write()).await?;
    let found = cx.db();
    let found = found.read(move |conn| store::after(conn, after, limit, sealed));
    let mut events: Vec<EventView> = found.await?.into_iter().map(EventView::from).collect();
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = events.len() > most;
    events.truncate(most);
    let last = events.last().map(|event| event.seq).filter(|_| has_more);
    let reply = Reply::ok(EventLines(events));
    Ok(match last {
        Some(last) => reply.header(
            header::LINK,
            &format!(
                "<{}?after={last}&limit={limit}&sealed={sealed}>; rel=\"next\"",
                cx.path()
            ),
        ),
        None => reply,
    })
}
