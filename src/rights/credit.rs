//! The credit as it stands inside a text: its line, its block, and the words of each template.

use super::attribution::Attribution;
use super::markup::{credit_html, credit_within};
use super::terms::{AiLabel, Extent, Origin};
use crate::kernel::language::Template;

/// The credit as it stands inside a text.
#[derive(Debug, Clone, Copy)]
pub struct CreditBlock<'a>(pub(super) &'a Attribution);

impl<'a> CreditBlock<'a> {
    /// All that it is made of, for forms that have members of their own for it.
    pub fn attribution(self) -> &'a Attribution {
        self.0
    }

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
        if credit.derived.is_some() {
            lines.push(words.converted.to_owned());
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

    /// [`CreditBlock::html_alone`] inside an element that is marked up as the work itself.
    pub fn html_within(&self) -> String {
        credit_within(self.0, &Words::of(self.0.template))
    }

    /// [`CreditBlock::text`] for a text that stands alone.
    pub fn text_alone(&self) -> String {
        let mut parts = vec![self.text()];
        if self.0.usage.extent == Extent::Excerpt {
            parts.push(Words::of(self.0.template).excerpt.to_owned());
        }
        parts.push(self.0.terms());
        parts.retain(|part| !part.is_empty());
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
    /// Said of a text that was converted to this script.
    pub converted: &'static str,
    ai: [&'static str; 2],
}

impl Words {
    pub fn of(template: Template) -> Self {
        match template {
            Template::ZhHans => Self {
                author: "作者：",
                editor: "编辑：",
                original_title: "原标题：",
                original: "原文：",
                between: " ",
                excerpt: "本文为摘录",
                converted: "本文由繁体中文自动转换",
                ai: ["本文由人工智能辅助生成", "本文由人工智能生成"],
            },
            Template::ZhHant => Self {
                author: "作者：",
                editor: "編輯：",
                original_title: "原標題：",
                original: "原文：",
                between: " ",
                excerpt: "本文為摘錄",
                converted: "本文由簡體中文自動轉換",
                ai: ["本文由人工智慧輔助生成", "本文由人工智慧生成"],
            },
            Template::En => Self {
                author: "By: ",
                editor: "Editor: ",
                original_title: "Original title: ",
                original: "Original: ",
                between: ", ",
                excerpt: "This is an excerpt",
                converted: "Converted from another script",
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
