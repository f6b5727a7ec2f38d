-- The store's feature level: what all programs that work on it can read. No row means 0.
CREATE TABLE level (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    level BIGINT NOT NULL CHECK (level > 0)
);
