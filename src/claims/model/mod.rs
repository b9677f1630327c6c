//! What a claim is, who filed it, and what was frozen for it.

pub mod report;
pub mod window;

use chrono::{DateTime, Utc};

use self::window::Window;
use crate::kernel::id::{ArticleId, ClaimId, HoldId, SourceId, UserId};
use crate::kernel::text::{nfkc, sha256_hex};
use crate::kernel::words::words;

words! {
    /// What a claim is about.
    ClaimKind {
        /// A work is used without the right to it: a notice of takedown.
        Copyright = "copyright",
        /// Something is wrong.
        Accuracy = "accuracy",
        /// Something is told of a person that should not be.
        Privacy = "privacy",
        Other = "other",
    }

    /// What the claimant asks for.
    RequestedAction {
        Remove = "remove",
        Correct = "correct",
        LinkRemoval = "link_removal",
        Other = "other",
    }

    /// How far a claim has come.
    ClaimStage {
        Received = "received",
        Acknowledged = "acknowledged",
        /// Evidence is frozen.
        UnderReview = "under_review",
        Decided = "decided",
        /// Author or partner objects to what was decided.
        Countered = "countered",
        /// The work was given back to readers.
        Restored = "restored",
        Closed = "closed",
    }

    /// What was decided.
    Decision {
        Upheld = "upheld",
        PartlyUpheld = "partly_upheld",
        Rejected = "rejected",
    }

    /// What follows from a decision.
    Remedy {
        /// The work is taken back from readers.
        Withdraw = "withdraw",
        /// The newsroom corrects it, by the article's own operation.
        Correct = "correct",
        None = "none",
    }

    /// Who wrote a message.
    MessageFrom {
        Claimant = "claimant",
        Desk = "desk",
    }
}

/// Messages that one case holds.
pub const MOST_MESSAGES: i64 = 50;

/// Who complains, and for whom. Personal data: gone when its time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    pub name: String,
    pub organisation: Option<String>,
    pub email: String,
    pub phone: Option<String>,
    pub postal_address: Option<String>,
    /// The holder of the right, where the claimant is not it.
    pub acting_for: Option<String>,
}

/// Something that supports a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub description: String,
    pub url: Option<String>,
}

/// What a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    pub statement: String,
    /// The claimant's own work, for copyright.
    pub work_description: Option<String>,
    pub ownership_statement: Option<String>,
    pub declares_accuracy: bool,
    pub declares_good_faith: bool,
    pub evidence: Vec<Evidence>,
}

/// The work that a claim is about, as the claimant names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Article(ArticleId),
    Url(String),
}

impl Subject {
    pub fn as_text(&self) -> String {
        match self {
            Self::Article(id) => id.to_string(),
            Self::Url(url) => url.clone(),
        }
    }
}

/// A claim as it is filed, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    pub kind: ClaimKind,
    pub subject: Subject,
    pub claimant: Claimant,
    pub grounds: Grounds,
    pub requested_action: RequestedAction,
}

impl Filing {
    /// What tells a second filing of the same claim: who, about what, and in which words.
    pub fn fingerprint(&self) -> String {
        let parts = [
            self.kind.as_str().to_owned(),
            nfkc(&self.claimant.email).to_lowercase(),
            self.subject.as_text(),
            self.grounds.statement.clone(),
        ];
        // A control character stands in none of them.
        sha256_hex(parts.join("\u{1f}").as_bytes())
    }
}

/// What the desk decided, in words for the public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    pub decision: Decision,
    pub remedy: Remedy,
    pub reason: String,
}

/// The objection of whoever answers for the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterNotice {
    pub name: String,
    pub email: String,
    pub postal_address: Option<String>,
    pub statement: String,
    pub declares_good_faith: bool,
}

/// A message between claimant and desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Counted from 1.
    pub n: i64,
    pub from: MessageFrom,
    /// The member of staff who wrote it.
    pub by: Option<UserId>,
    /// `None` once personal data is gone.
    pub text: Option<String>,
    pub at: DateTime<Utc>,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: ClaimId,
    pub revision: i64,
    pub kind: ClaimKind,
    pub stage: ClaimStage,
    pub requested_action: RequestedAction,
    /// As the claimant named it; `None` once personal data is gone.
    pub subject: Option<String>,
    /// The work that was found for it, whether readers may know of it or not.
    pub article: Option<ArticleId>,
    pub claimant: Option<Claimant>,
    pub grounds: Option<Grounds>,
    /// `None` where no work was found that readers could see.
    pub window: Option<Window>,
    pub received_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub ruling: Option<Ruling>,
    pub counter: Option<CounterNotice>,
    pub countered_at: Option<DateTime<Utc>>,
    pub restored_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When the work was taken back on this claim, while that stands.
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub internal_note: Option<String>,
    /// By when the next step is due, where one is.
    pub due_at: Option<DateTime<Utc>>,
    /// When personal data goes, once the case is settled.
    pub erase_at: Option<DateTime<Utc>>,
    pub erased_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl Claim {
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.due_at.is_some_and(|due| due <= now)
    }

    /// Whether the work is held back without a decision that it stays so.
    pub fn is_held_back(&self) -> bool {
        let is_final = self
            .ruling
            .as_ref()
            .is_some_and(|ruling| ruling.remedy == Remedy::Withdraw);
        self.withdrawn_at.is_some() && !is_final
    }
}

