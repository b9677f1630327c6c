//! The excerpt that everyone may read: whole sentences from the start, never more than half.
//!
//! Works on plain text only, so that the cut is the same whatever format it is given out in (rule 24). Must not know
//! of bodies, rights or markup. Start with [`excerpt_sentences`].

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::char_count;

/// Length of a break between paragraphs, in Unicode scalar values.
const BREAK: usize = 2;

/// The longest run of whole sentences from the start of the text, paragraph by paragraph.
///
/// `max_chars` counts Unicode scalar values; a break between paragraphs counts as the two line feeds that it is in
/// text and Markdown. The result is never longer than half of the paragraphs, with their breaks and without. Sentences
/// end as UAX #29 has it: closing quotes and brackets stay with the sentence that they close. Paragraphs are trimmed, blank ones are skipped. Empty if no sentence fits.
pub fn excerpt_sentences(paragraphs: &[&str], max_chars: usize) -> Vec<String> {
    let paragraphs: Vec<&str> = paragraphs
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    let text_whole = paragraphs
        .iter()
        .map(|text| char_count(text))
        .sum::<usize>();
    let whole = text_whole + BREAK * paragraphs.len().saturating_sub(1);
    let limit = max_chars.min(whole / 2);

    let mut taken = Vec::new();
    let (mut text_spent, mut breaks_spent) = (0, 0);
    for text in paragraphs {
        let gap = if taken.is_empty() { 0 } else { BREAK };
        let room = limit
            .saturating_sub(text_spent + breaks_spent + gap)
            .min(text_whole / 2 - text_spent);
        let kept = whole_sentences(text, room);
        if kept.is_empty() {
            break;
        }
        text_spent += char_count(kept);
        breaks_spent += gap;
        taken.push(kept.to_owned());
        if kept.len() < text.len() {
            break;
        }
    }
    taken
}

/// The longest prefix of whole sentences that has at most `room` scalar values, without trailing space.
fn whole_sentences(text: &str, room: usize) -> &str {
    let mut kept = "";
    let mut end = 0;
    for sentence in text.split_sentence_bounds() {
        end += sentence.len();
        let Some(prefix) = text.get(..end) else { break };
        // The sentence rules keep combining marks together, but not all that a grapheme can hold.
        if !GraphemeCursor::new(end, text.len(), true)
            .is_boundary(text, 0)
            .unwrap_or(false)
        {
            continue;
        }
        let prefix = prefix.trim_end();
        if char_count(prefix) > room {
            break;
        }
        kept = prefix;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_between_chinese_sentences() {
        let text = "他说：“今天很好。”她没有回答！真的吗？第四句在这里，有点长。第五句也在这里，更长一些。";
        assert_eq!(
            excerpt_sentences(&[text], 200),
            ["他说：“今天很好。”她没有回答！真的吗？"]
        );
        assert_eq!(excerpt_sentences(&[text], 10), ["他说：“今天很好。”"]);
        assert_eq!(excerpt_sentences(&[text], 9), Vec::<String>::new());
    }

    #[test]
    fn closing_marks_stay_with_their_sentence() {
        for close in ["”", "』", "」", "）", "》"] {
            let text = format!("「甲乙丙。{close}丁戊己庚辛壬癸子丑寅卯。");
            assert_eq!(
                excerpt_sentences(&[&text], 200),
                [format!("「甲乙丙。{close}")]
            );
        }
    }

    #[test]
    fn takes_whole_paragraphs_and_counts_their_breaks() {
        let paragraphs = ["　　甲甲。", "乙乙。", "", "丙丙丙丙丙丙丙丙丙丙丙丙。"];
        assert_eq!(excerpt_sentences(&paragraphs, 8), ["甲甲。", "乙乙。"]);
        assert_eq!(excerpt_sentences(&paragraphs, 7), ["甲甲。"]);
    }

    #[test]
    fn never_over_half() {
        assert!(excerpt_sentences(&["只有一句话。"], 1000).is_empty());
        assert!(excerpt_sentences(&[], 1000).is_empty());
        assert_eq!(
            excerpt_sentences(&["One. Two. Three. Four."], 1000),
            ["One. Two."]
        );
    }

    #[test]
    fn a_number_is_not_an_end() {
        assert_eq!(
            excerpt_sentences(&["增长1.5个百分点。后面还有很长很长的一句话。"], 50),
            ["增长1.5个百分点。"]
        );
    }

    proptest! {
        #[test]
        fn is_a_bounded_prefix(texts in prop::collection::vec("[ 　a-cA-C。.！”」\u{301}\u{200D}甲乙丙👍🏽\n]{0,30}", 0..5), max in 0..80usize) {
            let paragraphs: Vec<&str> = texts.iter().map(String::as_str).collect();
            let taken = excerpt_sentences(&paragraphs, max).join("\n\n");
            let whole = paragraphs.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n\n");
            prop_assert!(whole.starts_with(&taken));
            prop_assert!(char_count(&taken) <= max && char_count(&taken) * 2 <= char_count(&whole));
            let cut = taken.len();
            prop_assert!(cut == whole.len() || GraphemeCursor::new(cut, whole.len(), true).is_boundary(&whole, 0) == Ok(true));
        }
    }
}
