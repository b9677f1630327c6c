//! What a search asks for: words that must be there, words that must not, phrases, beginnings of
//! words, and in which field.
//!
//! Every character has a meaning or none, but no query is refused for its form; only what asks for
//! nothing, or for too much, is. Start with [`Query::parse`].

use std::fmt::Write as _;

use thiserror::Error;

use super::tokens::{pieces, runs, stem};
use crate::kernel::han::{Lexicon, fold};
use crate::kernel::words::words;

/// Longest query in Unicode scalar values.
pub const LONGEST: usize = 300;

/// Words and phrases that a query has at most.
const MOST: usize = 32;

words! {
    /// A part of an article that a query can name, as in `title:harbour`.
    Field {
        /// Title, subtitle, and a reprint's original title.
        Title = "title",
        Summary = "summary",
        Body = "body",
    }
}

/// How much of a text a reader may have, and so how much is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The titles.
    Titles,
    /// The summary, too.
    Summary,
    /// An excerpt, too.
    Lead,
    /// All of it.
    Whole,
}

/// The language in which an engine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite's.
    Fts5,
    /// PostgreSQL's.
    Tsquery,
}

/// Why nothing can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    #[error("has no word that an article could have: a query needs one that is not excluded")]
    Nothing,
    #[error("is longer than {LONGEST} characters")]
    TooLong,
    #[error("has more than {MOST} words")]
    TooMany,
}

impl Unfit {
    /// The kind of fault, as problems name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nothing => "no_words",
            Self::TooLong => "length",
            Self::TooMany => "items",
        }
    }
}

/// Words one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    /// Whether the last one is only the beginning of a word.
    open: bool,
    field: Option<Field>,
}

/// A query that asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    all: Vec<Phrase>,
    none: Vec<Phrase>,
    /// What is shown as found, folded: whole words and phrases, longest first.
    marks: Vec<String>,
}

/// A part of a query as it was written.
struct Term<'a> {
    text: &'a str,
    quoted: bool,
    excluded: bool,
    open: bool,
    field: Option<Field>,
}

/// Cuts a query into its parts.
fn terms(text: &str) -> Vec<Term<'_>> {
    let mut terms = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut term = Term {
            text: "",
            quoted: false,
            excluded: false,
            open: false,
            field: None,
        };
        if let Some(excluded) = rest.strip_prefix('-') {
            term.excluded = true;
            rest = excluded;
        }
        for field in Field::ALL {
            let named = rest.strip_prefix(field.as_str());
            if let Some(of) = named.and_then(|of| of.strip_prefix([':', '：'])) {
                term.field = Some(*field);
                rest = of;
                break;
            }
        }
        // A quotation mark that nothing closes reaches to the end.
        let quotes = [('"', '"'), ('“', '”'), ('「', '」'), ('＂', '＂')];
        let opened = quotes.into_iter().find(|(open, _)| rest.starts_with(*open));
        if let Some((open, close)) = opened {
            let inner = &rest[open.len_utf8()..];
            term.quoted = true;
            (term.text, rest) = inner.split_once(close).unwrap_or((inner, ""));
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (term.text, rest) = rest.split_at(end);
        }
        if let Some(after) = rest.strip_prefix('*') {
            term.open = true;
            rest = after;
        }
        if !term.quoted
            && let Some(before) = term.text.strip_suffix(['*', '＊'])
        {
            term.open = true;
            term.text = before;
        }
        terms.push(term);
        rest = rest.trim_start();
    }
    terms
}

impl Query {
    /// Reads a query. Chinese words part where the lexicon says so.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn parse(text: &str, lexicon: &Lexicon) -> Result<Self, Unfit> {
        if text.chars().count() > LONGEST {
            return Err(Unfit::TooLong);
        }
        let mut query = Self {
            all: Vec::new(),
            none: Vec::new(),
            marks: Vec::new(),
        };
        for term in terms(text) {
            for (phrase, mark) in phrases(&term, lexicon) {
                match term.excluded {
                    true => query.none.push(phrase),
                    false => {
                        query.all.push(phrase);
                        query.marks.push(mark);
                    }
                }
            }
        }
        if query.all.is_empty() {
            return Err(Unfit::Nothing);
        }
        if query.all.len() + query.none.len() > MOST {
            return Err(Unfit::TooMany);
        }
        query
            .marks
            .sort_by_key(|mark| std::cmp::Reverse(mark.len()));
        query.marks.dedup();
        Ok(query)
    }

    /// What is shown as found, folded, longest first.
    pub fn marks(&self) -> &[String] {
        &self.marks
    }

    /// The query as an engine is asked it, for readers of this level.
    pub fn expression(&self, dialect: Dialect, level: Level) -> String {
        self.ranked(dialect, level, None, level)
    }

    /// The hits of one kind: all that is asked for stands within `of`, and did not within `lower`.
    /// What is excluded is looked for in all that a reader of this level may have.
    pub fn ranked(
        &self,
        dialect: Dialect,
        of: Level,
        lower: Option<Level>,
        level: Level,
    ) -> String {
        let signs = Signs::of(dialect);
        let list = |phrases: &[Phrase], level: Level, sign: &str| {
            let told = phrases.iter().map(|phrase| phrase.told(dialect, level));
            format!("({})", told.collect::<Vec<_>>().join(sign))
        };
        let mut told = list(&self.all, of, signs.and);
        if let Some(lower) = lower {
            told = format!("({told}{}{})", signs.not, list(&self.all, lower, signs.and));
        }
        if !self.none.is_empty() {
            told = format!("({told}{}{})", signs.not, list(&self.none, level, signs.or));
        }
        told
    }
}

