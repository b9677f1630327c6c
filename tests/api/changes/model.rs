//! Random operations on two nodes at once, against a simple model; consumers that are killed at random
//! end with what they are entitled to. `just changes-model` runs 20,000 steps on each engine.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join;
use masthead::http::auth::ClientKind;
use masthead::rights::Channel;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::world::{About, Consumer, EXTENTS, Licence, WORKS, Work, World};
use crate::support::newsroom::{Newsroom, with};
use crate::support::{TestApp, both_engines};

/// Steps between two looks at whether the consumers have what they may have.
const CHECK: usize = 200;

/// How much later another node may hear of a change. Then it looks for itself.
const LATEST: Duration = Duration::from_secs(1);

struct Run {
    nodes: [TestApp; 2],
    desk: Newsroom,
    rng: StdRng,
    world: World,
    counts: BTreeMap<&'static str, usize>,
}

/// What is done in one step, and how the model takes it.
enum Step {
    Publish(Work, Value),
    Act {
        work: usize,
        action: &'static str,
        body: Value,
    },
    Move {
        work: usize,
        section: String,
        is_of_ports: bool,
    },
    License {
        licence: usize,
        change: Value,
        then: Licence,
    },
    Grant {
        is_granted: bool,
    },
    Rename(String),
    Nothing,
}

impl Run {
    fn soon(&mut self, most_minutes: i64) -> DateTime<Utc> {
        self.nodes[0].clock.now() + TimeDelta::minutes(self.rng.random_range(1..=most_minutes))
    }

    fn pick(&mut self, fits: impl Fn(&Work, DateTime<Utc>) -> bool) -> Option<usize> {
        let now = self.nodes[0].clock.now();
        let all = self.world.works.iter().enumerate();
        let fit: Vec<usize> = all
            .filter(|(_, work)| !work.is_taken && fits(work, now))
            .map(|(at, _)| at)
            .collect();
        (!fit.is_empty()).then(|| fit[self.rng.random_range(0..fit.len())])
    }

    fn choose(&mut self) -> Step {
        let act = |work: Option<usize>, action, body| match work {
            Some(work) => Step::Act { work, action, body },
            None => Step::Nothing,
        };
        match self.rng.random_range(0..100) {
            0..12 => self.new_work(false),
            12..18 => self.new_work(true),
            18..40 => {
                let change = json!({"public_note": "An earlier version was wrong."});
                act(self.pick(Work::is_live_then), "correct", change)
            }
            40..54 => {
                let class = ["editorial", "legal"][self.rng.random_range(0..2)];
                act(
                    self.pick(|work, now| work.is_live_then(now) && work.visible_from() < now),
                    "withdraw",
                    json!({"reason_class": class, "reason": "The figures could not be confirmed."}),
                )
            }
            54..68 => act(
                self.pick(|work, _| work.is_withdrawn),
                "reinstate",
                json!({}),
            ),
            68..78 => match self.pick(Work::is_live_then) {
                Some(work) => {
                    let is_of_ports = self.rng.random();
                    let section = if is_of_ports {
                        self.desk.ports.clone()
                    } else {
                        self.desk.economy.clone()
                    };
                    Step::Move {
                        work,
                        section,
                        is_of_ports,
                    }
                }
                None => Step::Nothing,
            },
            78..90 => self.license(),
            90..94 => Step::Grant {
                is_granted: !self.world.is_granted,
            },
            94..96 => Step::Rename(format!("Lin Y. {}", self.rng.random::<u16>())),
            _ => Step::Nothing,
        }
    }

    fn new_work(&mut self, is_scheduled: bool) -> Step {
        if self.world.works.len() >= WORKS {
            return Step::Nothing;
        }
        let now = self.nodes[0].clock.now();
        let (is_own, is_of_ports, is_tagged) =
            (self.rng.random(), self.rng.random(), self.rng.random());
        let section = if is_of_ports {
            &self.desk.ports
        } else {
            &self.desk.economy
        };
        let tags = if is_tagged {
            json!(["port"])
        } else {
            json!([])
        };
        let more = json!({"section_id": section, "tags": tags});
        let work = if is_own {
            self.desk.own_work("Quay opens")
        } else {
            self.desk.reprint_of(&self.desk.wire, "Quay to open")
        };
        let document = with(work, more);
        let mut work = Work {
            id: String::new(),
            is_own,
            is_of_ports,
            is_tagged,
            publish_at: now,
            embargoed_until: None,
            unpublish_at: None,
            is_withdrawn: false,
            is_taken: false,
        };
        if is_scheduled {
            work.publish_at = self.soon(30);
            let minutes = TimeDelta::minutes(self.rng.random_range(1..=90));
            work.embargoed_until = self.rng.random::<bool>().then(|| work.publish_at + minutes);
            work.unpublish_at = self
                .rng
                .random::<bool>()
                .then(|| work.visible_from() + TimeDelta::minutes(self.rng.random_range(1..=90)));
        }
        Step::Publish(work, document)
    }

