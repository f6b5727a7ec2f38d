-- The store's one currency since its first start, ISO 4217. No journal entry has it: it decides nothing, it only says what
-- amounts are of.
CREATE TABLE currency (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    code TEXT NOT NULL
) STRICT;
