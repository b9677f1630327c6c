//! Whether the credit line is there (rule 3 of the rule book), and if not, what comes near to it.

use super::printed::{Printed, Script};
use crate::kernel::fingerprint::Folded;

/// What may follow a credit line without a blank, where a page prints its particulars in one row (Simplified).
const FOLLOWERS: [&str; 9] = [
    "编辑",
    "责编",
    "责任编辑",
    "作者",
    "时间",
    "发布时间",
    "日期",
    "字号",
    "分享",
];

/// How a page prints the credit. Offsets are in characters of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditPrint {
    /// The exact line, after NFKC and with blanks folded.
    Exact {
        at: usize,
    },
    /// The line in the other script, or in a mixture.
    OtherScript {
        at: usize,
    },
    /// The name of the source somewhere, by its letters and in either script, without the exact line around it.
    LabelOnly {
        at: usize,
    },
    Missing,
}

/// Looks for a credit line, in which `name` is the source's label. `folded` is the same page.
///
/// A line that goes on as a longer name is another source's, and not found.
pub fn credit(page: &Printed, folded: &Folded<'_>, line: &str, name: &str) -> CreditPrint {
    let (line, label) = (Printed::of(line), Printed::of(name));
    let whole = |script| {
        page.find(&line, script, |around| {
            around.cuts_no_word() && around.ends(&FOLLOWERS)
        })
    };
    if let Some(at) = whole(Script::AsPrinted) {
        return CreditPrint::Exact { at };
    }
    if let Some(at) = whole(Script::Either) {
        return CreditPrint::OtherScript { at };
    }
    let as_printed = page.find(&label, Script::Either, |around| around.cuts_no_word());
    let by_letters = || {
        let place = folded.find(&Folded::of(name)).next()?;
        Some(folded.span(place).start)
    };
    match as_printed.or_else(by_letters) {
        Some(at) => CreditPrint::LabelOnly { at },
        None => CreditPrint::Missing,
    }
}
