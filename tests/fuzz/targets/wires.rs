//! A document of any bytes is read as a wire or refused; no item goes without an identifier and a digest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_fuzz::arrivals::wires::{MAX_ITEMS, parse};

fuzz_target!(|data: &[u8]| {
    let Ok(wire) = parse(data, None) else { return };
    assert!(wire.items.len() <= MAX_ITEMS);
    for item in &wire.items {
        assert!(!item.guid.trim().is_empty() && item.digest.len() == 64, "{item:?}");
    }
});
