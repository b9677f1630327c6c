//! Blocks as CommonMark, and CommonMark as HTML.
//!
//! Marks are used where they surely mean what the block says; HTML stands where they don't: emphasis that touches
//! Chinese punctuation isn't seen by Markdown readers, and captions have no mark at all. So reading what is written
//! gives the same blocks. Must not sanitise: what comes from Markdown passes through `read`.
//!
//! Start with [`write()`].

use pulldown_cmark::{Options, Parser};

use super::blocks::Block;
use super::html;
use super::inline::{Token, attribute, tokens};

/// CommonMark with tables and strikethrough as an HTML fragment that nobody has looked at yet.
pub(super) fn to_fragment(markdown: &str) -> String {
    let mut out = String::new();
    let parser = Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    );
    pulldown_cmark::html::push_html(&mut out, parser);
    out
}

/// The blocks as CommonMark, parted by blank lines.
pub(super) fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut after_list = false;
    for block in blocks {
        let is_list = matches!(block, Block::List { .. });
        if !out.is_empty() {
            // Two lists in a row would be read as one; a comment parts them and shows nowhere.
            out.push_str(if after_list && is_list {
                "\n\n<!-- -->\n\n"
            } else {
                "\n\n"
            });
        }
        out.push_str(&self::block(block));
        after_list = is_list;
    }
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph { text } => inline(text, Place::Lines),
        Block::Heading { level, text } => format!(
            "{} {}",
            "#".repeat(usize::from(*level)),
            inline(text, Place::OneLine)
        ),
        Block::Quote { text, cite } => {
            let text = format!("> {}", inline(text, Place::Lines).replace('\n', "\n> "));
            match cite {
                Some(cite) => format!("{text}\n>\n> {}", html::footer(cite)),
                None => text,
            }
        }
        Block::List { ordered, items } => {
            let lines = items.iter().enumerate().map(|(n, item)| {
                let mark = if *ordered {
                    format!("{}. ", n + 1)
                } else {
                    "- ".to_owned()
                };
                let indent = format!("\n{}", " ".repeat(mark.len()));
                mark + &inline(item, Place::Lines).replace('\n', &indent)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Block::Image {
            url,
            alt,
            caption: None,
            credit: None,
            width: None,
            height: None,
        } => {
            let mut out = "![".to_owned();
            push_text(&mut out, alt, Place::OneLine, false);
            format!("{out}]({})", destination(url))
        }
        Block::Table { header, rows } => {
            let columns = if header.is_empty() {
                rows.first().map_or(0, Vec::len)
            } else {
                header.len()
            };
            let blank = vec![String::new(); columns];
            let mut lines = vec![
                row(if header.is_empty() { &blank } else { header }),
                format!("|{}", " --- |".repeat(columns)),
            ];
            lines.extend(rows.iter().map(|cells| row(cells)));
            lines.join("\n")
        }
        Block::Image { .. } | Block::Embed { .. } => html::block(block),
    }
}

fn row(cells: &[String]) -> String {
    cells.iter().fold("|".to_owned(), |line, cell| {
        format!("{line} {} |", inline(cell, Place::OneLine))
    })
}

/// Where a text stands, which decides how a line break is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Lines,
    OneLine,
}

fn inline(text: &str, place: Place) -> String {
    let tokens = tokens(text);
    let mut out = String::new();
    let mut line_start = place == Place::Lines;
    // What closes each open element: a mark, or nothing for a tag of HTML.
    let mut ends: Vec<Option<String>> = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        match token {
            Token::Text(text) => {
                push_text(&mut out, text, place, line_start);
                line_start = false;
            }
            Token::Break if place == Place::Lines => {
                out.push_str("\\\n");
                line_start = true;
            }
            Token::Break => out.push_str("<br>"),
            Token::Open { tag, source } => {
                let leaf = match tokens
                    .get(n + 1..n + 4)
                    .or_else(|| tokens.get(n + 1..n + 3))
                {
                    Some([Token::Text(text), Token::Close { .. }, after @ ..]) => {
                        Some((text.as_ref(), after.first()))
                    }
                    _ => None,
                };
                let (start, end) = mark(tag, source, leaf, &out)
                    .unwrap_or_else(|| (source.replace('|', "&#124;"), None));
                if start == "[" && out.ends_with('!') {
                    // Else the link would become a picture.
                    out.insert(out.len() - 1, '\\');
                }
                out.push_str(&start);
                ends.push(end);
                line_start = false;
            }
            Token::Close { tag } => match ends.pop().flatten() {
                Some(end) => out.push_str(&end),
                None => out.push_str(&format!("</{tag}>")),
            },
        }
    }
    out
}

/// The marks for an element, if Markdown has some that work here.
///
/// `leaf` is the text of an element without others in it, and what follows the element.
fn mark(
    tag: &str,
    source: &str,
    leaf: Option<(&str, Option<&Token<'_>>)>,
    before: &str,
) -> Option<(String, Option<String>)> {
    if tag == "a" {
        let title = attribute(source, "title");
        let href = attribute(source, "href").filter(|_| title.is_none())?;
        return Some(("[".to_owned(), Some(format!("]({})", destination(&href)))));
    }
    let mark = match tag {
        "em" => "*",
        "strong" => "**",
        "s" => "~~",
        _ => return None,
    };
    let (text, after) = leaf?;
    // CommonMark sees a mark next to punctuation only if white space or punctuation stands on its other side, which
    // in Chinese is rarely so. A mark next to a mark is ambiguous.
    let solid = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let works = solid(text.chars().next())
        && solid(text.chars().next_back())
        && !before.ends_with(['*', '_', '~', '`', '\\'])
        && !matches!(after, Some(Token::Open { .. }));
    works.then(|| (mark.to_owned(), Some(mark.to_owned())))
}

/// An address as the target of a link or image. Angle brackets hold what would end a bare one.
fn destination(url: &str) -> String {
    let mut out = "<".to_owned();
    for c in url.chars() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("&#124;"),
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    out.push('>');
    let bare = out.trim_start_matches('<').trim_end_matches('>');
    if bare.is_empty() || bare.contains(['(', ')', ' ', '\\']) {
        out
    } else {
        bare.to_owned()
    }
}

/// Appends text so that nothing in it is taken for a mark.
fn push_text(out: &mut String, text: &str, place: Place, line_start: bool) {
    // A number at the start of a line is escaped behind it: the mark of a list is the number with its full stop.
    let number = if line_start {
        text.bytes().take_while(u8::is_ascii_digit).count()
    } else {
        0
    };
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let escape = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '~' | '|' => true,
            '&' => chars
                .peek()
                .is_some_and(|(_, next)| next.is_ascii_alphanumeric() || *next == '#'),
            '#' => (line_start && at == 0) || place == Place::OneLine,
            '+' | '-' | '=' | '>' | ':' => line_start && at == 0,
            '.' | ')' => number > 0 && at == number,
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
    }
}
