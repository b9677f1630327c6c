//! The tree of sections.

use chrono::TimeDelta;
use futures_util::future::join_all;
use masthead::db::StoreError;
use masthead::kernel::id::SectionId;
use masthead::rights::Role;
use masthead::sections::model::Draft;
use masthead::sections::store;
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{Answer, TestApp, both_engines};

/// Adds a section below another, or at the root, later than those before it.
async fn add(app: &TestApp, name: &str, parent: Option<&str>) -> Answer {
    app.clock.advance(TimeDelta::milliseconds(1));
    let mut body = json!({"name": name});
    if let Some(parent) = parent {
        body["parent_id"] = json!(parent);
    }
    app.post("/v1/sections", body).by_admin().await.expect(201)
}

async fn read(app: &TestApp, id: &str) -> Answer {
    app.get(&format!("/v1/sections/{id}"))
        .send()
        .await
        .expect(200)
}

/// Applies a merge patch to the section as it stands.
async fn patch(app: &TestApp, id: &str, body: Value) -> Answer {
    let etag = read(app, id).await.etag();
    app.patch(&format!("/v1/sections/{id}"), body)
        .if_match(&etag)
        .by_admin()
        .await
}

fn names(list: &Value) -> Vec<String> {
    let items = list.as_array().expect("a list");
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned())
        .collect()
}

