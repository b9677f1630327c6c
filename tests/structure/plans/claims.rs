//! Lists of claims and reports on them.

use diesel::connection::set_default_instrumentation;
use masthead::claims::model::{ClaimKind, ClaimStage};
use masthead::claims::store::{self as claims, Filter as Claims};
use masthead::db::migrate;
use masthead::db::page::Window;
use masthead::kernel::id::Id;

use super::{Recorder, now, plan, recorded};
use crate::databases;

#[actix_web::test]
async fn claims_are_sought_and_not_read_through() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let all = Claims::default;
    let mut complaints = Vec::new();
    for (name, filter) in [
        (
            "stage",
            Claims {
                stage: Some(ClaimStage::Received),
                ..all()
            },
        ),
        (
            "kind",
            Claims {
                kind: Some(ClaimKind::Privacy),
                ..all()
            },
        ),
        (
            "article",
            Claims {
                article: Id::parse("art_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "window",
            Claims {
                within_window: Some(false),
                ..all()
            },
        ),
        (
            "overdue",
            Claims {
                overdue: Some((true, now())),
                ..all()
            },
        ),
    ] {
        recorded("claims");
        let window = Window {
            limit: 20,
            after: None,
            count: true,
        };
        claims::list(db, filter, true, window).await.unwrap();
        claims::report::facts(db, now(), now(), now(), 10)
            .await
            .unwrap();
        let seen = recorded("claims");
        assert!(seen.len() >= 4, "the recorder sees the queries: {seen:?}");
        for text in seen {
            let plan = plan(db, &text);
            let scans = plan.iter().any(|step| step.starts_with("SCAN"));
            // What is overdue is little: it is sought by its time and sorted by hand.
            let sorts = name != "overdue" && plan.iter().any(|step| step.contains("TEMP B-TREE"));
            if scans || sorts {
                complaints.push(format!("{name}: {}\n    {text}", plan.join(" | ")));
            }
        }
    }
    crate::none(&complaints);
}
