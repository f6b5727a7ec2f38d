-- Who is sent what happened, and how far each has got. It is not made of the journal: whoever makes the other tables anew leaves this one
-- as it is.
CREATE TABLE webhooks (
    webhook_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- counts the changes of the next two
    version BIGINT NOT NULL,
    -- JSON; its secrets are sealed with the store's keys
    definition TEXT NOT NULL,
    -- whether it is sent to, in JSON
    state TEXT NOT NULL,
    -- counts how often operators have put it elsewhere
    moved BIGINT NOT NULL,
    -- how far it has got, in JSON
    progress TEXT NOT NULL,
    -- what was tried last, in JSON
    log TEXT NOT NULL,
    -- the node that sends, and until when unless it says so again
    holder BIGINT,
    held_until TIMESTAMPTZ
);

-- One lever more: 16 change webhook.
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
                WHEN 15 THEN 'REISSUE_TICKETS' WHEN 16 THEN 'CHANGE_WEBHOOK' END AS action,
    target, before, after
FROM levers;
