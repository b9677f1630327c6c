DROP TABLE registry_reviews;
DROP TABLE registry_entries;
DROP TABLE registry_editions;
