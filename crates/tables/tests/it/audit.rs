//! The audit finds nothing in a right sale, and each wrong where it was done.

use onsale_tables::audit::{Audit, Finding};

use crate::common::{raw, sale};

fn findings(damage: &str) -> Vec<Finding> {
    let (dir, _tables) = sale::tables();
    raw(&dir).execute_batch(damage).expect(damage);
    Audit::open(dir.path()).expect("an audit").all().expect("its findings")
}

#[test]
fn a_right_sale_holds_and_says_what_was_checked() {
    let findings = findings("");
    for finding in &findings {
        assert!(finding.holds() && finding.violations.is_empty(), "{finding:?}");
    }
    let checked: Vec<u64> = findings.iter().map(|finding| finding.checked).collect();
    // Transfers, wallets, seats held or sold, paid reservations, credits and debits, subjects, queues, draws, codes,
    // people who were erased.
    assert_eq!(checked, [4, 2, 3, 1, 2, 3, 1, 1, 2, 1]);
}

/// What was done, and which check says what about it.
const WRONGS: &[(&str, usize, &str)] = &[
    ("UPDATE wallets SET balance = 10001 WHERE user_id = 7", 0, "account 7 "),
    ("DELETE FROM wallets WHERE user_id = 7", 0, "holds 0, its transfers add up to 10000"),
    ("INSERT INTO wallets VALUES (99, 5)", 0, "account 99 "),
    ("UPDATE mark SET charged = charged + 1", 0, "account -1 "),
    ("UPDATE mark SET sold = sold - 1", 0, "account -2 "),
    ("UPDATE transfers SET amount = 0 WHERE transfer_id = 1", 0, "transfer 1 moves 0"),
    ("UPDATE transfers SET amount = 0 WHERE transfer_id = 2", 0, "transfer 2 moves 0"),
    ("INSERT INTO transfers VALUES (5, 0, 7, 8, 0, 9)", 0, "transfer 5 moves 0"),
    ("INSERT INTO transfers VALUES (5, 0, 7, 7, 5, NULL)", 0, "transfer 5 moves 5"),
    ("UPDATE wallets SET balance = -1 WHERE user_id = 8", 1, "user 8 has -1"),
    ("UPDATE transfers SET transfer_id = 5 WHERE transfer_id = 1", 1, "user 7 had -80000 after transfer 2"),
    ("UPDATE reservations SET seat_id = 1 WHERE reservation_id = 2", 2, "seat 1 of schedule 1 is in reservations"),
    ("UPDATE reservations SET seat_id = 2 WHERE reservation_id = 2", 2, "seat 2 of schedule 1 is in reservations"),
    ("DELETE FROM seats WHERE seat_id = 3", 2, "reservation 2 has seat 3 of schedule 1, which does not exist"),
    ("UPDATE reservations_more_seats SET seat_amount = 1", 2, "reservation 1 is of 80000, its seats of 30001"),
    ("UPDATE reservations_more_seats SET price_type = NULL", 2, "reservation 1 has price types for 1 of 2 seats"),
    ("UPDATE withheld SET seat_id = 99", 2, "seat 99 of schedule 1 is held back, and does not exist"),
    ("UPDATE withheld SET seat_id = 3", 2, "seat 3 of schedule 1 is held back, and in reservation 2"),
    (
        "UPDATE reissued_tickets SET seat_id = 3",
        2,
        "the ticket of seat 3 in reservation 1 was issued anew, and was never paid",
    ),
    ("DELETE FROM payments", 3, "reservation 1 is paid, with 0 payments"),
    ("INSERT INTO payments VALUES (2, 1, 7, 80000, 0)", 3, "reservation 1 is paid, with 2 payments"),
    ("UPDATE reservations SET state = 0 WHERE reservation_id = 1", 3, "payment 1 and its reservation 1 do not"),
    ("UPDATE payments SET amount = 1", 3, "payment 1 and its reservation 1 do not match"),
    ("UPDATE payments SET user_id = 8", 3, "payment 1 and its reservation 1 do not match"),
    ("UPDATE transfers SET payment_id = NULL", 3, "payment 1 has 0 transfers"),
    ("UPDATE transfers SET payment_id = 1", 3, "payment 1 has 4 transfers"),
    ("UPDATE transfers SET debit = 8 WHERE transfer_id = 2", 3, "transfer 2 and its payment 1 do not match"),
    ("UPDATE transfers SET payment_id = 5 WHERE transfer_id = 1", 3, "transfer 1 and its payment 5 do not match"),
    ("UPDATE adjustments SET amount = amount + 1", 4, "reference payment-1 and its transfer 3 do not match"),
    ("UPDATE adjustments SET direction = 1 - direction", 4, "reference refund-1 and its transfer 4 do not match"),
    ("UPDATE adjustments SET user_id = 8", 4, "reference refund-1 and its transfer 4 do not match"),
    ("UPDATE transfers SET payment_id = 1 WHERE transfer_id = 3", 4, "reference payment-1 and its transfer 3 do not"),
    ("UPDATE adjustments SET transfer_id = 9", 4, "reference payment-1 and its transfer 9 do not match"),
    ("UPDATE adjustments SET transfer_id = 3", 4, "transfer 3 is that of 2 references"),
    ("UPDATE subjects SET user_id = 4503599627370497", 5, "user 4503599627370497 is 3 subjects"),
    ("UPDATE subjects SET user_id = user_id - 1", 5, "user 4503599627370495 is a subject"),
    ("DELETE FROM subjects WHERE user_id = 4503599627370496", 5, "user 4503599627370497 is a subject"),
    ("UPDATE queues SET phase = 2", 6, "queue 0 is in phase 2, and its times say 1"),
    ("UPDATE queues SET opens_at = 0", 6, "queue 0 is in phase 1, and its times say 2"),
    ("UPDATE queues SET prequeue_at = opens_at - 1", 6, "queue 0 is in phase 1, and its times say 0"),
    ("UPDATE queues SET closes_at = 1", 6, "queue 0 is in phase 1, and its times say 3"),
    ("UPDATE queues SET draw_seed = zeroblob(32)", 7, "queue 0: the seed of its draw is not what was committed to"),
    (
        "UPDATE queues SET draw_joins = zeroblob(32)",
        7,
        "queue 0: 6 tickets took part in its draw, and the 6 of the table",
    ),
    ("UPDATE tickets SET joined_at = NULL", 7, "queue 0: 6 tickets took part in its draw, and the 6 of the table"),
    ("UPDATE tickets SET tier = NULL", 7, "queue 0: 6 tickets took part in its draw, and the 6 of the table"),
    ("UPDATE tickets SET tier = 1", 7, "queue 0: 6 tickets took part in its draw, and the 6 of the table"),
    ("UPDATE tickets SET issued_at = issued_at + 1", 7, "queue 0: 6 tickets took part in its draw, and the 6 of"),
    ("DELETE FROM tickets WHERE ticket_id = 2", 7, "queue 0: 6 tickets took part in its draw, and the 5 of the table"),
    ("UPDATE codes SET used = 2 WHERE number = 1", 8, "code 1 of campaign 0 counts 2 uses, and people have 1"),
    ("UPDATE code_uses SET paid = 1", 8, "code 2 of campaign 0 counts 1 uses, and people have 2"),
    ("UPDATE campaigns SET codes = 3", 8, "campaign 0 counts 3 codes, and has 2 up to number 2"),
    ("UPDATE codes SET number = 3 WHERE number = 2", 8, "campaign 0 counts 2 codes, and has 2 up to number 3"),
    ("UPDATE campaigns SET held = 0, spent = 2", 8, "campaign 0 counts 0 uses held and 2 spent, and has 1 and 1"),
    ("UPDATE code_uses SET digest = zeroblob(16)", 8, "user 8 has code 2 of campaign 0, which is not there"),
    (
        "UPDATE code_uses SET user_id = 99 WHERE ended_at IS NULL",
        8,
        "user 99 has code 2 of campaign 0, and neither a place nor a hold",
    ),
    (
        "UPDATE subjects SET digest = (SELECT pseudonym FROM erasures) WHERE user_id = 4503599627370496",
        9,
        "user 4503599627370498 was erased, and is known as user 4503599627370496",
    ),
    ("UPDATE tickets SET user_id = 4503599627370498", 9, "user 4503599627370498 was erased, and has a place"),
    (
        "UPDATE reservations SET user_id = 4503599627370498 WHERE reservation_id = 2",
        9,
        "user 4503599627370498 was erased, and holds reservation 2",
    ),
    ("UPDATE revoked SET since = 0", 9, "user 4503599627370498 was erased, and their tokens count"),
    ("DELETE FROM adjustments", 4, "transfer 4 takes 2000 back from user 7 without a reference"),
];

