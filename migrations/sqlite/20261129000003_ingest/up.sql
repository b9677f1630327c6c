-- Pages that were taken in, each once: what came, byte for byte, and what was made of it.
CREATE TABLE ingests (
    id TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the bytes.
    digest TEXT NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    media_type TEXT NOT NULL,
    report TEXT NOT NULL,
    -- The bytes, compressed (zstd), in Base64.
    raw TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ingests_digest ON ingests (digest);
CREATE INDEX ingests_article ON ingests (article_id);

-- Items of wires, as they stand by the last version that came.
CREATE TABLE wire_items (
    -- SHA-256 of the guid, which may be longer than an index takes.
    guid_key TEXT NOT NULL PRIMARY KEY,
    guid TEXT NOT NULL,
    version TEXT,
    version_created_at TIMESTAMP,
    -- Of the item's canonical text.
    digest TEXT NOT NULL,
    status TEXT NOT NULL,
    article_id TEXT REFERENCES articles (id) ON DELETE SET NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX wire_items_article ON wire_items (article_id);
