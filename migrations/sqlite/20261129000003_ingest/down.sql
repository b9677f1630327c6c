DROP TABLE wire_items;
DROP TABLE ingests;
