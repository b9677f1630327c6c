//! Articles as documents of their own: the text carries its credit and its notices, the headers
//! carry what JSON says beside it.

use masthead::kernel::text::sha256_hex;
use serde_json::{Value, json};

use crate::support::both_engines;

both_engines! {
    async fn a_document_brings_its_terms_along(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay")).await;
        for (extent, more) in [("full", json!({"extent": "full"})), ("excerpt", json!({"extent": "excerpt", "excerpt_chars": 60}))] {
            let deal = app.deal(extent, &[more]).await;
            for format in ["html", "markdown", "text"] {
                let path = format!("/v1/articles/{article}/representations/{format}");
                let answer = app.read(&deal, &path).await.expect(200);
                let place = format!("{extent} {format}: {}", answer.text());
                let usage: Value = serde_json::from_str(answer.header("masthead-usage")).expect(&place);
                assert_eq!(usage["extent"], extent, "{place}");
                assert!(usage["licence_id"].is_string() && usage["duties"].as_array().is_some_and(|all| all.len() > 2), "{place}");
                assert_eq!(answer.header("masthead-stage"), "published", "{place}");
                assert_eq!(answer.header("x-robots-tag"), "noindex", "{place}");
                // The statement is about the bytes that came.
                let given = json!({"attestation": answer.header("masthead-attestation"), "content": answer.text()});
                let told = app.post("/v1/attestations/verify", given).send().await.expect(200).json();
                assert_eq!((&told["status"], &told["content_matches"]), (&json!("valid"), &json!(true)), "{place}");
                assert_eq!(told["attestation"]["content_digest"], format!("sha-256={}", sha256_hex(&answer.body)), "{place}");
                // The credit, the notices, and that it is not all.
                let text = answer.text();
                for part in ["Source: Harbour Daily", "No reprint without authorisation.", "Complain within 30 days."] {
                    assert_eq!(text.matches(part).count(), 1, "{part} in {place}");
                }
                assert_eq!(text.contains("This is an excerpt"), extent == "excerpt", "{place}");
            }
        }
        // Nobody's licence, nobody's statement.
        let public = app.get(&format!("/v1/articles/{article}/representations/text")).send().await.expect(200);
        assert_eq!((public.header("masthead-attestation"), public.header("x-robots-tag")), ("", ""));
        assert!(public.text().contains("This is an excerpt"));
    }

    /// Whatever stands in the settings, a header holds one URL and nothing after it.
    async fn urls_do_not_end_the_header(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay")).await;
        for url in ["https://x.example/>; rel=\"canonical\", <https://evil.example/", "https://例え.example/路?a=\"b\""] {
            app.edit("/v1/settings", json!({"acquire_licence_url": url})).await.expect(200);
            let answer = app.get(&format!("/v1/articles/{article}")).send().await.expect(200);
            let links: Vec<&str> = answer.headers.get_all("link").map(|link| link.to_str().expect("ASCII")).collect();
            assert_eq!(links.len(), 2, "{links:?}");
            for link in links {
                assert_eq!((link.matches("<").count(), link.matches(">").count(), link.matches(">; rel=").count()), (1, 1, 1), "{link}");
            }
        }
    }
}
