//! Partners and what each was granted: licences that differ in one thing at a time.

use std::collections::HashMap;

use masthead::http::auth::ClientKind;
use masthead::kernel::id::{Id as _, PartnerId};
use masthead::kernel::language::Territory;
use masthead::rights::Channel;
use serde_json::{Value, json};

use super::corpus::{LICENCE_BEGINS, LICENCE_ENDS, Work, minute};
use super::oracle::{Key, Licence, Reader, Selects};
use crate::support::TestApp;
use crate::support::newsroom::{Newsroom, with};

/// A key with its partner's licences.
#[derive(Debug, Clone)]
pub struct Deal {
    pub name: &'static str,
    pub reader: Reader,
    pub key: String,
    pub client: String,
    pub partner: String,
}

const CHINA: &[&str] = &["CN"];
const SYNDICATION: &[&str] = &["syndication"];
const EVERYTHING: Selects = Selects {
    sections: &["economy"],
    sources: &[],
    languages: &[],
    tags: &[],
    articles: &[],
};
const NOTHING: Selects = Selects {
    sections: &[],
    ..EVERYTHING
};

/// A licence for everything, whole, without an end.
fn whole() -> Licence {
    Licence {
        selects: EVERYTHING,
        extent: "full",
        channels: SYNDICATION,
        territories: CHINA,
        ..Licence::default()
    }
}

fn excerpt(chars: usize) -> Licence {
    Licence {
        extent: "excerpt",
        chars,
        ..whole()
    }
}

fn of(selects: Selects) -> Licence {
    Licence { selects, ..whole() }
}

/// Kind, channel and territory of a key, and its partner's licences.
type Plan = (
    &'static str,
    ClientKind,
    Channel,
    &'static str,
    Vec<Licence>,
);

fn plans() -> Vec<Plan> {
    let usual = |name, licences| {
        let syndication = Channel::Syndication;
        (name, ClientKind::Partner, syndication, "CN", licences)
    };
    let tagged = Selects {
        tags: &["port"],
        ..NOTHING
    };
    vec![
        usual(
            "own works",
            vec![of(Selects {
                sources: &["own"],
                ..NOTHING
            })],
        ),
        usual(
            "a section's excerpts",
            vec![Licence {
                selects: Selects {
                    sections: &["trade"],
                    ..NOTHING
                },
                ..excerpt(40)
            }],
        ),
        usual("excerpts", vec![excerpt(40)]),
        usual("excerpts of next to nothing", vec![excerpt(10)]),
        usual(
            "headlines",
            vec![Licence {
                extent: "headline",
                selects: Selects {
                    languages: &["en"],
                    ..NOTHING
                },
                ..whole()
            }],
        ),
        usual(
            "two works",
            vec![of(Selects {
                articles: &["own", "syndicated"],
                ..NOTHING
            })],
        ),
        usual("a tag", vec![of(tagged)]),
        usual(
            "a language",
            vec![of(Selects {
                languages: &["zh"],
                ..NOTHING
            })],
        ),
        usual(
            "a tag in a language",
            vec![of(Selects {
                languages: &["zh"],
                ..tagged
            })],
        ),
        (
            "abroad",
            ClientKind::Partner,
            Channel::Syndication,
            "US",
            vec![Licence {
                territories: &["GB", "US"],
                ..whole()
            }],
        ),
        (
            "nowhere",
            ClientKind::Partner,
            Channel::Syndication,
            "US",
            vec![whole()],
        ),
        (
            "on the web",
            ClientKind::Partner,
            Channel::Web,
            "CN",
            vec![Licence {
                channels: &["web"],
                ..whole()
            }],
        ),
        (
            "on no channel",
            ClientKind::Partner,
            Channel::App,
            "CN",
            vec![Licence {
                channels: &["syndication", "web"],
                ..whole()
            }],
        ),
        usual(
            "suspended",
            vec![Licence {
                is_off: true,
                ..whole()
            }],
        ),
        usual(
            "for an hour",
            vec![Licence {
                from: Some(minute(LICENCE_BEGINS)),
                until: Some(minute(LICENCE_ENDS)),
                ..whole()
            }],
        ),
        usual(
            "of a day",
            vec![Licence {
                archive_days: Some(1),
                ..whole()
            }],
        ),
        usual(
            "privileged",
            vec![Licence {
                privilege: true,
                ..whole()
            }],
        ),
        usual(
            "privileged excerpts of a day",
            vec![Licence {
                privilege: true,
                archive_days: Some(1),
                ..excerpt(40)
            }],
        ),
        // The first ends too early, of the next two the one with the lower id is chosen.
        usual(
            "many",
            vec![
                Licence {
                    until: Some(minute(LICENCE_ENDS)),
                    ..whole()
                },
                Licence {
                    until: Some(minute(100_000)),
                    ..whole()
                },
                Licence {
                    until: Some(minute(100_000)),
                    ..whole()
                },
                Licence {
                    extent: "headline",
                    privilege: true,
                    ..whole()
                },
                excerpt(40),
            ],
        ),
        // Axes are never joined: what the one lacks the other does not lend.
        usual(
            "halves",
            vec![
                Licence {
                    territories: &["US"],
                    ..whole()
                },
                Licence {
                    channels: &["web"],
                    ..whole()
                },
                Licence {
                    selects: tagged,
                    ..excerpt(40)
                },
            ],
        ),
        usual(
            "revoked",
            vec![Licence {
                is_off: true,
                ..whole()
            }],
        ),
        (
            "a machine",
            ClientKind::AiCrawler,
            Channel::Ai,
            "CN",
            vec![Licence {
                channels: &["ai"],
                ai: true,
                privilege: true,
                ..whole()
            }],
        ),
        (
            "a machine without leave",
            ClientKind::AiCrawler,
            Channel::Ai,
            "CN",
            vec![Licence {
                channels: &["ai", "syndication"],
                ..whole()
            }],
        ),
        usual("none", Vec::new()),
    ]
}

