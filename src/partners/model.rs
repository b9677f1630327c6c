//! What a partner is.

use chrono::{DateTime, Utc};

use crate::kernel::id::PartnerId;
use crate::kernel::words::words;
use crate::rights::Contact;

words! {
    /// Whether a partner takes works.
    PartnerStatus {
        Active = "active",
        /// Over for good: no key, no licence.
        Ended = "ended",
    }
}

/// An organisation to which we license works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    pub id: PartnerId,
    pub revision: i64,
    pub profile: Profile,
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What the rights desk says of a partner, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Not unique: two offices of one name are two partners.
    pub name: String,
    pub contact: Option<Contact>,
    pub homepage_url: Option<String>,
}

impl Partner {
    pub fn status(&self) -> PartnerStatus {
        match self.ended_at {
            None => PartnerStatus::Active,
            Some(_) => PartnerStatus::Ended,
        }
    }
}
