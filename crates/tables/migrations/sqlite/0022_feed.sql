-- What happened, for those who keep something of their own beside the store: pieces of the feed, in the order of the journal. Read through
-- GET /v1/admin/events.
CREATE TABLE feed (
    -- the number of the first of its entries, and of the last
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    -- milliseconds since 1970-01-01 UTC, of the last
    at INTEGER NOT NULL,
    -- how many events of each family there were up to its end, in CBOR
    counts BLOB NOT NULL,
    -- the entries, in CBOR, one behind the other
    entries BLOB NOT NULL
) STRICT;
CREATE INDEX feed_at ON feed (at);
