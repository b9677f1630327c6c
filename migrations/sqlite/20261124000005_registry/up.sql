-- Editions of the state's list of permitted sources, as imported. One holds over [valid_from, valid_until), and no
-- two at the same time. `reviews_due_at` and the three columns after it say how far the pass over the reprints of
-- sources that the edition dropped has come; NULL once nothing is left to do.
CREATE TABLE registry_editions (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    digest TEXT NOT NULL,
    entries BIGINT NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    imported_by TEXT,
    reviews_due_at TIMESTAMP,
    review_source TEXT,
    review_from TIMESTAMP,
    review_article TEXT
);
CREATE UNIQUE INDEX registry_editions_name ON registry_editions (name_key);
CREATE UNIQUE INDEX registry_editions_period ON registry_editions (valid_from);
CREATE INDEX registry_editions_due ON registry_editions (reviews_due_at);

-- Never changed. `name_key` is folded as in source_names, since the two are compared.
CREATE TABLE registry_entries (
    edition_id TEXT NOT NULL REFERENCES registry_editions (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    category TEXT,
    region TEXT,
    homepage_url TEXT,
    PRIMARY KEY (edition_id, position)
);
CREATE UNIQUE INDEX registry_entries_name ON registry_entries (edition_id, name_key);

-- Published reprints to look at again, since an edition dropped their source. They change nothing by themselves.
CREATE TABLE registry_reviews (
    id TEXT NOT NULL PRIMARY KEY,
    edition_id TEXT NOT NULL REFERENCES registry_editions (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    reprint_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    status TEXT NOT NULL,
    decision TEXT,
    note TEXT,
    resolved_by TEXT,
    resolved_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX registry_reviews_reprint ON registry_reviews (edition_id, article_id);
CREATE INDEX registry_reviews_status ON registry_reviews (status, id);
CREATE INDEX registry_reviews_edition ON registry_reviews (edition_id, id);
CREATE INDEX registry_reviews_source ON registry_reviews (source_id, id);
CREATE INDEX registry_reviews_article ON registry_reviews (article_id);
