//! Operations on clients.

use actix_web::{delete, get, patch, post};
use secrecy::ExposeSecret as _;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::keys::FreshKey;
use super::model::ClientStatus;
use super::store::{self, Filter};
use super::view::{ClientInput, ClientPage, ClientView};
use crate::db::page::{Mark, Sort};
use crate::http::auth::{ClientKind, ManageClients};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{PageParams, sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::{ClientId, PartnerId};

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(update_client)
        .service(revoke_client);
}

/// Filters and order of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ClientParams {
    /// Only this kind.
    #[param(required = false, inline)]
    kind: ClientKind,
    /// Only keys in this state.
    #[param(required = false, inline)]
    status: ClientStatus,
    /// Only keys of this partner.
    #[param(required = false)]
    partner: PartnerId,
    /// `created_at`, with `-` for descending.
    #[param(required = false, pattern = "^-?created_at$", default = "created_at")]
    sort: String,
}

/// List clients
#[utoipa::path(tag = "clients", params(ClientParams, PageParams),
    responses((status = 200, description = "A page of clients.", body = ClientPage)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/clients")]
pub async fn list_clients(cx: Cx<ManageClients>) -> Result<Reply<ClientPage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        kind: params.word(
            "kind",
            ClientKind::parse,
            "first_party, partner, ai_crawler",
        )?,
        status: params.word("status", ClientStatus::parse, "active, expired, revoked")?,
        partner: params.id("partner")?,
    };
    let default = Sort {
        by: (),
        descending: false,
    };
    let sort = sort(params, &[("created_at", ())], default)?;
    let paging = cx.paging()?;
    let window = paging.window.clone();
    let (clients, total) = store::list(cx.db(), filter, cx.now(), sort.descending, window).await?;
    let (clients, page) = paging.close(clients, total, |client| Mark {
        key: String::new(),
        id: client.id.to_string(),
    });
    let data = clients
        .into_iter()
        .map(|client| ClientView::of(client, cx.now()));
    Ok(Reply::ok(ClientPage {
        data: data.collect(),
        page,
    }))
}

/// Add a client
///
/// The answer holds the key, this one time.
#[utoipa::path(tag = "clients", request_body = ClientInput,
    responses((status = 201, description = "The new client and its key.", body = ClientView,
        example = json!({"id": "cli_01900000000070008000000000000001", "name": "Web frontend", "kind": "first_party", "channel": "web", "scopes": ["articles:read", "catalogue:read"], "publishable": false, "allowed_origins": [], "key": "mh_Zm9yIHRoZSBkb2N1bWVudCBvbmx5LCBubyBrZXkhIx4Qc", "key_hint": "x4Qc", "status": "active", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))),
    extensions(("x-permission" = json!("manage_clients"))))]
#[post("/v1/clients")]
pub async fn create_client(
    cx: Cx<ManageClients>,
    body: Body,
) -> Result<Reply<ClientView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let terms = document
        .read::<ClientInput>(cx.schemas())?
        .parse_new(cx.now())?;
    let fresh = FreshKey::make();
    let written = store::create(cx.db(), write, terms, fresh.mark).await?;
    let id: ClientId = written_id(&written)?;
    let client = store::get(cx.db(), id).await?;
    let mut view = ClientView::of(client, cx.now());
    // On a repetition the key that was just made belongs to nobody.
    view.key = (!written.replayed).then(|| fresh.secret.expose_secret().to_owned());
    learn_origins(&cx).await;
    Ok(Reply::created(&format!("/v1/clients/{id}"), view).secret())
}

/// Read a client
#[utoipa::path(tag = "clients", params(("id" = ClientId, Path)),
    responses((status = 200, description = "The client, without its key.", body = ClientView)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[get("/v1/clients/{id}")]
pub async fn get_client(
    cx: Cx<ManageClients>,
    PathId(id): PathId<ClientId>,
) -> Result<Reply<ClientView>, Problem> {
    let client = store::get(cx.db(), id).await?;
    let revision = client.revision;
    Ok(Reply::ok(ClientView::of(client, cx.now())).revision(revision))
}

/// Change a client
///
/// What the key is good for, from the next request on (on other nodes within a second); the key stays, and so do its kind and its partner. A revoked one cannot be changed.
#[utoipa::path(tag = "clients", params(("id" = ClientId, Path)),
    request_body(content = ClientInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The client as it is now.", body = ClientView)),
    extensions(("x-permission" = json!("manage_clients"))))]
#[patch("/v1/clients/{id}")]
pub async fn update_client(
    cx: Cx<ManageClients>,
    PathId(id): PathId<ClientId>,
    body: Body,
) -> Result<Reply<ClientView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: ClientInput = document.patch(&ClientInput::from(&current), cx.schemas())?;
    let terms = input.parse_change(&current)?;
    store::update(cx.db(), cx.write(), id, current.revision, terms).await?;
    learn_origins(&cx).await;
    let client = store::get(cx.db(), id).await?;
    let revision = client.revision;
    Ok(Reply::ok(ClientView::of(client, cx.now())).revision(revision))
}

/// Revoke a client
///
/// Its key fails from the next request on, on other nodes within a second, for good. The record stays.
#[utoipa::path(tag = "clients", params(("id" = ClientId, Path)),
    responses((status = 204, description = "Revoked.")),
    extensions(("x-permission" = json!("manage_clients"))))]
#[delete("/v1/clients/{id}")]
pub async fn revoke_client(
    cx: Cx<ManageClients>,
    PathId(id): PathId<ClientId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::revoke(cx.db(), cx.write(), id, current.revision).await?;
    learn_origins(&cx).await;
    Ok(Reply::no_content())
}

/// Tells the wall from which origins browsers come now. Other nodes learn it by reading.
/// The write is done by then: a failure here is no failure of the request.
async fn learn_origins(cx: &Cx<ManageClients>) {
    let now = cx.now();
    match cx
        .db()
        .read(move |conn| store::browser_origins(conn, now))
        .await
    {
        Ok(origins) => *cx.shared().browser_origins.write() = origins,
        Err(error) => tracing::warn!(%error, "the origins of publishable keys could not be read"),
    }
}
