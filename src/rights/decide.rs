//! The matrix: reader × work × instant → how much of it, or why not.

use chrono::{DateTime, Utc};

use super::explain::{Step, Trace, seen};
use super::licence::{Granted, Holder, best};
use super::lifecycle::{Visibility, Withdrawal};
use super::terms::{Alteration, Channel, ClientKind, Extent, Grant, Origin, Rights, Role};
use crate::kernel::id::UserId;
use crate::kernel::language::Territory;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Signed-in staff.
    Desk { role: Role, user: UserId },
    /// Whoever holds a preview link that a member of staff gave out, who has this role by now.
    Preview { role: Role, user: UserId },
    /// An own frontend or app.
    FirstParty,
    /// A partner organisation.
    Partner,
    /// No credential.
    Public,
    /// A declared crawler, or a key of that kind.
    AiCrawler,
}

impl From<ClientKind> for Audience {
    fn from(kind: ClientKind) -> Self {
        match kind {
            ClientKind::FirstParty => Self::FirstParty,
            ClientKind::Partner => Self::Partner,
            ClientKind::AiCrawler => Self::AiCrawler,
        }
    }
}

/// The use for which a work is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub audience: Audience,
    /// The channel of the reader's key; the public reads on the web.
    pub channel: Channel,
    /// Where the reader's key is for. First parties and the public read in the site's own
    /// territory if none is named; to partners and crawlers unknown means no (rule 6).
    pub territory: Option<Territory>,
    /// Of a partner's or a licensed crawler's key: on whose behalf it reads.
    pub holder: Option<Holder>,
}

/// A permission: how much, until when, and whether the reading is to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub extent: Extent,
    /// Longest body in Unicode scalar values, where the extent is an excerpt.
    pub excerpt_chars: usize,
    /// The first instant at which this decision may be another.
    pub valid_until: Option<DateTime<Utc>>,
    /// Desk reads of embargoed and withdrawn bodies are put on record.
    pub logged: bool,
    /// The licence that this rests on, where one was needed and found.
    pub granted: Option<Granted>,
    /// Given under the embargo privilege, before readers may see it.
    pub embargoed: bool,
    /// How far the text may be altered for this reader (rule 11).
    pub alteration: Alteration,
}

/// Why nothing is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Absent, or not to be known.
    NotFound,
    /// Shown once, and taken back: a tombstone without the title (rule 17).
    Gone(Withdrawal),
    /// No attribution can be computed, so no text is served (rule 1).
    Unattributable,
}

/// Decides what a reader may have of a work at an instant.
///
/// # Errors
/// A [`Refusal`] where the reader may have nothing, not even a stub.
pub fn decide(rights: &Rights, use_: &Use, now: DateTime<Utc>) -> Result<Decision, Refusal> {
    decide_traced(rights, use_, now, &mut ())
}

/// [`decide`], taking down each rule that was asked.
///
/// # Errors
/// As [`decide`].
pub fn decide_traced(
    rights: &Rights,
    use_: &Use,
    now: DateTime<Utc>,
    trace: &mut impl Trace,
) -> Result<Decision, Refusal> {
    let visibility = rights.lifecycle.visibility(now);
    trace.step(|| seen(&visibility));
    if let Audience::Desk { role, user } = use_.audience {
        let decision = desk(rights, role, user, &visibility, now);
        trace.step(|| {
            Step::new(
                4,
                "audience",
                decision.is_ok(),
                format!("The desk, as {}.", role.as_str()),
            )
        });
        return decision;
    }
    if let Audience::Preview { role, user } = use_.audience {
        let decision = preview(rights, role, user, visibility, now);
        trace.step(|| {
            Step::new(
                4,
                "audience",
                decision.is_ok(),
                format!("A preview link of the desk, as {}.", role.as_str()),
            )
        });
        return decision;
    }
    match visibility {
        Visibility::Live { .. } => Ok(live(rights, use_, &visibility, now, trace)),
        Visibility::Withdrawn(withdrawal) => Err(Refusal::Gone(withdrawal)),
        // The privilege is for editors who prepare a work: machines meet it once it is out.
        Visibility::Embargoed if use_.audience == Audience::Partner => {
            match licensed(rights, use_, &visibility, now, trace) {
                Some(granted) => Ok(Decision::licensed(granted, true)),
                None => Err(Refusal::NotFound),
            }
        }
        Visibility::Embargoed => Err(Refusal::NotFound),
        Visibility::Unpublished | Visibility::WithdrawnUnseen(_) => Err(Refusal::NotFound),
    }
}

