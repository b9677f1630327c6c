//! Operations that take texts in.

use actix_web::web::Data;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::registers::House;
use super::take::{self, Raw, Refused};
use super::view::{IngestOutcome, Ingested, IngestedSchema, Report, WireReport};
use super::wired::{self, Unread, begun, read};
use crate::arrivals::page::Kind as PageKind;
use crate::arrivals::store;
use crate::articles::Reread;
use crate::articles::store::works::Works;
use crate::db::{StoreError, Written};
use crate::http::auth::{EditCatalogue, Permission, PublishArticles, WriteArticles};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::problem::{Kind, Problem};
use crate::http::reply::{Outward, Reply};
use crate::http::settle::Settled;
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, IngestId};
use crate::rights::{Role, Surface};

/// What came is never changed.
const REVISION: i64 = 1;

/// Media types of pages.
const PAGES: [&str; 2] = ["text/html", "text/plain"];

/// Media types of wires. The document itself says what it is.
const WIRES: [&str; 7] = [
    "application/json",
    "application/feed+json",
    "application/xml",
    "text/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/vnd.iptc.g2.newsitem+xml",
];

const RSS: &str = "<rss version=\"2.0\"><channel><title>Coastal Wire</title><item><guid>1</guid><title>Quay to open</title>\
    <description>The quay opens on Monday.</description></item></channel></rss>";
const ATOM: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Coastal Wire</title><entry><id>urn:1</id>\
    <title>Quay to open</title><updated>2026-03-01T08:00:00Z</updated><content>The quay opens on Monday.</content></entry></feed>";
const NEWSML: &str = "<newsItem xmlns=\"http://iptc.org/std/nar/2006-10-01/\" guid=\"urn:1\" version=\"1\"><itemMeta/>\
    <contentMeta><headline>Quay to open</headline></contentMeta></newsItem>";

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(ingest_page)
        .service(ingest_wire)
        .service(get_ingest)
        .service(get_ingest_raw);
}

/// How a page is taken in. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct IngestParams {
    /// Whether nothing is to be kept: the answer holds the report, and the draft as it would be.
    #[param(required = false)]
    dry_run: bool,
    /// Whether people whom the register of authors does not know are added to it as they are printed;
    /// for those who may edit the catalogue.
    #[param(required = false)]
    add_authors: bool,
}

/// Take in a page
///
/// A legacy HTML or text page, in whatever encoding, becomes a draft. The report says what was read,
/// whose the text is by the source that it names, which places are damaged, and what is in doubt.
/// What the page does not say stays empty. The same bytes are taken in once; to authors, what another
/// has taken in is a conflict.
#[utoipa::path(tag = "ingest", params(IngestParams),
    request_body(description = "The page as it is, with or without `charset`.",
        content((String = "text/html", example = json!("<h1>Harbour opens</h1><p>Source: Harbour Daily</p><p>The quay opens on Monday.</p>")),
            (String = "text/plain", example = json!("Harbour opens\n\n2026-03-01 08:00 Source: Harbour Daily\n\nThe quay opens on Monday.")))),
    responses(
        (status = 201, description = "The new draft, and the report.", body = IngestedSchema),
        (status = 200, description = "The draft that was made of these bytes before; or, for a dry run, the report alone.", body = IngestedSchema),
    ),
    extensions(("x-permission" = json!("write_articles"))))]
#[post("/v1/ingest")]
pub async fn ingest_page(
    cx: Cx<WriteArticles>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let (dry_run, add_authors) = (
        cx.params().flag("dry_run")?,
        cx.params().flag("add_authors")?,
    );
    if add_authors {
        EditCatalogue::RULE.check(cx.principal())?;
    }
    let (essence, charset) = body.sent_as(&PAGES)?;
    let raw = Raw {
        bytes: body.bytes().to_vec(),
        kind: match essence {
            "text/html" => PageKind::Html,
            _ => PageKind::Text,
        },
        charset,
    };
    let sha256 = raw.sha256();
    let ready = ready(&cx, raw).await?;
    if dry_run {
        let draft = serde_json::to_value(&ready.composed.input)
            .map_err(|error| Problem::new(Kind::Internal).cause(error))?;
        let answer = Ingested {
            article: None,
            draft: Some(draft),
            report: ready.composed.report,
        };
        return Reply::ok(answer).settle(&cx, Surface::Item).await;
    }
    let staff = cx.staff()?;
    let only_of = (staff.role == Role::Author).then_some(staff.user);
    let (write, _in_flight) = cx.write_once(&body.whole())?;
    let written = cx.db().write_once(write, move |tx| {
        let (article, report) = take::keep(tx, ready, add_authors, only_of)?;
        Ok::<_, StoreError>(match report.outcome {
            IngestOutcome::Created => Written::created(article),
            _ => Written::changed(article, 1),
        })
    });
    let written = written.await?;
    let id: ArticleId = written_id(&written)?;
    let kept = cx
        .db()
        .read(move |conn| store::by_digest(conn, &sha256))
        .await?;
    let is_new = written.status == 201;
    let kept = kept.ok_or_else(Problem::not_found)?;
    let report = Report {
        outcome: if is_new {
            IngestOutcome::Created
        } else {
            IngestOutcome::Known
        },
        ..take::told(kept.report)?
    };
    let Reread { revision, article } = Reread::of(&cx, &works, id).await?;
    let answer = Ingested {
        article: Some(article),
        draft: None,
        report,
    };
    let reply = match is_new {
        true => Reply::created(&format!("/v1/articles/{id}"), answer),
        false => Reply::ok(answer),
    };
    reply.revision(revision).settle(&cx, Surface::Item).await
}

