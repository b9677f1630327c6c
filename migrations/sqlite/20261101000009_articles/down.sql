DROP TABLE article_authors;
DROP TABLE article_tags;
DROP TABLE article_listings;
DROP TABLE article_slugs;
DROP TABLE version_references;
DROP TABLE versions;
DROP TABLE articles;
