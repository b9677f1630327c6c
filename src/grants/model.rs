//! What a grant is.

use chrono::{DateTime, Utc};

use crate::kernel::id::{GrantId, SourceId};
use crate::kernel::language::Territory;
use crate::rights::{self, Alteration, Channel, Extent};

/// What a source allows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub revision: i64,
    pub source: SourceId,
    pub terms: Terms,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is allowed and until when, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// At least one, each once.
    pub channels: Vec<Channel>,
    /// At least one, each once.
    pub territories: Vec<Territory>,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub max_extent: Extent,
    pub may_redistribute: bool,
    pub alteration: Alteration,
    pub ai_input: bool,
    pub ai_train: bool,
    /// Where the contract or letter is kept.
    pub evidence_ref: Option<String>,
}

impl From<Grant> for rights::Grant {
    fn from(grant: Grant) -> Self {
        let terms = grant.terms;
        Self {
            id: grant.id,
            channels: terms.channels,
            territories: terms.territories,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            max_extent: terms.max_extent,
            may_redistribute: terms.may_redistribute,
            alteration: terms.alteration,
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
        }
    }
}
