DROP TABLE dictionary_words;
DROP TABLE search_progress;
DROP TABLE search_docs;
