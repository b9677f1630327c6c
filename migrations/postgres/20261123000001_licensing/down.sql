DROP TABLE attestations;
DROP TABLE delivery_counts;
DROP TABLE deliveries;
DROP INDEX clients_partner;
ALTER TABLE clients DROP COLUMN partner_id;
DROP TABLE licence_selections;
DROP TABLE licences;
DROP TABLE partners;
