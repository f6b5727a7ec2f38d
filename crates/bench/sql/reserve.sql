-- A reservation by a row lock: lock the seat's row, look, write. A hold that has lapsed is free. All of it goes out at once
-- and is answered at once. `seats` says over how many seats the clients are spread.
\set seat random(1, :seats)
\set user random(1, 100000)
\startpipeline
BEGIN;
SELECT held_until FROM bench_seats WHERE seat_id = :seat FOR UPDATE;
WITH held AS (
    UPDATE bench_seats SET held_by = :user, held_until = now() + interval '5 minutes'
    WHERE seat_id = :seat AND (held_until IS NULL OR held_until <= now())
    RETURNING seat_id, held_by, held_until
)
INSERT INTO bench_reservations (seat_id, user_id, reserved_at, reserved_until)
SELECT seat_id, held_by, now(), held_until FROM held
RETURNING id;
COMMIT;
\endpipeline
