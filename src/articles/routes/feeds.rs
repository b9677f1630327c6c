//! Feeds of the site, of sections, authors and tags.

use actix_web::get;
use actix_web::web::Data;
use chrono::TimeDelta;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::list::{Opened, list_reader, opened};
use crate::articles::model::Topic;
use crate::articles::store::list::{By, Query, Reader};
use crate::articles::store::works::Works;
use crate::articles::view::feed::{EntryView, FeedForm, FeedLinkView, FeedReply, JsonFeed, Place};
use crate::db::page::{Sort, Window};
use crate::http::auth::{ClientKind, Denied, PartnerOnly, Principal, ReadArticles};
use crate::http::context::{Cx, PathWord, PathWords};
use crate::http::identity::SIGNABLE;
use crate::http::page::Paging;
use crate::http::params::bad;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::{list_signals, signed, spoken};
use crate::kernel::han::Script;
use crate::kernel::id::{AuthorId, Id};
use crate::kernel::text::is_slug;
use crate::rights::{Deliverable, Surface};

const RSS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>Harbour Daily</title>…</channel></rss>";
const ATOM: &str = "<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Harbour Daily</title>…</feed>";

fn json_feed() -> Value {
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Harbour Daily", "feed_url": "https://news.example.org/v1/feeds/site.json",
        "items": [{"id": "urn:uuid:01900000-0000-7000-8000-000000000001", "title": "Harbour opens its new quay",
            "summary": "Ships dock from Monday.\n\nSource: Harbour Daily", "content_html": "<p>The quay opens on Monday.</p>",
            "_masthead": {"credit_line": "Source: Harbour Daily"}}]
    })
}

/// Which part of a feed. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct FeedParams {
    /// Most entries of a page.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: usize,
    /// The next page, as the feed's own `next` link names it (RFC 5005).
    #[param(required = false, max_length = 500)]
    cursor: String,
    /// With `signature`: the client for which the address is signed.
    #[param(required = false, pattern = "^cli_[0-9a-f]{32}$")]
    client: String,
    /// Stands for a key, as `/v1/feeds/link` gives it.
    #[param(required = false, max_length = 100)]
    signature: String,
    /// The script in which Chinese is read; without it `Accept-Language` tells.
    #[param(required = false, inline)]
    script: Script,
}

/// Feed of the site
///
/// The newest articles as RSS 2.0 (`rss`), Atom (`atom`) or JSON Feed (`json`), each as far as this reader
/// may have it, with its credit inside every text. Partners get what their licences give them; each
/// body is one delivery and one unit of quota, and a 304 is none.
#[utoipa::path(tag = "feeds", params(("format" = String, Path, pattern = "^(rss|atom|json)$"), FeedParams),
    responses((status = 200, description = "A page of the feed.", content(
        (String = "application/rss+xml", example = json!(RSS)), (String = "application/atom+xml", example = json!(ATOM)), (JsonFeed = "application/feed+json", example = json!(json_feed()))))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/feeds/site.{format}")]
pub async fn get_site_feed(
    cx: Cx<ReadArticles>,
    PathWord(format): PathWord,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    feed(&cx, &works, Topic::Site, &format).await
}

/// Feed of a section
///
/// As the feed of the site, of one section with those below it.
#[utoipa::path(tag = "feeds", params(("slug" = String, Path), ("format" = String, Path, pattern = "^(rss|atom|json)$"), FeedParams),
    responses((status = 200, description = "A page of the feed.", content(
        (String = "application/rss+xml", example = json!(RSS)), (String = "application/atom+xml", example = json!(ATOM)), (JsonFeed = "application/feed+json", example = json!(json_feed()))))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/feeds/sections/{slug}.{format}")]
pub async fn get_section_feed(
    cx: Cx<ReadArticles>,
    PathWords(slug, format): PathWords,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    if !is_slug(&slug) {
        return Err(Problem::not_found());
    }
    feed(&cx, &works, Topic::Section(slug), &format).await
}

/// Feed of an author
///
/// As the feed of the site, of what one person has worked on.
#[utoipa::path(tag = "feeds", params(("id" = AuthorId, Path), ("format" = String, Path, pattern = "^(rss|atom|json)$"), FeedParams),
    responses((status = 200, description = "A page of the feed.", content(
        (String = "application/rss+xml", example = json!(RSS)), (String = "application/atom+xml", example = json!(ATOM)), (JsonFeed = "application/feed+json", example = json!(json_feed()))))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/feeds/authors/{id}.{format}")]
pub async fn get_author_feed(
    cx: Cx<ReadArticles>,
    PathWords(id, format): PathWords,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let author = AuthorId::parse(&id).ok_or_else(Problem::not_found)?;
    feed(&cx, &works, Topic::Author(author), &format).await
}

/// Feed of a tag
///
/// As the feed of the site, of what has this tag.
#[utoipa::path(tag = "feeds", params(("tag" = String, Path), ("format" = String, Path, pattern = "^(rss|atom|json)$"), FeedParams),
    responses((status = 200, description = "A page of the feed.", content(
        (String = "application/rss+xml", example = json!(RSS)), (String = "application/atom+xml", example = json!(ATOM)), (JsonFeed = "application/feed+json", example = json!(json_feed()))))),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/feeds/tags/{tag}.{format}")]
pub async fn get_tag_feed(
    cx: Cx<ReadArticles>,
    PathWords(tag, format): PathWords,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    feed(&cx, &works, Topic::Tag(tag), &format).await
}

/// Which feed. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct LinkParams {
    /// The feed's path, such as `/v1/feeds/site.rss`.
    #[param(min_length = 1, max_length = 500, example = "/v1/feeds/site.rss")]
    path: String,
}

/// Get a feed's address for a reader without headers
///
/// For a partner's key: an address of a feed that is good without the key, for programs that read feeds and cannot send one. Whoever has
/// it reads that one feed as the key would. It ends when the key does.
#[utoipa::path(tag = "feeds", params(LinkParams), responses((status = 200, description = "The address.", body = FeedLinkView)),
    extensions(("x-permission" = json!("partner_only"))))]
