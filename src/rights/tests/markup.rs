//! The credit as HTML, byte for byte.

use super::delivery::presented;
use super::*;

#[test]
fn the_credit_as_microdata() {
    let rights = Rights {
        title: "Quay & more".to_owned(),
        ai_label: AiLabel::Assisted,
        site: Arc::new(Site {
            acquire_licence_url: Some("https://news.example.org/licensing".to_owned()),
            ..site()
        }),
        original: Some(Original {
            title: Some("<Quay>".to_owned()),
            authors: vec!["Wen Ya".to_owned(), "Lu Ming".to_owned()],
            url: Some("https://wire.example.com/quay?a=1&b=2".to_owned()),
            print_ref: Some("Page 3".to_owned()),
            ..Original::default()
        }),
        ..reprint(vec![outward(1)])
    };
    let html = presented(rights, &partner(vec![licence(1)]), "")
        .attribution()
        .block()
        .html();
    assert_eq!(
        html,
        "<footer class=\"credit\" itemscope itemtype=\"https://schema.org/NewsArticle\">\
         <p itemprop=\"creditText\">Source: Coastal Wire (not this site)</p>\
         <p>By: <span itemprop=\"author\" itemscope itemtype=\"https://schema.org/Person\"><span itemprop=\"name\">Wen Ya</span></span>, \
         <span itemprop=\"author\" itemscope itemtype=\"https://schema.org/Person\"><span itemprop=\"name\">Lu Ming</span></span></p>\
         <p>Editor: <span itemprop=\"editor\" itemscope itemtype=\"https://schema.org/Person\"><span itemprop=\"name\">Chen An</span></span></p>\
         <div itemprop=\"isBasedOn\" itemscope itemtype=\"https://schema.org/CreativeWork\">\
         <p>Original title: <cite itemprop=\"name\">&lt;Quay&gt;</cite></p>\
         <p>Original: <a itemprop=\"url\" href=\"https://wire.example.com/quay?a=1&amp;b=2\">https://wire.example.com/quay?a=1&amp;b=2</a></p>\
         <p>Original: <span itemprop=\"identifier\">Page 3</span></p></div>\
         <p>Made with the assistance of artificial intelligence\
         <link itemprop=\"digitalSourceType\" href=\"http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia\"></p>\
         <p>© <span itemprop=\"copyrightYear\">2026</span> \
         <span itemprop=\"copyrightHolder\" itemscope itemtype=\"https://schema.org/Organization\"><span itemprop=\"name\">Coastal Wire Service</span></span></p>\
         <p><a itemprop=\"url\" href=\"https://news.example.org/articles/quay\">https://news.example.org/articles/quay</a></p>\
         <link itemprop=\"acquireLicensePage\" href=\"https://news.example.org/licensing\"></footer>"
    );
    // What is not known is left out, and takes its element with it.
    let bare = Rights {
        editor: None,
        contributors: Vec::new(),
        ..own()
    };
    let html = presented(bare, &partner(vec![licence(1)]), "")
        .attribution()
        .block()
        .html();
    assert_eq!(
        html,
        "<footer class=\"credit\" itemscope itemtype=\"https://schema.org/NewsArticle\">\
         <p itemprop=\"creditText\">Source: Coastal Wire</p>\
         <p>© <span itemprop=\"copyrightYear\">2026</span> \
         <span itemprop=\"copyrightHolder\" itemscope itemtype=\"https://schema.org/Organization\"><span itemprop=\"name\">Harbour Press</span></span></p>\
         <p><a itemprop=\"url\" href=\"https://news.example.org/articles/quay\">https://news.example.org/articles/quay</a></p></footer>"
    );
    // A text that stands alone brings its notices, in one block whatever lines they have, and
    // says that it is an excerpt.
    let mut site = site();
    site.notices[2].contact = Some(Contact {
        desk: "Newsroom".to_owned(),
        phone: None,
        email: Some("desk@news.example.org".to_owned()),
    });
    site.notices[0].text = "Ours.\n\n# Not <yours>".to_owned();
    let rights = Rights {
        site: Arc::new(site),
        ..own()
    };
    let short = partner(vec![Licence {
        extent: Extent::Excerpt,
        excerpt_chars: Some(20),
        ..licence(1)
    }]);
    let deliverable = presented(rights, &short, "");
    let block = deliverable.attribution().block();
    let html = block.html_alone();
    for part in [
        "<p class=\"derived\">This is an excerpt</p>",
        "Ours.<br># Not &lt;yours&gt;</p>",
    ] {
        assert!(html.contains(part), "{html}");
    }
    assert!(
        !html.contains('\n') && html.ends_with("</footer>"),
        "{html}"
    );
    let text = block.text_alone();
    assert!(text.starts_with("Source: Coastal Wire\n"), "{text}");
    assert!(
        text.contains("\n\nThis is an excerpt\n\nOurs.\n# Not <yours>\n\ncontact in en\nNewsroom, desk@news.example.org"),
        "{text}"
    );
}
