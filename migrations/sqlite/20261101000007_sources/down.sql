DROP TABLE inbound_grants;
DROP TABLE source_registrations;
DROP TABLE source_names;
DROP TABLE sources;
