//! Characters that a reader can't see but that change what he reads.
//!
//! Only answers questions about single characters. Must not repair text: whoever asks decides between refusing and
//! stripping. Start with [`unsafe_mark`] for names and credit lines, [`stray_control`] for running text.

/// The first character that may not stand in a credit line, a name or a label, if there is one.
///
/// Refused are all controls, bidirectional controls, zero-width characters, line and paragraph separators, variation
/// selectors, tags, every other format character (general category Cf), blank fillers and noncharacters: with any of
/// them two credit lines can look the same and differ, or look other than they are stored.
pub fn unsafe_mark(text: &str) -> Option<char> {
    text.chars()
        .find(|&c| c.is_control() || is_nonchar(c) || is_invisible(c))
}

/// The first character that has no place even in running text: a C0 or C1 control other than newline and tab, or a
/// noncharacter. Zero-width joiners and direction marks are allowed here; some scripts need them.
pub fn stray_control(text: &str) -> Option<char> {
    text.chars()
        .find(|&c| (c.is_control() && c != '\n' && c != '\t') || is_nonchar(c))
}

/// The 66 code points that Unicode promises never to assign (section 23.7).
fn is_nonchar(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// Format characters and default-ignorable code points of Unicode 16, written as ranges so that the answer doesn't
/// move with the table of a dependency.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}'
        | '\u{034F}'
        | '\u{0600}'..='\u{0605}'
        | '\u{061C}'
        | '\u{06DD}'
        | '\u{070F}'
        | '\u{0890}'..='\u{0891}'
        | '\u{08E2}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{2800}'
        | '\u{FFFC}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{110BD}'
        | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_pass() {
        for name in [
            "中国新闻网·四川新闻",
            "Agence France-Presse",
            "José",
            "「新」（网）：x",
            "𠮷野 É",
        ] {
            assert_eq!(unsafe_mark(name), None, "{name}");
        }
    }

    #[test]
    fn every_listed_mark_is_found() {
        let marks = "\0\n\t\u{7F}\u{85}\u{61C}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{2028}\u{2029}\u{202A}\u{202E}\
                     \u{2060}\u{2066}\u{2069}\u{FEFF}\u{FE0F}\u{E0100}\u{E0041}\u{AD}\u{180E}\u{FFF9}\u{FDD0}\u{FFFE}\
                     \u{1FFFF}\u{10FFFE}\u{3164}";
        for mark in marks.chars() {
            assert_eq!(
                unsafe_mark(&format!("来源{mark}网")),
                Some(mark),
                "{:04X}",
                u32::from(mark)
            );
        }
    }

    #[test]
    fn running_text_keeps_breaks_and_joiners() {
        assert_eq!(stray_control("a\n\tb\u{200D}\u{FE0F}\u{3000}"), None);
        assert_eq!(stray_control("a\r"), Some('\r'));
        assert_eq!(stray_control("a\u{0}"), Some('\0'));
        assert_eq!(stray_control("a\u{9F}"), Some('\u{9F}'));
        assert_eq!(stray_control("a\u{FFFF}"), Some('\u{FFFF}'));
    }
}
