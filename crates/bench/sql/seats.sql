-- What a service that locks rows would have: a row for each seat, with who holds it and until when, and one for each
-- reservation, which its owner can find.
CREATE TABLE bench_seats (seat_id BIGINT PRIMARY KEY, held_by BIGINT, held_until TIMESTAMPTZ);
CREATE TABLE bench_reservations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seat_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    reserved_at TIMESTAMPTZ NOT NULL,
    reserved_until TIMESTAMPTZ NOT NULL
);
CREATE INDEX bench_reservations_user ON bench_reservations (user_id);
INSERT INTO bench_seats SELECT seat_id, NULL, NULL FROM generate_series(1, 2000000) seat_id;
VACUUM ANALYZE bench_seats;
