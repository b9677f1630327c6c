use proptest::prelude::*;

use super::findings::{FIRST, OTHER};
use crate::kernel::fingerprint::Folded;
use crate::reprints::{CreditPrint, Printed, TitlePrint, notice, title};

fn credit(page: &str, line: &str, label: &str) -> CreditPrint {
    crate::reprints::credit(&Printed::of(page), &Folded::of(page), line, label)
}

#[test]
fn the_credit_line_is_there_or_not() {
    let line = "来源：绵州日报·临浦新闻";
    let label = "绵州日报·临浦新闻";
    let check = |page: &str| credit(page, line, label);
    for (page, state) in [
        (
            "标题\n来源：绵州日报·临浦新闻\n正文",
            CreditPrint::Exact { at: 3 },
        ),
        (
            "来源:  绵州日报·临浦新闻 编辑：李某",
            CreditPrint::Exact { at: 0 },
        ),
        (
            "来 源：绵州日报·临浦新闻编辑：李某",
            CreditPrint::Exact { at: 0 },
        ),
        ("（来源：绵州日报·临浦新闻）", CreditPrint::Exact { at: 1 }),
        (
            "來源：綿州日報·臨浦新聞",
            CreditPrint::OtherScript { at: 0 },
        ),
        (
            "來源：綿州日報·臨浦新聞編輯：李某",
            CreditPrint::OtherScript { at: 0 },
        ),
        (
            "来源：绵州日报·临浦新闻网",
            CreditPrint::LabelOnly { at: 3 },
        ),
        (
            "本文转自绵州日报·临浦新闻。",
            CreditPrint::LabelOnly { at: 4 },
        ),
        ("轉自綿州日報·臨浦新聞", CreditPrint::LabelOnly { at: 2 }),
        ("来源：绵州日报", CreditPrint::Missing),
        ("来源：绵州日报临浦新闻", CreditPrint::LabelOnly { at: 3 }),
        (
            "来源：绵州日报(bào)·临浦新闻",
            CreditPrint::LabelOnly { at: 3 },
        ),
        ("", CreditPrint::Missing),
    ] {
        assert_eq!(check(page), state, "{page}");
    }
    let check = |page: &str| credit(page, "Source: Harbour Daily", "Harbour Daily");
    for (page, state) in [
        (
            "By M. Holt | Source: Harbour\n Daily | 3 May",
            CreditPrint::Exact { at: 13 },
        ),
        ("Ｓｏｕｒｃｅ：Harbour Daily", CreditPrint::Exact { at: 0 }),
        ("source: Harbour Daily", CreditPrint::LabelOnly { at: 8 }),
        ("Resource: Harbour Daily", CreditPrint::LabelOnly { at: 10 }),
        ("Source: Harbour Dailys", CreditPrint::Missing),
        ("Source: HarbourDaily", CreditPrint::Missing),
        ("Source: Harbour Dailye\u{301}", CreditPrint::Missing),
    ] {
        assert_eq!(check(page), state, "{page}");
    }
    let own = credit(
        "来源：绵州新闻（非本网）",
        "来源：绵州新闻（非本网）",
        "绵州新闻",
    );
    assert_eq!(own, CreditPrint::Exact { at: 0 });
    let cut = credit("来源：绵州新闻", "来源：绵州新闻（非本网）", "绵州新闻");
    assert_eq!(cut, CreditPrint::LabelOnly { at: 3 });
}

#[test]
fn marks_compose_whatever_their_order() {
    let at = |page: &str, line: &str| credit(page, line, "-");
    assert_eq!(
        at("Source: Ca\u{301}\u{323}fe", "Source: C\u{E1}\u{323}fe"),
        CreditPrint::Exact { at: 0 }
    );
    assert_eq!(
        at("Source: Caf\u{E9}", "Source: Cafe"),
        CreditPrint::Missing
    );
}

