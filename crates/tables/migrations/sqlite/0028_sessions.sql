-- While set, whoever is inside and does something has session_ttl_ms from then on, and at most so many milliseconds in all; null where a
-- session ends when it was said to at first.
ALTER TABLE settings ADD COLUMN queue_session_max_ms INTEGER;
ALTER TABLE queues ADD COLUMN session_max_ms INTEGER;

-- When its owner was let in, milliseconds since 1970: of those inside whose session may become longer, null for all others.
ALTER TABLE tickets ADD COLUMN admitted_at INTEGER;

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
                WHEN 45 THEN 'ADD_CODES' WHEN 46 THEN 'END_SESSION' WHEN 60 THEN 'RESTORE_STORE'
                WHEN 66 THEN 'GIVE_PLACE' END AS action,
    target, before, after
FROM levers;
