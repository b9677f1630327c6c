DROP TABLE legal_hold_deliveries;
DROP TABLE legal_holds;
DROP TABLE claim_messages;
DROP TABLE claims;
