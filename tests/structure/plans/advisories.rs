//! Lists of advisories, and the search for who holds a work.

use diesel::connection::set_default_instrumentation;
use diesel::prelude::*;
use masthead::advisories::model::{AdvisoryKind, AdvisoryStanding, Filter as Told};
use masthead::advisories::store as told;
use masthead::db::advisories::{self, Issue};
use masthead::db::page::{Mark, Window};
use masthead::db::schema::{advisories as rows, articles, partners};
use masthead::db::{Actor, WriteCx, migrate};
use masthead::kernel::id::{Id, Mint};

use super::{Recorder, now, plans_of, recorded};
use crate::databases;

/// What lists of advisories are asked with, by name.
fn advisory_filters() -> Vec<(&'static str, Told)> {
    let all = Told::default;
    let mine = Id::parse("ptn_01900000000070008000000000000001");
    let article = Id::parse("art_01900000000070008000000000000001");
    let kind = Some(AdvisoryKind::Withdrawal);
    let mut filters = vec![
        ("own", Told { own: mine, ..all() }),
        (
            "partner",
            Told {
                partner: mine,
                ..all()
            },
        ),
        ("article", Told { article, ..all() }),
        ("kind", Told { kind, ..all() }),
    ];
    for standing in AdvisoryStanding::ALL.iter().copied().map(Some) {
        filters.push(("standing", Told { standing, ..all() }));
        filters.push((
            "own by standing",
            Told {
                own: mine,
                standing,
                ..all()
            },
        ));
    }
    filters
}

/// One that every list by partner or article holds, so that its holding is asked for.
fn one_advisory(db: &masthead::db::Db) {
    let at = now().naive_utc();
    let (partner, article) = (
        "ptn_01900000000070008000000000000001",
        "art_01900000000070008000000000000001",
    );
    let added = db.with_writer(|conn| -> QueryResult<()> {
        diesel::insert_into(partners::table)
            .values((
                partners::id.eq(partner),
                partners::revision.eq(1),
                partners::name.eq("x"),
                partners::name_key.eq("x"),
                partners::created_at.eq(at),
                partners::updated_at.eq(at),
            ))
            .execute(conn)?;
        diesel::insert_into(articles::table)
            .values((
                articles::id.eq(article),
                articles::revision.eq(1),
                articles::stage.eq("draft"),
                articles::head_version.eq(1),
                articles::created_at.eq(at),
                articles::updated_at.eq(at),
            ))
            .execute(conn)?;
        diesel::insert_into(rows::table)
            .values((
                rows::id.eq("adv_01900000000070008000000000000000"),
                rows::revision.eq(1),
                rows::partner_id.eq(partner),
                rows::article_id.eq(article),
                rows::version.eq(1),
                rows::kind.eq("withdrawal"),
                rows::issued_at.eq(at),
                rows::due_at.eq(at),
                rows::status.eq("open"),
                rows::reminders.eq(0),
            ))
            .execute(conn)?;
        Ok(())
    });
    added.unwrap().unwrap();
}

#[actix_web::test]
async fn advisories_are_sought_and_holders_are_stepped_through() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    one_advisory(db);
    let mut complaints = Vec::new();
    for (name, filter) in advisory_filters() {
        for after in [false, true] {
            let window = Window {
                limit: 20,
                after: after.then(|| Mark {
                    key: String::new(),
                    id: "adv_01900000000070008000000000000001".to_owned(),
                }),
                count: true,
            };
            recorded("advisories");
            let listed = told::list(db, filter.clone(), window, now()).await;
            listed.unwrap();
            let plans = plans_of(db, "advisories");
            let has_holding = plans.iter().any(|step| step.contains("deliveries_held"));
            let is_empty = filter.standing == Some(AdvisoryStanding::Acknowledged);
            assert_eq!(has_holding, !is_empty, "{name}");
            let sorts = |step: &&String| step.contains("TEMP B-TREE FOR ORDER BY");
            if plans
                .iter()
                .any(|step| step.starts_with("SCAN") || sorts(&step))
            {
                complaints.push(format!("{name} after={after}: {}", plans.join(" | ")));
            }
        }
    }
    let cx = WriteCx {
        actor: Actor::System,
        now: now(),
        mint: Mint::seeded(1),
        request_id: None,
        once: None,
    };
    let issue = Issue {
        article: "art_01900000000070008000000000000001",
        version: 2,
        kind: advisories::Kind::Correction,
        reason_class: None,
        text: None,
    };
    recorded("advisories");
    db.write_now(&cx, |tx| advisories::issue(tx, &issue))
        .unwrap();
    told::write::remind_overdue(db, &cx).unwrap();
    let plans = plans_of(db, "advisories");
    let along = "INDEX deliveries_held (article_id=? AND partner_id";
    let steps = plans.iter().filter(|step| step.contains(along));
    let scans = |step: &&String| step.starts_with("SCAN") && !step.ends_with("holders");
    if steps.count() != 3 || plans.iter().any(|step| scans(&step)) {
        complaints.push(format!("issuing and reminding: {}", plans.join(" | ")));
    }
    crate::none(&complaints);
}
