//! An item of a wire as the draft of a reprint, with its original fields, its rights and its digest.

use std::collections::HashSet;

use super::markup::{count, markup, web_url};
use super::registers::{House, Registers, Wanted};
use super::terms;
use super::view::{SourceMatch, WarningReport};
use crate::arrivals::wires::{Body, Image, Party, WireItem};
use crate::articles::body::{Block, Body as Text};
use crate::articles::model::{Content, Draft};
use crate::articles::view::input::{ArticleInput, BodyInput};
use crate::articles::view::input_parts::{DatelineInput, OriginalInput};
use crate::kernel::fault::Fault;
use crate::kernel::han::{Script, script_of};
use crate::kernel::id::SourceId;
use crate::kernel::language::Language;
use crate::kernel::text::is_han;
use crate::rights::{AiLabel, SourceKind};

/// Longest texts of an article's members.
const TITLE: usize = 300;
const SUMMARY: usize = 2_000;
const TAG: usize = 100;
const MOST_TAGS: usize = 50;

/// Names by which an item's source may be known, the nearest first.
pub fn wanted(item: &WireItem) -> Wanted {
    let parties = item
        .provider
        .iter()
        .chain(&item.sources)
        .chain(&item.copyright_holder);
    let names = parties.flat_map(|party: &Party| party.name.iter().chain(&party.uri));
    Wanted {
        sources: names.cloned().collect(),
        ..Wanted::default()
    }
}

/// An item as a draft, with what is in doubt.
pub struct Written {
    pub draft: Draft,
    pub source_match: SourceMatch,
    pub warnings: Vec<WarningReport>,
}

/// Whose the item is: a wire is another's, and never the newsroom's own by its word alone.
pub fn matched(item: &WireItem, registers: &Registers) -> (SourceMatch, Option<SourceId>) {
    let names = wanted(item).sources;
    let mut found = names.iter().filter_map(|name| registers.source(name));
    match found.next() {
        Some((id, SourceKind::External)) => (SourceMatch::External, Some(id)),
        Some((_, SourceKind::Own)) | None => (SourceMatch::NeedsReview, None),
    }
}

/// The draft.
///
/// # Errors
/// All faults of what the item has, or lacks.
pub fn written(
    item: &WireItem,
    registers: &Registers,
    house: &House,
) -> Result<Written, Vec<Fault>> {
    let mut warnings = Vec::new();
    let (source_match, source_id) = matched(item, registers);
    if source_id.is_none() {
        let names = wanted(item).sources.join(", ");
        let detail = format!("The register of sources has no other medium of these: {names}.");
        warnings.push(WarningReport::new("unknown_source", detail));
    }
    let title = item.title.clone().unwrap_or_default();
    if item.body_is_summary {
        let detail = "The feed holds no more than the description.";
        warnings.push(WarningReport::new("body_is_summary", detail));
    }
    let pictures: Vec<Block> = item.images.iter().filter_map(picture).collect();
    if pictures.len() < item.images.len() {
        let left = count(item.images.len() - pictures.len());
        let detail = format!("{left} pictures have no address that can be kept");
        warnings.push(WarningReport::new("images_dropped", detail));
    }
    if let Some(end) = item.rights_expire_at {
        let detail = format!("The agency's rights end at {end}: nothing here ends by it.");
        warnings.push(WarningReport::new("rights_expire", detail));
    }
    let tags = item
        .keywords
        .iter()
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty() && tag.chars().count() <= TAG);
    let summary = match &item.summary {
        Some(Body::Text(text)) => cut(text, SUMMARY),
        Some(Body::Html(html)) => cut(&plain(html), SUMMARY),
        None => String::new(),
    };
    let input = ArticleInput {
        title: cut(&title, TITLE),
        subtitle: item
            .subtitle
            .as_deref()
            .map(|subtitle| cut(subtitle, TITLE)),
        slug: None,
        summary,
        language: language(item, house),
        genre: "news".to_owned(),
        dateline: item.located.as_ref().map(|place| DatelineInput {
            place: Some(cut(place, 200)),
            date: None,
            agency: item
                .provider
                .as_ref()
                .and_then(|party| Some(cut(party.name.as_deref()?, 200))),
        }),
        body: body(item.body.as_ref(), pictures),
        section_id: None,
        tags: distinct(tags),
        contributors: Vec::new(),
        source_id,
        editor_id: None,
        end_mark: None,
        ai_label: ai_label(item.digital_source_type.as_deref()),
        ai_label_reason: None,
        seo: None,
        related: Vec::new(),
        translation_of: None,
        original: Some(original(item)),
        extra: terms::of(item, &mut warnings),
        change_note: Some("Taken in from a wire.".to_owned()),
    };
    let mut draft = input.parse()?;
    draft.embargoed_until = item.embargoed_until;
    Ok(Written {
        draft,
        source_match,
        warnings,
    })
}

fn original(item: &WireItem) -> OriginalInput {
    let title = item.original_title.as_ref().or(item.title.as_ref());
    let title = title.map(|title| {
        cut(
            &title.split_whitespace().collect::<Vec<_>>().join(" "),
            TITLE,
        )
    });
    OriginalInput {
        title,
        authors: item
            .authors
            .iter()
            .take(50)
            .map(|name| cut(name, 200))
            .filter(|name| !name.is_empty())
            .collect(),
        author_unstated: None,
        url: web_url(item.url.as_deref()),
        // What a wire has no address of is found again by its identifier.
        print_ref: item.url.is_none().then(|| cut(&item.guid, 300)),
        published_at: item.published_at.or(item.first_created_at),
    }
}

