//! Worlds for the laws: a work, a reader with licences, and an instant, of all kinds.
//!
//! Times lie on a grid of hours, and `now` on it or a tick beside it, so that edges are met
//! often. Most sides of most rights fit: else nearly every case would be a stub.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

/// Cases of the law that a work goes through as a whole, from the decision to what is written.
pub(super) const OF_THE_RULE_BOOK: u32 = 100_000;

/// Cases of every law of the decision alone.
pub(super) const OF_A_DECISION: u32 = 5_000;

/// So many cases for a law; `PROPTEST_CASES` sets those of each law instead.
pub(super) fn cases(number: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    #[expect(
        clippy::disallowed_methods,
        reason = "proptest's own setting; the tests have no other"
    )]
    let is_set = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if is_set { usual.cases } else { number },
        ..usual
    }
}

#[derive(Debug, Clone)]
pub(super) struct World {
    pub rights: Rights,
    pub use_: Use,
    pub now: DateTime<Utc>,
}

impl World {
    pub fn decide(&self) -> Result<Decision, Refusal> {
        decide(&self.rights, &self.use_, self.now)
    }

    pub fn at(&self, now: DateTime<Utc>) -> Self {
        Self {
            now,
            ..self.clone()
        }
    }

    pub fn licences(&self) -> &[Licence] {
        self.use_
            .holder
            .as_ref()
            .map_or(&[], |holder| &holder.licences)
    }

    /// The same world with other licences.
    pub fn holding(&self, licences: Vec<Licence>) -> Self {
        let mut world = self.clone();
        if let Some(holder) = &mut world.use_.holder {
            holder.licences = licences.into();
        }
        world
    }

    /// The same world with other grants.
    pub fn under(&self, grants: Vec<Grant>) -> Self {
        let mut world = self.clone();
        world.rights.grants = grants;
        world
    }

    pub fn is_desk(&self) -> bool {
        matches!(self.use_.audience, Audience::Desk { .. })
    }

    pub fn is_licensable(&self) -> bool {
        matches!(self.use_.audience, Audience::Partner | Audience::AiCrawler)
    }

    /// Every instant that anybody names, in order.
    pub fn instants(&self) -> Vec<DateTime<Utc>> {
        let life = &self.rights.lifecycle;
        let mut all = vec![life.publish_at, life.embargoed_until, life.unpublish_at];
        all.push(life.withdrawal.as_ref().map(|gone| gone.at));
        for grant in &self.rights.grants {
            all.extend([Some(grant.valid_from), grant.valid_until]);
        }
        for licence in self.licences() {
            all.extend([Some(licence.valid_from), licence.valid_until]);
            let days = licence.archive_days.map(TimeDelta::days);
            for start in [life.publish_at, life.embargoed_until] {
                all.push(start.zip(days).map(|(start, days)| start + days));
            }
        }
        let mut all: Vec<_> = all.into_iter().flatten().collect();
        all.sort();
        all.dedup();
        all
    }
}

fn mostly<T: Clone + std::fmt::Debug + 'static>(
    fitting: T,
    other: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = T> {
    prop_oneof![9 => Just(fitting), 1 => other]
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (-6..6_i64).prop_map(hours)
}

fn rarely<T: std::fmt::Debug + 'static>(
    some: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.2, some)
}

fn codes() -> Vec<Territory> {
    vec![territory("CN"), territory("DE")]
}

fn channels() -> impl Strategy<Value = Vec<Channel>> {
    mostly(
        Channel::ALL.to_vec(),
        subsequence(Channel::ALL.to_vec(), 0..=4),
    )
}

fn territories() -> impl Strategy<Value = Vec<Territory>> {
    mostly(codes(), subsequence(codes(), 0..=2))
}

/// A half-open period that mostly holds the grid's middle.
fn periods() -> impl Strategy<Value = (DateTime<Utc>, Option<DateTime<Utc>>)> {
    (mostly(hours(-9), instants()), prop::option::of(6..20_i64))
        .prop_map(|(from, length)| (from, length.map(|hours| from + TimeDelta::hours(hours))))
}

/// Extents, alteration and the two rights of AI systems.
fn measures() -> impl Strategy<Value = (Extent, Alteration, bool, bool)> {
    (
        select(Extent::ALL.to_vec()),
        select(Alteration::ALL.to_vec()),
        any::<bool>(),
        any::<bool>(),
    )
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let one = (
        channels(),
        territories(),
        periods(),
        measures(),
        mostly(true, Just(false)),
    )
        .prop_map(
            |(channels, territories, period, measures, may_redistribute)| Grant {
                channels,
                territories,
                valid_from: period.0,
                valid_until: period.1,
                max_extent: measures.0,
                may_redistribute,
                alteration: measures.1,
                ai_input: measures.2,
                ai_train: measures.3,
                ..grant(0)
            },
        );
    prop::collection::vec(one, 0..4).prop_map(|mut grants| {
        for (n, grant) in (1..).zip(&mut grants) {
            grant.id = id(n);
        }
        grants
    })
}

fn selectors() -> impl Strategy<Value = Selector> {
    let list = |fitting: u128| mostly(Vec::new(), subsequence(vec![fitting, 99], 1..=2));
    let ranges = select(vec!["zh", "zh-Hant", "en", "fr"]).prop_map(|tag| vec![language(tag)]);
    (
        mostly(vec![4], subsequence(vec![4, 5, 99], 0..=3)),
        list(3),
        mostly(Vec::new(), ranges),
        mostly(
            Vec::new(),
            select(vec!["port", "quay"]).prop_map(|tag| vec![tag.to_owned()]),
        ),
        list(1),
    )
        .prop_map(|(sections, sources, languages, tags, articles)| Selector {
            sections: sections.into_iter().map(id).collect(),
            sources: sources.into_iter().map(id).collect(),
            languages,
            tags,
            articles: articles.into_iter().map(id).collect(),
        })
}

