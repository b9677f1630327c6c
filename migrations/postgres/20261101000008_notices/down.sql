DROP TABLE notice_revisions;
DROP TABLE notices;
