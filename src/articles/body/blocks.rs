//! The shapes of the blocks and the limits that hold for them.
//!
//! Declarations only: what is checked stands in `check`, what is written in `html`, `markdown` and `plain`. The
//! limits in the schema attributes and the constants must agree; a test compares them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most blocks in a body.
pub const MAX_BLOCKS: usize = 2_000;
/// The most characters in one text, item, cell or caption, markup included.
pub const MAX_TEXT_CHARS: usize = 20_000;
/// The most characters in all texts of a body together, markup included.
pub const MAX_BODY_CHARS: usize = 1_000_000;
/// The most items in a list, and rows in a table.
pub(super) const MAX_ITEMS: usize = 1_000;
/// The most columns in a table.
pub(super) const MAX_COLUMNS: usize = 50;
/// The most characters in an address.
pub(super) const MAX_URL_CHARS: usize = 2_000;
/// The most characters in a plain label: alternative text, image credit, origin of a quote, title of an embed.
pub(super) const MAX_LABEL_CHARS: usize = 1_000;
/// The greatest width or height of an image in pixels.
pub(super) const MAX_PIXELS: u32 = 100_000;

/// One block of a body. `text`, `items`, cells and `caption` hold inline HTML of a short list of elements: `a`, `em`,
/// `strong`, `code`, `sub`, `sup`, `s`, `u`, `br`, `mark`, `q`, `cite`, `abbr`, `ruby`, `rt`, `rp`. Anything else is
/// stripped. The other fields are plain text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// A paragraph.
    Paragraph {
        /// Inline HTML, at most 20,000 characters.
        #[schema(
            example = "中新网成都11月2日电 (记者 李明)四川省<strong>前三季度</strong>经济运行平稳。",
            min_length = 1,
            max_length = 20000
        )]
        text: String,
    },
    /// A heading inside the article. Level 1 is the title, which isn't part of the body.
    Heading {
        /// 2 to 4.
        #[schema(example = 2, minimum = 2, maximum = 4)]
        level: u8,
        /// Inline HTML, at most 20,000 characters.
        #[schema(example = "经济运行平稳", min_length = 1, max_length = 20000)]
        text: String,
    },
    /// A quotation that stands alone.
    Quote {
        /// Inline HTML, at most 20,000 characters; `br` parts its paragraphs.
        #[schema(example = "我们会继续努力。", min_length = 1, max_length = 20000)]
        text: String,
        /// Who said or wrote it, plain text of at most 1,000 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = "李明", max_length = 1000, nullable = false)]
        cite: Option<String>,
    },
    /// A list. Lists inside lists are flattened.
    List {
        /// Whether the items are numbered, from 1.
        #[schema(example = false)]
        ordered: bool,
        /// 1 to 1,000 items of inline HTML, each at most 20,000 characters.
        #[schema(example = json!(["工业增长6.2%", "消费增长5.1%"]), min_items = 1, max_items = 1000)]
        items: Vec<String>,
    },
    /// A picture.
    Image {
        /// `http` or `https`, or a path on this site that starts with `/`. At most 2,000 characters.
        #[schema(
            example = "/media/2026/11/chengdu.jpg",
            min_length = 1,
            max_length = 2000
        )]
        url: String,
        /// What the picture shows, for those who can't see it: plain text, at most 1,000 characters. Empty if it only decorates.
        #[serde(default)]
        #[schema(example = "成都天府广场的清晨", max_length = 1000)]
        alt: String,
        /// The line below, inline HTML of at most 20,000 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = "11月2日，天府广场。", max_length = 20000, nullable = false)]
        caption: Option<String>,
        /// Who took it, plain text of at most 1,000 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = "中新社记者 王磊 摄", max_length = 1000, nullable = false)]
        credit: Option<String>,
        /// Width in pixels, 1 to 100,000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = 1600, minimum = 1, maximum = 100000, nullable = false)]
        width: Option<u32>,
        /// Height in pixels, 1 to 100,000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = 900, minimum = 1, maximum = 100000, nullable = false)]
        height: Option<u32>,
    },
    /// A table. Every row has as many cells as the header, or as the first row if there is no header.
    Table {
        /// Headings of the columns, inline HTML; at most 50. Empty if there are none.
        #[serde(default)]
        #[schema(example = json!(["地区", "增速"]), max_items = 50)]
        header: Vec<String>,
        /// At most 1,000 rows of at most 50 cells, inline HTML of at most 20,000 characters each.
        #[schema(example = json!([["成都", "6.0%"], ["绵阳", "7.1%"]]), max_items = 1000)]
        rows: Vec<Vec<String>>,
    },
    /// Something that stands on another page, given out as a link and never as a frame.
    Embed {
        /// `http` or `https`, or a path on this site that starts with `/`. At most 2,000 characters.
        #[schema(
            example = "https://video.example.com/v/20261102",
            min_length = 1,
            max_length = 2000
        )]
        url: String,
        /// What is there, plain text of at most 1,000 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = "现场视频", max_length = 1000, nullable = false)]
        title: Option<String>,
    },
}

impl Block {
    /// The name of the kind, as in the `type` field.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Paragraph { .. } => "paragraph",
            Self::Heading { .. } => "heading",
            Self::Quote { .. } => "quote",
            Self::List { .. } => "list",
            Self::Image { .. } => "image",
            Self::Table { .. } => "table",
            Self::Embed { .. } => "embed",
        }
    }
}
