-- Where a client's log is pushed to. `position` is the last number of that log which has become messages, `last_n` the last
-- number given to a message. What is older than `starts_at` is passed over, up to the number `passes_until` of the log; while a
-- webhook `begins`, what the client had already is, too. Secrets are sealed.
CREATE TABLE webhooks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    url TEXT NOT NULL,
    description TEXT,
    types TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until TIMESTAMP,
    position BIGINT NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    begins BOOLEAN NOT NULL,
    passes_until BIGINT NOT NULL,
    last_n BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    held_until TIMESTAMP NOT NULL,
    last_delivered_at TIMESTAMP,
    disabled_at TIMESTAMP,
    disabled_reason TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX webhooks_client ON webhooks (client_id, id);
CREATE INDEX webhooks_enabled ON webhooks (enabled, id);
CREATE INDEX webhooks_reason ON webhooks (disabled_reason, id);

-- The outbox, and the log of what was delivered. Of a stream (an article of a webhook) the eldest unfinished message is
-- `due` or `failed`; those behind it wait.
CREATE TABLE webhook_messages (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    stream TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    change_id TEXT COLLATE "C",
    body TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP NOT NULL,
    first_attempt_at TIMESTAMP,
    finished_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX webhook_messages_n ON webhook_messages (webhook_id, n);
CREATE INDEX webhook_messages_state ON webhook_messages (webhook_id, state, n);
CREATE INDEX webhook_messages_due ON webhook_messages (webhook_id, state, due_at);
CREATE INDEX webhook_messages_stream ON webhook_messages (webhook_id, stream, state, n);
CREATE INDEX webhook_messages_finished ON webhook_messages (state, finished_at, id);

-- Each attempt to deliver a message: begun before the request leaves, ended with its outcome.
CREATE TABLE webhook_attempts (
    message_id TEXT COLLATE "C" NOT NULL REFERENCES webhook_messages (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    took_ms BIGINT,
    PRIMARY KEY (message_id, n)
);
