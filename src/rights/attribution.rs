//! The credit: what every text says about where it comes from.
//!
//! The credit line is a template and the source's label, nothing else; nobody
//! supplies it (rule 3).
//!
//! Start with [`Attribution::of`]. How it stands inside a text is said in [`super::credit`], the
//! terms that go with it in [`super::usage`].

use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::credit::Words;
use super::decide::{Audience, Decision, Use};
use super::derived::Derived;
use super::terms::{
    AiLabel, Contact, ContributorRole, Notice, NoticeKind, Origin, Rights, SourceKind, Unstated,
};
use super::usage::duties;
use crate::kernel::id::NoticeId;
use crate::kernel::language::{Language, Template};

pub use super::credit::{CreditBlock, credit_line};
pub use super::usage::{Duty, Usage};

/// Where a text comes from and on what terms it is given. Travels with every text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "credit_line": "Source: Harbour Daily", "byline": "Lin Yue", "editor": "Chen An",
    "source": {"name": "Harbour Daily", "kind": "own", "url": "https://news.example.org"},
    "original": null, "copyright": {"holder": "Harbour Press", "year": 2026}, "ai_label": "none",
    "notices": [{"id": "ntc_01900000000070008000000000000001", "kind": "own_work", "revision": 1, "language": "en",
        "text": "All rights reserved.", "contact": null, "claim_window_days": null}],
    "canonical_url": "https://news.example.org/articles/harbour-opens",
    "acquire_licence_url": "https://news.example.org/licensing",
    "usage": {"extent": "full", "licence_id": null, "duties": ["print_credit_line", "show_notices"], "valid_until": null}
}))]
pub struct Attribution {
    /// The line that must be printed, byte for byte.
    pub credit_line: String,
    /// Those who wrote it, as printed; for a reprint, its original authors.
    #[schema(required = true)]
    pub byline: Option<String>,
    /// The editor in charge, by real name where the register has it.
    #[schema(required = true)]
    pub editor: Option<String>,
    pub source: SourceCredit,
    /// Where a reprint comes from; null for own works.
    #[schema(required = true)]
    pub original: Option<OriginalCredit>,
    pub copyright: Copyright,
    /// The part that AI systems had in the text.
    pub ai_label: AiLabel,
    /// The notices in force that apply to this work.
    pub notices: Vec<NoticeCredit>,
    /// Where the work stands on the site.
    pub canonical_url: String,
    /// Where a licence for more can be had.
    #[schema(required = true)]
    pub acquire_licence_url: Option<String>,
    pub usage: Usage,
    /// Set where the text is not as it was written: it was converted from the other script of Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub derived: Option<Derived>,
    /// For partners, with a body: a signed statement (JWS, EdDSA) of what was licensed to whom. Verify it offline by the
    /// keys at `/.well-known/jwks.json`, or at `POST /v1/attestations/verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attestation: Option<String>,
    #[serde(skip)]
    pub(super) template: Template,
    /// The source's name as it stands in the credit line.
    #[serde(skip)]
    pub(super) label: String,
    /// The names in the byline, one by one.
    #[serde(skip)]
    pub(super) names: Vec<String>,
}

/// The medium that a work comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceCredit {
    pub name: String,
    pub kind: SourceKind,
    #[schema(required = true)]
    pub url: Option<String>,
}

/// The original of a reprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OriginalCredit {
    #[schema(required = true)]
    pub title: Option<String>,
    pub authors: Vec<String>,
    /// Set where the original states no author.
    #[schema(required = true)]
    pub author_unstated: Option<Unstated>,
    #[schema(required = true)]
    pub url: Option<String>,
    #[schema(required = true)]
    pub print_ref: Option<String>,
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
}

/// Holder and year of the copyright.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Copyright {
    pub holder: String,
    /// Year of publication in the site's time zone.
    #[schema(required = true)]
    pub year: Option<i32>,
}

/// A notice as it applies to a work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeCredit {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub revision: i64,
    pub language: Language,
    pub text: String,
    #[schema(required = true)]
    pub contact: Option<Contact>,
    /// Calendar days for a complaint, counted in the site's zone.
    #[schema(required = true)]
    pub claim_window_days: Option<i64>,
}

impl Attribution {
    /// The attribution of a work for a reader. `None` where it cannot be computed:
    /// then no text may be served (rule 1).
    pub fn of(rights: &Rights, use_: &Use, decision: &Decision) -> Option<Self> {
        let desk = matches!(use_.audience, Audience::Desk { .. });
        let template = rights.language.template();
        let Some(source) = &rights.source else {
            // A draft may lack its source while the desk works on it; nobody else sees it.
            return desk.then(|| Self::unsourced(rights, decision, template));
        };
        let origin = Origin::from(source.kind);
        let notices = notices_for(rights, origin);
        if notices.is_none() && !desk {
            return None;
        }
        Some(Self {
            credit_line: credit_line(template, source.label(template), origin),
            label: source.label(template).to_owned(),
            byline: byline(rights, origin, template),
            editor: rights
                .editor
                .as_ref()
                .map(|editor| editor.credited().to_owned()),
            source: SourceCredit {
                name: source.name.clone(),
                kind: source.kind,
                url: source.homepage_url.clone(),
            },
            original: (origin == Origin::Reprint)
                .then(|| original(rights))
                .flatten(),
            copyright: Copyright {
                holder: match origin {
                    Origin::Own => rights.site.copyright_holder.clone(),
                    Origin::Reprint => source.name.clone(),
                },
                year: year(rights),
            },
            ai_label: rights.ai_label,
            notices: notices.unwrap_or_default(),
            canonical_url: canonical_url(rights),
            acquire_licence_url: rights.site.acquire_licence_url.clone(),
            usage: Usage::of(decision, duties(rights, origin)),
            derived: None,
            attestation: None,
            template,
            names: names(rights, origin),
        })
    }

