-- What operators and shops moved into wallets and out of them: once for each reference. Direction: 0 credit, 1 debit.
CREATE TABLE adjustments (
    reference TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    direction BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    transfer_id BIGINT NOT NULL,
    -- Whose key had it done, and what their name is.
    key_id BIGINT NOT NULL,
    operator TEXT
);

CREATE VIEW adjustments_detail AS
SELECT
    a.reference,
    utc_text(t.at) AS at,
    CASE a.direction WHEN 0 THEN 'CREDIT' WHEN 1 THEN 'DEBIT' END AS kind,
    a.user_id,
    a.amount,
    a.transfer_id,
    lpad(to_hex(a.key_id), 8, '0') AS key_id,
    a.operator
FROM adjustments a LEFT JOIN transfers t ON t.transfer_id = a.transfer_id;

-- Beside charges and payments there are credits and debits.
CREATE OR REPLACE VIEW ledger_entries AS
SELECT
    e.transfer_id,
    utc_text(e.at) AS at,
    CASE WHEN e.payment_id IS NOT NULL THEN 'PAYMENT' WHEN a.direction = 0 THEN 'CREDIT' WHEN a.direction = 1 THEN 'DEBIT'
         ELSE 'CHARGE' END AS kind,
    CASE e.account WHEN -1 THEN 'CASH' WHEN -2 THEN 'SALES' ELSE 'WALLET' END AS account,
    CASE WHEN e.account >= 0 THEN e.account END AS user_id,
    e.amount,
    e.payment_id,
    a.reference
FROM (
    SELECT transfer_id, at, debit AS account, -amount AS amount, payment_id FROM transfers
    UNION ALL
    SELECT transfer_id, at, credit, amount, payment_id FROM transfers
) e LEFT JOIN adjustments a ON a.transfer_id = e.transfer_id;

-- People whom entry tokens name by something else than a number: the SHA-256 of who signed and of what they are called there, and
-- the number that they got for ever, from 2^52 on.
CREATE TABLE subjects (
    digest BYTEA PRIMARY KEY,
    user_id BIGINT NOT NULL
);

-- Entry tokens that are good once, were used, and have not expired: half of the SHA-256 of who signed and of their jti.
CREATE TABLE entries (
    digest BYTEA PRIMARY KEY,
    -- Until when it is remembered.
    until BIGINT NOT NULL,
    -- Half of the SHA-256 of the Idempotency-Key that came with it.
    retry BYTEA,
    user_id BIGINT NOT NULL
);

-- The most seats of one date that a person may have, as the newest entry token that said so said.
CREATE TABLE seat_limits (
    user_id BIGINT PRIMARY KEY,
    seats BIGINT NOT NULL
);
