//! Notices on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Draft, Notice, Revision, Wording};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{NoticeId, UserId};
use crate::kernel::language::Language;
use crate::rights::{Contact, NoticeKind};

/// A licensing notice, as the desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "contact", "language": "en", "text": "Complaints about content or copyright reach us within 30 days.", "contact": {"desk": "Newsroom", "phone": "+86-00-0000-0000", "email": "desk@news.example.org"}, "claim_window_days": 30, "effective_from": "2026-01-01T00:00:00Z"}))]
pub struct NoticeInput {
    /// Never changes; there is one notice of a kind in a language.
    pub kind: NoticeKind,
    /// Never changes; there is one notice of a kind in a language.
    pub language: Language,
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Whom to turn to; needed for kind `contact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Calendar days for a complaint; needed for kind `contact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3650)]
    pub claim_window_days: Option<i64>,
    /// From when the wording is in force; without it, from now. A change keeps the time of a
    /// wording that is still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<DateTime<Utc>>,
}

impl NoticeInput {
    /// What a change starts from: the wording shown. It holds from now where no time is given,
    /// unless it is still to come.
    pub fn of(current: &Notice, now: DateTime<Utc>) -> Self {
        let wording = current.shown.wording.clone();
        Self {
            kind: current.kind,
            language: current.language.clone(),
            text: wording.text,
            contact: wording.contact,
            claim_window_days: wording.claim_window_days,
            effective_from: Some(wording.effective_from).filter(|from| *from > now),
        }
    }

    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self, now: DateTime<Utc>) -> Result<Draft, Vec<Fault>> {
        let mut faults = Faults::default();
        let draft = Draft {
            kind: self.kind,
            language: self.language.clone(),
            wording: self.wording(now, &mut faults),
        };
        faults.finish(draft)
    }

    /// [`NoticeInput::parse`] of what a change made of `current`: the next wording.
    ///
    /// # Errors
    /// All faults, another kind or language among them.
    pub fn parse_change(
        &self,
        current: &Notice,
        now: DateTime<Utc>,
    ) -> Result<Wording, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut same = |pointer: &str, same: bool| {
            if !same {
                faults.push(pointer, "immutable", "never changes; add another notice");
            }
        };
        same("/kind", self.kind == current.kind);
        same("/language", self.language == current.language);
        let wording = self.wording(now, &mut faults);
        faults.finish(wording)
    }

    fn wording(&self, now: DateTime<Utc>, faults: &mut Faults) -> Wording {
        let mut needed = |pointer: &str, given: bool| {
            if self.kind == NoticeKind::Contact && !given {
                faults.push(pointer, "required", "a notice of kind contact states it");
            }
        };
        needed("/contact", self.contact.is_some());
        needed("/claim_window_days", self.claim_window_days.is_some());
        let effective_from = self.effective_from.unwrap_or(now);
        Wording {
            text: faults.prose("/text", &self.text, 1..=20_000),
            contact: self.contact.as_ref().map(|contact| Contact {
                desk: faults.line("/contact/desk", &contact.desk, 1..=200),
                phone: faults.optional_line("/contact/phone", contact.phone.as_deref(), 100),
                email: faults.optional_line("/contact/email", contact.email.as_deref(), 200),
            }),
            claim_window_days: self.claim_window_days,
            effective_from: faults.instant("/effective_from", effective_from),
        }
    }
}

/// A licensing notice: for the desk in its newest revision, for others in the one in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Notice, example = json!({"id": "ntc_01900000000070008000000000000001", "kind": "contact", "language": "en", "revision": 1, "text": "Complaints about content or copyright reach us within 30 days.", "contact": {"desk": "Newsroom", "phone": "+86-00-0000-0000", "email": "desk@news.example.org"}, "claim_window_days": 30, "effective_from": "2026-01-01T00:00:00Z", "in_force": true, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct NoticeView {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub language: Language,
    /// Number of the revision shown.
    pub revision: i64,
    pub text: String,
    /// Whom to turn to.
    #[schema(required = true)]
    pub contact: Option<Contact>,
    /// Calendar days for a complaint, counted in the site's zone.
    #[schema(required = true)]
    pub claim_window_days: Option<i64>,
    pub effective_from: DateTime<Utc>,
    /// Whether the revision shown is the one in force.
    pub in_force: bool,
    pub created_at: DateTime<Utc>,
    /// When the revision shown was written.
    pub updated_at: DateTime<Utc>,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        let Revision {
            n,
            wording,
            in_force,
            created_at,
            created_by: _,
        } = notice.shown;
        Self {
            id: notice.id,
            kind: notice.kind,
            language: notice.language,
            revision: n,
            text: wording.text,
            contact: wording.contact,
            claim_window_days: wording.claim_window_days,
            effective_from: wording.effective_from,
            in_force,
            created_at: notice.created_at,
            updated_at: created_at,
        }
    }
}

