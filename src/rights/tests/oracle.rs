//! What the rule book says, written a second time and in another way: every licence is tried
//! with every grant, and an end is found by asking anew at each instant that anybody names.

use std::cmp::Ordering;

use super::worlds::World;
use super::*;

/// What a reader is to be answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    NotFound,
    Gone {
        legal: bool,
    },
    /// No credit can be computed, or the ledger could not say to whom it went.
    Uncredited,
    Given(Box<Expected>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub extent: Extent,
    /// Longest body, where it is an excerpt.
    pub chars: Option<usize>,
    pub logged: bool,
    pub embargoed: bool,
    pub licensed: Option<Pair>,
}

/// A licence with the grant that it rests on, and what the two have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub licence: Licence,
    pub grant: Option<Grant>,
    pub extent: Extent,
    pub chars: Option<usize>,
    pub end: Option<DateTime<Utc>>,
}

impl Pair {
    pub fn alteration(&self) -> Alteration {
        let limits = self.grant.iter().map(|grant| grant.alteration);
        limits.fold(self.licence.alteration, Ord::min)
    }

    pub fn ai_input(&self) -> bool {
        self.licence.ai_input && self.grant.iter().all(|grant| grant.ai_input)
    }

    pub fn ai_train(&self) -> bool {
        self.licence.ai_train && self.grant.iter().all(|grant| grant.ai_train)
    }
}

/// What a work is to readers outside the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Hidden,
    HeldBack,
    Out,
    TakenBack,
}

fn is_past(instant: Option<DateTime<Utc>>, t: DateTime<Utc>) -> bool {
    instant.is_some_and(|instant| instant <= t)
}

fn withdrawal_at(rights: &Rights) -> Option<DateTime<Utc>> {
    rights.lifecycle.withdrawal.as_ref().map(|gone| gone.at)
}

fn is_ended(rights: &Rights, t: DateTime<Utc>) -> bool {
    is_past(rights.lifecycle.unpublish_at, t) || is_past(withdrawal_at(rights), t)
}

fn is_embargoed(rights: &Rights, t: DateTime<Utc>) -> bool {
    rights
        .lifecycle
        .embargoed_until
        .is_some_and(|until| t < until)
}

fn is_due(rights: &Rights, t: DateTime<Utc>) -> bool {
    rights.lifecycle.has_live_version && is_past(rights.lifecycle.publish_at, t)
}

fn is_out(rights: &Rights, t: DateTime<Utc>) -> bool {
    is_due(rights, t) && !is_embargoed(rights, t) && !is_ended(rights, t)
}

fn state(rights: &Rights, t: DateTime<Utc>) -> State {
    let life = &rights.lifecycle;
    let was_out = [life.publish_at, life.embargoed_until]
        .into_iter()
        .flatten()
        .any(|start| start <= t && is_out(rights, start));
    match (is_out(rights, t), is_ended(rights, t)) {
        (true, _) => State::Out,
        (false, true) if was_out => State::TakenBack,
        (false, false) if is_due(rights, t) => State::HeldBack,
        (false, _) => State::Hidden,
    }
}

/// Rules 7, 16, 19, 22 and 25 for one licence and one grant.
fn reaches(world: &World, licence: &Licence, grant: Option<&Grant>, t: DateTime<Utc>) -> bool {
    let rights = &world.rights;
    let use_ = &world.use_;
    let Some(home) = &use_.territory else {
        return false;
    };
    let crawls = use_.audience == Audience::AiCrawler;
    let inbound_channel = if crawls {
        Channel::Ai
    } else {
        Channel::Syndication
    };
    let since = rights
        .lifecycle
        .publish_at
        .max(rights.lifecycle.embargoed_until);
    let age = t - since.unwrap_or(t);
    let outbound = licence.status == LicenceStatus::Active
        && licence.valid_from <= t
        && !is_past(licence.valid_until, t)
        && licence.channels.contains(&use_.channel)
        && licence.territories.contains(home)
        && names(&licence.selector, rights)
        && licence
            .archive_days
            .is_none_or(|days| age < TimeDelta::days(days));
    let inbound = grant.is_none_or(|grant| {
        grant.may_redistribute
            && grant.valid_from <= t
            && !is_past(grant.valid_until, t)
            && grant.channels.contains(&inbound_channel)
            && grant.territories.contains(home)
            && grant.max_extent != Extent::Stub
    });
    let may_train = licence.ai_train && grant.is_none_or(|grant| grant.ai_train);
    let may_input = licence.ai_input && grant.is_none_or(|grant| grant.ai_input);
    let in_time = match state(rights, t) {
        State::Out => true,
        State::HeldBack => licence.embargo_privilege,
        State::Hidden | State::TakenBack => false,
    };
    outbound && inbound && in_time && (!crawls || may_train || may_input)
}

