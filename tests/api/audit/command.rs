//! The log from the command line, as who runs it sees it.

use std::process::{Command, Output};

use serde_json::Value;

use super::chain::{forged, head, tamper};
use super::events;
use crate::support::{TestApp, both_engines};

fn masthead(app: &TestApp, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_masthead"))
        .current_dir(home.path())
        .args(["--database-url", app.url(), "audit"])
        .args(args)
        .output()
        .unwrap()
}

/// What it ended with, and what it told.
fn told(app: &TestApp, args: &[&str]) -> (i32, String) {
    let output = masthead(app, args);
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

fn report(app: &TestApp, args: &[&str]) -> (i32, Value) {
    let (code, text) = told(app, &[&["verify", "--json"], args].concat());
    (code, serde_json::from_str(&text).unwrap())
}

both_engines! {
    async fn the_log_is_verified_and_tampering_ends_with_1(app) {
        app.newsroom().await;
        app.chores().await;
        let kept = head(&app);
        let kept = format!("{}:{}", kept.seq, kept.hash);
        let (code, text) = told(&app, &["verify"]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains(&format!("head {kept}")), "{text}");
        let (code, found) = report(&app, &["--expect", &kept]);
        assert_eq!((code, &found["intact"], &found["broken"], &found["unsealed"]), (0, &true.into(), &Value::Null, &0.into()));
        assert_eq!(format!("{}:{}", found["head"]["seq"], found["head"]["hash"].as_str().unwrap()), kept);

        tamper(&app, "UPDATE audit_events SET action = 'read' WHERE seq = 4");
        let (code, text) = told(&app, &["verify"]);
        assert_eq!(code, 1, "{text}");
        assert!(text.starts_with("broken at 4: ") && text.contains("good up to 3:"), "{text}");
        let (code, found) = report(&app, &[]);
        assert_eq!((code, &found["intact"]), (1, &false.into()));
        assert_eq!((&found["broken"]["seq"], &found["broken"]["what"]), (&4.into(), &"changed_event".into()));
        assert_eq!(found["head"]["seq"], 3);
        assert_eq!(report(&app, &["--from", "5"]).0, 0);

        // Whoever cuts off the end and its seals is found out by a head that was kept.
        tamper(&app, "DELETE FROM audit_events WHERE seq > 3; DELETE FROM audit_seals WHERE seq > 3");
        assert_eq!(report(&app, &[]).0, 0);
        let (code, found) = report(&app, &["--expect", &kept]);
        assert_eq!((code, &found["broken"]["what"]), (1, &"other_chain".into()));
        tamper(&app, &forged(0));
        assert_eq!(report(&app, &[]).1["broken"]["what"], "extra_event");

        for wrong in [&["verify", "--from", "0"][..], &["verify", "--expect", "1"], &["verify", "--expect", "1:xyz"], &["export", "--after", "-1"], &["forget"]] {
            assert_eq!(masthead(&app, wrong).status.code(), Some(2), "{wrong:?}");
        }
    }

    async fn the_log_is_exported_line_by_line(app) {
        app.newsroom().await;
        app.chores().await;
        let sealed = events(&app).len();
        app.patch("/v1/settings", serde_json::json!({"site_name": "Other"})).if_match("*").by_admin().await.expect(200);
        let (code, text) = told(&app, &["export"]);
        assert_eq!(code, 0);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.iter().map(|line| line["seq"].as_i64().unwrap()).collect::<Vec<_>>(), (1..=i64::try_from(events(&app).len()).unwrap()).collect::<Vec<_>>());
        assert!(lines[sealed - 1]["seal"]["hash"].is_string() && lines[sealed]["seal"].is_null());
        assert_eq!(told(&app, &["export", "--sealed"]).1.lines().count(), sealed);
        let rest = told(&app, &["export", "--after", "3"]).1;
        assert_eq!(rest.lines().collect::<Vec<_>>(), text.lines().skip(3).collect::<Vec<_>>());
        assert_eq!(told(&app, &["export", "--after", "9223372036854775807"]), (0, String::new()));
    }

    async fn what_is_not_migrated_is_left_alone(app) {
        masthead::db::migrate::down(&app.db).unwrap();
        for args in [&["verify"][..], &["export"]] {
            let output = masthead(&app, args);
            assert_eq!(output.status.code(), Some(1));
            assert!(String::from_utf8_lossy(&output.stderr).contains("masthead migrate"), "{output:?}");
        }
        assert!(!masthead::db::migrate::pending(&app.db).unwrap().is_empty());
    }
}
