-- What people read: codes spelled as in the API, times as ISO-8601 UTC text. The columns are those of SQLite's version.

CREATE FUNCTION utc_text(ms BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN ms < 253402300800000
        THEN to_char(to_timestamp(ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END
$$;

CREATE VIEW queues_now AS
SELECT
    queue_id,
    name,
    CASE mode WHEN 0 THEN 'OPEN' WHEN 1 THEN 'PAUSED' WHEN 2 THEN 'DRAINING' WHEN 3 THEN 'CLOSED' END AS mode,
    active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms,
    next_number AS tickets_issued
FROM queues;

CREATE VIEW tickets_now AS
SELECT
    t.ticket_id >> 40 AS queue_id,
    q.name AS queue,
    t.ticket_id & 1099511627775 AS number,
    t.user_id,
    CASE WHEN t.state < 3 THEN 'WAITING' WHEN t.state = 3 THEN 'PROGRESS'
         WHEN t.state = 4 THEN 'DONE' WHEN t.state = 5 THEN 'EXPIRED' END AS status,
    (t.state = 1)::int::bigint AS absent,
    utc_text(t.issued_at) AS issued_at,
    CASE WHEN t.state < 4 THEN utc_text(t.state_at) END AS ends_at,
    CASE WHEN t.state > 3 THEN utc_text(t.state_at) END AS ended_at
FROM tickets t
LEFT JOIN queues q ON q.queue_id = t.ticket_id >> 40
LEFT JOIN tickets_forgotten f ON f.queue_id = t.ticket_id >> 40
WHERE t.ticket_id & 1099511627775 >= coalesce(f.before_number, 0);

-- One line for each seat of each reservation, whatever became of it.
CREATE VIEW reserved_seats AS
SELECT reservation_id, 0 AS place, schedule_id, seat_id, user_id, state
FROM reservations
WHERE seat_count > 0
UNION ALL
SELECT r.reservation_id, m.place, r.schedule_id, m.seat_id, r.user_id, r.state
FROM reservations_more_seats m
JOIN reservations r ON r.reservation_id = m.reservation_id AND m.place < r.seat_count;

-- Who sits where.
CREATE VIEW seats_now AS
SELECT
    s.schedule_id,
    c.title AS concert,
    utc_text(d.starts_at) AS starts_at,
    s.seat_id, s.position, s.section, s.seat_row, s.seat_number, s.amount,
    CASE l.state WHEN 0 THEN 'TEMP_RESERVED' WHEN 1 THEN 'RESERVED' ELSE 'AVAILABLE' END AS status,
    l.user_id,
    l.reservation_id
FROM seats s
LEFT JOIN (SELECT * FROM reserved_seats WHERE state IN (0, 1)) l
    ON l.schedule_id = s.schedule_id AND l.seat_id = s.seat_id
LEFT JOIN schedules d ON d.schedule_id = s.schedule_id
LEFT JOIN concerts c ON c.concert_id = d.concert_id;

CREATE VIEW schedules_now AS
SELECT
    d.schedule_id, d.concert_id, c.title AS concert, c.queue, d.zone,
    utc_text(d.starts_at) AS starts_at,
    utc_text(d.ends_at) AS ends_at,
    d.closed,
    coalesce(s.seats, 0) AS total_seats,
    coalesce(r.held, 0) AS held_seats,
    coalesce(r.sold, 0) AS sold_seats
FROM schedules d
LEFT JOIN concerts c ON c.concert_id = d.concert_id
LEFT JOIN (SELECT schedule_id, count(*) AS seats FROM seats GROUP BY schedule_id) s ON s.schedule_id = d.schedule_id
LEFT JOIN (
    SELECT schedule_id, count(CASE WHEN state = 0 THEN 1 END) AS held, count(CASE WHEN state = 1 THEN 1 END) AS sold
    FROM reserved_seats
    GROUP BY schedule_id
) r ON r.schedule_id = d.schedule_id;

CREATE VIEW reservations_detail AS
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
    utc_text(r.state_at) AS settled_at
FROM reservations r
LEFT JOIN schedules d ON d.schedule_id = r.schedule_id
LEFT JOIN concerts c ON c.concert_id = d.concert_id;

-- Who paid what.
CREATE VIEW payments_detail AS
SELECT
    p.payment_id, p.user_id, p.reservation_id, r.schedule_id, r.concert, r.seat_ids, p.amount,
    utc_text(p.paid_at) AS paid_at
FROM payments p
LEFT JOIN reservations_detail r ON r.reservation_id = p.reservation_id;

-- Double entry: two lines for each transfer, whose sum is zero.
CREATE VIEW ledger_entries AS
SELECT
    e.transfer_id,
    utc_text(e.at) AS at,
    CASE WHEN e.payment_id IS NULL THEN 'CHARGE' ELSE 'PAYMENT' END AS kind,
    CASE e.account WHEN -1 THEN 'CASH' WHEN -2 THEN 'SALES' ELSE 'WALLET' END AS account,
    CASE WHEN e.account >= 0 THEN e.account END AS user_id,
    e.amount,
    e.payment_id
FROM (
    SELECT transfer_id, at, debit AS account, -amount AS amount, payment_id FROM transfers
    UNION ALL
    SELECT transfer_id, at, credit, amount, payment_id FROM transfers
) e;

-- Every account's balance; their sum is zero.
CREATE VIEW accounts_now AS
SELECT 'WALLET' AS account, user_id, balance FROM wallets
UNION ALL
SELECT 'CASH', NULL::bigint, -charged FROM mark
UNION ALL
SELECT 'SALES', NULL, sold FROM mark;
