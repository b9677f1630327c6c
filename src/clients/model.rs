//! What an API client is.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::kernel::id::{ClientId, PartnerId};
use crate::kernel::language::Territory;
use crate::kernel::words::words;
use crate::rights::{Channel, ClientKind, Holder, Licence, Scope, Use};

words! {
    /// Whether a key is taken.
    ClientStatus {
        Active = "active",
        /// Its time is over; a later `expires_at` brings it back.
        Expired = "expired",
        /// Ended for good.
        Revoked = "revoked",
    }
}

/// A client: who holds a key, and what the key is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub revision: i64,
    pub terms: Terms,
    /// The last characters of the key, to tell keys apart.
    pub key_hint: String,
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What a key is good for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub name: String,
    pub kind: ClientKind,
    /// On whose behalf the key is used: always said of partners, never of first parties.
    pub partner: Option<PartnerId>,
    pub channel: Channel,
    pub territory: Option<Territory>,
    pub scopes: Vec<Scope>,
    /// Meant for browsers, where whoever opens the page can see it.
    pub publishable: bool,
    pub allowed_origins: Vec<Origin>,
    /// The first instant at which the key is not taken.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Client {
    pub fn status(&self, now: DateTime<Utc>) -> ClientStatus {
        if self.revoked_at.is_some() {
            ClientStatus::Revoked
        } else if self.terms.expires_at.is_some_and(|end| end <= now) {
            ClientStatus::Expired
        } else {
            ClientStatus::Active
        }
    }

    /// The use for which it asks for works, with what its partner holds.
    pub fn use_(&self, licences: Arc<[Licence]>) -> Use {
        Use {
            audience: self.terms.kind.into(),
            channel: self.terms.channel,
            territory: self.terms.territory.clone(),
            holder: self.terms.partner.map(|partner| Holder {
                partner,
                client: Some((self.id, self.revision)),
                licences,
            }),
        }
    }
}

/// The channel of a key for which none is named.
pub fn usual_channel(kind: ClientKind) -> Channel {
    match kind {
        ClientKind::FirstParty => Channel::Web,
        ClientKind::Partner => Channel::Syndication,
        ClientKind::AiCrawler => Channel::Ai,
    }
}

/// The channels that a key of this kind may be for.
pub fn channels(kind: ClientKind) -> &'static [Channel] {
    match kind {
        ClientKind::FirstParty => &[Channel::Web, Channel::App],
        ClientKind::Partner => &[Channel::Syndication, Channel::Web, Channel::App],
        ClientKind::AiCrawler => &[Channel::Ai],
    }
}

/// A web origin as browsers write it (RFC 6454): scheme, host in lower case (IDNA), and the
/// port where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// Reads `scheme://host[:port]`; a slash at the end may stand, a path may not.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let url = url::Url::parse(text).ok()?;
        let bare = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty() && !host.contains('*'))
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            // The parser forgives what no one should write.
            && text.contains("://")
            && !text.contains(['@', '\\', '\t', '\n', '\r', ' ']);
        bare.then(|| Self(url.origin().ascii_serialization()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, read) in [
            ("https://news.example.org", Some("https://news.example.org")),
            (
                "https://News.Example.ORG/",
                Some("https://news.example.org"),
            ),
            (
                "https://news.example.org:443",
                Some("https://news.example.org"),
            ),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("https://新聞.example", Some("https://xn--efvv70d.example")),
            ("https://news.example.org/path", None),
            ("https://news.example.org//", None),
            ("https://news.example.org?x", None),
            ("https://news.example.org#x", None),
            ("https://me@news.example.org", None),
            ("https://me:pw@news.example.org", None),
            ("https://@news.example.org", None),
            ("https:news.example.org", None),
            ("https:\\\\news.example.org", None),
            ("https://*.example.org", None),
            ("https://", None),
            ("ftp://news.example.org", None),
            ("news.example.org", None),
            ("null", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(
                Origin::parse(text).as_ref().map(Origin::as_str),
                read,
                "{text:?}"
            );
        }
    }
}
