//! The program itself, told to stop the moment that it can be known to run.

use std::io::Read as _;
use std::process::{Command, Stdio};

/// Starts a command, sends the signal once the ready file is there, and returns what the
/// process ended with and wrote to the log.
fn stopped_by(signal: &str, command: &str) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let ready = home.path().join("ready.json");
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    program
        .current_dir(home.path())
        .args([command, "--listen", "127.0.0.1:0"])
        // Many threads take a while to start: time in which nobody listened for signals once.
        .args(["--workers", "64", "--ready-file"])
        .arg(&ready)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut running = program.spawn().unwrap();
    while !ready.exists() {
        assert_eq!(running.try_wait().unwrap(), None, "it runs");
        std::thread::yield_now();
    }
    let kill = Command::new("kill")
        .args([&format!("-{signal}"), &running.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let mut log = String::new();
    running
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    (running.wait().unwrap().code(), log)
}

#[cfg(unix)]
#[test]
fn whoever_sees_the_ready_file_can_stop_the_server() {
    for command in ["serve", "demo"] {
        for signal in ["TERM", "INT", "QUIT"] {
            let (code, log) = stopped_by(signal, command);
            assert_eq!(code, Some(0), "{command}, {signal}: {log}");
            assert!(log.contains("stopped"), "{command}, {signal}: {log}");
        }
    }
}
