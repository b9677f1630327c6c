//! The terms of one answer as a policy in ODRL 2.2 (W3C), for documents that travel alone. It writes
//! only: the typed terms are what holds.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::attribution::Attribution;
use super::licence::Indexing;
use super::terms::Alteration;
use super::usage::Duty;
use crate::kernel::id::Id as _;

impl Alteration {
    /// The actions of ODRL that it withholds. Rendering as blocks, HTML, Markdown or text is none of
    /// them.
    pub fn withheld(self) -> &'static [&'static str] {
        match self {
            Self::None => &["transform", "modify", "translate"],
            Self::Format => &["modify", "translate"],
            Self::Cut => &["translate"],
            Self::Translate => &[],
        }
    }
}

impl Attribution {
    /// What may be done with the work, what must be, and until when. Of a licence it says that it
    /// is a part of it.
    pub fn policy(&self, target: &str, published_at: Option<DateTime<Utc>>) -> Value {
        let usage = &self.usage;
        let at = |operator: &str, at: DateTime<Utc>| {
            let instant = json!({"@value": at, "@type": "xsd:dateTime"});
            json!({"leftOperand": "dateTime", "operator": operator, "rightOperand": instant})
        };
        let held = usage.duties.contains(&Duty::HoldUntilPublished);
        let from = published_at.filter(|_| held).map(|from| at("gteq", from));
        let until = usage.valid_until.map(|until| at("lt", until));
        let mut permission = json!({
            "target": target,
            "action": "display",
            "duty": [{"action": "attribute", "attributedParty": self.canonical_url}],
        });
        let constraint: Vec<Value> = from.into_iter().chain(until).collect();
        if !constraint.is_empty() {
            permission["constraint"] = json!(constraint);
        }
        let prohibition: Vec<Value> = self
            .forbidden()
            .into_iter()
            .map(|action| json!({"target": target, "action": action}))
            .collect();
        let mut policy = json!({
            "@context": ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}],
            "@type": "Set",
            "uid": format!("{}#terms", self.canonical_url),
            "permission": [permission],
        });
        if let Some(licence) = usage.licence_id {
            policy["inheritFrom"] = json!(licence.uuid().urn().to_string());
        }
        // An empty list says nothing in JSON-LD, and some readers refuse it.
        if !prohibition.is_empty() {
            policy["prohibition"] = json!(prohibition);
        }
        policy
    }

    fn forbidden(&self) -> Vec<&'static str> {
        let usage = &self.usage;
        // Where no licence says what may be changed, nothing is.
        let alteration = usage.alteration.unwrap_or(Alteration::None);
        let mut actions = alteration.withheld().to_vec();
        if usage.indexing == Some(Indexing::Noindex) {
            actions.push("index");
        }
        if usage.ai_train != Some(true) {
            actions.push("tdm:mine");
        }
        actions
    }
}
