//! Outages, limits, keys that are refused, and following.

use masthead::mirror::{Format, Mirror, MirrorError, Patience};

use super::server::{Says, Server};

#[actix_web::test]
async fn it_waits_as_it_is_told_and_goes_on() {
    let server = Server::start().await;
    server.publish();
    for status in [429, 503] {
        server.said.lock().faults.push_back((status, Some("0")));
    }
    server
        .said
        .lock()
        .faults
        .push_back((429, Some("Sun, 06 Nov 1994 08:49:37 GMT")));
    let mut options = server.options(Format::Json);
    options.patience = Patience::ONCE;
    Mirror::open(options)
        .unwrap()
        .run(&mut |_| ())
        .await
        .unwrap();
    server.is_in_step(Format::Json);
    assert_eq!(server.came().len(), 5);
}

/// Tomorrow's quota is not waited for by a run that is to end.
#[actix_web::test]
async fn a_long_wait_ends_a_run() {
    let server = Server::start().await;
    server.publish();
    server.said.lock().faults.push_back((429, Some("3600")));
    let failed = server.run(Format::Json).await.unwrap_err();
    assert!(
        matches!(failed, MirrorError::Later { seconds: 3600, .. }),
        "{failed}"
    );
    server.mirror().await;
    server.is_in_step(Format::Json);
}

#[actix_web::test]
async fn an_outage_is_survived() {
    let server = Server::start().await;
    server.publish();
    server.said.lock().faults.push_back((502, None));
    let mut options = server.options(Format::Json);
    options.patience = Patience::ONCE;
    let mut mirror = Mirror::open(options).unwrap();
    mirror.run(&mut |_| ()).await.unwrap();
    server.is_in_step(Format::Json);
}

#[actix_web::test]
async fn a_used_up_limit_is_heeded() {
    let server = Server::start().await;
    server.publish();
    server.said.lock().ratelimit = Some("\"default\";r=0;t=1");
    let began = std::time::Instant::now();
    server.mirror().await;
    assert!(
        began.elapsed() >= std::time::Duration::from_millis(900),
        "it was told to wait a second"
    );
}

#[actix_web::test]
async fn a_key_that_is_refused_ends_it_and_changes_nothing() {
    let server = Server::start().await;
    server.publish();
    server.mirror().await;
    for (status, follow) in [(401, false), (401, true), (403, true)] {
        server.said.lock().faults.push_back((status, None));
        let mut options = server.options(Format::Json);
        (options.follow, options.patience) = (follow, Patience::FOREVER);
        let failed = Mirror::open(options)
            .unwrap()
            .run(&mut |_| ())
            .await
            .unwrap_err();
        assert!(
            matches!(failed, MirrorError::Refused { status: told, .. } if told == status),
            "{failed}"
        );
        server.is_in_step(Format::Json);
    }
}

/// The key goes to the address that was given, and nowhere else.
#[actix_web::test]
async fn it_is_not_led_elsewhere() {
    let (server, other) = (Server::start().await, Server::start().await);
    server.publish();
    let elsewhere: &'static str =
        Box::leak(format!("{}v1/changes", other.options(Format::Json).from).into_boxed_str());
    server.said.lock().faults.push_back((307, Some(elsewhere)));
    let failed = server.run(Format::Json).await.unwrap_err();
    assert!(
        matches!(failed, MirrorError::Refused { status: 307, .. }),
        "{failed}"
    );
    assert_eq!(other.came(), []);
}

#[actix_web::test]
async fn following_waits_for_what_comes() {
    let server = Server::start().await;
    let article = server.publish();
    let mut options = server.options(Format::Json);
    options.follow = true;
    let mut mirror = Mirror::open(options).unwrap();
    let waits = async || {
        while !server
            .came()
            .iter()
            .any(|came| came.query.contains("wait=30"))
        {
            tokio::task::yield_now().await;
        }
    };
    let watched = async {
        waits().await;
        server.is_in_step(Format::Json);
        server.tell(article, "withdrawn", Says::Status(410, "gone"));
        server.publish();
        // Those that wait were asked before; the one after them has it.
        while server.held() != server.readable(Format::Json) {
            tokio::task::yield_now().await;
        }
    };
    let mut tell = |_| ();
    tokio::select! {
        ended = mirror.run(&mut tell) => panic!("{ended:?}"),
        () = watched => {}
    }
    // To be stopped anywhere is as good as any other end.
    drop(mirror);
    server.mirror().await;
    server.is_in_step(Format::Json);
}
