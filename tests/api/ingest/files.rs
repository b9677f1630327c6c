//! `masthead import`, as an operator runs it.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::DAMAGED;

/// Runs `masthead import` in a folder, on the database that is in it; its lines of JSON.
fn import(home: &TempDir, args: &[&str]) -> (bool, Vec<Value>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    program.current_dir(home.path()).env_clear();
    program
        .args(["--log-filter", "off", "import", "--json"])
        .args(args);
    let Output {
        status,
        stdout,
        stderr,
    } = program.output().unwrap();
    let lines = String::from_utf8(stdout).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (status.success(), lines, String::from_utf8(stderr).unwrap())
}

fn outcomes(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["outcome"].as_str().unwrap())
        .collect()
}

#[test]
fn a_folder_is_taken_in_once() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("old/a.txt", DAMAGED.as_bytes());
    write(
        "old/2024/b.html",
        "<h1>渔港扩建</h1><p>渔港扩建周四完成。</p><p>泊位增至三十个。</p>".as_bytes(),
    );
    write("old/2024/c.jsonl", "{\"text\": \"第一篇\\n\\n第一篇的正文在这里。\"}\n\n{\"html\": \"<h1>第二篇</h1><p>第二篇的正文在这里。</p>\"}\n".as_bytes());
    write("old/notes.md", b"not taken in");
    let (_, lines, _) = import(&home, &["--dry-run", "old"]);
    assert_eq!(outcomes(&lines), ["dry_run"; 4]);
    let (done, lines, told) = import(&home, &["old"]);
    assert!(done, "{told}");
    assert_eq!(outcomes(&lines), ["created"; 4]);
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line["file"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "old/2024/b.html",
            "old/2024/c.jsonl:1",
            "old/2024/c.jsonl:3",
            "old/a.txt"
        ]
    );
    let ids: Vec<&Value> = lines.iter().map(|line| &line["article_id"]).collect();
    let (done, again, _) = import(&home, &["old"]);
    assert!(done);
    assert_eq!(outcomes(&again), ["known"; 4]);
    assert_eq!(
        again
            .iter()
            .map(|line| &line["article_id"])
            .collect::<Vec<_>>(),
        ids
    );
}

#[test]
fn what_cannot_be_taken_in_is_told_and_the_rest_is() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("empty.html"), b"").unwrap();
    fs::write(
        home.path().join("good.txt"),
        "标题在此\n\n正文在这里，有一句话。",
    )
    .unwrap();
    let wire = r#"{"uri": "urn:w:1", "type": "text", "version": "1", "headline": "Quay to open", "body_text": "It opens on Monday."}"#;
    fs::write(home.path().join("wire.json"), wire).unwrap();
    fs::create_dir(home.path().join("links")).unwrap();
    fs::write(home.path().join("links/a.txt"), "甲\n\n甲的正文在这里。").unwrap();
    fs::write(
        home.path().join("lines.jsonl"),
        "{\"text\": \"乙\\n\\n乙的正文在这里。\"}\n{\"text\"\n{\"html\": \"<p>a</p>\", \"text\": \"b\"}\n[]\n",
    )
    .unwrap();
    let all = ["empty.html", "good.txt", "wire.json", "lines.jsonl"];
    let (done, lines, _) = import(&home, &[&["--dry-run"], &all[..]].concat());
    assert!(!done);
    assert_eq!(outcomes(&lines)[..3], ["refused", "dry_run", "dry_run"]);
    let item = &lines[2]["report"]["items"][0];
    assert_eq!(
        (&item["outcome"], &item["guid"]),
        (&Value::from("dry_run"), &Value::from("urn:w:1"))
    );
    let (done, lines, told) = import(&home, &all);
    assert!(!done && told.contains("4 could not be taken in"), "{told}");
    assert_eq!(
        outcomes(&lines),
        [
            "refused", "created", "created", "created", "refused", "refused", "refused"
        ]
    );
    assert_eq!(lines[2]["report"]["items"][0]["outcome"], "created");
    for line in &lines[4..] {
        assert_eq!(line["errors"][0]["code"], "malformed", "{line}");
    }
    let (done, lines, _) = import(&home, &["wire.json"]);
    assert!(done);
    assert_eq!(outcomes(&lines), ["known"]);
    // What cannot be read keeps nothing else back.
    fs::write(home.path().join("good2.txt"), "丙\n\n丙的正文在这里。").unwrap();
    // Not even the administrator of a machine reads a process's memory from address 0 on.
    let (done, lines, _) = import(&home, &["links", "/proc/self/mem", "good2.txt"]);
    assert!(!done);
    assert_eq!(outcomes(&lines), ["created", "refused", "created"]);
    let (done, _, told) = import(&home, &["nowhere.html"]);
    assert!(!done && told.contains("nowhere.html"), "{told}");
}
