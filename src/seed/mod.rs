//! Content for measuring: any number of published articles, the same ones for the same
//! seed. Words are drawn from a small stock; nothing of it is meant to be read.
//!
//! Start with [`fill`].

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Map;
use thiserror::Error;

use crate::articles::body::{Block, Body, BodyFault};
use crate::articles::model::{Content, Contribution, Dateline};
use crate::articles::store::bulk::{Batch, Finished, TABLES};
use crate::authors::model::{AuthorKind, Profile as Author};
use crate::db::filling::Filling;
use crate::db::{Actor, Db, DbError, StoreError, Tx, WriteCx};
use crate::grants::model::Terms;
use crate::kernel::id::{AuthorId, Mint, SectionId, SourceId};
use crate::kernel::language::{Language, Territory};
use crate::kernel::text::slugify;
use crate::notices::model::{Draft as Notice, Wording};
use crate::rights::{
    AiLabel, Alteration, Channel, Contact, ContributorRole, Extent, NoticeKind, Origin, Original,
    SourceKind,
};
use crate::sections::model::Draft as Section;
use crate::sources::model::Profile as Source;
use crate::{authors, grants, notices, sections, sources};

/// Articles that one transaction adds.
const BATCH: usize = 800;

/// Articles are a minute apart, over about six years, and then begin anew.
const MINUTES: i64 = 3_000_000;

const HAN: &[&str] = &[
    "港口",
    "经济",
    "城市",
    "新闻",
    "记者",
    "交通",
    "环境",
    "科学",
    "教育",
    "文化",
    "市场",
    "企业",
    "政策",
    "发展",
    "服务",
    "项目",
    "建设",
    "居民",
    "农业",
    "天气",
    "海洋",
    "技术",
    "研究",
    "投资",
    "博物馆",
    "图书馆",
    "铁路",
    "机场",
    "医院",
    "学校",
    "公园",
    "河流",
    "工程",
    "能源",
    "旅游",
    "体育",
    "音乐",
    "电影",
    "历史",
    "社区",
    "安全",
    "健康",
    "食品",
    "数据",
    "平台",
    "创新",
    "合作",
];
const LATIN: &[&str] = &[
    "harbour", "council", "budget", "river", "school", "market", "ferry", "bridge", "energy",
    "museum", "weather", "railway", "airport", "hospital", "festival", "science", "farmers",
    "workers", "report", "minister", "company", "station", "housing", "traffic", "coast",
];

/// Why the database was not filled.
#[derive(Debug, Error)]
pub enum SeedError {
    #[error("the database holds articles already; filling takes an empty one")]
    NotEmpty,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a text that was made is none: {0:?}")]
    Text(Vec<BodyFault>),
}

impl From<DbError> for SeedError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}

struct Registers {
    sections: Vec<SectionId>,
    people: Vec<AuthorId>,
    own: SourceId,
    others: Vec<SourceId>,
}

