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
                        text(out, "permits", &[("type", "usage")], &permitted.join(","))?;
                        text(
                            out,
                            "prohibits",
                            &[("type", "usage")],
                            &prohibited.join(","),
                        )?;
                        match &site.acquire_licence_url {
                            Some(url) => element(out, "payment", &[("type", "purchase")], |out| {
                                text(out, "custom", &[], url)
                            }),
                            None => Ok(()),
                        }
                    })?;
                    text(
                        out,
                        "copyright",
                        &[("type", "organization")],
                        &site.copyright_holder,
                    )
                })
            },
        )
    })
}
