//! Times one by one.

use super::super::WarningKind;
use super::super::times::find;
use super::super::view::View;
use super::*;

#[test]
fn printed_times_are_found() {
    for (line, expected) in [
        ("2024年04月01日 15:30", "2024-04-01 15:30:00 -"),
        ("２０２４年４月１日１５：３０", "2024-04-01 15:30:00 -"),
        ("2024年4月1日 星期一 下午3时05分", "2024-04-01 15:05:00 -"),
        ("2024年4月1日 中午11:30", "2024-04-01 11:30:00 -"),
        ("2024年4月1日", "2024-04-01 - -"),
        ("2024-04-01 15:30:00", "2024-04-01 15:30:00 -"),
        ("2024/4/1 15:30", "2024-04-01 15:30:00 -"),
        ("2024.04.01 08:00", "2024-04-01 08:00:00 -"),
        ("2024-04-01T15:30:00+08:00", "2024-04-01 15:30:00 +08:00"),
        ("2024-04-01T15:30:00.123Z", "2024-04-01 15:30:00 +00:00"),
        ("Published April 1, 2024 3:30 PM", "2024-04-01 15:30:00 -"),
        (
            "Apr. 1, 2024 at 12:05 a.m. GMT",
            "2024-04-01 00:05:00 +00:00",
        ),
        ("1st April 2024, 15:30", "2024-04-01 15:30:00 -"),
        ("2024-02-30 15:30", "none"),
        ("2024-04-01 25:30", "2024-04-01 - -"),
        ("call 2024-04", "none"),
        ("maybe 12, 2024", "none"),
    ] {
        let found = find(&View::of(line).folded);
        let found = found.map_or("none".to_owned(), |found| {
            let time = found.time.map_or("-".to_owned(), |time| time.to_string());
            let offset = found
                .offset
                .map_or("-".to_owned(), |offset| offset.to_string());
            format!("{} {time} {offset}", found.date)
        });
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn clocks_that_were_moved_are_doubted() {
    let page = |time: &str| {
        let source = format!(
            "Clocks were moved in the night\n{time} Source: Harbour Press\n\nA paragraph of text that is long enough to be one.\n"
        );
        let page = in_zone(&source, Kind::Text, chrono_tz::America::New_York);
        let instant = page
            .published
            .as_ref()
            .and_then(|time| time.utc)
            .expect("instant");
        let doubts: Vec<&str> = warnings(&page);
        (instant.to_rfc3339(), doubts.join(" "))
    };
    assert_eq!(
        page("2023-11-05 01:30"),
        ("2023-11-05T05:30:00+00:00".into(), "ambiguous_time".into())
    );
    assert_eq!(
        page("2023-03-12 02:30"),
        (
            "2023-03-12T07:00:00+00:00".into(),
            "nonexistent_time".into()
        )
    );
    assert_eq!(
        page("2023-03-12 12:30 EST"),
        ("2023-03-12T16:30:00+00:00".into(), "zone_unread".into())
    );
    assert_eq!(
        page("2023-03-12 12:30 UTC"),
        ("2023-03-12T12:30:00+00:00".into(), String::new())
    );
}

#[test]
fn a_page_without_time_has_none() {
    let page = text(
        "A title\n\nA paragraph that says nothing of when, and is long enough to be read as a paragraph of its own.\n",
    );
    assert_eq!(page.published, None);
    assert!(page.warned(WarningKind::NoTime) && page.warned(WarningKind::NoSource));
    assert_eq!(page.title.expect("title").text, "A title");
}

#[test]
fn times_that_disagree_are_doubted() {
    let page = html(
        "<head><meta property='article:published_time' content='2024-04-01T15:30:00Z'></head><h1>A long enough title</h1>\
         <p>2024-04-01 15:30</p><p>A paragraph that is long enough to be taken for the text of an article by anyone.</p>",
    );
    assert!(page.warned(WarningKind::TimesDisagree));
    assert_eq!(
        page.published
            .expect("time")
            .utc
            .expect("instant")
            .to_rfc3339(),
        "2024-04-01T07:30:00+00:00"
    );
}
