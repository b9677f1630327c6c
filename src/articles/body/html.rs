//! Blocks written as semantic HTML.
//!
//! `read` is the inverse: reading what is written here gives the same blocks. Must not write frames, scripts,
//! handlers or styles; an embed is a link. Start with [`write()`].

use super::blocks::Block;
use super::inline::{push_attribute, push_text};

/// The class of a figure that stands for an embed.
pub(super) const EMBED_CLASS: &str = "embed";
/// The class of the line that names the photographer.
pub(super) const IMAGE_CREDIT_CLASS: &str = "image-credit";

/// The blocks as HTML, one to a line.
pub(super) fn write(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// One block as HTML without a line end in it.
pub(super) fn block(block: &Block) -> String {
    match block {
        Block::Paragraph { text } => format!("<p>{text}</p>"),
        Block::Heading { level, text } => format!("<h{level}>{text}</h{level}>"),
        Block::Quote { text, cite } => {
            let footer = cite.as_deref().map(footer).unwrap_or_default();
            format!("<blockquote><p>{text}</p>{footer}</blockquote>")
        }
        Block::List { ordered, items } => {
            let tag = if *ordered { "ol" } else { "ul" };
            format!("<{tag}>{}</{tag}>", wrapped(items, "li"))
        }
        Block::Image {
            url,
            alt,
            caption,
            credit,
            width,
            height,
        } => {
            let mut out = "<figure><img".to_owned();
            push_attribute(&mut out, "src", url);
            push_attribute(&mut out, "alt", alt);
            for (name, pixels) in [("width", width), ("height", height)] {
                if let Some(pixels) = pixels {
                    push_attribute(&mut out, name, &pixels.to_string());
                }
            }
            out.push('>');
            if caption.is_some() || credit.is_some() {
                out.push_str("<figcaption>");
                out.push_str(caption.as_deref().unwrap_or_default());
                if let Some(credit) = credit {
                    out.push_str(if caption.is_some() {
                        " <small"
                    } else {
                        "<small"
                    });
                    push_attribute(&mut out, "class", IMAGE_CREDIT_CLASS);
                    out.push('>');
                    push_text(&mut out, credit);
                    out.push_str("</small>");
                }
                out.push_str("</figcaption>");
            }
            out.push_str("</figure>");
            out
        }
        Block::Table { header, rows } => {
            let head = match header.as_slice() {
                [] => String::new(),
                cells => format!("<thead><tr>{}</tr></thead>", wrapped(cells, "th")),
            };
            let rows: String = rows
                .iter()
                .map(|row| format!("<tr>{}</tr>", wrapped(row, "td")))
                .collect();
            format!("<table>{head}<tbody>{rows}</tbody></table>")
        }
        Block::Embed { url, title } => {
            let mut out = format!("<figure class=\"{EMBED_CLASS}\"><a");
            push_attribute(&mut out, "href", url);
            out.push('>');
            push_text(&mut out, title.as_deref().unwrap_or(url));
            out.push_str("</a></figure>");
            out
        }
    }
}

/// The line below a quote that says whose words it holds.
pub(super) fn footer(cite: &str) -> String {
    let mut out = "<footer>".to_owned();
    push_text(&mut out, cite);
    out.push_str("</footer>");
    out
}

fn wrapped(texts: &[String], tag: &str) -> String {
    texts
        .iter()
        .map(|text| format!("<{tag}>{text}</{tag}>"))
        .collect()
}