/// Fills an empty database with `count` published articles; `progress` is told after each batch.
/// What is cut off leaves a database without indexes: throw it away.
///
/// # Errors
/// [`SeedError`].
pub fn fill(
    db: &Db,
    count: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<(), SeedError> {
    let mut rng = StdRng::seed_from_u64(seed);
    // A time of its own, so that ids and times are the same in every run.
    let begin = Utc
        .with_ymd_and_hms(2020, 1, 1, 0, 0, 0)
        .single()
        .unwrap_or_default();
    let mint = Mint::seeded(seed);
    let cx = |now| WriteCx {
        actor: Actor::Operator,
        now,
        mint: mint.clone(),
        request_id: None,
        once: None,
    };
    let registers = db.write_now(&cx(begin), |tx| registers(tx, &mut rng))?;
    let mut origins = HashMap::from([(registers.own, Origin::Own)]);
    origins.extend(registers.others.iter().map(|id| (*id, Origin::Reprint)));
    let at = |n: usize| begin + TimeDelta::minutes(i64::try_from(n).unwrap_or_default() % MINUTES);
    // Texts are made on a thread of their own while the batch before is written. Ids of
    // articles have a mint of their own, so that the order of the two threads shows nowhere.
    let filling = Filling::begin(db, &TABLES)?;
    let (made, batches) = std::sync::mpsc::sync_channel::<Result<(usize, Batch), SeedError>>(2);
    let filled = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mint = Mint::seeded(seed.wrapping_add(1));
            for first in (0..count).step_by(BATCH) {
                let last = count.min(first + BATCH);
                let batch = (first..last)
                    .map(|n| work(&mint, &mut rng, &registers, n, at(n)))
                    .collect::<Result<Vec<_>, _>>()
                    .and_then(|works| Ok((last, Batch::prepare(&works, &origins, at(last))?)));
                if made.send(batch).is_err() {
                    return;
                }
            }
        });
        for batch in batches {
            let (done, batch) = batch?;
            db.write_now(&cx(at(done)), |tx| {
                batch.insert(tx).map_err(SeedError::from)
            })?;
            progress(done);
        }
        Ok(())
    });
    filling.finish()?;
    filled
}

fn registers(tx: &mut Tx<'_>, rng: &mut StdRng) -> Result<Registers, SeedError> {
    if crate::articles::store::bulk::any(tx.conn)? {
        return Err(SeedError::NotEmpty);
    }
    let now = tx.now();
    let mut made: Vec<SectionId> = Vec::new();
    for n in 0..24 {
        let id = tx.cx.mint.id(now);
        let name = format!("{}{n}", HAN[n % HAN.len()]);
        let parent_id = (n >= 6).then(|| made[n % 6]);
        let draft = Section {
            slug: Some(format!("section-{n}")),
            name,
            parent_id,
            position: i64::try_from(n).unwrap_or_default(),
            description: String::new(),
        };
        sections::store::insert(tx, id, &draft)?;
        made.push(id);
    }
    let mut people = Vec::new();
    for n in 0..60 {
        let id = tx.cx.mint.id(now);
        let name = format!("{}{n}", pick(rng, HAN));
        let profile = Author {
            real_name: Some(name.clone()),
            name,
            kind: if n < 10 {
                AuthorKind::Editor
            } else {
                AuthorKind::Reporter
            },
            bio: String::new(),
            contact: None,
            active: true,
        };
        authors::store::insert(tx, id, &profile)?;
        people.push(id);
    }
    let own = source(tx, "Seeded Daily", SourceKind::Own)?;
    let others = (0..8)
        .map(|n| source(tx, &format!("Other Paper {n}"), SourceKind::External))
        .collect::<Result<_, _>>()?;
    for kind in [
        NoticeKind::OwnWork,
        NoticeKind::Reprint,
        NoticeKind::Contact,
    ] {
        for tag in ["zh-Hans", "en"] {
            notice(tx, kind, tag, now)?;
        }
    }
    Ok(Registers {
        sections: made,
        people,
        own,
        others,
    })
}

fn source(tx: &mut Tx<'_>, name: &str, kind: SourceKind) -> Result<SourceId, SeedError> {
    let id = tx.cx.mint.id(tx.now());
    let profile = Source {
        name: name.to_owned(),
        credit_label: name.to_owned(),
        aliases: Vec::new(),
        official_forms: Default::default(),
        kind,
        homepage_url: None,
        registry: Vec::new(),
    };
    sources::store::insert(tx, id, &profile)?;
    if kind == SourceKind::External {
        let terms = Terms {
            channels: vec![Channel::Web, Channel::App, Channel::Syndication],
            territories: Territory::parse("CN").into_iter().collect(),
            valid_from: tx.now(),
            valid_until: None,
            max_extent: Extent::Full,
            may_redistribute: true,
            alteration: Alteration::None,
            ai_input: false,
            ai_train: false,
            evidence_ref: None,
        };
        let grant = tx.cx.mint.id(tx.now());
        grants::store::insert(tx, grant, id, &terms)?;
    }
    Ok(id)
}

