-- Users whose queue tokens were revoked: those that were issued before `since` are none.
CREATE TABLE revoked (
    user_id INTEGER PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

-- A lever more: 10 revoke tokens.
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
                WHEN 9 THEN 'LET_SILENT_GO' WHEN 10 THEN 'REVOKE_TOKENS' END AS action,
    target, before, after
FROM levers;
