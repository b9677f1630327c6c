//! A notice into its clauses, and what each is about.

use super::super::model::{ClauseKind, Excerpt};
use super::super::view::{Pattern, View, head, pattern, trim};
use super::Region;

static CONTACT: Pattern = pattern!(
    r"(?:日|天|月)之?内.{0,40}(?:联系|进行|提出|告知|来函|来电)|联系方式|(?:请|需要?).{0,8}[与同和].{0,8}联系|联系电话|within [0-9a-z ]{1,30}days|\bcontact (?:us|the|our)\b|complain"
);
static REPRINT: Pattern = pattern!(
    r"非本[网站报社台刊]|转载自|转载目的|转载于|转自|其[他它]媒体|not this site|\bother (?:media|sources?|outlets)|\breprints\b|\bare reprint|reprinted from|endorse"
);
static OWN: Pattern = pattern!(
    r"版权(?:均|皆|都)?(?:属|归)|版权所有|未经.{0,20}(?:授权|许可|同意)|不得转载|belongs? to|without .{0,40}(?:authori|permission|consent)|may not be|copyright (?:of|is|belongs)"
);

/// How the clauses of a notice are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `①`
    Circled,
    /// `1.` and `1、`
    Digits,
    /// `(1)`
    Bracketed,
    /// `一、`
    Han,
    /// `（一）`
    BracketedHan,
}

/// The number of a clause and how many characters it takes.
struct Number {
    style: Style,
    value: u32,
    length: usize,
}

/// The clauses from a place in the notice on, without their numbers.
pub(super) fn split(region: &Region<'_>, from: usize) -> Vec<Excerpt> {
    let chars: Vec<char> = region.from(from).chars().collect();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let mut style = None;
    let mut expected = 1;
    let mut line_start = true;
    for (n, c) in chars.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| chars.get(n)).copied();
        let free =
            before.is_none_or(|before| before.is_whitespace() || "。；;.!！".contains(before));
        if let Some(number) = number(chars.get(n..).unwrap_or_default()) {
            let placed = line_start || number.style == Style::Circled || free && expected > 1;
            if placed && number.value == expected && style.is_none_or(|style| style == number.style)
            {
                style = Some(number.style);
                expected += 1;
                starts.push((n, n + number.length));
            }
        }
        line_start = *c == '\n' || line_start && c.is_whitespace();
    }
    let at = region.at + from;
    let piece = |from: usize, to: usize| {
        let text: String = chars.get(from..to).unwrap_or_default().iter().collect();
        let (begin, text) = trim(&text, at + from);
        (!text.is_empty()).then(|| Excerpt::new(text, begin))
    };
    if starts.is_empty() {
        return by_lines(&chars, piece);
    }
    let ends = starts
        .iter()
        .skip(1)
        .map(|(start, _)| *start)
        .chain([chars.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|((_, from), to)| piece(*from, to))
        .collect()
}

/// Each line is a clause where nothing is numbered.
fn by_lines(chars: &[char], piece: impl Fn(usize, usize) -> Option<Excerpt>) -> Vec<Excerpt> {
    let mut clauses = Vec::new();
    let mut from = 0;
    let ends = chars
        .iter()
        .enumerate()
        .filter(|(_, c)| **c == '\n')
        .map(|(n, _)| n);
    for to in ends.chain([chars.len()]) {
        clauses.extend(piece(from, to));
        from = to;
    }
    clauses
}

/// The number that a text begins with.
fn number(chars: &[char]) -> Option<Number> {
    let first = *chars.first()?;
    let from = |base: char, style| {
        let value = (first as u32).checked_sub(base as u32)? + 1;
        (value <= 20).then_some(Number {
            style,
            value,
            length: 1,
        })
    };
    match first {
        '①'..='⑳' => return from('①', Style::Circled),
        '⑴'..='⒇' => return from('⑴', Style::Bracketed),
        '⒈'..='⒛' => return from('⒈', Style::Digits),
        _ => {}
    }
    let bracketed = matches!(first, '(' | '（');
    let rest = chars.get(usize::from(bracketed)..)?;
    let digits = rest
        .iter()
        .take(3)
        .take_while(|c| value(**c).is_some())
        .count();
    let han = rest
        .iter()
        .take(4)
        .take_while(|c| han_value(**c).is_some())
        .count();
    let close = *rest.get(digits.max(han))?;
    let style = match (bracketed, digits, han, close) {
        (true, 1..=2, 0, ')' | '）') => Style::Bracketed,
        (true, 0, 1..=3, ')' | '）') => Style::BracketedHan,
        (false, 1..=2, 0, '.' | '．' | '、' | ')' | '）') => Style::Digits,
        (false, 0, 1..=3, '、' | '．' | '.') => Style::Han,
        _ => return None,
    };
    // `1.5` is a number in the text.
    if rest
        .get(digits + 1)
        .is_some_and(|next| digits > 0 && value(*next).is_some())
    {
        return None;
    }
    let value = match digits {
        0 => han_number(rest.get(..han)?.iter().copied())?,
        _ => rest
            .get(..digits)?
            .iter()
            .try_fold(0, |sum, c| Some(sum * 10 + value(*c)?))?,
    };
    Some(Number {
        style,
        value,
        length: usize::from(bracketed) + digits.max(han) + 1,
    })
}

/// The value of a digit of either width.
fn value(c: char) -> Option<u32> {
    match c {
        '０'..='９' => Some(c as u32 - '０' as u32),
        _ => c.to_digit(10),
    }
}

fn han_value(c: char) -> Option<u32> {
    let place = "一二三四五六七八九十"
        .chars()
        .position(|digit| digit == c)?;
    u32::try_from(place + 1).ok()
}

/// A Chinese number below one hundred.
pub(super) fn han_number(chars: impl Iterator<Item = char>) -> Option<u32> {
    let (mut tens, mut ones) = (0, 0);
    for c in chars {
        match han_value(c)? {
            10 if tens > 0 => return None,
            10 => {
                tens = ones.max(1) * 10;
                ones = 0;
            }
            _ if ones > 0 => return None,
            value => ones = value,
        }
    }
    Some(tens + ones).filter(|number| *number > 0)
}

/// What a clause is about.
pub(super) fn kind(text: &str) -> ClauseKind {
    let folded = View::of(head(text, 2_000)).folded;
    // A clause on reprints forbids nothing; one on own works may speak of reprinting.
    if REPRINT.is_match(&folded) && !OWN.is_match(&folded) {
        ClauseKind::Reprint
    } else if OWN.is_match(&folded) {
        ClauseKind::OwnWork
    } else if CONTACT.is_match(&folded) {
        ClauseKind::Contact
    } else {
        ClauseKind::Other
    }
}
