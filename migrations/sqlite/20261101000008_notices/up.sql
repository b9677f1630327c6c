CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX notices_kind_language ON notices (kind, language);

-- Revisions never change; the one in force at an instant is given out.
CREATE TABLE notice_revisions (
    notice_id TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    text TEXT NOT NULL,
    contact TEXT,
    claim_window_days BIGINT,
    effective_from TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT,
    PRIMARY KEY (notice_id, n)
);
