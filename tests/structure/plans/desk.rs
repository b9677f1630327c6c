//! What the desk reads: versions, comments, assignments, previews.

use diesel::connection::set_default_instrumentation;
use masthead::articles::store::{assignments, comments, history, previews};
use masthead::db::migrate;
use masthead::db::page::{Mark, Window};
use masthead::kernel::id::Id;

use super::{Recorder, plan, recorded};
use crate::databases;

/// Its tables.
const SUBJECTS: [&str; 4] = [
    "FROM `versions`",
    "article_comments",
    "article_assignments",
    "article_previews",
];

#[actix_web::test]
async fn what_the_desk_reads_is_sought() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let article = Id::parse("art_01900000000070008000000000000001").unwrap();
    let user = Id::parse("usr_01900000000070008000000000000001");
    SUBJECTS.iter().for_each(|subject| drop(recorded(subject)));
    for after in [None, Some("cmt_01900000000070008000000000000001")] {
        let window = Window {
            limit: 20,
            after: after.map(|id| Mark {
                key: String::new(),
                id: id.to_owned(),
            }),
            count: true,
        };
        history::list(db, article, 7, window.clone()).await.unwrap();
        for open in [None, Some(true), Some(false)] {
            let filter = comments::Filter {
                version: open.map(|_| 1),
                open,
            };
            comments::list(db, article, filter, window.clone())
                .await
                .unwrap();
            for (article, user) in [(Some(article), None), (None, user)] {
                let filter = assignments::Filter {
                    article,
                    user,
                    open,
                };
                assignments::list(db, filter, window.clone()).await.unwrap();
            }
        }
        let all = assignments::Filter {
            open: Some(true),
            ..assignments::Filter::default()
        };
        assignments::list(db, all, window).await.unwrap();
    }
    let preview = Id::parse("prv_01900000000070008000000000000001").unwrap();
    assert!(previews::standing(db, preview).await.unwrap().is_none());
    assert!(history::latest(db, article).await.unwrap().is_none());
    let seen: Vec<String> = SUBJECTS
        .iter()
        .flat_map(|subject| recorded(subject))
        .collect();
    assert!(seen.len() >= 25, "the recorder sees them: {}", seen.len());
    let mut complaints = Vec::new();
    for text in seen {
        let plan = plan(db, &text);
        let bad = |step: &String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        if plan.iter().any(bad) {
            complaints.push(format!("{}\n    {text}", plan.join(" | ")));
        }
    }
    crate::none(&complaints);
}
