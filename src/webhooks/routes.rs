//! Operations on webhooks.

use actix_web::web::Data;
use actix_web::{delete, get, patch, post};
use secrecy::ExposeSecret as _;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{DisabledReason, MessageState, ReplayFrom, Webhook};
use super::secrets::Secrets;
use super::store::feed::Log;
use super::store::{self, Filter, log, pump};
use super::view::{
    AttemptPage, AttemptView, MessagePage, MessageView, Replay, ReplayInput, RotationInput,
    WebhookInput, WebhookPage, WebhookView,
};
use crate::db::page::Mark;
use crate::http::auth::ManageClients;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, PathTwo, written_id};
use crate::http::page::{CreatedSortParams, PageParams, Paging, created_sort, unfit_cursor};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ClientId, Id as _, MessageId, WebhookId};

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_webhooks)
        .service(create_webhook)
        .service(get_webhook)
        .service(update_webhook)
        .service(delete_webhook)
        .service(ping_webhook)
        .service(rotate_webhook_secret)
        .service(replay_webhook)
        .service(list_webhook_messages)
        .service(get_webhook_message)
        .service(list_webhook_attempts);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct WebhookParams {
    /// Only those of this client.
    #[param(required = false)]
    client: ClientId,
    /// Only those that are, or are not.
    #[param(required = false)]
    enabled: bool,
    /// Only those that are disabled for this reason.
    #[param(required = false, inline)]
    reason: DisabledReason,
}

/// List webhooks
#[utoipa::path(tag = "webhooks", params(WebhookParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of webhooks.", body = WebhookPage)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/webhooks")]
pub async fn list_webhooks(cx: Cx<ManageClients>) -> Result<Reply<WebhookPage>, Problem> {
    let params = cx.params();
    let reasons: Vec<&str> = DisabledReason::ALL
        .iter()
        .map(|word| word.as_str())
        .collect();
    let filter = Filter {
        client: params.id("client")?,
        enabled: params.maybe_flag("enabled")?,
        reason: params.word("reason", DisabledReason::parse, &reasons.join(", "))?,
    };
    let (descending, paging) = (created_sort(params)?, cx.paging()?);
    let window = paging.window.clone();
    let (webhooks, total) = store::list(cx.db(), filter, descending, window).await?;
    let (webhooks, page) = paging.close(webhooks, total, |webhook| Mark {
        key: String::new(),
        id: webhook.id.to_string(),
    });
    let data = webhooks
        .into_iter()
        .map(|webhook| WebhookView::of(webhook, cx.now()));
    Ok(Reply::ok(WebhookPage {
        data: data.collect(),
        page,
    }))
}

/// Add a webhook
///
/// It is told of what happens from now on; `replay` sends what was before. The answer holds the secret, this one time.
#[utoipa::path(tag = "webhooks", request_body = WebhookInput,
    responses((status = 201, description = "The new webhook and its secret.", body = WebhookView)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[post("/v1/webhooks")]
pub async fn create_webhook(
    cx: Cx<ManageClients>,
    (secrets, feed): (Data<Secrets>, Data<Log>),
    body: Body,
) -> Result<Reply<WebhookView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let input = document.read::<WebhookInput>(cx.schemas())?;
    let target = input.parse(cx.shared().config.webhook_allow_private)?;
    let id: WebhookId = write.mint.id(write.now);
    let fresh = secrets.fresh(id)?;
    let (client, feed, sealed) = (input.client_id, Log::clone(&feed), fresh.sealed);
    let written = store::create(cx.db(), write, feed, id, client, target, sealed).await?;
    let id: WebhookId = written_id(&written)?;
    let webhook = store::get(cx.db(), id).await?;
    let revision = webhook.revision;
    let mut view = WebhookView::of(webhook, cx.now());
    // On a repetition the secret that was just made is nobody's.
    view.secret = (!written.replayed).then(|| fresh.shown.expose_secret().to_owned());
    let location = format!("/v1/webhooks/{id}");
    Ok(Reply::created(&location, view).revision(revision).secret())
}

