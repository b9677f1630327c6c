//! Decisions on the wire. Says what is given and why; holds no text of the work.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reader::{Case, Reader};
use crate::clients::model::{channels, usual_channel};
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, ClientId, GrantId, LicenceId, PartnerId, UserId};
use crate::kernel::language::Territory;
use crate::kernel::words::words;
use crate::rights::{
    Attribution, Audience, Channel, ClientKind, Decision, Extent, Indexing, ReasonClass, Refusal,
    Role, Step, Trace as _, decide_traced,
};

words! {
    /// Who reads.
    AudienceWord {
        Desk = "desk",
        FirstParty = "first_party",
        Partner = "partner",
        Public = "public",
        AiCrawler = "ai_crawler",
    }

    /// How a decision comes out: how much is given, or why nothing is.
    Outcome {
        Stub = "stub",
        Headline = "headline",
        Excerpt = "excerpt",
        Full = "full",
        /// 404: absent, or not to be known.
        NotFound = "not_found",
        /// 410.
        Gone = "gone",
        /// 451.
        Legal = "unavailable_for_legal_reasons",
        /// No attribution can be computed, so no text is served.
        Unattributable = "unattributable",
        /// 401: the key is not taken, or its partner has ended.
        Unauthorized = "unauthorized",
    }
}

/// What is asked: which reader, which work, when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reader": {"audience": "public"}, "article_id": "art_01900000000070008000000000000001", "at": "2026-06-01T00:00:00Z"
}))]
pub struct ExplainInput {
    pub reader: ReaderInput,
    pub article_id: ArticleId,
    /// Now, if left out. Keys, licences, grants and the work are taken as they stand now; times are asked at this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub at: Option<DateTime<Utc>>,
}

/// A reader: a key by `client_id`, or a description by `audience` and what goes with it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"audience": "partner", "partner_id": "ptn_01900000000070008000000000000001", "channel": "syndication", "territory": "CN"}))]
pub struct ReaderInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_id: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub audience: Option<AudienceWord>,
    /// Of the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// Of partners, and of crawlers that hold a licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub partner_id: Option<PartnerId>,
    /// One that a key of this kind can have. `web` if left out; `syndication` for partners, `ai` for crawlers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<Channel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub territory: Option<Territory>,
}

impl ReaderInput {
    /// `user` is who asks: a described member of staff is another one in name only.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(self, user: UserId) -> Result<Reader, Vec<Fault>> {
        let mut faults = Faults::default();
        self.check_company(&mut faults);
        let reader = match (self.client_id, self.audience) {
            (_, Some(audience)) => Some(self.described(audience, user, &mut faults)),
            (Some(client), None) => Some(Reader::Client(client)),
            (None, None) => {
                faults.push("/reader", "required", "must name client_id or audience");
                None
            }
        };
        // There is one, or a fault that says why not.
        match (faults.finish(()), reader) {
            (Ok(()), Some(reader)) => Ok(reader),
            (outcome, _) => Err(outcome.err().unwrap_or_default()),
        }
    }

    /// Members stand beside the audience that they go with, and beside no client.
    fn check_company(&self, faults: &mut Faults) {
        let is = |word| self.audience == Some(word);
        let members = [
            (
                "role",
                self.role.is_some(),
                is(AudienceWord::Desk),
                "goes with the audience desk",
            ),
            (
                "partner_id",
                self.partner_id.is_some(),
                is(AudienceWord::Partner) || is(AudienceWord::AiCrawler),
                "goes with the audiences partner and ai_crawler",
            ),
            (
                "channel",
                self.channel.is_some(),
                self.audience.is_some(),
                "goes with audience",
            ),
            (
                "territory",
                self.territory.is_some(),
                self.audience.is_some(),
                "goes with audience",
            ),
            (
                "client_id",
                self.client_id.is_some(),
                self.audience.is_none(),
                "says all by itself; leave audience out",
            ),
        ];
        for (name, is_given, fits, detail) in members {
            if is_given && !fits {
                faults.push(format!("/reader/{name}"), "choice", detail);
            }
        }
    }

    fn described(self, word: AudienceWord, user: UserId, faults: &mut Faults) -> Reader {
        let key = word.key();
        if let (Some(kind), Some(channel)) = (key, self.channel) {
            check_channel(kind, channel, faults);
        }
        let audience = match key {
            Some(kind) => kind.into(),
            None if word == AudienceWord::Desk => Audience::Desk {
                role: self.role.unwrap_or(Role::Editor),
                user,
            },
            None => Audience::Public,
        };
        Reader::Described {
            audience,
            channel: self
                .channel
                .unwrap_or_else(|| key.map_or(Channel::Web, usual_channel)),
            territory: self.territory,
            partner: self.partner_id,
        }
    }
}

impl AudienceWord {
    /// The kind of key by which such a reader comes; the desk and the public have none.
    fn key(self) -> Option<ClientKind> {
        match self {
            Self::FirstParty => Some(ClientKind::FirstParty),
            Self::Partner => Some(ClientKind::Partner),
            Self::AiCrawler => Some(ClientKind::AiCrawler),
            Self::Desk | Self::Public => None,
        }
    }
}

/// That there can be such a key.
fn check_channel(kind: ClientKind, channel: Channel, faults: &mut Faults) {
    let fitting = channels(kind);
    if !fitting.contains(&channel) {
        let words: Vec<&str> = fitting.iter().map(|channel| channel.as_str()).collect();
        let detail = format!(
            "must be one of {}: no such key has another",
            words.join(", ")
        );
        faults.push("/reader/channel", "choice", detail);
    }
}

