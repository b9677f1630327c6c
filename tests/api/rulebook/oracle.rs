//! What the rule book says, written from its text alone: nothing here looks at `src/rights`.

use chrono::{DateTime, TimeDelta, Utc};

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Admin, rights or editor.
    Desk,
    /// An author who wrote none of the works.
    Author,
    Viewer,
    /// An own frontend, on a channel.
    Own(&'static str),
    /// A key of a partner, with the licences that it holds.
    Partner(&'static Key),
    /// A crawler by its name, or a key of that kind.
    Crawler(Option<&'static Key>),
    Public,
}

/// What is known of a key that has a partner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Key {
    pub channel: &'static str,
    pub territory: &'static str,
    pub licences: Vec<Licence>,
}

/// What a partner was granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Licence {
    pub id: String,
    pub selects: Selects,
    pub extent: &'static str,
    /// Length of its excerpt.
    pub chars: usize,
    pub channels: &'static [&'static str],
    pub territories: &'static [&'static str],
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub privilege: bool,
    pub archive_days: Option<i64>,
    pub ai: bool,
    /// Neither active nor to be counted on.
    pub is_off: bool,
}

/// A selector: one of the articles, or a work that each of the other lists with something in it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selects {
    pub sections: &'static [&'static str],
    pub sources: &'static [&'static str],
    pub languages: &'static [&'static str],
    pub tags: &'static [&'static str],
    pub articles: &'static [&'static str],
}

/// The right that a licence gives to a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    pub licence: &'static str,
    pub extent: &'static str,
    pub chars: usize,
    pub until: Option<DateTime<Utc>>,
    /// Given before its time.
    pub embargoed: bool,
}

/// What the source of a reprint allows.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub channels: &'static [&'static str],
    pub pass_on: bool,
    pub extent: &'static str,
    pub territories: &'static [&'static str],
    /// Whether AI systems may take it in.
    pub ai: bool,
    pub until: Option<DateTime<Utc>>,
}

/// The facts of a work that the rules look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    /// `None` for own works.
    pub terms: Option<Terms>,
    /// From when readers can see it; `None` for drafts.
    pub from: Option<DateTime<Utc>>,
    /// Whether an embargo is what it waits for.
    pub embargo: bool,
    /// When and why it ends.
    pub end: Option<(DateTime<Utc>, &'static str)>,
    pub name: &'static str,
    /// The name of its source; `own` is the site.
    pub source: &'static str,
    /// Its section with all above it.
    pub sections: &'static [&'static str],
    pub language: &'static str,
    pub tags: &'static [&'static str],
}

/// What a reader gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    Part(&'static str),
    Status(u16),
}

pub const EXTENTS: [&str; 4] = ["stub", "headline", "excerpt", "full"];

/// How far an extent goes.
pub fn reach(extent: &str) -> usize {
    EXTENTS.iter().position(|known| *known == extent).unwrap()
}

fn lesser(one: &'static str, other: &'static str) -> &'static str {
    EXTENTS[reach(one).min(reach(other))]
}

/// Whether an end has come. A withdrawal has been made, whatever a clock says; a right ends at its instant.
fn is_over((at, class): (DateTime<Utc>, &str), now: DateTime<Utc>) -> bool {
    class != "rights_expired" || at <= now
}

/// The matrix of the rule book.
pub fn given(reader: Reader, work: &Facts, now: DateTime<Utc>) -> Given {
    let out = work.from.is_some_and(|from| from <= now);
    let ended = work
        .end
        .filter(|end| out && is_over(*end, now))
        .map(|(_, class)| class);
    match reader {
        Reader::Desk => return Given::Part("full"),
        Reader::Viewer if ended.is_some() || (work.embargo && !out) => {
            return Given::Part("headline");
        }
        Reader::Viewer => return Given::Part("full"),
        Reader::Author if out && ended.is_none() => return Given::Part("full"),
        Reader::Author => return Given::Status(404),
        Reader::Own(_) | Reader::Partner(_) | Reader::Crawler(_) | Reader::Public => {}
    }
    let right = right(reader, work, now);
    match ended {
        _ if !out => return right.map_or(Given::Status(404), |right| Given::Part(right.extent)),
        Some("legal") => return Given::Status(451),
        Some(_) => return Given::Status(410),
        None => {}
    }
    let allowed = |channel: &str| match work.terms {
        None => Some(("full", true)),
        Some(terms) => {
            let covered =
                terms.channels.contains(&channel) && terms.until.is_none_or(|until| now < until);
            covered.then_some((terms.extent, terms.pass_on))
        }
    };
    Given::Part(match reader {
        Reader::Own(channel) => allowed(channel).map_or("stub", |(extent, _)| extent),
        Reader::Public => match allowed("web") {
            Some((extent, true)) => lesser(extent, "excerpt"),
            _ => "stub",
        },
        _ => right.map_or("stub", |right| right.extent),
    })
}

