//! The chain, as pure computation: what a seal is, and where a chain is broken.
//!
//! A seal is SHA-256 over the seal before it, as 64 hexadecimal digits, and the event's canonical
//! JSON (RFC 8785). Whoever has the events and one later seal from elsewhere can tell whether
//! any of them was changed, taken out or put in: see [`step`].

use serde_json::Value;

use crate::kernel::text::sha256_hex;

/// What stands in for the seal before the first one.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The seal of an event, given the one before it.
///
/// # Errors
/// Where the event cannot be written as canonical JSON.
pub fn seal(previous: &str, event: &Value) -> Result<String, serde_json::Error> {
    let canonical = serde_json_canonicalizer::to_string(event)?;
    Ok(sha256_hex(format!("{previous}{canonical}").as_bytes()))
}

/// What stands under one number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    pub seq: i64,
    /// The event, as it is sealed.
    pub event: Option<Value>,
    pub seal: Option<String>,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// The event is not the one that was sealed.
    ChangedEvent,
    /// There is no event under the number.
    MissingEvent,
    /// An event that was never sealed stands among those that were.
    ExtraEvent,
    /// This event and the next have changed places.
    SwappedEvents,
    /// The seal is not the one that the chain went on from.
    ChangedSeal,
    /// There is no seal, and there are later ones.
    MissingSeal,
    /// The chain is whole, but it is not the one whose seal was kept elsewhere.
    OtherChain,
}

impl Breach {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChangedEvent => "changed_event",
            Self::MissingEvent => "missing_event",
            Self::ExtraEvent => "extra_event",
            Self::SwappedEvents => "swapped_events",
            Self::ChangedSeal => "changed_seal",
            Self::MissingSeal => "missing_seal",
            Self::OtherChain => "other_chain",
        }
    }

    /// For whoever has to look into it.
    pub fn told(self) -> &'static str {
        match self {
            Self::ChangedEvent => "the event is not the one that was sealed",
            Self::MissingEvent => "there is no event",
            Self::ExtraEvent => {
                "the event was put in after the sealing, or stands before the first number"
            }
            Self::SwappedEvents => "the event and the next one have changed places",
            Self::ChangedSeal => "the seal was changed, the event was not",
            Self::MissingSeal => "there is no seal, though later events have one",
            Self::OtherChain => {
                "the seal is not the expected one: what stands up to here was sealed anew, or its end was cut off"
            }
        }
    }
}

/// One step along the sealed part of a chain: the seal of `here`, if all is as it was sealed.
/// `next` is looked at only to tell one fault from another.
///
/// # Errors
/// What is wrong.
pub fn step(previous: &str, here: &Link, next: Option<&Link>) -> Result<String, Breach> {
    let (event, sealed) = match (&here.event, &here.seal) {
        (Some(event), Some(sealed)) => (event, sealed),
        (None, _) => return Err(Breach::MissingEvent),
        (Some(_), None) => return Err(Breach::MissingSeal),
    };
    let made = seal(previous, event).map_err(|_| Breach::ChangedEvent)?;
    if made == *sealed {
        return Ok(made);
    }
    Err(told_apart(previous, (here.seq, event, sealed, &made), next))
}

