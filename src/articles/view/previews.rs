//! Preview links on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::articles::model::Preview;
use crate::http::reply::Outward;
use crate::kernel::id::PreviewId;

/// The shortest and the longest life of a link, in seconds.
const SECONDS: std::ops::RangeInclusive<i64> = 1..=604_800;

/// What a preview link is to show, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"expires_in_seconds": 3600, "version": 1}))]
pub struct PreviewInput {
    #[serde(default = "an_hour")]
    #[schema(default = 3600, minimum = 1, maximum = 604_800)]
    pub expires_in_seconds: i64,
    /// The version to show; without it the newest, whichever that is when the link is opened.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
}

fn an_hour() -> i64 {
    3_600
}

impl PreviewInput {
    /// When a link that is made now ends, to the second.
    pub fn expires_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = self
            .expires_in_seconds
            .clamp(*SECONDS.start(), *SECONDS.end());
        DateTime::from_timestamp(now.timestamp() + seconds, 0).unwrap_or(now)
    }
}

/// A preview link. It is shown once and not kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Preview, example = json!({"id": "prv_01900000000070008000000000000001", "token": "eyJ0eXAiOiJtYXN0aGVhZC1wcmV2aWV3K2p3dCJ9.e30.c2ln",
    "url": "/v1/previews?token=eyJ0eXAiOiJtYXN0aGVhZC1wcmV2aWV3K2p3dCJ9.e30.c2ln", "expires_at": "2026-03-01T09:00:00Z"}))]
pub struct PreviewView {
    pub id: PreviewId,
    pub token: String,
    /// Where it is read, relative to this server.
    pub url: String,
    /// The version that it shows; absent where that is the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub version: Option<i64>,
    pub expires_at: DateTime<Utc>,
}

impl PreviewView {
    pub fn of(preview: &Preview, token: String) -> Self {
        Self {
            id: preview.id,
            url: format!("/v1/previews?token={token}"),
            token,
            version: preview.version,
            expires_at: preview.expires_at,
        }
    }
}

impl Outward for PreviewView {}
