//! What a page says once it is read: typed fields, each with the place where it stands.
//!
//! Nothing here is corrected or completed. What the page doesn't say is `None`, and what could be read in two ways
//! is a [`Warning`]. Must not read anything: that is the other files' work.
//!
//! Start with [`Page`].

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;

use super::charset::Decoding;
use crate::kernel::words::words;

/// A piece of the page, character by character as it stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    pub text: String,
    /// Where it begins in [`Page::text`], in Unicode scalar values; `None` if it stands in the page's metadata only.
    pub at: Option<usize>,
}

impl Excerpt {
    pub(super) fn new(text: impl Into<String>, at: usize) -> Self {
        Self {
            text: text.into(),
            at: Some(at),
        }
    }

    pub(super) fn unplaced(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: None,
        }
    }
}

/// An article's page as it was printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    pub(super) text: String,
    /// How the bytes were decoded.
    pub decoding: Decoding,
    /// All crumbs, the home page's with them.
    pub breadcrumb: Vec<Excerpt>,
    pub title: Option<Excerpt>,
    pub subtitle: Option<Excerpt>,
    pub published: Option<PrintedTime>,
    pub source: Option<SourceLabel>,
    /// The editor as named: one name or several.
    pub editor: Option<Excerpt>,
    /// Whom the line under the title names as author or reporter.
    pub authors: Vec<Excerpt>,
    pub dateline: Option<Dateline>,
    pub blocks: Vec<PlacedBlock>,
    /// `(完)`, `###` and the like, taken off the last paragraph.
    pub end_mark: Option<Excerpt>,
    pub notices: Option<Notices>,
    pub warnings: Vec<Warning>,
}

impl Page {
    /// The plain text that every `at` counts in. For a text page it is the decoded text itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the page was read with this doubt.
    pub fn warned(&self, kind: WarningKind) -> bool {
        self.warnings.iter().any(|warning| warning.kind == kind)
    }
}

/// A time as printed on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrintedTime {
    pub raw: Excerpt,
    pub date: NaiveDate,
    /// `None` if only the day is printed.
    pub local: Option<NaiveDateTime>,
    /// The same instant by the printed offset, or else by the site's zone.
    pub utc: Option<DateTime<Utc>>,
}

/// The source that the page names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLabel {
    /// Without the words before the colon and without `（非本网）`.
    pub label: Excerpt,
    pub url: Option<String>,
    /// Whether `（非本网）` or `(not this site)` stood behind the label.
    pub not_this_site: bool,
}

/// The opening of the first paragraph that says where the story comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dateline {
    /// All of it, reporters included, as taken off the first paragraph.
    pub raw: Excerpt,
    pub agency: Option<Excerpt>,
    pub places: Vec<Excerpt>,
    /// Month and day as printed.
    pub month_day: Option<(u32, u32)>,
    /// With the year as printed, or else as the page's own date gives it.
    pub date: Option<NaiveDate>,
    pub reporters: Vec<Excerpt>,
}

/// A block and the place where its text begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlacedBlock {
    pub at: usize,
    #[serde(flatten)]
    pub block: Block,
}

/// A part of the body, in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    Paragraph {
        text: String,
    },
    Heading {
        level: u8,
        text: String,
    },
    Image {
        src: String,
        alt: Option<String>,
        caption: Option<Excerpt>,
    },
    List {
        items: Vec<Excerpt>,
    },
    Table {
        rows: Vec<Vec<String>>,
    },
    Quote {
        text: String,
    },
}

/// The copyright notice and disclaimer under the article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notices {
    pub heading: Option<Excerpt>,
    pub clauses: Vec<Clause>,
    /// The credit that authorised users must print, whole: `来源：…`.
    pub credit_line: Option<Excerpt>,
    /// The same without the words before the colon.
    pub credit_label: Option<Excerpt>,
    /// The source labels that mark the site's own works.
    pub own_labels: Vec<Excerpt>,
    /// Within how many days complaints are asked for.
    pub window_days: Option<u32>,
    pub desk: Option<Excerpt>,
    pub telephones: Vec<Excerpt>,
    pub emails: Vec<Excerpt>,
}

/// One clause of a notice, without its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    pub kind: ClauseKind,
    pub text: Excerpt,
}

/// A doubt, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub kind: WarningKind,
    pub detail: String,
}

words! {
    /// What the bytes are said to be.
    Kind {
        Html = "html",
        Text = "text",
    }

    /// What a clause of a notice is about.
    ClauseKind {
        /// Works of the site itself, and what others must do to use them.
        OwnWork = "own_work",
        /// Works passed on from elsewhere.
        Reprint = "reprint",
        /// How and how long to complain.
        Contact = "contact",
        Other = "other",
    }

    /// Everything that a page can leave in doubt.
    WarningKind {
        NoTitle = "no_title",
        /// Two lines could be the title; the first was taken.
        TitleUncertain = "title_uncertain",
        NoTime = "no_time",
        /// Only the day is printed.
        NoTimeOfDay = "no_time_of_day",
        /// The local time came twice that day, when the clocks were put back; the first was taken.
        AmbiguousTime = "ambiguous_time",
        /// The local time was skipped when the clocks were put forward; the first instant after was taken.
        NonexistentTime = "nonexistent_time",
        /// A zone's letters stand behind the time, and are not understood; the site's zone was taken.
        ZoneUnread = "zone_unread",
        /// The page's metadata names another time than is printed; the printed one was taken.
        TimesDisagree = "times_disagree",
        NoSource = "no_source",
        NoBody = "no_body",
        /// The body is nothing but tables.
        TableOnly = "table_only",
        SeveralArticles = "several_articles",
        LinksDropped = "links_dropped",
        ImagesDropped = "images_dropped",
        /// Lines above the fields, behind the article's end, or of nothing but links among the body were not taken.
        LinesLeftOut = "lines_left_out",
        /// What is the article and what is around it was decided without the structure of the page.
        MainUncertain = "main_uncertain",
        /// The markup was too deep or too much to be parsed; only its text was read.
        MarkupFlattened = "markup_flattened",
        /// The page could not be read to its end: too many lines, or tags too long to be any.
        CutOff = "cut_off",
        /// A dateline's words could not be told apart into agency and place.
        DatelineUnclear = "dateline_unclear",
        /// A notice without clauses, or with terms that could not be told.
        NoticeUnclear = "notice_unclear",
        /// The declared encoding is not that of the bytes.
        CharsetMistrusted = "charset_mistrusted",
        /// The declared encoding is none that is known.
        CharsetUnknown = "charset_unknown",
        MalformedBytes = "malformed_bytes",
    }
}

/// The doubts met so far.
#[derive(Debug, Default)]
pub(super) struct Warnings(pub(super) Vec<Warning>);

impl Warnings {
    pub(super) fn add(&mut self, kind: WarningKind, detail: impl Into<String>) {
        self.0.push(Warning {
            kind,
            detail: detail.into(),
        });
    }
}
