//! The pieces of a text that can be looked for, and where they stand.
//!
//! Both engines keep the same pieces at the same places: what only one of them could keep (a
//! `tsvector` ends at 16,383 places and at 255 of one word) is left out for both.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use crate::kernel::han::fold;
use crate::kernel::text::is_han;

/// Places that a text has at most, over all of its fields. Words further back are found, but not as
/// parts of a phrase.
const MOST_PLACES: usize = 16_000;

/// Places that one word has at most.
const MOST_OF_ONE: u32 = 250;

/// Longest word in characters. Longer runs are no words; what stands further back in them is not found.
const LONGEST: usize = 40;

/// Bytes of different words that a text has at most: a `tsvector` ends at a megabyte. Only what is no
/// article has so many.
const MOST_BYTES: usize = 400_000;

/// Length of the excerpt that is searched for those who may have one, in Unicode scalar values: the
/// setting's default. Where the setting is less, excerpts are not searched.
pub const LEAD_CHARS: usize = 200;

/// Stands where a word is that has no place left: letters of neither engine's words.
const FILLER: &str = "\u{B7}";

/// Marks the stem of an English word, which no text can hold.
pub(super) const STEM: char = '\u{2D9}';

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether it belongs to a run of ideographs: a pair, or the last one alone.
    pub ideographic: bool,
}

