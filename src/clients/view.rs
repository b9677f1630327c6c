//! Clients on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Client, ClientStatus, Origin, Terms, channels, usual_channel};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ClientId, PartnerId};
use crate::kernel::language::Territory;
use crate::kernel::time::{is_sane, micros};
use crate::rights::{Channel, ClientKind, Scope};

/// An API client, as an administrator writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Web frontend", "kind": "first_party", "channel": "web", "scopes": ["articles:read", "catalogue:read"]}))]
pub struct ClientInput {
    /// Who holds the key.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Never changes.
    pub kind: ClientKind,
    /// On whose behalf the key is used: needed by partners, possible for crawlers, refused for first parties. Never changes; a partner's key that has none yet may get one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub partner_id: Option<PartnerId>,
    /// `web` or `app` for first parties (`web` if left out); `syndication`, `web` or `app` for partners (`syndication`); `ai` for crawlers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<Channel>,
    /// Where the client publishes. Needed where there is a partner: its licences and the sources' grants are held against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub territory: Option<Territory>,
    /// All, if left out.
    #[serde(default = "all_scopes")]
    #[schema(min_items = 1, max_items = 2, default = json!(["articles:read", "catalogue:read"]))]
    pub scopes: Vec<Scope>,
    /// Meant for browsers, where whoever opens the page can see it: it reads only, is taken from `allowed_origins` only and has a limit of its own. First parties only.
    #[serde(default)]
    #[schema(default = false)]
    pub publishable: bool,
    /// `scheme://host[:port]`; needed by publishable keys.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub allowed_origins: Vec<String>,
    /// The first instant at which the key is not taken any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
}

fn all_scopes() -> Vec<Scope> {
    Scope::ALL.to_vec()
}

impl ClientInput {
    /// A client of this kind with everything as usual, for the command line.
    pub fn new(name: String, kind: ClientKind) -> Self {
        Self {
            name,
            kind,
            partner_id: None,
            channel: None,
            territory: None,
            scopes: all_scopes(),
            publishable: false,
            allowed_origins: Vec::new(),
            expires_at: None,
        }
    }

    /// [`ClientInput::parse`] of a new client, which must not have expired already.
    ///
    /// # Errors
    /// All faults.
    pub fn parse_new(&self, now: DateTime<Utc>) -> Result<Terms, Vec<Fault>> {
        let over = self.expires_at.is_some_and(|end| end <= now);
        let fault = over.then(|| Fault::new("/expires_at", "past", "must be in the future"));
        match (self.parse(), fault) {
            (Ok(terms), None) => Ok(terms),
            (outcome, fault) => {
                let mut faults = outcome.err().unwrap_or_default();
                faults.extend(fault);
                Err(faults)
            }
        }
    }

    /// [`ClientInput::parse`] of what a client becomes. Whoever holds its key knows it: it never
    /// comes to stand for somebody else.
    ///
    /// # Errors
    /// All faults.
    pub fn parse_change(&self, current: &Client) -> Result<Terms, Vec<Fault>> {
        let was = &current.terms;
        let mut faults = Faults::default();
        let mut kept = self.clone();
        if self.kind != was.kind {
            faults.push("/kind", "immutable", "never changes; make another client");
            kept.kind = was.kind;
        }
        // A partner's key from before partners were kept may still be told its own.
        let is_open = was.kind == ClientKind::Partner && was.partner.is_none();
        if self.partner_id != was.partner && !is_open {
            let detail = "never changes; make another client";
            faults.push("/partner_id", "immutable", detail);
            kept.partner_id = was.partner;
        }
        match (kept.parse(), faults.finish(())) {
            (Ok(terms), Ok(())) => Ok(terms),
            (terms, same) => {
                let all = [same.err(), terms.err()].into_iter().flatten();
                Err(all.flatten().collect())
            }
        }
    }

    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Terms, Vec<Fault>> {
        let mut faults = Faults::default();
        let channel = self.channel.unwrap_or(usual_channel(self.kind));
        let fitting = channels(self.kind);
        if !fitting.contains(&channel) {
            let words: Vec<&str> = fitting.iter().map(|channel| channel.as_str()).collect();
            faults.push(
                "/channel",
                "choice",
                format!(
                    "must be one of {} for this kind of client",
                    words.join(", ")
                ),
            );
        }
        self.on_behalf(&mut faults);
        let mut scopes = self.scopes.clone();
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            faults.push("/scopes", "items", "must hold at least one scope");
        }
        if self.publishable && self.kind != ClientKind::FirstParty {
            faults.push("/publishable", "choice", "is for first parties only");
        }
        if self.publishable && self.allowed_origins.is_empty() {
            faults.push(
                "/allowed_origins",
                "required",
                "must name the origins from which a publishable key is taken",
            );
        }
        if self.expires_at.is_some_and(|end| !is_sane(end)) {
            faults.push("/expires_at", "range", "must be in the years 1 to 9998");
        }
        let terms = Terms {
            name: faults.line("/name", &self.name, 1..=200),
            kind: self.kind,
            partner: self.partner_id,
            channel,
            territory: self.territory.clone(),
            scopes,
            publishable: self.publishable,
            allowed_origins: origins(&mut faults, &self.allowed_origins),
            expires_at: self.expires_at.map(micros),
        };
        faults.finish(terms)
    }

    /// Who the key stands for, and where: without both, no licence could be held against it.
    fn on_behalf(&self, faults: &mut Faults) {
        match (self.kind, self.partner_id) {
            (ClientKind::FirstParty, Some(_)) => {
                faults.push("/partner_id", "choice", "first parties have no partner");
            }
            (ClientKind::Partner, None) => {
                faults.push("/partner_id", "required", "must name the partner");
            }
            _ => {}
        }
        let licensed = self.kind == ClientKind::Partner
            || self.kind == ClientKind::AiCrawler && self.partner_id.is_some();
        if licensed && self.territory.is_none() {
            faults.push(
                "/territory",
                "required",
                "must say where the partner publishes",
            );
        }
    }
}

