-- How many seats one user may have, of a schedule and of a concert. Null for no limit, as always below level 3.
ALTER TABLE settings ADD COLUMN seats_per_user BIGINT;
ALTER TABLE settings ADD COLUMN seats_per_user_per_concert BIGINT;
