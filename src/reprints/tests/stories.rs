//! News stories that were never printed, and what is done to them by whoever takes them over.

use super::grammar::{self, Beat};
use crate::kernel::han::{Script, convert};
use crate::kernel::text::is_han;
use pinyin::ToPinyin as _;

/// Numbers that are the same in every run and on every machine (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % n.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

#[derive(Clone)]
pub struct Story {
    pub chinese: bool,
    pub beat: usize,
    pub sentences: Vec<String>,
}

impl Story {
    pub fn made(seed: u64, chinese: bool, beat: usize) -> Self {
        let mut dice = Dice(seed);
        let (beats, openings, anywhere, closings) = match chinese {
            true => (
                grammar::HAN_BEATS,
                grammar::HAN_OPENINGS,
                grammar::HAN_ANYWHERE,
                grammar::HAN_CLOSINGS,
            ),
            false => (
                grammar::LATIN_BEATS,
                grammar::LATIN_OPENINGS,
                grammar::LATIN_ANYWHERE,
                grammar::LATIN_CLOSINGS,
            ),
        };
        let Beat { sentences: own, .. } = &beats[beat % beats.len()];
        let count = if chinese { 22 } else { 16 } + dice.below(12);
        let mut made = Vec::new();
        for at in 0..count {
            let template = match at {
                0 => dice.pick(openings).to_owned() + dice.pick(own),
                at if at % 3 == 2 => dice.pick(anywhere).to_owned(),
                _ => dice.pick(own).to_owned(),
            };
            made.push(spin(&template, &mut dice, chinese));
        }
        let closing = dice.pick(closings);
        made.push(spin(closing, &mut dice, chinese));
        Self {
            chinese,
            beat,
            sentences: made,
        }
    }

    pub fn text(&self) -> String {
        text(&self.sentences, self.chinese)
    }
}

/// The sentences in paragraphs of three.
pub fn text<T: AsRef<str>>(sentences: &[T], chinese: bool) -> String {
    let (between, indent) = if chinese { ("", "　　") } else { (" ", "") };
    let paragraphs: Vec<String> = sentences
        .chunks(3)
        .map(|some| {
            indent.to_owned()
                + &some
                    .iter()
                    .map(AsRef::as_ref)
                    .collect::<Vec<&str>>()
                    .join(between)
        })
        .collect();
    paragraphs.join("\n\n")
}

/// A sentence with its choices made and its blanks filled.
fn spin(template: &str, dice: &mut Dice, chinese: bool) -> String {
    let mut made = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '$']) {
        made.push_str(&rest[..at]);
        if rest[at..].starts_with('{') {
            let end = at + rest[at..].find('}').unwrap();
            let choices: Vec<&str> = rest[at + 1..end].split('|').collect();
            let choice = spin(dice.pick(&choices), dice, chinese);
            made.push_str(&choice);
            rest = &rest[end + 1..];
        } else {
            made.push_str(&fill(&rest[at + 1..at + 2], dice, chinese));
            rest = &rest[at + 2..];
        }
    }
    made + rest
}

fn fill(what: &str, dice: &mut Dice, chinese: bool) -> String {
    use grammar::*;
    match (what, chinese) {
        ("p", true) => {
            let given: String = (0..1 + dice.below(2)).map(|_| dice.pick(GIVEN)).collect();
            dice.pick(SURNAMES).to_owned() + &given
        }
        ("p", false) => format!("{} {}", dice.pick(FORENAMES), dice.pick(FAMILY)),
        ("c", true) => dice.pick(HAN_TOWNS).to_owned(),
        ("c", false) => dice.pick(LATIN_TOWNS).to_owned(),
        ("o", true) => dice.pick(HAN_TOWNS).to_owned() + dice.pick(HAN_OFFICES),
        ("o", false) => dice.pick(LATIN_OFFICES).to_owned(),
        ("k", true) => dice.pick(HAN_FIRMS).to_owned(),
        ("k", false) => dice.pick(LATIN_FIRMS).to_owned(),
        ("d", true) => format!("{}月{}日", 1 + dice.below(12), 1 + dice.below(28)),
        ("d", false) => format!("{} {}", dice.pick(MONTHS), 1 + dice.below(28)),
        _ => (2 + dice.below(97)).to_string(),
    }
}

