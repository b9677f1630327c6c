//! Preview links: one article, for a while, for who has no other credential.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::db::schema::article_previews as previews;
use masthead::keys::rotation::rotate;
use masthead::keys::{Foreign, KeyPurpose};
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::request::faults;
use crate::support::{Answer, TestApp, both_engines};

/// The address of a link of an administrator.
async fn link(app: &TestApp, id: &str, body: Value) -> String {
    let made = app
        .post(&format!("/v1/articles/{id}/previews"), body)
        .by_admin()
        .await
        .expect(201);
    made.json()["url"].as_str().unwrap().to_owned()
}

async fn opened(app: &TestApp, url: &str) -> Answer {
    app.get(url).send().await
}

fn refused(answer: Answer) {
    let answer = answer.expect(401);
    assert!(
        answer.header("www-authenticate").starts_with("Bearer"),
        "it says what is accepted"
    );
    assert_eq!(
        answer.json()["detail"],
        "The preview token is not valid, or not any more."
    );
}

both_engines! {
    async fn a_draft_is_shown_to_who_holds_the_link(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Not out yet")).await;
        let path = format!("/v1/articles/{id}");
        let made = app.post(&format!("{path}/previews"), json!({})).by_role(Role::Editor).await.expect(201);
        let token = made.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(made.json()["url"], format!("/v1/previews?token={token}"));
        assert_eq!((made.json()["expires_at"].clone(), made.header("cache-control")), (json!("2026-06-01T13:00:00Z"), "no-store"));
        let url = format!("/v1/previews?token={token}");
        let seen = opened(&app, &url).await.expect(200);
        assert_eq!((seen.header("cache-control"), seen.header("x-robots-tag")), ("private, no-store", "noindex"));
        assert_eq!((seen.header("surrogate-key"), seen.header("link")), ("", ""));
        let article = seen.json();
        assert_eq!((&article["id"], &article["title"], &article["stage"]), (&json!(id), &json!("Not out yet"), &json!("draft")));
        assert_eq!((&article["attribution"]["usage"]["extent"], &article["attribution"]["credit_line"]), (&json!("full"), &json!("Source: Harbour Daily")));
        assert!(article.get("desk").is_none() && article.get("versions").is_none(), "what the desk works with stays there");
        let text = opened(&app, &format!("{url}&fields=body&body_format=text")).await.expect(200).json();
        assert!(text["body"]["value"].as_str().unwrap().contains("Source: Harbour Daily"));
        assert!(opened(&app, &format!("{url}&include=section,authors,source")).await.expect(200).json()["source"].is_object());
        opened(&app, &format!("{url}&include=versions")).await.expect(403);
        assert_eq!(opened(&app, &format!("{url}&colour=1")).await.expect(400).faults(), faults(&[("colour", "unknown_parameter")]));
        opened(&app, &format!("{url}&token={token}")).await.expect(400);
        // Whoever else they are, the link says what they see.
        for role in [Role::Viewer, Role::Admin] {
            assert!(app.get(&url).by_role(role).await.expect(200).json().get("desk").is_none());
        }
        app.get(&url).key(&app.first_party_key(Channel::Web)).send().await.expect(200);
        app.get(&url).header("user-agent", "GPTBot").send().await.expect(200);
        // One article, and nothing else: not there, and not as another credential.
        app.get(&path).send().await.expect(404);
        app.get(&path).bearer(&token).send().await.expect(401);
        app.get(&path).key(&token).send().await.expect(401);
        assert!(!app.get("/.well-known/jwks.json").send().await.text().contains(&kid(&token)), "others have nothing to check");
        // An edit shows, and a tag of before does not hide it.
        app.edit(&path, json!({"title": "Better"})).await.expect(200);
        let again = app.get(&url).header("if-none-match", &seen.etag()).send().await.expect(200);
        assert_eq!(again.json()["title"], "Better");
        assert_eq!(app.readings(&id), 0);
    }

    async fn a_link_shows_the_version_that_it_is_for(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("First")).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"title": "Second"})).await.expect(200);
        let (first, newest) = (link(&app, &id, json!({"version": 1})).await, link(&app, &id, json!({})).await);
        app.edit(&path, json!({"title": "Third"})).await.expect(200);
        for (url, title) in [(&first, "First"), (&newest, "Third")] {
            assert_eq!(opened(&app, url).await.expect(200).json()["title"], title);
        }
        assert_eq!(app.get(&path).send().await.expect(200).json()["title"], "First");
        let previews = format!("{path}/previews");
        for (body, expected) in [
            (json!({"version": 9}), ("/version", "unknown")), (json!({"version": 0}), ("/version", "range")),
            (json!({"expires_in_seconds": 0}), ("/expires_in_seconds", "range")), (json!({"expires_in_seconds": 604_801}), ("/expires_in_seconds", "range")),
            (json!({"expires_in_seconds": "1h"}), ("/expires_in_seconds", "type")), (json!({"for": "ever"}), ("/for", "unknown_field")),
        ] {
            assert_eq!(app.post(&previews, body).by_admin().await.expect(422).faults(), faults(&[expected]));
        }
        let once = || app.post(&previews, json!({"version": 1})).header("idempotency-key", "p");
        assert_eq!(once().by_admin().await.expect(201).json(), once().by_admin().await.expect(201).json(), "the same link");
    }

    async fn a_link_ends_on_the_second_and_its_row_is_tidied_away(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("x")).await;
        let (short, long) = (link(&app, &id, json!({"expires_in_seconds": 1})).await, link(&app, &id, json!({"expires_in_seconds": 604_800})).await);
        app.clock.advance(TimeDelta::seconds(1) - TimeDelta::microseconds(1));
        opened(&app, &short).await.expect(200);
        app.clock.advance(TimeDelta::microseconds(1));
        refused(opened(&app, &short).await);
        let rows = || app.db.with_writer(|conn| previews::table.count().get_result::<i64>(conn)).unwrap().unwrap();
        app.chores().await;
        assert_eq!(rows(), 1);
        // A new key signs, and what the old one has signed is taken for as long as links live.
        let secret = "a secret for tests that is long enough";
        let hours = KeyPurpose::Preview.overlap_hours();
        rotate(&app.db, secret, &app.write(), KeyPurpose::Preview, hours, Foreign::Refuse).unwrap();
        app.clock.advance(TimeDelta::seconds(604_798));
        opened(&app, &long).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        refused(opened(&app, &long).await);
        app.chores().await;
        assert_eq!(rows(), 0);
    }

    async fn links_are_ended(app) {
        let desk = app.newsroom().await;
        let (id, other) = (app.draft(desk.own_work("x")).await, app.draft(desk.own_work("y")).await);
        let urls = [link(&app, &id, json!({})).await, link(&app, &id, json!({"version": 1})).await];
        let stays = link(&app, &other, json!({})).await;
        app.delete(&format!("/v1/articles/{id}/previews")).by_role(Role::Viewer).await.expect(403);
        for () in [(), ()] {
            app.delete(&format!("/v1/articles/{id}/previews")).by_role(Role::Editor).await.expect(204);
        }
        for url in &urls {
            refused(opened(&app, url).await);
        }
        opened(&app, &stays).await.expect(200);
        opened(&app, &link(&app, &id, json!({})).await).await.expect(200);
        // A deleted draft takes its links along.
        app.delete(&format!("/v1/articles/{other}")).if_match("*").by_admin().await.expect(204);
        refused(opened(&app, &stays).await);
    }

    async fn forged_and_tampered_tokens(app) {
        let desk = app.newsroom().await;
        let (id, other) = (app.draft(desk.own_work("x")).await, app.draft(desk.own_work("SECRET")).await);
        let url = link(&app, &id, json!({"version": 1})).await;
        let token = url.split_once('=').unwrap().1;
        let parts: Vec<&str> = token.split('.').collect();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims.as_object().unwrap().keys().collect::<Vec<_>>(), ["exp", "iat", "iss", "jti", "sub", "usr", "ver"]);
        let other_claims = |name: &str, value: Value| format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(with(claims.clone(), json!({name: value})).to_string()), parts[2]);
        let header = |value: Value| format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(value.to_string()), parts[1], parts[2]);
        let access = app.token(Role::Admin).await;
        for forged in [
            other_claims("sub", json!(other)), other_claims("exp", json!(9_999_999_999_i64)), other_claims("ver", json!(2)), other_claims("usr", json!("usr_1")),
            header(json!({"alg": "none", "typ": "masthead-preview+jwt", "kid": kid(token)})), header(json!({"alg": "EdDSA", "typ": "masthead-preview+jwt", "kid": "x"})),
            header(json!({"alg": "HS256", "typ": "masthead-preview+jwt", "kid": kid(token)})), format!("{}.{}.", parts[0], parts[1]), token[..token.len() - 2].to_owned(), format!("{token}A"), access,
            String::new(), "x".to_owned(), "..".to_owned(), "%E2%98%83".to_owned(), "a".repeat(20_000),
        ] {
            let answer = opened(&app, &format!("/v1/previews?token={forged}")).await;
            assert!(!answer.text().contains("SECRET"));
            refused(answer);
        }
        refused(opened(&app, "/v1/previews").await);
        opened(&app, &url).await.expect(200);
        // A stolen key is retired at once, and so is what it has signed.
        rotate(&app.db, "a secret for tests that is long enough", &app.write(), KeyPurpose::Preview, 0, Foreign::Refuse).unwrap();
        let restarted = masthead::keys::Rings::open(&app.db, "a secret for tests that is long enough", &app.clock, Foreign::Refuse).unwrap();
        let reader = masthead::articles::previews::Previews::new(app.db.clone(), restarted.preview);
        assert!(reader.open(token, app.clock.now()).await.is_err());
    }

    async fn a_link_is_good_while_who_gave_it_out_may_read_on(app) {
        let desk = app.newsroom().await;
        let user = app.user("lin@desk.example.org", Role::Editor);
        let token = app.token_of(user).await;
        let id = app.live(desk.own_work("Out")).await;
        app.edit(&format!("/v1/articles/{id}"), json!({"title": "WAITING"})).await.expect(200);
        let made = app.post(&format!("/v1/articles/{id}/previews"), json!({"expires_in_seconds": 86_400})).bearer(&token).send().await.expect(201).json();
        let url = made["url"].as_str().unwrap().to_owned();
        opened(&app, &url).await.expect(200);
        let account = |change: Value| app.patch(&format!("/v1/users/{user}"), change).if_match("*").by_admin();
        // As an author they would not see what waits on another's work.
        account(json!({"role": "author"})).await.expect(200);
        refused(opened(&app, &url).await);
        account(json!({"role": "viewer"})).await.expect(200);
        opened(&app, &url).await.expect(200);
        app.set_times(&id, Some(app.clock.now() + TimeDelta::hours(1)), None);
        let seen = opened(&app, &url).await.expect(200).json();
        assert_eq!((&seen["attribution"]["usage"]["extent"], seen.get("body")), (&json!("headline"), None));
        assert_eq!(app.readings(&id), 0);
        account(json!({"role": "rights", "active": false})).await.expect(200);
        refused(opened(&app, &url).await);
        account(json!({"active": true})).await.expect(200);
        // An embargoed body is read on record, by whose link.
        opened(&app, &url).await.expect(200);
        assert_eq!(app.readings(&id), 1);
        let reading = app.audit(&id).into_iter().find(|(_, _, action)| action == "read").unwrap();
        assert_eq!((reading.0.as_str(), reading.1), ("anonymous", None));
        app.delete(&format!("/v1/users/{user}")).if_match("*").by_admin().await.expect(204);
        refused(opened(&app, &url).await);
    }

    async fn after_a_withdrawal_a_link_shows_a_tombstone(app) {
        let desk = app.newsroom().await;
        for (class, status) in [("editorial", 410), ("legal", 451)] {
            let id = app.live(desk.own_work("Buried TITLE")).await;
            let urls = [link(&app, &id, json!({})).await, link(&app, &id, json!({"version": 1})).await];
            app.clock.advance(TimeDelta::seconds(1));
            app.withdraw(&id, class).await.expect(200);
            let before = app.readings(&id);
            for url in urls.iter().chain([&link(&app, &id, json!({})).await]) {
                let tombstone = opened(&app, url).await.expect(status);
                assert_eq!((tombstone.header("cache-control"), &tombstone.json()["reason_class"]), ("no-store", &json!(class)));
                assert!(!tombstone.text().contains("TITLE"));
            }
            assert_eq!(app.readings(&id), before);
        }
        let unseen = app.live(desk.own_work("Held")).await;
        app.set_times(&unseen, Some(app.clock.now() + TimeDelta::hours(1)), None);
        let url = link(&app, &unseen, json!({})).await;
        opened(&app, &url).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        app.withdraw(&unseen, "legal").await.expect(200);
        refused(opened(&app, &url).await);
    }

    async fn nothing_is_shown_without_its_credit(app) {
        let desk = app.newsroom().await;
        let id = app.draft(json!({"title": "Bare", "language": "en"})).await;
        let url = link(&app, &id, json!({})).await;
        let bare = opened(&app, &url).await.expect(409);
        assert!(!bare.text().contains("Bare"));
        app.edit(&format!("/v1/articles/{id}"), json!({"source_id": desk.wire})).await.expect(200);
        let seen = opened(&app, &url).await.expect(200).json();
        assert_eq!(seen["attribution"]["credit_line"], "Source: Coastal Wire (not this site)");
    }

    async fn authors_give_out_links_to_their_own(app) {
        let desk = app.newsroom().await;
        let (mine, other) = (app.token_of(app.user("a@desk.example.org", Role::Author)).await, app.token(Role::Author).await);
        let id = app.post("/v1/articles", desk.own_work("Mine")).bearer(&mine).send().await.expect(201).id();
        let path = format!("/v1/articles/{id}/previews");
        let made = app.post(&path, json!({})).bearer(&mine).send().await.expect(201).json();
        opened(&app, made["url"].as_str().unwrap()).await.expect(200);
        app.post(&path, json!({})).bearer(&other).send().await.expect(404);
        app.publish(&id).await.expect(200);
        app.post(&path, json!({})).bearer(&other).send().await.expect(403);
        app.delete(&path).bearer(&other).send().await.expect(403);
        for role in [Role::Viewer, Role::Rights] {
            app.post(&path, json!({})).by_role(role).await.expect(403);
        }
        app.post(&path, json!({})).send().await.expect(401);
        app.post(&path, json!({})).key(&app.first_party_key(Channel::Web)).send().await.expect(403);
    }
}

/// The id of the key that a token names.
fn kid(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}
