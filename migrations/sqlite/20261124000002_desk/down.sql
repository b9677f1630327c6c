DROP TABLE article_previews;
DROP TABLE article_assignments;
DROP TABLE article_comments;
