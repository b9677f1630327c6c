//! The credit: what every text says about where it comes from.
//!
//! The credit line is a template and the source's label, nothing else; nobody
//! supplies it (rule 3).
//!
//! The file is longer than 400 lines: the credit line, its block and its forms inside the
//! text must say the same, and are read side by side.

use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::decide::{Audience, Decision, Use};
use super::licence::{Granted, Indexing};
use super::markup::credit_html;
use super::terms::{
    AiLabel, Alteration, Contact, ContributorRole, Extent, Notice, NoticeKind, Origin, Rights,
    SourceKind, Unstated,
};
use crate::kernel::id::{LicenceId, NoticeId};
use crate::kernel::language::{Language, Template};

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
    /// For partners, with a body: a signed statement (JWS, EdDSA) of what was licensed to whom. Verify it offline by the
    /// keys at `/.well-known/jwks.json`, or at `POST /v1/attestations/verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attestation: Option<String>,
    #[serde(skip)]
    pub(super) template: Template,
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

/// What a reader owes and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Print the credit line.
    PrintCreditLine,
    /// Show the notices.
    ShowNotices,
    /// Mark the work as a reprint.
    MarkAsReprint,
    /// Show the original title beside a changed one.
    ShowOriginalTitle,
    /// Leave the AI label in place.
    KeepAiLabel,
    /// Change nothing: rendering is no change, an own title or a cut is.
    NoAlteration,
    /// Publish nothing of it before `published_at`.
    HoldUntilPublished,
    /// Take it down within `removal_deadline_hours` of its withdrawal.
    RemoveWhenWithdrawn,
}

/// The terms under which this answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Usage {
    pub extent: Extent,
    /// The licence under which it was given, if one was needed.
    #[schema(required = true)]
    pub licence_id: Option<LicenceId>,
    pub duties: Vec<Duty>,
    /// The first instant at which the right ends, if one is known.
    #[schema(required = true)]
    pub valid_until: Option<DateTime<Utc>>,
    /// Of a licence: whether search engines may index what is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub indexing: Option<Indexing>,
    /// Of a licence: for how many seconds a copy may be shown without asking again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cache_max_age: Option<i64>,
    /// Of a licence: within how many hours of its withdrawal the work is to be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub removal_deadline_hours: Option<i64>,
    /// Of a licence: what may be done to the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alteration: Option<Alteration>,
    /// Of a licence: whether AI systems may be given it as input.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ai_input: Option<bool>,
    /// Of a licence: whether AI systems may be trained on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ai_train: Option<bool>,
    /// Of a licence: set on a work under embargo, given so that it can be prepared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub embargoed: Option<bool>,
}

impl Usage {
    fn of(decision: &Decision, mut duties: Vec<Duty>) -> Self {
        let granted = decision.granted.as_ref();
        if let Some(granted) = granted {
            duties.extend(licensed_duties(granted, decision.embargoed));
        }
        Self {
            extent: decision.extent,
            licence_id: granted.map(|granted| granted.licence),
            duties,
            valid_until: decision.valid_until,
            indexing: granted.map(|granted| granted.indexing),
            cache_max_age: granted.map(|granted| granted.cache_max_age_seconds),
            removal_deadline_hours: granted.map(|granted| granted.removal_deadline_hours),
            alteration: granted.map(|granted| granted.alteration),
            ai_input: granted.map(|granted| granted.ai_input),
            ai_train: granted.map(|granted| granted.ai_train),
            embargoed: decision.embargoed.then_some(true),
        }
    }
}

fn licensed_duties(granted: &Granted, embargoed: bool) -> Vec<Duty> {
    let mut duties = Vec::new();
    if granted.alteration == Alteration::None {
        duties.push(Duty::NoAlteration);
    }
    if embargoed {
        duties.push(Duty::HoldUntilPublished);
    }
    duties.push(Duty::RemoveWhenWithdrawn);
    duties
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
            attestation: None,
            template,
            names: names(rights, origin),
        })
    }

    fn unsourced(rights: &Rights, decision: &Decision, template: Template) -> Self {
        Self {
            credit_line: String::new(),
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
            attestation: None,
            template,
            names: names(rights, Origin::Own),
        }
    }

    /// The credit for the inside of a text (rule 5).
    pub fn block(&self) -> CreditBlock<'_> {
        CreditBlock(self)
    }
}

/// The credit as it stands inside a text.
#[derive(Debug, Clone, Copy)]
pub struct CreditBlock<'a>(&'a Attribution);

