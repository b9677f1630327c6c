//! The credit as HTML that machines can read: schema.org's terms as microdata.

use maud::html;

use super::attribution::{Attribution, Words};
use super::terms::AiLabel;

/// The credit block of a work as one `footer` element without a line end in it.
pub(super) fn credit_html(credit: &Attribution, words: &Words) -> String {
    html! {
        footer class="credit" itemscope itemtype="https://schema.org/NewsArticle" {
            p itemprop="creditText" { (credit.credit_line) }
            @if !credit.names.is_empty() {
                p {
                    (words.author)
                    @for (at, name) in credit.names.iter().enumerate() {
                        @if at > 0 { (words.between) }
                        span itemprop="author" itemscope itemtype="https://schema.org/Person" {
                            span itemprop="name" { (name) }
                        }
                    }
                }
            }
            @if let Some(editor) = &credit.editor {
                p {
                    (words.editor)
                    span itemprop="editor" itemscope itemtype="https://schema.org/Person" {
                        span itemprop="name" { (editor) }
                    }
                }
            }
            @if let Some(original) = &credit.original {
                div itemprop="isBasedOn" itemscope itemtype="https://schema.org/CreativeWork" {
                    @if let Some(title) = &original.title {
                        p { (words.original_title) cite itemprop="name" { (title) } }
                    }
                    @if let Some(url) = &original.url {
                        p { (words.original) a itemprop="url" href=(url) { (url) } }
                    }
                    @if let Some(reference) = &original.print_ref {
                        p { (words.original) span itemprop="identifier" { (reference) } }
                    }
                }
            }
            @if credit.ai_label != AiLabel::None {
                p itemprop="digitalSourceType" { (words.ai(credit.ai_label)) }
            }
            p {
                "© "
                @if let Some(year) = credit.copyright.year {
                    span itemprop="copyrightYear" { (year) } " "
                }
                span itemprop="copyrightHolder" itemscope itemtype="https://schema.org/Organization" {
                    span itemprop="name" { (credit.copyright.holder) }
                }
            }
            p { a itemprop="url" rel="canonical" href=(credit.canonical_url) { (credit.canonical_url) } }
            @if let Some(url) = &credit.acquire_licence_url {
                link itemprop="acquireLicensePage" href=(url);
            }
        }
    }
    .into_string()
}
