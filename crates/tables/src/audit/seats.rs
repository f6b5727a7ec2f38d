//! Seats: nobody sits on another's lap, and what seats cost together is what is paid for them.

use super::check::Check;

pub(super) const SEATS: Check = Check {
    name: "no seat is held or sold twice, or while it is held back",
    count: "SELECT count(*) FROM reserved_seats WHERE state IN (0, 1)",
    violations: &[
        "SELECT 'seat ' || seat_id || ' of schedule ' || schedule_id || ' is in reservations '
             || string_agg(CAST(reservation_id AS TEXT), ', ')
         FROM reserved_seats WHERE state IN (0, 1)
         GROUP BY schedule_id, seat_id HAVING count(*) > 1 ORDER BY schedule_id, seat_id",
        "SELECT 'reservation ' || l.reservation_id || ' has seat ' || l.seat_id || ' of schedule ' || l.schedule_id
             || ', which does not exist'
         FROM reserved_seats l LEFT JOIN seats s ON s.schedule_id = l.schedule_id AND s.seat_id = l.seat_id
         WHERE l.state IN (0, 1) AND s.seat_id IS NULL ORDER BY l.reservation_id",
        "SELECT 'reservation ' || r.reservation_id || ' is of ' || r.amount || ', its seats of ' || sum(l.amount)
         FROM reservations r JOIN reserved_seats l ON l.reservation_id = r.reservation_id
         GROUP BY r.reservation_id, r.amount HAVING count(l.amount) = count(*) AND sum(l.amount) <> r.amount
         ORDER BY r.reservation_id",
        "SELECT 'reservation ' || reservation_id || ' has price types for ' || count(price_type) || ' of ' || count(*) || ' seats'
         FROM reserved_seats GROUP BY reservation_id HAVING count(price_type) NOT IN (0, count(*)) ORDER BY reservation_id",
        "SELECT 'seat ' || w.seat_id || ' of schedule ' || w.schedule_id || ' is held back, and does not exist'
         FROM withheld w LEFT JOIN seats s ON s.schedule_id = w.schedule_id AND s.seat_id = w.seat_id
         WHERE s.seat_id IS NULL ORDER BY w.schedule_id, w.seat_id",
        "SELECT 'seat ' || w.seat_id || ' of schedule ' || w.schedule_id || ' is held back, and in reservation '
             || l.reservation_id
         FROM withheld w JOIN reserved_seats l ON l.schedule_id = w.schedule_id AND l.seat_id = w.seat_id
         WHERE l.state IN (0, 1) ORDER BY w.schedule_id, w.seat_id",
        "SELECT 'the ticket of seat ' || t.seat_id || ' in reservation ' || t.reservation_id || ' was issued anew, and was never paid'
         FROM reissued_tickets t LEFT JOIN reserved_seats l ON l.reservation_id = t.reservation_id AND l.seat_id = t.seat_id
         AND l.state = 1 WHERE l.seat_id IS NULL ORDER BY t.reservation_id, t.seat_id",
    ],
};
