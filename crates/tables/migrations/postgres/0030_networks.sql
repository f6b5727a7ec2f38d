-- How many places each network has in a draw; null where nobody is counted.
ALTER TABLE settings ADD COLUMN queue_network_places BIGINT;
ALTER TABLE queues ADD COLUMN network_places BIGINT;

CREATE TABLE networks (
    -- queue_id * 2^12 + the first 12 bits of the networks' tags
    block_id BIGINT PRIMARY KEY,
    -- The networks from which somebody takes part in the draw that is to come, in order: the tag, 64 bits, and how many joined from it, 32 bits,
    -- little-endian. A tag is a hash of the network with a key that is not in the store. Empty once the places are drawn.
    joins BYTEA NOT NULL
);
