//! Backups and the way back: whole, verified, and nothing of anybody else's touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use masthead::backup::{BackupError, Keep, Manifest, Order, Restored, Taken, restore, take};
use masthead::db::{Conn, DatabaseUrl, Db};
use secrecy::SecretString;

use crate::support::engine::{Engine, Home};
use crate::support::{TestApp, both_engines};
use crate::transfer::{all, everything};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn order(app: &TestApp, to: &Path) -> Order {
    Order {
        database: DatabaseUrl::parse(app.url()).unwrap(),
        to: to.to_owned(),
        series: "masthead".to_owned(),
        keep: Keep::default(),
        secret: None,
        postgres_bin: None,
    }
}

fn taken(order: &Order, at: DateTime<Utc>) -> Taken {
    take(order, || at).unwrap_or_else(|error| panic!("{error}"))
}

fn home(app: &TestApp) -> Home {
    Home::new(match app.db.engine() {
        masthead::db::Engine::Sqlite => Engine::Sqlite,
        masthead::db::Engine::Postgres => Engine::Postgres,
    })
}

fn back(from: &Path, to: &Home) -> Result<Restored, BackupError> {
    restore(from, &DatabaseUrl::parse(&to.url).unwrap(), None)
}

fn looked_at(home: &Home) -> Db {
    Db::open_to_read(&DatabaseUrl::parse(&home.url).unwrap()).unwrap()
}

/// Names in a folder, but for the lock, which stays.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".masthead-backup.lock")
        .collect();
    names.sort();
    names
}

fn file_of(home: &Home) -> PathBuf {
    home.url.strip_prefix("sqlite://").unwrap().into()
}

fn beside(path: &Path, end: &str) -> PathBuf {
    format!("{}{end}", path.display()).into()
}

fn execute(app: &TestApp, sql: &str) {
    app.db
        .with_writer(|conn| conn.batch_execute(sql))
        .unwrap()
        .unwrap();
}

/// A manifest with another value.
fn edit(copy: &Path, change: impl FnOnce(&mut Manifest)) {
    let mut manifest = Manifest::of(copy).unwrap();
    change(&mut manifest);
    fs::write(Manifest::beside(copy), manifest.text()).unwrap();
}

fn masthead(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_masthead"))
        .current_dir(home.path())
        .args(args)
        .output()
        .unwrap()
}

