//! What the server says of itself to people: the page for partners.

use html5ever::tree_builder::QuirksMode;
use scraper::{Html, Selector};

use crate::support::{Engine, TestApp};

#[actix_web::test]
async fn the_page_for_partners_stands_by_itself() {
    let app = TestApp::new(Engine::Sqlite).await;
    let answer = app.get("/docs/partners").send().await.expect(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    let text = answer.text();
    let page = Html::parse_document(&text);
    // A parser neither adds nor drops an element, nor falls into another mode.
    let written = text.match_indices('<').filter(|(at, _)| {
        let next = text[at + 1..].chars().next();
        next.is_some_and(|next| next.is_ascii_alphabetic())
    });
    let parsed = page.select(&Selector::parse("*").unwrap()).count();
    assert_eq!(
        (parsed, page.quirks_mode),
        (written.count(), QuirksMode::NoQuirks)
    );
    let all = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .map(|element| element.text().collect())
            .collect()
    };
    assert_eq!(all("h1"), ["For partners"]);
    for heading in [
        "The first article",
        "The change feed",
        "Webhooks",
        "Advisories",
        "Limits, errors and times",
    ] {
        assert!(all("h2").contains(&heading.to_owned()), "{heading}");
    }
    assert!(all("pre code").len() >= 20 && all("table").len() >= 2);
    // Nothing that a browser would fetch or run.
    assert_eq!(
        all(
            "script, link, img, iframe, object, embed, video, audio, source, base, form, [src], [style], [onclick]"
        ),
        Vec::<String>::new()
    );
    for word in ["@import", "url("] {
        assert!(
            all("style").iter().all(|style| !style.contains(word)),
            "{word}"
        );
    }
}

/// Every place of this server that the page names as a link is there.
#[actix_web::test]
async fn its_links_lead_somewhere() {
    let app = TestApp::new(Engine::Sqlite).await;
    let text = app.get("/docs/partners").send().await.expect(200).text();
    let page = Html::parse_document(&text);
    let links = Selector::parse("a[href]").unwrap();
    let mut seen = 0;
    for link in page.select(&links).filter_map(|link| link.attr("href")) {
        if link.starts_with('/') {
            app.get(link).send().await.expect(200);
            seen += 1;
        } else {
            assert!(
                link.starts_with('#') || link.starts_with("https://"),
                "{link}"
            );
        }
    }
    assert!(seen >= 3);
}

#[actix_web::test]
async fn the_document_leads_to_it() {
    let app = TestApp::new(Engine::Sqlite).await;
    let document = app.get("/openapi.json").send().await.expect(200).json();
    assert_eq!(document["externalDocs"]["url"], "/docs/partners");
}