    fn license(&mut self) -> Step {
        let licence = self.rng.random_range(0..self.world.licences.len());
        let mut then = self.world.licences[licence].clone();
        let change = match self.rng.random_range(0..4) {
            0 | 1 => {
                then.is_active = !then.is_active;
                json!({"status": if then.is_active { "active" } else { "suspended" }})
            }
            2 => {
                then.extent = EXTENTS[self.rng.random_range(0..EXTENTS.len())];
                json!({"extent": then.extent, "excerpt_chars": (then.extent == "excerpt").then_some(60)})
            }
            _ => {
                then.from = self.soon(20);
                then.until = self
                    .rng
                    .random::<bool>()
                    .then(|| then.from + TimeDelta::minutes(self.rng.random_range(1..=60)));
                json!({"valid_from": then.from, "valid_until": then.until})
            }
        };
        Step::License {
            licence,
            change,
            then,
        }
    }

    /// Does it on a node, and tells how the model changes.
    async fn act(&self, node: usize, step: &Step) -> Option<String> {
        let app = &self.nodes[node];
        let article = |work: usize| format!("/v1/articles/{}", self.world.works[work].id);
        match step {
            Step::Publish(work, document) => {
                let id = app.draft(document.clone()).await;
                let (action, times) = match work.visible_from() > app.clock.now()
                    || work.unpublish_at.is_some()
                {
                    true => (
                        "schedule",
                        json!({"publish_at": work.publish_at, "embargoed_until": work.embargoed_until, "unpublish_at": work.unpublish_at}),
                    ),
                    false => ("publish", json!({})),
                };
                app.post(&format!("/v1/articles/{id}/{action}"), times)
                    .by_admin()
                    .await
                    .expect(200);
                return Some(id);
            }
            Step::Act { work, action, body } => {
                app.post(&format!("{}/{action}", article(*work)), body.clone())
                    .by_admin()
                    .await
                    .expect(200);
            }
            Step::Move { work, section, .. } => {
                app.edit(&article(*work), json!({"section_id": section}))
                    .await
                    .expect(200);
                app.post(&format!("{}/publish", article(*work)), json!({}))
                    .by_admin()
                    .await
                    .expect(200);
            }
            Step::License {
                licence, change, ..
            } => {
                let path = format!("/v1/licences/{}", self.world.licences[*licence].id);
                app.edit(&path, change.clone()).await.expect(200);
            }
            Step::Grant { is_granted } => {
                let channels = if *is_granted {
                    json!(["web", "app", "syndication"])
                } else {
                    json!(["web", "app"])
                };
                app.edit(
                    &format!("/v1/grants/{}", self.desk.wire_grant),
                    json!({"channels": channels}),
                )
                .await
                .expect(200);
            }
            Step::Rename(name) => {
                app.edit(
                    &format!("/v1/authors/{}", self.desk.reporter),
                    json!({"name": name}),
                )
                .await
                .expect(200);
            }
            Step::Nothing => {}
        }
        None
    }

