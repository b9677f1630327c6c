//! The documentation for partners, from the one file that has it: `partners.md`, which CI also runs.

use std::sync::OnceLock;

use maud::{DOCTYPE, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

const TEXT: &str = include_str!("partners.md");

const STYLE: &str = "
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem 1.25rem 4rem; font: 1rem/1.55 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.25; margin: 2.2em 0 .6em; }
h1 { margin-top: .6em; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid #8886; border-radius: .4rem; background: #8881; }
code { font: .875em/1.5 ui-monospace, monospace; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .35rem .7rem; border: 1px solid #8886; text-align: left; vertical-align: top; }
nav { border-bottom: 1px solid #8886; padding-bottom: .6rem; }
nav a { margin-right: 1rem; }
";

/// The page, made once for the process.
pub fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let mut body = String::new();
        pulldown_cmark::html::push_html(&mut body, with_anchors(TEXT).into_iter());
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "Masthead for partners" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    nav { a href="/docs/" { "All operations" } a href="/openapi.json" { "OpenAPI document" } }
                    main { (PreEscaped(body)) }
                }
            }
        };
        page.into_string()
    })
}

/// The document, each heading with an id made of its words, as links within it have them.
fn with_anchors(text: &str) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let mut heading: Option<(usize, String)> = None;
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { level, .. }) if *level != HeadingLevel::H1 => {
                heading = Some((at, String::new()));
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, slug)) = &mut heading {
                    slug.push_str(words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let Some((start, words)) = heading.take() else {
                    continue;
                };
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                    *id = Some(CowStr::from(anchor(&words)));
                }
            }
            _ => {}
        }
    }
    events
}

/// `The change feed` is `the-change-feed`.
fn anchor(words: &str) -> String {
    let kept = words.chars().filter_map(|c| match c {
        ' ' | '-' => Some('-'),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every link within the page leads somewhere.
    #[test]
    fn links_within_the_page_have_an_end() {
        let page = page();
        let links: Vec<&str> = page
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(links.len() >= 3, "{links:?}");
        for link in links {
            assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
        }
    }

    /// Raw HTML in the source would be markup in the page: there is none.
    #[test]
    fn the_source_is_markdown_alone() {
        let raw = Parser::new_ext(TEXT, Options::ENABLE_TABLES)
            .find(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
        assert_eq!(raw, None);
    }
}
