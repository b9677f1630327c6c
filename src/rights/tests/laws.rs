//! What holds for every work, reader and instant.

use proptest::prelude::*;
use serde::Serialize;

use super::*;

/// A content that remembers how much is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sheet(Extent);

impl Cut for Sheet {
    fn cut(self, extent: Extent, _: usize) -> Self {
        Self(self.0.min(extent))
    }
}

#[derive(Serialize)]
struct Page {
    left: Extent,
}

impl InBand for Page {
    fn carry(&mut self, _: CreditBlock<'_>) {}

    fn body(&self) -> Option<Carried> {
        None
    }
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (-6..6_i64).prop_map(hours)
}

fn grants() -> impl Strategy<Value = Grant> {
    let channels = prop::sample::subsequence(Channel::ALL.to_vec(), 0..=4);
    let territories = prop::sample::subsequence(vec![territory("CN"), territory("DE")], 0..=2);
    let extent = prop::sample::select(Extent::ALL.to_vec());
    (
        channels,
        territories,
        instants(),
        prop::option::of(1..8_i64),
        extent,
        any::<bool>(),
        1..9_u128,
    )
        .prop_map(
            |(channels, territories, valid_from, length, max_extent, may_redistribute, n)| Grant {
                channels,
                territories,
                valid_from,
                valid_until: length.map(|length| valid_from + TimeDelta::hours(length)),
                max_extent,
                may_redistribute,
                ..grant(n)
            },
        )
}

fn lifecycles() -> impl Strategy<Value = Lifecycle> {
    let withdrawal =
        prop::option::of((instants(), prop::sample::select(ReasonClass::ALL.to_vec())));
    let maybe = || prop::option::of(instants());
    // Most works are out: else most of the cases would say 404 and nothing more.
    let out = prop_oneof![3 => Just(Some(hours(-3))), 1 => maybe()];
    (out, maybe(), maybe(), withdrawal, prop::bool::weighted(0.9)).prop_map(
        |(publish_at, embargoed_until, unpublish_at, withdrawal, has_live_version)| Lifecycle {
            stage: if withdrawal.is_some() {
                Stage::Withdrawn
            } else {
                Stage::Published
            },
            publish_at,
            embargoed_until,
            unpublish_at,
            withdrawal: withdrawal.map(|(at, reason_class)| Withdrawal {
                at,
                reason_class,
                reason: String::new(),
            }),
            has_live_version,
        },
    )
}

fn works() -> impl Strategy<Value = Rights> {
    let extent = prop::sample::select(PublicExtent::ALL.to_vec());
    let tag = prop::sample::select(vec!["zh-Hans", "zh-Hant", "en", "fr"]);
    (
        lifecycles(),
        prop::collection::vec(grants(), 0..4),
        any::<bool>(),
        extent,
        tag,
    )
        .prop_map(|(lifecycle, grants, ours, public_extent, tag)| Rights {
            lifecycle,
            language: language(tag),
            site: Arc::new(Site {
                public_extent,
                ..site()
            }),
            ..if ours { own() } else { reprint(grants) }
        })
}

fn uses() -> impl Strategy<Value = Use> {
    let base = prop::sample::select(readers().map(|(_, use_)| use_).to_vec());
    let home = prop::sample::select(vec![None, Some(territory("CN")), Some(territory("DE"))]);
    (base, home).prop_map(|(use_, territory)| Use { territory, ..use_ })
}

/// 0 for nothing at all; then the extents in their order.
fn rank(decision: &Result<Decision, Refusal>) -> usize {
    decision.as_ref().map_or(0, |decision| {
        1 + Extent::ALL
            .iter()
            .position(|extent| *extent == decision.extent)
            .unwrap()
    })
}

/// Every instant that anything says about a work.
fn boundaries(rights: &Rights) -> Vec<DateTime<Utc>> {
    let life = &rights.lifecycle;
    let mut all: Vec<DateTime<Utc>> = [life.publish_at, life.embargoed_until, life.unpublish_at]
        .into_iter()
        .chain([life.withdrawal.as_ref().map(|w| w.at)])
        .chain(
            rights
                .grants
                .iter()
                .flat_map(|grant| [Some(grant.valid_from), grant.valid_until]),
        )
        .flatten()
        .collect();
    all.sort();
    all.dedup();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn more_grants_never_narrow_and_fewer_never_widen(work in works(), one in grants(), use_ in uses(), now in instants()) {
        let mut more = work.clone();
        more.grants.push(one);
        prop_assert!(rank(&decide(&more, &use_, now)) >= rank(&decide(&work, &use_, now)));
        for n in 0..work.grants.len() {
            let mut fewer = work.clone();
            fewer.grants.remove(n);
            prop_assert!(rank(&decide(&fewer, &use_, now)) <= rank(&decide(&work, &use_, now)));
        }
    }

    #[test]
    fn the_order_of_grants_does_not_matter(work in works(), use_ in uses(), now in instants()) {
        let mut turned = work.clone();
        turned.grants.reverse();
        let extent = |rights: &Rights| decide(rights, &use_, now).map(|d| (d.extent, d.valid_until)).ok();
        prop_assert_eq!(extent(&turned), extent(&work));
    }

    #[test]
    fn nobody_outside_gets_more_than_the_agency_s_own_readers(work in works(), use_ in uses(), now in instants()) {
        if !matches!(use_.audience, Audience::Desk { .. }) {
            let own_reader = Use { audience: Audience::FirstParty, ..use_.clone() };
            prop_assert!(rank(&decide(&work, &use_, now)) <= rank(&decide(&work, &own_reader, now)));
        }
    }

    #[test]
    fn what_is_cleared_stays_within_what_was_granted(work in works(), use_ in uses(), now in instants(), whole in prop::sample::select(Extent::ALL.to_vec())) {
        let decision = decide(&work, &use_, now);
        match clear(Held::lock(Sheet(whole), work.clone()), &use_, now) {
            Err(refusal) => prop_assert!(decision.is_err_and(|known| known == refusal)),
            Ok(licensed) => {
                let decision = decision.unwrap();
                prop_assert_eq!(licensed.logged(), decision.logged);
                prop_assert_eq!(licensed.extent(), decision.extent);
                let answer = serde_json::to_value(licensed.present(|sheet| Page { left: sheet.0 })).unwrap();
                let left = Extent::parse(answer["left"].as_str().unwrap()).unwrap();
                prop_assert!(left <= decision.extent && left <= whole);
                prop_assert_eq!(answer["attribution"]["usage"]["extent"].as_str(), Some(decision.extent.as_str()));
            }
        }
    }

    #[test]
    fn outside_the_desk_there_is_no_text_without_credit_and_notices(work in works(), use_ in uses(), now in instants()) {
        if matches!(use_.audience, Audience::Desk { .. }) {
            return Ok(());
        }
        if let Ok(licensed) = clear(Held::lock(Sheet(Extent::Full), work.clone()), &use_, now) {
            let answer = licensed.present(|sheet| Page { left: sheet.0 });
            let credit = answer.attribution();
            let line = attribution::credit_line(
                work.language.template(),
                work.source.as_ref().unwrap().label(work.language.template()),
                work.origin().unwrap(),
            );
            prop_assert!(!line.is_empty());
            prop_assert_eq!(&credit.credit_line, &line);
            prop_assert!(credit.block().text().starts_with(&line));
            prop_assert_eq!(credit.notices.len(), 2);
        }
    }

    #[test]
    fn a_decision_changes_at_named_instants_only(work in works(), use_ in uses(), now in instants()) {
        let until = boundaries(&work).into_iter().find(|at| *at > now);
        let end = until.map_or(now + TimeDelta::days(9_000), |at| at - tick());
        prop_assert_eq!(decide(&work, &use_, now), decide(&work, &use_, end));
    }

    #[test]
    fn nothing_is_taken_back_before_the_instant_that_was_told(work in works(), use_ in uses(), now in instants()) {
        let decision = decide(&work, &use_, now);
        if matches!(use_.audience, Audience::Desk { .. }) || decision.is_err() {
            return Ok(());
        }
        let told = decision.as_ref().unwrap().valid_until;
        prop_assert!(told.is_none_or(|at| at > now));
        for at in boundaries(&work).into_iter().filter(|at| *at > now) {
            if told.is_none_or(|told| at < told) {
                prop_assert!(rank(&decide(&work, &use_, at)) >= rank(&decision), "{at}");
            }
        }
    }

    #[test]
    fn every_end_is_exact(work in works(), use_ in uses()) {
        if matches!(use_.audience, Audience::Desk { .. }) {
            return Ok(());
        }
        let life = &work.lifecycle;
        if let (Some(from), Some(until)) = (life.visible_from(), life.visible_until())
            && life.has_live_version
            && from < until
        {
            prop_assert_eq!(rank(&decide(&work, &use_, from - tick())), 0);
            prop_assert!(rank(&decide(&work, &use_, from)) > 0);
            prop_assert!(rank(&decide(&work, &use_, until - tick())) > 0);
            prop_assert!(matches!(decide(&work, &use_, until), Err(Refusal::Gone(_))));
        }
    }
}
