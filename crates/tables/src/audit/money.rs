//! Money: what must add up.

use super::check::Check;

/// `$high` times 10^9 and `$low`, as text: as one number, or as the one behind the other where they are more than an integer.
macro_rules! spelled {
    ($high:literal, $low:literal) => {
        concat!(
            "CASE WHEN abs(",
            $high,
            ") < 9000000000 THEN CAST(",
            $high,
            " * 1000000000 + ",
            $low,
            " AS TEXT) ELSE ",
            $high,
            " || substr(CAST(1000000000 + abs(",
            $low,
            ") AS TEXT), 2) END"
        )
    };
}

/// Cash and sales may hold more than 64 bits do, and a database that adds integers up fails there. So thousands of millions and
/// what is over them are added up apart; what of the second makes one of the first is then carried over.
const UNBALANCED: &str = concat!(
    "SELECT 'account ' || account || ' (a user; -1 cash, -2 sales) holds ' || ",
    spelled!("held_high", "held_low"),
    " || ', its transfers add up to ' || ",
    spelled!("moved_high", "moved_low"),
    " FROM (
         SELECT account,
             held_high + held_low / 1000000000 AS held_high, held_low % 1000000000 AS held_low,
             moved_high + moved_low / 1000000000 AS moved_high, moved_low % 1000000000 AS moved_low
         FROM (
             SELECT account,
                 CAST(sum(held_high * 1000000000 + held / 1000000000) AS BIGINT) AS held_high,
                 CAST(sum(held % 1000000000) AS BIGINT) AS held_low,
                 CAST(sum(moved / 1000000000) AS BIGINT) AS moved_high,
                 CAST(sum(moved % 1000000000) AS BIGINT) AS moved_low
             FROM (
                 SELECT credit AS account, amount AS moved, 0 AS held, 0 AS held_high FROM transfers
                 UNION ALL SELECT debit, -amount, 0, 0 FROM transfers
                 UNION ALL SELECT user_id, 0, balance, 0 FROM wallets
                 UNION ALL SELECT -1, 0, -charged, -charged_high FROM mark
                 UNION ALL SELECT -2, 0, sold, sold_high FROM mark) moves
             GROUP BY account) sums) accounts
     WHERE held_high - moved_high + (held_low - moved_low) / 1000000000 <> 0 OR (held_low - moved_low) % 1000000000 <> 0
     ORDER BY account"
);

pub(super) const BALANCES: Check = Check {
    name: "accounts hold what was transferred",
    count: "SELECT count(*) FROM transfers",
    violations: &[
        UNBALANCED,
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

pub(super) const ADJUSTMENTS: Check = Check {
    name: "one transfer for each credit and debit",
    count: "SELECT count(*) FROM adjustments",
    violations: &[
        "SELECT 'reference ' || a.reference || ' and its transfer ' || a.transfer_id || ' do not match'
         FROM adjustments a LEFT JOIN transfers t ON t.transfer_id = a.transfer_id
         WHERE t.transfer_id IS NULL OR t.amount <> a.amount OR t.payment_id IS NOT NULL
             OR t.debit <> CASE a.direction WHEN 0 THEN -1 ELSE a.user_id END
             OR t.credit <> CASE a.direction WHEN 0 THEN a.user_id ELSE -1 END ORDER BY a.reference",
        "SELECT 'transfer ' || transfer_id || ' is that of ' || count(*) || ' references'
         FROM adjustments GROUP BY transfer_id HAVING count(*) > 1 ORDER BY transfer_id",
        "SELECT 'transfer ' || t.transfer_id || ' takes ' || t.amount || ' back from user ' || t.debit || ' without a reference'
         FROM transfers t LEFT JOIN adjustments a ON a.transfer_id = t.transfer_id
         WHERE t.credit = -1 AND a.reference IS NULL ORDER BY t.transfer_id",
    ],
};