/// Whether a selector is about a work: by name, or by every list that it has.
fn names(selector: &Selector, rights: &Rights) -> bool {
    let subtags: Vec<&str> = rights.language.as_str().split('-').collect();
    let in_range = |range: &Language| {
        let range: Vec<&str> = range.as_str().split('-').collect();
        subtags.starts_with(&range)
    };
    let mut answers = Vec::new();
    if !selector.sections.is_empty() {
        let hit = |id| rights.facts.sections.contains(id);
        answers.push(selector.sections.iter().any(hit));
    }
    if !selector.sources.is_empty() {
        let hit = |id| rights.facts.source.as_ref() == Some(id);
        answers.push(selector.sources.iter().any(hit));
    }
    if !selector.languages.is_empty() {
        answers.push(selector.languages.iter().any(in_range));
    }
    if !selector.tags.is_empty() {
        let hit = |tag| rights.facts.tags.contains(tag);
        answers.push(selector.tags.iter().any(hit));
    }
    selector.articles.contains(&rights.article)
        || (!answers.is_empty() && !answers.contains(&false))
}

/// Everything that this reader's licences give now, each with each grant.
pub(super) fn pairs(world: &World) -> Vec<Pair> {
    let rights = &world.rights;
    let grants: Vec<Option<&Grant>> = match &rights.source {
        None => Vec::new(),
        Some(source) if source.kind == SourceKind::Own => vec![None],
        Some(_) => rights.grants.iter().map(Some).collect(),
    };
    let usual = rights.site.public_excerpt_chars;
    let mut found = Vec::new();
    for licence in world.licences().iter().filter(|_| world.is_licensable()) {
        for grant in grants.iter().copied() {
            if !reaches(world, licence, grant, world.now) {
                continue;
            }
            let theirs = grant.map_or(Extent::Full, |grant| grant.max_extent);
            let extent = licence.extent.min(theirs);
            let own_length =
                (licence.extent == Extent::Excerpt).then(|| licence.excerpt_chars.unwrap_or(usual));
            let their_length = (theirs == Extent::Excerpt).then_some(usual);
            let shortest = own_length.into_iter().chain(their_length).min();
            let until = world.instants().into_iter().find(|t| {
                *t > world.now
                    && (!reaches(world, licence, grant, *t)
                        || state(rights, *t) != state(rights, world.now))
            });
            found.push(Pair {
                licence: licence.clone(),
                grant: grant.cloned(),
                extent,
                chars: shortest.filter(|_| extent == Extent::Excerpt),
                end: until,
            });
        }
    }
    found
}

/// Widest, then longest, then latest, then the lowest ids.
fn compare(a: &Pair, b: &Pair) -> Ordering {
    let later = match (a.end, b.end) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => a.cmp(&b),
    };
    let ids = |pair: &Pair| (pair.licence.id, pair.grant.as_ref().map(|grant| grant.id));
    a.extent
        .cmp(&b.extent)
        .then(a.chars.cmp(&b.chars))
        .then(later)
        .then_with(|| ids(b).cmp(&ids(a)))
}