/// Which fault it is that a seal does not fit. Where the end of the chain leaves it open, the
/// event counts as changed.
fn told_apart(
    previous: &str,
    (seq, event, sealed, made): (i64, &Value, &String, &String),
    next: Option<&Link>,
) -> Breach {
    let fits = |previous: &str, event: &Value, at: i64, sealed: &Option<String>| {
        let mut moved = event.clone();
        moved["seq"] = at.into();
        seal(previous, &moved).ok().as_ref() == sealed.as_ref()
    };
    let Some(Link {
        event: later,
        seal: Some(later_seal),
        ..
    }) = next
    else {
        return Breach::ChangedEvent;
    };
    let later_seal = Some(later_seal.clone());
    // The next event is the one that this seal was made of.
    let came_early = later
        .as_ref()
        .is_some_and(|later| fits(previous, later, seq, &Some(sealed.clone())));
    // This event is the one that the next seal was made of.
    let came_late = fits(sealed, event, seq + 1, &later_seal);
    let went_on_from_here = later
        .as_ref()
        .is_some_and(|later| fits(made, later, seq + 1, &later_seal));
    match (went_on_from_here, came_early, came_late) {
        (true, ..) => Breach::ChangedSeal,
        (_, true, true) => Breach::SwappedEvents,
        (_, true, false) => Breach::ExtraEvent,
        (_, false, true) => Breach::MissingEvent,
        (_, false, false) => Breach::ChangedEvent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A chain of so many events.
    fn chain(events: i64) -> Vec<Link> {
        let mut previous = START.to_owned();
        (1..=events)
            .map(|seq| {
                let event = json!({"seq": seq, "action": "updated", "detail": {"n": seq * 7}});
                previous = seal(&previous, &event).unwrap();
                Link {
                    seq,
                    event: Some(event),
                    seal: Some(previous.clone()),
                }
            })
            .collect()
    }

    /// The first broken place.
    fn walk(links: &[Link]) -> Option<(i64, Breach)> {
        let mut previous = START.to_owned();
        for (at, here) in links.iter().enumerate() {
            match step(&previous, here, links.get(at + 1)) {
                Ok(seal) => previous = seal,
                Err(breach) => return Some((here.seq, breach)),
            }
        }
        None
    }

    /// Moves the events from a number on by so many.
    fn renumber(links: &mut [Link]) {
        for link in links {
            if let Some(event) = &mut link.event {
                event["seq"] = link.seq.into();
            }
        }
    }

    #[test]
    fn a_seal_is_what_the_head_says() {
        let event = json!({"b": "港", "a": 1});
        let by_hand = sha256_hex(format!("{START}{}", r#"{"a":1,"b":"港"}"#).as_bytes());
        assert_eq!(seal(START, &event).unwrap(), by_hand);
        assert_eq!(START.len(), 64);
    }

    #[test]
    fn each_kind_of_tampering_is_found_where_it_is() {
        type Tamper = fn(&mut Vec<Link>);
        type Case = (&'static str, Tamper, Option<(i64, Breach)>);
        let cases: &[Case] = &[
            ("nothing", |_| {}, None),
            (
                "a detail is changed",
                |links| links[2].event.as_mut().unwrap()["detail"]["n"] = 8.into(),
                Some((3, Breach::ChangedEvent)),
            ),
            (
                "the last event is changed",
                |links| links[5].event.as_mut().unwrap()["action"] = "read".into(),
                Some((6, Breach::ChangedEvent)),
            ),
            (
                "an event is taken out",
                |links| links[2].event = None,
                Some((3, Breach::MissingEvent)),
            ),
            (
                "an event is taken out and the later ones move up",
                |links| {
                    for at in 2..5 {
                        links[at].event = links[at + 1].event.clone();
                    }
                    links[5].event = None;
                    renumber(links);
                },
                // The next event stands where this one was, and this seal was not made of it.
                Some((3, Breach::MissingEvent)),
            ),
            (
                "an event is put in and the later ones move down",
                |links| {
                    for at in (3..6).rev() {
                        links[at].event = links[at - 1].event.clone();
                    }
                    links[2].event = Some(json!({"seq": 3, "action": "deleted"}));
                    renumber(links);
                },
                Some((3, Breach::ExtraEvent)),
            ),
            (
                "two neighbours change places",
                |links| {
                    let other = links[2].event.take();
                    links[2].event = links[3].event.replace(other.unwrap());
                    renumber(links);
                },
                Some((3, Breach::SwappedEvents)),
            ),
            (
                "two others change places",
                |links| {
                    let other = links[1].event.take();
                    links[1].event = links[4].event.replace(other.unwrap());
                    renumber(links);
                },
                Some((2, Breach::ChangedEvent)),
            ),
            (
                "a seal is changed",
                |links| links[2].seal = Some("f".repeat(64)),
                Some((3, Breach::ChangedSeal)),
            ),
            (
                "a seal is taken out",
                |links| links[2].seal = None,
                Some((3, Breach::MissingSeal)),
            ),
        ];
        for (what, tamper, expected) in cases {
            let mut links = chain(6);
            tamper(&mut links);
            assert_eq!(walk(&links), *expected, "{what}");
        }
    }

    #[test]
    fn what_is_sealed_anew_is_whole_and_another_chain() {
        let mut links = chain(6);
        let kept = links[4].seal.clone();
        links[2].event.as_mut().unwrap()["action"] = "deleted".into();
        let mut previous = START.to_owned();
        for link in &mut links {
            previous = seal(&previous, link.event.as_ref().unwrap()).unwrap();
            link.seal = Some(previous.clone());
        }
        assert_eq!(walk(&links), None);
        assert_ne!(links[4].seal, kept);
    }
}