/// Whether a character is written without blanks around its words.
fn is_ideographic(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Runs of a folded text: of ideographs, or words of other letters and digits.
pub(super) fn runs(folded: &str) -> Vec<(bool, &str)> {
    let mut runs: Vec<(bool, &str)> = Vec::new();
    let mut begun: Option<(usize, bool)> = None;
    for (at, c) in folded.char_indices() {
        let kind = match (is_ideographic(c), c.is_alphanumeric()) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        if begun.map(|(_, kind)| kind) == kind {
            continue;
        }
        if let Some((from, kind)) = begun.take() {
            runs.push((kind, &folded[from..at]));
        }
        begun = kind.map(|kind| (at, kind));
    }
    if let Some((from, kind)) = begun {
        runs.push((kind, &folded[from..]));
    }
    runs
}

/// The pieces of a folded text in their order, one for each place.
pub(super) fn pieces(folded: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (ideographic, run) in runs(folded) {
        if ideographic {
            let chars: Vec<char> = run.chars().collect();
            pieces.extend(chars.windows(2).map(|pair| Piece {
                text: pair.iter().collect(),
                ideographic,
            }));
            pieces.extend(chars.last().map(|last| Piece {
                text: last.to_string(),
                ideographic,
            }));
        } else {
            pieces.push(Piece {
                text: run.chars().take(LONGEST).collect(),
                ideographic,
            });
        }
    }
    pieces
}

/// The pieces of a folded text, with nothing between two of its lines: a phrase ends with its paragraph.
fn parted(folded: &str) -> impl Iterator<Item = Option<Piece>> {
    let lines = folded.lines().map(pieces).filter(|line| !line.is_empty());
    lines.enumerate().flat_map(|(n, line)| {
        let gap = (n > 0).then_some(None);
        gap.into_iter().chain(line.into_iter().map(Some))
    })
}

/// The stem under which an English word is kept besides itself.
pub(super) fn stem(word: &str) -> Option<String> {
    word.bytes()
        .all(|byte| byte.is_ascii_lowercase())
        .then(|| format!("{STEM}{}", ENGLISH.stem(word)))
}

/// What the index holds of an article: each field's pieces, a filler where there is none, and stems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// Title, summary, lead, body.
    fields: [Kept; 4],
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Kept {
    placed: Vec<String>,
    /// Stems, and words that have no place any more.
    loose: Vec<String>,
}

impl Texts {
    /// What is kept of title, summary, lead and body.
    pub fn of(fields: [&str; 4]) -> Self {
        let mut times: HashMap<String, u32> = HashMap::new();
        let (mut place, mut bytes) = (0, 0);
        let fields = fields.map(|text| {
            let mut kept = Kept::default();
            let mut loose: HashSet<String> = HashSet::new();
            let folded = fold(text);
            for piece in parted(&folded) {
                place += 1;
                let Some(piece) = piece else {
                    if place <= MOST_PLACES {
                        kept.placed.push(FILLER.to_owned());
                    }
                    continue;
                };
                if bytes > MOST_BYTES && !times.contains_key(&piece.text) {
                    continue;
                }
                let seen = times.entry(piece.text.clone()).or_default();
                if *seen == 0 {
                    bytes += 2 * piece.text.len();
                }
                loose.extend(stem(&piece.text));
                *seen += 1;
                if place > MOST_PLACES {
                    loose.insert(piece.text);
                } else if *seen > MOST_OF_ONE {
                    kept.placed.push(FILLER.to_owned());
                    // Once in this field it is there, whatever the others have used up.
                    loose.insert(piece.text);
                } else {
                    kept.placed.push(piece.text);
                }
            }
            // A phrase ends with its field.
            place += 1;
            kept.loose = loose.into_iter().collect();
            kept.loose.sort_unstable();
            kept
        });
        Self { fields }
    }

    /// The four columns of the SQLite index: pieces in their order, loose ones at the end.
    pub fn columns(&self) -> [String; 4] {
        self.fields.each_ref().map(|kept| {
            let mut column = kept.placed.join(" ");
            for word in &kept.loose {
                // What is loose is no part of a phrase: neighbours have a filler between them.
                let _ = write!(column, " {FILLER} {word}");
            }
            column
        })
    }

    /// The `tsvector` of PostgreSQL, one weight for each field. A loose word stands at a last place,
    /// which it shares with all others: a word without a place would have no field either.
    pub fn vector(&self) -> String {
        const WEIGHTS: [char; 4] = ['A', 'B', 'C', 'D'];
        const LAST: usize = 16_383;
        let mut words: HashMap<&str, String> = HashMap::new();
        let mut place = 0;
        for (kept, weight) in self.fields.iter().zip(WEIGHTS) {
            for word in &kept.placed {
                place += 1;
                if word != FILLER {
                    let _ = write!(words.entry(word).or_default(), ",{place}{weight}");
                }
            }
            place += 1;
        }
        // One place has one weight: each field has a last one of its own, none beside another.
        for (n, (kept, weight)) in self.fields.iter().zip(WEIGHTS).enumerate() {
            for word in &kept.loose {
                let place = LAST - 2 * n;
                let _ = write!(words.entry(word).or_default(), ",{place}{weight}");
            }
        }
        let mut vector = String::new();
        for (word, places) in words {
            let _ = write!(vector, "'{word}':{} ", places.trim_start_matches(','));
        }
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        pieces(&fold(text)).into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn ideographs_go_in_pairs_and_words_whole() {
        assert_eq!(
            words("港口AI新设备, Opening 2024年"),
            [
                "港口", "口", "ai", "新设", "设备", "备", "opening", "2024", "年"
            ]
        );
        assert_eq!(words("經濟"), words("经济"));
        assert_eq!(words(" ，。!"), Vec::<String>::new());
    }

    #[test]
    fn what_one_engine_cannot_place_is_placed_by_neither() {
        let often = Texts::of(["", "", "", &"茶 ".repeat(300)]);
        let body = &often.fields[3];
        assert_eq!(body.placed.iter().filter(|w| *w == "茶").count(), 250);
        assert_eq!(body.placed.len(), 300);
        assert_eq!(body.loose, ["茶"]);
        let long: String = (0..20_000).map(|n| format!("w{n} ")).collect();
        let long = Texts::of(["", "", "", &long]);
        assert_eq!(long.fields[3].placed.len(), MOST_PLACES - 3);
        assert!(long.fields[3].loose.contains(&"w19999".to_owned()));
        assert!(long.vector().contains("'w19999':16377D"));
    }

    #[test]
    fn both_engines_are_told_the_same() {
        let texts = Texts::of(["港口 opens", "", "", "港口\n \n开放"]);
        assert_eq!(
            texts.columns(),
            [
                "港口 口 opens \u{B7} \u{2D9}open",
                "",
                "",
                "港口 口 \u{B7} 开放 放"
            ]
        );
        let mut vector: Vec<String> = texts.vector().split(' ').map(str::to_owned).collect();
        vector.sort();
        assert_eq!(
            vector,
            [
                "",
                "'opens':3A",
                "'˙open':16383A",
                "'口':2A,8D",
                "'开放':10D",
                "'放':11D",
                "'港口':1A,7D"
            ]
        );
    }
}