/// Read a webhook
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, description = "The webhook, without its secret.", body = WebhookView)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/webhooks/{id}")]
pub async fn get_webhook(
    cx: Cx<ManageClients>,
    PathId(id): PathId<WebhookId>,
) -> Result<Reply<WebhookView>, Problem> {
    Ok(answer(&cx, store::get(cx.db(), id).await?))
}

/// Change a webhook
///
/// Once it is enabled, or has another address, what is unfinished is tried at once, and for another 72 hours. The client stays.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path)),
    request_body(content = WebhookInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The webhook as it is now.", body = WebhookView)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[patch("/v1/webhooks/{id}")]
pub async fn update_webhook(
    cx: Cx<ManageClients>,
    PathId(id): PathId<WebhookId>,
    body: Body,
) -> Result<Reply<WebhookView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: WebhookInput = document.patch(&WebhookInput::from(&current), cx.schemas())?;
    let target = input.parse_change(&current, cx.shared().config.webhook_allow_private)?;
    store::update(cx.db(), cx.write(), id, current.revision, target).await?;
    Ok(answer(&cx, store::get(cx.db(), id).await?))
}

/// Remove a webhook
///
/// With all that it was to send, and its log.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("manage_clients"))))]
#[delete("/v1/webhooks/{id}")]
pub async fn delete_webhook(
    cx: Cx<ManageClients>,
    PathId(id): PathId<WebhookId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}

/// Send a test message
///
/// By the same queue as all others, signed like them. It is tried once; its attempts tell what came of it.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path)),
    responses((status = 409, description = "The webhook is disabled.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 202, description = "The message, which is due now.", body = MessageView)),
    extensions(("x-permission" = json!("manage_clients")), ("x-unconditional" = json!(true))))]
#[post("/v1/webhooks/{id}/ping")]
pub async fn ping_webhook(
    cx: Cx<ManageClients>,
    PathId(id): PathId<WebhookId>,
) -> Result<Reply<MessageView>, Problem> {
    let message = pump::ping(cx.db(), cx.write(), id).await?;
    let view = log::get(cx.db(), id, message).await?.into();
    let location = format!("/v1/webhooks/{id}/messages/{message}");
    Ok(Reply::accepted(&location, view))
}

/// Make a new secret
///
/// The answer holds it, this one time. For `overlap_hours` messages carry two signatures, by the new secret and by the one before.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path)), request_body = RotationInput,
    responses((status = 200, description = "The webhook and its new secret.", body = WebhookView)),
    extensions(("x-permission" = json!("manage_clients")), ("x-unconditional" = json!(true))))]
#[post("/v1/webhooks/{id}/rotate-secret")]
pub async fn rotate_webhook_secret(
    cx: Cx<ManageClients>,
    secrets: Data<Secrets>,
    PathId(id): PathId<WebhookId>,
    body: Body,
) -> Result<Reply<WebhookView>, Problem> {
    let document = body.optional_json()?;
    let overlap = document.read::<RotationInput>(cx.schemas())?.parse()?;
    let (fresh, write) = (secrets.fresh(id)?, cx.write());
    let until = write.now + overlap;
    store::rotate(cx.db(), write, id, fresh.sealed, until).await?;
    let webhook = store::get(cx.db(), id).await?;
    let revision = webhook.revision;
    let mut view = WebhookView::of(webhook, cx.now());
    view.secret = Some(fresh.shown.expose_secret().to_owned());
    Ok(Reply::ok(view).revision(revision).secret())
}

/// Send again
///
/// What the client's log holds after a place becomes new messages, in its order; what happens meanwhile follows. What is unfinished is sent besides.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path)), request_body = ReplayInput,
    responses((status = 200, description = "The webhook, which goes on from there.", body = WebhookView)),
    extensions(("x-permission" = json!("manage_clients")), ("x-unconditional" = json!(true))))]
