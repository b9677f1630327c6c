//! The credit as HTML that machines can read: schema.org's terms as microdata, and IPTC's for
//! the part that machines had in a work.

use maud::{Markup, html};

use super::attribution::Attribution;
use super::credit::Words;
use super::terms::{AiLabel, Extent};

/// The credit block of a work as one `footer` element without a line end in it: so that Markdown
/// takes it for one block. `whole` adds what else a text needs that stands alone: that it is an
/// excerpt, and the notices.
pub(super) fn credit_html(credit: &Attribution, words: &Words, whole: bool) -> String {
    html! {
        footer class="credit" itemscope itemtype="https://schema.org/NewsArticle" {
            (inside(credit, words, whole))
        }
    }
    .into_string()
}

/// [`credit_html`] for a text that says of itself what it is: its properties are of that.
pub(super) fn credit_within(credit: &Attribution, words: &Words) -> String {
    html! { footer class="credit" { (inside(credit, words, true)) } }.into_string()
}

fn inside(credit: &Attribution, words: &Words, whole: bool) -> Markup {
    html! {
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
        @if let Some(source_type) = credit.ai_label.digital_source_type() {
            p { (words.ai(credit.ai_label)) link itemprop="digitalSourceType" href=(source_type); }
        }
        @if credit.derived.is_some() {
            p class="derived" { (words.converted) }
        }
        @if whole && credit.usage.extent == Extent::Excerpt {
            p class="derived" { (words.excerpt) }
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
        p { a itemprop="url" href=(credit.canonical_url) { (credit.canonical_url) } }
        @if let Some(url) = &credit.acquire_licence_url {
            link itemprop="acquireLicensePage" href=(url);
        }
        @if whole {
            @for notice in &credit.notices {
                p class="notice" data-notice=(notice.id) data-revision=(notice.revision) lang=(notice.language.as_str()) {
                    @for (at, line) in notice.lines().iter().enumerate() {
                        @if at > 0 { br; }
                        (line)
                    }
                }
            }
        }
    }
}

impl AiLabel {
    /// The term of IPTC's vocabulary for the part that AI systems had in a work.
    pub fn digital_source_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Assisted => Some(
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
            ),
            Self::Generated => {
                Some("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia")
            }
        }
    }
}
