//! The terms of a notice that software can act on: credit, own labels, days, desk, telephone, mail.
//!
//! Start with [`credit`], [`window`] and [`contact`].

use std::ops::Range;

use super::super::model::{Excerpt, WarningKind, Warnings};
use super::super::view::{Pattern, View, pattern, within};
use super::Region;
use super::clauses::han_number;

/// The longest label in a credit.
const LONGEST_LABEL: usize = 60;

/// `来源：X` in quotation marks of any kind.
static QUOTED: Pattern = pattern!(
    "[\"“”「『‘’'《]\\s*(?P<line>(?:稿件|文章|信息)?(?:来源|source)\\s*:\\s*(?P<label>[^\"“”「」『』‘’》\\n]{1,120}?))\\s*[\"“”」』’'》]"
);
/// The same without them, up to the end of the clause's sentence.
static UNQUOTED: Pattern = pattern!(
    r"(?:并|应|须|需|请|必须|[且时])(?:在[^。;]{0,12})?(?:注|标|写)明\s*(?P<line>来源\s*:\s*(?P<label>[^。;,\n]{1,60}))"
);
/// What stands before a quotation that says which works are meant.
static DEFINES: Pattern = pattern!(
    r"(?:marked|labell?ed|bearing|carrying|credited)(?: as| with)?(?: the (?:words|label|line))?\s*$"
);
/// What stands behind it.
static OF_WORKS: Pattern = pattern!(r"^\s*(?:的|之|works|articles)");
static LIST: Pattern = pattern!(r"\s*(?:、|,|/|或者?|以及|[和与]|\bor\b|\band\b)\s*");
/// Only behind this are 和 and 与 no part of a name.
static SELF: Pattern = pattern!(r"^本[网站报社台刊]$");

static WINDOW: Pattern = pattern!(
    r"(?P<n>[0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*个?(?P<w>工作|自然)?[日天]之?(?:内|以内)|within\s+(?P<en>[0-9]{1,3}|[a-z]{3,10})\s+(?P<wd>working|business|calendar)?\s*days"
);
static DESK: Pattern = pattern!(
    r"(?:联系方式|联系部门|联系单位|联系人|联络部门)\s*:\s*(?P<d>[^\s,;。:、]{2,40}(?: [^\s,;。:、]{2,40})?)|\bcontact\s+(?:with\s+)?(?:the\s+|our\s+)?(?P<en>[a-z][a-z&' -]{2,40}?\b(?:desk|office|department|team|unit))\b|\b(?:desk|contact)\s*:\s*(?P<en2>[a-z][a-z&' -]{2,60})"
);
/// What follows the desk on its line.
static NEXT_LABEL: Pattern = pattern!(
    r"\s*(?:电话|联系电话|热线|传真|邮箱|电邮|e-?mail|tel|telephone|phone)\b|\s+[^\s]{1,6}:"
);
static PHONE_LABEL: Pattern =
    pattern!(r"(?:电话|热线|手机|\btel(?:ephone)?\b|\bphone\b|\bcall\b)(?:号码)?\s*[:.]?\s*");
static PHONE: Pattern =
    pattern!(r"^(?:\s*(?:[、/,;]|或|\bor\b)\s*)?(?P<n>\+?[0-9(][0-9() -]{4,24}[0-9])");
static EMAIL: Pattern = pattern!(r"[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,100}\.[a-z]{2,24}");

/// What a clause on own works says of credits.
#[derive(Debug, Default)]
pub(super) struct Credit {
    pub(super) line: Option<Excerpt>,
    pub(super) label: Option<Excerpt>,
    pub(super) own_labels: Vec<Excerpt>,
}

/// Reads the credit demanded in a clause, and the labels that mark own works.
pub(super) fn credit(clause: &Excerpt) -> Credit {
    let place = Place::new(&clause.text, clause.at);
    let folded = place.view.folded.as_str();
    let mut credit = Credit::default();
    let mut last = 0;
    for found in QUOTED.all(folded) {
        let (Some(whole), Some(line), Some(label)) =
            (found.get(0), found.name("line"), found.name("label"))
        else {
            continue;
        };
        let before = folded
            .get(last..whole.start())
            .unwrap_or_default()
            .trim_end();
        let after = folded.get(whole.end()..).unwrap_or_default();
        last = whole.end();
        if DEFINES.is_match(before) || OF_WORKS.is_match(after) {
            if credit.own_labels.is_empty() {
                credit.own_labels = place.list(label.range());
            }
        } else if within(label.as_str(), LONGEST_LABEL) {
            credit.line = Some(place.excerpt(line.range()));
            credit.label = Some(place.excerpt(label.range()));
        }
    }
    if credit.line.is_none()
        && let Some(found) = UNQUOTED.captures(folded)
    {
        credit.line = found.name("line").map(|line| place.excerpt(line.range()));
        credit.label = found
            .name("label")
            .map(|label| place.excerpt(label.range()));
    }
    credit
}