/// What was done to a story before it was printed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Verbatim,
    OtherScript,
    Pinyin,
    FifthCut,
    FirstHalf,
    Embedded,
    Paraphrased,
    Reordered,
    Excerpt,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Verbatim,
        Self::OtherScript,
        Self::Pinyin,
        Self::FifthCut,
        Self::FirstHalf,
        Self::Embedded,
        Self::Paraphrased,
        Self::Reordered,
        Self::Excerpt,
    ];

    /// The page that comes of it; English has no other script and no pinyin.
    pub fn page(self, story: &Story, seed: u64) -> Option<String> {
        let all = &story.sentences;
        let mut dice = Dice(seed);
        Some(match self {
            Self::Verbatim => story.text(),
            Self::OtherScript => convert(&story.chinese.then(|| story.text())?, Script::Hant),
            Self::Pinyin => with_pinyin(&story.chinese.then(|| story.text())?, &mut dice),
            Self::FifthCut => {
                let mut kept: Vec<&String> = all.iter().collect();
                for _ in 0..all.len() / 5 {
                    kept.remove(dice.below(kept.len()));
                }
                text(&kept, story.chinese)
            }
            Self::FirstHalf => text(&all[..all.len() / 2], story.chinese),
            Self::Embedded => {
                // A longer story of the same beat around it.
                let one = Story::made(seed ^ 0xaaaa, story.chinese, story.beat);
                let other = Story::made(seed ^ 0x5555, story.chinese, story.beat);
                [one.text(), story.text(), other.text()].join("\n\n")
            }
            Self::Excerpt => {
                // A paragraph of three sentences in the midst of another story.
                let mut host = Story::made(seed ^ 0x3333, story.chinese, story.beat).sentences;
                let middle = host.len() / 2;
                host.splice(middle..middle, all[3..6].to_vec());
                text(&host, story.chinese)
            }
            Self::Paraphrased => {
                let told: Vec<String> = all
                    .iter()
                    .enumerate()
                    .map(|(at, sentence)| match at % 5 == 4 {
                        true => paraphrase(sentence, story.chinese),
                        false => sentence.clone(),
                    })
                    .collect();
                text(&told, story.chinese)
            }
            Self::Reordered => {
                let mut paragraphs: Vec<&[String]> = all.chunks(3).collect();
                paragraphs.reverse();
                text(&paragraphs.concat(), story.chinese)
            }
        })
    }
}

/// Pinyin behind one ideograph in four.
fn with_pinyin(text: &str, dice: &mut Dice) -> String {
    let mut made = String::new();
    for c in text.chars() {
        made.push(c);
        if is_han(c)
            && dice.below(4) == 0
            && let Some(reading) = c.to_pinyin()
        {
            made.push_str(&format!("({})", reading.with_tone()));
        }
    }
    made
}

/// The clauses in another order, and some words for others.
fn paraphrase(sentence: &str, chinese: bool) -> String {
    let (comma, stop) = if chinese { ("，", "。") } else { (", ", ".") };
    let mut clauses: Vec<&str> = sentence.trim_end_matches(stop).split(comma).collect();
    clauses.rotate_left(1);
    let mut told = clauses.join(comma) + stop;
    let words = [
        ("表示", "指出"),
        ("介绍", "说明"),
        ("已经", "已"),
        ("将", "会"),
        ("今年", "本年度"),
        ("增长", "上升"),
        (" said", " noted"),
        (" will ", " is going to "),
        ("about", "around"),
        (" on ", " this "),
    ];
    for (one, other) in words {
        told = told.replace(one, other);
    }
    told
}