both_engines! {
    async fn all_comes_back(app) {
        everything(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let before = all(&app.db);
        let taken = taken(&order(&app, folder.path()), app.clock.now());
        let end = taken.file.extension().unwrap().to_str().unwrap().to_owned();
        let name = format!("masthead-20260601T120000000Z.{end}");
        assert_eq!(names(folder.path()), [name.clone(), format!("{name}.json")]);
        assert_eq!(Manifest::of(&taken.file).unwrap(), taken.manifest);
        assert_eq!(taken.manifest.tables, before);
        assert_eq!(taken.manifest.last_change, Some(900_001));
        assert!(taken.manifest.audit.intact && taken.manifest.audit.sealed > 10);
        // What is written later is not in it.
        execute(&app, "UPDATE settings SET site_name = 'Written later'");
        assert_ne!(all(&app.db), before);
        let home = home(&app);
        let restored = back(&taken.file, &home).unwrap();
        assert!(restored.pending.is_empty() && restored.secret.is_none());
        assert_eq!(all(&looked_at(&home)), before);
        let again = back(&taken.file, &home);
        assert!(matches!(again, Err(BackupError::Exists(_) | BackupError::NotEmpty)), "{again:?}");
        assert_eq!(all(&looked_at(&home)), before);
    }

    async fn a_copy_that_was_changed_is_refused(app) {
        app.newsroom().await;
        let folder = tempfile::tempdir().unwrap();
        let copy = taken(&order(&app, folder.path()), app.clock.now()).file;
        let good = fs::read(&copy).unwrap();
        let manifest = fs::read(Manifest::beside(&copy)).unwrap();
        let refused = |why: &str| {
            let home = home(&app);
            let error = back(&copy, &home).expect_err(why);
            if app.db.engine() == masthead::db::Engine::Sqlite {
                let left = names(file_of(&home).parent().unwrap());
                assert!(left.is_empty(), "{why}: nothing is left: {left:?}");
            }
            fs::write(&copy, &good).unwrap();
            fs::write(Manifest::beside(&copy), &manifest).unwrap();
            error
        };
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&copy, &bad).unwrap();
        assert!(matches!(refused("a bit"), BackupError::Damaged(..)));
        fs::write(&copy, &good[..good.len() - 1]).unwrap();
        assert!(matches!(refused("the end"), BackupError::Damaged(..)));
        edit(&copy, |manifest| manifest.tables.get_mut("articles").unwrap().rows += 1);
        assert!(matches!(refused("a count"), BackupError::Differs(what) if what.starts_with("articles")));
        edit(&copy, |manifest| manifest.last_change = Some(1));
        assert!(matches!(refused("the last change"), BackupError::Differs(_)));
        edit(&copy, |manifest| manifest.audit.unsealed += 1);
        assert!(matches!(refused("the audit log"), BackupError::Differs(_)));
        edit(&copy, |manifest| manifest.migrations.push("29990101000001".to_owned()));
        assert!(matches!(refused("a newer one"), BackupError::Newer(what) if what == "29990101000001"));
        edit(&copy, |manifest| manifest.file = "another".to_owned());
        assert!(matches!(refused("another's manifest"), BackupError::Manifest(..)));
        edit(&copy, |manifest| manifest.format = "masthead-backup/2".to_owned());
        assert!(matches!(refused("another form"), BackupError::Manifest(..)));
        for text in ["", "{}", "[1]", "{\"format\": \"masthead-backup/1\"}"] {
            fs::write(Manifest::beside(&copy), text).unwrap();
            assert!(matches!(refused(text), BackupError::Manifest(..)), "{text}");
        }
        fs::remove_file(Manifest::beside(&copy)).unwrap();
        assert!(matches!(refused("no manifest"), BackupError::File(..)));
        assert!(back(&copy, &home(&app)).is_ok(), "as it was, it is taken");
    }

    async fn another_engine_does_not_take_it(app) {
        app.newsroom().await;
        let folder = tempfile::tempdir().unwrap();
        let copy = taken(&order(&app, folder.path()), app.clock.now()).file;
        let to = match app.db.engine() {
            masthead::db::Engine::Sqlite => "postgres://127.0.0.1:1/nowhere".to_owned(),
            masthead::db::Engine::Postgres => format!("sqlite://{}", folder.path().join("x.db").display()),
        };
        let refused = restore(&copy, &DatabaseUrl::parse(&to).unwrap(), None);
        assert!(matches!(refused, Err(BackupError::OtherEngine { .. })), "{refused:?}");
    }

    async fn a_log_that_is_broken_is_kept_and_nothing_older_goes(app) {
        app.newsroom().await;
        app.chores().await;
        let folder = tempfile::tempdir().unwrap();
        let mut order = order(&app, folder.path());
        let first = taken(&order, app.clock.now()).file;
        execute(&app, "UPDATE audit_events SET action = 'read' WHERE seq = 4");
        order.keep.newest = Some(1);
        let second = taken(&order, app.clock.now() + TimeDelta::seconds(1));
        assert_eq!(second.manifest.audit.broken, Some(4));
        assert!(second.removed.is_empty() && first.exists());
        let home = home(&app);
        back(&second.file, &home).expect("it comes back as it was");
        assert_eq!(all(&looked_at(&home)), all(&app.db));
    }

    async fn the_commands_say_what_they_did(app) {
        app.newsroom().await;
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().to_str().unwrap();
        let output = masthead(&["--database-url", app.url(), "backup", "--to", to, "--keep", "1"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("; verified") && text.contains("The secret key is not in it"), "{text}");
        let copy = text.lines().next().unwrap();
        let home = home(&app);
        let output = masthead(&["restore", "--from", copy, "--to", &home.url]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("; verified") && text.contains("MASTHEAD_SECRET_KEY"), "{text}");
        assert_eq!(all(&looked_at(&home)), all(&app.db));
        let file = folder.path().join("one.db");
        for (args, told) in [
            (vec!["--to", file.to_str().unwrap(), "--keep", "2"], "must be a folder"),
            (vec!["--to", "/no/such/folder"], "is not there"),
            (vec!["--to", to, "--name", "../up"], "name of a series"),
        ] {
            let output = masthead(&[&["--database-url", app.url(), "backup"], &args[..]].concat());
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{text}");
            assert!(text.contains(told), "{told}: {text}");
        }
    }
}

#[actix_web::test]
async fn older_ones_go_and_what_is_not_ours_stays() {
    let app = TestApp::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut order = order(&app, folder.path());
    let day = |n: i64| app.clock.now() + TimeDelta::days(n);
    let first = taken(&order, day(0)).file;
    order.series = "other".to_owned();
    taken(&order, day(0));
    order.series = "masthead".to_owned();
    // Called as ours, with no manifest; with one of another; one of another name; a folder.
    fs::write(path("masthead-20200101T000000000Z.db"), "mine").unwrap();
    fs::copy(&first, path("masthead-20200102T000000000Z.db")).unwrap();
    fs::copy(
        Manifest::beside(&first),
        path("masthead-20200102T000000000Z.db.json"),
    )
    .unwrap();
    fs::write(path("masthead.db"), "mine").unwrap();
    fs::create_dir(path("masthead-20200103T000000000Z.db")).unwrap();
    let foreign = names(folder.path());
    order.secret = Some(SecretString::from(SECRET));
    taken(&order, day(1));
    taken(&order, day(2));
    assert_eq!(
        names(folder.path()).len(),
        foreign.len() + 6,
        "without a rule all stay"
    );
    order.keep.newest = Some(2);
    let removed = taken(&order, day(3)).removed;
    assert_eq!(
        removed,
        [first.clone(), path("masthead-20260602T120000000Z.db")]
    );
    let of = |day: &str| {
        ["", ".json", ".secret"].map(|end| format!("masthead-202606{day}T120000000Z.db{end}"))
    };
    let mut left: Vec<String> = foreign
        .into_iter()
        .filter(|name| !name.starts_with("masthead-20260601"))
        .chain(of("03"))
        .chain(of("04"))
        .collect();
    left.sort();
    assert_eq!(names(folder.path()), left);
    // One that cannot be taken removes nothing.
    order.keep.newest = Some(1);
    assert!(matches!(
        take(&order, || day(3)),
        Err(BackupError::Exists(_))
    ));
    assert_eq!(names(folder.path()), left);
    order.keep = Keep {
        newest: None,
        days: Some(1),
    };
    taken(&order, day(4));
    let names = names(folder.path());
    assert!(
        names.contains(&of("04")[0]) && !names.contains(&of("03")[0]),
        "{names:?}"
    );
}

#[actix_web::test]
async fn what_a_killed_one_left_is_no_backup_and_goes() {
    let app = TestApp::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let partial = folder.path().join(".masthead-backup.partial");
    fs::create_dir(&partial).unwrap();
    fs::write(partial.join("copy"), "half").unwrap();
    let order = order(&app, folder.path());
    // Another one is at work.
    let lock = fs::File::create(folder.path().join(".masthead-backup.lock")).unwrap();
    lock.try_lock().unwrap();
    assert!(matches!(
        take(&order, || app.clock.now()),
        Err(BackupError::UnderWay(_))
    ));
    assert_eq!(
        fs::read(partial.join("copy")).unwrap(),
        b"half",
        "it is left to work"
    );
    drop(lock);
    let file = taken(&order, app.clock.now()).file;
    assert_eq!(names(folder.path()).len(), 2);
    // The same for what a killed restoration left.
    let home = Home::new(Engine::Sqlite);
    let target = file_of(&home);
    fs::write(
        target.parent().unwrap().join(".test.db.restoring"),
        vec![7; 10_000_000],
    )
    .unwrap();
    back(&file, &home).unwrap();
    assert_eq!(names(target.parent().unwrap()), ["test.db"]);
    assert_eq!(all(&looked_at(&home)), all(&app.db));
}

#[actix_web::test]
async fn nothing_is_overwritten() {
    let app = TestApp::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| order(&app, &folder.path().join(name));
    let file = taken(&named("copy.db"), app.clock.now()).file;
    assert_eq!(names(folder.path()), ["copy.db", "copy.db.json"]);
    let again = take(&named("copy.db"), || app.clock.now());
    assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");
    let other = take(&named("copy.dump"), || app.clock.now());
    assert!(
        matches!(other, Err(BackupError::OtherName("db", _))),
        "{other:?}"
    );
    for gone in ["nowhere", "no/where.db", "not/mounted"] {
        let refused = take(&named(gone), || app.clock.now());
        assert!(
            matches!(refused, Err(BackupError::NoFolder(_))),
            "{gone}: {refused:?}"
        );
    }
    // A log that lies about would be carried over into another database.
    for end in ["", "-wal", "-shm", "-journal"] {
        let home = Home::new(Engine::Sqlite);
        let there = beside(&file_of(&home), end);
        fs::write(&there, "somebody's").unwrap();
        let refused = back(&file, &home);
        assert!(
            matches!(&refused, Err(BackupError::Exists(path)) if *path == there),
            "{refused:?}"
        );
        assert_eq!(fs::read(&there).unwrap(), b"somebody's");
    }
}

#[actix_web::test]
async fn the_secret_goes_along_when_asked() {
    let app = TestApp::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let mut order = order(&app, folder.path());
    order.secret = Some(SecretString::from(SECRET));
    let file = taken(&order, app.clock.now()).file;
    let kept = Manifest::secret_beside(&file);
    assert_eq!(fs::read_to_string(&kept).unwrap().trim(), SECRET);
    let home = Home::new(Engine::Sqlite);
    let secret = beside(&file_of(&home), ".secret");
    let restored = back(&file, &home).unwrap();
    assert_eq!(restored.secret.as_ref(), Some(&secret));
    assert_eq!(fs::read_to_string(&secret).unwrap().trim(), SECRET);
    #[cfg(unix)]
    for path in [&kept, &secret, &file, &file_of(&home)] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
    }
    // The same secret may be there; another one is somebody's.
    for (there, good) in [(SECRET, true), ("another secret of somebody else's", false)] {
        let home = Home::new(Engine::Sqlite);
        let secret = beside(&file_of(&home), ".secret");
        fs::write(&secret, there).unwrap();
        let done = back(&file, &home);
        assert_eq!(done.is_ok(), good, "{done:?}");
        assert_eq!(file_of(&home).exists(), good);
        assert_eq!(fs::read_to_string(&secret).unwrap(), there);
    }
}

#[actix_web::test]
async fn a_damaged_database_gives_no_backup() {
    let app = TestApp::new(Engine::Sqlite).await;
    app.newsroom().await;
    let folder = tempfile::tempdir().unwrap();
    let mut order = order(&app, folder.path());
    let before = taken(&order, app.clock.now()).file;
    app.db
        .with_writer(|conn| match conn {
            Conn::Sqlite(_) => conn.batch_execute(
                "PRAGMA foreign_keys = OFF;
                 INSERT INTO article_slugs (slug, article_id, seen) VALUES ('lost', 'art_nobody', TRUE);
                 PRAGMA foreign_keys = ON",
            ),
            Conn::Postgres(_) => Ok(()),
        })
        .unwrap()
        .unwrap();
    order.keep.newest = Some(1);
    let refused = take(&order, || app.clock.now() + TimeDelta::days(1));
    assert!(matches!(refused, Err(BackupError::Copy(_))), "{refused:?}");
    assert!(before.exists());
    assert_eq!(
        names(folder.path()).len(),
        2,
        "the one before, and its manifest"
    );
}