/// The item's text with its pictures, those that the text does not show at its end.
fn body(body: Option<&Body>, pictures: Vec<Block>) -> BodyInput {
    let mut blocks = match body {
        Some(Body::Html(html)) => match Text::from_html(html) {
            Ok(body) => body.into_blocks(),
            // Read once more with the rest, it tells its faults.
            Err(_) => return BodyInput::Html(html.clone()),
        },
        Some(Body::Text(text)) => paragraphs(text),
        None => Vec::new(),
    };
    let address = |block: &Block| match block {
        Block::Image { url, .. } => Some(url.clone()),
        _ => None,
    };
    let shown: Vec<String> = blocks.iter().filter_map(address).collect();
    let more = pictures.into_iter();
    blocks.extend(more.filter(|one| address(one).is_none_or(|url| !shown.contains(&url))));
    BodyInput::Blocks(blocks)
}

/// A later version of what the desk has worked on: what no wire says, or this one does not, stays.
pub fn renewed(
    before: &Content,
    item: &WireItem,
    mut content: Content,
    warnings: &mut Vec<WarningReport>,
) -> Content {
    content.slug.clone_from(&before.slug);
    content.section_id = before.section_id;
    content.editor_id = before.editor_id;
    content.contributors.clone_from(&before.contributors);
    content.related.clone_from(&before.related);
    content.translation_of = before.translation_of;
    content.seo.clone_from(&before.seo);
    content.genre.clone_from(&before.genre);
    content.end_mark.clone_from(&before.end_mark);
    content.source_id = before.source_id.or(content.source_id);
    // An agency's label is never lowered by a version that has none.
    content.ai_label = content.ai_label.max(before.ai_label);
    if content.summary.is_empty() {
        content.summary.clone_from(&before.summary);
    }
    if item.language.is_none() {
        content.language.clone_from(&before.language);
    }
    content.subtitle = content.subtitle.or_else(|| before.subtitle.clone());
    content.dateline = content.dateline.or_else(|| before.dateline.clone());
    content.tags = distinct(before.tags.iter().cloned().chain(content.tags));
    if let (Some(ours), Some(theirs)) = (&before.original, &mut content.original)
        && theirs.authors.is_empty()
    {
        theirs.authors.clone_from(&ours.authors);
        theirs.author_unstated.clone_from(&ours.author_unstated);
    }
    content.extra = terms::renewed(before.extra.clone(), content.extra, warnings);
    content
}

/// Each tag once, as many as an article has.
fn distinct(tags: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let each = tags.filter(|tag| seen.insert(tag.clone()));
    each.take(MOST_TAGS).collect()
}

fn picture(image: &Image) -> Option<Block> {
    let widest = image
        .renditions
        .iter()
        .filter(|one| web_url(Some(&one.href)).is_some());
    let widest = widest.max_by_key(|one| one.width.unwrap_or(0))?;
    let size = |n: Option<u32>| n.filter(|n| (1..=100_000).contains(n));
    Some(Block::Image {
        url: web_url(Some(&widest.href))?,
        alt: String::new(),
        caption: image
            .caption
            .as_deref()
            .map(|caption| markup(&plain(caption)))
            .filter(|text| !text.is_empty()),
        credit: image
            .credit
            .as_deref()
            .map(|credit| cut(credit, 1_000))
            .filter(|text| !text.is_empty()),
        width: size(widest.width),
        height: size(widest.height),
    })
}

/// What IPTC's terms say of the part that machines had.
fn ai_label(source_type: Option<&str>) -> AiLabel {
    let Some(word) = source_type else {
        return AiLabel::None;
    };
    match word {
        word if word.ends_with("compositeWithTrainedAlgorithmicMedia") => AiLabel::Assisted,
        word if word.ends_with("trainedAlgorithmicMedia") => AiLabel::Generated,
        _ => AiLabel::None,
    }
}

/// The language that the item names, or the one that its characters show.
fn language(item: &WireItem, house: &House) -> Language {
    let named = item.language.as_deref().and_then(tag);
    let title = item.title.as_deref().unwrap_or_default();
    match named {
        Some(language) if language.as_str() != "zh" => language,
        _ if title.chars().any(is_han) => {
            let text = match &item.body {
                Some(Body::Html(text) | Body::Text(text)) => text.as_str(),
                None => title,
            };
            Language::in_script(script_of(text).unwrap_or(Script::Hans))
        }
        Some(language) => language,
        None => house.language.clone(),
    }
}

/// A tag of BCP 47 in the form that is kept here.
fn tag(tag: &str) -> Option<Language> {
    let mut parts = tag.split(['-', '_']);
    let mut written = parts.next()?.to_ascii_lowercase();
    for part in parts {
        written.push('-');
        match part.len() {
            4 => {
                let lower = part.to_ascii_lowercase();
                let mut letters = lower.chars();
                written.extend(letters.next().map(|first| first.to_ascii_uppercase()));
                written.push_str(letters.as_str());
            }
            2 => written.push_str(&part.to_ascii_uppercase()),
            _ => return Language::parse(written.trim_end_matches('-')),
        }
    }
    Language::parse(&written)
}

/// Plain text as paragraphs.
fn paragraphs(text: &str) -> Vec<Block> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| Block::Paragraph { text: markup(text) })
        .collect()
}

/// The words of a piece of HTML.
fn plain(html: &str) -> String {
    let words = match Text::from_html(html) {
        Ok(body) => body.to_text(),
        Err(_) => html.to_owned(),
    };
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text on one line, at most so long.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.trim()
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}
