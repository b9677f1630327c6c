use proptest::prelude::*;

use super::{EDITION, Folded, GUARANTEE, MAX_FINGERPRINTS, as_written, fingerprints};
use crate::kernel::han::{Script, convert};
use crate::kernel::text::sha256_hex;

fn letters(text: &str) -> String {
    Folded::of(text).letters().to_owned()
}

#[test]
fn writings_of_one_text_fold_to_the_same() {
    for (text, folded) in [
        ("來源：ＡＢ 新聞網，", "来源ab新闻网"),
        ("新聞網(wǎng)站", "新闻网站"),
        ("新聞網（wang）站", "新闻网站"),
        ("新聞網 [ wǎng ] 站", "新闻网站"),
        ("四川（sì chuān）省", "四川省"),
        ("女(nǚ)綠(lv4)", "女绿"),
        ("长(cháng)长(zhǎng)", "长长"),
        ("乾(gān)杯", "干杯"),
        ("網(wɑ\u{30C}nɡ)", "网"),
        ("网(net)站", "网net站"),
        ("网(wǎng站", "网wǎng站".replace('ǎ', "a").as_str()),
        ("(wǎng)", "wang"),
        ("Café cafe\u{301} CO\u{AD}OP", "cafecafecoop"),
        ("㎡ ½ ①", "m2121"),
        ("", ""),
        ("。，、—— \n", ""),
    ] {
        assert_eq!(letters(text), folded, "{text}");
    }
}

#[test]
fn conversion_by_phrases_alters_nothing() {
    for text in [
        "了解 凭借 家具 座位 覆盖 沉默 仿佛 抬头 余额 复兴 手链 批复",
        "暸望 瞭解 憑藉 傢俱 沈默 彷彿 擡頭 餘額 復興 手鍊",
    ] {
        for to in [Script::Hans, Script::Hant] {
            assert_eq!(letters(&convert(text, to)), letters(text));
        }
    }
}

#[test]
fn units_are_characters_and_words() {
    for (text, units) in [
        ("港口经济", 4),
        ("AI技术 2026年", 5),
        ("The ferry's 1,500 seats", 6),
        ("co\u{AD}op e\u{301}tude", 2),
        ("ひらがな", 4),
        ("", 0),
    ] {
        assert_eq!(Folded::of(text).keys().len(), units, "{text}");
    }
}

#[test]
fn the_way_back_is_in_characters_of_the_text() {
    let text = "《網(wǎng)絡》 Süd ½";
    let folded = Folded::of(text);
    assert_eq!(folded.letters(), "网络sud12");
    assert_eq!(folded.origins(), [1, 8, 11, 12, 13, 15, 15]);
    assert_eq!(folded.span(0..2), 1..9);
    assert_eq!(folded.written(0..2), "網(wǎng)絡");
    assert_eq!(folded.written(2..3), "Süd");
    assert_eq!(folded.span(2..2), 9..9);
    assert_eq!(folded.span(0..0), 0..0);
    assert_eq!(as_written(text), "網絡sud12");
}

#[test]
fn a_word_is_found_whole() {
    let text = Folded::of("Resource: the source, and the source of it");
    let places: Vec<_> = text.find(&Folded::of("THE SOURCE")).collect();
    assert_eq!(places, [1..3, 4..6]);
    assert_eq!(text.find(&Folded::of("sour")).count(), 0);
    assert_eq!(text.find(&Folded::of("")).count(), 0);
    assert_eq!(
        Folded::of("來源(yuán)：某網")
            .find(&Folded::of("来源某网"))
            .count(),
        1
    );
}

#[test]
fn an_article_has_a_modest_number() {
    let text: String = (0x4E00..0x4E00 + 1_500_u32)
        .filter_map(char::from_u32)
        .collect();
    let prints = fingerprints(&Folded::of(&text));
    assert!((50..=150).contains(&prints.len()), "{}", prints.len());
    assert!(prints.is_sorted_by(|one, next| one < next));
}

#[test]
fn short_and_dull_texts_have_few() {
    for (text, count) in [
        ("", 0),
        ("网", 1),
        ("港口经济城市", 1),
        (&"网".repeat(100_000), 1),
    ] {
        assert_eq!(fingerprints(&Folded::of(text)).len(), count);
    }
}

#[test]
fn long_texts_keep_what_their_copies_keep() {
    let words = |n: u32| (0..n).map(|n| format!("w{n} ")).collect::<String>();
    let long = words(120_000);
    let prints = fingerprints(&Folded::of(&long));
    assert_eq!(prints.len(), MAX_FINGERPRINTS);
    let copy = fingerprints(&Folded::of(&long.to_uppercase()));
    assert_eq!(prints, copy);
}

#[test]
fn the_other_script_has_the_same() {
    let text =
        "记者从市政府获悉，绵州港口经济区今年将建成三座码头，带动周边居民就业，发展海洋旅游。";
    let prints = fingerprints(&Folded::of(text));
    assert_eq!(
        prints,
        fingerprints(&Folded::of(&convert(text, Script::Hant)))
    );
}

/// What is stored was made with this folding and this hash: raise [`EDITION`] with every change here.
#[test]
fn the_edition_says_how_fingerprints_are_made() {
    let table: String = ('\u{3400}'..='\u{9FFF}').collect();
    let table = letters(&table);
    let prints = fingerprints(&Folded::of(
        "海港新聞網(wǎng)：The Harbour Daily 2026年報道，碼頭改造工程啟動",
    ));
    assert_eq!(
        (
            EDITION,
            sha256_hex(table.as_bytes()).as_str(),
            prints.as_slice()
        ),
        (
            1,
            "b629e49e71bda37284437e1ad4bda2bad73436aaf9a1c3c05954a5da1de71607",
            [129_895_948_144_906_723].as_slice()
        )
    );
}

proptest! {
    #[test]
    fn any_text_has_a_way_back(text in "(?s).{0,200}|[網网(（wǎng)）a-z0-9 \u{301}½]{0,80}") {
        let folded = Folded::of(&text);
        let length = text.chars().count();
        prop_assert_eq!(folded.letters().chars().count(), folded.origins().len());
        prop_assert!(folded.origins().is_sorted());
        prop_assert!(folded.origins().iter().all(|at| (*at as usize) < length));
        prop_assert!(folded.letters().chars().all(char::is_alphanumeric));
        let units = folded.keys().len();
        for unit in 0..units {
            let span = folded.span(unit..unit + 1);
            let written: String = text.chars().skip(span.start).take(span.len()).collect();
            prop_assert_eq!(folded.written(unit..unit + 1), written);
        }
        prop_assert_eq!(folded.letters_in(0..units), folded.origins().len());
    }

    #[test]
    fn a_common_run_is_always_found(
        run in proptest::collection::vec("[a-d]{2}", GUARANTEE),
        one in proptest::collection::vec("[e-h]{2}", 0..60),
        other in proptest::collection::vec("[i-l]{2}", 0..60),
    ) {
        let with = |around: &[String]| {
            let (before, after) = around.split_at(around.len() / 2);
            [before, &run, after].concat().join(" ")
        };
        let (one, other) = (with(&one), with(&other));
        let (one, other) = (fingerprints(&Folded::of(&one)), fingerprints(&Folded::of(&other)));
        prop_assert!(one.iter().any(|print| other.binary_search(print).is_ok()));
    }
}
