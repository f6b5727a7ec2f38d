-- The engine's state, one table for each kind of row that it reports.
--
-- The tables and columns are those of SQLite's version; every integer is a bigint. There are no secondary indexes: every
-- row is written on the path of a sale, and the questions that people ask may scan.
--
-- Times are milliseconds since 1970-01-01 UTC; the greatest integer stands for "never". Money is in the minor unit
-- of the store's currency. Codes are spelled out by the views.

CREATE TABLE store (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    -- The journal that these tables are a projection of.
    store_id BIGINT NOT NULL,
    -- The newest batch that was synced to the disk on purpose.
    sealed_seq BIGINT NOT NULL
);

CREATE TABLE mark (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    -- The tables hold the state right after this batch of the journal.
    seq BIGINT NOT NULL,
    -- The journal's hash at `seq`.
    hash BYTEA NOT NULL,
    time BIGINT NOT NULL,
    -- The 64 bits of the state's fingerprint, as a signed integer.
    fingerprint BIGINT NOT NULL,
    next_reservation_id BIGINT NOT NULL,
    next_payment_id BIGINT NOT NULL,
    next_transfer_id BIGINT NOT NULL,
    charged BIGINT NOT NULL,
    sold BIGINT NOT NULL
);

CREATE TABLE settings (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    hold_ttl_ms BIGINT NOT NULL,
    hold_limit_per_user BIGINT NOT NULL,
    charge_limit BIGINT NOT NULL,
    queue_active_limit BIGINT NOT NULL,
    queue_admit_per_second BIGINT,
    queue_session_ttl_ms BIGINT NOT NULL,
    queue_waiting_ttl_ms BIGINT NOT NULL,
    queue_waiting_grace_ms BIGINT NOT NULL
);

CREATE TABLE queues (
    queue_id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    -- 0 open, 1 paused, 2 draining, 3 closed
    mode BIGINT NOT NULL,
    active_limit BIGINT NOT NULL,
    admit_per_second BIGINT,
    session_ttl_ms BIGINT NOT NULL,
    waiting_ttl_ms BIGINT NOT NULL,
    waiting_grace_ms BIGINT NOT NULL,
    next_number BIGINT NOT NULL,
    first_number BIGINT NOT NULL,
    next_return BIGINT NOT NULL,
    -- Everybody in the queue counts as seen then.
    seen_floor BIGINT NOT NULL,
    -- Admissions of the last second: CBOR, an array of [20 ms slot since 1970, count].
    admitted BYTEA NOT NULL
);

CREATE TABLE tickets (
    -- queue_id * 2^40 + the ticket's number in the queue
    ticket_id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    -- 0 waiting, 1 absent, 2 returned, 3 progress, 4 done, 5 expired
    state BIGINT NOT NULL,
    -- absent, returned, progress: when that ends; done, expired: since when; waiting: null
    state_at BIGINT,
    -- returned: the place among those who returned
    return_order BIGINT
);

-- Tickets with a lower number are history.
CREATE TABLE tickets_forgotten (
    queue_id BIGINT PRIMARY KEY,
    before_number BIGINT NOT NULL
);

CREATE TABLE presence (
    -- queue_id * 2^40 + the number of the block's first ticket
    block_id BIGINT PRIMARY KEY,
    -- For each ticket of the block when it was last heard from: 32 bits, little-endian, tenths of a second since 2020.
    seen BYTEA NOT NULL
);

CREATE TABLE wallets (
    user_id BIGINT PRIMARY KEY,
    balance BIGINT NOT NULL
);

CREATE TABLE transfers (
    transfer_id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Accounts: the user's id for a wallet, -1 for cash, -2 for sales. `amount` leaves `debit` and enters `credit`.
    debit BIGINT NOT NULL,
    credit BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    payment_id BIGINT
);

CREATE TABLE concerts (
    concert_id BIGINT PRIMARY KEY,
    title TEXT NOT NULL,
    queue TEXT NOT NULL
);

CREATE TABLE schedules (
    schedule_id BIGINT PRIMARY KEY,
    concert_id BIGINT NOT NULL,
    zone TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    closed BIGINT NOT NULL
);

CREATE TABLE seats (
    schedule_id BIGINT NOT NULL,
    seat_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    section TEXT,
    seat_row TEXT,
    seat_number TEXT,
    PRIMARY KEY (schedule_id, seat_id)
);

CREATE TABLE reservations (
    reservation_id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    schedule_id BIGINT NOT NULL,
    -- The first seat; the others, if any, are in reservations_more_seats.
    seat_id BIGINT,
    seat_count BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    reserved_at BIGINT NOT NULL,
    reserved_until BIGINT NOT NULL,
    -- 0 held, 1 paid, 2 lapsed, 3 cancelled, 4 released
    state BIGINT NOT NULL,
    -- Since when, except for held.
    state_at BIGINT,
    payment_id BIGINT,
    -- 1: history, which no request can see any more
    forgotten BIGINT NOT NULL
);

-- Only rows with place < seat_count count.
CREATE TABLE reservations_more_seats (
    reservation_id BIGINT NOT NULL,
    -- The seat's place in the reservation; the first seat is place 0, and is not here.
    place BIGINT NOT NULL,
    seat_id BIGINT NOT NULL,
    PRIMARY KEY (reservation_id, place)
);

CREATE TABLE payments (
    payment_id BIGINT PRIMARY KEY,
    reservation_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    paid_at BIGINT NOT NULL
);

CREATE TABLE idempotency (
    user_id BIGINT NOT NULL,
    -- 0 charge, 1 reserve, 2 pay
    endpoint BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- 64 bits, as a signed integer
    fingerprint BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    -- The stored answer: CBOR, as in the journal's format.
    result BYTEA NOT NULL,
    PRIMARY KEY (user_id, endpoint, hash)
);

CREATE TABLE staged (
    -- 64 bits, as a signed integer
    upload_id BIGINT NOT NULL,
    part BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (upload_id, part)
);

-- The keys of tokens and of the admin API, which all nodes share. In a data directory they are in keys.toml.
CREATE TABLE secrets (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    document TEXT NOT NULL
);
