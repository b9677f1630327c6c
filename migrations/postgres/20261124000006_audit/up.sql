-- The audit log gets numbers: `seq` is taken inside the write's own transaction, so it is gapless
-- and in commit order. What is there is numbered by id, which is by the millisecond.
-- The table is made anew, so that no default stands in for a number that somebody forgot.
CREATE TABLE audit_events_numbered (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    request_id TEXT,
    detail TEXT
);
INSERT INTO audit_events_numbered (id, seq, at, actor_kind, actor_id, action, resource, resource_id, request_id, detail)
    SELECT id, ROW_NUMBER() OVER (ORDER BY id), at, actor_kind, actor_id, action, resource, resource_id, request_id, detail
    FROM audit_events;
DROP TABLE audit_events;
ALTER TABLE audit_events_numbered RENAME TO audit_events;
CREATE UNIQUE INDEX audit_events_seq ON audit_events (seq);
-- Lists go by time and, within an instant, by number: newest first.
CREATE INDEX audit_events_at ON audit_events (at, seq);
CREATE INDEX audit_events_actor ON audit_events (actor_id, at, seq);
CREATE INDEX audit_events_actor_kind ON audit_events (actor_kind, at, seq);
CREATE INDEX audit_events_action ON audit_events (action, resource, at, seq);
CREATE INDEX audit_events_noun ON audit_events (resource, at, seq);
CREATE INDEX audit_events_resource ON audit_events (resource_id, at, seq);

-- The chain: each event's seal is a hash over the one before it and the event. Written afterwards,
-- by one sealer at a time.
CREATE TABLE audit_seals (
    seq BIGINT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    sealed_at TIMESTAMP NOT NULL
);
