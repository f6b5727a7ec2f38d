-- Seats that an operator holds back: why, and since when.
CREATE TABLE withheld (
    schedule_id INTEGER NOT NULL,
    seat_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (schedule_id, seat_id)
) STRICT;

-- How much longer its owner may make a hold, once; null where nobody may. A hold of which that was done, or that goes on from
-- such a one, is 1.
ALTER TABLE settings ADD COLUMN hold_extend_ms INTEGER;
ALTER TABLE reservations ADD COLUMN extended INTEGER;

-- Who sits where, and at which price: the catalog's, or that at which the seat was held; and which seats nobody gets, and why.
DROP VIEW seats_now;
CREATE VIEW seats_now AS
SELECT
    s.schedule_id,
    c.title AS concert,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.starts_at / 1000.0, 'unixepoch') AS starts_at,
    s.seat_id, s.position, s.section, s.seat_row, s.seat_number,
    CASE WHEN l.reservation_id IS NULL THEN s.amount ELSE l.amount END AS amount,
    CASE WHEN l.state = 0 THEN 'TEMP_RESERVED' WHEN l.state = 1 THEN 'RESERVED' WHEN w.seat_id IS NOT NULL THEN 'WITHHELD'
         ELSE 'AVAILABLE' END AS status,
    l.user_id,
    l.reservation_id,
    s.category,
    l.price_type,
    CASE s.attributes WHEN 1 THEN 'wheelchair' WHEN 2 THEN 'companion' WHEN 4 THEN 'restrictedView'
                      WHEN 5 THEN 'wheelchair,restrictedView' WHEN 6 THEN 'companion,restrictedView' END AS attributes,
    w.reason AS withheld_reason,
    strftime('%Y-%m-%dT%H:%M:%fZ', w.at / 1000.0, 'unixepoch') AS withheld_at
FROM seats s
LEFT JOIN (SELECT * FROM reserved_seats WHERE state IN (0, 1)) l
    ON l.schedule_id = s.schedule_id AND l.seat_id = s.seat_id
LEFT JOIN withheld w ON w.schedule_id = s.schedule_id AND w.seat_id = s.seat_id
LEFT JOIN schedules d ON d.schedule_id = s.schedule_id
LEFT JOIN concerts c ON c.concert_id = d.concert_id;

DROP VIEW schedules_now;
CREATE VIEW schedules_now AS
SELECT
    d.schedule_id, d.concert_id, c.title AS concert, c.queue, d.zone,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.starts_at / 1000.0, 'unixepoch') AS starts_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.ends_at / 1000.0, 'unixepoch') AS ends_at,
    d.closed,
    coalesce(s.seats, 0) AS total_seats,
    coalesce(r.held, 0) AS held_seats,
    coalesce(r.sold, 0) AS sold_seats,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.on_sale_at / 1000.0, 'unixepoch') AS on_sale_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.off_sale_at / 1000.0, 'unixepoch') AS off_sale_at,
    coalesce(w.withheld, 0) AS withheld_seats
FROM schedules d
LEFT JOIN concerts c ON c.concert_id = d.concert_id
LEFT JOIN (SELECT schedule_id, count(*) AS seats FROM seats GROUP BY schedule_id) s ON s.schedule_id = d.schedule_id
LEFT JOIN (
    SELECT schedule_id, count(CASE WHEN state = 0 THEN 1 END) AS held, count(CASE WHEN state = 1 THEN 1 END) AS sold
    FROM reserved_seats
    GROUP BY schedule_id
) r ON r.schedule_id = d.schedule_id
LEFT JOIN (SELECT schedule_id, count(*) AS withheld FROM withheld GROUP BY schedule_id) w ON w.schedule_id = d.schedule_id;

-- Two levers more: 13 withhold seats, 14 give seats back.
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
                WHEN 12 THEN 'REMOVE_OPERATOR' WHEN 13 THEN 'WITHHOLD_SEATS' WHEN 14 THEN 'GIVE_SEATS_BACK' END AS action,
    target, before, after
FROM levers;
