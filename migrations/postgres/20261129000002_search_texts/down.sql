DROP TABLE search_prints;
DROP TABLE search_texts;
