-- The engine's state, one table for each kind of row that it reports.
--
-- Everything that can be is one 64-bit primary key, and there are no secondary indexes: every row is written on
-- the path of a sale, and the questions that people ask may scan.
--
-- Times are milliseconds since 1970-01-01 UTC; the greatest integer stands for "never". Money is in the minor unit
-- of the store's currency. Codes are spelled out by the views.

CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The journal that these tables are a projection of.
    store_id INTEGER NOT NULL,
    -- The newest batch that was synced to the disk on purpose.
    sealed_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE mark (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The tables hold the state right after this batch of the journal.
    seq INTEGER NOT NULL,
    -- The journal's hash at `seq`.
    hash BLOB NOT NULL,
    time INTEGER NOT NULL,
    -- The 64 bits of the state's fingerprint, as a signed integer.
    fingerprint INTEGER NOT NULL,
    next_reservation_id INTEGER NOT NULL,
    next_payment_id INTEGER NOT NULL,
    next_transfer_id INTEGER NOT NULL,
    charged INTEGER NOT NULL,
    sold INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    hold_ttl_ms INTEGER NOT NULL,
    hold_limit_per_user INTEGER NOT NULL,
    charge_limit INTEGER NOT NULL,
    queue_active_limit INTEGER NOT NULL,
    queue_admit_per_second INTEGER,
    queue_session_ttl_ms INTEGER NOT NULL,
    queue_waiting_ttl_ms INTEGER NOT NULL,
    queue_waiting_grace_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE queues (
    queue_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    -- 0 open, 1 paused, 2 draining, 3 closed
    mode INTEGER NOT NULL,
    active_limit INTEGER NOT NULL,
    admit_per_second INTEGER,
    session_ttl_ms INTEGER NOT NULL,
    waiting_ttl_ms INTEGER NOT NULL,
    waiting_grace_ms INTEGER NOT NULL,
    next_number INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    next_return INTEGER NOT NULL,
    -- Everybody in the queue counts as seen then.
    seen_floor INTEGER NOT NULL,
    -- Admissions of the last second: CBOR, an array of [20 ms slot since 1970, count].
    admitted BLOB NOT NULL
) STRICT;

CREATE TABLE tickets (
    -- queue_id * 2^40 + the ticket's number in the queue
    ticket_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    -- 0 waiting, 1 absent, 2 returned, 3 progress, 4 done, 5 expired
    state INTEGER NOT NULL,
    -- absent, returned, progress: when that ends; done, expired: since when; waiting: null
    state_at INTEGER,
    -- returned: the place among those who returned
    return_order INTEGER
) STRICT;

-- Tickets with a lower number are history.
CREATE TABLE tickets_forgotten (
    queue_id INTEGER PRIMARY KEY,
    before_number INTEGER NOT NULL
) STRICT;

CREATE TABLE presence (
    -- queue_id * 2^40 + the number of the block's first ticket
    block_id INTEGER PRIMARY KEY,
    -- For each ticket of the block when it was last heard from: 32 bits, little-endian, tenths of a second since 2020.
    seen BLOB NOT NULL
) STRICT;

CREATE TABLE wallets (
    user_id INTEGER PRIMARY KEY,
    balance INTEGER NOT NULL
) STRICT;

CREATE TABLE transfers (
    transfer_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    -- Accounts: the user's id for a wallet, -1 for cash, -2 for sales. `amount` leaves `debit` and enters `credit`.
    debit INTEGER NOT NULL,
    credit INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    payment_id INTEGER
) STRICT;

CREATE TABLE concerts (
    concert_id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    queue TEXT NOT NULL
) STRICT;

CREATE TABLE schedules (
    schedule_id INTEGER PRIMARY KEY,
    concert_id INTEGER NOT NULL,
    zone TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    closed INTEGER NOT NULL
) STRICT;

CREATE TABLE seats (
    schedule_id INTEGER NOT NULL,
    seat_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    section TEXT,
    seat_row TEXT,
    seat_number TEXT,
    PRIMARY KEY (schedule_id, seat_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    reservation_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    schedule_id INTEGER NOT NULL,
    -- The first seat; the others, if any, are in reservations_more_seats.
    seat_id INTEGER,
    seat_count INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    reserved_at INTEGER NOT NULL,
    reserved_until INTEGER NOT NULL,
    -- 0 held, 1 paid, 2 lapsed, 3 cancelled, 4 released
    state INTEGER NOT NULL,
    -- Since when, except for held.
    state_at INTEGER,
    payment_id INTEGER,
    -- 1: history, which no request can see any more
    forgotten INTEGER NOT NULL
) STRICT;

-- Only rows with place < seat_count count.
CREATE TABLE reservations_more_seats (
    reservation_id INTEGER NOT NULL,
    -- The seat's place in the reservation; the first seat is place 0, and is not here.
    place INTEGER NOT NULL,
    seat_id INTEGER NOT NULL,
    PRIMARY KEY (reservation_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE payments (
    payment_id INTEGER PRIMARY KEY,
    reservation_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    paid_at INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency (
    user_id INTEGER NOT NULL,
    -- 0 charge, 1 reserve, 2 pay
    endpoint INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- 64 bits, as a signed integer
    fingerprint INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    -- The stored answer: CBOR, as in the journal's format.
    result BLOB NOT NULL,
    PRIMARY KEY (user_id, endpoint, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE staged (
    -- 64 bits, as a signed integer
    upload_id INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (upload_id, part)
) STRICT;
