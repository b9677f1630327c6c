//! `masthead registry`, as an operator runs it.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs `masthead registry` in a folder, on the database that is in it.
fn registry(home: &TempDir, args: &[&str]) -> (bool, String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    program.current_dir(home.path()).env_clear();
    program.args(["--log-filter", "off", "registry"]).args(args);
    let Output {
        status,
        stdout,
        stderr,
    } = program.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

#[test]
fn a_file_is_tried_imported_and_known_again() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    let import = |file: &str, more: &[&str]| {
        let args = ["import", file, "--edition", "2026", "--valid-from"];
        registry(&home, &[&args, more].concat())
    };
    write(
        "list.csv",
        "\u{feff}name,region\r\n海岸通讯社,滨海\r\nCoastal Wire,\r\n",
    );
    let (ok, tried, _) = import("list.csv", &["2026-05-01", "--dry-run"]);
    // The site's time zone, until somebody sets another one, is the default of the settings.
    assert!(ok && tried.starts_with("2 sources, from 2026-0"), "{tried}");
    assert!(tried.ends_with("Nothing was changed.\n"), "{tried}");
    assert_eq!(registry(&home, &["list"]).1, "");

    let at = "2026-05-01T00:00:00+08:00";
    let (ok, made, _) = import("list.csv", &[at]);
    assert!(
        ok && made.starts_with("reg_") && made.contains("2 sources"),
        "{made}"
    );
    let id = made.split_whitespace().next().unwrap();
    // The same list without the mark and with other ends of lines is the same list.
    write("list.csv", "name,region\n海岸通讯社,滨海\nCoastal Wire,\n");
    let (ok, again, _) = import("list.csv", &[at]);
    assert!(
        ok && again.starts_with(id) && again.contains("was there already"),
        "{again}"
    );
    let (ok, again, _) = import("list.csv", &[at, "--dry-run"]);
    assert!(ok && again.contains("is there already"), "{again}");

    write("other.csv", "name\nCoastal Wire\n");
    let (ok, _, refused) = import("other.csv", &[at]);
    assert!(
        !ok && refused.contains("takes a name of its own"),
        "{refused}"
    );
    let next = [
        "import",
        "other.csv",
        "--edition",
        "2027",
        "--valid-from",
        "2027-01-01T00:00:00Z",
    ];
    let (ok, ends, _) = registry(&home, &next);
    assert!(
        ok && ends.contains("It ends the edition 2026 at 2027-01-01T00:00:00Z."),
        "{ends}"
    );
    let (_, listed, _) = registry(&home, &["list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(
        lines[0].contains("2026-04-30T16:00:00Z – 2027-01-01T00:00:00Z"),
        "{listed}"
    );
    assert!(
        lines[0].contains("2 sources  0 open reviews  2026"),
        "{listed}"
    );
    assert!(lines[1].contains("2027-01-01T00:00:00Z – …"), "{listed}");
}

#[test]
fn a_faulty_file_is_told_line_by_line_and_nothing_is_imported() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("list.csv");
    let import = |bytes: &[u8], from: &str| {
        fs::write(&path, bytes).unwrap();
        registry(
            &home,
            &[
                "import",
                "list.csv",
                "--edition",
                "2026",
                "--valid-from",
                from,
            ],
        )
    };
    let long = [b"name\n".to_vec(), vec![b'x'; 10_000_000]].concat();
    for (bytes, told) in [
        (
            &b"name,region\nA,B\nC\n\xff,D\n\nA,E\n"[..],
            &[
                "line 3: has 1 values",
                "line 4: is not UTF-8",
                "line 6, name: is the same name as line 2",
            ][..],
        ),
        (b"", &["the file: is empty"]),
        (b"\xef\xbb\xbf", &["the file: is empty"]),
        (b"name\n", &["the file: names no source"]),
        (
            b"name;region\nA;B\n",
            &["line 1: the columns are separated by semicolons"],
        ),
        (
            b"name\n\"A\nB\n",
            &["line 2: a value goes on over the line's end"],
        ),
        (&long, &["line 2: is 10000000 bytes long"]),
        (b"\xff\xfen\0", &["the file: is UTF-16"]),
    ] {
        let (ok, out, said) = import(bytes, "2026-05-01");
        assert!(!ok && out.is_empty(), "{out}");
        assert_eq!(said.lines().count(), told.len(), "{said}");
        for told in told {
            assert!(said.contains(told), "{told}: {said}");
        }
    }
    for from in ["yesterday", "2026-02-30", "9999-01-01T00:00:00Z"] {
        assert!(!import(b"name\nA\n", from).0, "{from}");
    }
    let (ok, _, said) = registry(
        &home,
        &[
            "import",
            "nowhere.csv",
            "--edition",
            "x",
            "--valid-from",
            "2026-05-01",
        ],
    );
    assert!(!ok && said.contains("nowhere.csv"), "{said}");
    assert_eq!(registry(&home, &["list"]).1, "");
}
