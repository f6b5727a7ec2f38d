-- Who is inside and does nothing for so many milliseconds is inside no more; null where nobody's slot is freed for that.
ALTER TABLE settings ADD COLUMN queue_session_idle_ms BIGINT;
ALTER TABLE queues ADD COLUMN session_idle_ms BIGINT;

CREATE TABLE activity (
    -- queue_id * 2^40 + the number of the block's first ticket, as in presence
    block_id BIGINT PRIMARY KEY,
    -- Those of the block who are inside, and when each last did something: the ticket's number, 32 bits, and milliseconds since 1970,
    -- 64 bits, little-endian.
    since BYTEA NOT NULL
);
