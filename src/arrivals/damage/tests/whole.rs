//! Whole texts: undamaged ones stay as they are, injected readings all go.

use ::pinyin::ToPinyin;

use super::texts::*;
use super::*;
use crate::kernel::han::simple;
use crate::kernel::text::is_han;

#[test]
fn undamaged_texts_have_no_findings() {
    for text in [
        HANS, HANT, NARROW, ENGLISH, MIXED, JAPANESE, CHILDREN, GLOSSED, "",
    ] {
        let findings = examined(text);
        assert_eq!(findings.damage, [], "{text}");
        assert_eq!(findings.clean, text);
    }
}

#[test]
fn converted_texts_of_good_converters_have_no_wrong_characters() {
    for text in [HANS, NARROW] {
        let findings = examined(&han::convert(text, Script::Hant));
        assert_eq!(findings.damage, []);
        assert!(findings.script.round_trips);
        assert_eq!(findings.script.machine_made, Likelihood::Possible);
    }
    assert_eq!(examined(&simplified(HANT)).damage, []);
}

#[test]
fn questions_and_exclamations_are_left() {
    for asked in ASKED {
        assert_eq!(places(asked), [], "{asked}");
        for page in [HANS, NARROW] {
            for (before, behind) in [("\n", "。\n"), ("记者问,", ",随后离开。")] {
                let text = format!("{page}{before}{asked}{behind}");
                assert_eq!(places(&text), [], "{asked}");
            }
        }
    }
}

/// Puts the first reading behind every `nth` ideograph of the text.
fn inject(text: &str, nth: usize, brackets: (char, char)) -> (String, Vec<(usize, String)>) {
    let (mut injected, mut places) = (String::new(), Vec::new());
    let (mut at, mut seen) = (0, 0);
    for c in text.chars() {
        injected.push(c);
        at += 1;
        let reading = simple(c).to_pinyin().filter(|_| is_han(c));
        seen += usize::from(reading.is_some());
        if let Some(reading) = reading.filter(|_| seen % nth == 0) {
            let bracket = format!("{}{}{}", brackets.0, reading.with_tone(), brackets.1);
            injected.push_str(&bracket);
            let length = bracket.chars().count();
            places.push((at, bracket));
            at += length;
        }
    }
    (injected, places)
}

#[test]
fn injected_readings_are_found_and_taken_out() {
    for text in [HANS, HANT, NARROW] {
        for nth in [2, 7, 31] {
            for brackets in [('(', ')'), ('（', '）')] {
                let (injected, expected) = inject(text, nth, brackets);
                let findings = examined(&injected);
                let readings = findings
                    .damage
                    .iter()
                    .filter(|damage| damage.kind == DamageKind::Pinyin);
                let found: Vec<_> = readings
                    .map(|damage| (damage.offset, damage.quote.clone()))
                    .collect();
                assert_eq!(found, expected, "every {nth}th");
                assert_eq!(findings.clean, text, "every {nth}th");
                let by_machine = findings.script.machine_made == Likelihood::Strong;
                assert_eq!(by_machine, text == HANT);
            }
        }
    }
}

#[test]
fn a_gloss_of_two_syllables_stays_in_injected_text() {
    let (injected, _) = inject(GLOSSED, 5, ('(', ')'));
    assert!(examined(&injected).clean.contains("餮(tāo tiè)"));
}

#[test]
fn few_readings_in_a_long_text_are_glosses() {
    let long = HANS.repeat(8);
    let few = long
        .replacen("港口", "港(gǎng)口(kǒu)", 1)
        .replacen("工程", "工(gōng)程", 1);
    assert_eq!(places(&few), []);
}

#[test]
fn what_only_looks_injected_is_told_and_left() {
    let (injected, expected) = inject(HANS, 9, ('(', ')'));
    let text = format!("{injected}港口(guān)，P(guān)，“重”(zhòng)，第三(a)条，港(gang)");
    let told: Vec<_> = places(&text).into_iter().skip(expected.len()).collect();
    let base = injected.chars().count();
    assert_eq!(
        told,
        [
            (base + 2, "(guān)".to_owned(), None),
            (base + 10, "(guān)".to_owned(), None),
        ]
    );
}

#[test]
fn wrong_characters_of_machine_made_script_are_mended() {
    let text = "領導干部先后來到三公裡外的山穀，關係到製度、系統和聯系，頭發乾淨，皇後宿捨，於謙與范仲淹，于正，\
                由于復雜，面對幹淨，吃麵，裡面";
    let findings = examined(text);
    let clean = "領導幹部先後來到三公里外的山谷，關係到制度、系統和聯繫，頭髮乾淨，皇后宿舍，於謙與范仲淹，于正，\
                 由於複雜，面對乾淨，吃麵，裡面";
    assert_eq!(findings.clean, clean);
    assert_eq!(findings.script.mistakes, 12);
    assert_eq!(findings.script.machine_made, Likelihood::Strong);
    let whole = &findings.damage[0];
    assert_eq!(
        (whole.cause, whole.offset, whole.length),
        (DamageCause::MachineScript, 0, 0)
    );
    assert_eq!(findings.damage[1].offset, 2);
    assert_eq!(findings.damage[1].quote, "干");
    assert_eq!(findings.damage[1].proposal.as_deref(), Some("幹"));
    assert_eq!(examined(clean).damage, []);
}

#[test]
fn parts_of_the_clean_text_are_those_of_the_text() {
    let (injected, _) = inject(HANS, 6, ('(', ')'));
    let findings = examined(&injected);
    let mut from = 0;
    for (damaged, clean) in injected.split('\n').zip(HANS.split('\n')) {
        let to = from + damaged.chars().count();
        assert_eq!(findings.clean_range(from, to), clean);
        from = to + 1;
    }
    assert_eq!(findings.clean_range(9_000_000, 3), "");
    for (at, c) in findings.clean.chars().enumerate() {
        let raw = findings.raw_offset(at).unwrap();
        assert_eq!(injected.chars().nth(raw), Some(c));
        assert_eq!(findings.clean_offset(raw), at);
    }
}
