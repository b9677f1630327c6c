//! What we grant a partner, and how far it reaches: inbound ∩ outbound, axis by axis (rule 7).
//!
//! Start with [`Licence::lacks`] (which axis keeps a licence from a work), then [`best`]
//! (which of several is used).

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::decide::{Audience, Use};
pub use super::excess::excess;
use super::explain::{Step, Trace};
use super::lifecycle::Visibility;
use super::terms::{Alteration, Channel, Extent, Grant, Origin, Rights};
use crate::kernel::id::{ArticleId, ClientId, GrantId, LicenceId, PartnerId, SectionId, SourceId};
use crate::kernel::language::{Language, Territory};
use crate::kernel::words::words;

words! {
    /// Whether a licence gives anything. Active and suspended change into each other; revoked is final.
    LicenceStatus {
        Active = "active",
        /// Gives nothing until it is active again.
        Suspended = "suspended",
        /// Ended for good.
        Revoked = "revoked",
    }

    /// Whether search engines may index what a partner prints.
    Indexing {
        Allowed = "allowed",
        Noindex = "noindex",
    }

    /// One side of a right: what is held, or what is missing.
    Axis {
        /// There is no licence that selects the work.
        Licence = "licence",
        /// The licence is suspended or revoked.
        Status = "status",
        /// Now is outside the licence's or the grant's period.
        Period = "period",
        /// The channel of the key is not in the licence, or the grant's channels lack it.
        Channel = "channel",
        /// The territory of the key is not in the licence or in the grant.
        Territory = "territory",
        /// The work is not among what the licence selects.
        Selector = "selector",
        /// The work is older than the licence reaches back.
        Archive = "archive",
        /// The work is under embargo, and the licence has no privilege.
        Embargo = "embargo",
        /// No use by AI systems is allowed.
        Ai = "ai",
        /// The source does not let us pass works on.
        Redistribution = "redistribution",
        /// More of a work than the licence gives or the source allows.
        Extent = "extent",
        /// More alteration than the source allows.
        Alteration = "alteration",
        /// Input to AI systems, which the source does not allow.
        AiInput = "ai_input",
        /// Training of AI systems, which the source does not allow.
        AiTrain = "ai_train",
    }
}

/// Which works a licence is about. A work is among them if it is one of `articles`, or if one
/// of the other lists names something and each list that does names something of the work.
/// Naming nothing selects nothing (rule 6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// With everything below them.
    pub sections: Vec<SectionId>,
    pub sources: Vec<SourceId>,
    /// Ranges (RFC 4647, basic filtering): `zh` is `zh-Hans` too.
    pub languages: Vec<Language>,
    pub tags: Vec<String>,
    pub articles: Vec<ArticleId>,
}

impl Selector {
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty() && !self.is_wide()
    }

    /// Whether it names more than single articles.
    pub fn is_wide(&self) -> bool {
        !(self.sections.is_empty()
            && self.sources.is_empty()
            && self.languages.is_empty()
            && self.tags.is_empty())
    }

    pub fn selects(&self, rights: &Rights) -> bool {
        let facts = &rights.facts;
        let section = || facts.sections.iter().any(|id| self.sections.contains(id));
        let source = || facts.source.is_some_and(|id| self.sources.contains(&id));
        let language = || {
            self.languages
                .iter()
                .any(|range| rights.language.is_within(range))
        };
        let tag = || facts.tags.iter().any(|tag| self.tags.contains(tag));
        self.articles.contains(&rights.article)
            || (self.is_wide()
                && (self.sections.is_empty() || section())
                && (self.sources.is_empty() || source())
                && (self.languages.is_empty() || language())
                && (self.tags.is_empty() || tag()))
    }
}

/// What we grant a partner, over a half-open period (rule 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    pub id: LicenceId,
    pub revision: i64,
    pub selector: Selector,
    /// At least a headline.
    pub extent: Extent,
    /// Longest excerpt in Unicode scalar values, where the extent is one.
    pub excerpt_chars: Option<usize>,
    /// Where the partner may use it; a key's channel must be among them.
    pub channels: Vec<Channel>,
    pub territories: Vec<Territory>,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub alteration: Alteration,
    /// Whether works under embargo are given, so that they can be prepared.
    pub embargo_privilege: bool,
    /// How many days after its publication a work can still be had.
    pub archive_days: Option<i64>,
    /// How long a partner may keep a copy without asking again.
    pub cache_max_age_seconds: i64,
    /// Within how many hours of an advisory a withdrawn work is to be gone.
    pub removal_deadline_hours: i64,
    pub indexing: Indexing,
    pub ai_input: bool,
    pub ai_train: bool,
    pub status: LicenceStatus,
}

