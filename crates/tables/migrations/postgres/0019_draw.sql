-- The draw of a queue's places, all null where there is none: the SHA-256 of the seed, the seed, what was given to be mixed in, the
-- first ticket that takes part once one can, the hash chain over all that do; and from the opening on when that was, how many tickets
-- take part, and how many that were given up before still have to be taken out of the line.
ALTER TABLE queues ADD COLUMN draw_commitment BYTEA;
ALTER TABLE queues ADD COLUMN draw_seed BYTEA;
ALTER TABLE queues ADD COLUMN draw_beacon TEXT;
ALTER TABLE queues ADD COLUMN draw_first BIGINT;
ALTER TABLE queues ADD COLUMN draw_joins BYTEA;
ALTER TABLE queues ADD COLUMN drawn_at BIGINT;
ALTER TABLE queues ADD COLUMN drawn_tickets BIGINT;
ALTER TABLE queues ADD COLUMN drawn_left BIGINT;

-- When the owner of a ticket joined, where its token is of a later moment and a draw needs to know; else null.
ALTER TABLE tickets ADD COLUMN joined_at BIGINT;

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
    utc_text(closes_at) AS closes_at,
    CASE WHEN draw_commitment IS NOT NULL THEN encode(draw_commitment, 'hex') END AS draw_commitment,
    -- Nobody is told it before the opening.
    CASE WHEN drawn_at IS NOT NULL THEN encode(draw_seed, 'hex') END AS draw_seed,
    draw_beacon,
    utc_text(drawn_at) AS drawn_at,
    drawn_tickets
FROM queues;
