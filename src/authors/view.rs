//! Authors on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Author, AuthorKind, Profile};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::AuthorId;

/// A person in the register, as the desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Lin Yue", "real_name": "Lin Yue", "kind": "reporter", "bio": "Covers the port.", "contact": "lin.yue@news.example.org", "active": true}))]
pub struct AuthorInput {
    /// Name as printed.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Real name; the editor of a reprint is named by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub real_name: Option<String>,
    pub kind: AuthorKind,
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub bio: String,
    /// For the desk only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub contact: Option<String>,
    /// Whether new work may name this person.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl AuthorInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Profile, Vec<Fault>> {
        let mut faults = Faults::default();
        let profile = Profile {
            name: faults.line("/name", &self.name, 1..=200),
            real_name: faults.optional_line("/real_name", self.real_name.as_deref(), 200),
            kind: self.kind,
            bio: faults.prose("/bio", &self.bio, 0..=5000),
            contact: faults.optional_line("/contact", self.contact.as_deref(), 500),
            active: self.active,
        };
        faults.finish(profile)
    }
}

impl From<&Author> for AuthorInput {
    fn from(author: &Author) -> Self {
        let profile = author.profile.clone();
        Self {
            name: profile.name,
            real_name: profile.real_name,
            kind: profile.kind,
            bio: profile.bio,
            contact: profile.contact,
            active: profile.active,
        }
    }
}

/// A person in the register.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Author, example = json!({"id": "aut_01900000000070008000000000000001", "name": "Lin Yue", "kind": "reporter", "bio": "Covers the port.", "active": true, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct AuthorView {
    pub id: AuthorId,
    /// Name as printed.
    pub name: String,
    /// For the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub real_name: Option<String>,
    pub kind: AuthorKind,
    pub bio: String,
    /// For the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contact: Option<String>,
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl AuthorView {
    /// `desk` tells whether the reader is a member of staff.
    pub fn of(author: Author, desk: bool) -> Self {
        let Profile {
            name,
            real_name,
            kind,
            bio,
            contact,
            active,
        } = author.profile;
        Self {
            id: author.id,
            name,
            real_name: real_name.filter(|_| desk),
            kind,
            bio,
            contact: contact.filter(|_| desk),
            active,
            created_at: author.created_at,
            updated_at: author.updated_at,
        }
    }
}

impl Outward for AuthorView {}

page_of! {
    /// A page of the register.
    AuthorPage of AuthorView
}
