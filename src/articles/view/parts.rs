//! The parts of an article on the wire: small shapes without a decision in them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::model::ChangeKind;
use crate::kernel::id::{AuthorId, SectionId, SourceId, UserId};
use crate::rights::{ContributorRole, ReasonClass, SourceKind};

/// The section of an article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SectionOf {
    pub id: SectionId,
    pub slug: String,
    /// From the root to the section itself.
    pub breadcrumb: Vec<CrumbOf>,
    /// With `include=section`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// With `include=section`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
}

/// A section on the way from the root.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CrumbOf {
    pub id: SectionId,
    pub slug: String,
    pub name: String,
}

/// Where and when a report was written, and for whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DatelineView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agency: Option<String>,
}

/// Somebody who made the work.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContributorView {
    /// Absent for the editor's entry of a credit.
    pub author_id: AuthorId,
    /// As printed.
    pub name: String,
    pub role: ContributorRole,
    /// With `include=authors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub author: Option<PersonOf>,
}

/// A person of the register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonOf {
    pub id: AuthorId,
    pub name: String,
    pub kind: String,
    pub bio: String,
}

/// The source of an article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceOf {
    pub id: SourceId,
    pub name: String,
    pub credit_label: String,
    pub kind: SourceKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub homepage_url: Option<String>,
}

/// What search engines are told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeoView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
}

/// A correction as readers are told of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorrectionView {
    pub at: DateTime<Utc>,
    pub note: String,
    pub version: i64,
}

/// A version of an article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VersionView {
    pub n: i64,
    pub change_kind: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
    /// SHA-256 of the canonical text.
    pub digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

/// What the desk works with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeskView {
    pub revision: i64,
    pub head_version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub live_version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source_id: Option<SourceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub editor_id: Option<AuthorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub publish_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub embargoed_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unpublish_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub withdrawal: Option<WithdrawalView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

/// Why and when an article was withdrawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WithdrawalView {
    pub at: DateTime<Utc>,
    pub reason_class: ReasonClass,
    pub reason: String,
}
