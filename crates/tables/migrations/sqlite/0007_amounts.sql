-- What each seat of a reservation was held at, where it has several: of one seat it is the reservation's amount. Null in
-- those that were held below level 2: of them the whole is known, and not its parts.
ALTER TABLE reservations ADD COLUMN seat_amount INTEGER;
ALTER TABLE reservations_more_seats ADD COLUMN seat_amount INTEGER;

-- One line for each seat of each reservation, whatever became of it.
DROP VIEW reserved_seats;
CREATE VIEW reserved_seats AS
SELECT reservation_id, 0 AS place, schedule_id, seat_id, user_id, state,
    CASE seat_count WHEN 1 THEN amount ELSE seat_amount END AS amount
FROM reservations
WHERE seat_count > 0
UNION ALL
SELECT r.reservation_id, m.place, r.schedule_id, m.seat_id, r.user_id, r.state, m.seat_amount
FROM reservations_more_seats m
JOIN reservations r ON r.reservation_id = m.reservation_id AND m.place < r.seat_count;

-- Who sits where, and at which price: the catalog's, or that at which the seat was held.
DROP VIEW seats_now;
CREATE VIEW seats_now AS
SELECT
    s.schedule_id,
    c.title AS concert,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.starts_at / 1000.0, 'unixepoch') AS starts_at,
    s.seat_id, s.position, s.section, s.seat_row, s.seat_number,
    CASE WHEN l.reservation_id IS NULL THEN s.amount ELSE l.amount END AS amount,
    CASE l.state WHEN 0 THEN 'TEMP_RESERVED' WHEN 1 THEN 'RESERVED' ELSE 'AVAILABLE' END AS status,
    l.user_id,
    l.reservation_id
FROM seats s
LEFT JOIN (SELECT * FROM reserved_seats WHERE state IN (0, 1)) l
    ON l.schedule_id = s.schedule_id AND l.seat_id = s.seat_id
LEFT JOIN schedules d ON d.schedule_id = s.schedule_id
LEFT JOIN concerts c ON c.concert_id = d.concert_id;

-- A lever more: 9 let silent go.
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
                WHEN 9 THEN 'LET_SILENT_GO' END AS action,
    target, before, after
FROM levers;
