//! The rules as tables: who may have what of which work, when, and under which credit.
//! What holds for every work and reader stands in [`laws`]; with licences, in [`decisions`] and
//! [`answers`], over [`worlds`] and against an [`oracle`].

mod ai;
mod answers;
mod choice;
mod credit;
mod decisions;
mod delivery;
mod excess;
mod explained;
mod inbound;
mod laws;
mod licences;
mod licensed;
mod markup;
mod matrix;
mod oracle;
mod previews;
mod publication;
mod times;
mod worlds;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::lifecycle::Withdrawal;
use super::*;
use crate::kernel::id::{Id, UserId};
use crate::kernel::language::{Language, Territory};

fn id<I: Id>(n: u128) -> I {
    I::from_uuid(Uuid::from_u128(n))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-06-01T12:00:00Z")
}

fn hours(n: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(n)
}

/// The smallest step of time there is: both engines keep microseconds.
fn tick() -> TimeDelta {
    TimeDelta::microseconds(1)
}

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn territory(code: &str) -> Territory {
    Territory::parse(code).unwrap()
}

const OWNER: u128 = 7;

fn notice(kind: NoticeKind, tag: &str, n: u128) -> Notice {
    Notice {
        id: id(n),
        kind,
        revision: 1,
        language: language(tag),
        text: format!("{} in {tag}", kind.as_str()),
        contact: None,
        claim_window_days: None,
    }
}

fn site() -> Site {
    let kinds = [
        NoticeKind::OwnWork,
        NoticeKind::Reprint,
        NoticeKind::Contact,
    ];
    Site {
        base_url: "https://news.example.org/".to_owned(),
        time_zone: chrono_tz::Asia::Shanghai,
        default_language: language("en"),
        territory: territory("CN"),
        copyright_holder: "Harbour Press".to_owned(),
        public_extent: PublicExtent::Excerpt,
        public_excerpt_chars: 200,
        acquire_licence_url: None,
        notices: (10..)
            .zip(kinds)
            .map(|(n, kind)| notice(kind, "en", n))
            .collect(),
    }
}

fn source(kind: SourceKind) -> SourceFacts {
    SourceFacts {
        name: "Coastal Wire Service".to_owned(),
        credit_label: "Coastal Wire".to_owned(),
        official_forms: BTreeMap::new(),
        kind,
        homepage_url: None,
    }
}

/// A grant for web and app at home, without an end, of everything, to be passed on.
fn grant(n: u128) -> Grant {
    Grant {
        id: id(n),
        channels: vec![Channel::Web, Channel::App],
        territories: vec![territory("CN")],
        valid_from: at("2026-01-01T00:00:00Z"),
        valid_until: None,
        max_extent: Extent::Full,
        may_redistribute: true,
        alteration: Alteration::None,
        ai_input: false,
        ai_train: false,
    }
}

/// A grant that works can be passed on under, to partners and crawlers too.
fn outward(n: u128) -> Grant {
    Grant {
        channels: Channel::ALL.to_vec(),
        ..grant(n)
    }
}

/// A licence for syndication at home, without an end, of everything in a section of [`own`] and
/// [`reprint`].
fn licence(n: u128) -> Licence {
    Licence {
        id: id(n),
        revision: 3,
        selector: Selector {
            sections: vec![id(4)],
            ..Selector::default()
        },
        extent: Extent::Full,
        excerpt_chars: None,
        channels: vec![Channel::Syndication],
        territories: vec![territory("CN")],
        valid_from: at("2026-01-01T00:00:00Z"),
        valid_until: None,
        alteration: Alteration::Cut,
        embargo_privilege: false,
        archive_days: None,
        cache_max_age_seconds: 600,
        removal_deadline_hours: 24,
        indexing: Indexing::Noindex,
        ai_input: false,
        ai_train: false,
        status: LicenceStatus::Active,
    }
}

/// A licence under which a crawler reads.
fn ai_licence(n: u128) -> Licence {
    Licence {
        channels: vec![Channel::Ai],
        ai_input: true,
        ..licence(n)
    }
}

/// A partner's or a crawler's key at home, with these licences.
fn licensee(audience: Audience, licences: Vec<Licence>) -> Use {
    Use {
        territory: Some(territory("CN")),
        holder: Some(Holder {
            partner: id(8),
            client: Some((id(9), 4)),
            licences: licences.into(),
        }),
        ..outside(
            audience,
            if audience == Audience::AiCrawler {
                Channel::Ai
            } else {
                Channel::Syndication
            },
        )
    }
}

fn partner(licences: Vec<Licence>) -> Use {
    licensee(Audience::Partner, licences)
}

