CREATE TABLE sections (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    parent_id TEXT COLLATE "C" REFERENCES sections (id),
    position BIGINT NOT NULL,
    description TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sections_slug ON sections (slug);
CREATE INDEX sections_parent ON sections (parent_id, position, id);
CREATE INDEX sections_name ON sections (name_key, id);
