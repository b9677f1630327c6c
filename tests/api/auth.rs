//! Signing in, staying signed in, signing out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use masthead::db::DbError;
use masthead::db::schema::{audit_events, changes};
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{Answer, Engine, PASSWORD, TestApp, both_engines};

const EMAIL: &str = "lin.yue@desk.example.org";

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.post(
        "/v1/auth/login",
        json!({"email": email, "password": password}),
    )
    .send()
    .await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.post("/v1/auth/refresh", json!({"refresh_token": token}))
        .send()
        .await
}

fn text(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().expect(name).to_owned()
}

/// The tokens of a new session.
async fn signed_in(app: &TestApp) -> (String, String) {
    let tokens = login(app, EMAIL, PASSWORD).await.expect(200);
    (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    )
}

/// What a problem says, but for what names the one request.
fn said(answer: &Answer) -> Value {
    let mut said = answer.json();
    said.as_object_mut()
        .expect("an object")
        .remove("request_id");
    said
}

/// Action, resource and detail of all that was put on record.
fn journal(app: &TestApp) -> Vec<(String, String, String)> {
    app.db
        .read_now(|conn| {
            audit_events::table
                .order(audit_events::id)
                .select((
                    audit_events::action,
                    audit_events::resource,
                    audit_events::detail,
                ))
                .load::<(String, String, Option<String>)>(conn)
                .map_err(DbError::from)
        })
        .expect("the journal is read")
        .into_iter()
        .map(|(action, resource, detail)| (action, resource, detail.unwrap_or_default()))
        .collect()
}