/// Makes the partners, their licences and their keys.
pub async fn build(app: &TestApp, desk: &Newsroom, works: &[Work]) -> Vec<Deal> {
    let mut deals = Vec::new();
    for (name, kind, channel, territory, licences) in plans() {
        let partner = app.made("/v1/partners", json!({"name": name})).await;
        let mut held = Vec::new();
        for licence in licences {
            let wire = on_the_wire(&licence, &partner, desk, works);
            let wire = match name {
                "suspended" => with(wire, json!({"status": "suspended"})),
                _ => wire,
            };
            let id = app.made("/v1/licences", wire).await;
            if name == "revoked" {
                let path = format!("/v1/licences/{id}");
                app.edit(&path, json!({"status": "revoked"}))
                    .await
                    .expect(200);
            }
            held.push(Licence { id, ..licence });
        }
        let mut terms = app.terms(ClientKind::Partner, channel);
        terms.name = name.to_owned();
        terms.kind = kind;
        terms.partner = PartnerId::parse(&partner);
        terms.territory = Territory::parse(territory);
        let (client, key) = app.key(terms);
        let known: &'static Key = Box::leak(Box::new(Key {
            channel: channel.as_str(),
            territory,
            licences: held,
        }));
        let reader = match kind {
            ClientKind::AiCrawler => Reader::Crawler(Some(known)),
            ClientKind::Partner | ClientKind::FirstParty => Reader::Partner(known),
        };
        deals.push(Deal {
            name,
            reader,
            key,
            client: client.to_string(),
            partner,
        });
    }
    deals
}

fn on_the_wire(licence: &Licence, partner: &str, desk: &Newsroom, works: &[Work]) -> Value {
    let sections = HashMap::from([
        ("economy", &desk.economy),
        ("trade", &desk.trade),
        ("ports", &desk.ports),
    ]);
    let of_name = |name: &str| works.iter().find(|work| work.name == name).unwrap();
    let source = |name: &&str| match *name {
        "own" => desk.own.clone(),
        name => of_name(name).source.clone(),
    };
    let Selects {
        sections: in_sections,
        sources,
        languages,
        tags,
        articles,
    } = licence.selects;
    let body = json!({
        "partner_id": partner, "extent": licence.extent, "channels": licence.channels, "territories": licence.territories,
        "valid_from": licence.from.map_or(json!("2026-01-01T00:00:00Z"), |from| json!(from)), "valid_until": licence.until,
        "embargo_privilege": licence.privilege, "archive_days": licence.archive_days, "ai_input": licence.ai,
        "selector": {
            "sections": in_sections.iter().map(|name| sections[name]).collect::<Vec<_>>(),
            "sources": sources.iter().map(source).collect::<Vec<_>>(),
            "languages": languages, "tags": tags,
            "articles": articles.iter().map(|name| of_name(name).id.clone()).collect::<Vec<_>>(),
        },
    });
    match licence.extent {
        "excerpt" => with(body, json!({"excerpt_chars": licence.chars})),
        _ => body,
    }
}
