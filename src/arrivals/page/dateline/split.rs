//! What the words of a dateline are: an agency, a place, names.
//!
//! All of it looks at folded text without pinyin, except for English places, whose capitals tell.
//!
//! Start with [`split`] and [`names`].

use std::ops::Range;

use super::super::view::{Pattern, pattern, within};
use crate::kernel::text::is_han;

/// Agencies that every newsroom prints, folded. What a site's register of sources names comes on top.
const AGENCIES: &[&str] = &[
    "新华社",
    "新华网",
    "中新社",
    "中新网",
    "人民网",
    "央视网",
    "央广网",
    "中央社",
    "本报",
    "本网",
    "本社",
    "本台",
    "本刊",
    "法新社",
    "路透社",
    "美联社",
    "合众国际社",
    "塔斯社",
    "俄新社",
    "共同社",
    "时事社",
    "韩联社",
    "安莎社",
    "埃菲社",
    "德新社",
    "彭博社",
];

/// Words that end the name of an agency.
static SUFFIX: Pattern = pattern!(
    r"(?:新闻网|新闻社|通讯社|通信社|电视台|广播台|电台|融媒体中心|客户端|日报|晚报|晨报|早报|商报|时报|快报|都市报|新闻|[网社报])+"
);
/// Words that end the name of a place.
const PLACE_SUFFIXES: &[char] = &[
    '市', '县', '省', '州', '区', '镇', '乡', '村', '岛', '港', '旗', '盟',
];
/// The longest place without such a word.
const SHORT_PLACE: usize = 4;

static ROLES: Pattern = pattern!(
    r"^(?:(?:本报|本网|本台|见习|实习|特约|特派|驻[^ 、]{1,6}|首席|全媒体|摄影|文字)*记者|通讯员|实习生|编译|作者|by|reporters?)\s*[:]?\s*"
);
static NAME: Pattern = pattern!(
    r"^\p{Han}{2,4}$|^\p{Han}{1,8}·\p{Han}{1,8}$|^[\p{L}--\p{Han}][\p{L}.'’-]*(?: [\p{L}--\p{Han}][\p{L}.'’-]*){0,3}$"
);
static PARTS: Pattern = pattern!(r"[^、,;/\s]+");
/// What stands in such brackets and is no name.
const NO_NAMES: &[&str] = &[
    "综合", "完", "图", "图文", "文", "资料", "下同", "简称", "续", "组图", "视频",
];

/// What the words before the day are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// So many bytes of agency; what follows is the place.
    Agency(usize),
    Place,
    /// Words of an agency that could end in several places, or no word that is known.
    Unclear,
    /// Too long or too much like a sentence to be a dateline.
    None,
}

/// Tells agency and place apart.
pub(super) fn split(folded: &str, agencies: &[String]) -> Head {
    let known = agencies
        .iter()
        .map(String::as_str)
        .chain(AGENCIES.iter().copied());
    let known = known
        .filter(|name| !name.is_empty() && folded.starts_with(name))
        .map(str::len)
        .max();
    let rest = folded.get(known.unwrap_or(0)..).unwrap_or_default();
    let suffixes: Vec<Range<usize>> = SUFFIX
        .all(rest)
        .filter_map(|found| found.get(0))
        .map(|found| found.range())
        .collect();
    let ends_in_suffix = suffixes.last().is_some_and(|last| last.end == rest.len());
    match (known, suffixes.as_slice()) {
        // An agency's regional site, as in 某某网山城新闻: all of it is the agency.
        (Some(_), _) if ends_in_suffix => Head::Agency(folded.len()),
        (Some(length), _) => Head::Agency(length),
        // A name can't begin with such a word.
        (None, [only]) if only.start > 0 => Head::Agency(only.end),
        (None, [_, ..]) if ends_in_suffix => Head::Agency(folded.len()),
        (None, [_, ..]) => Head::Unclear,
        (None, []) if !folded.chars().any(is_han) => Head::None,
        (None, [])
            if within(folded, SHORT_PLACE)
                || folded.ends_with(PLACE_SUFFIXES) && within(folded, 8) =>
        {
            Head::Place
        }
        (None, []) if within(folded, 12) => Head::Unclear,
        (None, []) => Head::None,
    }
}

/// The names in the brackets behind a dateline, as ranges of bytes; `None` if it is something else.
pub(super) fn names(folded: &str) -> Option<Vec<Range<usize>>> {
    let mut said = false;
    let mut names: Vec<Range<usize>> = Vec::new();
    let mut words = Vec::new();
    for part in PARTS.all(folded).filter_map(|part| part.get(0)) {
        let role = ROLES.find(part.as_str()).map_or(0, |role| role.end);
        said |= role > 0;
        if role < part.len() {
            words.push(part.start() + role..part.end());
        }
    }
    for word in words {
        let text = folded.get(word.clone())?;
        let joins = names.last().filter(|last| {
            let gap = folded.get(last.end..word.start).unwrap_or_default();
            let before = folded.get((*last).clone()).unwrap_or_default();
            // A name of two characters is set with a blank between them; one in Latin letters has several words.
            let blank = !gap.is_empty() && gap.chars().all(char::is_whitespace);
            blank && (is_one_han(before) && is_one_han(text) || is_latin(before) && is_latin(text))
        });
        match joins.map(|last| last.start) {
            Some(start) => {
                names.pop();
                names.push(start..word.end);
            }
            None => names.push(word),
        }
    }
    let fits = |name: &Range<usize>| {
        let name = folded.get(name.clone()).unwrap_or_default();
        let packed: String = if is_latin(name) {
            name.to_owned()
        } else {
            name.split_whitespace().collect()
        };
        NAME.is_match(&packed) && !NO_NAMES.contains(&packed.as_str()) && (said || !is_latin(name))
    };
    (!names.is_empty() && names.iter().all(fits)).then_some(names)
}

fn is_one_han(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_han) && chars.next().is_none()
}

fn is_latin(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() && !is_han(c))
}

/// Whether an English text can be the place of a dateline: a first word in capitals, and with more to prove it, of any
/// capitalised words.
pub(super) fn is_place(text: &str, proven: bool) -> bool {
    let mut words = text.split([' ', '/']).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let upper = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let capitals = first.chars().filter(|c| c.is_alphabetic()).count() >= 2 && is_capitals(first);
    let few = text.split(' ').count() <= 8;
    let small = |word: &str| {
        matches!(
            word,
            "of" | "the" | "de" | "la" | "and" | "al" | "on" | "upon"
        )
    };
    few && !text.contains([':', ';', '?', '!', '"', '“'])
        && (capitals || proven && upper(first))
        && words.all(|word| upper(word) || small(word))
}

/// Whether all letters up to the first comma are capitals.
pub(super) fn is_capitals(text: &str) -> bool {
    let name = text.split(',').next().unwrap_or_default();
    let mut letters = name.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(char::is_uppercase)
}