/// The extent for a reader without a licence.
pub(super) fn unlicensed(world: &World, t: DateTime<Utc>) -> Extent {
    let rights = &world.rights;
    let limit = match (world.use_.audience, rights.site.public_extent) {
        (Audience::FirstParty, _) | (Audience::Public, PublicExtent::Full) => Extent::Full,
        (Audience::Public, PublicExtent::Excerpt) => Extent::Excerpt,
        _ => Extent::Stub,
    };
    let own = |source: &SourceFacts| source.kind == SourceKind::Own;
    if rights.source.as_ref().is_some_and(own) {
        return limit;
    }
    let home = world
        .use_
        .territory
        .as_ref()
        .unwrap_or(&rights.site.territory);
    let mut widest = Extent::Stub;
    for grant in &rights.grants {
        let leaves = world.use_.audience != Audience::FirstParty;
        let covered = grant.valid_from <= t
            && !is_past(grant.valid_until, t)
            && grant.territories.contains(home)
            && grant.channels.contains(&world.use_.channel)
            && (grant.may_redistribute || !leaves);
        if covered {
            widest = widest.max(grant.max_extent.min(limit));
        }
    }
    widest
}

fn is_creditable(rights: &Rights) -> bool {
    let has = |kind| rights.site.notices.iter().any(|notice| notice.kind == kind);
    let needed = match rights.source.as_ref().map(|source| source.kind) {
        None => return false,
        Some(SourceKind::Own) => NoticeKind::OwnWork,
        Some(SourceKind::External) => NoticeKind::Reprint,
    };
    has(needed) && has(NoticeKind::Contact)
}

fn desk(world: &World, role: Role, user: crate::kernel::id::UserId) -> Verdict {
    let rights = &world.rights;
    let withdrawn = is_past(withdrawal_at(rights), world.now)
        || (is_past(rights.lifecycle.unpublish_at, world.now)
            && rights.lifecycle.has_live_version
            && rights.lifecycle.publish_at.is_some());
    let sensitive = withdrawn || is_embargoed(rights, world.now);
    let mine = rights.created_by == Some(user);
    if role == Role::Author && !mine && !is_out(rights, world.now) {
        return Verdict::NotFound;
    }
    let extent = if role == Role::Viewer && sensitive {
        Extent::Headline
    } else {
        Extent::Full
    };
    Verdict::Given(Box::new(Expected {
        extent,
        chars: None,
        logged: sensitive && extent == Extent::Full,
        embargoed: false,
        licensed: None,
    }))
}

/// The whole matrix.
pub(super) fn verdict(world: &World) -> Verdict {
    let rights = &world.rights;
    if let Audience::Desk { role, user } = world.use_.audience {
        return desk(world, role, user);
    }
    let best = pairs(world).into_iter().max_by(compare);
    let state = state(rights, world.now);
    let keyless = |pair: &Pair| {
        let holder = world.use_.holder.as_ref();
        pair.extent > Extent::Stub && holder.is_none_or(|holder| holder.client.is_none())
    };
    // Under an embargo the matrix has a cell for licensed partners alone.
    let held_back = state == State::HeldBack && world.use_.audience != Audience::Partner;
    match (state, &best) {
        _ if held_back => return Verdict::NotFound,
        (State::Hidden, _) | (State::HeldBack, None) => return Verdict::NotFound,
        (State::TakenBack, _) => {
            let by_hand = rights.lifecycle.withdrawal.as_ref();
            let legal = by_hand.is_some_and(|gone| {
                gone.at <= world.now && gone.reason_class == ReasonClass::Legal
            });
            return Verdict::Gone { legal };
        }
        (State::Out | State::HeldBack, _) => {}
    }
    if !is_creditable(rights) || best.as_ref().is_some_and(keyless) {
        return Verdict::Uncredited;
    }
    let extent = best
        .as_ref()
        .map_or_else(|| unlicensed(world, world.now), |pair| pair.extent);
    let usual = Some(rights.site.public_excerpt_chars).filter(|_| extent == Extent::Excerpt);
    Verdict::Given(Box::new(Expected {
        extent,
        chars: best.as_ref().map_or(usual, |pair| pair.chars),
        logged: false,
        embargoed: state == State::HeldBack,
        licensed: best,
    }))
}

/// The credit line (rule 3), for the languages that the worlds are written in.
pub(super) fn line(rights: &Rights) -> String {
    let ours = rights.origin() == Some(Origin::Own);
    let [template, mark] = match rights.language.as_str() {
        "zh" | "zh-Hans" => ["来源：Coastal Wire", "（非本网）"],
        "zh-Hant-TW" => ["來源：濱海社", "（非本網）"],
        _ => ["Source: Coastal Wire", " (not this site)"],
    };
    format!("{template}{}", if ours { "" } else { mark })
}
