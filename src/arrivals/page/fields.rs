//! The line under the title: time, source, editor, author, in any order and on one line or several.
//!
//! A line is such a line only if nearly nothing of it is left once these are taken out, so that a paragraph that
//! begins with a date stays a paragraph. Must not decide which line is the article's.
//!
//! Start with [`scan`].

use std::ops::Range;

use super::lines::Line;
use super::model::{Excerpt, SourceLabel};
use super::times::{self, Found};
use super::view::{Pattern, View, pattern, within};

/// The longest line that is looked at, in characters.
pub(super) const LONGEST_LINE: usize = 300;
/// The longest source label or list of names.
const LONGEST_VALUE: usize = 60;
/// What may be left of the line: a desk's name, letters of a tool bar.
const LONGEST_REST: usize = 14;

/// Words before a colon. The first named group that matches says which. `rest` ends the value before it.
static LABEL: Pattern = pattern!(concat!(
    r"(?:(?P<source>(?:文章|信息|稿件|新闻|本文)?(?:来源|稿源)|\b(?:news )?source)",
    r"|(?P<rest>总编辑|副总编辑|主编|监制|审核|校对|签发|字号|字体|打印|评论数?|阅读|点击|浏览|分享|关键词|标签|栏目|人气|发布时间|发表时间|更新时间|时间|日期|发布|",
    r"\b(?:published|updated|posted|date|time|views|comments?|share|print|tags|keywords|photos?|copy editor))",
    r"|(?P<editor>(?:责任|网络|值班|本网|本文|执行|网页)?编辑|责编|\bedit(?:ors?|ed by))",
    r"|(?P<author>作者|(?:本报|本网|本台)?记者|撰文|撰稿|通讯员|文字|\b(?:authors?|reporters?|written by|by)))\s*:\s*",
));
/// Tool bars behind the last value.
static TOOLS: Pattern = pattern!(
    r"\s+(?:\[?\s*(?:字号|字体|打印|分享|评论|参与互动|我要评论|收藏|纠错|手机看新闻|扫一扫|关闭)|大\s+中\s+小|(?:views?|share|print|comments?)\b).*$"
);
static NOT_THIS_SITE: Pattern = pattern!(r"\s*\(\s*(?:非本[网站报社台刊]|not this site)\s*\)\s*$");
/// An English byline on a line of its own.
static BYLINE: Pattern = pattern!(r"^by\s+(?P<name>[^:,.;!?()0-9]{3,60})$");
static FILLER: Pattern = pattern!(
    r"[\s|/丨·•,;:\[\]【】()—–-]|发布时间|发表时间|更新时间|时间|日期|发布于|\b(?:published|posted|updated|date|on|at)\b"
);

/// What a line says about the article.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// The time as found, and how it is printed.
    pub(super) time: Option<(Found, Excerpt)>,
    pub(super) source: Option<SourceLabel>,
    pub(super) editor: Option<Excerpt>,
    pub(super) authors: Vec<Excerpt>,
}

/// What a labelled value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Source,
    Editor,
    Author,
    Rest,
}

/// Reads a line of fields; `None` if it is anything else.
pub(super) fn scan(line: &Line) -> Option<Fields> {
    if line.is_image() || !line.within(LONGEST_LINE) {
        return None;
    }
    let view = View::of(&line.text);
    let folded = view.folded.as_str();
    let mut fields = Fields::default();
    if let Some(name) = BYLINE
        .captures(folded)
        .and_then(|captures| captures.name("name"))
    {
        fields.authors.push(excerpt(&view, line, name.range()));
        return Some(fields);
    }
    let mut taken: Vec<Range<usize>> = Vec::new();
    let time = times::find(folded);
    if let Some(found) = time {
        taken.push(found.range.clone());
        let raw = excerpt(&view, line, found.range.clone());
        fields.time = Some((found, raw));
    }
    let labels: Vec<(Label, Range<usize>)> = labels(folded);
    for (n, (label, range)) in labels.iter().enumerate() {
        let next_label = labels
            .get(n + 1)
            .map_or(folded.len(), |(_, next)| next.start);
        let next_time = taken
            .first()
            .map(|time| time.start)
            .filter(|start| *start >= range.end);
        let limit = next_label
            .min(next_time.unwrap_or(folded.len()))
            .max(range.end);
        let end = range.end + value_length(folded.get(range.end..limit)?);
        taken.push(range.start..end);
        if range.end >= end {
            continue;
        }
        match label {
            Label::Source if fields.source.is_none() => {
                fields.source = Some(source(&view, line, range.end..end)?);
            }
            Label::Editor if fields.editor.is_none() => {
                fields.editor = Some(names(&view, line, range.end..end)?);
            }
            Label::Author => fields.authors.push(names(&view, line, range.end..end)?),
            Label::Source | Label::Editor | Label::Rest => {}
        }
    }
    let nothing = fields.time.is_none()
        && fields.source.is_none()
        && fields.editor.is_none()
        && fields.authors.is_empty();
    (!nothing && rest_is_short(folded, taken)).then_some(fields)
}

