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
    let highlights = found(text, query);
    (!highlights.is_empty()).then(|| Snippet {
        field,
        text: text.to_owned(),
        highlights,
    })
}

/// The piece of a long text around the first place that was found; `None` where nothing was.
pub fn piece(field: Field, text: &str, query: &Query) -> Option<Snippet> {
    let found = found(text, query);
    let first = found.first()?;
    let chars: Vec<char> = text.chars().collect();
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
            .map(|range| range.start - from + moved..range.end - from + moved)
            .collect(),
        text: format!("{before}{shown}{after}"),
    })
}

/// Places of the query's words, in Unicode scalar values.
fn found(text: &str, query: &Query) -> Vec<Range<usize>> {
    let (folded, origins) = fold_mapped(text);
    // From bytes of the folded text to characters of the text.
    let starts: Vec<usize> = folded.char_indices().map(|(at, _)| at).collect();
    let place = |bytes: Range<usize>| {
        let start = starts.partition_point(|at| *at < bytes.start);
        let end = starts.partition_point(|at| *at < bytes.end);
        let last = origins.get(end.checked_sub(1)?)?;
        Some(*origins.get(start)?..last + 1)
    };
    let stems: Vec<Option<String>> = query.marks().iter().map(|mark| stem(mark)).collect();
    let words: Vec<(&str, Option<String>)> = match stems.iter().any(Option::is_some) {
        true => runs(&folded)
            .into_iter()
            .filter(|(ideographic, _)| !ideographic)
            .map(|(_, word)| (word, stem(word)))
            .collect(),
        false => Vec::new(),
    };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (mark, stemmed) in query.marks().iter().zip(&stems) {
        match stemmed {
            Some(_) => {
                let same = words
                    .iter()
                    .filter(|(word, stem)| stem == stemmed || word.starts_with(mark.as_str()));
                let at = |word: &str| word.as_ptr() as usize - folded.as_ptr() as usize;
                ranges.extend(
                    same.take(MOST_MARKS)
                        .filter_map(|(word, _)| place(at(word)..at(word) + word.len())),
                );
            }
            None => ranges.extend(
                folded
                    .match_indices(mark.as_str())
                    .take(MOST_MARKS)
                    .filter_map(|(at, word)| place(at..at + word.len())),
            ),
        }
    }
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match apart.last() {
            Some(last) if range.start < last.end => {}
            _ => apart.push(range),
        }
    }
    apart.truncate(MOST_MARKS);
    apart
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
}
