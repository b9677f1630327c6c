-- What comes about by itself, and when: readers see it at that instant whether it was written down or not. A row goes with
-- the transaction that writes it down, so that each is told once.
CREATE TABLE article_agenda (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    event TEXT COLLATE "C" NOT NULL,
    due_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, event)
);
CREATE INDEX article_agenda_due ON article_agenda (due_at, article_id);
