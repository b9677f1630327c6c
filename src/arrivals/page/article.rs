//! The article's own lines among those of the page, and what is to be doubted of them.
//!
//! Must not decide what a line is: that is `body`'s.
//!
//! Start with [`lines`].

use std::collections::HashSet;
use std::ops::Range;

use super::lines::{Line, LineKind};
use super::model::{Block, Excerpt, PlacedBlock, WarningKind, Warnings};
use super::view::View;
use super::{notice, tail};
use crate::kernel::text::is_han;

/// A line longer than this is a paragraph.
pub(super) const PARAGRAPH: usize = 80;

/// What stands at the article's end.
#[derive(Debug, Default)]
pub(super) struct End {
    pub(super) mark: Option<Excerpt>,
    pub(super) editor: Option<Excerpt>,
    /// How many end marks there are below the title: more than one if the page holds several articles.
    pub(super) marks: usize,
}

/// Takes the article's own lines out: up to its end mark, or else to the page's foot.
pub(super) fn lines(
    lines: &mut [Line],
    range: Range<usize>,
    used: &HashSet<usize>,
    warnings: &mut Warnings,
) -> (Vec<Line>, End) {
    let mut end = End::default();
    let mut kept: Vec<Line> = Vec::new();
    let mut left_out = 0;
    let mut ended = false;
    let mut foot = None;
    let mut begun = false;
    for (n, line) in lines
        .iter_mut()
        .enumerate()
        .skip(range.start)
        .take(range.len())
    {
        if used.contains(&n) || !line.main && !is_mark(line) {
            continue;
        }
        let editor = tail::editor(line);
        let mark = tail::end(line);
        end.editor = end.editor.take().or(editor);
        if mark.is_some() {
            end.marks += 1;
        }
        let gone = line.text.is_empty() && !line.is_image();
        let footer = line.within(30) && notice::FOOT.is_match(&View::of(&line.text).folded);
        let linked =
            line.is_all_links() && !matches!(line.kind, LineKind::Heading(_) | LineKind::Row(..));
        if ended || footer || linked {
            left_out += usize::from(!gone && !line.is_image());
            if footer && !ended && begun && foot.is_none() {
                foot = Some(kept.len());
            }
        } else if !gone {
            begun |= !line.within(PARAGRAPH);
            kept.push(std::mem::replace(line, Line::new(0, "", LineKind::Text)));
        }
        if mark.is_some() && !ended {
            ended = true;
            end.mark = mark;
        }
    }
    // Without an end mark nothing tells that an article goes on behind the words of a page's foot.
    if let Some(foot) = foot.filter(|_| !ended) {
        left_out += kept.len() - foot;
        kept.truncate(foot);
    }
    if left_out > 0 {
        warnings.add(WarningKind::LinesLeftOut, format!("{left_out} lines"));
    }
    (kept, end)
}

/// Whether a short line is nothing but an end mark or an editor, which the vote of a library can miss.
fn is_mark(line: &Line) -> bool {
    let mut line = match line.within(40) {
        true => line.clone(),
        false => return false,
    };
    let any = tail::editor(&mut line).is_some() | tail::end(&mut line).is_some();
    any && line.text.is_empty()
}

/// Lines that were cut to a width joined into the paragraphs that they were, as English mail and wires have them.
///
/// A line was cut where the next word would not have fitted into the widest line around it.
pub(super) fn joined(lines: Vec<Line>) -> Vec<Line> {
    const WIDEST: Range<usize> = 45..121;
    let width = |line: &Line| line.text.chars().take(WIDEST.end).count();
    let latin = |line: &Line| !line.text.chars().take(WIDEST.end).any(is_han);
    let mut paragraphs: Vec<Line> = Vec::new();
    for group in lines.chunk_by(|_, next| !next.apart) {
        let widest = group.iter().map(width).max().unwrap_or_default();
        let cut = WIDEST.contains(&widest) && group.iter().all(latin);
        for (n, line) in group.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| group.get(n)).filter(|_| cut);
            let word = line
                .text
                .split_whitespace()
                .next()
                .map_or(0, |word| word.chars().count());
            match paragraphs
                .last_mut()
                .filter(|_| before.is_some_and(|before| width(before) + 1 + word > widest))
            {
                Some(last) => {
                    last.text.push(' ');
                    last.text.push_str(&line.text);
                }
                None => paragraphs.push(line.clone()),
            }
        }
    }
    paragraphs
}

/// What is to be doubted of a body as a whole.
pub(super) fn doubts(blocks: &[PlacedBlock], warnings: &mut Warnings) {
    let is_text = |placed: &PlacedBlock| match placed.block {
        Block::Paragraph { .. } | Block::Quote { .. } | Block::List { .. } => true,
        Block::Heading { .. } | Block::Image { .. } | Block::Table { .. } => false,
    };
    let table = blocks
        .iter()
        .any(|placed| matches!(placed.block, Block::Table { .. }));
    match (blocks.iter().any(is_text), table) {
        (true, _) => {}
        (false, true) => warnings.add(WarningKind::TableOnly, ""),
        (false, false) => warnings.add(WarningKind::NoBody, ""),
    }
}
