//! Pages, forms, what goes, and what is done again.

use std::collections::HashSet;

use masthead::mirror::{Format, Mirror, MirrorError};
use serde_json::json;

use super::server::{KEY, Says, Server, files};

#[actix_web::test]
async fn pages_are_taken_whole_and_the_cursor_is_kept() {
    let server = Server::start().await;
    for _ in 0..250 {
        server.publish();
    }
    let summary = server.mirror().await;
    server.is_in_step(Format::Json);
    assert_eq!((summary.changes, summary.written), (250, 250));
    assert_eq!(server.state().cursor, Some(format!("chg_{:032x}", 250)));
    let pages: Vec<_> = server
        .came()
        .into_iter()
        .filter(|came| came.path == "/v1/changes")
        .collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert!(
        pages.iter().all(|page| !page.query.contains("wait")),
        "{pages:?}"
    );

    // Nothing new: one question, and nothing is fetched again.
    assert_eq!(server.mirror().await.changes, 0);
    let came = server.came();
    assert_eq!(came.len(), 1, "{came:?}");
    assert!(came[0].query.contains(&format!("after=chg_{:032x}", 250)));
}

#[actix_web::test]
async fn no_file_holds_the_key() {
    let server = Server::start().await;
    server.publish();
    server.mirror().await;
    let mut seen = 0;
    for path in files(server.folder.path())
        .into_iter()
        .filter(|path| path.is_file())
    {
        assert!(
            !std::fs::read_to_string(&path).unwrap().contains(KEY),
            "{}",
            path.display()
        );
        seen += 1;
    }
    assert!(seen >= 2);
    assert_eq!(server.state().key_hint, "x4Qc");
}

#[actix_web::test]
async fn each_form_is_asked_for_and_kept_as_it_came() {
    for format in Format::ALL.iter().copied() {
        let server = Server::start().await;
        let id = server.publish();
        server.run(format).await.unwrap();
        server.is_in_step(format);
        let path = match format {
            Format::Json => format!("/v1/articles/{id}"),
            other => format!("/v1/articles/{id}/representations/{}", other.as_str()),
        };
        assert!(server.came().iter().any(|came| came.path == path), "{path}");
    }
}

#[actix_web::test]
async fn what_may_not_be_read_any_more_is_removed() {
    for format in [Format::Json, Format::Html] {
        let server = Server::start().await;
        let kept = server.publish();
        let ways = [
            ("withdrawn", Says::Status(410, "gone")),
            (
                "withdrawn",
                Says::Status(451, "unavailable-for-legal-reasons"),
            ),
            ("exited", Says::Stub),
            // What is told as new and is gone by the time that it is asked for.
            ("updated", Says::Status(404, "not-found")),
            ("updated", Says::Status(410, "gone")),
            (
                "corrected",
                Says::Status(451, "unavailable-for-legal-reasons"),
            ),
            ("updated", Says::Stub),
            ("updated", Says::Status(403, "licence-required")),
        ];
        let gone: Vec<_> = ways.iter().map(|_| server.publish()).collect();
        server.run(format).await.unwrap();
        assert_eq!(server.held().len(), 1 + ways.len());
        for (id, (kind, says)) in gone.into_iter().zip(ways.clone()) {
            server.tell(id, kind, says);
        }
        let (summary, lines) = server.run(format).await.unwrap();
        assert_eq!(summary.removed, ways.len() as u64);
        assert!(
            lines.iter().all(|line| line.ends_with(": removed")),
            "{lines:?}"
        );
        server.is_in_step(format);
        assert!(
            server
                .held()
                .keys()
                .next()
                .unwrap()
                .starts_with(&kept.to_string())
        );
    }
}

/// A refusal that is no answer about the article leaves the file and the cursor where they are.
#[actix_web::test]
async fn an_unexpected_answer_stops_it_before_the_cursor_moves() {
    let server = Server::start().await;
    let id = server.publish();
    server.mirror().await;
    let before = server.state();
    for (status, kind) in [
        (403, "forbidden"),
        (406, "not-acceptable"),
        (500, "internal"),
    ] {
        server.tell(id, "updated", Says::Status(status, kind));
        let failed = server.run(Format::Json).await.unwrap_err();
        assert!(
            matches!(failed, MirrorError::Refused { status: told, .. } if told == status),
            "{failed}"
        );
        assert_eq!(server.state(), before);
        assert_eq!(server.held().len(), 1);
    }
}

