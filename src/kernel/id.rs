//! Typed identifiers: a prefix that names the noun and a UUIDv7 (RFC 9562), written
//! as 32 lower-case hexadecimal digits, so that ids sort by the time they were made.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// What all identifiers have in common.
pub trait Id: Copy + fmt::Display + Sized {
    const PREFIX: &'static str;
    fn from_uuid(uuid: Uuid) -> Self;
    fn uuid(self) -> Uuid;

    /// Reads an id of this noun; `None` for anything else, another noun's id included.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?.strip_prefix('_')?;
        let plain = digits.len() == 32
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        plain
            .then(|| Uuid::try_parse(digits).ok())
            .flatten()
            .map(Self::from_uuid)
    }
}

/// Makes identifiers. Seeded, it makes the same ones in every run.
#[derive(Debug, Clone, Default)]
pub struct Mint(Option<Arc<Mutex<StdRng>>>);

impl Mint {
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    pub fn id<I: Id>(&self, now: DateTime<Utc>) -> I {
        let mut random = [0; 10];
        match &self.0 {
            Some(rng) => rng.lock().fill_bytes(&mut random),
            None => rand::rng().fill_bytes(&mut random),
        }
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        I::from_uuid(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $pattern:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or(concat!("must be an id that begins with ", $prefix, "_"))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self { id.to_string() }
        }
    )+};
}

ids! {
    /// An article.
    ArticleId = "art", "^art_[0-9a-f]{32}$";
    /// A person in the register of authors.
    AuthorId = "aut", "^aut_[0-9a-f]{32}$";
    /// A section of the site.
    SectionId = "sec", "^sec_[0-9a-f]{32}$";
    /// A source of content: the site itself or another medium.
    SourceId = "src", "^src_[0-9a-f]{32}$";
    /// What a source allows us.
    GrantId = "grt", "^grt_[0-9a-f]{32}$";
    /// An edition of the state's list of permitted sources.
    EditionId = "reg", "^reg_[0-9a-f]{32}$";
    /// A published reprint to look at again, since its source left the list.
    RegistryReviewId = "rrv", "^rrv_[0-9a-f]{32}$";
    /// A licensing notice.
    NoticeId = "ntc", "^ntc_[0-9a-f]{32}$";
    /// A member of staff.
    UserId = "usr", "^usr_[0-9a-f]{32}$";
    /// A signed-in session of a member of staff.
    SessionId = "ses", "^ses_[0-9a-f]{32}$";
    /// An API client.
    ClientId = "cli", "^cli_[0-9a-f]{32}$";
    /// An entry of a client's change feed.
    ChangeId = "chg", "^chg_[0-9a-f]{32}$";
    /// A partner organisation.
    PartnerId = "ptn", "^ptn_[0-9a-f]{32}$";
    /// A row of the ledger: one body given to a partner.
    DeliveryId = "dlv", "^dlv_[0-9a-f]{32}$";
    /// A signed statement of what was licensed to whom.
    AttestationId = "att", "^att_[0-9a-f]{32}$";
    /// A licence that we grant a partner.
    LicenceId = "lic", "^lic_[0-9a-f]{32}$";
    /// A complaint about a work.
    ClaimId = "clm", "^clm_[0-9a-f]{32}$";
    /// A freeze of evidence.
    HoldId = "hld", "^hld_[0-9a-f]{32}$";
    /// Long work.
    JobId = "job", "^job_[0-9a-f]{32}$";
    /// What a partner is told of a work that it was given.
    AdvisoryId = "adv", "^adv_[0-9a-f]{32}$";
    /// An event of the audit log.
    AuditId = "aud", "^aud_[0-9a-f]{32}$";
    /// A comment of the desk on a version of an article.
    CommentId = "cmt", "^cmt_[0-9a-f]{32}$";
    /// Work on an article that somebody was asked to do.
    AssignmentId = "asg", "^asg_[0-9a-f]{32}$";
    /// A link by which one article can be read before it is out.
    PreviewId = "prv", "^prv_[0-9a-f]{32}$";
    /// A page that was taken in.
    IngestId = "ing", "^ing_[0-9a-f]{32}$";
    /// Where a client's log is pushed to.
    WebhookId = "whk", "^whk_[0-9a-f]{32}$";
    /// A message to a webhook.
    MessageId = "msg", "^msg_[0-9a-f]{32}$";
    /// A word of the newsroom's own dictionary.
    WordId = "wrd", "^wrd_[0-9a-f]{32}$";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_refuse_strangers() {
        let now = DateTime::UNIX_EPOCH;
        let id: ArticleId = Mint::seeded(1).id(now);
        assert_eq!(ArticleId::parse(&id.to_string()), Some(id));
        assert_eq!(SectionId::parse(&id.to_string()), None);
        for bad in [
            "",
            "art_",
            "art_0190",
            "art_ZZ",
            "art-0190",
            &id.to_string().to_uppercase(),
        ] {
            assert_eq!(ArticleId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn seeded_ids_repeat() {
        let now = DateTime::UNIX_EPOCH;
        let make = || -> (ArticleId, ArticleId) {
            let mint = Mint::seeded(7);
            (mint.id(now), mint.id(now))
        };
        assert_eq!(make(), make());
        assert_ne!(make().0, make().1);
    }
}