fn notice(
    tx: &mut Tx<'_>,
    kind: NoticeKind,
    tag: &str,
    now: DateTime<Utc>,
) -> Result<(), SeedError> {
    let Some(language) = Language::parse(tag) else {
        return Ok(());
    };
    let contact = kind == NoticeKind::Contact;
    let id = tx.cx.mint.id(now);
    let draft = Notice {
        kind,
        language,
        wording: Wording {
            text: format!("Seeded notice of kind {} in {tag}.", kind.as_str()),
            contact: contact.then(|| Contact {
                desk: "Newsroom".to_owned(),
                phone: None,
                email: Some("desk@news.example.org".to_owned()),
            }),
            claim_window_days: contact.then_some(30),
            effective_from: now,
        },
    };
    notices::store::insert(tx, id, &draft)?;
    Ok(())
}

fn work(
    mint: &Mint,
    rng: &mut StdRng,
    registers: &Registers,
    n: usize,
    published_at: DateTime<Utc>,
) -> Result<Finished, SeedError> {
    let chinese = rng.random_bool(0.7);
    let words = if chinese { HAN } else { LATIN };
    let between = if chinese { "" } else { " " };
    let phrase = |rng: &mut StdRng, length: usize| -> String {
        (0..length)
            .map(|_| pick(rng, words))
            .collect::<Vec<_>>()
            .join(between)
    };
    let title = format!("{} {n}", phrase(rng, 6));
    let (stop, gap) = if chinese { ("。", "") } else { (".", " ") };
    let blocks = (0..10)
        .map(|at| {
            if at % 4 == 3 {
                return Block::Heading {
                    level: 2,
                    text: phrase(rng, 5),
                };
            }
            let sentences: Vec<String> = (0..6).map(|_| phrase(rng, 14) + stop).collect();
            Block::Paragraph {
                text: sentences.join(gap),
            }
        })
        .collect();
    let reprint = rng.random_bool(0.2);
    let source = if reprint {
        pick(rng, &registers.others)
    } else {
        registers.own
    };
    let reporter = pick(rng, &registers.people[10..]);
    let language = if chinese { "zh-Hans" } else { "en" };
    let content = Content {
        slug: format!("{}-{n}", slugify(&phrase(rng, 2))),
        summary: phrase(rng, 10) + stop,
        title: title.clone(),
        subtitle: None,
        language: Language::parse(language).ok_or(StoreError::NotFound)?,
        genre: pick(rng, &["news", "analysis", "feature"]).to_owned(),
        dateline: Some(Dateline {
            place: Some(pick(rng, words).to_owned()),
            date: Some(published_at.date_naive()),
            agency: Some("Seeded Daily".to_owned()),
        }),
        body: Body::from_blocks(blocks).map_err(SeedError::Text)?,
        section_id: Some(pick(rng, &registers.sections)),
        tags: vec![pick(rng, words).to_owned()],
        contributors: if reprint {
            Vec::new()
        } else {
            vec![Contribution {
                author_id: reporter,
                role: ContributorRole::Reporter,
            }]
        },
        source_id: Some(source),
        editor_id: Some(pick(rng, &registers.people[..10])),
        end_mark: None,
        ai_label: AiLabel::None,
        seo: None,
        related: Vec::new(),
        translation_of: None,
        original: reprint.then(|| Original {
            title: Some(title),
            authors: vec!["Somebody Else".to_owned()],
            url: Some(format!("https://paper.example.com/{n}")),
            ..Original::default()
        }),
        corrections: Vec::new(),
        extra: Map::new(),
    };
    Ok(Finished {
        id: mint.id(published_at),
        content,
        published_at,
    })
}

fn pick<T: Copy>(rng: &mut StdRng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}