impl CreditBlock<'_> {
    /// One statement to a line.
    pub fn lines(&self) -> Vec<String> {
        let credit = self.0;
        let words = Words::of(credit.template);
        let mut lines = Vec::new();
        if !credit.credit_line.is_empty() {
            lines.push(credit.credit_line.clone());
        }
        if let Some(byline) = &credit.byline {
            lines.push(format!("{}{byline}", words.author));
        }
        if let Some(editor) = &credit.editor {
            lines.push(format!("{}{editor}", words.editor));
        }
        if let Some(original) = &credit.original {
            if let Some(title) = &original.title {
                lines.push(format!("{}{title}", words.original_title));
            }
            lines.extend(
                [&original.url, &original.print_ref]
                    .into_iter()
                    .flatten()
                    .map(|reference| format!("{}{reference}", words.original)),
            );
        }
        if credit.ai_label != AiLabel::None {
            lines.push(words.ai(credit.ai_label).to_owned());
        }
        lines
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// As marked-up HTML (schema.org microdata).
    pub fn html(&self) -> String {
        credit_html(self.0, &Words::of(self.0.template), false)
    }

    /// [`CreditBlock::html`] for a text that stands alone: with the notices, and the word that it
    /// is an excerpt, if it is one.
    pub fn html_alone(&self) -> String {
        credit_html(self.0, &Words::of(self.0.template), true)
    }

    /// [`CreditBlock::text`] for a text that stands alone.
    pub fn text_alone(&self) -> String {
        let mut parts = vec![self.text()];
        if self.0.usage.extent == Extent::Excerpt {
            parts.push(Words::of(self.0.template).excerpt.to_owned());
        }
        parts.extend(
            self.0
                .notices
                .iter()
                .map(|notice| notice.lines().join("\n")),
        );
        parts.join("\n\n")
    }

    /// Whether the text goes to a partner under a licence: what they print is copied without
    /// the answer that it came in, so every markup carries the credit.
    pub fn is_licensed(&self) -> bool {
        self.0.usage.licence_id.is_some()
    }
}

/// The credit line: template(language, label), and a mark on what is not the site's own.
pub fn credit_line(template: Template, label: &str, origin: Origin) -> String {
    let mark = match origin {
        Origin::Own => "",
        Origin::Reprint => match template {
            Template::ZhHans => "（非本网）",
            Template::ZhHant => "（非本網）",
            Template::En => " (not this site)",
        },
    };
    match template {
        Template::ZhHans => format!("来源：{label}{mark}"),
        Template::ZhHant => format!("來源：{label}{mark}"),
        Template::En => format!("Source: {label}{mark}"),
    }
}

pub(super) struct Words {
    pub author: &'static str,
    pub editor: &'static str,
    pub original_title: &'static str,
    pub original: &'static str,
    /// Between two names.
    pub between: &'static str,
    /// Said of a text that is not all of it.
    pub excerpt: &'static str,
    ai: [&'static str; 2],
}

impl Words {
    fn of(template: Template) -> Self {
        match template {
            Template::ZhHans => Self {
                author: "作者：",
                editor: "编辑：",
                original_title: "原标题：",
                original: "原文：",
                between: " ",
                excerpt: "本文为摘录",
                ai: ["本文由人工智能辅助生成", "本文由人工智能生成"],
            },
            Template::ZhHant => Self {
                author: "作者：",
                editor: "編輯：",
                original_title: "原標題：",
                original: "原文：",
                between: " ",
                excerpt: "本文為摘錄",
                ai: ["本文由人工智慧輔助生成", "本文由人工智慧生成"],
            },
            Template::En => Self {
                author: "By: ",
                editor: "Editor: ",
                original_title: "Original title: ",
                original: "Original: ",
                between: ", ",
                excerpt: "This is an excerpt",
                ai: [
                    "Made with the assistance of artificial intelligence",
                    "Generated by artificial intelligence",
                ],
            },
        }
    }

    pub fn ai(&self, label: AiLabel) -> &'static str {
        match label {
            AiLabel::None => "",
            AiLabel::Assisted => self.ai[0],
            AiLabel::Generated => self.ai[1],
        }
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

fn duties(rights: &Rights, origin: Origin) -> Vec<Duty> {
    let mut duties = vec![Duty::PrintCreditLine, Duty::ShowNotices];
    if origin == Origin::Reprint {
        duties.push(Duty::MarkAsReprint);
        let changed = rights
            .original
            .as_ref()
            .and_then(|original| original.title.as_ref())
            .is_some_and(|title| *title != rights.title);
        if changed {
            duties.push(Duty::ShowOriginalTitle);
        }
    }
    if rights.ai_label != AiLabel::None {
        duties.push(Duty::KeepAiLabel);
    }
    duties
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
    rights
        .site
        .notices
        .iter()
        .filter(|notice| notice.kind == kind)
        .max_by_key(|notice| {
            (
                rights.language.affinity(&notice.language),
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