/// A decision and the chain that led to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "article_id": "art_01900000000070008000000000000001", "at": "2026-06-01T00:00:00Z",
    "reader": {"audience": "public", "channel": "web"}, "outcome": "excerpt",
    "granted": {"extent": "excerpt", "excerpt_chars": 200, "embargoed": false},
    "credit_line": "Source: Harbour Daily",
    "steps": [{"rule": 8, "fact": "visibility", "holds": true, "detail": "Readers can see it since 2026-03-01T08:00:00+00:00."}]
}))]
pub struct ExplanationView {
    pub article_id: ArticleId,
    pub at: DateTime<Utc>,
    pub reader: ReaderView,
    pub outcome: Outcome,
    /// What is given, where anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub granted: Option<GrantedView>,
    /// The credit that goes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub credit_line: Option<String>,
    /// Each rule that was asked, with the fact that answered, in their order.
    pub steps: Vec<Step>,
}

/// The reader that the decision was made for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReaderView {
    pub audience: AudienceWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_id: Option<ClientId>,
    /// Of the desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub partner_id: Option<PartnerId>,
    pub channel: Channel,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub territory: Option<Territory>,
}

/// The right that the reader has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GrantedView {
    pub extent: Extent,
    /// Longest body, where the extent is an excerpt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub excerpt_chars: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub valid_until: Option<DateTime<Utc>>,
    /// Given before readers may see it.
    pub embargoed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub licence_id: Option<LicenceId>,
    /// The grant of the source that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub grant_id: Option<GrantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub indexing: Option<Indexing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ai_input: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ai_train: Option<bool>,
}

impl From<&Decision> for GrantedView {
    fn from(decision: &Decision) -> Self {
        let granted = decision.granted.as_ref();
        Self {
            extent: decision.extent,
            excerpt_chars: (decision.extent == Extent::Excerpt).then_some(decision.excerpt_chars),
            valid_until: decision.valid_until,
            embargoed: decision.embargoed,
            licence_id: granted.map(|granted| granted.licence),
            grant_id: granted.and_then(|granted| granted.grant),
            indexing: granted.map(|granted| granted.indexing),
            ai_input: granted.map(|granted| granted.ai_input),
            ai_train: granted.map(|granted| granted.ai_train),
        }
    }
}

impl ExplanationView {
    /// Makes the decision of a case at an instant, and tells how it came out.
    pub fn of(case: Case, at: DateTime<Utc>) -> Self {
        let mut steps = case.steps;
        let decision = match case.is_admitted {
            true => Some(decide_traced(&case.rights, &case.use_, at, &mut steps)),
            false => None,
        };
        let given = decision
            .as_ref()
            .and_then(|decision| decision.as_ref().ok());
        let credit = given.map(|given| Attribution::of(&case.rights, &case.use_, given));
        if let Some(credit) = &credit {
            steps.step(|| match credit {
                Some(_) => Step::new(
                    1,
                    "attribution",
                    true,
                    "The credit and the notices are there.",
                ),
                None => Step::new(
                    1,
                    "attribution",
                    false,
                    "No attribution can be computed: no text is served.",
                ),
            });
        }
        let outcome = match (&decision, &credit) {
            (None, _) => Outcome::Unauthorized,
            (Some(Ok(_)), Some(None)) => Outcome::Unattributable,
            (Some(decision), _) => outcome(decision),
        };
        let credit = credit.flatten();
        Self {
            article_id: case.rights.article,
            at,
            reader: ReaderView {
                audience: word(case.use_.audience),
                client_id: case.client,
                role: match case.use_.audience {
                    Audience::Desk { role, .. } => Some(role),
                    _ => None,
                },
                partner_id: case.use_.holder.as_ref().map(|holder| holder.partner),
                channel: case.use_.channel,
                territory: case.use_.territory.clone(),
            },
            outcome,
            granted: given.filter(|_| credit.is_some()).map(GrantedView::from),
            credit_line: credit.map(|credit| credit.credit_line),
            steps,
        }
    }
}

fn outcome(decision: &Result<Decision, Refusal>) -> Outcome {
    match decision {
        Ok(decision) => match decision.extent {
            Extent::Stub => Outcome::Stub,
            Extent::Headline => Outcome::Headline,
            Extent::Excerpt => Outcome::Excerpt,
            Extent::Full => Outcome::Full,
        },
        Err(Refusal::NotFound) => Outcome::NotFound,
        Err(Refusal::Gone(gone)) if gone.reason_class == ReasonClass::Legal => Outcome::Legal,
        Err(Refusal::Gone(_)) => Outcome::Gone,
        Err(Refusal::Unattributable) => Outcome::Unattributable,
    }
}

fn word(audience: Audience) -> AudienceWord {
    match audience {
        // A link of the desk: nobody asks for it here, since explanations take no such reader.
        Audience::Desk { .. } | Audience::Preview { .. } => AudienceWord::Desk,
        Audience::FirstParty => AudienceWord::FirstParty,
        Audience::Partner => AudienceWord::Partner,
        Audience::Public => AudienceWord::Public,
        Audience::AiCrawler => AudienceWord::AiCrawler,
    }
}

impl Outward for ExplanationView {}