/// What a free seat leaves behind: a paid reservation of 0, its payment, and a transfer of 0.
const FREE: &str = "INSERT INTO seats (schedule_id, seat_id, position, amount) VALUES (1, 9, 9, 0);
    INSERT INTO reservations SELECT 9, user_id, schedule_id, 9, 1, 0, reserved_at, reserved_until, state, state_at, 9, 0, NULL, NULL, NULL
        FROM reservations WHERE reservation_id = 1;
    INSERT INTO payments VALUES (9, 9, 7, 0, 0);
    INSERT INTO transfers VALUES (9, 0, 7, -2, 0, 9);";

#[test]
fn a_free_seat_is_no_fault_and_hides_none() {
    for finding in findings(FREE) {
        assert!(finding.holds(), "{finding:?}");
    }
    for (wrong, check, text) in [
        ("DELETE FROM transfers WHERE transfer_id = 9", 3, "payment 9 has 0 transfers"),
        ("UPDATE transfers SET payment_id = NULL WHERE transfer_id = 9", 0, "transfer 9 moves 0"),
        ("UPDATE payments SET amount = 1 WHERE payment_id = 9", 0, "transfer 9 moves 0"),
        ("INSERT INTO transfers VALUES (10, 0, 7, -2, 0, 9)", 3, "payment 9 has 2 transfers"),
        ("UPDATE transfers SET credit = -1 WHERE transfer_id = 9", 3, "transfer 9 and its payment 9 do not match"),
    ] {
        let finding = &findings(&format!("{FREE} {wrong}"))[check];
        assert!(finding.violations.iter().any(|violation| violation.contains(text)), "{wrong}: {finding:?}");
    }
}

#[test]
fn each_wrong_is_found() {
    for (wrong, check, text) in WRONGS {
        let finding = &findings(wrong)[*check];
        assert!(!finding.holds(), "{wrong}");
        let named = finding.violations.iter().any(|violation| violation.contains(text));
        assert!(named, "{wrong}: {finding:?}");
    }
}

#[test]
fn only_the_first_violations_are_named_and_all_are_counted() {
    let many = "WITH RECURSIVE n (user) AS (SELECT 100 UNION ALL SELECT user + 1 FROM n WHERE user < 124)
        INSERT INTO wallets SELECT user, 1 FROM n";
    let finding = &findings(many)[0];
    assert_eq!((finding.violated, finding.violations.len()), (25, 20));
}
