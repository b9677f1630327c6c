//! The crate that is fuzzed is built of what the program is built of.

use toml::Table;

fn dependencies(manifest: &str) -> Table {
    let manifest: Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().clone()
}

#[test]
fn the_fuzzed_readers_have_the_programs_versions() {
    let program = dependencies(include_str!("../../Cargo.toml"));
    let mut fuzzed = dependencies(include_str!("../fuzz/Cargo.toml"));
    assert!(fuzzed.remove("libfuzzer-sys").is_some());
    for (name, version) in fuzzed {
        assert_eq!(program.get(&name), Some(&version), "{name}");
    }
}