/// The length of a public excerpt, which bounds those under a grant for no more than an excerpt.
const USUAL_CHARS: usize = 200;

/// The best right that a key has to a work: widest extent, then latest end, then lowest id. Inbound and
/// outbound meet axis by axis, one licence with one grant; what is unknown is not there.
pub fn right(reader: Reader, work: &Facts, now: DateTime<Utc>) -> Option<Right> {
    let (key, crawls) = match reader {
        Reader::Partner(key) => (key, false),
        Reader::Crawler(key) => (key?, true),
        _ => return None,
    };
    let from = work.from?;
    let out = from <= now;
    if !out && (!work.embargo || crawls) || work.end.is_some_and(|end| is_over(end, now)) {
        return None;
    }
    // A reprint is passed on under a grant for syndication, to crawlers under one for them.
    let inbound = match work.terms {
        None => ("full", None),
        Some(terms) => {
            let covered = terms.pass_on
                && terms
                    .channels
                    .contains(if crawls { &"ai" } else { &"syndication" })
                && terms.territories.contains(&key.territory)
                && (!crawls || terms.ai)
                && terms.until.is_none_or(|until| now < until);
            covered.then_some((terms.extent, terms.until))?
        }
    };
    let mut found: Vec<Right> = Vec::new();
    for licence in &key.licences {
        let archive = licence
            .archive_days
            .map(|days| from + TimeDelta::days(days));
        let covers = !licence.is_off
            && licence.from.is_none_or(|from| from <= now)
            && licence.until.is_none_or(|until| now < until)
            && licence.channels.contains(&key.channel)
            && licence.territories.contains(&key.territory)
            && (!crawls || licence.ai)
            && archive.is_none_or(|end| now < end)
            && (out || licence.privilege)
            && selects(&licence.selects, work);
        let extent = lesser(licence.extent, inbound.0);
        if !covers || extent == "stub" {
            continue;
        }
        let ours = if licence.extent == "excerpt" {
            licence.chars
        } else {
            usize::MAX
        };
        let theirs = if inbound.0 == "excerpt" {
            USUAL_CHARS
        } else {
            usize::MAX
        };
        found.push(Right {
            licence: &licence.id,
            extent,
            chars: ours.min(theirs),
            until: [
                licence.until,
                inbound.1,
                archive,
                work.end.map(|(at, _)| at),
                (!out).then_some(from),
            ]
            .into_iter()
            .flatten()
            .min(),
            embargoed: !out,
        });
    }
    found.into_iter().max_by(|one, other| {
        let end = |right: &Right| (right.until.is_none(), right.until);
        reach(one.extent)
            .cmp(&reach(other.extent))
            .then(one.chars.cmp(&other.chars))
            .then(end(one).cmp(&end(other)))
            .then(other.licence.cmp(one.licence))
    })
}

fn selects(selects: &Selects, work: &Facts) -> bool {
    let language =
        |range: &&str| work.language == *range || work.language.starts_with(&format!("{range}-"));
    let lists = [
        (
            selects.sections.len(),
            work.sections
                .iter()
                .any(|name| selects.sections.contains(name)),
        ),
        (
            selects.sources.len(),
            selects.sources.contains(&work.source),
        ),
        (
            selects.languages.len(),
            selects.languages.iter().any(language),
        ),
        (
            selects.tags.len(),
            work.tags.iter().any(|tag| selects.tags.contains(tag)),
        ),
    ];
    let mut named = lists.iter().filter(|(names, _)| *names > 0).peekable();
    selects.articles.contains(&work.name)
        || (named.peek().is_some() && named.all(|(_, holds)| *holds))
}
