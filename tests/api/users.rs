//! The staff, as administrators see and change it.

use diesel::prelude::*;
use masthead::db::DbError;
use masthead::db::schema::{idempotency_keys, users};
use masthead::kernel::text::sha256_hex;
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{PASSWORD, TestApp, both_engines};

fn lin_yue() -> Value {
    json!({"email": "Lin.Yue@Desk.example.org ", "name": "林月", "role": "editor", "password": "a long enough passphrase"})
}

async fn login(app: &TestApp, password: &str) -> u16 {
    app.post(
        "/v1/auth/login",
        json!({"email": "lin.yue@desk.example.org", "password": password}),
    )
    .send()
    .await
    .status
}

both_engines! {
    async fn a_user_lives_and_goes(app) {
        let made = app.post("/v1/users", lin_yue()).by_admin().await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/users/{}", made.id()));
        assert_eq!(made.json()["email"], "lin.yue@desk.example.org");
        assert_eq!(made.json()["active"], true);
        let seen = app.get(&path).by_admin().await.expect(200);
        assert_eq!(seen.json(), made.json());
        for answer in [&made, &seen] {
            assert!(!answer.text().contains("passphrase") && !answer.text().contains("argon2"));
        }
        assert_eq!(login(&app, "a long enough passphrase").await, 200);

        app.patch(&path, json!({"name": "x"})).by_admin().await.expect(428);
        app.patch(&path, json!({"name": "x"})).if_match("\"9.zz\"").by_admin().await.expect(412);
        let changed = app.patch(&path, json!({"name": "Lin Yue", "role": "viewer"}))
            .if_match(&seen.etag()).by_admin().await.expect(200);
        assert_eq!(changed.json()["name"], "Lin Yue");
        assert_eq!(changed.json()["role"], "viewer");
        assert_eq!(changed.json()["email"], "lin.yue@desk.example.org");
        assert_eq!(login(&app, "a long enough passphrase").await, 200, "what is left out stays");
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(412);
        app.delete(&path).by_admin().await.expect(428);
        app.delete(&path).if_match(&changed.etag()).by_admin().await.expect(204);
        app.get(&path).by_admin().await.expect(404);
        assert_eq!(login(&app, "a long enough passphrase").await, 401);
    }

    async fn only_administrators_manage_users(app) {
        let user = app.user("x@desk.example.org", Role::Viewer);
        let path = format!("/v1/users/{user}");
        for role in [Role::Rights, Role::Editor, Role::Author, Role::Viewer] {
            app.get("/v1/users").by_role(role).await.expect(403);
            app.post("/v1/users", lin_yue()).by_role(role).await.expect(403);
            app.get(&path).by_role(role).await.expect(403);
            app.patch(&path, json!({"role": "admin"})).if_match("*").by_role(role).await.expect(403);
            app.delete(&path).if_match("*").by_role(role).await.expect(403);
            app.delete(&format!("{path}/sessions")).by_role(role).await.expect(403);
        }
        app.get("/v1/users").send().await.expect(401);
        let key = app.first_party_key(masthead::rights::Channel::Web);
        app.get("/v1/users").key(&key).send().await.expect(403);
        app.get("/v1/me").key(&key).send().await.expect(403);
    }

    async fn faults_are_told_all_at_once(app) {
        let wrong = app
            .post("/v1/users", json!({"name": 7, "role": "king", "active": "yes", "shoe": 43}))
            .by_admin().await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/active", "type"), ("/email", "required"), ("/name", "type"),
                ("/password", "required"), ("/role", "choice"), ("/shoe", "unknown_field")])
        );
        let wrong = app
            .post("/v1/users", json!({"email": "a@b@c", "name": "a\u{202e}b", "role": "editor", "password": "a long enough passphrase"}))
            .by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/email", "format"), ("/name", "unsafe_character")]));
        for password in ["hunter2", &"hunter2".repeat(40)] {
            let mut body = lin_yue();
            body["password"] = json!(password);
            let wrong = app.post("/v1/users", body).by_admin().await.expect(422);
            assert_eq!(wrong.faults(), faults(&[("/password", "length")]));
            assert!(!wrong.text().contains("hunter2"), "{}", wrong.text());
        }
        let mut body = lin_yue();
        body["password"] = json!("hunter2\0hunter2");
        let wrong = app.post("/v1/users", body).by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/password", "unsafe_character")]));
        assert!(!wrong.text().contains("hunter2"));
    }

    async fn a_mail_address_belongs_to_one(app) {
        let first = app.post("/v1/users", lin_yue()).by_admin().await.expect(201);
        let mut again = lin_yue();
        again["email"] = json!("LIN.YUE@desk.example.org");
        let taken = app.post("/v1/users", again.clone()).by_admin().await.expect(409);
        assert_eq!(taken.json()["type"], "/problems/taken");
        assert_eq!(taken.faults(), faults(&[("/email", "taken")]));
        again["email"] = json!("other@desk.example.org");
        let other = app.post("/v1/users", again).by_admin().await.expect(201);
        let taken = app.patch(other.header("location"), json!({"email": "lin.yue@DESK.example.org"}))
            .if_match(&other.etag()).by_admin().await;
        assert_eq!(taken.expect(409).faults(), faults(&[("/email", "taken")]));
        // One's own address is not taken.
        app.patch(first.header("location"), json!({"email": "Lin.Yue@desk.example.org"}))
            .if_match(&first.etag()).by_admin().await.expect(200);
    }

    async fn the_last_administrator_stays(app) {
        let token = app.token(Role::Admin).await;
        let me = app.get("/v1/me").bearer(&token).send().await.expect(200).json();
        let path = format!("/v1/users/{}", me["user"]["id"].as_str().unwrap());
        let leave = |body: Value| app.patch(&path, body).if_match("*");
        let spare = app.user("spare@desk.example.org", Role::Admin);
        let spare_path = format!("/v1/users/{spare}");
        app.patch(&spare_path, json!({"active": false})).if_match("*").by_admin().await.expect(200);
        for body in [json!({"role": "editor"}), json!({"active": false})] {
            let refused = leave(body).by_admin().await.expect(409);
            assert_eq!(refused.json()["type"], "/problems/conflict");
        }
        app.delete(&path).if_match("*").by_admin().await.expect(409);
        leave(json!({"name": "Still here"})).by_admin().await.expect(200);

        app.patch(&spare_path, json!({"active": true})).if_match("*").by_admin().await.expect(200);
        let spare_token = app.token_of(spare).await;
        // Two who remove each other at once: one of them stays.
        let (one, other) = tokio::join!(
            app.delete(&spare_path).if_match("*").bearer(&token).send(),
            app.delete(&path).if_match("*").bearer(&spare_token).send()
        );
        let done = [one.status, other.status].iter().filter(|status| **status == 204).count();
        assert_eq!(done, 1, "{} {}", one.status, other.status);
        let admins: i64 = app.db.read_now(|conn| {
            users::table.filter(users::role.eq("admin")).filter(users::active.eq(true))
                .count().get_result(conn).map_err(DbError::from)
        }).unwrap();
        assert_eq!(admins, 1);
    }

    async fn a_password_set_by_an_administrator_ends_the_sessions(app) {
        let made = app.post("/v1/users", lin_yue()).by_admin().await.expect(201);
        let tokens = app
            .post("/v1/auth/login", json!({"email": "lin.yue@desk.example.org", "password": "a long enough passphrase"}))
            .send().await.expect(200).json();
        let access = tokens["access_token"].as_str().unwrap();
        let path = made.header("location");
        let renamed = app.patch(path, json!({"name": "Lin"})).if_match(&made.etag()).by_admin().await.expect(200);
        app.get("/v1/me").bearer(access).send().await.expect(200);
        app.patch(path, json!({"password": null})).if_match("*").by_admin().await.expect(200);
        app.get("/v1/me").bearer(access).send().await.expect(200);
        app.patch(path, json!({"password": "too short"})).if_match("*").by_admin().await.expect(422);
        app.patch(path, json!({"password": PASSWORD})).if_match(&renamed.etag()).by_admin().await.expect(412);
        app.patch(path, json!({"password": PASSWORD})).if_match("*").by_admin().await.expect(200);
        app.get("/v1/me").bearer(access).send().await.expect(401);
        assert_eq!(login(&app, "a long enough passphrase").await, 401);
        assert_eq!(login(&app, PASSWORD).await, 200);
    }

    async fn a_removed_user_is_out_with_the_next_request(app) {
        let user = app.user("lin.yue@desk.example.org", Role::Editor);
        let access = app.token_of(user).await;
        app.get("/v1/me").bearer(&access).send().await.expect(200);
        app.delete(&format!("/v1/users/{user}")).if_match("*").by_admin().await.expect(204);
        app.get("/v1/me").bearer(&access).send().await.expect(401);
    }

    async fn a_key_adds_a_user_once_and_its_trace_hides_the_password(app) {
        let once = |body: Value| app.post("/v1/users", body).header("idempotency-key", "k-1");
        let first = once(lin_yue()).by_admin().await.expect(201);
        let again = once(lin_yue()).by_admin().await.expect(201);
        assert_eq!(first.json(), again.json());
        let mut other = lin_yue();
        other["password"] = json!("another long passphrase");
        once(other).by_admin().await.expect(422);
        let stored: String = app.db.read_now(|conn| {
            idempotency_keys::table.select(idempotency_keys::request_hash).first(conn).map_err(DbError::from)
        }).unwrap();
        assert_ne!(stored, sha256_hex(lin_yue().to_string().as_bytes()), "it could be searched for the password");
    }

    async fn the_staff_is_listed_filtered_and_sorted(app) {
        app.token(Role::Admin).await;
        for (email, role) in [("d@x.example", Role::Editor), ("b@x.example", Role::Viewer), ("c@x.example", Role::Editor)] {
            app.user(email, role);
        }
        let emails = |answer: Value| -> Vec<String> {
            let data = answer["data"].as_array().unwrap().clone();
            data.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
        };
        let editors = app.get("/v1/users?role=editor&sort=email&count=exact").by_admin().await.expect(200).json();
        assert_eq!(editors["page"]["total"], 2);
        assert_eq!(emails(editors), ["c@x.example", "d@x.example"]);
        for sort in ["created_at", "-created_at", "email", "-email"] {
            let whole = emails(app.get(&format!("/v1/users?sort={sort}")).by_admin().await.expect(200).json());
            assert_eq!(whole.len(), 4);
            let mut seen = Vec::new();
            let mut next = Some(format!("/v1/users?sort={sort}&limit=1"));
            while let Some(path) = next {
                let page = app.get(&path).by_admin().await.expect(200);
                seen.extend(emails(page.json()));
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            assert_eq!(seen, whole, "{sort}");
        }
        app.get("/v1/users?active=false").by_admin().await.expect(200);
        app.get("/v1/users?role=king").by_admin().await.expect(400);
        app.get("/v1/users?sort=password_hash").by_admin().await.expect(400);
        app.get("/v1/users?email=x").by_admin().await.expect(400);
    }
}