    fn take(&mut self, step: Step, made: Option<String>) {
        let kind = match &step {
            Step::Publish(..) => "publish",
            Step::Act { action, .. } => action,
            Step::Move { .. } => "move",
            Step::License { .. } => "license",
            Step::Grant { .. } => "grant",
            Step::Rename(_) => "rename",
            Step::Nothing => "nothing",
        };
        *self.counts.entry(kind).or_default() += 1;
        match step {
            Step::Publish(work, _) => self.world.works.push(Work {
                id: made.unwrap(),
                ..work
            }),
            Step::Act { work, action, .. } => {
                let work = &mut self.world.works[work];
                work.is_taken = false;
                match action {
                    "withdraw" => work.is_withdrawn = true,
                    "reinstate" => work.is_withdrawn = false,
                    _ => {}
                }
            }
            Step::Move {
                work, is_of_ports, ..
            } => {
                let work = &mut self.world.works[work];
                (work.is_taken, work.is_of_ports) = (false, is_of_ports);
            }
            Step::License { licence, then, .. } => self.world.licences[licence] = then,
            Step::Grant { is_granted } => self.world.is_granted = is_granted,
            Step::Rename(_) | Step::Nothing => {}
        }
    }

    /// Two steps at once, one on each node, on different things.
    async fn both(&mut self, consumers: &mut [Consumer; 2]) {
        let first = self.choose();
        if let Step::Act { work, .. } | Step::Move { work, .. } = &first {
            self.world.works[*work].is_taken = true;
        }
        let mut second = self.choose();
        let clashes = match (&first, &second) {
            (Step::License { licence: one, .. }, Step::License { licence: other, .. }) => {
                one == other
            }
            (Step::Grant { .. }, Step::Grant { .. }) | (Step::Rename(_), Step::Rename(_)) => true,
            _ => false,
        };
        if clashes {
            second = Step::Nothing;
        }
        let polls: Vec<(usize, usize, u32, Option<usize>)> = (0..2)
            .map(|consumer| {
                let killed = self
                    .rng
                    .random_bool(0.3)
                    .then(|| self.rng.random_range(0..6));
                (
                    consumer,
                    self.rng.random_range(0..2),
                    self.rng.random_range(1..=20),
                    killed,
                )
            })
            .collect();
        let [one, other] = consumers;
        let polled = async {
            let (_, node, limit, killed) = polls[0];
            one.poll(&self.nodes[node], limit, killed).await;
            let (_, node, limit, killed) = polls[1];
            other.poll(&self.nodes[node], limit, killed).await;
        };
        let acted = join(self.act(0, &first), self.act(1, &second));
        let ((made_first, made_second), ()) = join(acted, polled).await;
        self.take(first, made_first);
        self.take(second, made_second);
    }

    async fn check(&mut self, consumers: &mut [Consumer; 2]) {
        let now = self.nodes[0].clock.now();
        let expected = [self.world.partners(now), self.world.apps(now)];
        for (consumer, expected) in consumers.iter_mut().zip(expected) {
            let node = self.rng.random_range(0..2);
            while !consumer.poll(&self.nodes[node], 100, None).await {}
            let has = consumer.has();
            let expected: BTreeMap<String, &str> = expected;
            assert_eq!(has, expected, "at {now}");
            for (id, (extent, version)) in &consumer.held {
                let told = (json!(version), json!(extent));
                self.read_as_told(node, &consumer.key, id, told).await;
            }
        }
    }

