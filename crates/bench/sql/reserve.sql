-- A reservation as most services make it: lock the seat's row, look, write. Spread over a million seats, so that hardly any
-- two want the same.
\set seat random(1, 1000000)
\set user random(1, 100000)
BEGIN;
SELECT held_by FROM bench_seats WHERE seat_id = :seat FOR UPDATE;
UPDATE bench_seats SET held_by = :user, held_until = now() + interval '5 minutes' WHERE seat_id = :seat;
INSERT INTO bench_reservations (seat_id, user_id, reserved_at) VALUES (:seat, :user, now());
COMMIT;
