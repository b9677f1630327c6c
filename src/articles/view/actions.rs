//! What the desk says when it publishes, corrects or withdraws.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::fault::{Fault, Faults};
use crate::rights::ReasonClass;

/// How an article is published.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct PublishInput {
    /// When it was published, for works that were out before; now if it is not given.
    /// Must not lie in the future.
    #[serde(default)]
    pub publish_at: Option<DateTime<Utc>>,
}

impl PublishInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Option<DateTime<Utc>>, Vec<Fault>> {
        let mut faults = Faults::default();
        let at = self.publish_at.map(|at| faults.instant("/publish_at", at));
        faults.finish(at)
    }
}

/// A correction.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"public_note": "An earlier version gave a wrong date."}))]
pub struct CorrectInput {
    /// What was wrong, for readers; travels with the article.
    #[schema(min_length = 1, max_length = 2000)]
    pub public_note: String,
}

impl CorrectInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<String, Vec<Fault>> {
        let mut faults = Faults::default();
        let note = faults.prose("/public_note", &self.public_note, 1..=2000);
        faults.finish(note)
    }
}

/// A withdrawal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason_class": "editorial", "reason": "The figures could not be confirmed."}))]
pub struct WithdrawInput {
    pub reason_class: ReasonClass,
    /// Why, for readers. It must not repeat the text.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl WithdrawInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<(ReasonClass, String), Vec<Fault>> {
        let mut faults = Faults::default();
        let reason = faults.prose("/reason", &self.reason, 1..=2000);
        faults.finish((self.reason_class, reason))
    }
}
