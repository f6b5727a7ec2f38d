-- When a queue opens and closes by itself, each null where it was not set; and what that makes of it: 0 closed, 1 pre-queue, 2 open,
-- 3 over. Without any of them it is open.
ALTER TABLE queues ADD COLUMN prequeue_at BIGINT;
ALTER TABLE queues ADD COLUMN opens_at BIGINT;
ALTER TABLE queues ADD COLUMN closes_at BIGINT;
ALTER TABLE queues ADD COLUMN phase BIGINT NOT NULL DEFAULT 2;

-- From when until when a schedule is sold, each null where it was not set.
ALTER TABLE schedules ADD COLUMN on_sale_at BIGINT;
ALTER TABLE schedules ADD COLUMN off_sale_at BIGINT;

CREATE OR REPLACE VIEW queues_now AS
SELECT
    queue_id,
    name,
    CASE mode WHEN 0 THEN 'OPEN' WHEN 1 THEN 'PAUSED' WHEN 2 THEN 'DRAINING' WHEN 3 THEN 'CLOSED' END AS mode,
    active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms,
    next_number AS tickets_issued,
    CASE phase WHEN 0 THEN 'CLOSED' WHEN 1 THEN 'PREQUEUE' WHEN 2 THEN 'OPEN' WHEN 3 THEN 'OVER' END AS phase,
    utc_text(prequeue_at) AS prequeue_at,
    utc_text(opens_at) AS opens_at,
    utc_text(closes_at) AS closes_at
FROM queues;

CREATE OR REPLACE VIEW schedules_now AS
SELECT
    d.schedule_id, d.concert_id, c.title AS concert, c.queue, d.zone,
    utc_text(d.starts_at) AS starts_at,
    utc_text(d.ends_at) AS ends_at,
    d.closed,
    coalesce(s.seats, 0) AS total_seats,
    coalesce(r.held, 0) AS held_seats,
    coalesce(r.sold, 0) AS sold_seats,
    utc_text(d.on_sale_at) AS on_sale_at,
    utc_text(d.off_sale_at) AS off_sale_at
FROM schedules d
LEFT JOIN concerts c ON c.concert_id = d.concert_id
LEFT JOIN (SELECT schedule_id, count(*) AS seats FROM seats GROUP BY schedule_id) s ON s.schedule_id = d.schedule_id
LEFT JOIN (
    SELECT schedule_id, count(CASE WHEN state = 0 THEN 1 END) AS held, count(CASE WHEN state = 1 THEN 1 END) AS sold
    FROM reserved_seats
    GROUP BY schedule_id
) r ON r.schedule_id = d.schedule_id;
