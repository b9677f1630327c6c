use proptest::prelude::*;

use crate::kernel::fingerprint::Folded;
use crate::reprints::{
    AlterationKind, Candidate, MAX_CANDIDATES, Overlap, compare, is_derived, rank_candidates,
};
use AlterationKind::{Deleted, Inserted, Replaced};

pub const FIRST: &str =
    "临浦港务局三日公布了新码头的工期，第一座泊位将在明年春天交付，可以停靠三万吨级的货船。";
const SECOND: &str =
    "负责疏浚的工程师说，航道已经挖深到十五米，潮水最低的时候也不会搁浅，渔民不必再绕行外海。";
const THIRD: &str =
    "附近的居民担心夜间施工太吵，港务局答应在晚上十点以后停下打桩机，并且每周公布一次噪声记录。";
pub const OTHER: &str =
    "青屿的图书馆本周延长开放时间，读者可以待到午夜，自习室另外添了两百个座位和一排热水器。";

fn overlap(page: &str, original: &str) -> Overlap {
    compare(&Folded::of(page), &Folded::of(original))
}

fn kinds(overlap: &Overlap) -> Vec<AlterationKind> {
    overlap.altered.iter().map(|altered| altered.kind).collect()
}

#[test]
fn a_copy_is_one_run() {
    let original = [FIRST, SECOND, THIRD].concat();
    let page = format!("首页\n{}\n\n{}", FIRST, [SECOND, THIRD].concat());
    let found = overlap(&page, &original);
    assert_eq!(found.original_in_page(), 1.0);
    assert_eq!(found.runs.len(), 1);
    assert_eq!(found.altered_total, 0);
    let longest = found.longest().unwrap();
    assert_eq!((longest.page.start, longest.original.start), (3, 0));
    assert_eq!(longest.units, found.original_units);
    assert!(is_derived(&found));
}

#[test]
fn alterations_are_named_and_placed() {
    let original = [FIRST, SECOND, THIRD].concat();
    for (page, kind, was, is) in [
        (
            original.replace("三万吨级", "五万吨级"),
            Replaced,
            "三",
            "五",
        ),
        (original.replace("十五米", "十米"), Deleted, "五", ""),
        (
            original.replace("夜间施工", "夜间长期施工"),
            Inserted,
            "",
            "长期",
        ),
        (
            [FIRST, THIRD].concat(),
            Deleted,
            SECOND.trim_end_matches('。'),
            "",
        ),
        (
            [FIRST, SECOND, OTHER, THIRD].concat(),
            Inserted,
            "",
            OTHER.trim_end_matches('。'),
        ),
        (
            [FIRST, OTHER, THIRD].concat(),
            Replaced,
            SECOND.trim_end_matches('。'),
            OTHER.trim_end_matches('。'),
        ),
        (
            [FIRST, SECOND].concat(),
            Deleted,
            THIRD.trim_end_matches('。'),
            "",
        ),
        (
            [SECOND, THIRD].concat(),
            Deleted,
            FIRST.trim_end_matches('。'),
            "",
        ),
        (
            [OTHER, FIRST, THIRD, OTHER].concat(),
            Deleted,
            SECOND.trim_end_matches('。'),
            "",
        ),
    ] {
        let found = overlap(&page, &original);
        assert_eq!(kinds(&found), [kind], "{found:#?}");
        let altered = &found.altered[0];
        assert_eq!(
            (altered.original.quote.as_str(), altered.page.quote.as_str()),
            (was, is)
        );
        for (passage, text) in [(&altered.page, &page), (&altered.original, &original)] {
            let there: String = text
                .chars()
                .skip(passage.span.start)
                .take(passage.span.len())
                .collect();
            assert_eq!(passage.quote, there);
        }
        assert!(is_derived(&found));
    }
}

#[test]
fn what_is_moved_is_not_altered() {
    let original = [FIRST, SECOND, THIRD, "记者在码头采访了解到这些。"].concat();
    let page = ["记者在码头采访了解到这些。", THIRD, FIRST, SECOND].concat();
    let found = overlap(&page, &original);
    assert_eq!(found.original_in_page(), 1.0);
    assert_eq!(found.altered_total, 0, "{found:#?}");
}