both_engines! {
    async fn a_session_begins_goes_on_and_ends(app) {
        let user = app.user(EMAIL, Role::Editor);
        let tokens = login(&app, " Lin.Yue@Desk.Example.ORG ", PASSWORD).await.expect(200);
        assert_eq!(tokens.header("cache-control"), "no-store");
        assert_eq!(tokens.json()["token_type"], "Bearer");
        assert_eq!(tokens.json()["expires_in"], 900);
        let (access, first) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        assert!(first.starts_with("mhr_"));

        let me = app.get("/v1/me").bearer(&access).send().await.expect(200);
        assert_eq!(me.json()["user"]["id"], user.to_string());
        assert_eq!(me.json()["user"]["role"], "editor");
        let permissions = me.json()["permissions"].clone();
        assert!(permissions.as_array().unwrap().contains(&json!("publish_articles")));
        assert!(!permissions.as_array().unwrap().contains(&json!("manage_users")));
        assert_eq!(me.header("cache-control"), "private, no-store");

        app.clock.advance(TimeDelta::minutes(10));
        let next = refresh(&app, &first).await.expect(200);
        assert_eq!(next.header("cache-control"), "no-store");
        let (access_2, second) = (text(&next, "access_token"), text(&next, "refresh_token"));
        assert_ne!(first, second);
        let me_2 = app.get("/v1/me").bearer(&access_2).send().await.expect(200);
        assert_eq!(me_2.json()["session_id"], me.json()["session_id"]);

        app.request("POST", "/v1/auth/logout").bearer(&access_2).send().await.expect(204);
        for token in [&access, &access_2] {
            let out = app.get("/v1/me").bearer(token).send().await.expect(401);
            assert!(out.header("www-authenticate").contains("invalid_token"));
        }
        refresh(&app, &second).await.expect(401);
        app.request("POST", "/v1/auth/logout").bearer(&access_2).send().await.expect(401);
        app.request("POST", "/v1/auth/logout").send().await.expect(401);
    }

    async fn an_access_token_ends_with_its_quarter_of_an_hour(app) {
        app.user(EMAIL, Role::Viewer);
        let (access, _) = signed_in(&app).await;
        app.clock.advance(TimeDelta::seconds(899));
        app.get("/v1/me").bearer(&access).send().await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        app.get("/v1/me").bearer(&access).send().await.expect(401);
        // Where nobody needs to sign in, too: a bad credential is never read as none.
        app.get("/v1/authors").bearer(&access).send().await.expect(401);
    }

    async fn failed_sign_ins_all_look_the_same(app) {
        app.user(EMAIL, Role::Editor);
        let gone = app.user("gone@desk.example.org", Role::Editor);
        let path = format!("/v1/users/{gone}");
        app.patch(&path, json!({"active": false})).if_match("*").by_admin().await.expect(200);
        let mut answers = Vec::new();
        for (email, password) in [
            (EMAIL, "wrong horse battery"),
            (EMAIL, ""),
            ("nobody@desk.example.org", PASSWORD),
            ("gone@desk.example.org", PASSWORD),
            ("no address at all", PASSWORD),
            ("' OR 1=1 --", "' OR 1=1 --"),
        ] {
            let answer = login(&app, email, password).await.expect(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"masthead\"");
            assert_eq!(answer.header("cache-control"), "no-store");
            answers.push(said(&answer));
        }
        assert_eq!(answers[0]["type"], "/problems/sign-in-failed");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }

    async fn faulty_sign_ins_are_told_without_what_they_hold(app) {
        let wrong = app
            .post("/v1/auth/login", json!({"email": 7, "password": ["hunter2hunter2"], "remember": true}))
            .send().await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/email", "type"), ("/password", "type"), ("/remember", "unknown_field")])
        );
        assert!(!wrong.text().contains("hunter2"), "{}", wrong.text());
        let long = login(&app, EMAIL, &"hunter2".repeat(100)).await.expect(422);
        assert!(!long.text().contains("hunter2"), "{}", long.text());
        app.request("POST", "/v1/auth/login").raw("text/plain", "x").send().await.expect(415);
        app.request("POST", "/v1/auth/login").raw("application/json", "{").send().await.expect(400);
        app.post("/v1/auth/refresh", json!({})).send().await.expect(422);
    }

    async fn a_refresh_token_that_comes_back_ends_the_session(app) {
        app.user(EMAIL, Role::Editor);
        let (_, first) = signed_in(&app).await;
        let (other_access, _) = signed_in(&app).await;
        let next = refresh(&app, &first).await.expect(200);
        let (access, second) = (text(&next, "access_token"), text(&next, "refresh_token"));
        let reused = refresh(&app, &first).await.expect(401);
        let unknown = refresh(&app, "mhr_never").await.expect(401);
        assert_eq!(said(&reused), said(&unknown), "who tries tokens learns nothing");
        refresh(&app, &second).await.expect(401);
        app.get("/v1/me").bearer(&access).send().await.expect(401);
        app.get("/v1/me").bearer(&other_access).send().await.expect(200);
        let marks: Vec<_> = journal(&app)
            .into_iter()
            .filter(|(.., detail)| detail.contains("refresh_token_reused"))
            .collect();
        assert_eq!(marks.len(), 1, "{marks:?}");
        assert_eq!((marks[0].0.as_str(), marks[0].1.as_str()), ("revoked", "session"));
    }

    async fn of_two_refreshes_at_once_one_wins_and_the_session_ends(app) {
        app.user(EMAIL, Role::Editor);
        let (access, token) = signed_in(&app).await;
        let (one, other) = tokio::join!(refresh(&app, &token), refresh(&app, &token));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        let winner = if one.status == 200 { one } else { other };
        refresh(&app, &text(&winner, "refresh_token")).await.expect(401);
        app.get("/v1/me").bearer(&access).send().await.expect(401);
    }

    async fn a_session_lives_as_long_as_it_is_used(app) {
        app.user(EMAIL, Role::Editor);
        let (_, mut token) = signed_in(&app).await;
        for _ in 0..3 {
            app.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
            let next = refresh(&app, &token).await.expect(200);
            token = text(&next, "refresh_token");
        }
        app.clock.advance(TimeDelta::days(30));
        refresh(&app, &token).await.expect(401);
    }

    async fn a_disabled_user_is_out_with_the_next_request(app) {
        let user = app.user(EMAIL, Role::Editor);
        let (access, token) = signed_in(&app).await;
        app.get("/v1/me").bearer(&access).send().await.expect(200);
        let path = format!("/v1/users/{user}");
        let change = |body: Value| app.patch(&path, body).if_match("*");
        change(json!({"active": false})).by_admin().await.expect(200);
        app.get("/v1/me").bearer(&access).send().await.expect(401);
        refresh(&app, &token).await.expect(401);
        login(&app, EMAIL, PASSWORD).await.expect(401);
        change(json!({"active": true})).by_admin().await.expect(200);
        app.get("/v1/me").bearer(&access).send().await.expect(401);
        let (access, _) = signed_in(&app).await;
        app.get("/v1/me").bearer(&access).send().await.expect(200);
    }

    async fn a_new_role_counts_from_the_next_request(app) {
        let user = app.user(EMAIL, Role::Viewer);
        let (access, _) = signed_in(&app).await;
        let author = json!({"name": "Wen Ya", "kind": "outside"});
        app.post("/v1/authors", author.clone()).bearer(&access).send().await.expect(403);
        app.patch(&format!("/v1/users/{user}"), json!({"role": "editor"}))
            .if_match("*").by_admin().await.expect(200);
        app.post("/v1/authors", author).bearer(&access).send().await.expect(201);
    }

    async fn forged_tokens_are_unauthorized(app) {
        app.user(EMAIL, Role::Admin);
        let (access, token) = signed_in(&app).await;
        let keys = app.get("/.well-known/jwks.json").send().await.expect(200);
        assert!(keys.header("cache-control").starts_with("public"));
        let key = keys.json()["keys"][0].clone();
        assert_eq!(
            [&key["kty"], &key["crv"], &key["alg"], &key["use"]],
            ["OKP", "Ed25519", "EdDSA", "sig"]
        );
        assert!(key.get("d").is_none(), "the private half stays at home");
        let x = key["x"].as_str().unwrap();

        // Who has the key set can check a token, and cannot make one.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        let public = DecodingKey::from_ed_components(x).unwrap();
        let read = jsonwebtoken::decode::<Value>(&access, &public, &validation).unwrap();
        assert_eq!(read.header.kid.as_deref(), key["kid"].as_str());
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        let claims = read.claims;

        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let (message, signature) = access.rsplit_once('.').unwrap();
        let (head, _) = message.split_once('.').unwrap();
        let hmac = |secret: &[u8]| {
            let mut header = Header::new(Algorithm::HS256);
            header.typ = Some("at+jwt".to_owned());
            header.kid = key["kid"].as_str().map(str::to_owned);
            jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        let mut longer = claims.clone();
        longer["exp"] = json!(4_000_000_000_i64);
        let none = json!({"alg": "none", "typ": "at+jwt", "kid": key["kid"]});
        let strange = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "strange"});
        let mut answers = Vec::new();
        for forged in [
            format!("{}.{}.", part(&none), part(&claims)),
            format!("{}.{}.{signature}", part(&none), part(&claims)),
            hmac(x.as_bytes()),
            hmac(&URL_SAFE_NO_PAD.decode(x).unwrap()),
            format!("{head}.{}.{signature}", part(&longer)),
            format!("{}.{}.{signature}", part(&strange), part(&claims)),
            format!("{message}."),
            token,
            "nonsense".to_owned(),
            "a.b.c".to_owned(),
            "x".repeat(5_000),
        ] {
            let answer = app.get("/v1/me").bearer(&forged).send().await.expect(401);
            assert!(answer.header("www-authenticate").contains("invalid_token"));
            answers.push(said(&answer));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        app.get("/v1/me").bearer(&access).send().await.expect(200);
    }

    async fn credentials_are_given_once_and_as_agreed(app) {
        app.user(EMAIL, Role::Editor);
        let (access, _) = signed_in(&app).await;
        app.get("/v1/me").send().await.expect(401);
        app.get("/v1/me").header("authorization", &access).send().await.expect(401);
        app.get("/v1/me").header("authorization", "Basic bWU6bWU=").send().await.expect(401);
        app.get("/v1/me").header("authorization", "Bearer ").send().await.expect(401);
        app.get("/v1/me").header("x-api-key", &access).send().await.expect(401);
        app.get("/v1/me").bearer(&access).key("mh_x").send().await.expect(401);
        app.get("/v1/me").header("authorization", &format!("bearer {access}")).send().await.expect(200);
    }

    async fn sessions_are_listed_and_ended(app) {
        let user = app.user(EMAIL, Role::Editor);
        app.user("other@desk.example.org", Role::Editor);
        let phone = app
            .post("/v1/auth/login", json!({"email": EMAIL, "password": PASSWORD}))
            .header("user-agent", "Phone/1.0").send().await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        let (access, _) = signed_in(&app).await;
        let list = app.get("/v1/me/sessions?count=exact").bearer(&access).send().await.expect(200).json();
        assert_eq!(list["page"]["total"], 2);
        assert_eq!(list["data"][0]["current"], true);
        assert_eq!(list["data"][1]["current"], false);
        assert_eq!(list["data"][1]["user_agent"], "Phone/1.0");
        let first = app.get("/v1/me/sessions?limit=1").bearer(&access).send().await.expect(200);
        let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
        let second = app.get(&next).bearer(&access).send().await.expect(200).json();
        assert_eq!(second["data"][0], list["data"][1]);
        assert_eq!(second["page"]["has_more"], false);

        let path = format!("/v1/me/sessions/{}", list["data"][1]["id"].as_str().unwrap());
        let other = login(&app, "other@desk.example.org", PASSWORD).await.expect(200);
        app.delete(&path).bearer(&text(&other, "access_token")).send().await.expect(404);
        app.delete(&path).send().await.expect(401);
        app.delete("/v1/me/sessions/ses_x").bearer(&access).send().await.expect(404);
        app.delete(&path).bearer(&access).send().await.expect(204);
        app.delete(&path).bearer(&access).send().await.expect(404);
        app.get("/v1/me").bearer(&text(&phone, "access_token")).send().await.expect(401);
        refresh(&app, &text(&phone, "refresh_token")).await.expect(401);
        app.get("/v1/me").bearer(&access).send().await.expect(200);

        // The administrator sees and ends them too.
        let path = format!("/v1/users/{user}/sessions");
        app.get(&path).bearer(&access).send().await.expect(403);
        let seen = app.get(&path).by_admin().await.expect(200).json();
        assert_eq!(seen["data"].as_array().unwrap().len(), 1);
        assert_eq!(seen["data"][0]["current"], false);
        app.delete(&path).by_admin().await.expect(204);
        app.get("/v1/me").bearer(&access).send().await.expect(401);
        app.delete(&path).by_admin().await.expect(204);
        app.get("/v1/users/usr_01900000000070008000000000000009/sessions").by_admin().await.expect(404);
    }

    async fn a_password_is_changed_by_who_knows_it(app) {
        app.user(EMAIL, Role::Editor);
        let (other, other_refresh) = signed_in(&app).await;
        let (access, token) = signed_in(&app).await;
        let change = |current: &str, new: &str| {
            let body = json!({"current_password": current, "new_password": new});
            app.put("/v1/me/password", body).bearer(&access)
        };
        let wrong = change("wrong horse battery", "another long passphrase").send().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/current_password", "wrong")]));
        let short = change(PASSWORD, "short").send().await.expect(422);
        assert_eq!(short.faults(), faults(&[("/new_password", "length")]));
        assert!(!short.text().contains("short\""), "{}", short.text());
        app.get("/v1/me").bearer(&other).send().await.expect(200);

        change(PASSWORD, "another long passphrase").send().await.expect(204);
        app.get("/v1/me").bearer(&other).send().await.expect(401);
        refresh(&app, &other_refresh).await.expect(401);
        app.get("/v1/me").bearer(&access).send().await.expect(200);
        refresh(&app, &token).await.expect(200);
        login(&app, EMAIL, PASSWORD).await.expect(401);
        login(&app, EMAIL, "another long passphrase").await.expect(200);
    }

    async fn the_journal_knows_what_happened_and_no_secret(app) {
        app.user(EMAIL, Role::Editor);
        let (access, token) = signed_in(&app).await;
        let next = refresh(&app, &token).await.expect(200);
        app.put("/v1/me/password", json!({"current_password": PASSWORD, "new_password": "another long passphrase"}))
            .bearer(&access).send().await.expect(204);
        app.request("POST", "/v1/auth/logout").bearer(&access).send().await.expect(204);
        let all = format!("{:?}", journal(&app));
        let next = text(&next, "refresh_token");
        for secret in [PASSWORD, "another long passphrase", &access, &token, &next, "argon2"] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
        let log: Vec<(String, String)> = app.db.read_now(|conn| {
            changes::table.filter(changes::resource.ne("signing_key")).order(changes::seq)
                .select((changes::kind, changes::resource)).load(conn).map_err(DbError::from)
        }).unwrap();
        let log: Vec<(&str, &str)> = log.iter().map(|(kind, noun)| (kind.as_str(), noun.as_str())).collect();
        assert_eq!(log, [
            ("created", "user"), ("created", "session"), ("updated", "session"),
            ("updated", "user"), ("revoked", "session"),
        ]);
    }
}

