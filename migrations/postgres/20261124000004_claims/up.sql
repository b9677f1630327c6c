-- Complaints. What is personal (claimant, grounds, counter_notice, internal_note, fingerprint, subject) may be NULL: it
-- is blanked when its time is over. An article is named without a foreign key: anyone may name one, and a draft that
-- nobody saw can still be deleted. What must not be deleted stands in legal_holds.
CREATE TABLE claims (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    requested_action TEXT NOT NULL,
    subject TEXT,
    article_id TEXT COLLATE "C",
    claimant TEXT,
    grounds TEXT,
    fingerprint TEXT COLLATE "C",
    token_hash TEXT COLLATE "C" NOT NULL,
    published_at TIMESTAMP,
    window_days BIGINT,
    window_ends_at TIMESTAMP,
    within_window BOOLEAN,
    received_at TIMESTAMP NOT NULL,
    acknowledged_at TIMESTAMP,
    decided_at TIMESTAMP,
    decision TEXT,
    remedy TEXT,
    decision_reason TEXT,
    counter_notice TEXT,
    countered_at TIMESTAMP,
    restored_at TIMESTAMP,
    closed_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    internal_note TEXT,
    due_at TIMESTAMP NOT NULL,
    erase_at TIMESTAMP NOT NULL,
    personal_data_erased_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX claims_stage ON claims (stage, id);
CREATE INDEX claims_kind ON claims (kind, id);
CREATE INDEX claims_article ON claims (article_id, id);
CREATE INDEX claims_within_window ON claims (within_window, id);
CREATE INDEX claims_fingerprint ON claims (fingerprint, received_at);
CREATE INDEX claims_received ON claims (received_at);
CREATE INDEX claims_due ON claims (due_at);
CREATE INDEX claims_erase ON claims (erase_at);

CREATE TABLE claim_messages (
    claim_id TEXT COLLATE "C" NOT NULL REFERENCES claims (id),
    n BIGINT NOT NULL,
    author TEXT NOT NULL,
    user_id TEXT COLLATE "C",
    text TEXT,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (claim_id, n)
);

-- What stood when the evidence was frozen. While released_at is NULL, article and source cannot be deleted.
CREATE TABLE legal_holds (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    claim_id TEXT COLLATE "C" NOT NULL REFERENCES claims (id),
    article_id TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C",
    frozen_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    text_digest TEXT NOT NULL,
    source TEXT,
    ledger_count BIGINT NOT NULL,
    ledger_digest TEXT NOT NULL,
    is_interim BOOLEAN NOT NULL,
    released_at TIMESTAMP
);
CREATE INDEX legal_holds_claim ON legal_holds (claim_id, id);
CREATE INDEX legal_holds_article ON legal_holds (article_id, id);
CREATE INDEX legal_holds_source ON legal_holds (source_id, id);

-- The rows of the ledger that a hold covers: ids alone do not tell what was there, since they are made before the commit.
CREATE TABLE legal_hold_deliveries (
    hold_id TEXT COLLATE "C" NOT NULL REFERENCES legal_holds (id),
    delivery_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (hold_id, delivery_id)
);
