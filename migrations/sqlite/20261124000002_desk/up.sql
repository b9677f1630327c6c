-- What the desk says about a version. Never leaves the desk, and is no change that consumers hear of.
CREATE TABLE article_comments (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    article_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    block BIGINT,
    parent_id TEXT REFERENCES article_comments (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP,
    resolved_by TEXT,
    FOREIGN KEY (article_id, version) REFERENCES versions (article_id, n) ON DELETE CASCADE
);
CREATE INDEX article_comments_article ON article_comments (article_id, id);
CREATE INDEX article_comments_parent ON article_comments (parent_id);

-- Who was asked to do what. `open` until it is done: a column of its own, so that an index holds it.
CREATE TABLE article_assignments (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    task TEXT NOT NULL,
    note TEXT,
    due_at TIMESTAMP,
    open BOOLEAN NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP,
    completed_by TEXT
);
CREATE INDEX article_assignments_article ON article_assignments (article_id, id);
CREATE INDEX article_assignments_user ON article_assignments (user_id, id);
CREATE INDEX article_assignments_user_open ON article_assignments (user_id, open, id);
CREATE INDEX article_assignments_open ON article_assignments (open, id);

-- Preview links that are not ended. The link itself is signed and is not kept.
CREATE TABLE article_previews (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    version BIGINT,
    issued_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX article_previews_article ON article_previews (article_id);
CREATE INDEX article_previews_user ON article_previews (issued_by);
CREATE INDEX article_previews_expires ON article_previews (expires_at);
