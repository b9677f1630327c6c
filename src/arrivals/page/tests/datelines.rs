//! Datelines one by one.

use super::super::dateline::{Context, take};
use super::super::model::Warnings;
use super::*;

/// Agency, places, day, reporters, first characters of the rest; what is unknown is `-`.
fn read_line(line: &str) -> String {
    let page_date = chrono::NaiveDate::from_ymd_opt(2024, 1, 2);
    let agencies = ["海湾通讯".to_owned(), "harbour press".to_owned()];
    let context = Context {
        agencies: &agencies,
        page_date,
    };
    let mut doubts = Warnings::default();
    let Some(taken) = take(line, 0, context, &mut doubts) else {
        return "none".to_owned();
    };
    let dateline = taken.dateline;
    let list = |pieces: &[super::super::Excerpt]| match pieces.is_empty() {
        true => "-".to_owned(),
        false => texts(pieces).join("+"),
    };
    let rest: String = line.chars().skip(taken.rest_at).take(4).collect();
    format!(
        "{} {} {} {} {rest}{}",
        dateline.agency.map_or("-".to_owned(), |agency| agency.text),
        list(&dateline.places),
        dateline
            .date
            .map_or("-".to_owned(), |date| date.to_string()),
        list(&dateline.reporters),
        if doubts.0.is_empty() { "" } else { " ?" },
    )
}

#[test]
fn chinese_datelines() {
    for (line, expected) in [
        (
            "新华社北京1月2日电（记者 张山、李思）新年第一",
            "新华社 北京 2024-01-02 张山+李思 新年第一",
        ),
        (
            "本报北京3月5日讯（记者王五）昨天下午",
            "本报 北京 2023-03-05 王五 昨天下午",
        ),
        (
            "中新网某省新聞1月2日電 (甲乙丙 丁戊)正文開始",
            "中新网某省新聞 - 2024-01-02 甲乙丙+丁戊 正文開始",
        ),
        (
            "据新华社北京12月31日电 正文开始",
            "新华社 北京 2023-12-31 - 正文开始",
        ),
        (
            "中新社北京、上海1月2日电 正文开始",
            "中新社 北京+上海 2024-01-02 - 正文开始",
        ),
        (
            "海湾通讯临港1月2日电：正文开始",
            "海湾通讯 临港 2024-01-02 - 正文开始",
        ),
        (
            "海湾日报临港1月2日讯 正文开始",
            "海湾日报 临港 2024-01-02 - 正文开始",
        ),
        (
            "【海湾日报临港1月2日讯】（记者 白·古丽）正文开始",
            "海湾日报 临港 2024-01-02 白·古丽 正文开始",
        ),
        (
            "海湾社会报临港1月2日讯 正文开始",
            "- - 2024-01-02 - 正文开始 ?",
        ),
        ("临港1月2日电 正文开始", "- 临港 2024-01-02 - 正文开始"),
        (
            "临港海湾渔业通讯1月2日电 正文开始",
            "- - 2024-01-02 - 正文开始 ?",
        ),
        ("新华社北京2月30日电 正文开始", "新华社 北京 - - 正文开始 ?"),
        (
            "新华社北京1月2日电(新区管委会直管)正文开始",
            "新华社 北京 2024-01-02 - (新区管",
        ),
        (
            "本报讯（记者 张 三 通讯员 李四五）正文开始",
            "本报 - - 张 三+李四五 正文开始",
        ),
        ("海湾日报讯 正文开始", "海湾日报 - - - 正文开始"),
        ("今年1月2日,全市停电", "none"),
        ("该市1月2日电力中断之后,消息传来", "none"),
        ("昨天停电 全市", "none"),
        ("正文里没有电头。", "none"),
    ] {
        assert_eq!(read_line(line), expected, "{line}");
    }
}

#[test]
fn english_datelines() {
    for (line, expected) in [
        (
            "BEIJING, Jan. 2 (Xinhua) -- The city woke",
            "Xinhua BEIJING 2024-01-02 - The ",
        ),
        (
            "LANGANG, March 3 (Harbour Press) - Langang",
            "Harbour Press LANGANG 2023-03-03 - Lang",
        ),
        (
            "PORT ELLEN, Scotland (AB) — A ferry",
            "AB PORT ELLEN, Scotland - - A fe",
        ),
        (
            "LONDON/PARIS, January 1, 2024 (AB) - Two",
            "AB LONDON+PARIS 2024-01-01 - Two",
        ),
        ("LANGANG — The harbour", "- LANGANG - - The "),
        (
            "Langang, Jan 2 - The harbour",
            "- Langang 2024-01-02 - The ",
        ),
        ("The harbour - once busy - is quiet", "none"),
        ("She said the boat (an old one) - was sold", "none"),
        ("IT-based work grows", "none"),
        ("A - B", "none"),
    ] {
        assert_eq!(read_line(line), expected, "{line}");
    }
}