fn licences() -> impl Strategy<Value = Vec<Licence>> {
    let statuses = mostly(LicenceStatus::Active, select(LicenceStatus::ALL.to_vec()));
    let chars = prop::option::of(select(vec![5, 20, 60]));
    let one = (
        (
            selectors(),
            channels(),
            territories(),
            periods(),
            measures(),
        ),
        (statuses, chars, any::<bool>(), rarely(0..3_i64)),
    )
        .prop_map(
            |((selector, channels, territories, period, measures), rest)| Licence {
                selector,
                channels,
                territories,
                valid_from: period.0,
                valid_until: period.1,
                extent: measures.0.max(Extent::Headline),
                alteration: measures.1,
                ai_input: measures.2,
                ai_train: measures.3,
                status: rest.0,
                excerpt_chars: rest.1,
                embargo_privilege: rest.2,
                archive_days: rest.3,
                ..licence(0)
            },
        );
    prop::collection::vec(one, 0..5).prop_map(|mut licences| {
        for (n, licence) in (1..).zip(&mut licences) {
            licence.id = id(n);
        }
        licences
    })
}

fn lifecycles() -> impl Strategy<Value = Lifecycle> {
    let withdrawal =
        (instants(), select(ReasonClass::ALL.to_vec())).prop_map(|(at, reason_class)| Withdrawal {
            at,
            reason_class,
            reason: "An error.".to_owned(),
        });
    (
        prop_oneof![
            5 => (-30..-18_i64).prop_map(|n| Some(hours(n))),
            1 => prop::option::of(instants()),
        ],
        prop_oneof![
            4 => Just(None),
            1 => instants().prop_map(Some),
            1 => (3..8_i64).prop_map(|n| Some(hours(n))),
        ],
        rarely(instants()),
        rarely(withdrawal),
        prop::bool::weighted(0.95),
    )
        .prop_map(
            |(publish_at, embargoed_until, unpublish_at, withdrawal, live)| Lifecycle {
                stage: Stage::Published,
                publish_at,
                embargoed_until,
                unpublish_at,
                withdrawal,
                has_live_version: live,
            },
        )
}

fn sites() -> impl Strategy<Value = Site> {
    let missing = prop::option::weighted(0.05, 0..3_usize);
    (
        select(PublicExtent::ALL.to_vec()),
        select(vec![10, 40]),
        missing,
    )
        .prop_map(|(public_extent, public_excerpt_chars, missing)| {
            let mut site = Site {
                public_extent,
                public_excerpt_chars,
                ..site()
            };
            if let Some(n) = missing {
                site.notices.remove(n);
            }
            site
        })
}

fn works() -> impl Strategy<Value = Rights> {
    (
        (lifecycles(), grants(), sites(), any::<bool>()),
        select(vec!["zh", "zh-Hans", "zh-Hant-TW", "en", "fr"]),
        select(AiLabel::ALL.to_vec()),
        any::<bool>(),
        prop::bool::weighted(0.97),
        mostly(vec![4, 5], subsequence(vec![4, 5], 0..=2)),
    )
        .prop_map(
            |((lifecycle, grants, site, ours), tag, ai_label, renamed, sourced, sections)| {
                let mut rights = if ours { own() } else { reprint(grants) };
                if let Some(source) = rights.source.as_mut() {
                    source.official_forms = [(language("zh-Hant"), "濱海社".to_owned())].into();
                }
                if let Some(original) = rights.original.as_mut().filter(|_| !renamed) {
                    original.title = Some(rights.title.clone());
                }
                Rights {
                    lifecycle,
                    language: language(tag),
                    ai_label,
                    source: rights.source.filter(|_| sourced),
                    facts: Facts {
                        source: Some(id(3)),
                        sections: sections.into_iter().map(id).collect(),
                        ..rights.facts
                    },
                    site: Arc::new(site),
                    ..rights
                }
            },
        )
}

fn uses() -> impl Strategy<Value = Use> {
    let plain = select(readers().map(|(_, use_)| use_).to_vec());
    let home = select(vec![None, Some(territory("CN")), Some(territory("DE"))]);
    let plain = (plain, home).prop_map(|(use_, territory)| Use { territory, ..use_ });
    let keys = select(vec![
        (Audience::Partner, Channel::Syndication),
        (Audience::Partner, Channel::Web),
        (Audience::AiCrawler, Channel::Ai),
        // Their keys have no licences; if they had, it would be nothing to them.
        (Audience::FirstParty, Channel::Web),
    ]);
    let home = mostly(
        Some(territory("CN")),
        select(vec![None, Some(territory("DE"))]),
    );
    let held = (keys, licences(), home, prop::bool::weighted(0.95)).prop_map(
        |((audience, channel), licences, territory, known)| {
            let mut use_ = licensee(audience, licences);
            if let Some(holder) = use_.holder.as_mut().filter(|_| !known) {
                holder.client = None;
            }
            Use {
                channel,
                territory,
                ..use_
            }
        },
    );
    prop_oneof![1 => plain, 3 => held]
}

pub(super) fn worlds() -> impl Strategy<Value = World> {
    let now = (-7..7_i64, -1..2_i32).prop_map(|(n, ticks)| hours(n) + tick() * ticks);
    (works(), uses(), now).prop_map(|(rights, use_, now)| World { rights, use_, now })
}
