//! The one reader of pages: lines in, [`Page`] out, whatever the lines came from.
//!
//! Takes the page apart from the outside: breadcrumb, title, notice, the line of fields; what is left between them
//! is the article. Must not change a character of what it takes.
//!
//! Start with [`read`].

use std::collections::HashSet;
use std::ops::Range;

use chrono_tz::Tz;

use super::article::{self, PARAGRAPH};
use super::charset::Decoding;
use super::dateline::Context;
use super::fields::{self, Fields};
use super::lines::{Flat, Line};
use super::model::{Excerpt, Kind, Page, PrintedTime, SourceLabel, WarningKind, Warnings};
use super::times;
use super::title::Title;
use super::view::{View, bare, head};
use super::{body, crumbs, notice, tail, title};
use crate::kernel::han::fold;

/// How far below the title its fields may stand, and how far into a page without a placed title.
const FIELD_LINES: usize = 14;
const FIRST_LINES: usize = 60;
/// The most lines of one page; each is looked at several times.
const MAX_LINES: usize = 50_000;
/// A sentence longer than this is the article's, if it stands below fields.
const SENTENCE: usize = 15;

/// What a page is read by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) kind: Kind,
    pub(super) zone: Tz,
    pub(super) agencies: &'a [String],
}

/// Reads a page that was made flat.
pub(super) fn read(
    flat: Flat,
    decoding: Decoding,
    terms: Terms<'_>,
    mut warnings: Warnings,
) -> Page {
    let Flat {
        text,
        mut lines,
        head,
    } = flat;
    if lines.len() > MAX_LINES {
        warnings.add(WarningKind::CutOff, format!("{} lines", lines.len()));
        lines.truncate(MAX_LINES);
    }
    let mut used: HashSet<usize> = HashSet::new();
    let (crumb_line, breadcrumb) = crumbs::find(&lines).unzip();
    used.extend(crumb_line);
    used.extend(
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.crumb)
            .map(|(n, _)| n),
    );

    let Title {
        title,
        line: title_line,
        subtitle,
    } = title::find(&lines, &head, |n| used.contains(&n), &mut warnings);
    used.extend(title_line);
    used.extend(subtitle.as_ref().map(|(n, _)| *n));

    let notice_line = notice::find(&lines, title_line.map_or(1, |n| n + 1));
    let notices = notice_line.and_then(|first| notice::read(&text, &lines, first, &mut warnings));
    let end = notice_line.unwrap_or(lines.len());

    let mut found = Found::default();
    let zone = field_zone(&lines, title_line, end);
    found.collect(&lines, zone.clone(), end, &mut used);
    let published = published(
        found.fields.time.take(),
        head.published.as_deref(),
        terms.zone,
        &mut warnings,
    );
    let source = source(
        found.fields.source.take(),
        head.source.as_deref(),
        &mut warnings,
    );

    let above = used
        .iter()
        .copied()
        .filter(|n| *n < zone.end)
        .max()
        .map_or(0, |n| n + 1);
    let passed = title_line.map_or(0..0, |n| n..above);
    let passed = passed
        .filter(|n| !used.contains(n) && lines.get(*n).is_some_and(is_text))
        .count();
    if passed > 0 {
        warnings.add(
            WarningKind::LinesLeftOut,
            format!("{passed} lines between title and fields"),
        );
    }
    let (mut left, ending) = article::lines(&mut lines, above.min(end)..end, &used, &mut warnings);
    if terms.kind == Kind::Text {
        left = article::joined(left);
    }
    let agencies: Vec<String> = terms
        .agencies
        .iter()
        .map(|name| fold(&bare(self::head(name, 60))))
        .collect();
    let context = Context {
        agencies: &agencies,
        page_date: published.as_ref().map(|time| time.date),
    };
    let body = body::blocks(&left, context, &mut warnings);
    article::doubts(&body.blocks, &mut warnings);
    let several = [
        (head.articles, "article elements"),
        (found.field_lines, "lines with time and source"),
        (ending.marks, "end marks"),
    ];
    for (count, what) in several.into_iter().filter(|(count, _)| *count > 1) {
        warnings.add(WarningKind::SeveralArticles, format!("{count} {what}"));
    }
    Page {
        text,
        decoding,
        breadcrumb: breadcrumb.unwrap_or_default(),
        title,
        subtitle: subtitle.map(|(_, subtitle)| subtitle),
        published,
        source,
        editor: found.fields.editor.or(ending.editor),
        authors: found.fields.authors,
        dateline: body.dateline,
        blocks: body.blocks,
        end_mark: ending.mark,
        notices,
        warnings: warnings.0,
    }
}

