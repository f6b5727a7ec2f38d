-- What operators did, and what those who wait were told: history, written once.

CREATE TABLE levers (
    -- the journal entry's number * 2^16 + the command's place in it
    lever_id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    -- the admin key that was used: the first four bytes of its SHA-256
    key_id BIGINT NOT NULL,
    operator TEXT,
    -- 0 publish catalog, 1 discard upload, 2 open queue, 3 change queue, 4 change settings, 5 change sale,
    -- 6 release hold, 7 remove schedule, 8 send message
    action BIGINT NOT NULL,
    target TEXT NOT NULL,
    -- what differed, as it was and as it is
    before TEXT NOT NULL,
    after TEXT NOT NULL
);

CREATE TABLE news (
    -- as lever_id
    news_id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    -- 0 message, 1 sold out, 2 queue closed, 3 queue paused, 4 queue open, 5 sale closed, 6 sale open
    kind BIGINT NOT NULL,
    -- whom it concerns; null for everybody
    queue_id BIGINT,
    schedule_id BIGINT,
    -- a message's text
    text_en TEXT,
    text_ko TEXT
);

-- Who moved which lever when.
CREATE VIEW levers_detail AS
SELECT
    lever_id >> 16 AS seq,
    utc_text(at) AS at,
    lpad(to_hex(key_id), 8, '0') AS key_id,
    operator,
    CASE action WHEN 0 THEN 'PUBLISH_CATALOG' WHEN 1 THEN 'DISCARD_UPLOAD' WHEN 2 THEN 'OPEN_QUEUE'
                WHEN 3 THEN 'CHANGE_QUEUE' WHEN 4 THEN 'CHANGE_SETTINGS' WHEN 5 THEN 'CHANGE_SALE'
                WHEN 6 THEN 'RELEASE_HOLD' WHEN 7 THEN 'REMOVE_SCHEDULE' WHEN 8 THEN 'SEND_MESSAGE' END AS action,
    target, before, after
FROM levers;

-- What those who wait were told.
CREATE VIEW news_detail AS
SELECT
    n.news_id,
    utc_text(n.at) AS at,
    CASE n.kind WHEN 0 THEN 'MESSAGE' WHEN 1 THEN 'SOLD_OUT' WHEN 2 THEN 'QUEUE_CLOSED' WHEN 3 THEN 'QUEUE_PAUSED'
                WHEN 4 THEN 'QUEUE_OPEN' WHEN 5 THEN 'SALE_CLOSED' WHEN 6 THEN 'SALE_OPEN' END AS kind,
    q.name AS queue,
    n.schedule_id, n.text_en, n.text_ko
FROM news n
LEFT JOIN queues q ON q.queue_id = n.queue_id;
