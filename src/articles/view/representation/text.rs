//! Documents for people: title, body and credit, the notices behind them.

use crate::articles::body::Body;
use crate::articles::model::Article;
use crate::kernel::language::Template;
use crate::rights::CreditBlock;

pub(super) fn html(article: &Article, credit: CreditBlock<'_>) -> String {
    let body = whole(article).to_html();
    format!("<article>\n{body}\n{}\n</article>\n", credit.html_alone())
}

pub(super) fn markdown(article: &Article, credit: CreditBlock<'_>) -> String {
    let body = whole(article).to_markdown();
    format!("{body}\n\n{}\n", credit.html_alone())
}

pub(super) fn plain(article: &Article, credit: CreditBlock<'_>) -> String {
    format!("{}\n\n{}\n", whole(article).to_text(), credit.text_alone())
}

fn whole(article: &Article) -> Body {
    corrected(article).titled(&article.content.title)
}

/// The body with what was put right: it travels with the text (rule 5 for corrections), in it,
/// where the text is alone.
pub fn corrected(article: &Article) -> Body {
    let content = &article.content;
    let label = correction(content.language.template());
    let notes = content.corrections.iter();
    let notes = notes.map(|one| format!("{label}{}", one.note));
    content.body.clone().followed_by(notes)
}

/// What stands before a correction's note.
fn correction(template: Template) -> &'static str {
    match template {
        Template::ZhHans => "更正：",
        Template::ZhHant => "更正：",
        Template::En => "Correction: ",
    }
}
