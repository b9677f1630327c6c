-- What a partner that was given a work is told of it, open until it is acknowledged. `remind_at` is when the next
-- reminder is due; an acknowledged one has none. `acknowledged_with` names the later advisory that settled this one.
CREATE TABLE advisories (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    article_id TEXT NOT NULL REFERENCES articles (id),
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason_class TEXT,
    text TEXT,
    issued_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    status TEXT NOT NULL,
    remind_at TIMESTAMP,
    reminders BIGINT NOT NULL,
    last_reminded_at TIMESTAMP,
    acknowledged_at TIMESTAMP,
    acknowledged_by_kind TEXT,
    acknowledged_by TEXT,
    acknowledged_with TEXT,
    action TEXT,
    note TEXT
);
CREATE UNIQUE INDEX advisories_once ON advisories (article_id, partner_id, version, kind);
CREATE INDEX advisories_article ON advisories (article_id, id);
CREATE INDEX advisories_partner ON advisories (partner_id, id);
CREATE INDEX advisories_partner_status ON advisories (partner_id, status, id);
CREATE INDEX advisories_status ON advisories (status, id);
CREATE INDEX advisories_kind ON advisories (kind, id);
CREATE INDEX advisories_remind ON advisories (remind_at, id);

-- Who holds a work, under which licences and in which versions, is read from this index alone.
CREATE INDEX deliveries_held ON deliveries (article_id, partner_id, licence_id, version, at);
