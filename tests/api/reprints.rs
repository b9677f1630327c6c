//! The reprint check: what a page derives from, and what it owes.

use masthead::kernel::han::{Script, convert};
use masthead::rights::{Channel, Role};
use serde_json::json;

use crate::support::newsroom::{Newsroom, with};
use crate::support::{Answer, Ask, TestApp, both_engines};

const BODY: &str = "澜港新码头周一启用，首批三艘货轮在中午前靠泊，卸下家具与机械零件。港务局局长周远说，新泊位让等候时间缩短一半，渔民也可以在早市前进港。\n\n\
    工程历时四年，耗资十二亿元，由本地三家企业承建。沿岸的旧仓库改成了冷库，可以存放八千吨鱼货，附近的居民说夜里不再听见柴油机的声音。\n\n\
    下一步，港区将铺设岸电设施，让靠泊的船只关掉辅机；铁路支线预计在明年秋天通车，把货物直接运到内陆的两座城市。";

async fn harbour(app: &TestApp) -> (Newsroom, String) {
    let desk = app.newsroom().await;
    let work = with(
        desk.own_work("澜港新码头启用"),
        json!({
            "slug": "quay", "language": "zh-Hans", "body": {"format": "markdown", "value": BODY},
        }),
    );
    let id = app.live(work).await;
    let other = "天气预报说，周末有大雨，沿江低洼地带须防内涝，学校与公园提早关门，市民出行请避开桥下通道。\n\n应急部门准备了沙袋与水泵，并在三处高地设了临时安置点，志愿者已经上岗。";
    app.live(with(
        desk.own_work("周末大雨"),
        json!({"language": "zh-Hans", "body": {"format": "markdown", "value": other}}),
    ))
    .await;
    (desk, id)
}

async fn checked(ask: Ask<'_>, page: &str) -> Answer {
    ask.raw("text/plain", page.to_owned()).send().await
}

fn page(title: &str, body: &str, credit: &str) -> String {
    format!("{title}\n\n{credit}\n\n{body}\n")
}

