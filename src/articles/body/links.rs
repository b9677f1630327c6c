//! Which addresses a body may hold, and the one way each is written.
//!
//! Every address is parsed and written again as the URL standard has it, so that what was checked is what is stored:
//! no tab in the middle of a scheme, no backslash that a browser takes for a slash. Must not fetch anything.
//! Start with [`link`] (what a reader may follow) and [`resource`] (what a page loads).

use std::sync::LazyLock;

use url::Url;

use super::blocks::MAX_URL_CHARS;
use crate::kernel::text::char_count;

/// Stands for this site while a relative address is resolved; the name can't be registered (RFC 2606).
static SITE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://site.invalid/").ok());

/// Why an address isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Empty, or of a scheme that a body never loads (`data`, `javascript`, …): to be dropped without a word.
    Unwanted,
    /// It may have been meant well, but it can't be known what it points at.
    Unusable,
}

/// The target of a link: `http`, `https`, `mailto`, `tel`, a path on this site or a fragment.
pub(super) fn link(address: &str) -> Option<String> {
    let address = address.trim();
    let written = if address.starts_with('#') {
        let resolved = SITE.as_ref()?.join(address).ok()?;
        format!("#{}", resolved.fragment()?)
    } else if address.starts_with('/') {
        site_path(address)?
    } else {
        let parsed = Url::parse(address).ok()?;
        match parsed.scheme() {
            "http" | "https" => page(&parsed)?,
            // Opaque paths keep their spaces when written; a link never needs them.
            "mailto" | "tel" => String::from(parsed).replace(' ', "%20"),
            _ => return None,
        }
    };
    fits(written)
}

/// The address of an image or an embed: `http`, `https` or a path on this site.
pub(super) fn resource(address: &str) -> Result<String, Refused> {
    let address = address.trim();
    if address.is_empty() {
        return Err(Refused::Unwanted);
    }
    if address.starts_with('/') {
        return site_path(address).and_then(fits).ok_or(Refused::Unusable);
    }
    let parsed = Url::parse(address).map_err(|_| Refused::Unusable)?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(Refused::Unwanted);
    }
    page(&parsed).and_then(fits).ok_or(Refused::Unusable)
}

/// An absolute page address. One with a user name is refused: it shows one host and may mean another.
fn page(url: &Url) -> Option<String> {
    let plain = url.has_host() && url.username().is_empty() && url.password().is_none();
    plain.then(|| url.as_str().to_owned())
}

/// A path with query and fragment, if it stays on this site. `//host` and its disguises don't.
fn site_path(address: &str) -> Option<String> {
    let site = SITE.as_ref()?;
    let resolved = site.join(address).ok()?;
    let path = resolved.as_str().strip_prefix(site.as_str())?;
    let stays = resolved.username().is_empty() && !path.starts_with(['/', '\\']);
    // The prefix ends with the slash that the path begins with.
    stays.then(|| format!("/{path}"))
}

fn fits(address: String) -> Option<String> {
    (char_count(&address) <= MAX_URL_CHARS).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_written_one_way() {
        for (given, written) in [
            ("https://example.com", Some("https://example.com/")),
            (
                " HTTP://Example.com/新闻 ",
                Some("http://example.com/%E6%96%B0%E9%97%BB"),
            ),
            ("mailto:desk@example.com", Some("mailto:desk@example.com")),
            ("tel:+86 28 1234", Some("tel:+86%2028%201234")),
            ("/a/b?c=1#d", Some("/a/b?c=1#d")),
            ("/", Some("/")),
            ("#note-1", Some("#note-1")),
            ("#", Some("#")),
            ("//evil.example/", None),
            ("/\\evil.example/", None),
            ("/\t/evil.example/", None),
            ("/.//evil.example/", None),
            ("/x/..//evil.example/", None),
            ("javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("vbscript:x", None),
            ("page.html", None),
            ("https://bank.example@evil.example/", None),
            ("", None),
        ] {
            assert_eq!(link(given).as_deref(), written, "{given:?}");
            if let Some(written) = written {
                assert_eq!(
                    link(written).as_deref(),
                    Some(written),
                    "{given:?} is stable"
                );
            }
        }
    }

    #[test]
    fn resources_tell_unwanted_from_unusable() {
        assert_eq!(
            resource("https://e.com/a.jpg").as_deref(),
            Ok("https://e.com/a.jpg")
        );
        assert_eq!(resource("data:image/png;base64,AA"), Err(Refused::Unwanted));
        assert_eq!(resource("javascript:x"), Err(Refused::Unwanted));
        assert_eq!(resource(""), Err(Refused::Unwanted));
        assert_eq!(resource("a.jpg"), Err(Refused::Unusable));
        assert_eq!(resource("//e.com/a.jpg"), Err(Refused::Unusable));
        assert_eq!(resource("#a"), Err(Refused::Unusable));
        assert_eq!(
            resource(&format!("/{}", "a".repeat(2000))),
            Err(Refused::Unusable)
        );
    }
}
