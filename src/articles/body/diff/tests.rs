//! What is told of texts and bodies, as tables; and that it ends.

use super::*;

fn told(before: &str, after: &str) -> String {
    let spans = texts(before, after, &mut Budget::default()).unwrap();
    let show = |span: &Span| match span.op {
        Fate::Same => span.text.clone(),
        Fate::Removed => format!("[-{}-]", span.text),
        Fate::Added => format!("[+{}+]", span.text),
    };
    spans.iter().map(show).collect()
}

#[test]
fn words_of_both_scripts() {
    for (before, after, expected) in [
        ("", "", ""),
        ("a", "a", "a"),
        ("", "港口", "[+港口+]"),
        ("港口", "", "[-港口-]"),
        (
            "码头周一启用。",
            "码头周二启用。",
            "码头周[-一-][+二+]启用。",
        ),
        (
            "新码头将于周一启用",
            "新码头周一正式启用",
            "新码头[-将于-]周一[+正式+]启用",
        ),
        (
            "The quay opens on Monday.",
            "The quay opens on Tuesday.",
            "The quay opens on [-Monday-][+Tuesday+].",
        ),
        // A word is one thing, and blanks between changes are no landmarks.
        (
            "Ships wait less now",
            "Ships berth sooner now",
            "Ships [-wait less-][+berth sooner+] now",
        ),
        (
            "成都GDP增长6.2%，消费稳",
            "成都GDP增长6.5%，消费稳",
            "成都GDP增长[-6.2-][+6.5+]%，消费稳",
        ),
        ("a b", "a  b", "a[- -][+  +]b"),
        ("e\u{301}a", "ea", "[-e\u{301}a-][+ea+]"),
        ("a b ", "c b ", "[-a-][+c+] b "),
    ] {
        assert_eq!(told(before, after), expected);
    }
}

#[test]
fn both_texts_can_be_put_together_again() {
    let texts_of = [
        "",
        "港 a",
        "a 港 b 口",
        "口b 港a",
        " a\n\nb",
        "港港港",
        "a b c d e f",
    ];
    for before in texts_of {
        for after in texts_of {
            let spans = texts(before, after, &mut Budget::default()).unwrap();
            let without = |gone: Fate| -> String {
                let left = spans.iter().filter(|span| span.op != gone);
                left.map(|span| span.text.as_str()).collect()
            };
            assert_eq!(without(Fate::Added), before);
            assert_eq!(without(Fate::Removed), after);
        }
    }
}

fn paragraphs(texts: &[&str]) -> Vec<Block> {
    let block = |text: &&str| Block::Paragraph {
        text: (*text).to_owned(),
    };
    texts.iter().map(block).collect()
}

fn shape(before: &[Block], after: &[Block]) -> Vec<String> {
    let changes = blocks(before, after, &mut Budget::default());
    let show = |change: &BlockChange| match change {
        BlockChange::Same { count } => format!("={count}"),
        BlockChange::Removed { from, .. } => format!("-{from}"),
        BlockChange::Added { to, .. } => format!("+{to}"),
        BlockChange::Changed { from, to, .. } => format!("{from}~{to}"),
    };
    changes.iter().map(show).collect()
}

#[test]
fn blocks_are_found_again() {
    let quay = "The new quay opens on Monday at noon.";
    let later = "The new quay opens on Tuesday at noon.";
    for (before, after, expected) in [
        (vec![], vec![], vec![]),
        (vec!["a", "b"], vec!["a", "b"], vec!["=2"]),
        (vec![], vec!["a"], vec!["+0"]),
        (vec!["a"], vec![], vec!["-0"]),
        (
            vec!["a", quay, "c"],
            vec!["a", later, "c"],
            vec!["=1", "1~1", "=1"],
        ),
        (
            vec!["a", quay, "c"],
            vec!["a", "新的一段话", later, "c"],
            vec!["=1", "+1", "1~2", "=1"],
        ),
        (
            vec![quay, "b"],
            vec!["没有关系的话", "b"],
            vec!["-0", "+0", "=1"],
        ),
        (vec!["a", "b", "c"], vec!["a", "c"], vec!["=1", "-1", "=1"]),
    ] {
        assert_eq!(
            shape(&paragraphs(&before), &paragraphs(&after)),
            expected,
            "{before:?} → {after:?}"
        );
    }
    // Another kind with the same words is a change, and so is a picture without any.
    let heading = Block::Heading {
        level: 2,
        text: quay.to_owned(),
    };
    assert_eq!(shape(&paragraphs(&[quay]), &[heading]), ["0~0"]);
    let picture = |url: &str| Block::Image {
        url: url.to_owned(),
        alt: String::new(),
        caption: None,
        credit: None,
        width: None,
        height: None,
    };
    assert_eq!(shape(&[picture("/a.jpg")], &[picture("/b.jpg")]), ["0~0"]);
}

/// However long both are: what cannot be compared within bounds is said to be so.
#[test]
fn work_is_bounded() {
    let long = |c: char| c.to_string().repeat(20_000);
    let mut budget = Budget::default();
    assert_eq!(texts(&long('港'), &long('口'), &mut budget), None);
    assert!(!budget.sufficed());
    // What they have in common at the ends costs nothing, and what fits is still compared.
    let mut budget = Budget::default();
    let (before, after) = (
        long('港') + "一" + &long('口'),
        long('港') + "二" + &long('口'),
    );
    assert_eq!(texts(&before, &after, &mut budget).unwrap().len(), 4);
    assert!(budget.sufficed());
    // A megabyte on each side, every block changed at both of its ends.
    let body = |mark: &str| -> Vec<Block> {
        let text = |n: usize| Block::Paragraph {
            text: format!("{mark}{n}{}{mark}", "码头启用船舶靠泊".repeat(62)),
        };
        (0..2_000).map(text).collect()
    };
    let mut budget = Budget::default();
    let changes = blocks(&body("甲"), &body("乙"), &mut budget);
    assert_eq!(changes.len(), 2_000);
    assert!(!budget.sufficed());
    let inside = |change: &&BlockChange| {
        matches!(
            change,
            BlockChange::Changed {
                changes: Some(_),
                ..
            }
        )
    };
    assert!(changes.iter().filter(inside).count() > 10);
}