#[actix_web::test]
async fn sign_ins_are_limited_by_account_and_by_address() {
    let app = TestApp::with(Engine::Sqlite, |raw| {
        raw.login_limit_per_minute = 3;
        raw.trust_forwarded_for = true;
    })
    .await;
    app.user(EMAIL, Role::Editor);
    let try_from = |address: String, email: String| {
        app.post(
            "/v1/auth/login",
            json!({"email": email, "password": "wrong horse battery"}),
        )
        .header("x-forwarded-for", &address)
    };
    // One account from many addresses, whether it is there or not, however it is written.
    for email in [EMAIL, "nobody@desk.example.org"] {
        for n in 0..3 {
            let written = if n == 1 {
                email.to_uppercase()
            } else {
                email.to_owned()
            };
            try_from(format!("10.0.{}.{n}", email.len()), written)
                .send()
                .await
                .expect(401);
        }
        let limited = try_from(format!("10.1.0.{}", email.len()), email.to_owned());
        let limited = limited.send().await.expect(429);
        let wait: u64 = limited.header("retry-after").parse().expect("seconds");
        assert!((1..=21).contains(&wait), "{wait}");
    }
    // Many accounts from one address.
    for n in 0..3 {
        try_from("10.2.0.1".to_owned(), format!("u{n}@x.example"))
            .send()
            .await
            .expect(401);
    }
    try_from("10.2.0.1".to_owned(), "u9@x.example".to_owned())
        .send()
        .await
        .expect(429);
    // What the caller writes before the proxy's word makes no new address.
    let spoofed = try_from("10.9.9.9, 10.2.0.1".to_owned(), "u8@x.example".to_owned());
    let spoofed = spoofed.header("forwarded", "for=10.9.9.9");
    spoofed.send().await.expect(429);
    // The right password does not help past the limit.
    app.post(
        "/v1/auth/login",
        json!({"email": EMAIL, "password": PASSWORD}),
    )
    .header("x-forwarded-for", "10.3.0.1")
    .send()
    .await
    .expect(429);
}

#[actix_web::test]
async fn guessing_the_current_password_is_limited() {
    let app = TestApp::with(Engine::Sqlite, |raw| raw.login_limit_per_minute = 3).await;
    let user = app.user(EMAIL, Role::Editor);
    let access = app.token_of(user).await;
    let body = json!({"current_password": "wrong horse battery", "new_password": "another long passphrase"});
    for status in [422, 422, 422, 429] {
        let change = app.put("/v1/me/password", body.clone()).bearer(&access);
        change.send().await.expect(status);
    }
}