#[test]
fn titles_are_same_changed_or_missing() {
    let check =
        |text: &str, wanted: &str, own: Option<&str>| title(text, &Folded::of(text), wanted, own);
    let wanted = "临浦新码头明年春天交付";
    let changed = |found: &str| TitlePrint::Changed {
        found: found.to_owned(),
    };
    for (text, own, state) in [
        (
            "首页\n临浦新码头：明年春天交付\n正文",
            None,
            TitlePrint::Same { at: Some(3) },
        ),
        (
            "正文",
            Some("临浦新码头明年春天交付_某网"),
            TitlePrint::Same { at: None },
        ),
        (
            "首页\n臨浦新碼頭明年春天交付",
            None,
            TitlePrint::OtherScript { at: Some(3) },
        ),
        (
            "正文",
            Some("臨浦新碼頭明年春天交付"),
            TitlePrint::OtherScript { at: None },
        ),
        (
            "臨浦新碼頭明年春天交付\n临浦新码头明年春天交付",
            None,
            TitlePrint::Same { at: Some(12) },
        ),
        (
            "首页\n重磅！临浦新码头明年春天启用\n正文",
            None,
            changed("重磅！临浦新码头明年春天启用"),
        ),
        ("正文", Some("港口大事"), changed("港口大事")),
        (
            "原标题：临浦新码头明年春天交付",
            Some("港口大事"),
            TitlePrint::Same { at: Some(4) },
        ),
        ("首页\n正文在这里", None, TitlePrint::Missing),
        ("", None, TitlePrint::Missing),
    ] {
        assert_eq!(check(text, wanted, own), state, "{text}");
    }
    // A short title is found on its own line only.
    assert_eq!(
        check("今年的春耕已经开始", "春耕", None),
        TitlePrint::Missing
    );
    assert_eq!(
        check("首页\n 春耕！\n今年", "春耕", None),
        TitlePrint::Same { at: Some(4) }
    );
    assert_eq!(
        check("New pier\nOpens in THE spring", "Opens in the Spring", None),
        TitlePrint::Same { at: Some(9) }
    );
    assert_eq!(check("任何正文", "", None), TitlePrint::Missing);
}

#[test]
fn notices_are_there_in_any_script_and_nearly_whole() {
    let text = "凡本网注明来源为绵州日报的作品，版权均属绵州日报社，未经授权不得转载、摘编或以其他方式使用。";
    let page = |notice: &str| format!("{FIRST}{notice}{OTHER}");
    for (printed, present) in [
        (text.to_owned(), true),
        (text.replace("来源", "來源").replace("转载", "轉載"), true),
        (text.replace("摘编", "节录"), true),
        (text.chars().take(30).collect(), false),
        (String::new(), false),
    ] {
        let page = page(&printed);
        let found = notice(&Folded::of(&page), text);
        assert_eq!(found.present, present, "{printed} {}", found.share);
    }
    assert!(notice(&Folded::of("正文。侵权必究"), "侵权必究").present);
    assert!(!notice(&Folded::of("正文"), "侵权必究").present);
}

/// Pages that would make a careless search quadratic.
#[test]
fn dull_pages_cost_no_more() {
    let page = "一二三四五六七".repeat(30_000);
    let _ = title(&page, &Folded::of(&page), "一二三四五六七一二三四", None);
    let page = "来源：绵州新闻网".repeat(20_000);
    let found = credit(&page, "来源：绵州新闻", "绵州新闻");
    assert_eq!(found, CreditPrint::LabelOnly { at: 3 });
}

proptest! {
    #[test]
    fn any_text_is_looked_through(page in "(?s).{0,200}", line in "(?s).{0,20}") {
        let folded = Folded::of(&page);
        let length = page.chars().count();
        match credit(&page, &line, &line) {
            CreditPrint::Exact { at } | CreditPrint::OtherScript { at } | CreditPrint::LabelOnly { at } => prop_assert!(at < length),
            CreditPrint::Missing => {}
        }
        let _ = title(&page, &folded, &line, Some(&line));
        let _ = title(&page, &folded, &line, None);
        let _ = notice(&folded, &line);
    }

    #[test]
    fn a_line_is_found_where_it_is_put(before in "[港口经济 ]{0,20}", label in "[新闻网a-z]{1,8}") {
        let line = format!("来源：{label}");
        let page = format!("{before}\n{line}\n正文");
        let found = credit(&page, &line, &label);
        prop_assert_eq!(found, CreditPrint::Exact { at: before.chars().count() + 1 });
    }
}
