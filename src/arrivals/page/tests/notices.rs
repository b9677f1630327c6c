//! Notices of other forms than the usual.

use super::super::WarningKind;
use super::*;

fn notices(notice: &str) -> super::super::Notices {
    let page = text(&format!(
        "一个标题\n2024-01-02 03:04 来源：海湾网\n\n这一段是正文，写得足够长，可以当作一段。\n\n{notice}"
    ));
    page.notices.expect("notices")
}

#[test]
fn clauses_are_split_by_any_number() {
    for (first, second) in [
        ("① ", "② "),
        ("1. ", "2. "),
        ("1、", "2、"),
        ("一、", "二、"),
        ("（1）", "（2）"),
        ("（一）", "（二）"),
        ("１．", "２．"),
    ] {
        let read = notices(&format!(
            "免责声明\n{first}凡本网注明“来源：海湾网”的作品，版权均属海湾网，未经授权不得转载，违者罚款1.5万元。\n{second}凡注明“来源：X（非本网）”的作品，均转载自其他媒体。\n"
        ));
        let kinds: Vec<&str> = read
            .clauses
            .iter()
            .map(|clause| clause.kind.as_str())
            .collect();
        assert_eq!(kinds, ["own_work", "reprint"], "{first}");
        assert_eq!(texts(&read.own_labels), ["海湾网"]);
        assert_eq!(
            (read.credit_line, read.window_days, read.desk),
            (None, None, None)
        );
        assert_eq!(read.heading.expect("heading").text, "免责声明");
    }
}

#[test]
fn a_notice_without_numbers_goes_by_lines() {
    let read = notices(
        "版权声明：\n本网作品未经许可不得转载，转载请注明来源：海湾网。\n联系电话：0999-5550100、5550101 邮箱：desk@haiwan.example\n",
    );
    let kinds: Vec<&str> = read
        .clauses
        .iter()
        .map(|clause| clause.kind.as_str())
        .collect();
    assert_eq!(kinds, ["own_work", "contact"]);
    assert_eq!(read.credit_label.expect("credit").text, "海湾网");
    assert_eq!(texts(&read.telephones), ["0999-5550100", "5550101"]);
    assert_eq!(texts(&read.emails), ["desk@haiwan.example"]);
}

#[test]
fn a_notice_never_gives_the_source() {
    let page = text(
        "一个标题\n\n这一段是正文，写得足够长，可以当作一段，因此不会被认成标题。\n\n凡本网注明\"来源:海湾网\"的作品,未经授权不得转载。\n",
    );
    assert_eq!(page.source, None);
    assert_eq!(page.notices.expect("notices").clauses.len(), 1);
}

#[test]
fn working_days_are_no_days() {
    let page = text(
        "一个标题\n\n这一段是正文，写得足够长，可以当作一段，因此不会被认成标题。\n\n免责声明\n1、如有异议，请在15个工作日内与本网联系。\n",
    );
    assert_eq!(page.notices.as_ref().expect("notices").window_days, None);
    assert!(page.warned(WarningKind::NoticeUnclear));
}
