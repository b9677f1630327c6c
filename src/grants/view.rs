//! Grants on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Grant, Terms};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{GrantId, SourceId};
use crate::kernel::language::Territory;
use crate::rights::{Alteration, Channel, Extent};

/// What a source allows us, as it is written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"channels": ["web", "app"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z", "max_extent": "full", "may_redistribute": false, "alteration": "format", "ai_input": false, "ai_train": false, "evidence_ref": "Contract 2026/17"}))]
pub struct GrantInput {
    /// Where works may be used.
    #[schema(value_type = BTreeSet<Channel>, min_items = 1)]
    pub channels: Vec<Channel>,
    /// ISO 3166-1 alpha-2 codes.
    #[schema(value_type = BTreeSet<Territory>, min_items = 1, max_items = 300)]
    pub territories: Vec<String>,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which the grant no longer holds; without it, it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
    /// How much of a work may be shown.
    pub max_extent: Extent,
    /// Whether works may be passed on to others.
    pub may_redistribute: bool,
    /// The most that may be done to the text.
    pub alteration: Alteration,
    /// Whether AI systems may take works as input.
    #[serde(default)]
    #[schema(default = false)]
    pub ai_input: bool,
    /// Whether AI systems may be trained on works.
    #[serde(default)]
    #[schema(default = false)]
    pub ai_train: bool,
    /// Where the contract or letter is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub evidence_ref: Option<String>,
}

impl GrantInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Terms, Vec<Fault>> {
        let mut faults = Faults::default();
        let (valid_from, valid_until) = faults.period("", self.valid_from, self.valid_until);
        let terms = Terms {
            channels: self.channels.clone(),
            territories: self.territories(&mut faults),
            valid_from,
            valid_until,
            max_extent: self.max_extent,
            may_redistribute: self.may_redistribute,
            alteration: self.alteration,
            ai_input: self.ai_input,
            ai_train: self.ai_train,
            evidence_ref: faults.optional_line("/evidence_ref", self.evidence_ref.as_deref(), 500),
        };
        faults.finish(terms)
    }

    fn territories(&self, faults: &mut Faults) -> Vec<Territory> {
        let mut territories = Vec::new();
        for (index, code) in self.territories.iter().enumerate() {
            match Territory::parse(code) {
                Some(territory) => territories.push(territory),
                None => faults.push(
                    format!("/territories/{index}"),
                    "territory",
                    "must be an assigned ISO 3166-1 alpha-2 code such as CN",
                ),
            }
        }
        territories
    }
}

impl From<&Grant> for GrantInput {
    fn from(grant: &Grant) -> Self {
        let terms = grant.terms.clone();
        Self {
            channels: terms.channels,
            territories: terms.territories.into_iter().map(Into::into).collect(),
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            max_extent: terms.max_extent,
            may_redistribute: terms.may_redistribute,
            alteration: terms.alteration,
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            evidence_ref: terms.evidence_ref,
        }
    }
}

/// What a source allows us. For the desk only.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Grant, example = json!({"id": "grt_01900000000070008000000000000001", "source_id": "src_01900000000070008000000000000001", "channels": ["web", "app"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z", "max_extent": "full", "may_redistribute": false, "alteration": "format", "ai_input": false, "ai_train": false, "evidence_ref": "Contract 2026/17", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct GrantView {
    pub id: GrantId,
    pub source_id: SourceId,
    /// Where works may be used.
    pub channels: Vec<Channel>,
    /// ISO 3166-1 alpha-2 codes.
    pub territories: Vec<Territory>,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which the grant no longer holds; null if it has no end.
    #[schema(required = true)]
    pub valid_until: Option<DateTime<Utc>>,
    /// How much of a work may be shown.
    pub max_extent: Extent,
    /// Whether works may be passed on to others.
    pub may_redistribute: bool,
    /// The most that may be done to the text.
    pub alteration: Alteration,
    /// Whether AI systems may take works as input.
    pub ai_input: bool,
    /// Whether AI systems may be trained on works.
    pub ai_train: bool,
    /// Where the contract or letter is kept.
    #[schema(required = true)]
    pub evidence_ref: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<Grant> for GrantView {
    fn from(grant: Grant) -> Self {
        let terms = grant.terms;
        Self {
            id: grant.id,
            source_id: grant.source,
            channels: terms.channels,
            territories: terms.territories,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            max_extent: terms.max_extent,
            may_redistribute: terms.may_redistribute,
            alteration: terms.alteration,
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            evidence_ref: terms.evidence_ref,
            created_at: grant.created_at,
            updated_at: grant.updated_at,
        }
    }
}

impl Outward for GrantView {}

page_of! {
    /// A page of a source's grants.
    GrantPage of GrantView
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights;

    fn input() -> GrantInput {
        serde_json::from_value(serde_json::json!({
            "channels": ["web"], "territories": ["CN", "DE"], "valid_from": "2026-01-01T00:00:00Z",
            "max_extent": "excerpt", "may_redistribute": true, "alteration": "cut"
        }))
        .unwrap()
    }

    #[test]
    fn every_fault_is_told_where_it_stands() {
        let mut input = input();
        input.territories = ["ZZ", "CN", "QQ"].map(str::to_owned).to_vec();
        input.valid_until = Some(input.valid_from);
        input.evidence_ref = Some("a\u{200B}b".to_owned());
        let faults = input.parse().unwrap_err();
        let faults: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect();
        assert_eq!(
            faults,
            [
                ("/valid_until", "period"),
                ("/territories/0", "territory"),
                ("/territories/2", "territory"),
                ("/evidence_ref", "unsafe_character"),
            ]
        );
    }

    #[test]
    fn the_rules_see_what_was_written() {
        let terms = input().parse().unwrap();
        let at = terms.valid_from;
        let grant = Grant {
            id: "grt_01900000000070008000000000000001"
                .to_owned()
                .try_into()
                .unwrap(),
            revision: 1,
            source: "src_01900000000070008000000000000001"
                .to_owned()
                .try_into()
                .unwrap(),
            terms,
            created_at: at,
            updated_at: at,
        };
        assert_eq!(GrantInput::from(&grant).parse().unwrap(), grant.terms);
        let grant = rights::Grant::from(grant);
        let territory = |code| Territory::parse(code).unwrap();
        assert!(grant.covers(Channel::Web, &territory("DE"), at));
        assert!(!grant.covers(Channel::App, &territory("DE"), at));
        assert!(!grant.covers(Channel::Web, &territory("FR"), at));
        assert!(!grant.ai_input && !grant.ai_train && grant.may_redistribute);
        assert_eq!(
            (grant.max_extent, grant.alteration),
            (Extent::Excerpt, Alteration::Cut)
        );
    }
}