fn origins(faults: &mut Faults, texts: &[String]) -> Vec<Origin> {
    if texts.len() > 50 {
        faults.push("/allowed_origins", "items", "must hold at most 50 origins");
        return Vec::new();
    }
    let mut origins = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match Origin::parse(text) {
            Some(origin) => origins.push(origin),
            None => faults.push(
                format!("/allowed_origins/{index}"),
                "origin",
                "must be scheme://host[:port] with http or https, without a path or wildcard",
            ),
        }
    }
    origins.sort();
    origins.dedup();
    origins
}

impl From<&Client> for ClientInput {
    fn from(client: &Client) -> Self {
        let terms = client.terms.clone();
        Self {
            name: terms.name,
            kind: terms.kind,
            partner_id: terms.partner,
            channel: Some(terms.channel),
            territory: terms.territory,
            scopes: terms.scopes,
            publishable: terms.publishable,
            allowed_origins: texts(&terms.allowed_origins),
            expires_at: terms.expires_at,
        }
    }
}

fn texts(origins: &[Origin]) -> Vec<String> {
    origins
        .iter()
        .map(|origin| origin.as_str().to_owned())
        .collect()
}

/// An API client.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Client, example = json!({"id": "cli_01900000000070008000000000000001", "name": "Web frontend", "kind": "first_party", "channel": "web", "scopes": ["articles:read", "catalogue:read"], "publishable": false, "allowed_origins": [], "key_hint": "x4Qc", "status": "active", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct ClientView {
    pub id: ClientId,
    pub name: String,
    pub kind: ClientKind,
    /// On whose behalf the key is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub partner_id: Option<PartnerId>,
    pub channel: Channel,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub territory: Option<Territory>,
    pub scopes: Vec<Scope>,
    pub publishable: bool,
    pub allowed_origins: Vec<String>,
    /// The key itself: once, in the answer to the request that made it. A repetition by `Idempotency-Key` does not show it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub key: Option<String>,
    /// The last characters of the key.
    pub key_hint: String,
    pub status: ClientStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ClientView {
    /// The status is that of `now`.
    pub fn of(client: Client, now: DateTime<Utc>) -> Self {
        let status = client.status(now);
        let terms = client.terms;
        Self {
            id: client.id,
            name: terms.name,
            kind: terms.kind,
            partner_id: terms.partner,
            channel: terms.channel,
            territory: terms.territory,
            scopes: terms.scopes,
            publishable: terms.publishable,
            allowed_origins: texts(&terms.allowed_origins),
            key: None,
            key_hint: client.key_hint,
            status,
            expires_at: terms.expires_at,
            revoked_at: client.revoked_at,
            created_at: client.created_at,
            updated_at: client.updated_at,
        }
    }
}

impl Outward for ClientView {}

page_of! {
    /// A page of clients.
    ClientPage of ClientView
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    fn faults(change: impl FnOnce(&mut ClientInput)) -> Vec<String> {
        let mut input = ClientInput::new("Web".to_owned(), ClientKind::FirstParty);
        change(&mut input);
        input
            .parse_new(DateTime::UNIX_EPOCH)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn channels_follow_the_kind() {
        for (kind, channel) in [
            (ClientKind::FirstParty, Channel::Web),
            (ClientKind::Partner, Channel::Syndication),
            (ClientKind::AiCrawler, Channel::Ai),
        ] {
            let mut input = ClientInput::new("x".to_owned(), kind);
            if kind == ClientKind::Partner {
                input.partner_id = PartnerId::parse("ptn_01900000000070008000000000000001");
                input.territory = Territory::parse("CN");
            }
            let terms = input.parse().unwrap();
            assert_eq!(terms.channel, channel);
            assert_eq!(terms.scopes, Scope::ALL);
        }
        assert_eq!(
            faults(|c| c.channel = Some(Channel::Ai)),
            ["/channel choice"]
        );
        assert!(faults(|c| c.channel = Some(Channel::App)).is_empty());
    }

    #[test]
    fn what_a_key_cannot_be() {
        assert_eq!(faults(|c| c.scopes.clear()), ["/scopes items"]);
        assert_eq!(
            faults(|c| c.publishable = true),
            ["/allowed_origins required"]
        );
        assert_eq!(
            faults(|c| c.expires_at = Some(DateTime::UNIX_EPOCH)),
            ["/expires_at past"]
        );
        assert_eq!(
            faults(|c| {
                c.kind = ClientKind::Partner;
                c.publishable = true;
                c.allowed_origins = vec!["https://a.example".to_owned(), "*".to_owned()];
            }),
            [
                "/partner_id required",
                "/territory required",
                "/publishable choice",
                "/allowed_origins/1 origin"
            ]
        );
        let partner = PartnerId::parse("ptn_01900000000070008000000000000001");
        assert_eq!(faults(|c| c.partner_id = partner), ["/partner_id choice"]);
        let crawler = |c: &mut ClientInput| c.kind = ClientKind::AiCrawler;
        assert!(faults(crawler).is_empty());
        assert_eq!(
            faults(|c| {
                crawler(c);
                c.partner_id = partner;
            }),
            ["/territory required"]
        );
    }
}
