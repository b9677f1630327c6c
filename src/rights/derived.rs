//! Texts in the other script of Chinese: derived texts, which say so (rule 11).

use serde::Serialize;
use utoipa::ToSchema;

use super::attribution::{
    Attribution, Copyright, NoticeCredit, SourceCredit, credit_line, notice_in,
};
use super::credit::Words;
use super::terms::{Contact, DerivedKind, Origin, Rights};
use crate::kernel::han::{Script, convert};
use crate::kernel::language::Language;

/// Content that can be converted to the other script of Chinese.
pub trait InScript {
    /// The content in this script, by phrases.
    #[must_use]
    fn in_script(self, to: Script) -> Self;
}

/// How a text was made from the one that was written (rule 11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"kind": "script", "language": "zh-Hant", "from": "zh-Hans"}))]
pub struct Derived {
    pub kind: DerivedKind,
    /// What it is in.
    pub language: Language,
    /// What it was written in.
    pub from: Language,
}

impl Attribution {
    /// The attribution of the text in the other script. Names are never made by machine: a source has
    /// its own for itself in that script or the one that it has (rule 3), and people have theirs.
    pub(super) fn in_script(self, rights: &Rights, to: Script) -> Self {
        let language = Language::in_script(to);
        let template = language.template();
        let derived = Some(Derived {
            kind: DerivedKind::Script,
            language: language.clone(),
            from: rights.language.clone(),
        });
        let Some(source) = &rights.source else {
            return Self { derived, ..self };
        };
        let origin = Origin::from(source.kind);
        let label = source.label(template);
        let name = source.official(template).unwrap_or(&source.name);
        Self {
            credit_line: credit_line(template, label, origin),
            label: label.to_owned(),
            byline: (!self.names.is_empty()).then(|| self.names.join(Words::of(template).between)),
            source: SourceCredit {
                name: name.to_owned(),
                ..self.source
            },
            copyright: Copyright {
                holder: match origin {
                    Origin::Own => self.copyright.holder,
                    Origin::Reprint => name.to_owned(),
                },
                ..self.copyright
            },
            notices: self
                .notices
                .iter()
                .map(|credit| {
                    let kind = credit.kind;
                    let found = notice_in(rights, kind, &language);
                    found
                        .map_or_else(|| credit.clone(), NoticeCredit::from)
                        .in_script(to)
                })
                .collect(),
            derived,
            template,
            ..self
        }
    }
}

impl NoticeCredit {
    /// The notice in a script of Chinese, if it is in the other one.
    fn in_script(self, to: Script) -> Self {
        match self.language.script() {
            Some(script) if script != to => Self {
                text: convert(&self.text, to),
                language: Language::in_script(to),
                contact: self.contact.map(|contact| Contact {
                    desk: convert(&contact.desk, to),
                    ..contact
                }),
                ..self
            },
            _ => self,
        }
    }
}
