//! What claimants and the desk say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::claims::model::{
    Case, ClaimKind, Claimant, CounterNotice, Decision, Desk, Evidence, Filing, Grounds, Remedy,
    RequestedAction, Ruling, Subject,
};
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::ArticleId;

/// Longest mail address (RFC 5321, 4.5.3.1.3, less the brackets).
const LONGEST_EMAIL: usize = 254;

/// A complaint about a work. For `copyright` it is a notice of takedown, which needs more.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "copyright", "url": "https://news.example.org/port/harbour-opens",
    "claimant": {"name": "Wen Ya", "organisation": "Coastal Wire", "email": "rights@wire.example.org", "phone": "+86-00-0000-0000", "postal_address": "1 Quay Road, Langang"},
    "statement": "The second photograph is ours and was never licensed.", "requested_action": "remove",
    "work_description": "A photograph of the old quay, published on 2 May 2026.",
    "ownership_statement": "Taken by our staff photographer; the original file is with us.",
    "declares_accuracy": true, "declares_good_faith": true,
    "evidence": [{"description": "Our first publication", "url": "https://wire.example.org/quay"}]
}))]
pub struct ClaimInput {
    pub kind: ClaimKind,
    /// The work, by id. Give this or `url`.
    #[serde(default)]
    pub article_id: Option<ArticleId>,
    /// The work, by the address at which it was read.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub url: Option<String>,
    pub claimant: ClaimantInput,
    /// What is wrong, in plain text.
    #[schema(min_length = 1, max_length = 20000)]
    pub statement: String,
    pub requested_action: RequestedAction,
    /// Of copyright: the claimant's work.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub work_description: Option<String>,
    /// Of copyright: what shows, for a start, that it is the claimant's.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub ownership_statement: Option<String>,
    /// Of copyright: that what is said here is true.
    #[serde(default)]
    pub declares_accuracy: bool,
    /// Of copyright: that the use is believed in good faith not to be allowed.
    #[serde(default)]
    pub declares_good_faith: bool,
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Vec<EvidenceInput>,
    /// Leave it out, or empty: only programs that fill in every field do not.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub website: Option<String>,
}

/// Who complains, and for whom.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimantInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub organisation: Option<String>,
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub phone: Option<String>,
    /// Needed for copyright.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub postal_address: Option<String>,
    /// The holder of the right, where the claimant is not it.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub acting_for: Option<String>,
}

/// Something that supports a claim.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceInput {
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub url: Option<String>,
}

impl ClaimInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Filing, Vec<Fault>> {
        let mut faults = Faults::default();
        if self.website.as_deref().is_some_and(|text| !text.is_empty()) {
            faults.push("/website", "must_be_empty", "must be left empty");
        }
        let subject = subject(&mut faults, self.article_id, self.url.as_deref());
        let claimant = claimant(&mut faults, &self.claimant);
        let long = |faults: &mut Faults, pointer: &str, text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| faults.prose(pointer, text, 1..=5_000))
        };
        let work = long(
            &mut faults,
            "/work_description",
            self.work_description.as_deref(),
        );
        let owner = long(
            &mut faults,
            "/ownership_statement",
            self.ownership_statement.as_deref(),
        );
        let evidence = (0..)
            .zip(&self.evidence)
            .map(|(at, one)| evidence(&mut faults, at, one))
            .collect();
        if self.kind == ClaimKind::Copyright {
            let needs = [
                (
                    "/claimant/postal_address",
                    claimant.postal_address.is_some(),
                    "where the holder of the right or who acts for it can be reached",
                ),
                (
                    "/work_description",
                    work.is_some(),
                    "which work of the claimant it is about",
                ),
                (
                    "/ownership_statement",
                    owner.is_some(),
                    "what shows, for a start, that the work is the claimant's",
                ),
                (
                    "/declares_accuracy",
                    self.declares_accuracy,
                    "the declaration that what is said is true",
                ),
                (
                    "/declares_good_faith",
                    self.declares_good_faith,
                    "the declaration of good faith",
                ),
            ];
            for (pointer, _, what) in needs.into_iter().filter(|(_, there, _)| !there) {
                let detail = format!("a notice of takedown needs {what}");
                faults.push(pointer, "required", detail);
            }
        }
        let grounds = Grounds {
            statement: faults.prose("/statement", &self.statement, 1..=20_000),
            work_description: work,
            ownership_statement: owner,
            declares_accuracy: self.declares_accuracy,
            declares_good_faith: self.declares_good_faith,
            evidence,
        };
        match (subject, faults.finish(())) {
            (Some(subject), Ok(())) => Ok(Filing {
                kind: self.kind,
                subject,
                claimant,
                grounds,
                requested_action: self.requested_action,
            }),
            (_, Err(faults)) => Err(faults),
            // Never without a fault of its own.
            (None, Ok(())) => Err(Vec::new()),
        }
    }
}

fn subject(
    faults: &mut Faults,
    article_id: Option<ArticleId>,
    url: Option<&str>,
) -> Option<Subject> {
    match (article_id, url.map(str::trim).filter(|url| !url.is_empty())) {
        (Some(id), None) => Some(Subject::Article(id)),
        (None, Some(url)) => Some(Subject::Url(faults.web_url("/url", url))),
        (None, None) => {
            let detail = "which work it is about: give article_id or url";
            faults.push("/url", "required", detail);
            None
        }
        (Some(_), Some(_)) => {
            faults.push("/url", "choice", "give article_id or url, not both");
            None
        }
    }
}

fn claimant(faults: &mut Faults, input: &ClaimantInput) -> Claimant {
    let at = |member: &str| format!("/claimant/{member}");
    let address = input.postal_address.as_deref().map(str::trim);
    Claimant {
        name: faults.line(&at("name"), &input.name, 1..=200),
        organisation: faults.optional_line(&at("organisation"), input.organisation.as_deref(), 200),
        email: email(faults, &at("email"), &input.email),
        phone: faults.optional_line(&at("phone"), input.phone.as_deref(), 100),
        postal_address: address
            .filter(|address| !address.is_empty())
            .map(|address| faults.prose(&at("postal_address"), address, 1..=500)),
        acting_for: faults.optional_line(&at("acting_for"), input.acting_for.as_deref(), 200),
    }
}

fn evidence(faults: &mut Faults, at: usize, input: &EvidenceInput) -> Evidence {
    let url = input.url.as_deref().map(str::trim);
    Evidence {
        description: faults.prose(
            &format!("/evidence/{at}/description"),
            &input.description,
            1..=2_000,
        ),
        url: url
            .filter(|url| !url.is_empty())
            .map(|url| faults.web_url(&format!("/evidence/{at}/url"), url)),
    }
}

/// A mail address. What lies on either side of the `@` is for the mail server to judge.
fn email(faults: &mut Faults, pointer: &str, text: &str) -> String {
    let email = faults.line(pointer, text, 3..=LONGEST_EMAIL);
    let fits = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if !fits || email.contains(char::is_whitespace) {
        let detail = "must be a mail address: one @, something on either side of it, no spaces";
        faults.push(pointer, "format", detail);
    }
    email
}

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