impl Decision {
    fn licensed(granted: Granted, embargoed: bool) -> Self {
        Self {
            extent: granted.extent,
            excerpt_chars: granted.excerpt_chars,
            valid_until: granted.valid_until,
            logged: false,
            alteration: granted.alteration,
            granted: Some(granted),
            embargoed,
        }
    }
}

/// The right that the reader's licences give, if the reader has any.
fn licensed(
    rights: &Rights,
    use_: &Use,
    visibility: &Visibility,
    now: DateTime<Utc>,
    trace: &mut impl Trace,
) -> Option<Granted> {
    if !matches!(use_.audience, Audience::Partner | Audience::AiCrawler) {
        return None;
    }
    let holder = use_.holder.as_ref();
    let found = holder.and_then(|holder| best(rights, use_, holder, visibility, now, trace));
    trace.step(|| match &found {
        Some(granted) => Step {
            licence_id: Some(granted.licence),
            grant_id: granted.grant,
            ..Step::new(
                22,
                "licence",
                true,
                format!("This licence serves best: {}.", granted.extent.as_str()),
            )
        },
        None if use_.audience == Audience::AiCrawler => Step::new(
            25,
            "licence",
            false,
            "No licence for use by AI systems: a stub and the reservation.",
        ),
        None => Step::new(23, "licence", false, "No licence gives more than a stub."),
    });
    found
}

fn desk(
    rights: &Rights,
    role: Role,
    user: UserId,
    visibility: &Visibility,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let withdrawn = matches!(
        visibility,
        Visibility::Withdrawn(_) | Visibility::WithdrawnUnseen(_)
    );
    // An embargo binds the desk from the day it is set, whether the work is due already or not.
    let sensitive = withdrawn || rights.lifecycle.is_embargoed(now);
    let extent = match role {
        Role::Admin | Role::Rights | Role::Editor => Extent::Full,
        Role::Viewer if sensitive => Extent::Headline,
        Role::Viewer => Extent::Full,
        Role::Author if rights.created_by == Some(user) => Extent::Full,
        Role::Author if matches!(visibility, Visibility::Live { .. }) => Extent::Full,
        Role::Author => return Err(Refusal::NotFound),
    };
    Ok(Decision {
        extent,
        excerpt_chars: 0,
        valid_until: None,
        logged: sensitive && extent == Extent::Full,
        granted: None,
        embargoed: false,
        alteration: ours(rights, now),
    })
}

/// How far a text may be altered for those who work on it: as far as its source allows anywhere.
fn ours(rights: &Rights, now: DateTime<Utc>) -> Alteration {
    match rights.origin() {
        Some(Origin::Own) => Alteration::Translate,
        Some(Origin::Reprint) => {
            let grants = rights.grants.iter().filter(|grant| grant.is_on(now));
            let allowed = grants.map(|grant| grant.alteration).max();
            allowed.unwrap_or(Alteration::None)
        }
        // Unknown rights are no rights (rule 6).
        None => Alteration::None,
    }
}

/// What a preview link gives: what the desk gives to who issued it, and never more. After a
/// withdrawal it is a tombstone like for all outside the desk (rule 17).
fn preview(
    rights: &Rights,
    role: Role,
    user: UserId,
    visibility: Visibility,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    match visibility {
        Visibility::Withdrawn(withdrawal) => return Err(Refusal::Gone(withdrawal)),
        Visibility::WithdrawnUnseen(_) => return Err(Refusal::NotFound),
        Visibility::Live { .. } | Visibility::Embargoed | Visibility::Unpublished => {}
    }
    // Authors see what waits on their own works only, whatever of others' works is out.
    if role == Role::Author && rights.created_by != Some(user) {
        return Err(Refusal::NotFound);
    }
    desk(rights, role, user, &visibility, now)
}