#[post("/v1/webhooks/{id}/replay")]
pub async fn replay_webhook(
    cx: Cx<ManageClients>,
    feed: Data<Log>,
    PathId(id): PathId<WebhookId>,
    body: Body,
) -> Result<Reply<WebhookView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let replay = body.json()?.read::<ReplayInput>(cx.schemas())?.parse()?;
    let from = match replay {
        Replay::Since(at) => ReplayFrom::Since(at),
        Replay::After(change) => {
            let number = feed.number(cx.db(), current.client, change).await?;
            ReplayFrom::After(number.ok_or_else(|| {
                let detail = "the client's log has no such entry";
                Problem::from(vec![Fault::new("/after", "unknown", detail)])
            })?)
        }
    };
    store::replay(cx.db(), cx.write(), id, from).await?;
    Ok(answer(&cx, store::get(cx.db(), id).await?))
}

/// Filters of the delivery log. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct MessageParams {
    /// Only messages that are this far.
    #[param(required = false, inline)]
    state: MessageState,
}

/// List messages
///
/// The delivery log, in the order of the messages. Those delivered are kept for 30 days.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path), MessageParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of messages.", body = MessagePage)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/webhooks/{id}/messages")]
pub async fn list_webhook_messages(
    cx: Cx<ManageClients>,
    PathId(id): PathId<WebhookId>,
) -> Result<Reply<MessagePage>, Problem> {
    let params = cx.params();
    let states: Vec<&str> = MessageState::ALL.iter().map(|word| word.as_str()).collect();
    let state = params.word("state", MessageState::parse, &states.join(", "))?;
    let (descending, paging) = (created_sort(params)?, cx.paging()?);
    let after = number(&paging)?;
    store::get(cx.db(), id).await?;
    let window = paging.window.clone();
    let (messages, total) = log::list(cx.db(), id, state, descending, after, window).await?;
    let (messages, page) = paging.close(messages, total, |message| Mark {
        key: String::new(),
        id: message.n.to_string(),
    });
    Ok(Reply::ok(MessagePage {
        data: messages.into_iter().map(MessageView::from).collect(),
        page,
    }))
}

/// Read a message
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path), ("message_id" = MessageId, Path)),
    responses((status = 200, description = "The message.", body = MessageView)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/webhooks/{id}/messages/{message_id}")]
pub async fn get_webhook_message(
    cx: Cx<ManageClients>,
    PathTwo(id, message): PathTwo<WebhookId>,
) -> Result<Reply<MessageView>, Problem> {
    let message = MessageId::parse(&message).ok_or_else(Problem::not_found)?;
    Ok(Reply::ok(log::get(cx.db(), id, message).await?.into()))
}

/// List attempts
///
/// What came of each attempt to deliver a message.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path), ("message_id" = MessageId, Path), PageParams),
    responses((status = 200, description = "A page of attempts.", body = AttemptPage)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/webhooks/{id}/messages/{message_id}/attempts")]
pub async fn list_webhook_attempts(
    cx: Cx<ManageClients>,
    PathTwo(id, message): PathTwo<WebhookId>,
) -> Result<Reply<AttemptPage>, Problem> {
    let message = MessageId::parse(&message).ok_or_else(Problem::not_found)?;
    let paging = cx.paging()?;
    let after = number(&paging)?;
    log::get(cx.db(), id, message).await?;
    let window = paging.window.clone();
    let (attempts, total) = log::attempts(cx.db(), message, after, window).await?;
    let (attempts, page) = paging.close(attempts, total, |attempt| Mark {
        key: String::new(),
        id: attempt.n.to_string(),
    });
    Ok(Reply::ok(AttemptPage {
        data: attempts.into_iter().map(AttemptView::from).collect(),
        page,
    }))
}

/// Where a page begins whose order is that of numbers.
fn number(paging: &Paging) -> Result<i64, Problem> {
    match &paging.window.after {
        Some(mark) => mark.id.parse().map_err(|_| unfit_cursor()),
        None => Ok(0),
    }
}

fn answer(cx: &Cx<ManageClients>, webhook: Webhook) -> Reply<WebhookView> {
    let revision = webhook.revision;
    Reply::ok(WebhookView::of(webhook, cx.now())).revision(revision)
}
