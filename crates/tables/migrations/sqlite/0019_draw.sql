-- The draw of a queue's places, all null where there is none: the SHA-256 of the seed, the seed, what was given to be mixed in, the
-- first ticket that takes part once one can, the hash chain over all that do; and from the opening on when that was, how many tickets
-- take part, and how many that were given up before still have to be taken out of the line.
ALTER TABLE queues ADD COLUMN draw_commitment BLOB;
ALTER TABLE queues ADD COLUMN draw_seed BLOB;
ALTER TABLE queues ADD COLUMN draw_beacon TEXT;
ALTER TABLE queues ADD COLUMN draw_first INTEGER;
ALTER TABLE queues ADD COLUMN draw_joins BLOB;
ALTER TABLE queues ADD COLUMN drawn_at INTEGER;
ALTER TABLE queues ADD COLUMN drawn_tickets INTEGER;
ALTER TABLE queues ADD COLUMN drawn_left INTEGER;

-- When the owner of a ticket joined, where its token is of a later moment and a draw needs to know; else null.
ALTER TABLE tickets ADD COLUMN joined_at INTEGER;

DROP VIEW queues_now;
CREATE VIEW queues_now AS
SELECT
    queue_id,
    name,
    CASE mode WHEN 0 THEN 'OPEN' WHEN 1 THEN 'PAUSED' WHEN 2 THEN 'DRAINING' WHEN 3 THEN 'CLOSED' END AS mode,
    active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms,
    next_number AS tickets_issued,
    CASE phase WHEN 0 THEN 'CLOSED' WHEN 1 THEN 'PREQUEUE' WHEN 2 THEN 'OPEN' WHEN 3 THEN 'OVER' END AS phase,
    strftime('%Y-%m-%dT%H:%M:%fZ', prequeue_at / 1000.0, 'unixepoch') AS prequeue_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', opens_at / 1000.0, 'unixepoch') AS opens_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', closes_at / 1000.0, 'unixepoch') AS closes_at,
    CASE WHEN draw_commitment IS NOT NULL THEN lower(hex(draw_commitment)) END AS draw_commitment,
    -- Nobody is told it before the opening.
    CASE WHEN drawn_at IS NOT NULL THEN lower(hex(draw_seed)) END AS draw_seed,
    draw_beacon,
    strftime('%Y-%m-%dT%H:%M:%fZ', drawn_at / 1000.0, 'unixepoch') AS drawn_at,
    drawn_tickets
FROM queues;
