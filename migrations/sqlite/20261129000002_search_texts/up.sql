-- The words of each text, already cut: the tokenizer only parts them at blanks. The texts
-- themselves are not kept. Its PostgreSQL twin is another kind of table.
CREATE VIRTUAL TABLE search_texts USING fts5 (
    title, summary, lead, body,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- Fingerprints of what readers were given, by which reprints are found. Small rows, and very many.
CREATE TABLE search_prints (
    fingerprint BIGINT NOT NULL,
    doc BIGINT NOT NULL,
    PRIMARY KEY (fingerprint, doc)
) WITHOUT ROWID;
