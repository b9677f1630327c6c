//! The places of a cleared text that a search has found, to be shown. Only what a reader has been
//! given comes here, so that nothing else can be shown.

use std::ops::Range;

use super::query::{Field, Query};
use super::tokens::{runs, stem};
use crate::kernel::han::fold_mapped;

/// Longest piece of a body in Unicode scalar values.
const LONGEST: usize = 120;

/// What is shown of a body before the first place that was found.
const BEFORE: usize = 30;

/// Places that are marked in one piece.
const MOST_MARKS: usize = 50;

/// A piece of a text, and the places in it that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub field: Field,
    pub text: String,
    /// In Unicode scalar values of `text`, in order, none over another.
    pub highlights: Vec<Range<usize>>,
}

/// A whole text with what was found in it; `None` where nothing was.
pub fn whole(field: Field, text: &str, query: &Query) -> Option<Snippet> {
    let highlights = Words::of(query).found(text);
    (!highlights.is_empty()).then(|| Snippet {
        field,
        text: text.to_owned(),
        highlights,
    })
}

/// The piece of a long text around the first place that was found; `None` where nothing was. Lines
/// behind the piece are not looked at.
pub fn piece(field: Field, text: &str, query: &Query) -> Option<Snippet> {
    let words = Words::of(query);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut chars: Vec<char> = Vec::new();
    // No phrase crosses a line.
    for line in text.split_inclusive('\n') {
        let is_enough = |first: &Range<usize>| chars.len() > first.end + LONGEST;
        if found.first().is_some_and(is_enough) {
            break;
        }
        let at = chars.len();
        let here = words.found(line).into_iter();
        found.extend(here.map(|range| at + range.start..at + range.end));
        chars.extend(line.chars());
    }
    let first = found.first()?;
    let mut from = first.start.saturating_sub(BEFORE);
    // Words are shown whole, where they are not too long for that.
    if from > 0 {
        let blank = chars[from..first.start]
            .iter()
            .position(|c| c.is_whitespace());
        from += blank.map_or(0, |at| at + 1);
    }
    let to = (from + LONGEST).max(first.end).min(chars.len());
    let shown: String = chars[from..to]
        .iter()
        .map(|c| if c.is_control() { ' ' } else { *c })
        .collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if to < chars.len() { "…" } else { "" };
    let moved = before.chars().count();
    Some(Snippet {
        field,
        highlights: found
            .iter()
            .filter(|range| range.end <= to)
            .take(MOST_MARKS)
            .map(|range| range.start - from + moved..range.end - from + moved)
            .collect(),
        text: format!("{before}{shown}{after}"),
    })
}

/// The words to be marked, each with its stem if it has one.
struct Words<'a>(Vec<(&'a str, Option<String>)>);

impl<'a> Words<'a> {
    fn of(query: &'a Query) -> Self {
        let marks = query.marks().iter();
        Self(marks.map(|mark| (mark.as_str(), stem(mark))).collect())
    }

    /// Their places in a text, in Unicode scalar values.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let (folded, origins) = fold_mapped(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        let stemmed: Vec<(&str, Option<String>)> =
            match self.0.iter().any(|(_, stem)| stem.is_some()) {
                true => runs(&folded)
                    .into_iter()
                    .filter(|(ideographic, _)| !ideographic)
                    .map(|(_, word)| (word, stem(word)))
                    .collect(),
                false => Vec::new(),
            };
        for (mark, stem) in &self.0 {
            match stem {
                Some(_) => {
                    let same = stemmed
                        .iter()
                        .filter(|(word, of)| of == stem || word.starts_with(mark));
                    let at = |word: &str| word.as_ptr() as usize - folded.as_ptr() as usize;
                    let places = same.map(|(word, _)| at(word)..at(word) + word.len());
                    found.extend(places.take(MOST_MARKS));
                }
                None => {
                    let places = folded.match_indices(mark);
                    let places = places.map(|(at, word)| at..at + word.len());
                    found.extend(places.take(MOST_MARKS));
                }
            }
        }
        // By characters: one can fold to several.
        let mut found = in_characters(&folded, &origins, &found);
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in found {
            match apart.last() {
                Some(last) if range.start < last.end => {}
                _ => apart.push(range),
            }
        }
        apart.truncate(MOST_MARKS);
        apart
    }
}

/// From bytes of a folded text to characters of the text that it was made of.
fn in_characters(folded: &str, origins: &[usize], bytes: &[Range<usize>]) -> Vec<Range<usize>> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let starts: Vec<usize> = folded.char_indices().map(|(at, _)| at).collect();
    let place = |bytes: &Range<usize>| {
        let start = starts.partition_point(|at| *at < bytes.start);
        let end = starts.partition_point(|at| *at < bytes.end);
        let last = origins.get(end.checked_sub(1)?)?;
        Some(*origins.get(start)?..last + 1)
    };
    bytes.iter().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::han::Lexicon;

    fn query(text: &str) -> Query {
        Query::parse(text, &Lexicon::default()).unwrap()
    }

    fn shown(snippet: &Snippet) -> Vec<String> {
        let chars: Vec<char> = snippet.text.chars().collect();
        let words = snippet.highlights.iter();
        words
            .map(|range| chars[range.clone()].iter().collect())
            .collect()
    }

    #[test]
    fn words_are_marked_in_the_script_of_the_text() {
        let found = whole(
            Field::Title,
            "澜港經濟：Harbours open",
            &query("经济 harbour"),
        )
        .unwrap();
        assert_eq!(shown(&found), ["經濟", "Harbours"]);
        assert_eq!(whole(Field::Title, "无关", &query("经济")), None);
        // One character that stands for two of the words.
        let found = whole(Field::Title, "㍿法", &query("株式 \"会社法\"")).unwrap();
        assert_eq!(shown(&found), ["㍿法"]);
    }

    #[test]
    fn a_piece_stands_around_the_first_place() {
        let text = format!("{}港口开放。{}", "前".repeat(100), "后".repeat(200));
        let found = piece(Field::Body, &text, &query("港口")).unwrap();
        assert_eq!(shown(&found), ["港口"]);
        assert!(found.text.starts_with("…前") && found.text.ends_with("后…"));
        assert_eq!(found.text.chars().count(), LONGEST + 2);
        let found = piece(Field::Body, "the quay opens", &query("\"quay opens\"")).unwrap();
        assert_eq!(
            (found.text.as_str(), shown(&found)),
            ("the quay opens", vec!["quay opens".to_owned()])
        );
    }

    #[test]
    fn a_piece_is_the_same_however_the_text_is_parted() {
        let text =
            "前言。\nThe quay.\n港口\n开放，港口很大。\n".to_owned() + &"后\n".repeat(LONGEST);
        let found = piece(Field::Body, &text, &query("港口 quay")).unwrap();
        assert_eq!(shown(&found), ["quay", "港口", "港口"]);
        assert!(found.text.starts_with("前言。 The quay. 港口 开放"));
        assert!(found.text.ends_with("后 …"));
        assert_eq!(found.text.chars().count(), LONGEST + 1);
        // What no line has, the text does not have.
        assert_eq!(piece(Field::Body, &text, &query("\"港口开放\"")), None);
        // The last place that fits the piece is marked, the next one is not.
        let text = format!("港口\n{}港口{}", "前".repeat(LONGEST - 5), "港口".repeat(3));
        let found = piece(Field::Body, &text, &query("港口")).unwrap();
        assert_eq!(shown(&found), ["港口", "港口"]);
    }
}