/// The labels of a folded line in their order.
fn labels(folded: &str) -> Vec<(Label, Range<usize>)> {
    LABEL
        .all(folded)
        .filter_map(|captures| {
            let label = [
                ("source", Label::Source),
                ("editor", Label::Editor),
                ("author", Label::Author),
            ]
            .into_iter()
            .find_map(|(name, label)| captures.name(name).map(|_| label));
            Some((label.unwrap_or(Label::Rest), captures.get(0)?.range()))
        })
        .collect()
}

/// How long a value is that begins a folded text: up to a separator, a wide gap, a bracket that it didn't open or a
/// tool bar.
fn value_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut blank = false;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        let gap = blank && c.is_whitespace();
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            '|' | '丨' | '\t' | ']' | '】' | ')' | '[' | '【' | '。' => {
                end = at;
                break;
            }
            _ if gap => {
                end = at;
                break;
            }
            _ => {}
        }
        blank = c.is_whitespace();
    }
    let value = text.get(..end).unwrap_or_default();
    TOOLS.find(value).map_or(end, |tools| tools.start)
}

/// A value as it stands; `None` if it is too long to be one.
fn value(view: &View, line: &Line, range: Range<usize>) -> Option<Excerpt> {
    let excerpt = excerpt(view, line, range);
    (!excerpt.text.is_empty() && within(&excerpt.text, LONGEST_VALUE)).then_some(excerpt)
}

/// A value that can be names; `None` for a question after `记者：`.
fn names(view: &View, line: &Line, range: Range<usize>) -> Option<Excerpt> {
    let sign = |c: char| c.is_whitespace() || "·•.-'’、，,/&()（）;；".contains(c);
    value(view, line, range)
        .filter(|names| names.text.chars().all(|c| c.is_alphabetic() || sign(c)))
}

fn source(view: &View, line: &Line, range: Range<usize>) -> Option<SourceLabel> {
    let folded = view.folded.get(range.clone())?;
    let mark = NOT_THIS_SITE.find(folded);
    let end = mark
        .as_ref()
        .map_or(range.end, |mark| range.start + mark.start);
    let label = value(view, line, range.start..end)?;
    let (from, to) = (view.place(range.start), view.place(end));
    let link = line
        .links
        .iter()
        .find(|link| link.from < to && from < link.to);
    Some(SourceLabel {
        label,
        url: link.map(|link| link.href.clone()),
        not_this_site: mark.is_some(),
    })
}

/// A source named in the metadata.
pub(super) fn source_from_head(text: &str) -> Option<SourceLabel> {
    let line = Line::new(0, text, super::lines::LineKind::Text);
    let view = View::of(&line.text);
    let from = LABEL
        .find(&view.folded)
        .filter(|label| label.start == 0)
        .map_or(0, |label| label.end);
    let mut label = source(&view, &line, from..view.folded.len())?;
    label.label.at = None;
    Some(label)
}

fn excerpt(view: &View, line: &Line, range: Range<usize>) -> Excerpt {
    let (at, text) = view.cut(&line.text, range);
    Excerpt::new(text, line.at + at)
}

fn rest_is_short(folded: &str, mut taken: Vec<Range<usize>>) -> bool {
    if let Some(tools) = TOOLS.find(folded) {
        taken.push(tools);
    }
    taken.sort_by_key(|range| range.start);
    let mut rest = String::new();
    let mut at = 0;
    for range in taken {
        rest.push_str(folded.get(at..range.start).unwrap_or_default());
        at = at.max(range.end);
    }
    rest.push_str(folded.get(at..).unwrap_or_default());
    let filler: usize = FILLER
        .all(&rest)
        .filter_map(|found| found.get(0))
        .map(|found| found.as_str().chars().count())
        .sum();
    rest.chars().count().saturating_sub(filler) <= LONGEST_REST
}
