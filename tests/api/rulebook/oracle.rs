//! What the rule book says, written from its text alone: nothing here looks at `src/rights`.

use chrono::{DateTime, Utc};

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
    Partner,
    Crawler,
    Public,
}

/// What the source of a reprint allows.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub channels: &'static [&'static str],
    pub pass_on: bool,
    pub extent: &'static str,
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

/// The matrix of the rule book.
pub fn given(reader: Reader, work: &Facts, now: DateTime<Utc>) -> Given {
    let out = work.from.is_some_and(|from| from <= now);
    let ended = work
        .end
        .filter(|(at, _)| out && *at <= now)
        .map(|(_, class)| class);
    match reader {
        Reader::Desk => return Given::Part("full"),
        Reader::Viewer if ended.is_some() || (work.embargo && !out) => {
            return Given::Part("headline");
        }
        Reader::Viewer => return Given::Part("full"),
        Reader::Author if out && ended.is_none() => return Given::Part("full"),
        Reader::Author => return Given::Status(404),
        Reader::Own(_) | Reader::Partner | Reader::Crawler | Reader::Public => {}
    }
    match ended {
        _ if !out => return Given::Status(404),
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
        // There are no licences yet.
        _ => "stub",
    })
}