#[actix_web::test]
async fn a_page_that_was_cut_off_is_taken_again() {
    // Cut off after each number of answers in turn: the folder is never wrong, and in step in the end.
    for answers in 0..=14 {
        let mut server = Server::start().await;
        let ids: Vec<_> = (0..6).map(|_| server.publish()).collect();
        server.mirror().await;
        server.tell(ids[0], "corrected", Says::Text(2));
        server.tell(ids[1], "withdrawn", Says::Status(410, "gone"));
        server.advise(ids[1], "withdrawal", 2);
        server.tell(ids[2], "updated", Says::Text(2));
        server.tell(ids[2], "updated", Says::Text(3));
        server.tell(ids[3], "exited", Says::Stub);
        server.tell(ids[4], "withdrawn", Says::Status(410, "gone"));
        server.tell(ids[4], "reinstated", Says::Text(3));
        let before = server.state();
        server.said.lock().dies_after = Some(answers);
        let cut = server.run(Format::Json).await;
        if cut.is_err() {
            assert_eq!(server.state(), before, "after {answers} answers");
        }
        server.revive().await;
        server.mirror().await;
        server.is_in_step(Format::Json);
        assert_eq!(
            server.said.lock().acknowledged.len(),
            1,
            "after {answers} answers"
        );
    }
}

#[actix_web::test]
async fn a_stale_cursor_and_what_a_crash_has_left_do_no_harm() {
    let server = Server::start().await;
    let ids: Vec<_> = (0..5).map(|_| server.publish()).collect();
    server.mirror().await;
    let state = server.folder.path().join(".mirror.json");
    let stale = std::fs::read(&state).unwrap();
    server.tell(ids[0], "withdrawn", Says::Status(410, "gone"));
    server.tell(ids[1], "corrected", Says::Text(2));
    let new = server.publish();
    server.mirror().await;

    // As after a kill between the files and the cursor, with one file not yet in its place.
    std::fs::write(&state, stale).unwrap();
    let aside = server
        .folder
        .path()
        .join(format!("articles/.{new}.json.new"));
    std::fs::write(&aside, "half of").unwrap();
    std::fs::remove_file(server.folder.path().join(format!("articles/{new}.json"))).unwrap();
    server.mirror().await;
    server.is_in_step(Format::Json);
    assert!(!aside.exists());
}

#[actix_web::test]
async fn a_folder_is_for_one_process_one_address_and_one_form() {
    let server = Server::start().await;
    server.publish();
    server.mirror().await;
    let first = Mirror::open(server.options(Format::Json)).unwrap();
    assert!(matches!(
        Mirror::open(server.options(Format::Json)),
        Err(MirrorError::Busy(_))
    ));
    drop(first);
    let refused = |options| match Mirror::open(options) {
        Err(MirrorError::Other(_, why)) => why,
        other => panic!("{:?}", other.err()),
    };
    assert!(refused(server.options(Format::Html)).contains("as json"));
    let mut options = server.options(Format::Json);
    options.from = "https://news.example.org".parse().unwrap();
    assert!(refused(options).contains("it mirrors http://127.0.0.1"));

    std::fs::remove_file(server.folder.path().join(".mirror.json")).unwrap();
    assert!(refused(server.options(Format::Json)).contains("is there, and no .mirror.json"));
    server.is_in_step(Format::Json);
}

