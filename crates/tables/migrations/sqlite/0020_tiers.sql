-- Before which others its owner stands at an opening, 1 first; null for those who stand behind all that have one.
ALTER TABLE tickets ADD COLUMN tier INTEGER;

-- Of a queue whose places are not drawn and where some may stand before others, all null where there is none: the first ticket of
-- the pre-queue; and from the opening on when that was, how many tickets took part, and how many that were given up before still
-- have to be taken out of the line.
ALTER TABLE queues ADD COLUMN tiered_first INTEGER;
ALTER TABLE queues ADD COLUMN tiered_at INTEGER;
ALTER TABLE queues ADD COLUMN tiered_tickets INTEGER;
ALTER TABLE queues ADD COLUMN tiered_left INTEGER;

DROP VIEW tickets_now;
CREATE VIEW tickets_now AS
SELECT
    t.ticket_id >> 40 AS queue_id,
    q.name AS queue,
    t.ticket_id & 1099511627775 AS number,
    t.user_id,
    CASE WHEN t.state < 3 THEN 'WAITING' WHEN t.state = 3 THEN 'PROGRESS'
         WHEN t.state = 4 THEN 'DONE' WHEN t.state = 5 THEN 'EXPIRED' END AS status,
    t.state = 1 AS absent,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.issued_at / 1000.0, 'unixepoch') AS issued_at,
    CASE WHEN t.state < 4 THEN strftime('%Y-%m-%dT%H:%M:%fZ', t.state_at / 1000.0, 'unixepoch') END AS ends_at,
    CASE WHEN t.state > 3 THEN strftime('%Y-%m-%dT%H:%M:%fZ', t.state_at / 1000.0, 'unixepoch') END AS ended_at,
    t.tier
FROM tickets t
LEFT JOIN queues q ON q.queue_id = t.ticket_id >> 40
LEFT JOIN tickets_forgotten f ON f.queue_id = t.ticket_id >> 40
WHERE t.ticket_id & 1099511627775 >= coalesce(f.before_number, 0);
