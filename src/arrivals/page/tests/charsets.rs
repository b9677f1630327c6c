//! Bytes in other encodings, said or unsaid, right or wrong.

use encoding_rs::{BIG5, GB18030};

use super::super::{PageError, WarningKind};
use super::*;

const SIMPLIFIED: &str = "山城试行夜间图书馆\n2022-03-04 21:10 来源：山城晚报\n\n山城图书馆四日起延长开放，读者可以读到凌晨一点，馆方还准备了热水和毛毯。\n";
const TRADITIONAL: &str = "山城試行夜間圖書館\n2022-03-04 21:10 來源：山城晚報\n\n山城圖書館四日起延長開放，讀者可以讀到凌晨一點，館方還準備了熱水和毛毯。\n";

fn decoded(bytes: &[u8], charset: Option<&str>, kind: Kind) -> Result<Page, PageError> {
    let page = read(&Raw {
        bytes,
        charset,
        kind,
        zone: chrono_tz::Asia::Shanghai,
        agencies: &[],
    })?;
    check_places(&page);
    Ok(page)
}

fn title(page: &Page) -> &str {
    page.title.as_ref().map_or("", |title| title.text.as_str())
}

#[test]
fn encodings_are_declared_or_detected() {
    let gb = GB18030.encode(SIMPLIFIED).0;
    let big5 = BIG5.encode(TRADITIONAL).0;
    let wide: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(SIMPLIFIED.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let marked = format!("\u{FEFF}{SIMPLIFIED}");
    for (bytes, declared, name, origin) in [
        (gb.as_ref(), Some("gb2312"), "GBK", "declared"),
        (gb.as_ref(), None, "GBK", "detected"),
        (big5.as_ref(), Some("big5"), "Big5", "declared"),
        (big5.as_ref(), None, "Big5", "detected"),
        (wide.as_slice(), Some("gbk"), "UTF-16LE", "bom"),
        (marked.as_bytes(), None, "UTF-8", "bom"),
        (SIMPLIFIED.as_bytes(), None, "UTF-8", "detected"),
        (SIMPLIFIED.as_bytes(), Some("nonsense"), "UTF-8", "detected"),
    ] {
        let page = decoded(bytes, declared, Kind::Text).expect("a page");
        assert_eq!(
            (page.decoding.encoding, page.decoding.origin.as_str()),
            (name, origin)
        );
        assert!(title(&page).starts_with("山城"), "{name}");
        assert_eq!(page.decoding.malformed_total, 0);
    }
}

#[test]
fn a_meta_tag_declares() {
    let source = format!(
        "<html><head><META http-equiv=Content-Type content='text/html; charset=gb2312'><title>山城试行夜间图书馆</title></head><body><pre>{SIMPLIFIED}</pre></body></html>"
    );
    let page = decoded(&GB18030.encode(&source).0, None, Kind::Html).expect("a page");
    assert_eq!(
        (page.decoding.encoding, page.decoding.origin.as_str()),
        ("GBK", "meta")
    );
    assert_eq!(title(&page), "山城试行夜间图书馆");
    assert_eq!(page.source.expect("source").label.text, "山城晚报");
}

#[test]
fn what_bytes_prove_goes_before_what_is_said() {
    for (bytes, declared, name) in [
        (SIMPLIFIED.as_bytes(), "big5", "UTF-8"),
        (GB18030.encode(SIMPLIFIED).0.as_ref(), "utf-8", "GBK"),
    ] {
        let page = decoded(bytes, Some(declared), Kind::Text).expect("a page");
        assert_eq!(page.decoding.encoding, name);
        assert!(page.warned(WarningKind::CharsetMistrusted));
        assert_eq!(title(&page), "山城试行夜间图书馆");
    }
}

#[test]
fn half_a_character_is_a_place() {
    let bytes = SIMPLIFIED.as_bytes();
    let cut = &bytes[..bytes.len() - 3];
    let page = decoded(cut, None, Kind::Text).expect("a page");
    assert_eq!(page.decoding.encoding, "UTF-8");
    assert_eq!(page.decoding.malformed, [page.text().chars().count() - 1]);
    assert!(page.warned(WarningKind::MalformedBytes));
}

#[test]
fn a_run_in_another_encoding_is_reported_in_its_place() {
    let (one, other) = SIMPLIFIED.split_at(SIMPLIFIED.find("读者").expect("there"));
    let mut bytes = one.as_bytes().to_vec();
    bytes.extend_from_slice(&GB18030.encode("读者").0);
    bytes.extend_from_slice(&other.as_bytes()["读者".len()..]);
    let page = decoded(&bytes, Some("utf-8"), Kind::Text).expect("a page");
    assert_eq!(page.decoding.encoding, "UTF-8");
    assert!(page.decoding.malformed_total >= 2);
    for at in &page.decoding.malformed {
        assert_eq!(page.text().chars().nth(*at), Some('\u{FFFD}'));
    }
}

#[test]
fn many_places_are_counted_and_not_listed() {
    let mut bytes = "正文。".repeat(40_000).into_bytes();
    for n in 0..2_000 {
        bytes[n * 90] = 0xFF;
    }
    let page = decoded(&bytes, Some("utf-8"), Kind::Text).expect("a page");
    assert_eq!(page.decoding.malformed.len(), super::super::MAX_PLACES);
    assert!(page.decoding.malformed_total >= 2_000);
}

#[test]
fn what_is_no_text_is_refused() {
    let noise: Vec<u8> = (0..4_000_u32)
        .map(|n| u8::try_from(n * 7 % 256).expect("small"))
        .collect();
    let long = vec![b'a'; super::super::MAX_BYTES + 1];
    for (bytes, error) in [
        (&b""[..], PageError::Empty),
        (&b" \r\n\t "[..], PageError::Empty),
        (&b"\xEF\xBB\xBF"[..], PageError::Empty),
        (&b"PK\x03\x04 and more"[..], PageError::Binary),
        (&b"%PDF-1.7 text"[..], PageError::Binary),
        (&b"\x1F\x8B\x08"[..], PageError::Binary),
        (&b"\0\0\0\0"[..], PageError::Binary),
        (noise.as_slice(), PageError::Binary),
        (long.as_slice(), PageError::TooLong),
    ] {
        for kind in [Kind::Html, Kind::Text] {
            assert_eq!(decoded(bytes, None, kind).err(), Some(error));
        }
    }
}
