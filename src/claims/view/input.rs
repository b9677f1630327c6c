//! What claimants say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::claims::model::{
    ClaimKind, Claimant, Evidence, Filing, Grounds, RequestedAction, Subject,
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
pub(super) fn email(faults: &mut Faults, pointer: &str, text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn faults(change: Value) -> Vec<(String, &'static str)> {
        let mut input = json!({
            "kind": "accuracy", "url": "https://news.example.org/a", "statement": "Wrong.",
            "claimant": {"name": "Wen Ya", "email": "wen@example.org"}, "requested_action": "correct"
        });
        json_patch::merge(&mut input, &change);
        let input: ClaimInput = serde_json::from_value(input).unwrap();
        let faults = input.parse().err().unwrap_or_default();
        let all = faults.into_iter().map(|fault| (fault.pointer, fault.code));
        all.collect()
    }

    #[test]
    fn every_fault_is_told_at_once() {
        for (change, expected) in [
            (json!({}), vec![]),
            (json!({"website": ""}), vec![]),
            (
                json!({"website": "https://spam.example"}),
                vec![("/website", "must_be_empty")],
            ),
            (json!({"url": null}), vec![("/url", "required")]),
            (json!({"url": "  "}), vec![("/url", "required")]),
            (
                json!({"article_id": "art_01900000000070008000000000000001"}),
                vec![("/url", "choice")],
            ),
            (
                json!({"url": "javascript:alert(1)", "statement": " ", "claimant": {"name": "a\u{202e}b", "email": "nobody"}}),
                vec![
                    ("/url", "url"),
                    ("/claimant/name", "unsafe_character"),
                    ("/claimant/email", "format"),
                    ("/statement", "blank"),
                ],
            ),
            (
                json!({"statement": "a\u{1}b", "evidence": [{"description": "x", "url": "ftp://x.example"}]}),
                vec![
                    ("/evidence/0/url", "url"),
                    ("/statement", "unsafe_character"),
                ],
            ),
            // A notice of takedown needs more, all of it told.
            (
                json!({"kind": "copyright", "declares_accuracy": false, "work_description": " "}),
                vec![
                    ("/claimant/postal_address", "required"),
                    ("/work_description", "required"),
                    ("/ownership_statement", "required"),
                    ("/declares_accuracy", "required"),
                    ("/declares_good_faith", "required"),
                ],
            ),
            (
                json!({"kind": "copyright", "declares_accuracy": true, "declares_good_faith": true, "work_description": "x",
                    "ownership_statement": "x", "claimant": {"postal_address": "1 Quay Road\nLangang"}}),
                vec![],
            ),
        ] {
            let expected: Vec<(String, &str)> = expected
                .into_iter()
                .map(|(at, code)| (at.to_owned(), code))
                .collect();
            assert_eq!(faults(change.clone()), expected, "{change}");
        }
    }

    #[test]
    fn mail_addresses_have_one_at_and_no_blanks() {
        for (text, good) in [
            ("a@b", true),
            (" wen@example.org ", true),
            ("@example.org", false),
            ("wen@", false),
            ("a@b@c", false),
            ("a b@c", false),
            ("a\u{200b}@c", false),
        ] {
            let mut faults = Faults::default();
            email(&mut faults, "/email", text);
            assert_eq!(faults.is_empty(), good, "{text:?}");
        }
    }
}
