//! XML, element by element.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::kernel::text::printable;

type Out = Writer<Vec<u8>>;

/// A document.
pub(super) fn document(write: impl FnOnce(&mut Out) -> io::Result<()>) -> String {
    let mut out = Writer::new(Vec::new());
    let declared = out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    // Writing to memory does not fail.
    let written = declared.and_then(|()| write(&mut out));
    let bytes = written.map(|()| out.into_inner()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// `<name attributes>…</name>`.
pub(super) fn element(
    out: &mut Out,
    name: &str,
    attributes: &[(&str, &str)],
    inside: impl FnOnce(&mut Out) -> io::Result<()>,
) -> io::Result<()> {
    let element = out.create_element(name);
    let element = element.with_attributes(attributes.iter().copied());
    element.write_inner_content(inside).map(|_| ())
}

/// `<name attributes>text</name>`.
pub(super) fn text(
    out: &mut Out,
    name: &str,
    attributes: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let element = out.create_element(name);
    let element = element.with_attributes(attributes.iter().copied());
    let text = printable(text);
    element
        .write_text_content(BytesText::new(&text))
        .map(|_| ())
}
