//! Partners on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Partner, PartnerStatus, Profile};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::PartnerId;
use crate::rights::Contact;

/// A partner, as the rights desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Gulf Evening Post", "contact": {"desk": "Syndication", "email": "rights@post.example.com"}, "homepage_url": "https://post.example.com"}))]
pub struct PartnerInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Whom to turn to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub homepage_url: Option<String>,
}

impl PartnerInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Profile, Vec<Fault>> {
        let mut faults = Faults::default();
        let profile = Profile {
            name: faults.line("/name", &self.name, 1..=200),
            contact: self.contact.as_ref().map(|contact| Contact {
                desk: faults.line("/contact/desk", &contact.desk, 1..=200),
                phone: faults.optional_line("/contact/phone", contact.phone.as_deref(), 100),
                email: faults.optional_line("/contact/email", contact.email.as_deref(), 200),
            }),
            homepage_url: self
                .homepage_url
                .as_deref()
                .map(|url| faults.web_url("/homepage_url", url)),
        };
        faults.finish(profile)
    }
}

impl From<&Partner> for PartnerInput {
    fn from(partner: &Partner) -> Self {
        let profile = partner.profile.clone();
        Self {
            name: profile.name,
            contact: profile.contact,
            homepage_url: profile.homepage_url,
        }
    }
}

/// An organisation to which we license works. For the rights desk only.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Partner, example = json!({"id": "ptn_01900000000070008000000000000001", "name": "Gulf Evening Post", "contact": {"desk": "Syndication", "email": "rights@post.example.com"}, "homepage_url": "https://post.example.com", "status": "active", "ended_at": null, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct PartnerView {
    pub id: PartnerId,
    pub name: String,
    /// Whom to turn to there.
    #[schema(required = true)]
    pub contact: Option<Contact>,
    #[schema(required = true)]
    pub homepage_url: Option<String>,
    pub status: PartnerStatus,
    /// When it ended; null while it is active.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<Partner> for PartnerView {
    fn from(partner: Partner) -> Self {
        let status = partner.status();
        Self {
            id: partner.id,
            name: partner.profile.name,
            contact: partner.profile.contact,
            homepage_url: partner.profile.homepage_url,
            status,
            ended_at: partner.ended_at,
            created_at: partner.created_at,
            updated_at: partner.updated_at,
        }
    }
}

impl Outward for PartnerView {}

page_of! {
    /// A page of the partners.
    PartnerPage of PartnerView
}
