//! Money: what must add up.

use super::check::Check;

pub(super) const BALANCES: Check = Check {
    name: "accounts hold what was transferred",
    count: "SELECT count(*) FROM transfers",
    violations: &[
        "SELECT 'account ' || account || ' (a user; -1 cash, -2 sales) holds ' || sum(held)
             || ', its transfers add up to ' || sum(moved)
         FROM (
             SELECT credit AS account, amount AS moved, 0 AS held FROM transfers
             UNION ALL SELECT debit, -amount, 0 FROM transfers
             UNION ALL SELECT user_id, 0, balance FROM wallets
             UNION ALL SELECT -1, 0, -charged FROM mark
             UNION ALL SELECT -2, 0, sold FROM mark) moves
         GROUP BY account HAVING sum(held) <> sum(moved) ORDER BY account",
        // A free seat is paid with nothing, and its payment says so. Nothing else moves nothing.
        "SELECT 'transfer ' || t.transfer_id || ' moves ' || t.amount || ' from ' || t.debit || ' to ' || t.credit
         FROM transfers t LEFT JOIN payments p ON p.payment_id = t.payment_id AND p.amount = 0
         WHERE t.amount < 0 OR t.debit = t.credit OR (t.amount = 0 AND p.payment_id IS NULL) ORDER BY t.transfer_id",
    ],
};

pub(super) const WALLETS: Check = Check {
    name: "wallets are never negative",
    count: "SELECT count(*) FROM wallets",
    violations: &[
        "SELECT 'user ' || user_id || ' has ' || balance FROM wallets WHERE balance < 0 ORDER BY user_id",
        "SELECT 'user ' || account || ' had ' || after || ' after transfer ' || transfer_id FROM (
             SELECT account, transfer_id,
                 sum(amount) OVER (PARTITION BY account ORDER BY transfer_id) AS after
             FROM (SELECT transfer_id, credit AS account, amount FROM transfers WHERE credit >= 0
                   UNION ALL
                   SELECT transfer_id, debit, -amount FROM transfers WHERE debit >= 0) moves) history
         WHERE after < 0 ORDER BY transfer_id",
    ],
};

pub(super) const PAYMENTS: Check = Check {
    name: "one payment and one transfer for each paid reservation",
    count: "SELECT count(*) FROM reservations WHERE state = 1",
    violations: &[
        "SELECT 'reservation ' || r.reservation_id || ' is paid, with ' || count(p.payment_id) || ' payments'
         FROM reservations r LEFT JOIN payments p ON p.reservation_id = r.reservation_id
         WHERE r.state = 1 GROUP BY r.reservation_id HAVING count(p.payment_id) <> 1",
        "SELECT 'payment ' || p.payment_id || ' and its reservation ' || p.reservation_id || ' do not match'
         FROM payments p LEFT JOIN reservations r ON r.reservation_id = p.reservation_id
         WHERE r.state IS DISTINCT FROM 1 OR r.payment_id IS DISTINCT FROM p.payment_id OR r.amount <> p.amount
             OR r.user_id <> p.user_id ORDER BY p.payment_id",
        "SELECT 'payment ' || p.payment_id || ' has ' || count(t.transfer_id) || ' transfers'
         FROM payments p LEFT JOIN transfers t ON t.payment_id = p.payment_id
         GROUP BY p.payment_id HAVING count(t.transfer_id) <> 1",
        "SELECT 'transfer ' || t.transfer_id || ' and its payment ' || t.payment_id || ' do not match'
         FROM transfers t LEFT JOIN payments p ON p.payment_id = t.payment_id
         WHERE t.payment_id IS NOT NULL AND (p.payment_id IS NULL OR t.amount <> p.amount
             OR t.debit <> p.user_id OR t.credit <> -2) ORDER BY t.transfer_id",
    ],
};
