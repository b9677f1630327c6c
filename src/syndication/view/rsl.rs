//! The licence file of RSL 1.0 (<https://rslstandard.org/rsl>): what may be done without a licence, and
//! where one can be had.

use super::xml::{document, element, text};
use crate::rights::Reservation;
use crate::syndication::model::Site;

pub(super) fn file(site: &Site) -> String {
    let (permitted, prohibited) = Reservation::UNLICENSED.rsl();
    let of_all = format!("{}/", site.base_url);
    document(|out| {
        element(
            out,
            "rsl",
            &[("xmlns", "https://rslstandard.org/rsl")],
            |out| {
                element(out, "content", &[("url", &of_all)], |out| {
                    element(out, "license", &[], |out| {
                        text(out, "permits", &[("type", "usage")], &permitted.join(" "))?;
                        text(
                            out,
                            "prohibits",
                            &[("type", "usage")],
                            &prohibited.join(" "),
                        )?;
                        element(out, "payment", &[("type", "free")], |_| Ok(()))
                    })?;
                    // Where a licence for more can be had.
                    let contact = site.acquire_licence_url.as_deref();
                    let contact = contact.map(|url| ("contactUrl", url));
                    let kind = [("type", "organization")];
                    let about: Vec<_> = kind.into_iter().chain(contact).collect();
                    text(out, "copyright", &about, &site.copyright_holder)
                })
            },
        )
    })
}
