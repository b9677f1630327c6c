-- Long work: what was asked for, by whom, and how far it is. `lease_until` lies in the past where nobody works on it.
CREATE TABLE jobs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    error TEXT,
    created_by TEXT COLLATE "C" NOT NULL,
    request_id TEXT,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    lease_owner TEXT COLLATE "C",
    lease_until TIMESTAMP NOT NULL,
    items_kept BOOLEAN NOT NULL
);
CREATE INDEX jobs_created_by ON jobs (created_by, id);
CREATE INDEX jobs_open ON jobs (state, lease_until, id);
CREATE INDEX jobs_kept ON jobs (items_kept, finished_at, id);

-- What a job does, one row each, in the order in which it was asked for. The outcome is written with the effect.
CREATE TABLE job_items (
    job_id TEXT COLLATE "C" NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    target_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    status INTEGER,
    revision BIGINT,
    problem TEXT,
    PRIMARY KEY (job_id, n)
);
CREATE INDEX job_items_state ON job_items (job_id, state, n);
