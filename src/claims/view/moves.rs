//! What the desk says when it moves a claim, and of a claim besides.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::email;
use crate::claims::model::{Case, CounterNotice, Decision, Desk, Remedy, Ruling};
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::ArticleId;

/// A move of the desk that needs no more than a word to the claimant, or not even that.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"message": "We have your claim and look into it."}))]
pub struct ClaimMoveInput {
    /// What the claimant is told with it.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub message: Option<String>,
}

impl ClaimMoveInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Option<String>, Vec<Fault>> {
        let mut faults = Faults::default();
        let message = message(&mut faults, self.message.as_deref());
        faults.finish(message)
    }
}

fn message(faults: &mut Faults, text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| faults.prose("/message", text, 1..=5_000))
}

/// A freeze of evidence.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"interim": true, "public_reason": "A claim about this work is being looked into."}))]
pub struct HoldInput {
    /// Whether the work is taken back from readers for as long as the hold lasts.
    #[serde(default)]
    pub interim: bool,
    /// Why, for readers; needed with `interim`, and only there. It must not repeat the text.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub public_reason: Option<String>,
    /// What the claimant is told with it.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub message: Option<String>,
}

impl HoldInput {
    /// The reason for the public of an interim hold, and the message.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<(Option<String>, Option<String>), Vec<Fault>> {
        let mut faults = Faults::default();
        let reason = self.public_reason.as_deref().map(str::trim);
        let reason = match (self.interim, reason.filter(|reason| !reason.is_empty())) {
            (true, Some(reason)) => Some(faults.prose("/public_reason", reason, 1..=2_000)),
            (true, None) => {
                let detail = "readers are told why the work is away";
                faults.push("/public_reason", "required", detail);
                None
            }
            (false, Some(_)) => {
                let detail = "is told to readers with an interim hold only";
                faults.push("/public_reason", "choice", detail);
                None
            }
            (false, None) => None,
        };
        let message = message(&mut faults, self.message.as_deref());
        faults.finish((reason, message))
    }
}

/// A decision on a claim.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "upheld", "action": "withdraw", "reason": "The photograph was used without a licence."}))]
pub struct DecideInput {
    pub decision: Decision,
    /// What follows. `withdraw` is done at once; `correct` is for the newsroom to do.
    pub action: Remedy,
    /// Why, for the claimant and, where the work is withdrawn, for readers. It must not repeat
    /// the text.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// What the claimant alone is told with it.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub message: Option<String>,
}

impl DecideInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<(Ruling, Option<String>), Vec<Fault>> {
        let mut faults = Faults::default();
        let ruling = Ruling {
            decision: self.decision,
            remedy: self.action,
            reason: faults.prose("/reason", &self.reason, 1..=2_000),
        };
        if ruling.decision == Decision::Rejected && ruling.remedy != Remedy::None {
            let detail = "nothing follows from a claim that is rejected";
            faults.push("/action", "contradiction", detail);
        }
        let message = message(&mut faults, self.message.as_deref());
        faults.finish((ruling, message))
    }
}

/// The objection of whoever answers for a withdrawn work, as it reached the desk.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Lin Yue", "email": "lin@news.example.org", "postal_address": "2 Quay Road, Langang", "statement": "The photograph is mine; the original file is with the desk.", "declares_good_faith": true}))]
pub struct CounterNoticeInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub postal_address: Option<String>,
    /// Why the work may be shown, and what shows it.
    #[schema(min_length = 1, max_length = 20000)]
    pub statement: String,
    /// That what is said is true, and said in good faith. Must be true.
    pub declares_good_faith: bool,
}

impl CounterNoticeInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<CounterNotice, Vec<Fault>> {
        let mut faults = Faults::default();
        let address = self.postal_address.as_deref().map(str::trim);
        let notice = CounterNotice {
            name: faults.line("/name", &self.name, 1..=200),
            email: email(&mut faults, "/email", &self.email),
            postal_address: address
                .filter(|address| !address.is_empty())
                .map(|address| faults.prose("/postal_address", address, 1..=500)),
            statement: faults.prose("/statement", &self.statement, 1..=20_000),
            declares_good_faith: self.declares_good_faith,
        };
        if !notice.declares_good_faith {
            let detail = "a counter-notice needs the declaration of good faith";
            faults.push("/declares_good_faith", "required", detail);
        }
        faults.finish(notice)
    }
}

/// A message in a case.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The original file is attached to our second mail."}))]
pub struct ClaimMessageInput {
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
}

impl ClaimMessageInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<String, Vec<Fault>> {
        let mut faults = Faults::default();
        let text = faults.prose("/text", &self.text, 1..=5_000);
        faults.finish(text)
    }
}

/// The desk's own part of a claim.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"article_id": "art_01900000000070008000000000000001", "internal_note": "Asked the picture desk."}))]
pub struct ClaimCaseInput {
    /// The work that the claim is about. Finding it sets the window anew.
    #[serde(default)]
    pub article_id: Option<ArticleId>,
    /// For the desk alone; goes with the personal data.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub internal_note: Option<String>,
}

impl From<&Case> for ClaimCaseInput {
    fn from(case: &Case) -> Self {
        Self {
            article_id: case.claim.article,
            internal_note: case.claim.internal_note.clone(),
        }
    }
}

impl ClaimCaseInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Desk, Vec<Fault>> {
        let mut faults = Faults::default();
        let note = self.internal_note.as_deref().map(str::trim);
        let desk = Desk {
            article: self.article_id,
            internal_note: note
                .filter(|note| !note.is_empty())
                .map(|note| faults.prose("/internal_note", note, 1..=5_000)),
        };
        faults.finish(desk)
    }
}
