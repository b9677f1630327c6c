//! What a statement says, for how long, and what becomes of one that is presented.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization as _;

use crate::kernel::id::{ArticleId, AttestationId, Id, LicenceId, PartnerId};
use crate::kernel::text::{digest_field, sha256_hex};
use crate::kernel::words::words;
use crate::rights::{Delivery, Extent};

/// How long a statement holds at most.
pub const LONGEST_DAYS: i64 = 30;

/// How long a statement has to hold yet if it is to be given out again.
const SHORTEST_DAYS: i64 = 3;

/// How long a printed credit may be that is compared, in characters.
const LONGEST_CREDIT: usize = 2_000;

/// What a statement is about: all that it says but when, and under which id. As long as one
/// holds, there is no second one for the same subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// SHA-256 in hexadecimal digits.
    pub hash: String,
    pub partner: PartnerId,
    pub licence: LicenceId,
    pub article: ArticleId,
    /// The end of the right.
    valid_until: Option<DateTime<Utc>>,
    claims: Map<String, Value>,
}

impl Subject {
    /// The subject of a delivery by the site of this address.
    ///
    /// # Errors
    /// Where the claims have no canonical form, which strings and whole numbers always have.
    pub fn of(issuer: &str, delivery: &Delivery) -> Result<Self, serde_json::Error> {
        let mut claims = Map::new();
        let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        say("iss", json!(issuer));
        say("sub", json!(delivery.partner));
        say("licence", json!(delivery.licence));
        say("licence_revision", json!(delivery.licence_revision));
        say("article", json!(delivery.article));
        say("version", json!(delivery.version));
        say("digest", json!(digest_field(&delivery.digest)));
        say(
            "content_digest",
            json!(digest_field(&delivery.content_digest)),
        );
        say("credit_line", json!(delivery.credit_line));
        say("extent", json!(delivery.extent.as_str()));
        say("format", json!(delivery.format));
        let mut about = claims.clone();
        if let Some(end) = delivery.valid_until {
            let end = end.to_rfc3339_opts(SecondsFormat::Micros, true);
            about.insert("valid_until".to_owned(), json!(end));
        }
        Ok(Self {
            hash: sha256_hex(serde_json_canonicalizer::to_string(&about)?.as_bytes()),
            partner: delivery.partner,
            licence: delivery.licence,
            article: delivery.article,
            valid_until: delivery.valid_until,
            claims,
        })
    }

    /// The claims of a statement made now, in canonical JSON (RFC 8785), and its end.
    ///
    /// # Errors
    /// See [`Subject::of`].
    pub fn state(
        &self,
        id: AttestationId,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>), serde_json::Error> {
        let issued_at = now.timestamp();
        let longest = issued_at + TimeDelta::days(LONGEST_DAYS).num_seconds();
        // The last second of a right is one yet.
        let expires_at = self
            .ends_at()
            .map_or(longest, |end| end.min(longest))
            .max(issued_at + 1);
        let mut claims = self.claims.clone();
        claims.insert("jti".to_owned(), json!(id));
        claims.insert("iat".to_owned(), json!(issued_at));
        claims.insert("exp".to_owned(), json!(expires_at));
        let end = DateTime::from_timestamp(expires_at, 0).unwrap_or(now);
        Ok((serde_json_canonicalizer::to_string(&claims)?, end))
    }

    /// Whether a statement about this subject that ends at an instant is given out again: it
    /// holds for some days yet, or for as long as the right itself.
    pub fn is_reusable(&self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let is_last = self
            .ends_at()
            .is_some_and(|end| expires_at.timestamp() >= end);
        now < expires_at && (is_last || expires_at - now >= TimeDelta::days(SHORTEST_DAYS))
    }

    /// The end of the right in whole seconds, as claims have it.
    fn ends_at(&self) -> Option<i64> {
        self.valid_until.map(|end| end.timestamp())
    }
}

