//! Chinese pages in both scripts.

use super::*;

const CONVENTIONS: &str = "\
海湾新闻网正文

您现在的位置：首页 > 地方 > 临港

临港新区：老码头变身市民公园 \u{201C}海岸客厅\u{201D}迎客
2023年11月06日 09:05　来源：海湾新闻网临港　责任编辑：林小满

　　海湾新闻网临港11月6日电（记者 周晓岚、吴 桐）临港新区的旧码头六日重新开放，首日迎来三千多名市民，孩子们在新铺的草坪上奔跑，老人们在长椅上看船。

　　修旧如旧 留住港口记忆

　　\u{201C}我在这里扛过二十年的麻袋。\u{201D}六十八岁的老装卸工何阿根说，吊机没有拆，刷了新漆，还装上了灯，夜里看过去跟从前一样亮堂堂的。

　　还岸于民 打造\u{201C}十分钟海岸\u{201D}

　　新区规划处介绍，未来三年还将打通五段断点，沿线新增座椅和饮水点，市民步行十分钟即可到海边。（完）

海湾新闻网版权与免责声明：

① 凡本网注明\u{201C}来源：本网或海湾新闻网·临港\u{201D}的稿件，版权归海湾新闻网，未经许可请勿转载。获得许可的，须在约定范围内刊用，并标明\u{201C}来源：海湾新闻网·临港\u{201D}。 ② 凡本网注明\u{201C}来源：XXX（非本网）\u{201D}的稿件，系转自其他媒体，仅为传递资讯，本网不为其观点背书。 ③ 对稿件有异议的，请于刊出后三十日内来电来函。 联系方式：海湾新闻网编辑部 电话：0999-5550123
";

fn check_conventions(page: &Page, traditional: bool) {
    let fold = |text: &str| crate::kernel::han::fold(text);
    let same = |one: &str, other: &str| assert_eq!(fold(&super::super::bare(one)), fold(other));
    assert_eq!(page.breadcrumb.len(), 3);
    same(
        &page.title.as_ref().expect("title").text,
        "临港新区：老码头变身市民公园 “海岸客厅”迎客",
    );
    let published = page.published.as_ref().expect("time");
    assert_eq!(
        published.utc.expect("instant").to_rfc3339(),
        "2023-11-06T01:05:00+00:00"
    );
    same(
        &page.source.as_ref().expect("source").label.text,
        "海湾新闻网临港",
    );
    same(&page.editor.as_ref().expect("editor").text, "林小满");
    let dateline = page.dateline.as_ref().expect("dateline");
    same(
        &dateline.agency.as_ref().expect("agency").text,
        "海湾新闻网",
    );
    same(&dateline.places[0].text, "临港");
    assert_eq!(dateline.date.expect("date").to_string(), "2023-11-06");
    assert_eq!(dateline.reporters.len(), 2);
    same(&dateline.reporters[1].text, "吴 桐");
    let kinds: Vec<String> = body(page)
        .iter()
        .map(|block| block.chars().take(2).collect())
        .collect();
    assert_eq!(kinds, ["p ", "h2", "p ", "h2", "p "]);
    same(&page.end_mark.as_ref().expect("mark").text, "(完)");
    let notices = page.notices.as_ref().expect("notices");
    let clauses: Vec<&str> = notices
        .clauses
        .iter()
        .map(|clause| clause.kind.as_str())
        .collect();
    assert_eq!(clauses, ["own_work", "reprint", "contact"]);
    same(
        &notices.credit_line.as_ref().expect("credit").text,
        "来源：海湾新闻网·临港",
    );
    same(&notices.own_labels[0].text, "本网");
    same(&notices.own_labels[1].text, "海湾新闻网·临港");
    assert_eq!(notices.window_days, Some(30));
    same(
        &notices.desk.as_ref().expect("desk").text,
        "海湾新闻网编辑部",
    );
    assert_eq!(texts(&notices.telephones), ["0999-5550123"]);
    // Links beside the article are left out, and said to be.
    let doubts: Vec<&str> = warnings(page)
        .into_iter()
        .filter(|kind| *kind != "lines_left_out")
        .collect();
    assert_eq!(doubts, Vec::<&str>::new());
    let kept = page.title.as_ref().expect("title").text.contains('臨');
    assert_eq!(kept, traditional);
}

