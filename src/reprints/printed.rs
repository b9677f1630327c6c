//! A text as it was printed, for what must stand there to the letter.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use crate::kernel::han::simple;
use crate::kernel::text::is_han;

/// A text after NFKC and with its blanks folded, and nothing else done to it.
///
/// Two texts have the same NFKC if and only if they have the same NFKD, which is what is kept: it can be
/// made character by character, with the way back. A run of blanks is one blank, and none next to an
/// ideograph or behind a colon, where typesetting puts them as it likes.
#[derive(Debug, Clone)]
pub struct Printed {
    exact: String,
    simplified: String,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    c: char,
    /// The character of the text that it comes from.
    origin: usize,
    /// Whether there was a blank before it.
    apart: bool,
}

/// Which script a text is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    AsPrinted,
    Either,
}

/// What stands around a place where a text was found.
pub(super) struct Surroundings<'a> {
    before: Option<&'a Mark>,
    first: Option<&'a Mark>,
    last: Option<&'a Mark>,
    after: &'a [Mark],
}

impl Printed {
    /// Reads a text, in time linear in its length.
    pub fn of(text: &str) -> Self {
        let mut marks: Vec<Mark> = Vec::with_capacity(text.len() / 2);
        let mut apart = false;
        for (origin, c) in text.chars().enumerate() {
            for c in std::iter::once(c).nfkd() {
                if c.is_whitespace() {
                    apart = true;
                    continue;
                }
                if apart
                    && marks.last().is_some_and(|last| keeps_blank(last.c))
                    && keeps_blank(c)
                    && c != ':'
                {
                    marks.push(Mark {
                        c: ' ',
                        origin,
                        apart: false,
                    });
                }
                marks.push(Mark { c, origin, apart });
                apart = false;
            }
        }
        for accents in marks.chunk_by_mut(|_, next| canonical_combining_class(next.c) != 0) {
            if let Some((_, accents)) = accents.split_first_mut() {
                accents.sort_by_key(|mark| canonical_combining_class(mark.c));
            }
        }
        Self {
            exact: marks.iter().map(|mark| mark.c).collect(),
            simplified: marks.iter().map(|mark| simple(mark.c)).collect(),
            marks,
        }
    }

    /// Where another text stands in this one, the first place that is accepted, in characters of the text.
    pub(super) fn find(
        &self,
        other: &Self,
        script: Script,
        accept: impl Fn(&Surroundings<'_>) -> bool,
    ) -> Option<usize> {
        if other.marks.is_empty() {
            return None;
        }
        let (text, needle) = match script {
            Script::AsPrinted => (&self.exact, &other.exact),
            Script::Either => (&self.simplified, &other.simplified),
        };
        let (mut from, mut byte) = (0_usize, 0_usize);
        text.match_indices(needle.as_str()).find_map(|(at, _)| {
            from += text.get(byte..at).unwrap_or_default().chars().count();
            byte = at;
            let (before, rest) = self.marks.split_at_checked(from)?;
            let (found, after) = rest.split_at_checked(other.marks.len())?;
            let around = Surroundings {
                before: before.last(),
                first: found.first(),
                last: found.last(),
                after,
            };
            accept(&around).then(|| found.first().map(|mark| mark.origin))?
        })
    }
}

impl Surroundings<'_> {
    /// Whether no word goes on over either end. Ideographs have no such ends.
    pub(super) fn cuts_no_word(&self) -> bool {
        let joined = |one: Option<&Mark>, next: Option<&Mark>| match (one, next) {
            (Some(one), Some(next)) => {
                !next.apart && (is_letter(one.c) && is_letter(next.c) || is_combining_mark(next.c))
            }
            _ => false,
        };
        !joined(self.before, self.first) && !joined(self.last, self.after.first())
    }

    /// Whether what was found ends here and does not go on as a longer name; `words` may follow it
    /// without a blank.
    pub(super) fn ends(&self, words: &[&str]) -> bool {
        let Some(next) = self.after.first() else {
            return true;
        };
        let last = self.last.is_some_and(|last| last.c.is_alphanumeric());
        next.apart
            || !last
            || !next.c.is_alphanumeric()
            || words.iter().any(|word| {
                let after = self.after.iter().map(|mark| simple(mark.c));
                word.chars().eq(after.take(word.chars().count()))
            })
    }
}

/// A letter or digit of a script that puts blanks between its words.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

fn keeps_blank(c: char) -> bool {
    !is_han(c) && !matches!(c, ':' | '\u{3000}'..='\u{303F}')
}
