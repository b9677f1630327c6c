DROP TABLE article_agenda;
