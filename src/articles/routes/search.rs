//! Searches of articles.

use actix_web::get;
use actix_web::web::Data;
use utoipa::IntoParams;

use super::list::{
    FilterParams, Opened, asks_for_bodies, filter, list_reader, list_shape, looked, opened,
};
use super::read::{ShapeParams, shape_for};
use crate::articles::search::facets::Facet;
use crate::articles::store::list::{By, Query};
use crate::articles::store::search::{Order, Search, place};
use crate::articles::store::works::Works;
use crate::articles::view::Projection;
use crate::articles::view::output::FIELDS;
use crate::articles::view::search::{FacetsView, HitView, SearchPage};
use crate::db::page::Sort;
use crate::http::auth::ReadArticles;
use crate::http::context::Cx;
use crate::http::page::{PageParams, unfit_cursor};
use crate::http::params::bad;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::{list_signals, signed, spoken};
use crate::rights::{Audience, Deliverable, Surface};

/// What a search asks. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct SearchParams {
    /// Words that all must be there, in whatever script. `"…"` keeps words together, `-word` excludes,
    /// `word*` is a beginning, `title:`, `summary:` and `body:` name a field.
    #[param(min_length = 1, max_length = 300, example = "港口 -title:天气")]
    q: String,
    /// `relevance`: newest first, and what has the words in its title or its lead before older works
    /// that don't. `-published_at`, `published_at`.
    #[param(
        required = false,
        pattern = "^(relevance|-?published_at)$",
        default = "relevance"
    )]
    sort: String,
    /// How all hits part, comma-separated: `section`, `source`, `year`.
    #[param(required = false, example = "section,year")]
    facets: String,
}

/// Search articles
///
/// Finds, counts and shows only what this reader may have: of works of which there is a stub, the titles
/// are searched; of an excerpt, the excerpt. Both scripts of Chinese are one, and no dictionary limits
/// what is found. The order rests on each work alone.
#[utoipa::path(tag = "search", params(SearchParams, FilterParams, ShapeParams, PageParams),
    responses((status = 200, description = "A page of hits.", body = SearchPage)),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/search")]
pub async fn search_articles(cx: Cx<ReadArticles>, works: Data<Works>) -> Result<Settled, Problem> {
    let search = search(&cx)?;
    let paging = cx.paging()?;
    let (query, with_body) = (search.looked.query.clone(), search.list.with_body);
    let shape = without_bodies(list_shape(&cx)?, with_body);
    let hits = works.search(search, cx.now()).await?;
    let (found, page) = paging.close(hits.works, hits.total, |(mark, _)| mark.clone());
    // A place that is shown is a part of the body.
    let Opened {
        works: licensed,
        keys,
        languages,
    } = opened(&cx, found, true).await?;
    let delivered = matches!(
        cx.principal().use_().audience,
        Audience::Partner | Audience::AiCrawler
    );
    let data: Vec<Deliverable<HitView>> = licensed
        .into_iter()
        .map(|work| {
            work.present(|article| {
                let shape = shape_for(cx.principal(), &article, &shape);
                HitView::of(article, &shape, &query, delivered)
            })
        })
        .collect();
    let until = data.iter().filter_map(Deliverable::valid_until).min();
    let terms = hits.acquire_licence_url.as_deref();
    let signals = list_signals(cx.principal(), terms);
    let facets = FacetsView::of(hits.facets);
    let reply = Reply::ok(SearchPage { data, page, facets })
        .until(until)
        .surrogate_keys(keys);
    let reply = spoken(signed(reply, signals), languages.iter());
    reply.settle(&cx, Surface::Search).await
}

/// What is asked for.
fn search(cx: &Cx<ReadArticles>) -> Result<Search, Problem> {
    let (params, paging) = (cx.params(), cx.paging()?);
    let orders = "relevance, -published_at, published_at";
    let order = params
        .word("sort", order_of, orders)?
        .unwrap_or(Order::Relevance);
    let known: Vec<&str> = Facet::ALL.iter().map(|facet| facet.as_str()).collect();
    let facets = params.list("facets", &known)?;
    if facets.as_ref().is_some_and(Vec::is_empty) {
        return Err(bad("facets", "choice", "names none"));
    }
    let facets = facets.unwrap_or_default();
    if paging
        .window
        .after
        .as_ref()
        .is_some_and(|mark| place(mark).is_none())
    {
        return Err(unfit_cursor());
    }
    let words = params
        .one("q")?
        .ok_or_else(|| bad("q", "required", "is needed: what is searched for"))?;
    Ok(Search {
        looked: looked(cx, words)?,
        list: Query {
            reader: list_reader(cx)?,
            filter: filter(cx)?,
            sort: Sort {
                by: By::PublishedAt,
                descending: true,
            },
            window: paging.window,
            with_body: asks_for_bodies(cx, &list_shape(cx)?)?,
            looked: None,
        },
        order,
        facets: facets
            .iter()
            .filter_map(|word| Facet::parse(word))
            .collect(),
    })
}

fn order_of(word: &str) -> Option<Order> {
    match word {
        "relevance" => Some(Order::Relevance),
        "-published_at" => Some(Order::Newest),
        "published_at" => Some(Order::Oldest),
        _ => None,
    }
}

/// Bodies are loaded for the places to be shown, and given out only where they are asked for.
fn without_bodies(shape: Projection, with_body: bool) -> Projection {
    if with_body || shape.fields.is_some() {
        return shape;
    }
    let fields = FIELDS.iter().filter(|name| **name != "body");
    Projection {
        fields: Some(fields.map(|name| (*name).to_owned()).collect()),
        ..shape
    }
}