    /// What is read is what was told. The other node may have changed a licence just now: of that this one
    /// hears within a second.
    async fn read_as_told(&self, node: usize, key: &str, id: &str, told: (Value, Value)) {
        let begun = Instant::now();
        loop {
            let asked_after = begun.elapsed();
            let answer = self.nodes[node]
                .get(&format!("/v1/articles/{id}"))
                .key(key)
                .send_unchecked()
                .await
                .expect(200)
                .json();
            let read = (
                answer["version"].clone(),
                answer["attribution"]["usage"]["extent"].clone(),
            );
            if read == told {
                return;
            }
            assert!(asked_after < LATEST, "{id}: read {read:?}, told {told:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn run(app: TestApp, steps: usize, seed: u64) {
    let desk = app.newsroom().await;
    let mut deal = app.deal("Coastal Gazette", &[]).await;
    let now = app.clock.now();
    let mut licences = Vec::new();
    for (about, selector, extent, has_privilege) in [
        (
            About::Ports,
            json!({"sections": [desk.ports]}),
            "full",
            false,
        ),
        (
            About::Wire,
            json!({"sources": [desk.wire]}),
            "excerpt",
            false,
        ),
        (About::Tagged, json!({"tags": ["port"]}), "headline", true),
    ] {
        let chars = (extent == "excerpt").then_some(60);
        let terms = json!({"selector": selector, "extent": extent, "excerpt_chars": chars, "embargo_privilege": has_privilege, "valid_from": now});
        let id = app.license(&mut deal, terms).await;
        licences.push(Licence {
            id,
            about,
            extent,
            has_privilege,
            is_active: true,
            from: now,
            until: None,
        });
    }
    let app_key = app.key(app.terms(ClientKind::FirstParty, Channel::App)).1;
    let other = app.beside(seed + 1).await;
    let world = World {
        works: Vec::new(),
        licences,
        is_granted: false,
    };
    let mut run = Run {
        nodes: [app, other],
        desk,
        rng: StdRng::seed_from_u64(seed),
        world,
        counts: BTreeMap::new(),
    };
    let mut consumers = [Consumer::new(deal.key.clone()), Consumer::new(app_key)];
    while run.done() < steps {
        for _ in 0..CHECK / 2 {
            run.both(&mut consumers).await;
            if run.rng.random_bool(0.2) {
                let seconds = run.rng.random_range(1..=600);
                run.nodes[0].clock.advance(TimeDelta::seconds(seconds));
            }
            if run.rng.random_bool(0.05) {
                let node = run.rng.random_range(0..2);
                run.nodes[node].chores().await;
            }
        }
        run.check(&mut consumers).await;
        // Works come to their end, so that there is room for others.
        run.retire().await;
    }
    run.check(&mut consumers).await;
    // Whoever begins with nothing ends with the same, and is told nothing twice; whoever begins
    // anywhere is told the rest.
    for consumer in &consumers {
        let whole = run.told(&consumer.key, None).await;
        let mut fresh = Consumer::new(consumer.key.clone());
        whole.iter().for_each(|entry| fresh.apply(entry));
        assert_eq!(fresh.held, consumer.held);
        let id = |entry: &Value| entry["id"].as_str().unwrap().to_owned();
        let ids: BTreeSet<String> = whole.iter().map(id).collect();
        assert_eq!(ids.len(), whole.len());
        for _ in 0..10 {
            let at = run.rng.random_range(0..whole.len());
            let rest = run.told(&consumer.key, Some(id(&whole[at]))).await;
            assert!(rest == whole[at + 1..], "after entry {at}");
        }
    }
    // It was worth the while.
    for kind in [
        "publish",
        "correct",
        "withdraw",
        "reinstate",
        "move",
        "license",
        "grant",
        "rename",
    ] {
        assert!(
            run.counts.get(kind).is_some_and(|count| *count > 0),
            "{kind}: {:?}",
            run.counts
        );
    }
}

impl Run {
    /// Operations that were done.
    fn done(&self) -> usize {
        let counts = self.counts.iter().filter(|(kind, _)| **kind != "nothing");
        counts.map(|(_, count)| count).sum()
    }

    /// All that a key is told after an entry, or from the beginning.
    async fn told(&self, key: &str, mut after: Option<String>) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let query = after.map(|id| format!("&after={id}")).unwrap_or_default();
            let ask = self.nodes[0].get(&format!("/v1/changes?limit=100{query}"));
            let page = ask.key(key).send_unchecked().await.expect(200).json();
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["page"]["is_caught_up"] == true {
                return all;
            }
            after = page["page"]["next"].as_str().map(str::to_owned);
        }
    }

    /// Forgets the works that are over for good: their readers were told by now.
    async fn retire(&mut self) {
        let now = self.nodes[0].clock.now();
        let over = |work: &Work| work.unpublish_at.is_some_and(|at| at <= now);
        self.world.works.retain(|work| !over(work));
        while self.world.works.len() > WORKS * 3 / 4 {
            let at = self.rng.random_range(0..self.world.works.len());
            let work = self.world.works.remove(at);
            if !work.is_withdrawn && work.is_live(now) && work.visible_from() < now {
                self.nodes[0]
                    .withdraw(&work.id, "editorial")
                    .await
                    .expect(200);
            } else if !work.is_withdrawn {
                self.world.works.push(work);
                return;
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long it is to go on is said by its environment"
)]
fn steps() -> usize {
    let steps = std::env::var("MASTHEAD_TEST_STEPS").ok();
    steps.and_then(|steps| steps.parse().ok()).unwrap_or(400)
}

both_engines! {
    async fn consumers_end_with_what_they_may_have(app) {
        run(app, steps(), 1).await;
    }
}
