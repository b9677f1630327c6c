-- The words of each text with their places: A in the title, B in the summary, C in the lead, D in
-- the body. Its SQLite twin is another kind of table.
CREATE TABLE search_texts (
    doc BIGINT NOT NULL PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX search_texts_words ON search_texts USING gin (words);

-- Fingerprints of what readers were given, by which reprints are found. Small rows, and very many.
CREATE TABLE search_prints (
    fingerprint BIGINT NOT NULL,
    doc BIGINT NOT NULL,
    PRIMARY KEY (fingerprint, doc)
);
