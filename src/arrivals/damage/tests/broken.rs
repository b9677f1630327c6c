//! Broken runs: wrong decodings, lost bytes, lost characters.

use encoding_rs::{GBK, WINDOWS_1252};

use super::texts::*;
use super::*;
use crate::kernel::text::is_han;

/// The text with one byte of a part's GBK form lost, as a lenient decoder reads it: the offset at
/// which the text changes, and the damaged text.
fn lose_byte(text: &str, from: usize, to: usize) -> (usize, String) {
    let chars: Vec<char> = text.chars().collect();
    let part: String = chars[from..to].iter().collect();
    let (bytes, _, unmappable) = GBK.encode(&part);
    assert!(!unmappable);
    let mut bytes = bytes.into_owned();
    bytes.remove(0);
    let (read, _) = GBK.decode_without_bom_handling(&bytes);
    let before: String = chars[..from].iter().collect();
    let behind: String = chars[to..].iter().collect();
    (from, format!("{before}{read}{behind}"))
}

#[test]
fn shifted_runs_are_told_with_what_their_bytes_say() {
    let (mut tried, mut exact) = (0, 0);
    for text in [HANS, HANT, NARROW] {
        let chars: Vec<char> = text.chars().collect();
        let words = words_in::cover(&chars);
        // A clause that begins and ends with words, between two marks.
        let mut at = 0;
        for clause in chars.chunk_by(|a, b| is_han(*a) == is_han(*b)) {
            let (from, to) = (at, at + clause.len());
            at = to;
            if !is_han(clause[0]) || clause.len() < 9 || chars.get(to).is_none_or(char::is_ascii) {
                continue;
            }
            // Runs of fewer than six characters weigh too little to be told as such.
            // The first character of the clause's third word is the one that loses its first byte.
            let Some(cut) = (from + 2..to - 6).find(|at| words[*at] == 2 && words[*at - 1] > 1)
            else {
                continue;
            };
            if words[from..cut].iter().any(|cover| *cover < 2) || words[cut - 1] != 2 {
                continue;
            }
            let (offset, damaged) = lose_byte(text, cut, to);
            if damaged
                .chars()
                .skip(cut)
                .take(to - cut)
                .any(|c| c.is_ascii() || c == '€')
            {
                // A character whose second half is a single byte ends the run too soon.
                continue;
            }
            let findings = examined(&damaged);
            let told: Vec<&Damage> = findings
                .damage
                .iter()
                .filter(|d| d.kind == DamageKind::Encoding)
                .collect();
            assert_eq!(
                told.len(),
                1,
                "{told:?} {damaged} {:?}",
                &clause.iter().collect::<String>()
            );
            // The first characters can make a word as they stand, or the last of the sound ones as shifted.
            assert!(
                (offset - 1..=offset + 2).contains(&told[0].offset),
                "{told:?} {offset}"
            );
            exact += usize::from(told[0].offset == offset);
            assert_eq!(told[0].cause, DamageCause::ShiftedBytes);
            assert_eq!(told[0].proposal, None);
            let said: String = chars[to - 3..to - 1].iter().collect();
            let reading = told[0].reading.as_deref().unwrap_or_default();
            assert!(reading.contains(&said), "{said} {reading}");
            tried += 1;
        }
    }
    assert!(tried >= 10 && exact * 2 >= tried, "{exact} of {tried}");
}

#[test]
fn a_run_that_ate_a_letter_takes_the_reading_behind_it_along() {
    let readings = "港(gǎng)口的工(gōng)程和建(jiàn)設";
    // Read one byte off, the last character ends in a letter.
    let (bytes, _, _) = GBK.encode("市公安局交警支隊相關");
    let (read, _) = GBK.decode_without_bom_handling(&bytes[1..]);
    assert!(read.ends_with('P'), "{read}");
    let text = format!("{readings}。另有事項九件，{read}(guān)負責人表示");
    let findings = examined(&text);
    let run = findings
        .damage
        .iter()
        .find(|d| d.kind == DamageKind::Encoding)
        .unwrap();
    assert!(run.quote.ends_with("P(guān)"), "{run:?}");
    assert!(
        run.reading
            .as_deref()
            .unwrap()
            .ends_with("公安局交警支隊相關"),
        "{run:?}"
    );
    assert_eq!(run.proposal, None);
}

#[test]
fn a_stray_reading_shows_a_single_shifted_character() {
    let text = "港(gǎng)口的工(gōng)程和建(jiàn)設，歡迎?zhè)峙c(yǔ)活動";
    let found = examined(text).damage;
    let run = found
        .iter()
        .find(|d| d.kind == DamageKind::Encoding)
        .unwrap();
    assert_eq!(run.quote, "?zhè)峙c(yǔ)");
    assert_eq!(run.cause, DamageCause::ShiftedBytes);
    assert_eq!(run.reading.as_deref(), Some("\u{FFFD}與"));
}