/// What an authentic statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub id: AttestationId,
    pub issuer: String,
    pub partner: PartnerId,
    pub licence: LicenceId,
    pub licence_revision: i64,
    pub article: ArticleId,
    pub version: i64,
    /// With `sha-256=` before it.
    pub digest: String,
    /// With `sha-256=` before it.
    pub content_digest: String,
    pub credit_line: String,
    pub extent: Extent,
    pub format: String,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Statement {
    /// Reads claims; `None` where they are not ours.
    pub fn read(claims: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let owned = |name: &str| text(name).map(str::to_owned);
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        let time = |name: &str| DateTime::from_timestamp(number(name)?, 0);
        Some(Self {
            id: AttestationId::parse(text("jti")?)?,
            issuer: owned("iss")?,
            partner: PartnerId::parse(text("sub")?)?,
            licence: LicenceId::parse(text("licence")?)?,
            licence_revision: number("licence_revision")?,
            article: ArticleId::parse(text("article")?)?,
            version: number("version")?,
            digest: owned("digest")?,
            content_digest: owned("content_digest")?,
            credit_line: owned("credit_line")?,
            extent: Extent::parse(text("extent")?)?,
            format: owned("format")?,
            issued_at: time("iat")?,
            expires_at: time("exp")?,
        })
    }

    /// Whether a printed credit is the one that was sent. Here, and nowhere else, are full-
    /// and half-width colons equal: both sides are compared after NFKC.
    pub fn has_credit(&self, printed: &str) -> bool {
        let plain = |line: &str| line.nfkc().collect::<String>().trim().to_owned();
        let fits = printed.chars().nth(LONGEST_CREDIT).is_none();
        fits && plain(printed) == plain(&self.credit_line)
    }

    /// Whether a body is the one that was delivered, byte for byte.
    pub fn has_content(&self, body: &str) -> bool {
        self.content_digest == digest_field(&sha256_hex(body.as_bytes()))
    }
}

words! {
    /// What became of a statement.
    AttestationStatus {
        /// Signed by us, and what it says still holds.
        Valid = "valid",
        /// Signed by us, and past its end.
        Expired = "expired",
        /// Signed by us, but the licence or the partner has ended, or the article is gone.
        Revoked = "revoked",
        /// Not as we have signed it, or not signed by us at all.
        Tampered = "tampered",
    }
}

/// The outcome of checking a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The names of what is not as it was signed, where that is known.
    Tampered(Vec<String>),
    Authentic {
        status: AttestationStatus,
        statement: Box<Statement>,
    },
}

impl Verdict {
    /// What an authentic statement is worth now.
    pub fn of(statement: Statement, revoked: bool, now: DateTime<Utc>) -> Self {
        let status = if revoked {
            AttestationStatus::Revoked
        } else if statement.expires_at <= now {
            AttestationStatus::Expired
        } else {
            AttestationStatus::Valid
        };
        Self::Authentic {
            status,
            statement: Box::new(statement),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_compared_by_their_compatibility_form() {
        let claims = json!({
            "iss": "https://news.example.org", "sub": "ptn_01900000000070008000000000000001",
            "jti": "att_01900000000070008000000000000001", "iat": 1_780_000_000, "exp": 1_780_000_001,
            "licence": "lic_01900000000070008000000000000001", "licence_revision": 1,
            "article": "art_01900000000070008000000000000001", "version": 3, "digest": "sha-256=00",
            "content_digest": format!("sha-256={}", sha256_hex(b"<p>The quay opens.</p>")),
            "credit_line": "来源：滨海日报", "extent": "full", "format": "html"
        });
        let claims = claims.as_object().unwrap();
        let statement = Statement::read(claims).unwrap();
        assert!(statement.has_credit("来源：滨海日报"));
        assert!(statement.has_credit(" 来源:滨海日报\n"));
        assert!(!statement.has_credit("來源：滨海日报"));
        assert!(!statement.has_credit("来源 滨海日报"));
        let padded = |n: usize| format!("来源:滨海日报{}", " ".repeat(n - 7));
        assert!(statement.has_credit(&padded(2_000)));
        assert!(!statement.has_credit(&padded(2_001)));
        assert!(statement.has_content("<p>The quay opens.</p>"));
        assert!(!statement.has_content("<p>The quay opens.</p> "));
        for name in claims.keys() {
            let mut fewer = claims.clone();
            fewer.remove(name);
            assert_eq!(Statement::read(&fewer), None, "{name}");
        }
    }
}
