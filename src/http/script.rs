//! In which script of Chinese a caller would rather read: `Accept-Language` (RFC 9110), as far as it
//! tells one.

use actix_web::http::header::{self, HeaderMap, LanguageTag, QualityItem};

use crate::kernel::han::Script;
use crate::kernel::language::Language;

/// Languages of one header that are looked at.
const MOST: usize = 20;

/// The script of the Chinese that is wanted most; `None` where none is named, or any will do.
pub fn preferred(headers: &HeaderMap) -> Option<Script> {
    let mut wanted: Vec<QualityItem<LanguageTag>> = headers
        .get_all(header::ACCEPT_LANGUAGE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .take(MOST)
        .filter_map(|item| item.trim().parse().ok())
        .filter(|item: &QualityItem<LanguageTag>| item.quality > header::Quality::ZERO)
        .collect();
    // Stable: what is wanted alike stays in its order.
    wanted.sort_by_key(|item| std::cmp::Reverse(item.quality));
    wanted
        .iter()
        .map(|item| &item.item)
        .find(|tag| tag.primary_language() == "zh")
        .and_then(script_of)
}

/// What a tag says of the script: by itself, or by where it is written.
fn script_of(tag: &LanguageTag) -> Option<Script> {
    match (tag.script(), tag.region()) {
        (Some("Hans"), _) => Some(Script::Hans),
        (Some("Hant"), _) => Some(Script::Hant),
        (None, Some(region)) => Language::parse(&format!("zh-{region}"))?.script(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn the_most_wanted_chinese_tells() {
        for (header, script) in [
            ("zh-Hant", Some(Script::Hant)),
            ("zh-TW,zh;q=0.9,en;q=0.8", Some(Script::Hant)),
            ("en, zh-cn;q=0.3", Some(Script::Hans)),
            ("zh-Hans;q=0.1, zh-HK;q=0.9", Some(Script::Hant)),
            ("zh-SG", Some(Script::Hans)),
            ("zh", None),
            ("en-GB, de;q=0.5", None),
            ("zh-Hant;q=0", None),
            ("*", None),
            (";;,,q=\"", None),
        ] {
            let mut headers = HeaderMap::new();
            let name = HeaderName::from_static("accept-language");
            headers.insert(name, HeaderValue::from_static(header));
            assert_eq!(preferred(&headers), script, "{header}");
        }
    }
}
