//! What a check answers.

use serde::Serialize;
use utoipa::ToSchema;

use super::Passage;
use super::check::wide;
use crate::http::reply::{Owing, Works};
use crate::kernel::id::{ArticleId, NoticeId};
use crate::kernel::words::words;
use crate::rights::{
    Alteration, Attribution, Carried, CreditBlock, Deliverable, Extent, InBand, NoticeKind,
    ReasonClass,
};

words! {
    /// How a page prints the credit line.
    CreditState {
        /// As it must be printed; widths and blanks are not looked at.
        Exact = "exact",
        /// In the other script of Chinese.
        OtherScript = "other_script",
        /// The source's name stands somewhere, without the line around it.
        LabelOnly = "label_only",
        Missing = "missing",
    }

    /// How a page prints the title.
    TitleState {
        Same = "same",
        OtherScript = "other_script",
        Changed = "changed",
        /// It is nowhere, and what the page calls itself is unknown.
        Missing = "missing",
    }

    /// What was done to a passage.
    AlteredKind {
        Inserted = "inserted",
        Deleted = "deleted",
        Replaced = "replaced",
    }
}

/// The longest passage that page and article have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunView {
    /// Chinese characters, or words of other scripts.
    pub units: u64,
    /// Where it begins in the page's text.
    pub at: u64,
    /// Where it begins in the article's plain text.
    pub original_at: u64,
}

/// How much was taken, held against what the partner's licence gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExtentView {
    /// Characters of the article that the page has.
    pub taken_chars: u64,
    pub licensed: Extent,
    /// How many characters may be printed; null without a limit.
    #[schema(required = true)]
    pub licensed_chars: Option<u64>,
    /// Whether no more was taken than that.
    pub within: bool,
    /// How far the text may be altered.
    pub may_alter: Alteration,
}

/// The credit line as it must be printed, and how the page prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditView {
    pub expected: String,
    pub state: CreditState,
    /// Where it begins in the page's text.
    #[schema(required = true)]
    pub at: Option<u64>,
}

/// The article's title, and how the page prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TitleView {
    pub expected: String,
    pub state: TitleState,
    #[schema(required = true)]
    pub at: Option<u64>,
    /// The title that the page has instead.
    #[schema(required = true)]
    pub found: Option<String>,
}

/// A notice that belongs to the article, and whether the page carries it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoticeView {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub present: bool,
    /// The share of its text that is there, 0 to 1.
    pub share: f64,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassageView {
    pub at: u64,
    pub until: u64,
    /// How it begins. Of the article it is for the desk: to partners a text goes as a delivery alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quote: Option<String>,
}

impl PassageView {
    pub(super) fn of(passage: &Passage, with_text: bool) -> Self {
        Self {
            at: wide(passage.span.start),
            until: wide(passage.span.end),
            quote: with_text.then(|| passage.quote.clone()),
        }
    }
}

/// A passage that the page has otherwise than the article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlteredView {
    pub kind: AlteredKind,
    /// Where it stands in the page's text.
    pub page: PassageView,
    /// Where it stands in the article's plain text.
    pub original: PassageView,
}

/// An article that a page derives from. Shares and places are of the text that the caller may read.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"id": "art_01900000000070008000000000000001", "slug": "harbour-opens", "version": 1,
    "original_in_page": 0.97, "page_in_original": 0.41, "longest_run": {"units": 210, "at": 31, "original_at": 0},
    "extent": {"taken_chars": 620, "licensed": "full", "licensed_chars": null, "within": true, "may_alter": "format"},
    "credit": {"expected": "Source: Harbour Daily", "state": "exact", "at": 12},
    "title": {"expected": "Harbour opens its new quay", "state": "changed", "at": null, "found": "A new quay"},
    "notices": [{"id": "ntc_01900000000070008000000000000001", "kind": "own_work", "present": false, "share": 0.1}],
    "altered": [{"kind": "replaced", "page": {"at": 40, "until": 52, "quote": "on Tuesday"},
        "original": {"at": 18, "until": 29, "quote": "on Monday"}}], "altered_total": 1}))]
pub struct MatchView {
    pub id: ArticleId,
    pub slug: String,
    /// The version that it was compared with.
    pub version: i64,
    /// The share of the article that the page has, 0 to 1.
    pub original_in_page: f64,
    /// The share of the page that is of the article, 0 to 1.
    pub page_in_original: f64,
    #[schema(required = true)]
    pub longest_run: Option<RunView>,
    /// Null where no partner is asked about, and to a partner who may not have the whole text.
    #[schema(required = true)]
    pub extent: Option<ExtentView>,
    pub credit: CreditView,
    pub title: TitleView,
    pub notices: Vec<NoticeView>,
    /// Passages altered, in the order of the page: two hundred at most.
    pub altered: Vec<AlteredView>,
    pub altered_total: u64,
}

impl InBand for MatchView {
    fn carry(&mut self, _: CreditBlock<'_>) {}

    fn body(&self) -> Option<Carried> {
        None
    }
}

/// An article that a page derives from, with its attribution.
#[derive(Serialize, ToSchema)]
#[schema(as = ReprintMatch)]
pub struct MatchSchema {
    #[serde(flatten)]
    pub found: MatchView,
    pub attribution: Attribution,
}

/// An article that a page derives from and that was withdrawn since: nobody may print it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WithdrawnMatch {
    pub id: ArticleId,
    pub reason_class: ReasonClass,
    pub original_in_page: f64,
}

/// What a page derives from, the most alike first.
#[derive(Serialize, ToSchema)]
#[schema(as = ReprintCheck, example = json!({"text": "Harbour opens its new quay\n\nThe quay opens on Monday.", "matches": [],
    "withdrawn": [{"id": "art_01900000000070008000000000000001", "reason_class": "editorial", "original_in_page": 0.97}]}))]
pub struct CheckView {
    /// The text that the page was read as: all places in it count Unicode scalar values of this.
    pub text: String,
    #[schema(value_type = Vec<MatchSchema>)]
    pub matches: Vec<Deliverable<MatchView>>,
    /// For the desk, and for partners who were given the whole text.
    pub withdrawn: Vec<WithdrawnMatch>,
}

impl Works for CheckView {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        let works = self.matches.iter_mut();
        works.map(|work| work as &mut dyn Owing).collect()
    }
}
