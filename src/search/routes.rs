//! The operation on the index as a whole.

use actix_web::post;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::work::KIND;
use crate::articles::store::reindex::pieces;
use crate::db::{StoreError, Written};
use crate::http::auth::ManageSettings;
use crate::http::body::Document;
use crate::http::context::{Cx, written_id};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::jobs::JobView;
use crate::jobs::model::NewJob;
use crate::jobs::store;
use crate::kernel::id::JobId;

/// Adds the operation to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(reindex_articles);
}

/// Make the search index again
///
/// A job goes through all articles, fifty at a time. Searches go on meanwhile and find what they found.
/// Nothing needs it in daily work: writes keep the index, and the dictionary bears on queries alone.
#[utoipa::path(tag = "search",
    responses((status = 202, description = "The job that does it.", body = JobView)),
    extensions(("x-permission" = json!("manage_settings"))))]
#[post("/v1/search/reindex")]
pub async fn reindex_articles(cx: Cx<ManageSettings>) -> Result<Reply<JobView>, Problem> {
    let (write, _in_flight) = cx.write_once(&Document::none())?;
    let user = cx.staff()?.user;
    let targets = cx.db().read(pieces).await?;
    let written = cx.db().write_once(write, move |tx| {
        let new = NewJob {
            kind: KIND,
            params: json!({}),
            created_by: user,
            targets,
            owner: None,
        };
        let id = store::create_in(tx, new)?;
        Ok::<_, StoreError>(Written::created(id))
    });
    let id: JobId = written_id(&written.await?)?;
    let job = store::get(cx.db(), id).await?;
    Ok(Reply::accepted(
        &format!("/v1/jobs/{id}"),
        JobView::from(job),
    ))
}
