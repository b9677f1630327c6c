-- What an article is, whatever its text says: its stage and its times. The text lives in versions.
CREATE TABLE articles (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    stage TEXT NOT NULL,
    head_version BIGINT NOT NULL,
    live_version BIGINT,
    publish_at TIMESTAMP,
    embargoed_until TIMESTAMP,
    unpublish_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    withdrawal_class TEXT,
    withdrawal_reason TEXT,
    created_by TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Immutable snapshots. `content` is all but the body, `body` the list of blocks, both JSON.
CREATE TABLE versions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    change_kind TEXT NOT NULL,
    note TEXT,
    digest TEXT NOT NULL,
    content TEXT NOT NULL,
    body TEXT NOT NULL,
    created_by TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, n)
);

-- What a version refers to: the engine itself keeps a register entry from vanishing under it.
CREATE TABLE version_references (
    article_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    position BIGINT NOT NULL,
    role TEXT NOT NULL,
    author_id TEXT REFERENCES authors (id),
    section_id TEXT REFERENCES sections (id),
    source_id TEXT REFERENCES sources (id),
    target_id TEXT REFERENCES articles (id),
    PRIMARY KEY (article_id, n, position),
    FOREIGN KEY (article_id, n) REFERENCES versions (article_id, n) ON DELETE CASCADE
);
CREATE INDEX version_references_author ON version_references (author_id, article_id);
CREATE INDEX version_references_section ON version_references (section_id, article_id);
CREATE INDEX version_references_source ON version_references (source_id, article_id);
CREATE INDEX version_references_target ON version_references (target_id, article_id);

-- Every slug that an article ever had. `seen` once readers could have met it: old ones answer 308.
CREATE TABLE article_slugs (
    slug TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    seen BOOLEAN NOT NULL
);
CREATE INDEX article_slugs_article ON article_slugs (article_id);

-- What lists look at, once for each side: `live` is what readers see, `head` what the desk sees.
-- No column is NULL where it sorts or bounds; the year 9999 stands for never.
CREATE TABLE article_listings (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    side TEXT NOT NULL,
    version BIGINT NOT NULL,
    stage TEXT NOT NULL,
    visible_from TIMESTAMP NOT NULL,
    visible_until TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    title_key TEXT NOT NULL,
    slug TEXT NOT NULL,
    section_id TEXT,
    source_id TEXT,
    editor_id TEXT,
    created_by TEXT,
    origin TEXT,
    language TEXT NOT NULL,
    genre TEXT NOT NULL,
    PRIMARY KEY (article_id, side)
);
CREATE INDEX article_listings_published ON article_listings (side, visible_from, article_id);
CREATE INDEX article_listings_updated ON article_listings (side, updated_at, article_id);
CREATE INDEX article_listings_title ON article_listings (side, title_key, article_id);
CREATE INDEX article_listings_section ON article_listings (side, section_id, visible_from, article_id);
CREATE INDEX article_listings_source ON article_listings (side, source_id, visible_from, article_id);
CREATE INDEX article_listings_editor ON article_listings (side, editor_id, visible_from, article_id);
CREATE INDEX article_listings_language ON article_listings (side, language, visible_from, article_id);
CREATE INDEX article_listings_stage ON article_listings (side, stage, visible_from, article_id);

CREATE TABLE article_tags (
    article_id TEXT NOT NULL,
    side TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (article_id, side, tag),
    FOREIGN KEY (article_id, side) REFERENCES article_listings (article_id, side) ON DELETE CASCADE
);
CREATE INDEX article_tags_tag ON article_tags (tag, side, article_id);

CREATE TABLE article_authors (
    article_id TEXT NOT NULL,
    side TEXT NOT NULL,
    author_id TEXT NOT NULL,
    PRIMARY KEY (article_id, side, author_id),
    FOREIGN KEY (article_id, side) REFERENCES article_listings (article_id, side) ON DELETE CASCADE
);
CREATE INDEX article_authors_author ON article_authors (author_id, side, article_id);
