mod broken;
mod laws;
mod texts;
mod whole;

use super::*;

/// Every place says what stands there, in order, and the proposals make the clean text.
fn check(text: &str, findings: &Findings) {
    let chars: Vec<char> = text.chars().collect();
    let mut applied = String::new();
    let mut done = 0;
    for damage in &findings.damage {
        assert!(
            damage.offset >= done,
            "{damage:?} overlaps what ends at {done}"
        );
        let end = damage.offset + damage.length;
        let there: String = chars[damage.offset..end].iter().take(64).collect();
        assert_eq!(damage.quote, there);
        assert_eq!(damage.kind, damage.cause.kind());
        applied.extend(&chars[done..damage.offset]);
        match &damage.proposal {
            Some(proposal) => applied.push_str(proposal),
            None => applied.extend(&chars[damage.offset..end]),
        }
        done = end;
    }
    applied.extend(&chars[done..]);
    if findings.untold == 0 {
        assert_eq!(applied, findings.clean);
    }
    assert_eq!(findings.clean_range(0, chars.len()), findings.clean);
}

fn examined(text: &str) -> Findings {
    let findings = examine(text);
    check(text, &findings);
    findings
}

/// Where the damage of a text is, what stands there and what is proposed.
fn places(text: &str) -> Vec<(usize, String, Option<String>)> {
    let found = examined(text).damage.into_iter();
    found
        .map(|damage| (damage.offset, damage.quote, damage.proposal))
        .collect()
}