impl Outward for NoticeView {}

page_of! {
    /// A page of the notices.
    NoticePage of NoticeView
}

/// A revision of a notice. Never changes, but for whether it is in force. For the desk only.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = NoticeRevision, example = json!({"revision": 1, "text": "All rights reserved.", "contact": null, "claim_window_days": null, "effective_from": "2026-01-01T00:00:00Z", "in_force": true, "created_at": "2026-01-01T00:00:00Z", "created_by": "usr_01900000000070008000000000000001"}))]
pub struct RevisionView {
    /// Counted from 1.
    pub revision: i64,
    pub text: String,
    /// Whom to turn to.
    #[schema(required = true)]
    pub contact: Option<Contact>,
    /// Calendar days for a complaint, counted in the site's zone.
    #[schema(required = true)]
    pub claim_window_days: Option<i64>,
    pub effective_from: DateTime<Utc>,
    /// Whether this is the one in force.
    pub in_force: bool,
    pub created_at: DateTime<Utc>,
    /// The member of staff who wrote it; null if it came from the command line.
    #[schema(required = true)]
    pub created_by: Option<UserId>,
}

impl From<Revision> for RevisionView {
    fn from(revision: Revision) -> Self {
        let wording = revision.wording;
        Self {
            revision: revision.n,
            text: wording.text,
            contact: wording.contact,
            claim_window_days: wording.claim_window_days,
            effective_from: wording.effective_from,
            in_force: revision.in_force,
            created_at: revision.created_at,
            created_by: revision.created_by,
        }
    }
}

impl Outward for RevisionView {}

page_of! {
    /// A page of a notice's revisions.
    NoticeRevisionPage of RevisionView
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn input(value: Value) -> NoticeInput {
        serde_json::from_value(value).unwrap()
    }

    fn codes(faults: &[Fault]) -> Vec<(&str, &str)> {
        faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn notice(from: &str) -> Notice {
        let draft = input(
            json!({"kind": "own_work", "language": "en", "text": "a", "effective_from": from}),
        )
        .parse(DateTime::UNIX_EPOCH)
        .unwrap();
        Notice {
            id: "ntc_01900000000070008000000000000001"
                .to_owned()
                .try_into()
                .unwrap(),
            kind: draft.kind,
            language: draft.language,
            revision: 1,
            shown: Revision {
                n: 1,
                wording: draft.wording,
                in_force: true,
                created_at: at(from),
                created_by: None,
            },
            created_at: at(from),
        }
    }

    #[test]
    fn a_contact_notice_says_whom_and_how_long() {
        let now = at("2026-01-01T00:00:00Z");
        let faults = input(json!({"kind": "contact", "language": "en", "text": " "}))
            .parse(now)
            .unwrap_err();
        let expected = [
            ("/contact", "required"),
            ("/claim_window_days", "required"),
            ("/text", "blank"),
        ];
        assert_eq!(codes(&faults), expected);
        let faults = input(
            json!({"kind": "own_work", "language": "en", "text": "a\u{0}b",
            "contact": {"desk": "a\nb", "phone": "1\u{202E}2", "email": " "},
            "effective_from": "9999-01-01T00:00:00Z"}),
        )
        .parse(now)
        .unwrap_err();
        assert_eq!(
            codes(&faults),
            [
                ("/text", "unsafe_character"),
                ("/contact/desk", "unsafe_character"),
                ("/contact/phone", "unsafe_character"),
                ("/effective_from", "range"),
            ]
        );
    }

    #[test]
    fn a_change_leaves_kind_and_language() {
        let now = at("2026-02-01T00:00:00Z");
        let current = notice("2026-01-01T00:00:00Z");
        let mut input = NoticeInput::of(&current, now);
        input.kind = NoticeKind::Reprint;
        input.language = Language::parse("fr").unwrap();
        input.text = String::new();
        let faults = input.parse_change(&current, now).unwrap_err();
        let expected = [
            ("/kind", "immutable"),
            ("/language", "immutable"),
            ("/text", "blank"),
        ];
        assert_eq!(codes(&faults), expected);
    }

    #[test]
    fn a_change_holds_from_now_unless_the_wording_is_still_to_come() {
        let now = at("2026-02-01T00:00:00Z");
        for (from, then) in [
            ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ] {
            let current = notice(from);
            let wording = NoticeInput::of(&current, now)
                .parse_change(&current, now)
                .unwrap();
            assert_eq!(wording.effective_from, at(then), "{from}");
        }
    }
}
