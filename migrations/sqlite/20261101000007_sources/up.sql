CREATE TABLE sources (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    credit_label TEXT NOT NULL,
    aliases TEXT NOT NULL,
    official_forms TEXT NOT NULL,
    kind TEXT NOT NULL,
    homepage_url TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX sources_name ON sources (name_key, id);

-- Every name by which a source is known (name, credit label, aliases), after NFKC.
-- A name means one source: an exact match decides whose work a page is.
CREATE TABLE source_names (
    name_key TEXT NOT NULL PRIMARY KEY,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX source_names_source ON source_names (source_id);

-- On which dated editions of the list of permitted sources a source stands.
CREATE TABLE source_registrations (
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    list_edition TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    PRIMARY KEY (source_id, position)
);
CREATE INDEX source_registrations_period ON source_registrations (valid_from, valid_until);

CREATE TABLE inbound_grants (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    channels TEXT NOT NULL,
    territories TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    max_extent TEXT NOT NULL,
    may_redistribute BOOLEAN NOT NULL,
    alteration TEXT NOT NULL,
    ai_input BOOLEAN NOT NULL,
    ai_train BOOLEAN NOT NULL,
    evidence_ref TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX inbound_grants_source ON inbound_grants (source_id, id);
