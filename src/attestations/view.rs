//! Statements on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{AttestationStatus, Statement, Verdict};
use crate::http::reply::Outward;
use crate::kernel::id::{ArticleId, AttestationId, LicenceId, PartnerId};
use crate::rights::Extent;

/// A statement to be checked, with what was made of the work, if that is to be checked too.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"attestation": "eyJhbGciOiJFZERTQSIs…", "credit_line": "Source: Harbour Daily"}))]
pub struct VerificationInput {
    /// The token, as `attribution.attestation` had it. Any string: what is no attestation, or is longer than 8,192 characters, is `tampered`.
    #[schema(extensions(("x-any-character" = json!(true))))]
    pub attestation: String,
    /// The credit as it was printed. What is longer than 2,000 characters does not match.
    #[serde(default)]
    #[schema(nullable = false, extensions(("x-any-character" = json!(true))))]
    pub credit_line: Option<String>,
    /// The body as it was delivered, byte for byte; blocks as their canonical JSON (RFC 8785).
    #[serde(default)]
    #[schema(nullable = false, extensions(("x-any-character" = json!(true))))]
    pub content: Option<String>,
}

/// What a statement is worth now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Verification, example = json!({"status": "tampered", "tampered_fields": ["credit_line"]}))]
pub struct VerificationView {
    pub status: AttestationStatus,
    /// What is not as it was signed: names of claims, or `header`, `signature`, `payload`. Empty where it is not known what was signed.
    pub tampered_fields: Vec<String>,
    /// What it says; only where it was signed by us as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attestation: Option<AttestationView>,
    /// Whether the printed credit is the one that was sent; full- and half-width forms are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub credit_matches: Option<bool>,
    /// Whether the body is the one that was delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub content_matches: Option<bool>,
}

/// What a signed statement says.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Attestation, example = json!({"id": "att_01900000000070008000000000000001", "issuer": "https://news.example.org", "partner": "ptn_01900000000070008000000000000001", "licence": "lic_01900000000070008000000000000001", "licence_revision": 1, "article": "art_01900000000070008000000000000001", "version": 3, "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "content_digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "credit_line": "Source: Harbour Daily", "extent": "full", "format": "html", "issued_at": "2026-06-01T12:00:00Z", "expires_at": "2026-07-01T12:00:00Z"}))]
pub struct AttestationView {
    pub id: AttestationId,
    /// The site's base URL when it was signed.
    pub issuer: String,
    pub partner: PartnerId,
    pub licence: LicenceId,
    /// The licence as it stood then.
    pub licence_revision: i64,
    pub article: ArticleId,
    pub version: i64,
    /// Of the version, as `body.digest` had it.
    pub digest: String,
    /// Of `body.value` as it was delivered.
    pub content_digest: String,
    pub credit_line: String,
    pub extent: Extent,
    /// As `body.format` had it.
    pub format: String,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl From<Statement> for AttestationView {
    fn from(statement: Statement) -> Self {
        Self {
            id: statement.id,
            issuer: statement.issuer,
            partner: statement.partner,
            licence: statement.licence,
            licence_revision: statement.licence_revision,
            article: statement.article,
            version: statement.version,
            digest: statement.digest,
            content_digest: statement.content_digest,
            credit_line: statement.credit_line,
            extent: statement.extent,
            format: statement.format,
            issued_at: statement.issued_at,
            expires_at: statement.expires_at,
        }
    }
}

impl VerificationView {
    /// The outcome for what was asked.
    pub fn of(verdict: Verdict, asked: &VerificationInput) -> Self {
        match verdict {
            Verdict::Tampered(tampered_fields) => Self {
                status: AttestationStatus::Tampered,
                tampered_fields,
                attestation: None,
                credit_matches: None,
                content_matches: None,
            },
            Verdict::Authentic { status, statement } => {
                let credit = asked.credit_line.as_deref();
                let content = asked.content.as_deref();
                Self {
                    status,
                    tampered_fields: Vec::new(),
                    credit_matches: credit.map(|line| statement.has_credit(line)),
                    content_matches: content.map(|body| statement.has_content(body)),
                    attestation: Some((*statement).into()),
                }
            }
        }
    }
}

impl Outward for VerificationView {}
