//! What holds for every text.

use proptest::prelude::*;

use super::texts::*;
use super::*;

/// Texts of pieces that the steps look for, close together.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[一-龥]{1,4}",
        "[網國認標準業務實現對]",
        "[ -~]{0,3}",
        "[\u{80}-\u{FF}]{1,4}",
        "[（(](wǎng|guó|rèn|biāo|zhǔn|yè|wù|shí|xiàn|duì|wang3|lv4|tāo tiè)[）)]",
        "(網\\(wǎng\\)|國\\(guó\\)|業\\(yè\\)|業（yè）|&#40;wǎng&#41;|\\(w&#462;ng\\))",
        "(&nbsp;|&amp;quot;|&#2001|&#x4E2D;|&amp;amp;amp;lt;|&)",
        "(ä¸\u{AD}å›½|ÖÐ¹ú|袒委员会|干部|先后|頭發|\u{FFFD}|\\?|\\?!|，|,|。|\n|”|“)",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_examined(text in any::<String>()) {
        check(&text, &examine(&text));
        strip_injected(&text);
    }

    #[test]
    fn places_are_true_and_clean_text_has_no_injected_readings(text in pieces()) {
        let findings = examine(&text);
        check(&text, &findings);
        let again = examine(&findings.clean);
        prop_assert!(again.damage.iter().all(|d| d.cause != DamageCause::InjectedReading), "{:?}\n{:?}", text, findings.clean);
    }

    #[test]
    fn parts_make_the_whole(text in pieces(), cut in 0_usize..200) {
        let findings = examine(&text);
        let end = text.chars().count();
        let cut = cut.min(end);
        prop_assert_eq!(
            format!("{}{}", findings.clean_range(0, cut), findings.clean_range(cut, end)),
            findings.clean
        );
    }

    #[test]
    fn no_bytes_of_a_text_break_anything(cut in 0_usize..2_000, length in 1_usize..300) {
        let bytes = HANS.as_bytes();
        let part = bytes.get(cut..(cut + length).min(bytes.len())).unwrap_or_default();
        for encoding in [encoding_rs::GBK, encoding_rs::WINDOWS_1252, encoding_rs::BIG5, encoding_rs::UTF_8] {
            let text = encoding.decode_without_bom_handling(part).0;
            check(&text, &examine(&text));
        }
    }
}
