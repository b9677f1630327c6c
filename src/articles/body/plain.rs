//! Blocks as plain text, the words in it, and the public excerpt.
//!
//! Loses markup and addresses of links, never words: a picture keeps its line and its photographer. Must not decide
//! who may read how much. Start with [`write()`] and [`excerpt`].

use unicode_segmentation::UnicodeSegmentation;

use super::blocks::Block;
use super::inline::{self, Token, tokens};
use crate::kernel::text::{excerpt_sentences, is_han};

/// The blocks as text, parted by blank lines.
pub(super) fn write(blocks: &[Block]) -> String {
    blocks
        .iter()
        .map(block)
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// One block as text.
pub(super) fn block(block: &Block) -> String {
    match block {
        Block::Paragraph { text } | Block::Heading { text, .. } => inline(text),
        Block::Quote { text, cite } => match cite {
            Some(cite) => format!("{}\n— {cite}", inline(text)),
            None => inline(text),
        },
        Block::List { ordered, items } => {
            let lines = items.iter().enumerate().map(|(n, item)| {
                let mark = if *ordered {
                    format!("{}. ", n + 1)
                } else {
                    "- ".to_owned()
                };
                mark + &inline(item)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Block::Image {
            alt,
            caption,
            credit,
            ..
        } => {
            let line = caption.as_deref().map_or_else(|| alt.clone(), inline);
            match (line.is_empty(), credit) {
                (true, None) => String::new(),
                (true, Some(credit)) => format!("[{credit}]"),
                (false, None) => format!("[{line}]"),
                (false, Some(credit)) => format!("[{line} ({credit})]"),
            }
        }
        Block::Table { header, rows } => {
            let header = (!header.is_empty()).then_some(header);
            let lines = header.into_iter().chain(rows).map(|row| {
                // A line break in a cell would look like a new row.
                row.iter()
                    .map(|cell| inline(cell).replace('\n', " "))
                    .collect::<Vec<_>>()
                    .join("\t")
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Block::Embed { url, title } => match title {
            Some(title) => format!("[{title}] {url}"),
            None => format!("[{url}]"),
        },
    }
}

fn inline(html: &str) -> String {
    inline_text(&tokens(html))
}

/// The words of an inline text. Readings set above characters are dropped, line breaks stay.
pub(super) fn inline_text(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut readings = 0_usize;
    for token in tokens {
        match token {
            Token::Open {
                tag: "rt" | "rp", ..
            } => readings += 1,
            Token::Close { tag: "rt" | "rp" } => readings = readings.saturating_sub(1),
            Token::Text(text) if readings == 0 => out.push_str(text),
            Token::Break if readings == 0 => out.push('\n'),
            Token::Text(_) | Token::Break | Token::Open { .. } | Token::Close { .. } => {}
        }
    }
    out
}

/// Words: every ideograph is one, other scripts by the word rules of UAX #29.
pub(super) fn count_words(text: &str) -> usize {
    let count = |word: &str| {
        let han = word.chars().filter(|&c| is_han(c)).count();
        han + usize::from(word.chars().any(|c| c.is_alphanumeric() && !is_han(c)))
    };
    text.unicode_words().map(count).sum()
}

/// The excerpt of the paragraphs as blocks of plain text.
pub(super) fn excerpt(blocks: &[Block], max_chars: usize) -> Option<Vec<Block>> {
    let texts: Vec<String> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Paragraph { text } => Some(inline(text)),
            Block::Heading { .. }
            | Block::Quote { .. }
            | Block::List { .. }
            | Block::Image { .. }
            | Block::Table { .. }
            | Block::Embed { .. } => None,
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let kept = excerpt_sentences(&texts, max_chars);
    let blocks: Vec<Block> = kept
        .iter()
        .map(|text| Block::Paragraph {
            text: inline::from_plain(text),
        })
        .collect();
    (!blocks.is_empty()).then_some(blocks)
}
