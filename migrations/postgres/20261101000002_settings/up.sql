CREATE TABLE settings (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL,
    site_name TEXT NOT NULL,
    base_url TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    default_language TEXT NOT NULL,
    territory TEXT NOT NULL,
    copyright_holder TEXT NOT NULL,
    public_extent TEXT NOT NULL,
    public_excerpt_chars BIGINT NOT NULL,
    acquire_licence_url TEXT,
    public_max_age_seconds BIGINT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
INSERT INTO settings VALUES (
    1, 1, 'Masthead', 'http://127.0.0.1:8080', 'UTC', 'en', 'CN', 'Masthead', 'excerpt', 200, NULL, 60,
    '2026-01-01 00:00:00'
);
