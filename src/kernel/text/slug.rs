//! Slugs and sort keys: text folded until machines agree on it.
//!
//! Must not decide whether a slug is free or a title allowed; that is the noun's business.
//! Start with [`slugify`]; [`title_key`] is what lists sort by.

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest slug that [`slugify`] makes, in bytes (all of them ASCII).
const MADE_SLUG_BYTES: usize = 80;
/// The longest slug that [`is_slug`] takes, in bytes. Longer than a made one: people may choose longer ones, and a
/// number may be appended to a made one that is taken.
const SLUG_BYTES: usize = 100;
/// The longest sort key in bytes. Both engines index it whole.
const TITLE_KEY_BYTES: usize = 200;
/// What a title without a letter that can be folded is called.
const NAMELESS: &str = "untitled";

/// A lower-case ASCII slug of at most 80 bytes: Han by pinyin without tones, Latin without accents, all else a hyphen.
pub fn slugify(title: &str) -> String {
    let mut slug = String::new();
    for c in title.nfkc() {
        match c.to_pinyin() {
            Some(syllable) => {
                hyphen(&mut slug);
                fold_into(&mut slug, syllable.plain());
                hyphen(&mut slug);
            }
            None => fold_into(&mut slug, c.encode_utf8(&mut [0; 4])),
        }
    }
    let slug = cut_slug(slug.trim_end_matches('-'));
    if slug.is_empty() {
        NAMELESS.to_owned()
    } else {
        slug.to_owned()
    }
}

/// Whether the text is a slug: `^[a-z0-9]+(-[a-z0-9]+)*$`, 1 to 100 bytes.
pub fn is_slug(text: &str) -> bool {
    text.len() <= SLUG_BYTES
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// The stored key by which titles sort, so that both database engines give one order by comparing bytes.
///
/// Each ideograph becomes its syllable, a space and itself: the space puts `xi` before `xian`, and the character keeps
/// homophones apart. At most 200 bytes, cut between characters, without controls.
pub fn title_key(title: &str) -> String {
    let mut key = String::new();
    for c in title.trim().nfkc().filter(|c| !c.is_control()) {
        let mut piece = String::new();
        match c.to_pinyin() {
            Some(syllable) => {
                piece.push_str(syllable.plain());
                piece.push(' ');
                piece.push(c);
            }
            None => piece.extend(c.to_lowercase()),
        }
        for c in piece.chars() {
            if key.len() + c.len_utf8() > TITLE_KEY_BYTES {
                return key;
            }
            key.push(c);
        }
    }
    key
}

/// Appends what is left of the text after folding it to lower-case ASCII letters and digits.
fn fold_into(slug: &mut String, text: &str) {
    for c in text.nfkd() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !is_combining_mark(c) {
            // An accent vanishes without a trace; anything else parts words.
            hyphen(slug);
        }
    }
}

fn hyphen(slug: &mut String) {
    if !slug.is_empty() && !slug.ends_with('-') {
        slug.push('-');
    }
}

/// Cuts after the last whole word that fits, or inside the word if it is the only one. The text is ASCII.
fn cut_slug(slug: &str) -> &str {
    let Some(head) = slug.get(..MADE_SLUG_BYTES) else {
        return slug;
    };
    if slug.len() == MADE_SLUG_BYTES || slug.as_bytes().get(MADE_SLUG_BYTES) == Some(&b'-') {
        return head;
    }
    head.rfind('-')
        .and_then(|end| head.get(..end))
        .unwrap_or(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_become_slugs() {
        for (title, slug) in [
            ("四川成都", "si-chuan-cheng-dou"),
            ("中國新聞網", "zhong-guo-xin-wen-wang"),
            ("中国新闻网", "zhong-guo-xin-wen-wang"),
            ("Café  Über—Straße 2026", "cafe-uber-stra-e-2026"),
            ("GDP增长５％", "gdp-zeng-zhang-5"),
            ("女足", "nu-zu"),
            ("  ——  ", "untitled"),
            ("", "untitled"),
            ("ニュース", "untitled"),
            ("A  B", "a-b"),
        ] {
            assert_eq!(slugify(title), slug, "{title}");
        }
    }

    #[test]
    fn long_slugs_end_with_a_whole_word() {
        let slug = slugify(&"中".repeat(60));
        assert_eq!(slug, ["zhong"; 13].join("-"));
        assert_eq!(slugify(&"a".repeat(200)).len(), 80);
        assert_eq!(slugify(&format!("{} b", "a".repeat(80))), "a".repeat(80));
    }

    #[test]
    fn slugs_are_recognised() {
        for good in ["a", "a-b", "2026-11-02", &"a".repeat(100)] {
            assert!(is_slug(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "a_b",
            "é",
            "新",
            &"a".repeat(101),
        ] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn keys_sort_by_sound() {
        assert_eq!(title_key("北京 ＡBC"), "bei 北jing 京 abc");
        let mut titles = ["先生", "西安", "安徽", "Zebra", "apple"];
        titles.sort_by_key(|title| title_key(title));
        assert_eq!(titles, ["安徽", "apple", "西安", "先生", "Zebra"]);
        assert_ne!(title_key("他"), title_key("她"));
        assert_eq!(title_key("a\u{0}\nb"), "ab");
    }

    proptest! {
        #[test]
        fn every_title_gives_a_slug_and_a_key(title in "\\PC{0,120}") {
            let slug = slugify(&title);
            prop_assert!(is_slug(&slug) && slug.len() <= 80, "{}", slug);
            prop_assert_eq!(slugify(&slug), slug);
            let key = title_key(&title);
            prop_assert!(key.len() <= 200 && !key.chars().any(char::is_control));
        }
    }
}