fn live(
    rights: &Rights,
    use_: &Use,
    visibility: &Visibility,
    now: DateTime<Utc>,
    trace: &mut impl Trace,
) -> Decision {
    if matches!(use_.audience, Audience::Partner | Audience::AiCrawler) {
        return match licensed(rights, use_, visibility, now, trace) {
            Some(granted) => Decision::licensed(granted, false),
            None => unlicensed(
                rights,
                Extent::Stub,
                rights.lifecycle.visible_until(),
                Alteration::None,
            ),
        };
    }
    let (grant, inbound, redistributable) = match rights.origin() {
        Some(Origin::Own) => (None, Extent::Full, true),
        Some(Origin::Reprint) => match widest(rights, use_, now) {
            Some(grant) => (Some(grant), grant.max_extent, grant.may_redistribute),
            None => (None, Extent::Stub, false),
        },
        // A work without a source is nobody's to give: rule 6.
        None => (None, Extent::Stub, false),
    };
    let extent = match use_.audience {
        Audience::FirstParty => inbound,
        // Rule 16: outside the agency's own channels a stub at most.
        Audience::Public if redistributable => inbound.min(rights.site.public_extent.into()),
        Audience::Public
        | Audience::Partner
        | Audience::AiCrawler
        | Audience::Desk { .. }
        | Audience::Preview { .. } => Extent::Stub,
    };
    trace.step(|| Step {
        grant_id: grant.map(|grant| grant.id),
        ..match (use_.audience, rights.origin()) {
            (_, Some(Origin::Own)) => {
                Step::new(13, "origin", true, "An own work has no inbound limit.")
            }
            (Audience::FirstParty, _) => Step::new(
                21,
                "grant",
                grant.is_some(),
                format!("Inbound gives on this channel: {}.", inbound.as_str()),
            ),
            _ => Step::new(
                16,
                "grant",
                redistributable,
                format!(
                    "Inbound gives: {}; passing on is {}.",
                    inbound.as_str(),
                    if redistributable {
                        "allowed"
                    } else {
                        "not allowed"
                    }
                ),
            ),
        }
    });
    trace.step(|| match use_.audience {
        Audience::Public => Step::new(
            24,
            "audience",
            extent > Extent::Stub,
            format!(
                "The public gets at most: {}.",
                Extent::from(rights.site.public_extent).as_str()
            ),
        ),
        _ => Step::new(
            21,
            "audience",
            extent > Extent::Stub,
            "An own frontend or app.".to_owned(),
        ),
    });
    // The end of a grant takes away only what the grant gave; to whom it gave nothing, its
    // terms are not told either.
    let grant_ends = grant
        .filter(|_| extent > Extent::Stub)
        .and_then(|grant| grant.valid_until);
    unlicensed(
        rights,
        extent,
        earliest(rights.lifecycle.visible_until(), grant_ends),
        match rights.origin() {
            Some(Origin::Own) => Alteration::Translate,
            // As with its end: to whom the grant gave nothing, it gives no right to alter either.
            _ => grant
                .filter(|_| extent > Extent::Stub)
                .map_or(Alteration::None, |grant| grant.alteration),
        },
    )
}

/// A decision that rests on no licence.
fn unlicensed(
    rights: &Rights,
    extent: Extent,
    valid_until: Option<DateTime<Utc>>,
    alteration: Alteration,
) -> Decision {
    Decision {
        extent,
        excerpt_chars: rights.site.public_excerpt_chars,
        valid_until,
        logged: false,
        granted: None,
        embargoed: false,
        alteration,
    }
}

/// The inbound grant that serves this reader best. Axes are never joined across
/// grants: the one chosen gives its extent, its end and its right to pass on.
fn widest<'a>(rights: &'a Rights, use_: &Use, now: DateTime<Utc>) -> Option<&'a Grant> {
    let territory = use_.territory.as_ref().unwrap_or(&rights.site.territory);
    let outside = use_.audience != Audience::FirstParty;
    rights
        .grants
        .iter()
        .filter(|grant| grant.covers(use_.channel, territory, now))
        .max_by_key(|grant| {
            (
                outside && grant.may_redistribute,
                grant.max_extent,
                grant.valid_until.is_none(),
                grant.valid_until,
                std::cmp::Reverse(grant.id),
            )
        })
}

fn earliest(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