/// How an engine joins conditions.
struct Signs {
    and: &'static str,
    or: &'static str,
    not: &'static str,
}

impl Signs {
    fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Fts5 => Self {
                and: " AND ",
                or: " OR ",
                not: " NOT ",
            },
            Dialect::Tsquery => Self {
                and: " & ",
                or: " | ",
                not: " & !",
            },
        }
    }
}

/// The phrases of a part, each with what is shown of it as found.
fn phrases(term: &Term<'_>, lexicon: &Lexicon) -> Vec<(Phrase, String)> {
    let folded = fold(term.text);
    let phrase = |words: Vec<String>, open: bool| Phrase {
        words,
        open,
        field: term.field,
    };
    let runs = runs(&folded);
    // What is excluded is excluded as it is written, and not each of its words.
    if term.quoted || (term.excluded && !matches!(runs.as_slice(), [(false, _)])) {
        let (words, open) = row(&folded, term.open);
        return match words.is_empty() {
            true => Vec::new(),
            false => vec![(phrase(words, open), folded)],
        };
    }
    let mut found = Vec::new();
    // Parts of one word, as in `e-mail` or `3.5`, stand together; ideographs part into words.
    let groups: Vec<_> = runs
        .chunk_by(|(one, _), (other, _)| !one && !other)
        .collect();
    let end = groups.len().saturating_sub(1);
    for (n, group) in groups.into_iter().enumerate() {
        let open = term.open && n == end;
        match group {
            [(true, run)] => {
                let words = lexicon.words(run);
                let end = words.len().saturating_sub(1);
                for (n, word) in words.into_iter().enumerate() {
                    let (words, open) = row(&word, open && n == end);
                    found.push((phrase(words, open), word));
                }
            }
            [(false, word)] if !open => {
                let known = stem(word).unwrap_or_else(|| (*word).to_owned());
                found.push((phrase(vec![known], false), (*word).to_owned()));
            }
            parts => {
                let words: Vec<String> = parts.iter().map(|(_, word)| (*word).to_owned()).collect();
                let shown = words.join(" ");
                found.push((phrase(words, open), shown));
            }
        }
    }
    found
}

/// A folded text as a row of the index's words; whether the last one is only a beginning.
fn row(folded: &str, open: bool) -> (Vec<String>, bool) {
    let mut pieces = pieces(folded);
    let ends_open = pieces.last().is_some_and(|last| last.ideographic);
    if !ends_open {
        return (pieces.into_iter().map(|piece| piece.text).collect(), open);
    }
    // The last ideograph stands in the text as the beginning of a pair, unless a run ends there: with
    // another before it in its run, the pair of both says enough.
    let single = runs(folded)
        .last()
        .is_some_and(|(_, run)| run.chars().nth(1).is_none());
    if !single {
        pieces.pop();
    }
    (pieces.into_iter().map(|piece| piece.text).collect(), single)
}

impl Phrase {
    fn told(&self, dialect: Dialect, level: Level) -> String {
        match dialect {
            Dialect::Fts5 => self.fts5(level),
            Dialect::Tsquery => self.tsquery(level),
        }
    }

    /// Which of the index's four fields are looked at: title, summary, lead, body. The whole body
    /// holds the lead.
    fn fields(&self, level: Level) -> [bool; 4] {
        let within = match level {
            Level::Titles => [true, false, false, false],
            Level::Summary => [true, true, false, false],
            Level::Lead => [true, true, true, false],
            Level::Whole => [true, true, false, true],
        };
        let named = match self.field {
            None => [true; 4],
            Some(Field::Title) => [true, false, false, false],
            Some(Field::Summary) => [false, true, false, false],
            Some(Field::Body) => [false, false, true, true],
        };
        std::array::from_fn(|n| within[n] && named[n])
    }

    fn fts5(&self, level: Level) -> String {
        const NAMES: [&str; 4] = ["title", "summary", "lead", "body"];
        let fields = self.fields(level).into_iter().zip(NAMES);
        let named: Vec<&str> = fields
            .filter(|(given, _)| *given)
            .map(|(_, name)| name)
            .collect();
        let mut told = match named.is_empty() {
            // A field of which this reader may have nothing: no text has the empty word.
            true => return "\"\u{2D9}\u{2D9}\"".to_owned(),
            false => format!("{{{}}} : \"{}\"", named.join(" "), self.words.join(" ")),
        };
        if self.open {
            told.push_str(" *");
        }
        told
    }

    fn tsquery(&self, level: Level) -> String {
        const WEIGHTS: [char; 4] = ['A', 'B', 'C', 'D'];
        let fields = self.fields(level).into_iter().zip(WEIGHTS);
        let mut marks: String = fields
            .filter(|(given, _)| *given)
            .map(|(_, weight)| weight)
            .collect();
        if marks.is_empty() {
            return "'\u{2D9}\u{2D9}'".to_owned();
        }
        if marks == "ABD" {
            // All of the text: then nothing has to be looked up but the index.
            marks.clear();
        }
        let last = self.words.len().saturating_sub(1);
        let mut told = String::from("(");
        for (n, word) in self.words.iter().enumerate() {
            let open = if self.open && n == last { "*" } else { "" };
            let marks = if marks.is_empty() && open.is_empty() {
                String::new()
            } else {
                format!(":{open}{marks}")
            };
            let between = if n == 0 { "" } else { " <-> " };
            let _ = write!(told, "{between}'{word}'{marks}");
        }
        told.push(')');
        told
    }
}
