//! Operations on the dictionary.

use actix_web::{delete, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::view::{WordInput, WordPage, WordView};
use crate::db::page::Mark;
use crate::http::auth::{EditCatalogue, Staff};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CreatedSortParams, PageParams, created_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::WordId;

/// Words are never changed.
const REVISION: i64 = 1;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_words)
        .service(create_word)
        .service(get_word)
        .service(delete_word);
}

/// List the dictionary
///
/// Names and places that searches do not part into words.
#[utoipa::path(tag = "search", params(CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the dictionary.", body = WordPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/dictionary")]
pub async fn list_words(cx: Cx<Staff>) -> Result<Reply<WordPage>, Problem> {
    let (descending, paging) = (created_sort(cx.params())?, cx.paging()?);
    let (words, total) = store::list(cx.db(), descending, paging.window.clone()).await?;
    let (words, page) = paging.close(words, total, |word| Mark {
        key: String::new(),
        id: word.id.to_string(),
    });
    Ok(Reply::ok(WordPage {
        data: words.into_iter().map(WordView::from).collect(),
        page,
    }))
}

/// Add a word to the dictionary
///
/// Searches heed it within a second, on every node. Nothing has to be indexed anew.
#[utoipa::path(tag = "search", request_body = WordInput,
    responses((status = 201, description = "The new word.", body = WordView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[post("/v1/dictionary")]
pub async fn create_word(cx: Cx<EditCatalogue>, body: Body) -> Result<Reply<WordView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let (word, key) = document.read::<WordInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, word, key).await?;
    let id: WordId = written_id(&written)?;
    let word = store::get(cx.db(), id).await?;
    let location = format!("/v1/dictionary/{id}");
    Ok(Reply::created(&location, WordView::from(word)).revision(REVISION))
}

/// Read a word of the dictionary
#[utoipa::path(tag = "search", params(("id" = WordId, Path)),
    responses((status = 200, description = "The word.", body = WordView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/dictionary/{id}")]
pub async fn get_word(
    cx: Cx<Staff>,
    PathId(id): PathId<WordId>,
) -> Result<Reply<WordView>, Problem> {
    let word = store::get(cx.db(), id).await?;
    Ok(Reply::ok(WordView::from(word)).revision(REVISION))
}

/// Remove a word from the dictionary
#[utoipa::path(tag = "search", params(("id" = WordId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[delete("/v1/dictionary/{id}")]
pub async fn delete_word(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<WordId>,
) -> Result<Reply<Nothing>, Problem> {
    store::get(cx.db(), id).await?;
    cx.if_match(REVISION)?;
    store::delete(cx.db(), cx.write(), id).await?;
    Ok(Reply::no_content())
}