fn traditional(text: &str) -> String {
    use crate::kernel::han::{Script, convert};
    convert(text, Script::Hant).to_string()
}

fn half_width(text: &str) -> String {
    text.replace('：', ":")
        .replace('（', "(")
        .replace('）', ")")
        .replace('，', ",")
        .replace('　', " ")
}

/// Puts pinyin in brackets behind characters that stand in every label.
fn with_pinyin(text: &str) -> String {
    [
        ("網", "網(wǎng)"),
        ("編", "編(biān)"),
        ("責", "責(zé)"),
        ("電", "電(diàn)"),
        ("聯", "聯(lián)"),
        ("港", "港(gǎng)"),
        ("聲", "聲(shēng)"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn a_text_page_is_read_in_either_script_and_width() {
    check_conventions(&text(CONVENTIONS), false);
    check_conventions(&text(&traditional(CONVENTIONS)), true);
    check_conventions(&text(&half_width(CONVENTIONS)), false);
    check_conventions(&text(&half_width(&traditional(CONVENTIONS))), true);
    check_conventions(&text(&CONVENTIONS.replace('\n', "\r\n")), false);
}

#[test]
fn pinyin_in_brackets_hides_nothing() {
    let page = text(&with_pinyin(&half_width(&traditional(CONVENTIONS))));
    check_conventions(&page, true);
    let label = &page.source.expect("source").label.text;
    assert_eq!(label, "海灣新聞網(wǎng)臨港(gǎng)");
}

/// The same article as markup, as such sites had it.
fn as_html(text: &str) -> String {
    let mut parts = text
        .split("\n\n")
        .skip(1)
        .map(|part| part.trim_end_matches('\n'));
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let crumb = next();
    let head = next();
    let (title, fields) = head.split_once('\n').expect("two lines");
    let paragraphs: String = (0..5).map(|_| format!("<p>{}</p>\n", next())).collect();
    let (heading, clauses) = (next(), next());
    format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}_海湾新闻网</title>\
         <script>var a = '来源：脚本';</script></head><body>\
         <ul class=menu><li><a href=/>首页</a></li><li><a href=/a>要闻</a></li></ul>\
         <table width=960><tr><td><div class=crumb>{crumb}</div></td></tr>\
         <tr><td><h1>{title}</h1><div class=info>{fields}</div>\
         <div class=content>{paragraphs}</div></td>\
         <td><ul><li><a href=/1>另一条新闻标题很长很长</a></li><li><a href=/2>又一条新闻标题也很长</a></li></ul></td></tr>\
         <tr><td><p>{heading}</p><p>{clauses}</p></td></tr></table>\
         <div class=footer><p>关于我们 友情链接</p><p>Copyright © 2023 海湾新闻网 版权所有</p></div></body></html>"
    )
}

#[test]
fn a_html_page_is_read_alike() {
    check_conventions(&html(&as_html(CONVENTIONS)), false);
    check_conventions(
        &html(&as_html(&with_pinyin(&half_width(&traditional(
            CONVENTIONS,
        ))))),
        true,
    );
}

#[test]
fn blocks_come_out_of_markup() {
    let page = html(
        "<html><head><title>山城试行“夜间图书馆” - 山城新闻</title></head><body>\
         <div id=breadcrumb><ul><li><a href=/>首页</a></li><li><a href=/c>文化</a></li><li>正文</li></ul></div>\
         <h1>山城试行“夜间图书馆”</h1><h2>——灯亮到凌晨一点</h2>\
         <p>2022-03-04 21:10:30 来源：<a href='https://shancheng.example/'>山城晚报</a>（非本网） 字号：大 中 小</p>\
         <div class=article>\
         <p>本报讯（记者 郑 言 通讯员 何小路）山城图书馆四日起延长开放，读者可以读到凌晨一点，馆方还准备了热水、毛毯和安静的灯光，首晚来了两百多人。</p>\
         <p align=center><img src=/img/1.jpg alt=夜读></p><p align=center>图为读者在夜间阅览室。郑言 摄</p>\
         <p><strong>读者怎么说？</strong></p>\
         <p>读者白先生说：“<a href=/x>家里太吵</a>，这里安静。”他连续来了三晚，每晚都坐在靠窗的同一个位置上，一直看到闭馆的铃声响起。</p>\
         <blockquote>灯光是城市给夜归人的礼物，馆长在开馆致辞里这样说。</blockquote>\
         <ul><li>周一至周五：九时至凌晨一时</li><li>周末：全天开放，需要预约</li></ul>\
         <table><tr><th>月份</th><th>人次</th></tr><tr><td>一月</td><td>1200</td></tr></table>\
         <p>馆方表示，下月起还将在三个区分馆试行，读者可以在网上预约座位，也可以当天到馆取号，先到先得。</p>\
         <p>【责任编辑：孙可】</p></div>\
         <p><a href=/y>分享到朋友圈</a></p></body></html>",
    );
    assert_eq!(texts(&page.breadcrumb), ["首页", "文化", "正文"]);
    assert_eq!(
        page.title.as_ref().expect("title").text,
        "山城试行“夜间图书馆”"
    );
    assert_eq!(
        page.subtitle.as_ref().expect("subtitle").text,
        "——灯亮到凌晨一点"
    );
    let source = page.source.as_ref().expect("source");
    assert_eq!(source.label.text, "山城晚报");
    assert!(source.not_this_site);
    assert_eq!(source.url.as_deref(), Some("https://shancheng.example/"));
    assert_eq!(page.editor.as_ref().expect("editor").text, "孙可");
    let dateline = page.dateline.as_ref().expect("dateline");
    assert_eq!(dateline.raw.text, "本报讯（记者 郑 言 通讯员 何小路）");
    assert_eq!(texts(&dateline.reporters), ["郑 言", "何小路"]);
    assert_eq!(dateline.date, None);
    let body = body(&page);
    let begin = |n: usize| body[n].chars().take(22).collect::<String>();
    assert_eq!(begin(0), "p 山城图书馆四日起延长开放，读者可以读到凌");
    assert_eq!(
        body[1],
        "img /img/1.jpg [夜读] 图为读者在夜间阅览室。郑言 摄"
    );
    assert_eq!(body[2], "h2 读者怎么说？");
    assert_eq!(
        body[4],
        "quote 灯光是城市给夜归人的礼物，馆长在开馆致辞里这样说。"
    );
    assert_eq!(
        body[5],
        "list 周一至周五：九时至凌晨一时 | 周末：全天开放，需要预约"
    );
    assert_eq!(body[6], "table 月份,人次;一月,1200");
    assert_eq!(body.len(), 8);
    assert_eq!(warnings(&page), ["links_dropped"]);
}

#[test]
fn breaks_part_paragraphs_of_old_pages() {
    let page = html(
        "<html><body><center><b>渔港清晨拍卖恢复</b></center><center>2009年7月1日 稿源：渔港日报</center><br>\
         <font size=3>　　渔港日报渔港7月1日讯 渔港的清晨拍卖今天恢复，三十条船同时靠岸，买家从半夜就开始排队，码头边的面摊也重新支起了棚子。<br><br>\u{3000}\u{3000}拍卖行说，价格比去年同期高出一成，主要是因为休渔期延长，鱼的个头也更大。</font><br>（完）</body></html>",
    );
    assert_eq!(body(&page).len(), 2);
    assert_eq!(page.end_mark.as_ref().expect("mark").text, "（完）");
    assert_eq!(page.title.as_ref().expect("title").text, "渔港清晨拍卖恢复");
    let published = page.published.as_ref().expect("date");
    assert_eq!(
        (
            published.date.to_string().as_str(),
            published.local,
            published.utc
        ),
        ("2009-07-01", None, None)
    );
    assert_eq!(
        page.dateline
            .as_ref()
            .expect("dateline")
            .agency
            .as_ref()
            .expect("agency")
            .text,
        "渔港日报"
    );
    assert!(page.warned(super::super::WarningKind::NoTimeOfDay));
}
