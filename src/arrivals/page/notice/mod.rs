//! The copyright notice and disclaimer under an article.
//!
//! Says which clause is about what, and reads the terms that software can act on. A term that isn't there is `None`.
//! Must not take the notice's own `来源：…` for the article's: the reader leaves its lines alone.
//!
//! Start with [`find`] and [`read`].

mod clauses;
mod terms;

use std::ops::Range;

use super::lines::Line;
use super::model::{Clause, ClauseKind, Excerpt, Notices, WarningKind, Warnings};
use super::view::{Pattern, View, between, head, pattern, skip, within};

/// The longest notice, in characters.
const LONGEST: usize = 20_000;
/// The longest heading.
const LONGEST_HEADING: usize = 60;

static HEADING: Pattern = pattern!(
    r"(?:版权|免责|法律|权利)[与及和]?(?:版权|免责|法律|权利)?(?:声明|申明|说明)|^(?:特别|郑重)声明\s*:?$|copyright (?:notice|and disclaimer|& disclaimer|statement)|^disclaimer|\bdisclaimer\s*:?$"
);
static FIRST_CLAUSE: Pattern = pattern!(
    r"凡?(?:本[网站报社台刊]|未|是|经)?(?:注|标)明\s*.{0,4}\s*来源|凡本[网站报社台刊].{0,4}(?:注|标)明|\b(?:works?|articles?|content|items|stories|reports?) (?:marked|labell?ed|credited|bearing|carrying)\b"
);
/// The page's own foot behind the notice.
pub(super) static FOOT: Pattern = pattern!(
    r"^(?:【?相关(?:新闻|阅读|链接|报道|文章|稿件)|延伸阅读|推荐阅读|热门|精彩推荐|更多|上一篇|下一篇|分享到|网友评论|发表评论|关于我们|友情链接|版权所有|网站地图|广告服务|copyright\s*(?:©|\(c\)|[0-9])|©|related (?:news|stories|articles)|read more|more (?:news|stories)|about us|share this|all rights reserved|.{0,20}icp备)"
);

/// The line where the notice begins. `from` is the first line that can be one.
pub(super) fn find(lines: &[Line], from: usize) -> Option<usize> {
    let lines = lines.iter().enumerate().skip(from);
    let mut text = lines.filter(|(_, line)| !line.is_image() && !line.is_all_links());
    let (n, _) = text.find(|(_, line)| {
        let folded = View::of(head(&line.text, 120)).folded;
        let heading = within(&line.text, LONGEST_HEADING)
            && HEADING.is_match(&folded)
            && !folded.contains("版权所有");
        heading
            || FIRST_CLAUSE
                .find(&folded)
                .is_some_and(|found| found.start < 24)
    })?;
    Some(n)
}

/// Reads the notice that begins with a line.
pub(super) fn read(
    text: &str,
    lines: &[Line],
    first: usize,
    warnings: &mut Warnings,
) -> Option<Notices> {
    let range = extent(lines, first)?;
    let region = Region {
        text: head(between(text, range.start, range.end), LONGEST),
        at: range.start,
    };
    let line = lines.get(first)?;
    let (heading, body_at) = heading(line);
    let clauses: Vec<Clause> = clauses::split(&region, body_at - range.start)
        .into_iter()
        .map(|text| Clause {
            kind: clauses::kind(&text.text),
            text,
        })
        .collect();
    let mut notices = Notices {
        heading,
        credit_line: None,
        credit_label: None,
        own_labels: Vec::new(),
        window_days: None,
        desk: None,
        telephones: Vec::new(),
        emails: Vec::new(),
        clauses,
    };
    if notices.clauses.is_empty() {
        warnings.add(WarningKind::NoticeUnclear, "no clause");
    }
    let own = notices
        .clauses
        .iter()
        .find(|clause| clause.kind == ClauseKind::OwnWork);
    if let Some(credit) = own.map(|clause| terms::credit(&clause.text)) {
        notices.own_labels = credit.own_labels;
        notices.credit_line = credit.line;
        notices.credit_label = credit.label;
    }
    let contact = notices
        .clauses
        .iter()
        .find(|clause| clause.kind == ClauseKind::Contact);
    let place = contact.map_or(Excerpt::new(region.text, region.at), |clause| {
        clause.text.clone()
    });
    notices.window_days = terms::window(&place.text, warnings);
    let contact = terms::contact(&region);
    notices.desk = contact.desk;
    notices.telephones = contact.telephones;
    notices.emails = contact.emails;
    Some(notices)
}

/// The characters that the notice takes, from its first line to the page's foot.
fn extent(lines: &[Line], first: usize) -> Option<Range<usize>> {
    let start = lines.get(first)?.at;
    let mut end = start;
    for line in lines.get(first..)?.iter().filter(|line| !line.is_image()) {
        let folded = View::of(head(&line.text, 60)).folded;
        let inside = line.at == start || !(line.is_all_links() || FOOT.is_match(&folded));
        if !inside || line.at - start > LONGEST {
            break;
        }
        end = line.at + line.text.chars().count();
    }
    Some(start..end)
}

/// The heading, if the line has one, and where the clauses begin in the page's text.
fn heading(line: &Line) -> (Option<Excerpt>, usize) {
    let view = View::of(head(&line.text, 120));
    let folded = view.folded.as_str();
    let Some(found) = HEADING
        .find(folded)
        .filter(|found| found.start < LONGEST_HEADING * 3)
    else {
        return (None, line.at);
    };
    if within(&line.text, LONGEST_HEADING) && !FIRST_CLAUSE.is_match(folded) {
        let length = line.text.chars().count();
        return (
            Some(Excerpt::new(line.text.clone(), line.at)),
            line.at + length,
        );
    }
    // The clauses follow on the same line: the heading ends with its colon.
    let rest = folded.get(found.end..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start().len();
    match rest.trim_start().starts_with(':') {
        true => {
            let end = found.end + blanks + 1;
            let (at, text) = view.cut(&line.text, 0..end);
            (
                Some(Excerpt::new(text, line.at + at)),
                line.at + view.place(end),
            )
        }
        false => (None, line.at),
    }
}

/// The text of a notice and where it begins in the page's.
#[derive(Clone, Copy)]
pub(super) struct Region<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Region<'a> {
    /// The text from a place in it on.
    fn from(&self, place: usize) -> &'a str {
        skip(self.text, place)
    }
}
