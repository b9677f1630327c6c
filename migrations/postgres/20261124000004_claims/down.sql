DROP TABLE legal_holds;
DROP TABLE claim_messages;
DROP TABLE claims;
