use super::*;

fn site() -> Site {
    Site {
        name: "Harbour Daily".to_owned(),
        base_url: "https://news.example.org".to_owned(),
        copyright_holder: "Harbour & Sons".to_owned(),
        acquire_licence_url: Some("https://news.example.org/licensing?a=1&b=2".to_owned()),
        crawlers: ["GPTBot", "Two Words", ""].map(str::to_owned).to_vec(),
    }
}

#[test]
fn the_files_agree() {
    let robots = SiteFile::robots(&site()).text;
    assert!(
        robots.starts_with("User-agent: *\nUser-agent: GPTBot\nContent-Usage: train-ai=n\n"),
        "{robots}"
    );
    assert!(!robots.contains("Two Words"), "{robots}");
    for file in ["/rsl.xml", "/sitemap.xml", "/sitemaps/news.xml"] {
        assert!(robots.contains(&format!(": https://news.example.org{file}\n")));
    }
    let tdmrep: serde_json::Value = serde_json::from_str(&SiteFile::tdmrep(&site()).text).unwrap();
    assert_eq!(
        tdmrep,
        json!([{"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://news.example.org/licensing?a=1&b=2"}])
    );
    let rsl = SiteFile::rsl(&site()).text;
    for part in [
        "<content url=\"https://news.example.org/\">",
        "<permits type=\"usage\">search</permits>",
        "<prohibits type=\"usage\">ai-train ai-input</prohibits>",
        "<payment type=\"free\"",
        "<copyright type=\"organization\" contactUrl=\"https://news.example.org/licensing?a=1&amp;b=2\">Harbour &amp; Sons</copyright>",
    ] {
        assert!(rsl.contains(part), "{part} in {rsl}");
    }
}