fn is_text(line: &Line) -> bool {
    !line.is_image() && !line.is_all_links()
}

/// What was found around the article.
#[derive(Default)]
struct Found {
    fields: Fields,
    /// How many lines say that an article begins here.
    field_lines: usize,
}

impl Found {
    /// Collects the fields: all of them around the title, and only an editor or a source below.
    fn collect(
        &mut self,
        lines: &[Line],
        zone: Range<usize>,
        end: usize,
        used: &mut HashSet<usize>,
    ) {
        for (n, line) in lines.iter().enumerate().take(end) {
            if used.contains(&n) || line.crumb {
                continue;
            }
            let Some(fields) = fields::scan(line) else {
                continue;
            };
            self.field_lines += usize::from(fields.time.is_some() && fields.source.is_some());
            let inside = zone.contains(&n);
            if !inside && (n < zone.start || fields.editor.is_none() && fields.source.is_none()) {
                continue;
            }
            used.insert(n);
            let Fields {
                time,
                source,
                editor,
                authors,
            } = fields;
            let kept = &mut self.fields;
            if inside {
                kept.time = kept.time.take().or(time);
                kept.authors.extend(authors);
            }
            kept.source = kept.source.take().or(source);
            kept.editor = kept.editor.take().or(editor);
        }
    }
}

/// The lines where the article's fields can stand.
fn field_zone(lines: &[Line], title: Option<usize>, end: usize) -> Range<usize> {
    let (first, last, from) = match title {
        Some(n) => (n.saturating_sub(3), n + FIELD_LINES, n + 1),
        None => (0, FIRST_LINES, 0),
    };
    let last = last.min(end);
    let mut seen = false;
    for (n, line) in lines.iter().enumerate().take(last).skip(from) {
        let fields = fields::scan(line).is_some();
        seen |= fields;
        // A summary in a sentence may stand above the fields; below them it is the article.
        let ends = !line.within(PARAGRAPH)
            || seen
                && !line.within(SENTENCE)
                && (title::is_sentence(&line.text) || tail::end(&mut line.clone()).is_some());
        if !fields && ends {
            return first.min(n)..n;
        }
    }
    first.min(last)..last
}

/// The time of the page: as printed, or else as its metadata have it.
fn published(
    printed: Option<(times::Found, Excerpt)>,
    named: Option<&str>,
    zone: Tz,
    warnings: &mut Warnings,
) -> Option<PrintedTime> {
    let named = named.and_then(|text| {
        let found = times::find(&View::of(head(text, 100)).folded)?;
        Some((found, Excerpt::unplaced(text)))
    });
    let (found, raw) = match (printed, named) {
        (Some((printed, _)), Some(named))
            if printed.time.is_none() && named.0.date == printed.date =>
        {
            named
        }
        (Some(printed), Some((named, raw))) => {
            let mut unheard = Warnings::default();
            let instant = |found: &times::Found, warnings: &mut Warnings| {
                times::resolve(found, zone, warnings)
            };
            let (one, other) = (
                instant(&printed.0, &mut unheard),
                instant(&named, &mut unheard),
            );
            let differ = one
                .zip(other)
                .is_some_and(|(one, other)| (one - other).num_minutes() != 0);
            if differ || one.is_none() && named.date != printed.0.date {
                warnings.add(WarningKind::TimesDisagree, raw.text);
            }
            printed
        }
        (printed, named) => match printed.or(named) {
            Some(only) => only,
            None => {
                warnings.add(WarningKind::NoTime, "");
                return None;
            }
        },
    };
    if found.time.is_none() {
        warnings.add(WarningKind::NoTimeOfDay, raw.text.clone());
    }
    Some(PrintedTime {
        raw,
        date: found.date,
        local: found.time.map(|time| found.date.and_time(time)),
        utc: times::resolve(&found, zone, warnings),
    })
}

fn source(
    printed: Option<SourceLabel>,
    named: Option<&str>,
    warnings: &mut Warnings,
) -> Option<SourceLabel> {
    let source = printed.or_else(|| fields::source_from_head(head(named?, 300)));
    if source.is_none() {
        warnings.add(WarningKind::NoSource, "");
    }
    source
}
