//! Partners with licences, made over the API.

use masthead::http::auth::ClientKind;
use masthead::kernel::id::{ClientId, Id as _, LicenceId, PartnerId};
use masthead::kernel::language::Territory;
use masthead::rights::Channel;
use serde_json::{Value, json};

use super::newsroom::with;
use super::{Answer, TestApp};

/// A partner, a key of it, and its licences.
#[derive(Debug, Clone)]
pub struct Deal {
    pub partner: String,
    pub client: ClientId,
    pub key: String,
    pub licences: Vec<String>,
}

impl TestApp {
    /// A partner in China that syndicates, with licences for all articles in English but for what they say.
    pub async fn deal(&self, name: &str, licences: &[Value]) -> Deal {
        let partner = self.made("/v1/partners", json!({"name": name})).await;
        let mut deal = Deal {
            client: self
                .key_of(&partner, ClientKind::Partner, Channel::Syndication)
                .0,
            key: String::new(),
            licences: Vec::new(),
            partner,
        };
        for licence in licences {
            self.license(&mut deal, licence.clone()).await;
        }
        (deal.client, deal.key) =
            self.key_of(&deal.partner, ClientKind::Partner, Channel::Syndication);
        deal
    }

    /// Another licence; its id.
    pub async fn license(&self, deal: &mut Deal, licence: Value) -> String {
        let least = json!({"partner_id": deal.partner, "selector": {"languages": ["en"]}, "extent": "full",
            "channels": ["syndication"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z"});
        let id = self.made("/v1/licences", with(least, licence)).await;
        deal.licences.push(id.clone());
        id
    }

    /// A key of a partner.
    pub fn key_of(&self, partner: &str, kind: ClientKind, channel: Channel) -> (ClientId, String) {
        let mut terms = self.terms(kind, channel);
        terms.name = format!("{} {}", kind.as_str(), channel.as_str());
        terms.partner = PartnerId::parse(partner);
        terms.territory = Territory::parse("CN");
        self.key(terms)
    }

    /// Reads with a partner's key.
    pub async fn read(&self, deal: &Deal, path: &str) -> Answer {
        self.get(path).key(&deal.key).send().await
    }

    /// How much of a work a partner gets: its extent, or the status of the refusal.
    pub async fn extent(&self, deal: &Deal, article: &str) -> String {
        let answer = self.read(deal, &format!("/v1/articles/{article}")).await;
        match answer.status {
            200 => answer.json()["attribution"]["usage"]["extent"]
                .as_str()
                .unwrap()
                .to_owned(),
            status => status.to_string(),
        }
    }

    /// How many bodies a licence gave out today.
    pub fn given_today(&self, licence: &str) -> i64 {
        let day = self.clock.now().date_naive().to_string();
        self.given(LicenceId::parse(licence).unwrap(), &day)
    }
}
