-- What happened, for those who keep something of their own beside the store: pieces of the feed, in the order of the journal. Read through
-- GET /v1/admin/events.
CREATE TABLE feed (
    -- the number of the first of its entries, and of the last
    first_seq BIGINT PRIMARY KEY,
    last_seq BIGINT NOT NULL,
    -- milliseconds since 1970-01-01 UTC, of the last
    at BIGINT NOT NULL,
    -- how many events of each family there were up to its end, in CBOR
    counts BYTEA NOT NULL,
    -- the entries, in CBOR, one behind the other
    entries BYTEA NOT NULL
);
CREATE INDEX feed_at ON feed (at);
