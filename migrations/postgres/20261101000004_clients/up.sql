CREATE TABLE clients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    territory TEXT,
    scopes TEXT NOT NULL,
    key_hash TEXT COLLATE "C" NOT NULL,
    key_hint TEXT NOT NULL,
    publishable BOOLEAN NOT NULL,
    allowed_origins TEXT NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX clients_key ON clients (key_hash);
CREATE INDEX clients_publishable ON clients (publishable, id);
