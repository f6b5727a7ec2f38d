-- How good a seat is, less being better; null where the catalog does not say.
ALTER TABLE seats ADD COLUMN seat_rank INTEGER;

CREATE TABLE reissued_tickets (
    reservation_id INTEGER NOT NULL,
    seat_id INTEGER NOT NULL,
    -- How often: tickets with a lower number are good no more.
    issue INTEGER NOT NULL,
    PRIMARY KEY (reservation_id, seat_id)
) STRICT, WITHOUT ROWID;

-- One lever more: 15 reissue tickets.
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
                WHEN 15 THEN 'REISSUE_TICKETS' END AS action,
    target, before, after
FROM levers;
