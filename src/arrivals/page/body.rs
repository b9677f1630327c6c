//! Lines into blocks.
//!
//! Gets only the article's own lines, and decides which of them is a heading, a caption or a paragraph. Must not look
//! at the page around them.
//!
//! Start with [`blocks`].

use super::dateline::{self, Context};
use super::lines::{Line, LineKind};
use super::model::{Block, Dateline, Excerpt, PlacedBlock, WarningKind, Warnings};
use super::title::is_sentence;
use super::view::{Pattern, View, bare, head, pattern, skip, tail, within};
use crate::kernel::text::is_han;

/// The longest heading that is told by its length alone, in Chinese and in other scripts.
const LONGEST_HAN_HEADING: usize = 40;
const LONGEST_HEADING: usize = 90;
const LONGEST_CAPTION: usize = 160;
const LONGEST_SRC: usize = 2_000;

static CAPTION: Pattern = pattern!(
    r"^(?:图为|图片?:|上图|下图|资料图|[▲△↑]|photo(?:graph)?\s*:)|(?:[\p{Han}\s·]{1,12}摄|供图|photo by [^.]{2,40})\s*[)】]?\s*。?$"
);
static BULLET: Pattern = pattern!(r"^(?:[•●■◆▪·*-]|–)\s+\S|^[•●■◆▪]\S");

/// The body of an article.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) blocks: Vec<PlacedBlock>,
    pub(super) dateline: Option<Dateline>,
}

/// Builds the blocks of an article from its lines.
pub(super) fn blocks(lines: &[Line], context: Context<'_>, warnings: &mut Warnings) -> Body {
    let mut body = Body::default();
    let mut list = None;
    let mut table = None;
    let (mut links, mut images, mut opened) = (0, 0, false);
    for (n, line) in lines.iter().enumerate() {
        links += line.links.len();
        let bullets = is_bullet(line)
            && [n.checked_sub(1), Some(n + 1)]
                .into_iter()
                .flatten()
                .any(|n| lines.get(n).is_some_and(is_bullet));
        let in_list = match line.kind {
            LineKind::Item(list) => Some(list),
            LineKind::Text if bullets => Some(0),
            LineKind::Text
            | LineKind::Heading(_)
            | LineKind::Row(..)
            | LineKind::Quote
            | LineKind::Image { .. } => None,
        };
        let in_table = match line.kind {
            LineKind::Row(table, _) => Some(table),
            LineKind::Text
            | LineKind::Heading(_)
            | LineKind::Item(_)
            | LineKind::Quote
            | LineKind::Image { .. } => None,
        };
        let last = body.blocks.last_mut().map(|block| &mut block.block);
        match (&line.kind, last) {
            (LineKind::Row(_, cells), Some(Block::Table { rows })) if table == in_table => {
                rows.push(cells.clone());
            }
            (LineKind::Row(_, cells), _) => body.push(
                line.at,
                Block::Table {
                    rows: vec![cells.clone()],
                },
            ),
            (_, Some(Block::List { items })) if in_list.is_some() && list == in_list => {
                items.push(item(line, in_list));
            }
            _ if in_list.is_some() => body.push(
                line.at,
                Block::List {
                    items: vec![item(line, in_list)],
                },
            ),
            (LineKind::Image { src, alt }, _) => {
                match !src.is_empty() && src.len() <= LONGEST_SRC {
                    true => body.push(
                        line.at,
                        Block::Image {
                            src: src.clone(),
                            alt: alt.clone(),
                            caption: None,
                        },
                    ),
                    false => images += 1,
                }
            }
            (_, Some(Block::Image { caption, .. })) if caption.is_none() && is_caption(line) => {
                *caption = Some(Excerpt::new(line.text.clone(), line.at));
            }
            (LineKind::Quote, _) => body.push(
                line.at,
                Block::Quote {
                    text: line.text.clone(),
                },
            ),
            (LineKind::Heading(level), _) => {
                let level = (*level).max(2);
                body.push(
                    line.at,
                    Block::Heading {
                        level,
                        text: line.text.clone(),
                    },
                );
            }
            _ if is_heading(line, lines.get(n + 1), opened) => {
                body.push(
                    line.at,
                    Block::Heading {
                        level: 2,
                        text: line.text.clone(),
                    },
                );
            }
            _ => {
                body.paragraph(line, !opened, context, warnings);
                opened = true;
            }
        }
        (list, table) = (in_list, in_table);
    }
    if links > 0 {
        warnings.add(WarningKind::LinksDropped, format!("{links} links"));
    }
    if images > 0 {
        warnings.add(
            WarningKind::ImagesDropped,
            format!("{images} images without an address"),
        );
    }
    body
}

impl Body {
    fn push(&mut self, at: usize, block: Block) {
        self.blocks.push(PlacedBlock { at, block });
    }

    fn paragraph(
        &mut self,
        line: &Line,
        first: bool,
        context: Context<'_>,
        warnings: &mut Warnings,
    ) {
        let taken = match first {
            true => dateline::take(&line.text, line.at, context, warnings),
            false => None,
        };
        let Some(taken) = taken else {
            return self.push(
                line.at,
                Block::Paragraph {
                    text: line.text.clone(),
                },
            );
        };
        self.dateline = Some(taken.dateline);
        let rest = skip(&line.text, taken.rest_at);
        if !rest.is_empty() {
            self.push(
                line.at + taken.rest_at,
                Block::Paragraph {
                    text: rest.to_owned(),
                },
            );
        }
    }
}

/// A list's item; the sign before it belongs to the list where the list has no markup.
fn item(line: &Line, list: Option<usize>) -> Excerpt {
    if list != Some(0) {
        return Excerpt::new(line.text.clone(), line.at);
    }
    let text = skip(&line.text, 1);
    let blanks = text.chars().take_while(|c| c.is_whitespace()).count();
    Excerpt::new(skip(text, blanks), line.at + 1 + blanks)
}

fn is_bullet(line: &Line) -> bool {
    line.kind == LineKind::Text && BULLET.is_match(head(&line.text, 4))
}

fn is_caption(line: &Line) -> bool {
    if line.caption {
        return true;
    }
    line.kind == LineKind::Text
        && line.within(LONGEST_CAPTION)
        && CAPTION.is_match(&View::of(&line.text).folded)
}

/// Whether a line that the markup calls nothing is a heading: short, no sentence, and over a paragraph.
fn is_heading(line: &Line, next: Option<&Line>, opened: bool) -> bool {
    let longest = match line.text.chars().take(LONGEST_HEADING).any(is_han) {
        true => LONGEST_HAN_HEADING,
        false => LONGEST_HEADING,
    };
    // Injected pinyin can double a line.
    let short = line.within(longest * 4) && within(&bare(&line.text), longest);
    if line.kind != LineKind::Text || line.caption || !short {
        return false;
    }
    let (_, end) = tail(&line.text, 3);
    let called = end
        .trim_end_matches(['”', '"', '」', '』', ')', '）'])
        .ends_with(['！', '？', '!', '?', '…']);
    let closed = is_sentence(&line.text) || called && !line.bold;
    // A heading heads something that is longer.
    let over = next.is_some_and(|next| {
        !next.is_image()
            && (next.kind != LineKind::Text || !within(&next.text, line.text.chars().count() + 1))
    });
    let begun = opened || line.bold;
    let alone = line.apart || line.bold || next.is_some_and(|next| !next.apart);
    !closed && over && begun && alone
}