/// Reads a page off the threads that serve: it may take its time.
async fn ready<P: Permission>(cx: &Cx<P>, raw: Raw) -> Result<take::Ready, Problem> {
    let db = cx.db().clone();
    let read = move || {
        let house = db.read_now(House::load)?;
        let reading = take::read(&raw, &house)?;
        // `Refused` holds what the store says, too.
        db.read_now(|conn| Ok::<_, StoreError>(take::prepare(conn, &raw, &reading, &house)))?
    };
    let ready = tokio::task::spawn_blocking(read).await;
    let ready = ready.map_err(|error| Problem::new(Kind::Internal).cause(error))?;
    ready.map_err(|refused| match refused {
        Refused::Page(error) => {
            Problem::invalid(vec![Fault::new("", "unreadable_page", error.to_string())])
        }
        Refused::Draft(faults) => Problem::invalid(faults),
        Refused::Store(error) => error.into(),
    })
}

/// Take in a wire
///
/// A document of ninjs 1 to 3, NewsML-G2, RSS, Atom or JSON Feed: each item becomes a draft of a
/// reprint with its original fields, its rights and its digest. A later version of an item changes
/// its article; a canceled one withdraws it. Items of one document are kept one by one, and each
/// once: sending it again does nothing.
#[utoipa::path(tag = "ingest",
    request_body(description = "The document as the agency sends it.",
        content((Object = "application/json", example = json!({"uri": "urn:wire.example.com:2026:1", "type": "text", "version": "1",
                "headline": "Quay to open", "body_text": "The quay opens on Monday.", "language": "en",
                "infosources": [{"name": "Coastal Wire", "role": "provider"}]})),
            (String = "application/xml", example = json!(RSS)), (String = "text/xml", example = json!(RSS)),
            (String = "application/rss+xml", example = json!(RSS)), (String = "application/atom+xml", example = json!(ATOM)),
            (String = "application/vnd.iptc.g2.newsitem+xml", example = json!(NEWSML)),
            (Object = "application/feed+json", example = json!({"version": "https://jsonfeed.org/version/1.1", "title": "Coastal Wire",
                "items": [{"id": "1", "title": "Quay to open", "content_text": "The quay opens on Monday."}]})))),
    responses((status = 200, description = "What became of each item.", body = WireReport)),
    extensions(("x-permission" = json!("publish_articles"))))]
#[post("/v1/ingest/wires")]
pub async fn ingest_wire(
    cx: Cx<PublishArticles>,
    body: Body,
) -> Result<Reply<WireReport>, Problem> {
    body.sent_as(&WIRES)?;
    let bytes = body.bytes().to_vec();
    let wire = tokio::task::spawn_blocking(move || read(&bytes)).await;
    let wire = wire.map_err(|error| Problem::new(Kind::Internal).cause(error))?;
    let wire = wire.map_err(|Unread(fault)| Problem::invalid(vec![fault]))?;
    let house = cx.db().read(House::load).await?;
    let mut report = begun(&wire);
    for item in wire.items {
        let house = house.clone();
        let taken = cx
            .db()
            .write(cx.write(), move |tx| wired::take(tx, &item, &house));
        report.items.push(taken.await?);
    }
    Ok(Reply::ok(report).secret())
}

/// Read the report of a page
#[utoipa::path(tag = "ingest", params(("id" = IngestId, Path)),
    responses((status = 200, description = "The report, as it was when the page was taken in.", body = Report)),
    extensions(("x-permission" = json!("publish_articles"))))]
#[get("/v1/ingest/{id}")]
pub async fn get_ingest(
    cx: Cx<PublishArticles>,
    PathId(id): PathId<IngestId>,
) -> Result<Reply<Report>, Problem> {
    let kept = cx.db().read(move |conn| store::get(conn, id)).await?;
    Ok(Reply::ok(take::told(kept.report)?).revision(REVISION))
}

/// A page as it came.
#[derive(Serialize)]
pub struct RawPage(Vec<u8>);

impl Outward for RawPage {
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        Ok((self.0.clone(), "application/octet-stream"))
    }
}

/// Read a page as it came
///
/// Byte for byte, damage and all.
#[utoipa::path(tag = "ingest", params(("id" = IngestId, Path)),
    responses((status = 200, description = "The bytes.", content_type = "application/octet-stream", body = String, example = json!("<h1>Harbour opens</h1>"))),
    extensions(("x-permission" = json!("publish_articles"))))]
#[get("/v1/ingest/{id}/raw")]
pub async fn get_ingest_raw(
    cx: Cx<PublishArticles>,
    PathId(id): PathId<IngestId>,
) -> Result<Reply<RawPage>, Problem> {
    let bytes = cx.db().read(move |conn| store::raw(conn, id)).await?;
    Ok(Reply::ok(RawPage(bytes)).revision(REVISION))
}
