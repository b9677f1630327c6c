//! Where the article ends: its end mark, and an editor named behind it.
//!
//! Start with [`end`] and [`editor`].

use super::lines::{Line, LineKind};
use super::model::Excerpt;
use super::view::{Pattern, View, head, pattern, tail, trim};

/// How much of a line's end is looked at, in characters.
const LOOK: usize = 80;

static MARK: Pattern = pattern!(
    r"(?:^|[^#])(?P<mark>[(\[【]\s*(?:全文|本文)?(?:完|完毕|ends?)\s*[)\]】]|#\s?#\s?#|-\s?30\s?-)\s*$"
);
/// A mark that is one only if it stands alone.
static LINE: Pattern = pattern!(r"^(?:ends?|全文完|完)$");
static EDITOR: Pattern = pattern!(
    r"[【(\[]\s*(?:责任|网络|值班|本网)?(?:编辑|责编|editors?)\s*:\s*(?P<name>[^:】)\]【(\[。]{1,40}?)\s*[】)\]]\s*$"
);

/// Takes the end mark off a line.
pub(super) fn end(line: &mut Line) -> Option<Excerpt> {
    if matches!(
        line.kind,
        LineKind::Image { .. } | LineKind::Row(..) | LineKind::Heading(_)
    ) {
        return None;
    }
    let (from, text) = tail(&line.text, LOOK);
    let look = |view: &View| {
        let range = match MARK
            .captures(&view.folded)
            .and_then(|found| found.name("mark"))
        {
            Some(mark) => mark.range(),
            None if from == 0 => LINE.find(&view.folded)?,
            None => return None,
        };
        let (at, mark) = view.cut(text, range);
        Some((at, mark.to_owned()))
    };
    // `(end)` in small letters behind a Han character looks like pinyin.
    let (at, mark) = look(&View::of(text)).or_else(|| look(&View::with_pinyin(text)))?;
    let excerpt = Excerpt::new(mark, line.at + from + at);
    shorten(line, from + at);
    Some(excerpt)
}

/// Takes an editor in brackets off the end of a line.
pub(super) fn editor(line: &mut Line) -> Option<Excerpt> {
    if line.is_image() {
        return None;
    }
    let (from, text) = tail(&line.text, LOOK);
    let view = View::of(text);
    let found = EDITOR.captures(&view.folded)?;
    let (at, name) = view.cut(text, found.name("name")?.range());
    let excerpt = Excerpt::new(name, line.at + from + at);
    let whole = view.place(found.get(0)?.start());
    shorten(line, from + whole);
    Some(excerpt)
}

/// Cuts a line to so many characters.
fn shorten(line: &mut Line, chars: usize) {
    line.text = trim(head(&line.text, chars), 0).1.to_owned();
    let length = line.text.chars().count();
    line.links.retain(|link| link.from < length);
}