/// On whose behalf a key reads: the partner, and all its licences that are not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub partner: PartnerId,
    /// The key, as it stood when the request was admitted; none in a what-if.
    pub client: Option<(ClientId, i64)>,
    pub licences: Arc<[Licence]>,
}

/// The right that was found for one reader and one work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub licence: LicenceId,
    pub licence_revision: i64,
    /// The grant of the source that it rests on; none for own works.
    pub grant: Option<GrantId>,
    /// More than a stub.
    pub extent: Extent,
    pub excerpt_chars: usize,
    pub valid_until: Option<DateTime<Utc>>,
    pub alteration: Alteration,
    pub indexing: Indexing,
    pub cache_max_age_seconds: i64,
    pub removal_deadline_hours: i64,
    pub ai_input: bool,
    pub ai_train: bool,
}

impl Licence {
    /// The first axis that keeps this licence from a work for this use, `None` if it covers it.
    pub fn lacks(
        &self,
        rights: &Rights,
        use_: &Use,
        visibility: &Visibility,
        now: DateTime<Utc>,
    ) -> Option<Axis> {
        // Of a licence that is about other works, nothing else is worth telling.
        if !self.selector.selects(rights) {
            return Some(Axis::Selector);
        }
        let embargoed = *visibility == Visibility::Embargoed;
        self.closed_to(use_, now).or_else(|| {
            first_missing([
                (
                    Axis::Archive,
                    self.archive_until(rights).is_none_or(|end| now < end),
                ),
                (Axis::Embargo, !embargoed || self.embargo_privilege),
            ])
        })
    }

    /// The first axis that keeps it from this use whatever the work.
    fn closed_to(&self, use_: &Use, now: DateTime<Utc>) -> Option<Axis> {
        let territory = use_.territory.as_ref();
        first_missing([
            (Axis::Status, self.status == LicenceStatus::Active),
            (Axis::Period, self.is_within(now)),
            (Axis::Channel, self.channels.contains(&use_.channel)),
            // Unknown means no (rule 6).
            (
                Axis::Territory,
                territory.is_some_and(|code| self.territories.contains(code)),
            ),
            (
                Axis::Ai,
                use_.audience != Audience::AiCrawler || self.ai_input || self.ai_train,
            ),
        ])
    }

    /// Whether its period holds this instant.
    pub fn is_within(&self, now: DateTime<Utc>) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }

    /// The first instant at which a work is too old for it.
    fn archive_until(&self, rights: &Rights) -> Option<DateTime<Utc>> {
        let days = TimeDelta::try_days(self.archive_days?)?;
        rights.lifecycle.visible_from()?.checked_add_signed(days)
    }

    /// What is left of it by what the source allows: by one grant, or without limit for own works.
    fn meet(&self, rights: &Rights, inbound: Option<&Grant>, embargoed: bool) -> Granted {
        let inbound_extent = inbound.map_or(Extent::Full, |grant| grant.max_extent);
        let usual = rights.site.public_excerpt_chars;
        let ours = match self.extent {
            Extent::Excerpt => self.excerpt_chars.unwrap_or(usual),
            Extent::Stub | Extent::Headline | Extent::Full => usize::MAX,
        };
        // A grant names no length: no excerpt under it is longer than the site's own.
        let theirs = match inbound_extent {
            Extent::Excerpt => usual,
            Extent::Stub | Extent::Headline | Extent::Full => usize::MAX,
        };
        let embargo_ends = rights.lifecycle.visible_from().filter(|_| embargoed);
        let ends = [
            rights.lifecycle.visible_until(),
            self.valid_until,
            inbound.and_then(|grant| grant.valid_until),
            self.archive_until(rights),
            embargo_ends,
        ];
        let extent = self.extent.min(inbound_extent);
        Granted {
            licence: self.id,
            licence_revision: self.revision,
            grant: inbound.map(|grant| grant.id),
            extent,
            excerpt_chars: match extent {
                Extent::Excerpt => ours.min(theirs),
                Extent::Stub | Extent::Headline | Extent::Full => 0,
            },
            valid_until: ends.into_iter().flatten().min(),
            alteration: inbound.map_or(self.alteration, |grant| {
                self.alteration.min(grant.alteration)
            }),
            indexing: self.indexing,
            cache_max_age_seconds: self.cache_max_age_seconds,
            removal_deadline_hours: self.removal_deadline_hours,
            ai_input: self.ai_input && inbound.is_none_or(|grant| grant.ai_input),
            ai_train: self.ai_train && inbound.is_none_or(|grant| grant.ai_train),
        }
    }
}