#[get("/v1/feeds/link")]
pub async fn get_feed_link(cx: Cx<PartnerOnly>) -> Result<Reply<FeedLinkView>, Problem> {
    let path = cx.params().one("path")?;
    let path = path
        .and_then(signable)
        .ok_or_else(|| bad("path", "path", "is a feed's, such as /v1/feeds/site.rss"))?;
    let client = match cx.principal() {
        Principal::Client(client) if client.kind == ClientKind::Partner => client.client,
        _ => return Err(Denied::NotHere("Addresses are signed for a partner's key.").into()),
    };
    let signature = cx.shared().credentials.sign(client, &path).await?;
    let path = format!("{path}?client={client}&signature={signature}");
    Ok(Reply::ok(FeedLinkView { path }))
}

/// The path of a feed as it is sent, if it is one.
fn signable(path: &str) -> Option<String> {
    let (stem, form) = path.strip_prefix(SIGNABLE)?.rsplit_once('.')?;
    FeedForm::parse(form)?;
    let named = ["sections/", "authors/", "tags/"]
        .iter()
        .find_map(|kind| stem.strip_prefix(kind));
    let fits = named.map_or(stem == "site", |name| {
        !name.is_empty() && !name.contains(['/', '?', '#', '\\'])
    });
    let sent = url::Url::parse("http://host").ok()?.join(path).ok()?;
    fits.then(|| sent.path().to_owned())
}

async fn feed(
    cx: &Cx<ReadArticles>,
    works: &Works,
    topic: Topic,
    format: &str,
) -> Result<Settled, Problem> {
    let form = FeedForm::parse(format).ok_or_else(Problem::not_found)?;
    // A cursor is of this feed, which its whole path tells.
    let paging = Paging::read(cx.params(), cx.path())?;
    let query = query(cx, &topic, paging.window.clone())?;
    let (listed, head) = works.feed(topic.clone(), query, cx.now()).await?;
    let (found, page) = paging.close(listed.works, listed.total, |(mark, _)| mark.clone());
    let Opened {
        works: licensed,
        keys,
        languages,
    } = opened(cx, found, true).await?;
    let entries: Vec<Deliverable<EntryView>> = licensed
        .into_iter()
        .map(|work| work.present(|article| EntryView::of(&article)))
        .collect();
    let until = entries.iter().filter_map(Deliverable::valid_until).min();
    let terms = listed.acquire_licence_url.as_deref();
    let signals = list_signals(cx.principal(), terms);
    let place = place(cx, page.next_cursor.as_deref());
    let reply = Reply::ok(FeedReply {
        entries,
        page,
        head,
        topic,
        place,
        form,
    })
    .until(until)
    .made_of(listed.made)
    .surrogate_keys(keys);
    let reply = spoken(signed(reply, signals), languages.iter());
    reply.settle(cx, Surface::Feed).await
}

/// What a feed holds for the caller.
fn query(cx: &Cx<ReadArticles>, topic: &Topic, window: Window) -> Result<Query, Problem> {
    let mut filter = topic.filter();
    let reader = match list_reader(cx)? {
        // A feed is what readers see, whoever looks at it.
        Reader::Desk | Reader::Author(_) => Reader::Outside,
        // Programs print what comes by a feed: what is given ahead of its time does not.
        reader @ Reader::Partner { .. } => {
            filter.published_until = Some(cx.now() + TimeDelta::microseconds(1));
            reader
        }
        reader @ Reader::Outside => reader,
    };
    Ok(Query {
        reader,
        filter,
        sort: Sort {
            by: By::PublishedAt,
            descending: true,
        },
        window,
        with_body: true,
        looked: None,
    })
}

/// Where the page stands.
fn place(cx: &Cx<ReadArticles>, next: Option<&str>) -> Place {
    let params = cx.params();
    Place {
        path: cx.path().to_owned(),
        // What signs an address is nobody's but who has it: it stands in the link that needs it.
        first: params.without(&["cursor", "client", "signature"]),
        this: params.without(&["client", "signature"]),
        next: next.map(|cursor| params.with_cursor(cursor)),
    }
}
