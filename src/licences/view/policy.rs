//! A licence as an agreement in ODRL 2.2 (W3C), in the profile RightsML of the IPTC. Writes only:
//! the typed terms are what holds. `policy.schema.json` says what may come out.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::reply::Outward;
use crate::kernel::id::Id;
use crate::kernel::language::Territory;
use crate::licences::model::{Licence, Parties, Terms};
use crate::rights::{Channel, Extent, Indexing};

const ODRL: &str = "http://www.w3.org/ns/odrl.jsonld";
const RIGHTSML: &str = "https://iptc.org/std/RightsML/odrl-profile/";

/// A licence as an agreement in ODRL 2.2, in the profile RightsML. Ids are `urn:uuid:` with the UUID of the id elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Policy, value_type = Object)]
pub struct PolicyView(Value);

impl Outward for PolicyView {
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        Ok((serde_json::to_vec(self)?, "application/ld+json"))
    }
}

impl PolicyView {
    pub fn of(licence: &Licence, parties: &Parties) -> Self {
        let terms = &licence.terms;
        let site = parties.base_url.as_str();
        let targets = targets(terms, site);
        let each = |rule: &dyn Fn(&Value) -> Value| targets.iter().map(rule).collect::<Vec<_>>();
        let permission = each(&|target| permission(terms, site, target));
        let removal = each(&|target| removal(terms, target));
        let forbidden = forbidden(terms);
        let prohibition: Vec<Value> = targets
            .iter()
            .flat_map(|target| {
                forbidden
                    .iter()
                    .map(move |action| json!({"target": target, "action": action}))
            })
            .collect();
        let party = |uid: &str, name: &str| json!({"@type": ["Party", "vcard:Organization"], "uid": uid, "vcard:fn": name});
        let mut policy = json!({
            "@context": context(site),
            "@type": "Agreement",
            "uid": urn(licence.id),
            "profile": RIGHTSML,
            "conflict": "prohibit",
            "dcterms:issued": time(licence.created_at),
            "dcterms:modified": time(licence.updated_at),
            "site:status": terms.status,
            "assigner": party(site, &parties.copyright_holder),
            "assignee": party(&urn(licence.partner), &parties.partner_name),
            "permission": permission,
            "obligation": removal,
        });
        // An empty list says nothing in JSON-LD, and some readers refuse it.
        if !prohibition.is_empty() {
            policy["prohibition"] = json!(prohibition);
        }
        Self(policy)
    }
}

/// What the names mean. `site:` has what no public vocabulary has: the words of this API.
fn context(site: &str) -> Value {
    json!([ODRL, {
        "odrl": "http://www.w3.org/ns/odrl/2/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rightsml": RIGHTSML,
        "dcterms": "http://purl.org/dc/terms/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "tdm": "http://www.w3.org/ns/tdmrep#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "site": format!("{}/ns/licences#", site.trim_end_matches('/')),
    }])
}

fn urn(id: impl Id) -> String {
    id.uuid().urn().to_string()
}

fn urns<I: Id>(ids: &[I]) -> Value {
    ids.iter().map(|id| json!({"@id": urn(*id)})).collect()
}

fn time(at: DateTime<Utc>) -> Value {
    json!({"@value": at, "@type": "xsd:dateTime"})
}

fn constraint(left: &str, operator: &str, right: Value) -> Value {
    json!({"leftOperand": left, "operator": operator, "rightOperand": right})
}

fn whole(n: impl ToString) -> Value {
    json!({"@value": n.to_string(), "@type": "xsd:integer"})
}

fn duration(text: String) -> Value {
    json!({"@value": text, "@type": "xsd:duration"})
}

