-- What nodes tell each other beside the journal. No state: the engine never asks for it, and nothing is sold by it.

-- What each node said of itself last. Unlogged, so that a word a second costs no flush and waits for no standby: what a
-- crash of the server takes is said again within a second.
CREATE UNLOGGED TABLE nodes (
    -- as in journal_entry
    node BIGINT PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    -- a JSON object
    report TEXT NOT NULL
) WITH (fillfactor = 50);

-- How the night went, in figures of all nodes, one line for each ten seconds.
CREATE TABLE night (
    -- seconds since 1970-01-01 UTC, at the sample's end
    at BIGINT PRIMARY KEY,
    -- a JSON object of numbers by name
    figures TEXT NOT NULL
);