/// A node that has not heard yet gives an older version, or nothing: that is not taken for the truth.
#[actix_web::test]
async fn a_node_that_is_behind_is_asked_again() {
    for behind in [Says::Text(1), Says::Status(404, "not-found")] {
        let server = Server::start().await;
        let article = server.publish();
        server.mirror().await;
        let before = server.state();
        server.came();
        server.tell(article, "updated", Says::Text(2));
        server.said.lock().articles.insert(article, behind);
        let mut mirror = Mirror::open(server.options(Format::Json)).unwrap();
        let hears = async {
            let path = format!("/v1/articles/{article}");
            while !server.came().iter().any(|came| came.path == path) {
                tokio::task::yield_now().await;
            }
            assert_eq!(server.state(), before);
            server.said.lock().articles.insert(article, Says::Text(2));
        };
        let mut tell = |_| ();
        let (ended, ()) = tokio::join!(mirror.run(&mut tell), hears);
        ended.unwrap();
        server.is_in_step(Format::Json);
    }
}

/// A licence that is suspended and taken up again between two looks at the log leaves nothing to tell there.
#[actix_web::test]
async fn what_could_not_be_read_for_a_moment_is_asked_for_again() {
    let mut server = Server::start().await;
    let ids: Vec<_> = (0..220).map(|_| server.publish()).collect();
    // Of the first page, the second and the last one.
    server.said.lock().refused = HashSet::from([ids[3], ids[150], ids[210]]);
    let (summary, lines) = server.run(Format::Json).await.unwrap();
    server.is_in_step(Format::Json);
    assert!(server.state().otherwise.is_empty());
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("asked again"))
            .count(),
        2,
        "{summary}"
    );

    // It is not forgotten when the run ends before, and no more looked for once the log says that it is gone.
    for id in [ids[5], ids[6]] {
        server.tell(id, "updated", Says::Text(2));
    }
    for _ in 0..120 {
        server.publish();
    }
    server.said.lock().refused = HashSet::from([ids[5], ids[6]]);
    server.said.lock().dies_after = Some(110);
    server.run(Format::Json).await.unwrap_err();
    let otherwise = server.state().otherwise;
    assert_eq!(
        otherwise.into_keys().collect::<HashSet<_>>(),
        HashSet::from([ids[5], ids[6]])
    );
    server.revive().await;
    server.tell(ids[6], "exited", Says::Stub);
    server.mirror().await;
    server.is_in_step(Format::Json);
    assert!(server.state().otherwise.is_empty());
}

/// A licence that is widened for a moment: what was read meanwhile is more than the key may have.
#[actix_web::test]
async fn what_came_to_another_extent_than_told_is_asked_for_again() {
    let server = Server::start().await;
    let id = server.publish();
    let extent = |extent| {
        let mut said = server.said.lock();
        said.log.last_mut().unwrap()["article"]["extent"] = json!(extent);
    };
    extent("excerpt");
    server.mirror().await;
    let told = Some("excerpt".to_owned());
    assert_eq!(server.state().otherwise.get(&id), Some(&told));
    let path = format!("/v1/articles/{id}");
    let asked = server
        .said
        .lock()
        .came
        .iter()
        .filter(|came| came.path == path)
        .count();
    // Fetched once, and asked again: when all was told, and after each of four pauses.
    assert_eq!(asked, 6);

    server.tell(id, "updated", Says::Text(2));
    extent("full");
    server.mirror().await;
    server.is_in_step(Format::Json);
    assert!(server.state().otherwise.is_empty());
}

/// A kind that is newer than the program is a reason to look.
#[actix_web::test]
async fn an_unknown_kind_is_looked_at() {
    let server = Server::start().await;
    let id = server.publish();
    server.mirror().await;
    server.tell(id, "relabelled", Says::Text(2));
    server.mirror().await;
    server.is_in_step(Format::Json);
    server.tell(id, "relabelled", Says::Status(404, "not-found"));
    server.mirror().await;
    server.is_in_step(Format::Json);
}

/// A server that names files is not followed out of the folder.
#[actix_web::test]
async fn an_id_that_is_none_ends_it() {
    let server = Server::start().await;
    server.publish();
    server.said.lock().log[0]["article"]["id"] = json!("../../etc/passwd");
    let failed = server.run(Format::Json).await.unwrap_err();
    assert!(matches!(failed, MirrorError::Answer(_)), "{failed}");
    assert_eq!(server.held().len(), 0);
}
