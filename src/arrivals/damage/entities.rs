//! Entities of HTML that were never decoded, some of them coded twice.

use encoding_rs::WINDOWS_1252;

use super::findings::DamageCause;
use super::layers::Spot;

/// The longest name that an entity has, with some room.
const LONGEST: usize = 34;
/// How often `&amp;` can stand for the `&` of another entity.
const DEEPEST: usize = 3;

pub(super) fn find(chars: &[char]) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut at = 0;
    while let Some(skipped) = chars[at..].iter().position(|c| *c == '&') {
        let start = at + skipped;
        match nested(chars, start) {
            Some((text, end)) => {
                spots.push(Spot::repaired(start..end, DamageCause::Entity, text));
                at = end;
            }
            None => at = start + 1,
        }
    }
    spots
}

/// The text of the entity that starts here, decoded as often as it was coded, and where it ends.
fn nested(chars: &[char], start: usize) -> Option<(String, usize)> {
    let (mut text, mut end) = one(chars, start, start + 1)?;
    for _ in 1..DEEPEST {
        match one(chars, start, end) {
            Some(deeper) if text == "&" => (text, end) = deeper,
            Some(_) | None => break,
        }
    }
    Some((text, end))
}

/// The entity whose `&` stands at `ampersand` and whose name starts at `name`.
fn one(chars: &[char], ampersand: usize, name: usize) -> Option<(String, usize)> {
    debug_assert!(chars.get(ampersand) == Some(&'&'));
    let rest = chars.get(name..)?;
    let length = rest
        .iter()
        .take(LONGEST)
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '#')
        .count();
    if length < 2 || rest.get(length) != Some(&';') {
        return None;
    }
    let coded: String = std::iter::once('&')
        .chain(rest[..=length].iter().copied())
        .collect();
    let decoded = html_escape::decode_html_entities(&coded);
    (decoded != coded.as_str()).then(|| (printable(&decoded), name + length + 1))
}

/// HTML reads references to C1 controls as Windows-1252 (HTML standard, 13.2.5.80).
fn printable(decoded: &str) -> String {
    let c1 = |c: char| {
        u8::try_from(u32::from(c))
            .ok()
            .filter(|byte| (0x80..=0x9F).contains(byte))
    };
    match decoded.chars().next().and_then(c1) {
        Some(byte) => WINDOWS_1252
            .decode_without_bom_handling(&[byte])
            .0
            .into_owned(),
        None => decoded.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_as_often_as_they_were_coded() {
        for (text, proposals) in [
            ("经济&nbsp;发展", vec!["\u{A0}"]),
            ("&#20013;&#x56FD;", vec!["中", "国"]),
            ("他说&amp;quot;好&amp;amp;quot;", vec!["\"", "\""]),
            ("研究&#150;开发", vec!["–"]),
            ("AT&amp;T", vec!["&"]),
            ("R&D; Q&A; a & b; &; &foo; &#0; &#xD800;", vec![]),
        ] {
            let chars: Vec<char> = text.chars().collect();
            let found: Vec<String> = find(&chars)
                .into_iter()
                .filter_map(|spot| spot.proposal)
                .collect();
            assert_eq!(found, proposals, "{text}");
        }
    }
}
