//! The operation that checks a page.

use std::collections::HashSet;

use actix_web::post;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::check::{looked_up, ranked};
use super::looked::Looked;
use super::view::CheckView;
use crate::arrivals::page::{self, Kind as PageKind};
use crate::articles::store::desk::log_read;
use crate::articles::store::load;
use crate::articles::store::prints::sharing;
use crate::clients;
use crate::db::{Db, StoreError};
use crate::deliveries::store::given_in_full;
use crate::http::auth::{CheckReprints, Principal};
use crate::http::body::Body;
use crate::http::context::Cx;
use crate::http::params::bad;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::kernel::fault::Fault;
use crate::kernel::id::ClientId;
use crate::licences;
use crate::rights::{Audience, Holder, Surface, Use};
use crate::settings;

/// Articles of one query.
const LOADED_AT_ONCE: usize = 20;

/// Adds the operation to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(check_reprint);
}

/// For whom a page is checked. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct CheckParams {
    /// For the desk: the key of the partner that printed the page. Its licences are what `extent` is
    /// held against. A partner's own key is taken without it.
    #[param(required = false, pattern = "^cli_[0-9a-f]{32}$")]
    client: String,
}

/// Check a page for reprints
///
/// Which articles a text or HTML page derives from, whatever script it is in: how much of each it has,
/// whether that is within the partner's licence, whether title, credit line and notices are there, and
/// which passages were altered. A partner's page is compared with what the partner may read of each work.
#[utoipa::path(tag = "reprints", params(CheckParams),
    request_body(description = "The page as it is, with or without `charset`.",
        content((String = "text/plain", example = json!("Harbour opens its new quay\n\nThe quay opens on Monday.")),
            (String = "text/html", example = json!("<h1>Harbour opens its new quay</h1><p>The quay opens on Monday.</p>")))),
    responses((status = 200, description = "What the page derives from.", body = CheckView)),
    extensions(("x-permission" = json!("check_reprints"))))]
#[post("/v1/reprints/check")]
pub async fn check_reprint(cx: Cx<CheckReprints>, body: Body) -> Result<Settled, Problem> {
    if let Principal::Client(client) = cx.principal()
        && client.partner.is_none()
    {
        return Err(Problem::new(Kind::Forbidden).detail("This is for the desk and for partners."));
    }
    let printer = printer(&cx).await?;
    let page = read(&cx, &body).await?;
    let prints = looked_up(page.text());
    let found = sharing(cx.db(), prints.clone()).await?;
    let looked = Looked {
        heading: page.title.as_ref().map(|title| title.text.clone()),
        text: page.text().to_owned(),
        prints: prints.len(),
        telling: found.telling,
        use_: cx.principal().use_(),
        printer,
        now: cx.now(),
    };
    let ids = ranked(looked.prints, &found.articles);
    let given = match looked.use_.holder.as_ref().map(|holder| holder.partner) {
        Some(partner) => given_in_full(cx.db(), partner, ids.clone()).await?,
        None => HashSet::new(),
    };
    let mut works = Vec::new();
    for some in ids.chunks(LOADED_AT_ONCE) {
        works.extend(load::several(cx.db(), some.to_vec(), cx.now()).await?);
    }
    let answer = tokio::task::spawn_blocking(move || looked.answer(works, &given));
    let (answer, logged) = answer
        .await
        .map_err(|error| Problem::new(Kind::Internal).cause(error))?;
    if !logged.is_empty() {
        log_read(cx.db(), cx.write(), logged).await?;
    }
    Reply::ok(answer).secret().settle(&cx, Surface::Item).await
}

/// Whose printing it is: the caller's own, or that of the key which the desk names.
async fn printer(cx: &Cx<CheckReprints>) -> Result<Option<Use>, Problem> {
    let named: Option<ClientId> = cx.params().id("client")?;
    match (cx.principal(), named) {
        (Principal::Staff(_), None) => Ok(None),
        (Principal::Staff(_), Some(id)) => {
            let unknown = || bad("client", "unknown", "there is no such key of a partner");
            let found = of_key(cx.db(), id).await;
            match found {
                Ok(Some(use_)) => Ok(Some(use_)),
                Ok(None) | Err(StoreError::NotFound) => Err(unknown()),
                Err(error) => Err(error.into()),
            }
        }
        (_, Some(_)) => Err(bad("client", "desk_only", "is for the desk")),
        (principal, None) => Ok(Some(principal.use_())),
    }
}

async fn of_key(db: &Db, id: ClientId) -> Result<Option<Use>, StoreError> {
    let client = clients::store::get(db, id).await?;
    let terms = client.terms;
    let Some(partner) = terms.partner else {
        return Ok(None);
    };
    db.read(move |conn| {
        Ok(Some(Use {
            audience: Audience::from(terms.kind),
            channel: terms.channel,
            territory: terms.territory,
            holder: Some(Holder {
                partner,
                client: None,
                licences: licences::store::all_of(conn, partner)?.into(),
            }),
        }))
    })
    .await
}

async fn read(cx: &Cx<CheckReprints>, body: &Body) -> Result<page::Page, Problem> {
    let (essence, charset) = body.sent_as(&["text/plain", "text/html"])?;
    let kind = match essence {
        "text/html" => PageKind::Html,
        _ => PageKind::Text,
    };
    let bytes = body.bytes().to_vec();
    let zone = cx.db().read(settings::store::load).await?.profile.time_zone;
    let read = tokio::task::spawn_blocking(move || {
        page::read(&page::Raw {
            bytes: &bytes,
            charset: charset.as_deref(),
            kind,
            zone,
            agencies: &[],
        })
    });
    let page = read
        .await
        .map_err(|error| Problem::new(Kind::Internal).cause(error))?;
    page.map_err(|error| {
        Problem::invalid(vec![Fault::new("", "unreadable_page", error.to_string())])
    })
}