/// The works that the selector names: those that fit all of its lists, and the single ones. Each
/// is a collection of its own, because refinements of one collection hold all together.
fn targets(terms: &Terms, site: &str) -> Vec<Value> {
    let selector = &terms.selector;
    let any = |left, right| constraint(left, "isAnyOf", right);
    let mut wide = Vec::new();
    if !selector.sections.is_empty() {
        wide.push(any("dcterms:isPartOf", urns(&selector.sections)));
    }
    if !selector.sources.is_empty() {
        wide.push(any("dcterms:source", urns(&selector.sources)));
    }
    if !selector.languages.is_empty() {
        let ranges: Vec<&str> = selector
            .languages
            .iter()
            .map(|range| range.as_str())
            .collect();
        wide.push(any("language", json!(ranges)));
    }
    if !selector.tags.is_empty() {
        wide.push(any("dcterms:subject", json!(selector.tags)));
    }
    let mut single = Vec::new();
    if !selector.articles.is_empty() {
        single.push(any("dcterms:identifier", urns(&selector.articles)));
    }
    [wide, single]
        .into_iter()
        .filter(|refinement| !refinement.is_empty())
        .map(|refinement| {
            json!({"@type": "AssetCollection", "source": site, "refinement": refinement})
        })
        .collect()
}

fn permission(terms: &Terms, site: &str, target: &Value) -> Value {
    json!({
        "target": target,
        "action": actions(terms),
        "constraint": constraints(terms),
        "duty": [{"action": "attribute", "attributedParty": site}],
    })
}

fn actions(terms: &Terms) -> Vec<Value> {
    let part = |refinement: Vec<Value>| {
        let mut all = vec![constraint(
            "site:extent",
            "eq",
            json!({"@id": format!("site:{}", terms.extent.as_str())}),
        )];
        all.extend(refinement);
        vec![json!({"rdf:value": {"@id": "odrl:extract"}, "refinement": all})]
    };
    let mut actions = match terms.extent {
        Extent::Full => vec![json!("distribute"), json!("display")],
        Extent::Excerpt => part(
            terms
                .excerpt_chars
                .map(|n| constraint("site:characters", "lteq", whole(n)))
                .into_iter()
                .collect(),
        ),
        Extent::Stub | Extent::Headline => part(Vec::new()),
    };
    if terms.ai_input {
        actions.push(json!("site:aiInput"));
    }
    if terms.ai_train {
        actions.push(json!("tdm:mine"));
    }
    actions
}

fn constraints(terms: &Terms) -> Vec<Value> {
    let territory = |code: &Territory| json!({"@value": code, "@type": "dcterms:ISO3166"});
    let channel = |channel: &Channel| json!({"@id": format!("site:{}", channel.as_str())});
    let mut all = vec![
        constraint(
            "spatial",
            "isAnyOf",
            terms.territories.iter().map(territory).collect(),
        ),
        constraint(
            "deliveryChannel",
            "isAnyOf",
            terms.channels.iter().map(channel).collect(),
        ),
        constraint("dateTime", "gteq", time(terms.valid_from)),
    ];
    all.extend(
        terms
            .valid_until
            .map(|until| constraint("dateTime", "lt", time(until))),
    );
    if !terms.embargo_privilege {
        let released = json!({"@id": "site:publication"});
        all.push(constraint("event", "gt", released));
    }
    // Counted from the publication of the work; the last instant is not in it.
    all.extend(
        terms
            .archive_days
            .map(|days| constraint("elapsedTime", "lt", duration(format!("P{days}D")))),
    );
    if let Some(quota) = terms.quota_per_day {
        all.push(constraint("count", "lteq", whole(quota)));
        all.push(constraint("timeInterval", "eq", duration("P1D".to_owned())));
    }
    all
}

/// What the licence withholds, in words that its permission might otherwise be read to hold.
fn forbidden(terms: &Terms) -> Vec<&'static str> {
    let mut actions = terms.alteration.withheld().to_vec();
    if terms.indexing == Indexing::Noindex {
        actions.push("index");
    }
    if !terms.ai_input {
        actions.push("site:aiInput");
    }
    if !terms.ai_train {
        actions.push("tdm:mine");
    }
    actions
}

/// A withdrawn work goes in time.
fn removal(terms: &Terms, target: &Value) -> Value {
    let hours = duration(format!("PT{}H", terms.removal_deadline_hours));
    json!({
        "target": target,
        "action": "delete",
        "constraint": [
            constraint("event", "gt", json!({"@id": "site:withdrawal"})),
            constraint("elapsedTime", "lteq", hours),
        ],
    })
}

#[cfg(test)]
mod tests;
