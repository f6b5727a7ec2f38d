-- People who were erased: their numbers, and when last. The pseudonym, where they had one, is what the store's key made of what they
-- were called, and makes of nothing any more.
CREATE TABLE erasures (
    user_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    pseudonym BLOB
) STRICT;

-- One lever more, 48 erase person.
DROP VIEW levers_detail;
CREATE VIEW levers_detail AS
SELECT
    lever_id >> 16 AS seq,
    strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
    printf('%08x', key_id) AS key_id,
    operator,
    CASE action WHEN 0 THEN 'PUBLISH_CATALOG' WHEN 1 THEN 'DISCARD_UPLOAD' WHEN 2 THEN 'OPEN_QUEUE'
                WHEN 3 THEN 'CHANGE_QUEUE' WHEN 4 THEN 'CHANGE_SETTINGS' WHEN 5 THEN 'CHANGE_SALE'
                WHEN 6 THEN 'RELEASE_HOLD' WHEN 7 THEN 'REMOVE_SCHEDULE' WHEN 8 THEN 'SEND_MESSAGE'
                WHEN 9 THEN 'LET_SILENT_GO' WHEN 10 THEN 'REVOKE_TOKENS' WHEN 11 THEN 'ADD_OPERATOR'
                WHEN 12 THEN 'REMOVE_OPERATOR' WHEN 13 THEN 'WITHHOLD_SEATS' WHEN 14 THEN 'GIVE_SEATS_BACK'
                WHEN 15 THEN 'REISSUE_TICKETS' WHEN 16 THEN 'CHANGE_WEBHOOK' WHEN 44 THEN 'CHANGE_CAMPAIGN'
                WHEN 45 THEN 'ADD_CODES' WHEN 46 THEN 'END_SESSION' WHEN 48 THEN 'ERASE_PERSON' WHEN 60 THEN 'RESTORE_STORE'
                WHEN 66 THEN 'GIVE_PLACE' END AS action,
    target, before, after
FROM levers;