#[test]
fn long_passages_are_quoted_in_part() {
    let original = [FIRST, &OTHER.repeat(5), THIRD].concat();
    let found = overlap(&[FIRST, THIRD].concat(), &original);
    assert_eq!(found.altered[0].original.quote.chars().count(), 120);
    assert!(found.altered[0].original.span.len() > 200);
}

#[test]
fn a_quote_that_two_stories_have_is_no_reprint() {
    let statement = "“我们会在汛期到来之前把每一段堤坝都走一遍，有问题当天报、当天修。”";
    let one = [FIRST, SECOND, statement, THIRD].concat();
    let other = [OTHER, OTHER, statement, OTHER, OTHER].concat();
    let found = overlap(&other, &one);
    assert!(found.longest().unwrap().units > 24);
    assert!(!is_derived(&found), "{}", found.original_in_page());
    assert!(!is_derived(&overlap(OTHER, &one)));
}

#[test]
fn short_texts_are_found_whole() {
    for (page, original, derived) in [
        ("港区今晨恢复通航，快讯", "港区今晨恢复通航", true),
        ("港区今晨恢复", "港区今晨恢复通航", false),
        (OTHER, "读者", false),
        ("", "", false),
        (OTHER, "", false),
        ("", OTHER, false),
    ] {
        assert_eq!(
            is_derived(&overlap(page, original)),
            derived,
            "{page} {original}"
        );
    }
}

#[test]
fn the_best_candidates_come_first() {
    let candidate = |id, shared, total| Candidate { id, shared, total };
    let ranked = rank_candidates(
        100,
        vec![
            candidate(1, 1, 90),
            candidate(2, 30, 90),
            candidate(3, 1, 3),
            candidate(4, 30, 40),
            candidate(5, 2, 90),
            candidate(6, 0, 3),
        ],
        MAX_CANDIDATES,
    );
    assert_eq!(
        ranked.iter().map(|one| one.id).collect::<Vec<_>>(),
        [4, 2, 5, 3]
    );
    let many = (0..1_000).map(|id| candidate(id, 9, 90)).collect();
    assert_eq!(rank_candidates(100, many, 30).len(), 30);
    assert_eq!(rank_candidates(3, vec![candidate(1, 1, 90)], 30).len(), 1);
}

/// Texts that would make a careless comparison quadratic. They take a moment, not an hour.
#[test]
fn dull_texts_cost_no_more() {
    let same = "网".repeat(200_000);
    assert_eq!(overlap(&same, &same).original_in_page(), 1.0);
    let period = "一二三四五六七".repeat(30_000);
    let other = "一二三四五六七八".repeat(30_000);
    let _ = overlap(&period, &other);
    let _ = overlap(&other, &"一二三四五六七，八九十".repeat(20_000));
    let _ = Folded::of(&"网(wang".repeat(50_000));
}

proptest! {
    #[test]
    fn findings_lie_within_the_texts(page in "(?s)[一二三四a-c ，。]{0,300}", original in "(?s)[一二三四a-c ，]{0,300}") {
        let found = overlap(&page, &original);
        let (page_length, length) = (page.chars().count(), original.chars().count());
        prop_assert!(found.original_in_page() <= 1.0 && found.page_in_original() <= 1.0);
        for run in &found.runs {
            prop_assert!(run.page.end <= page_length && run.original.end <= length);
            let there = |text: &str, span: &std::ops::Range<usize>| -> String { text.chars().skip(span.start).take(span.len()).collect() };
            let (one, other) = (there(&page, &run.page), there(&original, &run.original));
            let (one, other) = (Folded::of(&one), Folded::of(&other));
            prop_assert_eq!(one.letters(), other.letters());
        }
        for altered in &found.altered {
            prop_assert!(altered.page.span.end <= page_length && altered.original.span.end <= length);
        }
        prop_assert!(found.runs.windows(2).all(|pair| pair[0].page.end <= pair[1].page.start));
    }
}
