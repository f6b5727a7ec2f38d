-- Campaigns: codes that are alike, and what they open.
CREATE TABLE campaigns (
    campaign_id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    queue_id BIGINT NOT NULL,
    -- The token key that the key of its codes' hashes is made of.
    key_id BIGINT NOT NULL,
    -- From when, and until when, people join with its codes; null for always.
    from_at BIGINT,
    until_at BIGINT,
    -- What whoever joins with one has: a tier, and the most seats of a date.
    tier BIGINT,
    seats BIGINT,
    -- How often each is good.
    uses BIGINT NOT NULL,
    -- Whether nobody joins the queue without a code, until until_at.
    required BIGINT NOT NULL,
    stopped BIGINT NOT NULL,
    codes BIGINT NOT NULL,
    -- Uses of people who have a place or a hold and have bought nothing, and of those who have bought something.
    held BIGINT NOT NULL,
    spent BIGINT NOT NULL
);

-- Codes: of each the first half of an HMAC-SHA256. A code itself is nowhere.
CREATE TABLE codes (
    campaign_id BIGINT NOT NULL,
    -- Its place in what was added, from 1.
    number BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, number)
);

-- Who had which code, by the ticket that it was taken with. One that ended unpaid was given back.
CREATE TABLE code_uses (
    ticket_id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    taken_at BIGINT NOT NULL,
    paid BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX code_uses_by_code ON code_uses (campaign_id, number);

CREATE VIEW campaigns_now AS
SELECT
    c.name,
    q.name AS queue,
    utc_text(c.from_at) AS from_at,
    utc_text(c.until_at) AS until_at,
    c.tier,
    c.seats,
    c.uses,
    c.required,
    c.stopped,
    c.codes,
    c.held,
    c.spent,
    lpad(to_hex(c.key_id), 8, '0') AS key_id
FROM campaigns c JOIN queues q ON q.queue_id = c.queue_id;

CREATE VIEW code_uses_detail AS
SELECT
    c.name AS campaign,
    u.number,
    u.user_id,
    CASE WHEN u.paid = 1 THEN 'SPENT' WHEN u.ended_at IS NULL THEN 'HELD' ELSE 'GIVEN_BACK' END AS status,
    utc_text(u.taken_at) AS taken_at,
    utc_text(u.ended_at) AS ended_at
FROM code_uses u JOIN campaigns c ON c.campaign_id = u.campaign_id;

-- Two levers more: 44 change a campaign, 45 add codes.
CREATE OR REPLACE VIEW levers_detail AS
SELECT
    lever_id >> 16 AS seq,
    utc_text(at) AS at,
    lpad(to_hex(key_id), 8, '0') AS key_id,
    operator,
    CASE action WHEN 0 THEN 'PUBLISH_CATALOG' WHEN 1 THEN 'DISCARD_UPLOAD' WHEN 2 THEN 'OPEN_QUEUE'
                WHEN 3 THEN 'CHANGE_QUEUE' WHEN 4 THEN 'CHANGE_SETTINGS' WHEN 5 THEN 'CHANGE_SALE'
                WHEN 6 THEN 'RELEASE_HOLD' WHEN 7 THEN 'REMOVE_SCHEDULE' WHEN 8 THEN 'SEND_MESSAGE'
                WHEN 9 THEN 'LET_SILENT_GO' WHEN 10 THEN 'REVOKE_TOKENS' WHEN 11 THEN 'ADD_OPERATOR'
                WHEN 12 THEN 'REMOVE_OPERATOR' WHEN 13 THEN 'WITHHOLD_SEATS' WHEN 14 THEN 'GIVE_SEATS_BACK'
                WHEN 15 THEN 'REISSUE_TICKETS' WHEN 44 THEN 'CHANGE_CAMPAIGN' WHEN 45 THEN 'ADD_CODES' END AS action,
    target, before, after
FROM levers;
