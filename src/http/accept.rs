//! Which of several media types a caller wants (RFC 9110, section 12.5.1).

use actix_web::http::header::{self, HeaderMap, Quality, QualityItem};
use mime::{Mime, STAR};

/// Ranges of one header that are looked at.
const MOST: usize = 20;

/// Which of the media types on offer is wanted most; of those wanted alike the first, as where
/// nothing is said. `None` where none will do.
pub fn preferred(headers: &HeaderMap, offered: &[&str]) -> Option<usize> {
    if !headers.contains_key(header::ACCEPT) {
        return Some(0);
    }
    let ranges: Vec<QualityItem<Mime>> = headers
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .take(MOST)
        .filter_map(|item| item.trim().parse().ok())
        .collect();
    let wanted = offered.iter().enumerate().filter_map(|(at, offer)| {
        let quality = quality(&ranges, &offer.parse().ok()?)?;
        (quality > Quality::ZERO).then_some((quality, std::cmp::Reverse(at)))
    });
    wanted.max().map(|(_, at)| at.0)
}

/// How much a media type is wanted: as the most specific range says that it is in.
fn quality(ranges: &[QualityItem<Mime>], offer: &Mime) -> Option<Quality> {
    let specific = |range: &Mime| match (range.type_(), range.subtype()) {
        (STAR, _) => Some(0),
        (kind, STAR) if kind == offer.type_() => Some(1),
        _ if range.essence_str() == offer.essence_str() => Some(2),
        _ => None,
    };
    let fitting = ranges.iter().filter_map(|range| {
        let specific = specific(&range.item)?;
        Some((specific, range.quality))
    });
    fitting.max().map(|(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_most_wanted_is_chosen() {
        let offered = [
            "text/html",
            "application/ld+json",
            "text/plain; charset=utf-8",
        ];
        for (accept, at) in [
            ("*/*", Some(0)),
            ("application/ld+json", Some(1)),
            ("text/plain", Some(2)),
            ("text/*;q=0.5, application/*;q=0.4", Some(0)),
            (
                "text/html;q=0.1, application/ld+json;q=0.2, */*;q=0.05",
                Some(1),
            ),
            ("text/*, text/html;q=0", Some(2)),
            ("image/png", None),
            ("application/ld", None),
            ("application/ld+xml", None),
            ("*/*;q=0", None),
            (";;,,q=\"", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(preferred(&headers, &offered), at, "{accept}");
        }
        assert_eq!(preferred(&HeaderMap::new(), &offered), Some(0));
    }
}
