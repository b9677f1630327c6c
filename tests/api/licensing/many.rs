//! As many licences as a partner may hold, each naming as much as a licence may.

use masthead::db::{Actor, WriteCx};
use masthead::kernel::id::{Id, Mint, PartnerId};
use masthead::kernel::language::Territory;
use masthead::licences::model::{MOST_HELD, Terms};
use masthead::licences::store::insert;
use masthead::rights::{
    Alteration, Channel, ClientKind, Extent, Indexing, LicenceStatus, Selector,
};
use serde_json::json;

use crate::support::both_engines;
use crate::support::newsroom::with;

both_engines! {
    /// No statement binds what licences name: a partner that holds all that it may still gets its list.
    async fn a_list_stands_whatever_the_licences_name(app) {
        let desk = app.newsroom().await;
        let there = app.live(with(desk.own_work("In"), json!({"tags": ["t499"]}))).await;
        app.live(with(desk.own_work("Out"), json!({"tags": ["none"]}))).await;
        let terms = app.terms(ClientKind::Partner, Channel::Syndication);
        let partner: PartnerId = terms.partner.unwrap();
        let (_, key) = app.key(terms);
        let now = app.clock.now();
        let granted = Terms {
            selector: Selector {
                tags: (0..500).map(|n| format!("t{n}")).collect(),
                sections: vec![Id::parse(&desk.economy).unwrap()],
                ..Selector::default()
            },
            extent: Extent::Full,
            excerpt_chars: None,
            channels: vec![Channel::Syndication],
            territories: vec![Territory::parse("CN").unwrap()],
            valid_from: now,
            valid_until: None,
            alteration: Alteration::None,
            embargo_privilege: false,
            archive_days: None,
            quota_per_day: None,
            cache_max_age_seconds: 60,
            removal_deadline_hours: 24,
            indexing: Indexing::Noindex,
            ai_input: false,
            ai_train: false,
            status: LicenceStatus::Active,
            contract_ref: None,
        };
        let cx = WriteCx { actor: Actor::Operator, now, mint: Mint::seeded(5), request_id: None, once: None };
        app.db
            .write_now(&cx, |tx| {
                (0..MOST_HELD).try_for_each(|_| insert(tx, tx.cx.mint.id(now), partner, &granted))
            })
            .unwrap();
        for query in ["", "&include_stubs=true", "&sort=title"] {
            let answer = app.get(&format!("/v1/articles?count=exact&fields=title{query}")).key(&key).send().await.expect(200).json();
            let expected = if query.contains("stubs") { 2 } else { 1 };
            assert_eq!(answer["page"]["total"], expected, "{query}");
            assert!(answer["data"].as_array().unwrap().iter().any(|item| item["id"] == there.as_str()), "{query}");
        }
    }
}