both_engines! {
    async fn a_section_lives_and_goes(app) {
        let made = app
            .post("/v1/sections", json!({"name": "四川新闻", "position": 7, "description": "成都\n绵阳"}))
            .by_role(Role::Editor).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/sections/{}", made.id()));
        let seen = app.get(&path).send().await.expect(200);
        assert_eq!(seen.json(), made.json());
        let body = seen.json();
        assert_eq!(body["slug"], "si-chuan-xin-wen");
        assert_eq!((&body["position"], &body["description"]), (&json!(7), &json!("成都\n绵阳")));
        assert!(body.get("parent_id").is_none());
        assert_eq!(body["breadcrumb"], json!([{"id": made.id(), "slug": "si-chuan-xin-wen", "name": "四川新闻"}]));
        let etag = seen.etag();
        app.get(&path).header("if-none-match", &etag).send().await.expect(304);

        app.patch(&path, json!({"name": "x"})).by_admin().await.expect(428);
        app.patch(&path, json!({"name": "x"})).if_match("\"9.zz\"").by_admin().await.expect(412);
        let changed = app.patch(&path, json!({"name": "Sichuan", "position": null}))
            .if_match(&etag).by_admin().await.expect(200);
        assert_eq!(changed.json()["slug"], "si-chuan-xin-wen", "a new name leaves the address alone");
        assert_eq!(changed.json()["position"], 0);
        assert_eq!(changed.json()["description"], "成都\n绵阳");
        let anew = patch(&app, &made.id(), json!({"slug": null})).await.expect(200);
        assert_eq!(anew.json()["slug"], "sichuan");

        app.delete(&path).by_admin().await.expect(428);
        app.delete(&path).if_match(&etag).by_admin().await.expect(412);
        app.delete(&path).if_match(&anew.etag()).by_admin().await.expect(204);
        app.get(&path).send().await.expect(404);
        app.delete(&path).if_match("*").by_admin().await.expect(404);
    }

    async fn only_the_catalogues_editors_write(app) {
        let made = add(&app, "Sport", None).await;
        let path = format!("/v1/sections/{}", made.id());
        app.post("/v1/sections", json!({"name": "x"})).send().await.expect(401);
        app.delete(&path).if_match("*").send().await.expect(401);
        for role in [Role::Rights, Role::Author, Role::Viewer] {
            app.post("/v1/sections", json!({"name": "x"})).by_role(role).await.expect(403);
            app.patch(&path, json!({"name": "x"})).if_match("*").by_role(role).await.expect(403);
            app.delete(&path).if_match("*").by_role(role).await.expect(403);
        }
    }

    async fn checks_come_in_order(app) {
        let path = format!("/v1/sections/{}", add(&app, "Sport", None).await.id());
        let nowhere = "/v1/sections/sec_01900000000070008000000000000009";
        app.patch(nowhere, json!({"colour": 1})).by_admin().await.expect(404);
        app.patch("/v1/sections/sport", json!({})).by_admin().await.expect(404);
        app.request("PATCH", &path).raw("text/plain", "{").by_admin().await.expect(415);
        app.request("PATCH", &path).raw("application/json", "{").by_admin().await.expect(400);
        app.patch(&path, json!({"colour": 1})).by_admin().await.expect(428);
        app.patch(&path, json!({"colour": 1})).if_match("\"7.a\"").by_admin().await.expect(412);
        app.patch(&path, json!({"colour": 1})).if_match("\"1.a\"").by_admin().await.expect(422);
        let empty = app.request("PATCH", &path).raw("application/merge-patch+json", "{}").if_match("*").by_admin().await;
        empty.expect(200);
    }

    async fn faults_are_told_all_at_once(app) {
        let body = json!({"slug": "Not A Slug", "parent_id": "aut_1", "position": "first", "description": 7, "colour": "red"});
        let wrong = app.post("/v1/sections", body).by_admin().await.expect(422);
        let told = wrong.faults();
        for (pointer, code) in [("/colour", "unknown_field"), ("/description", "type"), ("/name", "required"), ("/position", "type"), ("/slug", "pattern")] {
            assert!(told.contains(&(pointer.to_owned(), code.to_owned())), "{pointer} {code}: {told:?}");
        }
        assert!(told.iter().any(|(pointer, _)| pointer == "/parent_id"), "{told:?}");
        assert_eq!(told.len(), 6, "{told:?}");
        for (member, value, code) in [
            ("slug", json!("tree"), "reserved"),
            ("slug", json!("root"), "reserved"),
            ("name", json!("a\u{202e}b"), "unsafe_character"),
            ("name", json!("   "), "blank"),
            ("name", json!(null), "type"),
            ("position", json!(-1), "range"),
            ("position", json!(1_000_001), "range"),
            ("position", json!(1.5), "type"),
            ("description", json!("a\u{7}"), "unsafe_character"),
        ] {
            let mut body = json!({"name": "Economy"});
            body[member] = value;
            let wrong = app.post("/v1/sections", body.clone()).by_admin().await.expect(422);
            assert_eq!(wrong.faults(), faults(&[(&format!("/{member}"), code)]), "{body}");
        }
        for body in [json!([]), json!("x"), json!(null)] {
            app.post("/v1/sections", body).by_admin().await.expect(422);
        }
    }

    async fn slugs_are_made_unique_and_chosen_ones_clash(app) {
        let mut made = Vec::new();
        for name in ["Sport", "Sport!", "sport", "Tree", "体育"] {
            made.push(add(&app, name, None).await);
        }
        let slugs: Vec<Value> = made.iter().map(|section| section.json()["slug"].clone()).collect();
        assert_eq!(slugs, ["sport", "sport-2", "sport-3", "tree-2", "ti-yu"]);
        let taken = app.post("/v1/sections", json!({"name": "x", "slug": "sport-2"})).by_admin().await.expect(409);
        assert_eq!(taken.faults(), faults(&[("/slug", "taken")]));
        assert_eq!(taken.json()["type"], "/problems/taken");
        let taken = patch(&app, &made[4].id(), json!({"slug": "sport"})).await.expect(409);
        assert_eq!(taken.faults(), faults(&[("/slug", "taken")]));
        let own = patch(&app, &made[1].id(), json!({"slug": "sport-2", "name": "Sports"})).await.expect(200);
        assert_eq!(own.json()["slug"], "sport-2");
        let kept = patch(&app, &made[2].id(), json!({"slug": null})).await.expect(200);
        assert_eq!(kept.json()["slug"], "sport-3", "its own slug is free to it, lower ones are not");
    }

    async fn slugs_made_at_the_same_time_differ(app) {
        let token = app.token(Role::Admin).await;
        let made = join_all((0..8).map(|_| app.post("/v1/sections", json!({"name": "Sport"})).bearer(&token).send())).await;
        let mut slugs: Vec<String> = made
            .into_iter()
            .map(|answer| answer.expect(201).json()["slug"].as_str().expect("a slug").to_owned())
            .collect();
        slugs.sort();
        assert_eq!(slugs, ["sport", "sport-2", "sport-3", "sport-4", "sport-5", "sport-6", "sport-7", "sport-8"]);
        let chosen = join_all((0..4).map(|_| app.post("/v1/sections", json!({"name": "x", "slug": "one"})).bearer(&token).send())).await;
        let mut statuses: Vec<u16> = chosen.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    }

    async fn breadcrumbs_follow_what_stands_above(app) {
        let economy = add(&app, "Economy", None).await;
        let markets = add(&app, "Markets", Some(&economy.id())).await;
        let gold = add(&app, "Gold", Some(&markets.id())).await;
        assert_eq!(gold.json()["parent_id"], markets.id());
        assert_eq!(names(&gold.json()["breadcrumb"]), ["Economy", "Markets", "Gold"]);

        let before = read(&app, &gold.id()).await;
        patch(&app, &economy.id(), json!({"name": "Money"})).await.expect(200);
        let after = read(&app, &gold.id()).await;
        assert_eq!(names(&after.json()["breadcrumb"]), ["Money", "Markets", "Gold"]);
        assert_ne!(before.etag(), after.etag(), "an answer that changed has another tag");
        assert!(before.etag().starts_with("\"1.") && after.etag().starts_with("\"1."), "its own revision stands");
        assert_eq!(before.json()["updated_at"], after.json()["updated_at"]);
        let path = format!("/v1/sections/{}", gold.id());
        app.patch(&path, json!({"position": 3})).if_match(&before.etag()).by_admin().await.expect(200);

        let moved = patch(&app, &markets.id(), json!({"parent_id": null})).await.expect(200);
        assert!(moved.json().get("parent_id").is_none());
        assert_eq!(names(&read(&app, &gold.id()).await.json()["breadcrumb"]), ["Markets", "Gold"]);
        let list = app.get("/v1/sections?sort=name").send().await.expect(200).json();
        let crumbs: Vec<Vec<String>> = list["data"].as_array().expect("a list").iter().map(|section| names(&section["breadcrumb"])).collect();
        assert_eq!(crumbs, [vec!["Markets", "Gold"], vec!["Markets"], vec!["Money"]]);
    }

    async fn a_tree_has_no_cycle(app) {
        let a = add(&app, "A", None).await.id();
        let b = add(&app, "B", Some(&a)).await.id();
        let c = add(&app, "C", Some(&b)).await.id();
        for (id, parent) in [(&a, &a), (&a, &b), (&a, &c), (&b, &c)] {
            let wrong = patch(&app, id, json!({"parent_id": parent})).await.expect(422);
            assert_eq!(wrong.faults(), faults(&[("/parent_id", "cycle")]), "{id} below {parent}");
        }
        assert_eq!(names(&read(&app, &c).await.json()["breadcrumb"]), ["A", "B", "C"]);
        patch(&app, &c, json!({"parent_id": a})).await.expect(200);
        patch(&app, &b, json!({"parent_id": c})).await.expect(200);
        assert_eq!(names(&read(&app, &b).await.json()["breadcrumb"]), ["A", "C", "B"]);

        let unknown = json!({"parent_id": "sec_01900000000070008000000000000009", "name": "D"});
        let wrong = app.post("/v1/sections", unknown.clone()).by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/parent_id", "unknown")]));
        let wrong = patch(&app, &a, unknown).await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/parent_id", "unknown")]));
    }

    async fn moves_at_the_same_time_make_no_cycle(app) {
        let token = app.token(Role::Admin).await;
        let a = add(&app, "A", None).await.id();
        let b = add(&app, "B", None).await.id();
        let below = |id: &str, parent: &str| app
            .patch(&format!("/v1/sections/{id}"), json!({"parent_id": parent}))
            .if_match("*").bearer(&token).send();
        let answers = join_all([below(&a, &b), below(&b, &a)]).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
        let tree = app.get("/v1/sections/tree").send().await.expect(200).json();
        assert_eq!(tree["data"].as_array().map(Vec::len), Some(1));
    }

    async fn a_tree_has_eight_levels_at_most(app) {
        let mut way = Vec::new();
        for level in 1..=8 {
            let parent = way.last().cloned();
            way.push(add(&app, &format!("L{level}"), parent.as_deref()).await.id());
        }
        assert_eq!(read(&app, &way[7]).await.json()["breadcrumb"].as_array().map(Vec::len), Some(8));
        let deeper = json!({"name": "L9", "parent_id": way[7]});
        let wrong = app.post("/v1/sections", deeper).by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/parent_id", "depth")]));
        // A branch of two moves as a whole.
        let branch = add(&app, "Branch", None).await.id();
        add(&app, "Leaf", Some(&branch)).await;
        let wrong = patch(&app, &branch, json!({"parent_id": way[6]})).await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/parent_id", "depth")]));
        patch(&app, &branch, json!({"parent_id": way[5]})).await.expect(200);
    }

    async fn the_tree_is_nested_and_in_order(app) {
        let news = add(&app, "News", None).await.id();
        let sport = app.post("/v1/sections", json!({"name": "Sport", "position": 1})).by_admin().await.expect(201).id();
        app.post("/v1/sections", json!({"name": "World", "position": 9, "parent_id": news})).by_admin().await.expect(201);
        let local = app.post("/v1/sections", json!({"name": "Local", "position": 2, "parent_id": news})).by_admin().await.expect(201).id();
        add(&app, "Port", Some(&local)).await;
        let answer = app.get("/v1/sections/tree").send().await.expect(200);
        let tree = answer.json();
        assert_eq!(names(&tree["data"]), ["News", "Sport"]);
        assert_eq!(names(&tree["data"][0]["children"]), ["Local", "World"]);
        assert_eq!(names(&tree["data"][0]["children"][0]["children"]), ["Port"]);
        assert_eq!(tree["data"][1]["children"], json!([]));
        app.get("/v1/sections/tree").header("if-none-match", &answer.etag()).send().await.expect(304);
        patch(&app, &sport, json!({"position": 0, "name": "Games"})).await.expect(200);
        app.get("/v1/sections/tree").header("if-none-match", &answer.etag()).send().await.expect(200);
        app.get("/v1/sections/tree?limit=1").send().await.expect(400);
    }

    async fn lists_filter_by_parent_and_turn_pages(app) {
        let news = add(&app, "新闻", None).await.id();
        for name in ["Bob", "安全", "Alice"] {
            add(&app, name, Some(&news)).await;
        }
        let sport = add(&app, "Sport", None).await.id();
        let list = async |query: &str| names(&app.get(&format!("/v1/sections{query}")).send().await.expect(200).json()["data"]);
        assert_eq!(list("").await, ["新闻", "Bob", "安全", "Alice", "Sport"]);
        assert_eq!(list("?parent=root").await, ["新闻", "Sport"]);
        assert_eq!(list(&format!("?parent={news}&sort=name")).await, ["Alice", "安全", "Bob"]);
        assert_eq!(list(&format!("?parent={news}&sort=-created_at")).await, ["Alice", "安全", "Bob"]);
        assert_eq!(list(&format!("?parent={sport}")).await, Vec::<String>::new());
        for sort in ["created_at", "-created_at", "name", "-name"] {
            let whole = list(&format!("?sort={sort}")).await;
            let mut seen = Vec::new();
            let mut next = Some(format!("/v1/sections?sort={sort}&limit=2&count=exact"));
            while let Some(path) = next {
                let page = app.get(&path).send().await.expect(200);
                assert_eq!(page.json()["page"]["total"], 5);
                seen.extend(names(&page.json()["data"]));
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            assert_eq!(seen, whole, "{sort}");
        }
        for wrong in ["?parent=sport", "?parent=", "?parent=root&parent=root", "?section=a", "?sort=position"] {
            app.get(&format!("/v1/sections{wrong}")).send().await.expect(400);
        }
    }

    async fn a_section_in_use_stays(app) {
        let news = add(&app, "News", None).await.id();
        let mut below = Vec::new();
        for name in ["Local", "World"] {
            below.push(add(&app, name, Some(&news)).await.id());
        }
        let article = json!({"title": "The quay opens", "language": "en", "section_id": news});
        let article = app.post("/v1/articles", article).by_admin().await.expect(201);
        let path = format!("/v1/sections/{news}");
        let refused = app.delete(&path).if_match("*").by_admin().await.expect(409).json();
        assert_eq!(refused["type"], "/problems/in-use");
        assert_eq!(
            refused["referrers"],
            json!([
                {"resource": "sections", "ids": below, "count": 2},
                {"resource": "articles", "ids": [article.id()], "count": 1},
            ])
        );
        for id in &below {
            app.delete(&format!("/v1/sections/{id}")).if_match("*").by_admin().await.expect(204);
        }
        let refused = app.delete(&path).if_match("*").by_admin().await.expect(409).json();
        assert_eq!(refused["referrers"].as_array().map(Vec::len), Some(1));
        // A version keeps what it refers to, even if the article has moved on.
        let etag = app.get(&format!("/v1/articles/{}", article.id())).by_admin().await.expect(200).etag();
        app.patch(&format!("/v1/articles/{}", article.id()), json!({"section_id": null}))
            .if_match(&etag).by_admin().await.expect(200);
        app.delete(&path).if_match("*").by_admin().await.expect(409);
    }

    async fn a_key_makes_a_write_happen_once(app) {
        let once = |body: Value| app.post("/v1/sections", body).header("idempotency-key", "k-1");
        let first = once(json!({"name": "Sport"})).by_admin().await.expect(201);
        let again = once(json!({"name": "Sport"})).by_admin().await.expect(201);
        assert_eq!(first.json(), again.json());
        once(json!({"name": "Other"})).by_admin().await.expect(422);
        let all = app.get("/v1/sections?count=exact").send().await.json();
        assert_eq!(all["page"]["total"], 1);
    }

    async fn two_thousand_sections_are_the_most(app) {
        let cx = app.write();
        let last = app.db.write_now(&cx, |tx| {
            let mut last = None;
            for n in 1..=2_000 {
                let id: SectionId = tx.cx.mint.id(tx.now());
                let draft = Draft {
                    slug: Some(format!("s-{n}")),
                    name: format!("S {n}"),
                    parent_id: last.filter(|_| n % 8 != 1),
                    position: n,
                    description: String::new(),
                };
                store::insert(tx, id, &draft)?;
                last = Some(id);
            }
            Ok::<_, StoreError>(last)
        });
        let last = last.expect("they are added").expect("there is a last one");
        let refused = app.post("/v1/sections", json!({"name": "One more"})).by_admin().await.expect(409);
        assert_eq!(refused.json()["type"], "/problems/conflict");
        let tree = app.get("/v1/sections/tree").send().await.expect(200).json();
        assert_eq!(tree["data"].as_array().map(Vec::len), Some(250));
        app.delete(&format!("/v1/sections/{last}")).if_match("*").by_admin().await.expect(204);
        add(&app, "One more", None).await;
    }
}
