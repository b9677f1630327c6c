CREATE TABLE notices (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX notices_kind_language ON notices (kind, language);

-- Revisions never change; the one in force at an instant is given out.
CREATE TABLE notice_revisions (
    notice_id TEXT COLLATE "C" NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    text TEXT NOT NULL,
    contact TEXT,
    claim_window_days BIGINT,
    effective_from TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C",
    PRIMARY KEY (notice_id, n)
);