/// Within how many days complaints are asked for.
pub(super) fn window(text: &str, warnings: &mut Warnings) -> Option<u32> {
    let view = View::of(text);
    let found = WINDOW.captures(&view.folded)?;
    let working = [found.name("w"), found.name("wd")].into_iter().flatten();
    if working
        .map(|word| word.as_str())
        .any(|word| matches!(word, "工作" | "working" | "business"))
    {
        let raw = found.get(0).map_or("", |found| found.as_str());
        warnings.add(
            WarningKind::NoticeUnclear,
            format!("not calendar days: {raw}"),
        );
        return None;
    }
    let number = found.name("n").or_else(|| found.name("en"))?.as_str();
    number
        .parse()
        .ok()
        .or_else(|| han_number(number.chars()))
        .or_else(|| english_number(number))
}

fn english_number(word: &str) -> Option<u32> {
    let number = match word {
        "three" => 3,
        "five" => 5,
        "seven" => 7,
        "ten" => 10,
        "fourteen" => 14,
        "fifteen" => 15,
        "twenty" => 20,
        "thirty" => 30,
        "sixty" => 60,
        "ninety" => 90,
        _ => return None,
    };
    Some(number)
}

/// Whom to reach and how.
#[derive(Debug, Default)]
pub(super) struct Contact {
    pub(super) desk: Option<Excerpt>,
    pub(super) telephones: Vec<Excerpt>,
    pub(super) emails: Vec<Excerpt>,
}

/// Reads the ways of contact out of a whole notice.
pub(super) fn contact(region: &Region<'_>) -> Contact {
    let place = Place::new(region.text, Some(region.at));
    let folded = place.view.folded.as_str();
    let mut contact = Contact::default();
    let desk = DESK.captures(folded).and_then(|found| {
        let desk = found
            .name("d")
            .or_else(|| found.name("en"))
            .or_else(|| found.name("en2"))?;
        let end = NEXT_LABEL
            .find(desk.as_str())
            .map_or(desk.end(), |next| desk.start() + next.start);
        Some(desk.start()..end)
    });
    contact.desk = desk.map(|desk| place.excerpt(desk)).filter(|desk| {
        !desk.text.is_empty()
            && !desk
                .text
                .starts_with(|c: char| c.is_ascii_digit() || c == '+')
    });
    for label in PHONE_LABEL.all(folded).filter_map(|found| found.get(0)) {
        let mut from = label.end();
        while let Some(number) = PHONE
            .captures(folded.get(from..).unwrap_or_default())
            .and_then(|found| found.name("n"))
        {
            let range = from + number.start()..from + number.end();
            from = range.end;
            contact.telephones.push(place.excerpt(range));
        }
    }
    let mails = EMAIL.all(folded).filter_map(|found| found.get(0));
    contact.emails = mails.map(|mail| place.excerpt(mail.range())).collect();
    contact
}

/// A text that pieces are cut from.
struct Place<'t> {
    text: &'t str,
    view: View,
    at: Option<usize>,
}

impl<'t> Place<'t> {
    fn new(text: &'t str, at: Option<usize>) -> Self {
        Self {
            text,
            view: View::of(text),
            at,
        }
    }

    fn excerpt(&self, range: Range<usize>) -> Excerpt {
        let (at, text) = self.view.cut(self.text, range);
        Excerpt {
            text: text.to_owned(),
            at: self.at.map(|start| start + at),
        }
    }

    /// The members of a list in words.
    fn list(&self, range: Range<usize>) -> Vec<Excerpt> {
        let text = self.view.folded.get(range.clone()).unwrap_or_default();
        let mut members = Vec::new();
        let mut from = range.start;
        let gaps = LIST.all(text).filter_map(|found| found.get(0));
        let gaps = gaps.map(|gap| {
            (
                gap.start(),
                gap.end(),
                matches!(gap.as_str().trim(), "和" | "与"),
            )
        });
        for (start, end, unsure) in gaps.chain([(text.len(), text.len(), false)]) {
            let before = self
                .view
                .folded
                .get(from..range.start + start)
                .unwrap_or_default();
            if unsure && !SELF.is_match(before) {
                continue;
            }
            members.push(self.excerpt(from..range.start + start));
            from = range.start + end;
        }
        members.retain(|member| !member.text.is_empty());
        members
    }
}
