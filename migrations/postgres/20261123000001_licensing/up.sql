CREATE TABLE partners (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    contact TEXT,
    homepage_url TEXT,
    ended_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX partners_name ON partners (name_key, id);

-- What we grant a partner. What it selects stands in licence_selections.
CREATE TABLE licences (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    extent TEXT NOT NULL,
    excerpt_chars BIGINT,
    channels TEXT NOT NULL,
    territories TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    alteration TEXT NOT NULL,
    embargo_privilege BOOLEAN NOT NULL,
    archive_days BIGINT,
    quota_per_day BIGINT,
    cache_max_age_seconds BIGINT NOT NULL,
    removal_deadline_hours BIGINT NOT NULL,
    indexing TEXT NOT NULL,
    ai_input BOOLEAN NOT NULL,
    ai_train BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    contract_ref TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX licences_partner ON licences (partner_id, id);

-- One row for each thing that a licence names: a section, source or article by id, a language or tag by word.
CREATE TABLE licence_selections (
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    section_id TEXT COLLATE "C" REFERENCES sections (id),
    source_id TEXT COLLATE "C" REFERENCES sources (id),
    article_id TEXT COLLATE "C" REFERENCES articles (id),
    language TEXT,
    tag TEXT,
    PRIMARY KEY (licence_id, position)
);
CREATE INDEX licence_selections_section ON licence_selections (section_id);
CREATE INDEX licence_selections_source ON licence_selections (source_id);
CREATE INDEX licence_selections_article ON licence_selections (article_id);

-- The partner on whose behalf a key is used. Partners are never deleted.
ALTER TABLE clients ADD COLUMN partner_id TEXT COLLATE "C";
CREATE INDEX clients_partner ON clients (partner_id, id);

-- The ledger: one row for each body given to a partner, written before its headers leave. Rows are never changed.
CREATE TABLE deliveries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    licence_id TEXT COLLATE "C" NOT NULL,
    licence_revision BIGINT NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    section_id TEXT COLLATE "C",
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    credit_line TEXT NOT NULL,
    extent TEXT NOT NULL,
    format TEXT NOT NULL,
    surface TEXT NOT NULL,
    attestation_id TEXT COLLATE "C",
    request_id TEXT
);
CREATE INDEX deliveries_day ON deliveries (day, partner_id);
CREATE INDEX deliveries_partner ON deliveries (partner_id, id);
CREATE INDEX deliveries_article ON deliveries (article_id, id);
CREATE INDEX deliveries_licence ON deliveries (licence_id, id);
CREATE INDEX deliveries_client ON deliveries (client_id, id);
CREATE INDEX deliveries_section ON deliveries (section_id, id);

-- How many bodies a licence gave out on a day (UTC): what quotas are held against.
CREATE TABLE delivery_counts (
    licence_id TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    delivered BIGINT NOT NULL,
    PRIMARY KEY (licence_id, day)
);

-- Signed statements of what was licensed to whom; reused for the same subject until near their end.
CREATE TABLE attestations (
    jti TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    subject TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL,
    licence_id TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    token TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX attestations_subject ON attestations (subject, expires_at);
CREATE INDEX attestations_licence ON attestations (licence_id);
