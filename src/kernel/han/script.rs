//! The two scripts of Chinese, and text converted from one to the other.

use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use moka::sync::Cache;

use super::{BLOCK, simple};
use crate::kernel::words::words;

words! {
    /// A script of Chinese (ISO 15924), as a request names it.
    Script {
        Hans = "hans",
        Hant = "hant",
    }
}

/// A converter, or `None` where its dictionary cannot be read: it is part of the program.
type Converter = LazyLock<Option<OpenCC>>;

static TO_HANS: Converter = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());
static TO_HANT: Converter = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::S2t).ok());

/// From so many bytes on a text is kept once it was converted: converting takes longer than looking.
const LONG: usize = 100;

/// Texts that were converted lately, up to a number of bytes.
static CONVERTED: LazyLock<Cache<(Script, String), String>> = LazyLock::new(|| {
    const BYTES: u64 = 8 * 1024 * 1024;
    Cache::builder()
        .max_capacity(BYTES)
        .weigher(|(_, text): &(Script, String), converted: &String| {
            u32::try_from(text.len() + converted.len() + 128).unwrap_or(u32::MAX)
        })
        .build()
});

/// Loads what conversion and comparison need, which takes a moment: otherwise the first text does.
pub fn prepare() {
    LazyLock::force(&TO_HANS);
    LazyLock::force(&TO_HANT);
    let _ = simple('國');
}

/// The text in the other script, by phrases. A text in that script already may change, too, where
/// it writes a word in more than one way: ask only for the other one.
pub fn convert(text: &str, to: Script) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    if text.len() < LONG {
        return converted(text, to);
    }
    let key = (to, text.to_owned());
    CONVERTED.get_with_by_ref(&key, || converted(text, to))
}

fn converted(text: &str, to: Script) -> String {
    let converter = match to {
        Script::Hans => &TO_HANS,
        Script::Hant => &TO_HANT,
    };
    match LazyLock::force(converter) {
        Some(converter) => converter.convert(text),
        None => text.to_owned(),
    }
}

/// The script that a text is in, by the characters that only one of them has; `None` where it has
/// none of these or as many of both.
pub fn script_of(text: &str) -> Option<Script> {
    let (mut hans, mut hant) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| BLOCK.contains(&(*c as u32))) {
        if simple(c) != c {
            hant += 1;
        } else if is_simplified_only(c) {
            hans += 1;
        }
    }
    match hans.cmp(&hant) {
        std::cmp::Ordering::Greater => Some(Script::Hans),
        std::cmp::Ordering::Less => Some(Script::Hant),
        std::cmp::Ordering::Equal => None,
    }
}

/// Whether Traditional text writes this character otherwise.
fn is_simplified_only(c: char) -> bool {
    convert(c.encode_utf8(&mut [0; 4]), Script::Hant) != c.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_decide() {
        assert_eq!(convert("头发", Script::Hant), "頭髮");
        assert_eq!(convert("发展", Script::Hant), "發展");
        assert_eq!(convert("乾隆與乾燥", Script::Hans), "乾隆与干燥");
    }

    #[test]
    fn the_script_is_told_by_the_characters() {
        assert_eq!(script_of("發展經濟"), Some(Script::Hant));
        assert_eq!(script_of("发展经济"), Some(Script::Hans));
        assert_eq!(script_of("中文 and more"), None);
    }
}