    fn unsourced(rights: &Rights, decision: &Decision, template: Template) -> Self {
        Self {
            credit_line: String::new(),
            label: String::new(),
            byline: byline(rights, Origin::Own, template),
            editor: rights
                .editor
                .as_ref()
                .map(|editor| editor.credited().to_owned()),
            source: SourceCredit {
                name: String::new(),
                kind: SourceKind::External,
                url: None,
            },
            original: original(rights),
            copyright: Copyright {
                holder: String::new(),
                year: None,
            },
            ai_label: rights.ai_label,
            notices: Vec::new(),
            canonical_url: canonical_url(rights),
            acquire_licence_url: None,
            usage: Usage::of(decision, Vec::new()),
            derived: None,
            attestation: None,
            template,
            names: names(rights, Origin::Own),
        }
    }

    /// The source's name as it stands in the credit line.
    pub fn credit_label(&self) -> &str {
        &self.label
    }

    /// The names in the byline, one by one.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whose it is, as a line.
    pub fn copyright_notice(&self) -> String {
        let Copyright { holder, year } = &self.copyright;
        match year {
            Some(year) => format!("© {year} {holder}"),
            None => format!("© {holder}"),
        }
    }

    /// The notices that apply to the work, as one text.
    pub fn terms(&self) -> String {
        let notices = self.notices.iter().map(|notice| notice.lines().join("\n"));
        notices.collect::<Vec<_>>().join("\n\n")
    }

    /// The credit for the inside of a text (rule 5).
    pub fn block(&self) -> CreditBlock<'_> {
        CreditBlock(self)
    }
}

fn byline(rights: &Rights, origin: Origin, template: Template) -> Option<String> {
    let names = names(rights, origin);
    (!names.is_empty()).then(|| names.join(Words::of(template).between))
}

fn names(rights: &Rights, origin: Origin) -> Vec<String> {
    match (origin, &rights.original) {
        (Origin::Reprint, Some(original)) => original.authors.clone(),
        (Origin::Reprint, None) => Vec::new(),
        (Origin::Own, _) => rights
            .contributors
            .iter()
            .filter(|person| person.role != ContributorRole::Editor)
            .map(|person| person.name.clone())
            .collect(),
    }
}

fn original(rights: &Rights) -> Option<OriginalCredit> {
    rights.original.as_ref().map(|original| OriginalCredit {
        title: original.title.clone(),
        authors: original.authors.clone(),
        author_unstated: original.author_unstated.clone(),
        url: original.url.clone(),
        print_ref: original.print_ref.clone(),
        published_at: original.published_at,
    })
}

fn year(rights: &Rights) -> Option<i32> {
    rights
        .lifecycle
        .visible_from()
        .map(|at| at.with_timezone(&rights.site.time_zone).year())
}

fn canonical_url(rights: &Rights) -> String {
    format!(
        "{}/articles/{}",
        rights.site.base_url.trim_end_matches('/'),
        rights.slug
    )
}

/// The notices of a work (rules 13, 14); `None` if one that it needs is missing.
fn notices_for(rights: &Rights, origin: Origin) -> Option<Vec<NoticeCredit>> {
    let first = match origin {
        Origin::Own => NoticeKind::OwnWork,
        Origin::Reprint => NoticeKind::Reprint,
    };
    [first, NoticeKind::Contact]
        .into_iter()
        .map(|kind| notice(rights, kind).map(NoticeCredit::from))
        .collect()
}

/// The notice of a kind in the language nearest to the work's, else to the site's.
pub fn notice(rights: &Rights, kind: NoticeKind) -> Option<&Notice> {
    notice_in(rights, kind, &rights.language)
}

/// [`notice`] for a text that is in this language.
pub(super) fn notice_in<'a>(
    rights: &'a Rights,
    kind: NoticeKind,
    language: &Language,
) -> Option<&'a Notice> {
    rights
        .site
        .notices
        .iter()
        .filter(|notice| notice.kind == kind)
        .max_by_key(|notice| {
            (
                language.affinity(&notice.language),
                rights.site.default_language.affinity(&notice.language),
                std::cmp::Reverse(notice.id),
            )
        })
}

impl NoticeCredit {
    /// Its text, and whom to turn to, one to a line; blank lines are left out.
    pub(super) fn lines(&self) -> Vec<String> {
        let text = self.text.lines().map(str::trim);
        let mut lines: Vec<String> = text
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        lines.extend(self.contact.as_ref().map(|contact| {
            let parts = [
                Some(&contact.desk),
                contact.phone.as_ref(),
                contact.email.as_ref(),
            ];
            let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            parts.join(", ")
        }));
        lines
    }
}

impl From<&Notice> for NoticeCredit {
    fn from(notice: &Notice) -> Self {
        Self {
            id: notice.id,
            kind: notice.kind,
            revision: notice.revision,
            language: notice.language.clone(),
            text: notice.text.clone(),
            contact: notice.contact.clone(),
            claim_window_days: notice.claim_window_days,
        }
    }
}
