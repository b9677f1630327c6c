//! The files that crawlers look for, at the places where they look.

use actix_web::get;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cuts::Cuts;
use super::model::Site;
use super::view::SiteFile;
use super::view::sitemaps::{NewsSitemap, NewsView};
use crate::articles::store::list::{By, Filter, Query, Reader};
use crate::articles::store::sitemaps::{parse, part, text};
use crate::articles::store::works::Works;
use crate::db::page::{Sort, Window};
use crate::http::auth::ReadArticles;
use crate::http::context::{Cx, Shared};
use crate::http::params::bad;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::{list_signals, signed};
use crate::kernel::id::ArticleId;
use crate::rights::{Surface, clear};
use crate::settings::store;

/// For how long search engines for news look back.
const NEWS: TimeDelta = TimeDelta::days(2);

/// Works that they take at most.
const MOST_NEWS: i64 = 1_000;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(get_robots)
        .service(get_tdmrep)
        .service(get_rsl)
        .service(get_sitemap_index)
        .service(get_news_sitemap)
        .service(get_sitemap);
}

/// A file, with what is reserved of it as of everything.
fn told(cx: &Cx<ReadArticles>, site: &Site, file: SiteFile) -> Reply<SiteFile> {
    let signals = list_signals(cx.principal(), site.acquire_licence_url.as_deref());
    signed(Reply::ok(file), signals)
}

async fn site(shared: &Shared) -> Result<Site, Problem> {
    let settings = store::get(&shared.db).await?;
    Ok(Site::of(settings, &shared.config.ai_crawler_agents))
}

/// What crawlers may do
///
/// robots.txt (RFC 9309), with `Content-Usage` (draft-ietf-aipref-attach), the licence file of RSL and the
/// sitemaps.
#[utoipa::path(tag = "feeds", responses((status = 200, description = "The file.", body = String, content_type = "text/plain", example = json!("User-agent: *\nContent-Usage: train-ai=n\nAllow: /\n"))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/robots.txt")]
pub async fn get_robots(cx: Cx<ReadArticles>) -> Result<Reply<SiteFile>, Problem> {
    let site = site(cx.shared()).await?;
    Ok(told(&cx, &site, SiteFile::robots(&site)))
}

/// What is reserved of text and data mining
///
/// The file of the TDM Reservation Protocol. It says of every address what the headers `TDM-Reservation` and
/// `TDM-Policy` say with the answer.
#[utoipa::path(tag = "feeds", responses((status = 200, description = "The file.", body = Vec<Object>, example = json!([{"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://news.example.org/licensing"}]))))]
#[get("/.well-known/tdmrep.json")]
pub async fn get_tdmrep(shared: Data<Shared>) -> Result<Reply<SiteFile>, Problem> {
    let file = SiteFile::tdmrep(&site(&shared).await?);
    Ok(Reply::ok(file).header(CACHE_CONTROL, "public, max-age=300"))
}

/// What may be done without a licence
///
/// The licence file of RSL 1.0, which robots.txt names.
#[utoipa::path(tag = "feeds", responses((status = 200, description = "The file.", body = String, content_type = "application/rsl+xml", example = json!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rsl xmlns=\"https://rslstandard.org/rsl\">…</rsl>"))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/rsl.xml")]
pub async fn get_rsl(cx: Cx<ReadArticles>) -> Result<Reply<SiteFile>, Problem> {
    let site = site(cx.shared()).await?;
    Ok(told(&cx, &site, SiteFile::rsl(&site)))
}

/// Where all works are
///
/// An index of sitemaps (sitemaps.org), each of some 10,000 works that can be seen now.
#[utoipa::path(tag = "feeds", responses((status = 200, description = "The index.", body = String, content_type = "application/xml", example = json!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">…</sitemapindex>"))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/sitemap.xml")]
pub async fn get_sitemap_index(
    cx: Cx<ReadArticles>,
    cuts: Data<Cuts>,
) -> Result<Reply<SiteFile>, Problem> {
    let known = cuts.known(cx.db(), cx.now()).await?;
    let site = site(cx.shared()).await?;
    let ends: Vec<String> = known.iter().map(text).collect();
    let file = SiteFile::sitemap_index(&site, &ends);
    Ok(told(&cx, &site, file).surrogate_keys(["articles".to_owned()]))
}

/// Which part. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct PartParams {
    /// Where the part before it ends, as the index names it.
    #[param(required = false, max_length = 100)]
    after: String,
    /// Where it ends.
    #[param(required = false, max_length = 100)]
    until: String,
}

/// Where works are
///
/// A sitemap: the works that follow a place in the order of their publication.
#[utoipa::path(tag = "feeds", params(PartParams), responses((status = 200, description = "The sitemap.", body = String, content_type = "application/xml", example = json!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">…</urlset>"))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/sitemaps/articles.xml")]
pub async fn get_sitemap(cx: Cx<ReadArticles>) -> Result<Reply<SiteFile>, Problem> {
    let place = |name: &str| {
        let unfit = || bad(name, "place", "is none of those that the index names");
        let text = cx.params().one(name)?;
        text.map(|text| parse(text).ok_or_else(unfit)).transpose()
    };
    let (after, until) = (place("after")?, place("until")?);
    let lines = part(cx.db(), after, until, cx.now()).await?;
    let site = site(cx.shared()).await?;
    let file = SiteFile::sitemap(&site, &lines);
    Ok(told(&cx, &site, file).surrogate_keys(["articles".to_owned()]))
}

/// What was published in the last two days
///
/// A sitemap for search engines for news; each title with its credit (`dcterms:source`).
#[utoipa::path(tag = "feeds", responses((status = 200, description = "The sitemap.", body = String, content_type = "application/xml", example = json!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">…</urlset>"))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/sitemaps/news.xml")]
pub async fn get_news_sitemap(
    cx: Cx<ReadArticles>,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let (site, use_) = (site(cx.shared()).await?, cx.principal().use_());
    let mut listed = works.list(newest(cx.now()), cx.now()).await?.works;
    listed.truncate(usize::try_from(MOST_NEWS).unwrap_or(usize::MAX));
    let ids: Vec<ArticleId> = listed
        .iter()
        .map(|(_, work)| work.rights().article)
        .collect();
    let works = listed
        .into_iter()
        .map(|(_, work)| Ok(clear(work, &use_, cx.now())?.present(NewsView::of)))
        .collect::<Result<Vec<_>, Problem>>()?;
    let until = works.iter().filter_map(|work| work.valid_until()).min();
    let mut keys = vec!["articles".to_owned()];
    keys.extend(ids.iter().map(ToString::to_string));
    let signals = list_signals(cx.principal(), site.acquire_licence_url.as_deref());
    let reply = Reply::ok(NewsSitemap { works, site })
        .until(until)
        .surrogate_keys(keys);
    signed(reply, signals).settle(&cx, Surface::Feed).await
}

/// What search engines for news want.
fn newest(now: DateTime<Utc>) -> Query {
    Query {
        reader: Reader::Outside,
        filter: Filter {
            published_from: Some(now - NEWS),
            ..Filter::default()
        },
        sort: Sort {
            by: By::PublishedAt,
            descending: true,
        },
        window: Window {
            limit: MOST_NEWS,
            after: None,
            count: false,
        },
        with_body: false,
        looked: None,
    }
}
