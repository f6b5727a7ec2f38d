-- For whom a date has prices, in order: the first is that of each seat's amount. No rows for a date with one price for all.
CREATE TABLE price_types (
    schedule_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    price_type TEXT NOT NULL,
    title TEXT,
    PRIMARY KEY (schedule_id, place)
);

-- Until when wheelchair places are sold only as such; null: as long as anything is.
ALTER TABLE schedules ADD COLUMN accessible_until BIGINT;

ALTER TABLE seats ADD COLUMN category TEXT;
-- What the seat costs at other price types than the first: JSON, the amount by price type. Null for none.
ALTER TABLE seats ADD COLUMN prices TEXT;
-- 1 wheelchair, 2 companion, 4 restricted view, added up. Null for none.
ALTER TABLE seats ADD COLUMN attributes BIGINT;

-- At which price type each seat was held. Null where its date had none.
ALTER TABLE reservations ADD COLUMN price_type TEXT;
ALTER TABLE reservations_more_seats ADD COLUMN price_type TEXT;

-- One line for each seat of each reservation, whatever became of it.
CREATE OR REPLACE VIEW reserved_seats AS
SELECT reservation_id, 0 AS place, schedule_id, seat_id, user_id, state,
    CASE seat_count WHEN 1 THEN amount ELSE seat_amount END AS amount, price_type
FROM reservations
WHERE seat_count > 0
UNION ALL
SELECT r.reservation_id, m.place, r.schedule_id, m.seat_id, r.user_id, r.state, m.seat_amount, m.price_type
FROM reservations_more_seats m
JOIN reservations r ON r.reservation_id = m.reservation_id AND m.place < r.seat_count;

-- Who sits where, and at which price: the catalog's, or that at which the seat was held.
CREATE OR REPLACE VIEW seats_now AS
SELECT
    s.schedule_id,
    c.title AS concert,
    utc_text(d.starts_at) AS starts_at,
    s.seat_id, s.position, s.section, s.seat_row, s.seat_number,
    CASE WHEN l.reservation_id IS NULL THEN s.amount ELSE l.amount END AS amount,
    CASE l.state WHEN 0 THEN 'TEMP_RESERVED' WHEN 1 THEN 'RESERVED' ELSE 'AVAILABLE' END AS status,
    l.user_id,
    l.reservation_id,
    s.category,
    l.price_type,
    CASE s.attributes WHEN 1 THEN 'wheelchair' WHEN 2 THEN 'companion' WHEN 4 THEN 'restrictedView'
                      WHEN 5 THEN 'wheelchair,restrictedView' WHEN 6 THEN 'companion,restrictedView' END AS attributes
FROM seats s
LEFT JOIN (SELECT * FROM reserved_seats WHERE state IN (0, 1)) l
    ON l.schedule_id = s.schedule_id AND l.seat_id = s.seat_id
LEFT JOIN schedules d ON d.schedule_id = s.schedule_id
LEFT JOIN concerts c ON c.concert_id = d.concert_id;

CREATE OR REPLACE VIEW reservations_detail AS
SELECT
    r.reservation_id, r.user_id, r.schedule_id, c.title AS concert,
    (SELECT string_agg(x.seat_id::text, ',') FROM
        (SELECT r.seat_id AS seat_id WHERE r.seat_count > 0
         UNION ALL
         SELECT m.seat_id FROM reservations_more_seats m
         WHERE m.reservation_id = r.reservation_id AND m.place < r.seat_count) x) AS seat_ids,
    r.amount,
    CASE r.state WHEN 0 THEN 'TEMP_RESERVED' WHEN 1 THEN 'RESERVED' WHEN 2 THEN 'LAPSED'
                 WHEN 3 THEN 'CANCELLED' WHEN 4 THEN 'RELEASED' END AS status,
    utc_text(r.reserved_at) AS reserved_at,
    utc_text(r.reserved_until) AS reserved_until,
    r.payment_id,
    utc_text(r.state_at) AS settled_at,
    (SELECT string_agg(x.price_type, ',') FROM
        (SELECT r.price_type AS price_type WHERE r.seat_count > 0
         UNION ALL
         SELECT m.price_type FROM reservations_more_seats m
         WHERE m.reservation_id = r.reservation_id AND m.place < r.seat_count) x) AS price_types
FROM reservations r
LEFT JOIN schedules d ON d.schedule_id = r.schedule_id
LEFT JOIN concerts c ON c.concert_id = d.concert_id;

-- Who paid what.
CREATE OR REPLACE VIEW payments_detail AS
SELECT
    p.payment_id, p.user_id, p.reservation_id, r.schedule_id, r.concert, r.seat_ids, p.amount,
    utc_text(p.paid_at) AS paid_at,
    r.price_types
FROM payments p
LEFT JOIN reservations_detail r ON r.reservation_id = p.reservation_id;
