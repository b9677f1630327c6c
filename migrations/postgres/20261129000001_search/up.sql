-- Which row of search_texts holds the text of a side of an article. Both sides share one while
-- they are the same version. What begins with search_ is made from the rest, and can be made again.
CREATE TABLE search_docs (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    side TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    doc BIGINT NOT NULL,
    -- How many fingerprints the text has, of a side that readers see.
    prints BIGINT NOT NULL,
    PRIMARY KEY (article_id, side)
);
CREATE INDEX search_docs_doc ON search_docs (doc, side);

-- How far the index has been made of what was there before it; one row. What is written meanwhile is in it.
CREATE TABLE search_progress (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Articles up to this one are done.
    done_until TEXT COLLATE "C" NOT NULL,
    is_complete BOOLEAN NOT NULL
);
INSERT INTO search_progress (id, done_until, is_complete) VALUES (1, '', FALSE);

-- Words that searches do not part: names, places.
CREATE TABLE dictionary_words (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    word TEXT COLLATE "C" NOT NULL,
    -- Folded: what makes two words the same.
    word_key TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX dictionary_words_word_key ON dictionary_words (word_key);
