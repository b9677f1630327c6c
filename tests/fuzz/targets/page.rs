//! A page of any bytes is read or refused, and what is told of it lies within it. The first byte chooses what the
//! transport says of it.
#![no_main]

use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use masthead_fuzz::arrivals::damage::examine;
use masthead_fuzz::arrivals::page::{Kind, Raw, read};

const CHARSETS: [Option<&str>; 5] = [None, Some("utf-8"), Some("gbk"), Some("big5"), Some("utf-16le")];

static PLAIN: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    // One reader of markup panics now and then, and its panics are caught and told (`page/html/vote`): the fuzzer's hook
    // would end the run at them. Those that nobody catches still do.
    PLAIN.call_once(|| drop(std::panic::take_hook()));
    let Some((&first, bytes)) = data.split_first() else { return };
    let agencies = ["海湾晚报".to_owned(), "Coastal Wire".to_owned()];
    let raw = Raw {
        bytes,
        charset: CHARSETS[usize::from(first >> 1) % CHARSETS.len()],
        kind: if first & 1 == 0 { Kind::Html } else { Kind::Text },
        zone: chrono_tz::Asia::Shanghai,
        agencies: &agencies,
    };
    let Ok(page) = read(&raw) else { return };
    let text = page.text();
    let length = text.chars().count();
    let found = examine(text);
    assert_eq!(found.clean_range(0, length), found.clean);
    assert!(!found.clean.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')));
    for damage in &found.damage {
        assert!(damage.offset + damage.length <= length, "{damage:?}");
        assert!(text.chars().skip(damage.offset).collect::<String>().starts_with(&damage.quote), "{damage:?}");
    }
});
