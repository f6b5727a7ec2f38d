-- Operators who have a key of their own: of the key only its SHA-256. Roles: 0 viewer, 1 gate, 2 desk, 3 finance, 4 admin.
CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    role INTEGER NOT NULL,
    digest BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- Two levers more: 11 add an operator, 12 remove one.
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
                WHEN 12 THEN 'REMOVE_OPERATOR' END AS action,
    target, before, after
FROM levers;
