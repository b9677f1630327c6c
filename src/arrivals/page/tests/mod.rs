//! Pages of our own making, read whole.

mod charsets;
mod chinese;
mod datelines;
mod english;
mod hostile;
mod notices;
mod timed;

use chrono_tz::Tz;

use super::{Block, Kind, Page, Raw, read};

/// Reads a page of a site in Shanghai that knows one agency beyond the common ones.
fn html(source: &str) -> Page {
    in_zone(source, Kind::Html, chrono_tz::Asia::Shanghai)
}

fn text(source: &str) -> Page {
    in_zone(source, Kind::Text, chrono_tz::Asia::Shanghai)
}

fn in_zone(source: &str, kind: Kind, zone: Tz) -> Page {
    let page = read(&Raw {
        bytes: source.as_bytes(),
        charset: Some("utf-8"),
        kind,
        zone,
        agencies: &["海湾通讯".to_owned()],
    })
    .expect("it is a page");
    check_places(&page);
    page
}

/// Every piece stands where it says.
fn check_places(page: &Page) {
    let there = |at: usize, length: usize| -> String {
        page.text().chars().skip(at).take(length).collect()
    };
    let fields = page
        .title
        .iter()
        .chain(&page.subtitle)
        .chain(&page.editor)
        .chain(&page.end_mark);
    let dateline = page.dateline.iter().flat_map(|dateline| {
        dateline
            .agency
            .iter()
            .chain(&dateline.places)
            .chain(&dateline.reporters)
            .chain([&dateline.raw])
    });
    let notices = page.notices.iter().flat_map(|notices| {
        let clauses = notices.clauses.iter().map(|clause| &clause.text);
        let terms = notices
            .credit_line
            .iter()
            .chain(&notices.credit_label)
            .chain(&notices.own_labels);
        let contact = notices
            .desk
            .iter()
            .chain(&notices.telephones)
            .chain(&notices.emails);
        clauses.chain(&notices.heading).chain(terms).chain(contact)
    });
    let source = page.source.iter().map(|source| &source.label);
    let time = page.published.iter().map(|time| &time.raw);
    for piece in fields
        .chain(&page.breadcrumb)
        .chain(&page.authors)
        .chain(dateline)
        .chain(notices)
        .chain(source)
        .chain(time)
    {
        if let Some(at) = piece.at {
            assert_eq!(there(at, piece.text.chars().count()), piece.text);
        }
    }
    for block in &page.blocks {
        let first = match &block.block {
            Block::Paragraph { text } | Block::Heading { text, .. } | Block::Quote { text } => {
                text.as_str()
            }
            Block::List { items } => items.first().map_or("", |item| item.text.as_str()),
            Block::Image { .. } | Block::Table { .. } => "",
        };
        // Joined lines differ in their ends.
        let beginning: String = first.chars().take(30).collect();
        let found = there(block.at, beginning.chars().count());
        if !matches!(&block.block, Block::List { .. }) {
            assert_eq!(found.replace('\n', " "), beginning);
        }
    }
}

/// The body, one word and text per block.
fn body(page: &Page) -> Vec<String> {
    page.blocks
        .iter()
        .map(|placed| match &placed.block {
            Block::Paragraph { text } => format!("p {text}"),
            Block::Heading { level, text } => format!("h{level} {text}"),
            Block::Image { src, alt, caption } => {
                let caption = caption.as_ref().map_or("", |caption| caption.text.as_str());
                format!(
                    "img {src} [{}] {caption}",
                    alt.as_deref().unwrap_or_default()
                )
            }
            Block::List { items } => {
                let items: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
                format!("list {}", items.join(" | "))
            }
            Block::Table { rows } => {
                let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
                format!("table {}", rows.join(";"))
            }
            Block::Quote { text } => format!("quote {text}"),
        })
        .collect()
}

fn texts(pieces: &[super::Excerpt]) -> Vec<&str> {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn warnings(page: &Page) -> Vec<&'static str> {
    page.warnings
        .iter()
        .map(|warning| warning.kind.as_str())
        .collect()
}
