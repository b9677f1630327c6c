-- What each API client is told of the works that it may read beyond a stub: a log of its own, with numbers of its own,
-- so that nothing in it counts what the client cannot see. It is begun when the client first asks.
--
-- `seen_seq` and `seen_at` are how far in the change log and in time the log has come. While all works are gone through,
-- `sweep_after` is the last one that was looked at, and `sweep_again` says that it begins anew after the last.
CREATE TABLE client_feeds (
    client_id TEXT NOT NULL PRIMARY KEY REFERENCES clients (id),
    revision BIGINT NOT NULL,
    last_n BIGINT NOT NULL,
    seen_seq BIGINT NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    sweep_after TEXT,
    sweep_again BOOLEAN NOT NULL
);

CREATE TABLE client_changes (
    client_id TEXT NOT NULL REFERENCES client_feeds (client_id),
    n BIGINT NOT NULL,
    id TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    kind TEXT NOT NULL,
    article_id TEXT NOT NULL,
    version BIGINT,
    extent TEXT,
    reason_class TEXT,
    advisory_id TEXT,
    PRIMARY KEY (client_id, n)
);
CREATE UNIQUE INDEX client_changes_id ON client_changes (client_id, id);

-- What the client was last told that it has: `is_gone` after a withdrawal. `seen_seq` is the line of the change log up to
-- which it was told, `recheck_at` the first instant at which the decision may be another.
CREATE TABLE client_holdings (
    client_id TEXT NOT NULL REFERENCES client_feeds (client_id),
    article_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    is_embargoed BOOLEAN NOT NULL,
    is_gone BOOLEAN NOT NULL,
    seen_seq BIGINT NOT NULL,
    fingerprint TEXT NOT NULL,
    recheck_at TIMESTAMP,
    PRIMARY KEY (client_id, article_id)
);
CREATE INDEX client_holdings_recheck ON client_holdings (client_id, recheck_at);

-- Whether any of these began or ended between two instants.
CREATE INDEX inbound_grants_from ON inbound_grants (valid_from);
CREATE INDEX inbound_grants_until ON inbound_grants (valid_until);
CREATE INDEX notice_revisions_effective ON notice_revisions (effective_from);