both_engines! {
    async fn what_derives_from_an_article_is_found(app) {
        let (_, id) = harbour(&app).await;
        let token = app.token(Role::Rights).await;
        let ask = || app.request("POST", "/v1/reprints/check").bearer(&token);
        let credit = "来源：滨海日报";
        let half: String = BODY.chars().take(BODY.chars().count() / 2).collect();
        let pinyin = BODY.replace('港', "港(gǎng)").replace('船', "船(chuán)");
        let longer = format!("另一则消息先说别的事情，和码头没有关系，写满了一整段。\n\n{BODY}\n\n最后又说了别的事，例如市集与灯会，也写满了一整段。");
        for (what, body, least) in [
            ("verbatim", BODY.to_owned(), 0.99), ("other script", convert(BODY, Script::Hant), 0.99), ("with pinyin", pinyin, 0.99),
            ("half", half, 0.4), ("embedded", longer, 0.99),
        ] {
            let answer = checked(ask(), &page("澜港新码头启用", &body, credit)).await.expect(200).json();
            let found = answer["matches"].as_array().unwrap();
            assert_eq!(found.len(), 1, "{what}: {answer}");
            assert_eq!((&found[0]["id"], found[0]["original_in_page"].as_f64().unwrap() > least), (&json!(id), true), "{what}: {}", found[0]);
            assert_eq!(found[0]["credit"]["state"], "exact", "{what}");
            assert_eq!(found[0]["title"]["state"], "same", "{what}");
            assert_eq!(found[0]["notices"][0]["present"], false);
            assert_eq!(found[0]["extent"], json!(null), "nobody's licence was asked about");
            let at = usize::try_from(found[0]["credit"]["at"].as_u64().unwrap()).unwrap();
            let text: Vec<char> = answer["text"].as_str().unwrap().chars().collect();
            assert_eq!(text[at..at + credit.chars().count()].iter().collect::<String>(), credit);
        }
        let unrelated = "港务局周二说，渔港的扩建工程下月开工，预算为五亿元，工期两年，期间渔船改到南岸停靠，早市照常。";
        assert_eq!(checked(ask(), unrelated).await.expect(200).json()["matches"], json!([]));
    }

    async fn what_was_changed_is_told(app) {
        harbour(&app).await;
        let token = app.token(Role::Rights).await;
        let changed = BODY.replace("耗资十二亿元", "耗资二十亿元").replace("渔民也可以在早市前进港。", "");
        let answer = app.request("POST", "/v1/reprints/check").bearer(&token)
            .raw("text/html", format!("<h1>码头开了</h1><p>摘自滨海日报</p>{}", changed.split("\n\n").map(|p| format!("<p>{p}</p>")).collect::<String>()));
        let answer = answer.send().await.expect(200).json();
        let found = &answer["matches"][0];
        assert_eq!((&found["title"]["state"], &found["title"]["found"]), (&json!("changed"), &json!("码头开了")));
        assert_eq!(found["credit"]["state"], "label_only");
        let altered = found["altered"].as_array().unwrap();
        let told: Vec<(&str, &str, &str)> = altered.iter().map(|one| (one["kind"].as_str().unwrap(), one["page"]["quote"].as_str().unwrap(), one["original"]["quote"].as_str().unwrap())).collect();
        assert!(told.iter().any(|(kind, page, original)| *kind == "replaced" && page.contains('二') && original.contains('十')) || told.len() >= 2, "{told:?}");
        assert!(told.iter().any(|(kind, _, original)| *kind == "deleted" && original.contains("渔民也可以")), "{told:?}");
        // Places count in the text that is given back.
        let text: Vec<char> = answer["text"].as_str().unwrap().chars().collect();
        for one in altered {
            let (at, until) = (one["page"]["at"].as_u64().unwrap() as usize, one["page"]["until"].as_u64().unwrap() as usize);
            let quote = one["page"]["quote"].as_str().unwrap();
            assert!(text[at..until].iter().collect::<String>().starts_with(quote));
        }
    }

    async fn a_licence_bounds_what_may_be_taken(app) {
        let (desk, _) = harbour(&app).await;
        let excerpt = app.deal("Gazette", &[json!({"selector": {"sections": [desk.economy]}, "extent": "excerpt", "excerpt_chars": 60})]).await;
        let full = app.deal("Post", &[json!({"selector": {"sections": [desk.economy]}, "extent": "full"})]).await;
        let text = page("澜港新码头启用", BODY, "来源：滨海日报");
        let altered = text.replace("耗资十二亿元", "耗资二十亿元");
        let found = checked(app.request("POST", "/v1/reprints/check").key(&full.key), &altered).await.expect(200).json();
        let found = &found["matches"][0];
        assert_eq!(found["extent"]["within"], true, "{found}");
        assert_eq!(found["altered"][0]["original"]["quote"], json!(null), "to partners a text goes as a delivery alone");
        // The desk asks about a partner's key.
        let token = app.token(Role::Rights).await;
        let path = format!("/v1/reprints/check?client={}", excerpt.client);
        let found = checked(app.request("POST", &path).bearer(&token), &altered).await.expect(200).json();
        let found = &found["matches"][0];
        assert_eq!((&found["extent"]["licensed"], &found["extent"]["licensed_chars"], &found["extent"]["within"]), (&json!("excerpt"), &json!(60), &json!(false)));
        assert!(found["altered"][0]["original"]["quote"].is_string());
        assert_eq!(app.ledger_rows(), 0, "a check is no delivery");
        // Own frontends and editors have no business here.
        checked(app.request("POST", "/v1/reprints/check").key(&app.first_party_key(Channel::Web)), &text).await.expect(403);
        let editor = app.token(Role::Editor).await;
        checked(app.request("POST", "/v1/reprints/check").bearer(&editor), &text).await.expect(403);
        checked(app.request("POST", "/v1/reprints/check").key(&full.key), "").await.expect(422);
    }

    async fn guesses_tell_nothing_of_what_may_not_be_read(app) {
        let (desk, id) = harbour(&app).await;
        let excerpt = app.deal("Gazette", &[json!({"selector": {"sections": [desk.economy]}, "extent": "excerpt", "excerpt_chars": 80})]).await;
        let none = app.deal("Post", &[json!({"selector": {"sections": [desk.trade]}, "extent": "full"})]).await;
        let told = |answer: serde_json::Value| {
            let found = answer["matches"][0].clone();
            (answer["matches"].as_array().unwrap().len(), found["id"].clone(), found["original_in_page"].clone(), found["page_in_original"].clone(),
                found["longest_run"].clone(), found["extent"].clone(), found["altered_total"].clone(), found["altered"][0]["original"].clone())
        };
        let ask = async |key: &str, page: &str| told(checked(app.request("POST", "/v1/reprints/check").key(key), page).await.expect(200).json());
        let may_read: String = BODY.chars().take(71).collect();
        let rest: String = BODY.chars().skip(71).collect();
        // As long, and of other words.
        let noise: String = "山城书市周末开张百家书店带来旧书新刊读者排起长龙老人替孙辈挑选画册".chars().cycle().zip(rest.chars()).map(|(other, real)| if real.is_alphanumeric() { other } else { real }).collect();
        let guessed = ask(&excerpt.key, &format!("{may_read}{rest}")).await;
        assert_eq!((guessed.0, &guessed.1, &guessed.2, &guessed.5), (1, &json!(id), &json!(1.0), &json!(null)));
        assert_eq!(guessed, ask(&excerpt.key, &format!("{may_read}{noise}")).await);
        // Nothing is found by what may not be read, and nothing where nothing may be read.
        assert_eq!(ask(&excerpt.key, &rest).await.0, 0);
        assert_eq!(ask(&none.key, BODY).await.0, 0);
    }

    async fn what_readers_never_saw_is_no_match_and_what_was_withdrawn_is_told_to_who_was_given_it(app) {
        let (desk, id) = harbour(&app).await;
        let secret = "尚未公布的方案说，老城的三条街将改为步行区，商户的租金减免两年，电车改道从江边经过，施工在雨季之后开始，居民可以在社区中心查看图纸并提出意见。";
        app.draft(with(desk.own_work("草稿"), json!({"language": "zh-Hans", "body": {"format": "markdown", "value": secret}}))).await;
        let full = [json!({"selector": {"sections": [desk.economy]}, "extent": "full"})];
        let deal = app.deal("Gazette", &full).await;
        let other = app.deal("Post", &full).await;
        let ask = async |key: &str, page: &str| checked(app.request("POST", "/v1/reprints/check").key(key), page).await.expect(200).json();
        assert_eq!(ask(&deal.key, secret).await["matches"], json!([]));
        app.request("GET", &format!("/v1/articles/{id}")).key(&deal.key).send().await.expect(200);
        app.clock.advance(chrono::TimeDelta::minutes(1));
        app.withdraw(&id, "legal").await.expect(200);
        let gone = ask(&deal.key, BODY).await;
        assert_eq!((&gone["matches"], &gone["withdrawn"][0]["id"], &gone["withdrawn"][0]["reason_class"]), (&json!([]), &json!(id), &json!("legal")));
        assert!(!gone.to_string().contains("澜港新码头启用\""), "a tombstone has no title");
        assert_eq!(ask(&other.key, BODY).await["withdrawn"], json!([]), "it was given nothing");
        // The desk is told, and that it looked is on record.
        let token = app.token(Role::Rights).await;
        let reads = async || {
            let found = app.get(&format!("/v1/audit-events?resource_id={id}&action=read")).by_admin().await.expect(200).json();
            found["data"].as_array().unwrap().len()
        };
        let before = reads().await;
        let gone = checked(app.request("POST", "/v1/reprints/check").bearer(&token), BODY).await.expect(200).json();
        assert_eq!(gone["withdrawn"][0]["id"], json!(id));
        assert_eq!(reads().await, before + 1);
    }
}