fn misread(text: &str, as_latin: bool) -> String {
    let bytes = text.as_bytes();
    match as_latin {
        true => WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        false => GBK.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn gbk_misread(text: &str) -> String {
    let (bytes, _, _) = GBK.encode(text);
    WINDOWS_1252
        .decode_without_bom_handling(&bytes)
        .0
        .into_owned()
}

#[test]
fn wrong_decodings_are_mended() {
    for (damaged, clean) in [
        (misread("中国", true), "中国"),
        (
            format!("他说“{}”。", misread("港口扩建", true)),
            "他说“港口扩建”。",
        ),
        (
            misread("临湾市12日通报，工程“开工”。", true),
            "临湾市12日通报，工程“开工”。",
        ),
        (format!("{} coffee", misread("café", true)), "café coffee"),
        (misread("it’s", true), "it’s"),
        (gbk_misread("中国"), "中国"),
        (
            gbk_misread("临湾市通报，港口工程12日开工。"),
            "临湾市通报，港口工程12日开工。",
        ),
        (
            format!("标题 {} 正文", misread("中国", false)),
            "标题 中国 正文",
        ),
        (
            format!("{}。", misread("港口扩建工程", false)),
            "港口扩建工程。",
        ),
        (
            format!("{}。", misread("港口开工了", false)),
            "港口开工了。",
        ),
        ("&#20013;国&nbsp;&amp;quot;".to_owned(), "中国\u{A0}\""),
        ("&auml;&cedil;&shy;&aring;&#155;&frac12;".to_owned(), "中国"),
    ] {
        let findings = examined(&damaged);
        assert_eq!(findings.clean, clean, "{damaged}");
        assert!(
            findings
                .damage
                .iter()
                .all(|d| d.proposal.is_some() && d.kind == DamageKind::Encoding)
        );
    }
}

#[test]
fn whole_pages_come_back_from_a_wrong_decoding() {
    for text in [HANS, HANT, NARROW] {
        assert_eq!(examined(&misread(text, true)).clean, text);
        assert_eq!(examined(&gbk_misread(text)).clean, text);
    }
}

#[test]
fn an_odd_character_of_a_wrong_decoding_is_told_as_lost() {
    let damaged = misread("港口开工了。", false).replace('。', "");
    let text = format!("{}，然后", misread("中国人", false));
    assert_eq!(
        examined(&text).clean,
        "中国浜\u{FFFD}，然后".to_owned(),
        "{damaged}"
    );
    let last = examined(&text).damage.pop().unwrap();
    assert_eq!(
        (last.offset, last.quote.as_str(), last.proposal),
        (3, "浜\u{FFFD}", None)
    );
}

/// Replaces single characters within runs of ideographs: how many there were, and how many were told.
fn replace_each(text: &str, sign: char) -> (usize, usize) {
    let chars: Vec<char> = text.chars().collect();
    let (mut tried, mut told) = (0, 0);
    for at in (60..chars.len() - 1).step_by(11) {
        if ![at - 1, at, at + 1].iter().all(|at| is_han(chars[*at])) {
            continue;
        }
        let mut damaged = chars.clone();
        damaged[at] = sign;
        let found = places(&damaged.iter().collect::<String>());
        assert!(
            found
                .iter()
                .all(|place| *place == (at, sign.to_string(), None)),
            "{found:?} at {at}"
        );
        (tried, told) = (tried + 1, told + found.len());
    }
    (tried, told)
}

#[test]
fn lost_characters_are_told_in_place() {
    let (tried, told) = replace_each(HANS, '\u{FFFD}');
    assert!(tried > 50 && told == tried, "{told} of {tried}");
    // A question mark can end a question wherever the words before and behind it are whole.
    let (tried, told) = replace_each(HANS, '?');
    assert!(told * 4 > tried, "{told} of {tried}");
    let (tried, told) = replace_each(NARROW, '?');
    assert!(told * 6 > tried, "{told} of {tried}");
}

#[test]
fn impossible_question_marks_are_told_on_narrow_pages() {
    for (clause, quote) in [
        ("首批名单公布,?柏、云海等单位在列", "?柏"),
        ("这里的风景很?!”她说", "?!"),
        ("据科?馆有关部门介绍", "?"),
        ("新闻?的报道", "?"),
        ("《?方案》", "?"),
    ] {
        let text = format!("{NARROW}\n{clause}");
        let at = NARROW.chars().count() + 1 + clause.chars().position(|c| c == '?').unwrap();
        assert_eq!(places(&text), [(at, quote.to_owned(), None)], "{clause}");
    }
}

#[test]
fn unknown_characters_and_controls_are_told() {
    assert_eq!(
        places("港口\u{E123}扩建\u{8}工程\u{FFFE}"),
        [
            (2, "\u{E123}".to_owned(), None),
            (5, "\u{8}".to_owned(), Some(String::new())),
            (8, "\u{FFFE}".to_owned(), None),
        ]
    );
    // Beside what is lost, too, only they are left out.
    let found = examined("港口\u{FFFD}\u{0}扩建\u{1}");
    assert_eq!(found.clean, "港口\u{FFFD}扩建");
    assert_eq!(found.clean_range(5, 7), "建");
}

#[test]
fn quotes_are_bounded() {
    let text = "\u{FFFD}".repeat(1_000);
    let damage = &examined(&text).damage[0];
    assert_eq!((damage.length, damage.quote.chars().count()), (1_000, 64));
    let many = examine(&"a\u{FFFD}".repeat(20_000));
    assert_eq!((many.damage.len(), many.untold), (10_000, 10_000));
}
