//! Characters that say themselves that something is lost: replacement characters, characters of
//! private use or none that Unicode has assigned, and controls.

use std::ops::Range;

use unicode_general_category::{GeneralCategory, get_general_category};

use super::findings::DamageCause;
use super::layers::Spot;

/// Each run of control characters, with what stands for them in a text, which can have none.
pub(super) fn controls(chars: &[char]) -> Vec<Spot> {
    let cause = |c| is_control(c).then_some(DamageCause::Control);
    let spots = runs(chars, cause).into_iter();
    spots
        .map(|(range, cause)| {
            let run = chars.get(range.clone()).unwrap_or_default();
            let meant: String = run.iter().filter_map(|c| meant(*c)).collect();
            Spot::repaired(range, cause, meant)
        })
        .collect()
}

/// What a control character stands for: tabs and feeds part words, and those above ASCII are punctuation
/// of Windows that was taken for Latin-1. The others mean nothing.
fn meant(c: char) -> Option<char> {
    match c {
        '\u{B}' | '\u{C}' => Some(' '),
        '\u{80}'..='\u{9F}' => {
            let byte = [u8::try_from(u32::from(c)).ok()?];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
            text.chars().next().filter(|c| !is_control(*c))
        }
        _ => None,
    }
}

/// Each run of other such characters.
pub(super) fn find(chars: &[char]) -> Vec<Spot> {
    let spots = runs(chars, lost).into_iter();
    spots
        .map(|(range, cause)| Spot::told(range, cause))
        .collect()
}

fn runs(
    chars: &[char],
    cause: impl Fn(char) -> Option<DamageCause>,
) -> Vec<(Range<usize>, DamageCause)> {
    let mut runs = Vec::new();
    let mut at = 0;
    for run in chars.chunk_by(|a, b| cause(*a) == cause(*b)) {
        let end = at + run.len();
        if let Some(cause) = run.first().and_then(|c| cause(*c)) {
            runs.push((at..end, cause));
        }
        at = end;
    }
    runs
}

/// Whether a character is a control that parts no words or lines.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

fn lost(c: char) -> Option<DamageCause> {
    if c.is_ascii() {
        return None;
    }
    match get_general_category(c) {
        GeneralCategory::PrivateUse | GeneralCategory::Unassigned => {
            Some(DamageCause::UnknownCharacter)
        }
        _ => (c == '\u{FFFD}').then_some(DamageCause::LostCharacter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_is_told_once() {
        let text: Vec<char> =
            "科\u{FFFD}\u{FFFD}城\u{E30D}\u{8}\r\n\t\u{200B}\u{FEFF}é\u{FFFF}\u{85}"
                .chars()
                .collect();
        let told = |spots: Vec<Spot>| -> Vec<_> {
            let spots = spots.into_iter();
            spots.map(|spot| (spot.range, spot.cause)).collect()
        };
        assert_eq!(
            told(find(&text)),
            [
                (1..3, DamageCause::LostCharacter),
                (4..5, DamageCause::UnknownCharacter),
                (12..13, DamageCause::UnknownCharacter),
            ]
        );
        let page: Vec<char> = "It\u{92}s\u{B}10\u{97}20\u{81}\u{0}".chars().collect();
        let meant: Vec<_> = controls(&page)
            .into_iter()
            .map(|spot| spot.proposal)
            .collect();
        let meant: Vec<&str> = meant.iter().flatten().map(String::as_str).collect();
        assert_eq!(meant, ["\u{2019}", " ", "\u{2014}", ""]);
        assert_eq!(
            told(controls(&text)),
            [(5..6, DamageCause::Control), (13..14, DamageCause::Control)]
        );
    }
}
