//! English pages.

use super::*;

const ARTICLE: &str = "\
Home > Region > Langang

Langang reopens its old harbour to walkers
March 3, 2021 3:30 PM | Source: Harbour Press (not this site) | Editor: Mara Quill

By Tom Ferris and Ada Low

LANGANG, March 3 (Harbour Press) - Langang opened its old harbour to walkers on
Wednesday, three years after the last freighter left, and some four thousand
people came on the first day to see the cranes lit up.

A promenade for everyone

\"I carried sacks here for twenty years,\" said Joe Benbow, 68. \"They painted the
cranes and left them standing, which is more than I hoped for when they sent us
home.\"

The council plans five more stretches by 2024, with benches and taps every two
hundred metres, so that nobody lives further than ten minutes from the water.
(END)

Copyright and disclaimer

1. Works marked \"Source: this site or Harbour Press Langang\" belong to Harbour Press. They may not be reprinted without authorisation. Authorised users stay within its scope and print \"Source: Harbour Press Langang\".
2. Works marked \"Source: X (not this site)\" are reprints from other media and imply no endorsement.
3. For complaints about content or copyright, contact the Rights Desk within 30 days. Tel: +44 20 5550 0199; rights@harbour.example
";

#[test]
fn a_text_page_is_read_whole() {
    let page = in_zone(ARTICLE, Kind::Text, chrono_tz::Europe::London);
    assert_eq!(texts(&page.breadcrumb), ["Home", "Region", "Langang"]);
    assert_eq!(
        page.title.as_ref().expect("title").text,
        "Langang reopens its old harbour to walkers"
    );
    let published = page.published.as_ref().expect("time");
    assert_eq!(
        published.utc.expect("instant").to_rfc3339(),
        "2021-03-03T15:30:00+00:00"
    );
    let source = page.source.as_ref().expect("source");
    assert_eq!(
        (source.label.text.as_str(), source.not_this_site),
        ("Harbour Press", true)
    );
    assert_eq!(page.editor.as_ref().expect("editor").text, "Mara Quill");
    assert_eq!(texts(&page.authors), ["Tom Ferris and Ada Low"]);
    let dateline = page.dateline.as_ref().expect("dateline");
    assert_eq!(dateline.raw.text, "LANGANG, March 3 (Harbour Press) -");
    assert_eq!(texts(&dateline.places), ["LANGANG"]);
    assert_eq!(
        dateline.agency.as_ref().expect("agency").text,
        "Harbour Press"
    );
    assert_eq!(dateline.date.expect("date").to_string(), "2021-03-03");
    let body = body(&page);
    assert_eq!(body.len(), 4, "{body:#?}");
    assert!(body[0].starts_with(
        "p Langang opened its old harbour to walkers on Wednesday, three years after the last"
    ));
    assert_eq!(body[1], "h2 A promenade for everyone");
    assert_eq!(page.end_mark.as_ref().expect("mark").text, "(END)");
    let notices = page.notices.as_ref().expect("notices");
    let kinds: Vec<&str> = notices
        .clauses
        .iter()
        .map(|clause| clause.kind.as_str())
        .collect();
    assert_eq!(kinds, ["own_work", "reprint", "contact"]);
    assert_eq!(
        notices.credit_line.as_ref().expect("credit").text,
        "Source: Harbour Press Langang"
    );
    assert_eq!(
        texts(&notices.own_labels),
        ["this site", "Harbour Press Langang"]
    );
    assert_eq!(notices.window_days, Some(30));
    assert_eq!(notices.desk.as_ref().expect("desk").text, "Rights Desk");
    assert_eq!(texts(&notices.telephones), ["+44 20 5550 0199"]);
    assert_eq!(texts(&notices.emails), ["rights@harbour.example"]);
    assert_eq!(warnings(&page), Vec::<&str>::new());
}

#[test]
fn metadata_fill_what_is_not_printed() {
    let page = html(
        "<html><head><title>Ferry line to end after ninety years | The Sound Mail</title>\
         <meta property='article:published_time' content='2020-05-06T07:08:09+02:00'>\
         <meta name=source content='Source: The Sound Mail'></head><body>\
         <nav><a href=/>Home</a> <a href=/n>News</a></nav><div class=post>\
         <p>PORT ELLEN (Sound Mail) -- The ferry that has crossed the sound since 1930 will make its last run in June, \
         the company said on Tuesday, blaming costs, weather and a bridge that is to open in autumn.</p>\
         <p>Islanders, who had hoped for a reprieve, said they would sail along on the last day, with lanterns, a band \
         and the captain's old dog, whom everybody on both shores knows by name.</p><p>###</p></div></body></html>",
    );
    let title = page.title.as_ref().expect("title");
    assert_eq!(
        (title.text.as_str(), title.at),
        ("Ferry line to end after ninety years", None)
    );
    let published = page.published.as_ref().expect("time");
    assert_eq!(
        published.utc.expect("instant").to_rfc3339(),
        "2020-05-06T05:08:09+00:00"
    );
    assert_eq!(
        published.local.expect("local").to_string(),
        "2020-05-06 07:08:09"
    );
    assert_eq!(
        page.source.as_ref().expect("source").label.text,
        "The Sound Mail"
    );
    let dateline = page.dateline.as_ref().expect("dateline");
    assert_eq!(texts(&dateline.places), ["PORT ELLEN"]);
    assert_eq!(dateline.date, None);
    assert_eq!(page.end_mark.as_ref().expect("mark").text, "###");
    assert_eq!(body(&page).len(), 2);
}

#[test]
fn a_heading_of_the_page_wins_over_the_sites_name() {
    let page = html(
        "<html><head><title>Tide tables lost at sea - The Sound Mail</title></head><body><h1><a href=/>The Sound Mail</a></h1>\
         <div><h2>Tide tables lost at sea</h2><p>1 June 2019, 08:00</p><p>The harbour office lost its tide tables overboard, \
         and asks finders, wherever they be, to send them back before the spring tide comes, at the office's cost.</p></div></body></html>",
    );
    assert_eq!(
        page.title.as_ref().expect("title").text,
        "Tide tables lost at sea"
    );
    assert_eq!(
        page.published
            .as_ref()
            .expect("time")
            .utc
            .expect("instant")
            .to_rfc3339(),
        "2019-06-01T00:00:00+00:00"
    );
    assert_eq!(body(&page).len(), 1);
}

#[test]
fn a_title_that_is_on_no_line_is_doubted() {
    let page = html(
        "<html><head><title>The Sound Mail online</title></head><body><div class=story><p>Tide tables lost at sea</p>\
         <p>1 June 2019, 08:00</p><p>The harbour office lost its tide tables overboard, and asks finders, wherever they \
         be, to send them back before the spring tide comes, at the office's cost.</p></div></body></html>",
    );
    assert_eq!(
        page.title.as_ref().expect("title").text,
        "Tide tables lost at sea"
    );
    assert!(page.warned(super::super::WarningKind::TitleUncertain));
}