fn crawler(licences: Vec<Licence>) -> Use {
    licensee(Audience::AiCrawler, licences)
}

/// What a reader's licences give of a work now.
fn given(rights: &Rights, use_: &Use) -> Option<Granted> {
    decide(rights, use_, now())
        .ok()
        .and_then(|decision| decision.granted)
}

fn embargoed() -> Lifecycle {
    Lifecycle {
        embargoed_until: Some(hours(1)),
        ..published()
    }
}

fn published() -> Lifecycle {
    Lifecycle {
        stage: Stage::Published,
        publish_at: Some(hours(-24)),
        embargoed_until: None,
        unpublish_at: None,
        withdrawal: None,
        has_live_version: true,
    }
}

fn withdrawn(reason_class: ReasonClass, at: DateTime<Utc>) -> Lifecycle {
    let withdrawal = Withdrawal {
        at,
        reason_class,
        reason: "An error.".to_owned(),
    };
    Lifecycle {
        stage: Stage::Withdrawn,
        withdrawal: Some(withdrawal),
        ..published()
    }
}

fn draft() -> Lifecycle {
    Lifecycle {
        stage: Stage::Draft,
        publish_at: None,
        has_live_version: false,
        ..published()
    }
}

fn own() -> Rights {
    Rights {
        article: id(1),
        facts: Facts {
            source: Some(id(3)),
            sections: vec![id(4), id(5)],
            tags: vec!["port".to_owned()],
            version: 2,
            digest: "ab".repeat(32),
        },
        slug: "quay".to_owned(),
        title: "The quay opens".to_owned(),
        language: language("en"),
        lifecycle: published(),
        source: Some(source(SourceKind::Own)),
        grants: Vec::new(),
        original: None,
        contributors: vec![Contributor {
            name: "Lin Yue".to_owned(),
            role: ContributorRole::Reporter,
        }],
        editor: Some(Editor {
            name: "C. An".to_owned(),
            real_name: Some("Chen An".to_owned()),
        }),
        ai_label: AiLabel::None,
        created_by: Some(id(OWNER)),
        site: Arc::new(site()),
    }
}

fn reprint(grants: Vec<Grant>) -> Rights {
    Rights {
        facts: Facts {
            source: Some(id(6)),
            ..own().facts
        },
        source: Some(source(SourceKind::External)),
        grants,
        original: Some(Original {
            title: Some("Quay to open".to_owned()),
            authors: vec!["Wen Ya".to_owned()],
            url: Some("https://wire.example.com/quay".to_owned()),
            ..Original::default()
        }),
        ..own()
    }
}

fn living(lifecycle: Lifecycle) -> Rights {
    Rights { lifecycle, ..own() }
}

fn as_desk(role: Role, user: u128) -> Use {
    Use {
        audience: Audience::Desk {
            role,
            user: id::<UserId>(user),
        },
        channel: Channel::Web,
        territory: None,
        holder: None,
    }
}

/// By a preview link of somebody with this role.
fn previewing(role: Role, user: u128) -> Use {
    let user = id::<UserId>(user);
    outside(Audience::Preview { role, user }, Channel::Web)
}

fn outside(audience: Audience, channel: Channel) -> Use {
    Use {
        audience,
        channel,
        territory: None,
        holder: None,
    }
}

/// Every kind of reader, in the order of the tables' columns.
fn readers() -> [(&'static str, Use); 12] {
    [
        ("admin", as_desk(Role::Admin, 1)),
        ("rights", as_desk(Role::Rights, 2)),
        ("editor", as_desk(Role::Editor, 3)),
        ("owner", as_desk(Role::Author, OWNER)),
        ("author", as_desk(Role::Author, 4)),
        ("viewer", as_desk(Role::Viewer, 5)),
        ("web", outside(Audience::FirstParty, Channel::Web)),
        ("app", outside(Audience::FirstParty, Channel::App)),
        ("partner", outside(Audience::Partner, Channel::Web)),
        (
            "syndication",
            outside(Audience::Partner, Channel::Syndication),
        ),
        ("public", outside(Audience::Public, Channel::Web)),
        ("crawler", outside(Audience::AiCrawler, Channel::Ai)),
    ]
}

fn word(decision: &Result<Decision, Refusal>) -> &'static str {
    match decision {
        Ok(decision) => decision.extent.as_str(),
        Err(Refusal::NotFound) => "404",
        Err(Refusal::Gone(gone)) if gone.reason_class == ReasonClass::Legal => "451",
        Err(Refusal::Gone(_)) => "410",
        Err(Refusal::Unattributable) => "503",
    }
}