fn first_missing<const N: usize>(sides: [(Axis, bool); N]) -> Option<Axis> {
    sides
        .into_iter()
        .find_map(|(axis, holds)| (!holds).then_some(axis))
}

/// What a holder can reach by one use at one instant: what lists select by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// The licences that are open to the use, whatever the work.
    pub licences: Vec<Licence>,
    /// The channel and territory that a grant must hold for a reprint to be passed on.
    pub inbound: Option<(Channel, Territory)>,
}

impl Holder {
    pub fn reach(&self, use_: &Use, now: DateTime<Utc>) -> Reach {
        let open = |licence: &&Licence| licence.closed_to(use_, now).is_none();
        Reach {
            licences: self.licences.iter().filter(open).cloned().collect(),
            inbound: use_
                .territory
                .clone()
                .map(|territory| (outward_channel(use_.audience), territory)),
        }
    }
}

/// The best right that a holder has to a work: widest extent, then longest excerpt, then latest
/// end, then lowest licence and grant. Axes are never joined across licences, nor across grants.
pub fn best(
    rights: &Rights,
    use_: &Use,
    holder: &Holder,
    visibility: &Visibility,
    now: DateTime<Utc>,
    trace: &mut impl Trace,
) -> Option<Granted> {
    let embargoed = *visibility == Visibility::Embargoed;
    let inbound = inbound(rights, use_, now, trace);
    let mut found: Vec<Granted> = Vec::new();
    for licence in holder.licences.iter() {
        let lacking = licence.lacks(rights, use_, visibility, now);
        trace.step(|| Step::licence(licence.id, lacking));
        if lacking.is_some() {
            continue;
        }
        for grant in &inbound {
            let granted = licence.meet(rights, *grant, embargoed);
            let ai = use_.audience != Audience::AiCrawler || granted.ai_input || granted.ai_train;
            trace.step(|| Step::intersection(&granted, ai));
            if ai && granted.extent > Extent::Stub {
                found.push(granted);
            }
        }
    }
    found.into_iter().max_by_key(|granted| {
        (
            granted.extent,
            granted.excerpt_chars,
            granted.valid_until.is_none(),
            granted.valid_until,
            Reverse(granted.licence),
            Reverse(granted.grant),
        )
    })
}

/// What lets us pass the work on: nothing is needed for own works, one grant for a reprint
/// (rule 16).
fn inbound<'a>(
    rights: &'a Rights,
    use_: &Use,
    now: DateTime<Utc>,
    trace: &mut impl Trace,
) -> Vec<Option<&'a Grant>> {
    match rights.origin() {
        None => Vec::new(),
        Some(Origin::Own) => vec![None],
        Some(Origin::Reprint) => {
            if rights.grants.is_empty() {
                trace.step(|| Step::new(16, "grant", false, "The source has granted nothing."));
            }
            let mut found = Vec::new();
            for grant in &rights.grants {
                let lacking = grant_lacks(grant, use_, now);
                trace.step(|| Step::grant(grant.id, 16, lacking));
                if lacking.is_none() {
                    found.push(Some(grant));
                }
            }
            found
        }
    }
}

/// The first axis on which a grant does not let us pass works on for this use.
fn grant_lacks(grant: &Grant, use_: &Use, now: DateTime<Utc>) -> Option<Axis> {
    let channel = outward_channel(use_.audience);
    let territory = use_.territory.as_ref();
    first_missing([
        (Axis::Redistribution, grant.may_redistribute),
        (Axis::Channel, grant.channels.contains(&channel)),
        (
            Axis::Territory,
            territory.is_some_and(|code| grant.territories.contains(code)),
        ),
        (
            Axis::Period,
            grant.valid_from <= now && grant.valid_until.is_none_or(|until| now < until),
        ),
    ])
}

/// The channel that a grant must hold for works to be passed on to this audience.
fn outward_channel(audience: Audience) -> Channel {
    match audience {
        Audience::AiCrawler => Channel::Ai,
        Audience::Partner
        | Audience::Public
        | Audience::FirstParty
        | Audience::Desk { .. }
        | Audience::Preview { .. } => Channel::Syndication,
    }
}
