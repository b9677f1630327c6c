//! Operations on the settings.

use std::sync::atomic::Ordering;

use actix_web::{get, patch};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::view::{SettingsInput, SettingsView};
use crate::http::auth::{ManageSettings, Staff};
use crate::http::body::Body;
use crate::http::context::Cx;
use crate::http::problem::Problem;
use crate::http::reply::Reply;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(get_settings).service(update_settings);
}

/// Read the settings
#[utoipa::path(tag = "settings",
    responses((status = 200, description = "The settings.", body = SettingsView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/settings")]
pub async fn get_settings(cx: Cx<Staff>) -> Result<Reply<SettingsView>, Problem> {
    let settings = store::get(cx.db()).await?;
    let revision = settings.revision;
    Ok(Reply::ok(SettingsView::of(settings)).revision(revision))
}

/// Change the settings
#[utoipa::path(tag = "settings",
    request_body(content = SettingsInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The settings as they are now.", body = SettingsView)),
    extensions(("x-permission" = json!("manage_settings"))))]
#[patch("/v1/settings")]
pub async fn update_settings(
    cx: Cx<ManageSettings>,
    body: Body,
) -> Result<Reply<SettingsView>, Problem> {
    let current = store::get(cx.db()).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: SettingsInput = document.patch(&SettingsInput::from(&current), cx.schemas())?;
    store::update(cx.db(), cx.write(), current.revision, input.parse()?).await?;
    let settings = store::get(cx.db()).await?;
    let max_age = &cx.shared().public_max_age_seconds;
    max_age.store(settings.profile.max_age(), Ordering::Relaxed);
    cx.shared().attest.issued_by(&settings.profile.base_url);
    let revision = settings.revision;
    Ok(Reply::ok(SettingsView::of(settings)).revision(revision))
}
