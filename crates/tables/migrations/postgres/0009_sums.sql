-- All charges and all sales of a store may come to more than 64 bits hold, from level 2 on: these count 10^18 each, and
-- `charged` and `sold` the rest. 0 as long as the whole is below 2^63.
ALTER TABLE mark ADD COLUMN charged_high BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mark ADD COLUMN sold_high BIGINT NOT NULL DEFAULT 0;

-- Every account's balance: `balance_high` times 10^18, and `balance`. Their sum is zero.
CREATE OR REPLACE VIEW accounts_now AS
SELECT 'WALLET' AS account, user_id, balance, 0::bigint AS balance_high FROM wallets
UNION ALL
SELECT 'CASH', NULL::bigint, -charged, -charged_high FROM mark
UNION ALL
SELECT 'SALES', NULL, sold, sold_high FROM mark;
