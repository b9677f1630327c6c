//! What the desk says when it schedules, publishes, corrects, withdraws or reinstates.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::articles::model::Timetable;
use crate::kernel::fault::{Fault, Faults};
use crate::rights::ReasonClass;

/// A move from one stage to another before readers see anything.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "The second paragraph needs a source."}))]
pub struct MoveInput {
    /// Kept as a comment on the newest version.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

impl MoveInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Option<String>, Vec<Fault>> {
        note(self.note)
    }
}

/// A note, if there is anything in it.
fn note(text: Option<String>) -> Result<Option<String>, Vec<Fault>> {
    let mut faults = Faults::default();
    let note = text.map(|text| faults.prose("/note", &text, 0..=2000));
    faults.finish(note.filter(|note| !note.is_empty()))
}

/// How an article is published.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct PublishInput {
    /// When it was published, for works that were out before; now if it is not given.
    /// Must not lie in the future.
    #[serde(default)]
    pub publish_at: Option<DateTime<Utc>>,
    /// Ends an embargo that is running. Without it, such an article is not published.
    #[serde(default)]
    pub lift_embargo: bool,
}

impl PublishInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<(Option<DateTime<Utc>>, bool), Vec<Fault>> {
        let mut faults = Faults::default();
        let at = self.publish_at.map(|at| faults.instant("/publish_at", at));
        faults.finish((at, self.lift_embargo))
    }
}

/// The times of an article, all of them: one that is left out is not set.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"publish_at": "2030-03-01T08:00:00+08:00", "embargoed_until": null, "unpublish_at": "2031-03-01T00:00:00Z"}))]
pub struct ScheduleInput {
    /// From when it is due, with its offset from UTC. Without it, an article with an embargo is
    /// due at once.
    #[serde(default)]
    pub publish_at: Option<DateTime<Utc>>,
    /// Until when it is held back all the same: until then partners with the privilege may have
    /// it, and nobody else can tell that it is there.
    #[serde(default)]
    pub embargoed_until: Option<DateTime<Utc>>,
    /// From when readers no longer see it: it is withdrawn then, with the class `rights_expired`.
    #[serde(default)]
    pub unpublish_at: Option<DateTime<Utc>>,
}

impl ScheduleInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Timetable, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut at =
            |pointer: &str, at: Option<DateTime<Utc>>| at.map(|at| faults.instant(pointer, at));
        let times = Timetable {
            publish_at: at("/publish_at", self.publish_at),
            embargoed_until: at("/embargoed_until", self.embargoed_until),
            unpublish_at: at("/unpublish_at", self.unpublish_at),
        };
        faults.finish(times)
    }
}

/// The end of a withdrawal.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "The figures were confirmed."}))]
pub struct ReinstateInput {
    /// Why, for the list of versions.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

impl ReinstateInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Option<String>, Vec<Fault>> {
        note(self.note)
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
