DROP INDEX notice_revisions_effective;
DROP INDEX inbound_grants_until;
DROP INDEX inbound_grants_from;
DROP TABLE client_holdings;
DROP TABLE client_changes;
DROP TABLE client_feeds;