/// A claim with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub claim: Claim,
    pub messages: Vec<Message>,
    /// Newest first.
    pub holds: Vec<Hold>,
}

/// A claim in a list: nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: ClaimId,
    pub kind: ClaimKind,
    pub stage: ClaimStage,
    pub requested_action: RequestedAction,
    pub article: Option<ArticleId>,
    pub within_window: Option<bool>,
    pub received_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

/// Evidence as it stood when it was frozen. Digests are SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub claim: ClaimId,
    pub article: ArticleId,
    pub source: Option<SourceId>,
    pub frozen_at: DateTime<Utc>,
    /// The version that readers saw; the newest one where they saw none.
    pub version: i64,
    /// The version's own digest.
    pub digest: String,
    /// Over the version's text as it is stored.
    pub text_digest: String,
    /// The source's entry in the register, as JSON.
    pub source_snapshot: Option<String>,
    pub ledger: Ledger,
    /// Whether the work was taken back from readers for as long as the hold lasts.
    pub is_interim: bool,
    pub released_at: Option<DateTime<Utc>>,
}

/// What the ledger of deliveries held of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub rows: i64,
    /// Over the rows in their order.
    pub digest: String,
}

/// Whether frozen evidence is still what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intact {
    pub version: bool,
    pub ledger: bool,
}

/// How long things may take, in calendar days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub acknowledge_days: i64,
    pub decide_days: i64,
    /// How long personal data stays after the end of a case.
    pub data_days: i64,
}

/// What the desk may change of a claim besides its stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    pub article: Option<ArticleId>,
    pub internal_note: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filing() -> Filing {
        Filing {
            kind: ClaimKind::Accuracy,
            subject: Subject::Url("https://news.example.org/a".to_owned()),
            claimant: Claimant {
                name: "Wen Ya".to_owned(),
                organisation: None,
                email: "wen@example.org".to_owned(),
                phone: None,
                postal_address: None,
                acting_for: None,
            },
            grounds: Grounds {
                statement: "The quay is older.".to_owned(),
                work_description: None,
                ownership_statement: None,
                declares_accuracy: false,
                declares_good_faith: false,
                evidence: Vec::new(),
            },
            requested_action: RequestedAction::Correct,
        }
    }

    #[test]
    fn the_same_claim_is_known_again() {
        let first = filing();
        let mut same = filing();
        same.claimant.email = "WEN@example.org".to_owned();
        same.claimant.phone = Some("1".to_owned());
        same.requested_action = RequestedAction::Remove;
        assert_eq!(first.fingerprint(), same.fingerprint());
        let others: [fn(&mut Filing); 4] = [
            |other| other.claimant.email = "ya@example.org".to_owned(),
            |other| other.subject = Subject::Url("https://news.example.org/b".to_owned()),
            |other| other.grounds.statement.push('!'),
            |other| other.kind = ClaimKind::Other,
        ];
        for change in others {
            let mut other = filing();
            change(&mut other);
            assert_ne!(first.fingerprint(), other.fingerprint(), "{other:?}");
        }
    }

    #[test]
    fn a_work_is_held_back_until_a_decision_says_that_it_stays_away() {
        let now = DateTime::UNIX_EPOCH;
        let mut claim = Claim {
            id: crate::kernel::id::Mint::seeded(1).id(now),
            revision: 1,
            kind: ClaimKind::Other,
            stage: ClaimStage::Received,
            requested_action: RequestedAction::Other,
            subject: None,
            article: None,
            claimant: None,
            grounds: None,
            window: None,
            received_at: now,
            acknowledged_at: None,
            decided_at: None,
            ruling: None,
            counter: None,
            countered_at: None,
            restored_at: None,
            closed_at: None,
            withdrawn_at: None,
            internal_note: None,
            due_at: Some(now),
            erase_at: None,
            erased_at: None,
            updated_at: now,
        };
        assert!(claim.is_overdue(now) && !claim.is_held_back());
        claim.due_at = None;
        claim.withdrawn_at = Some(now);
        assert!(!claim.is_overdue(now) && claim.is_held_back());
        for (remedy, held) in [
            (Remedy::Withdraw, false),
            (Remedy::Correct, true),
            (Remedy::None, true),
        ] {
            claim.ruling = Some(Ruling {
                decision: Decision::Upheld,
                remedy,
                reason: String::new(),
            });
            assert_eq!(claim.is_held_back(), held, "{remedy:?}");
        }
    }
}
