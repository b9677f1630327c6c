//! Bodies in the other script of Chinese. Markup and addresses stay as they are, and so do names: of who is
//! quoted, and of whose a picture is.

use super::Body;
use super::blocks::Block;
use crate::kernel::han::{Script, convert};

impl Body {
    /// The body converted to a script, by phrases.
    #[must_use]
    pub fn in_script(mut self, to: Script) -> Self {
        for block in &mut self.0 {
            each_text(block, &mut |text, is_markup| {
                *text = match is_markup {
                    true => markup(text, to),
                    false => convert(text, to),
                };
            });
        }
        self
    }
}

/// Hands over each text of a block, and whether it is inline HTML.
fn each_text(block: &mut Block, change: &mut impl FnMut(&mut String, bool)) {
    match block {
        Block::Paragraph { text } | Block::Heading { text, .. } | Block::Quote { text, .. } => {
            change(text, true);
        }
        Block::List { items, .. } => items.iter_mut().for_each(|item| change(item, true)),
        Block::Image { alt, caption, .. } => {
            change(alt, false);
            caption.iter_mut().for_each(|caption| change(caption, true));
        }
        Block::Table { header, rows } => {
            let cells = header.iter_mut().chain(rows.iter_mut().flatten());
            cells.for_each(|cell| change(cell, true));
        }
        Block::Embed { title, .. } => {
            title.iter_mut().for_each(|title| change(title, false));
        }
    }
}

/// Inline HTML as [`super::inline`] writes it: what stands between tags is converted, by phrases of
/// each piece.
fn markup(text: &str, to: Script) -> String {
    let mut converted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        converted.push_str(&convert(&rest[..start], to));
        // A `>` in an attribute is escaped.
        let end = rest[start..]
            .find('>')
            .map_or(rest.len(), |at| start + at + 1);
        converted.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    converted.push_str(&convert(rest, to));
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_and_addresses_do_not() {
        let body = Body::from_html(
            "<p>发展<a href=\"https://news.example.org/发展\" title=\"a>b\">经济</a>，头发</p><ul><li>国家</li></ul>",
        );
        let body = body.unwrap();
        let html = body.clone().in_script(Script::Hant).to_html();
        assert!(
            html.contains("發展<a href") && html.contains(">經濟</a>，頭髮"),
            "{html}"
        );
        assert!(html.contains("<li>國家</li>"), "{html}");
        let address = |html: &str| html.split('"').nth(1).unwrap().to_owned();
        assert_eq!(address(&html), address(&body.to_html()));
    }
}
