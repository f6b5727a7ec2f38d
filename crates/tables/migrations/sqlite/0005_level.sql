-- The store's feature level: what all programs that work on it can read. No row means 0.
CREATE TABLE level (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    level INTEGER NOT NULL CHECK (level > 0)
) STRICT;
