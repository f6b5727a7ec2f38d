//! Stored values that no engine can have written are named, never loaded and never a panic.

use onsale_tables::Error;

use crate::common::{raw, sale};

/// What somebody did to the file, and the table, key and column that the load must name.
const DAMAGES: &[(&str, &str, &str, &str)] = &[
    ("UPDATE settings SET hold_limit_per_user = -1", "settings", "1", "hold_limit_per_user"),
    ("UPDATE queues SET mode = 4", "queues", "0", "mode"),
    ("UPDATE queues SET admitted = x'ff'", "queues", "0", "admitted"),
    ("UPDATE queues SET queue_id = 65536", "queues", "65536", "queue_id"),
    ("UPDATE queues SET name = cast(x'ff' AS TEXT)", "queues", "0", "name"),
    ("UPDATE tickets SET state = 6 WHERE ticket_id = 2", "tickets", "2", "state"),
    ("UPDATE tickets SET state_at = NULL WHERE ticket_id = 1", "tickets", "1", "state"),
    ("UPDATE tickets SET issued_at = -1 WHERE ticket_id = 3", "tickets", "3", "issued_at"),
    ("UPDATE tickets SET key_id = 4294967296 WHERE ticket_id = 3", "tickets", "3", "key_id"),
    ("UPDATE tickets SET ticket_id = -5 WHERE ticket_id = 3", "tickets", "-5", "ticket_id"),
    ("UPDATE presence SET seen = x'010203'", "presence", "0", "seen"),
    ("UPDATE wallets SET balance = -1 WHERE user_id = 8", "wallets", "8", "balance"),
    ("UPDATE schedules SET closed = 2", "schedules", "1", "closed"),
    ("UPDATE seats SET amount = -1 WHERE seat_id = 2", "seats", "1, 2", "amount"),
    ("UPDATE reservations SET state = 9 WHERE reservation_id = 2", "reservations", "2", "state"),
    ("UPDATE reservations SET payment_id = NULL WHERE reservation_id = 1", "reservations", "1", "state"),
    ("UPDATE reservations SET seat_count = 3 WHERE reservation_id = 1", "reservations", "1", "seat_count"),
    ("UPDATE reservations SET seat_id = NULL WHERE reservation_id = 2", "reservations", "2", "seat_count"),
    ("UPDATE reservations_more_seats SET seat_id = -1", "reservations_more_seats", "1, 1", "seat_id"),
    ("UPDATE payments SET user_id = -7", "payments", "1", "user_id"),
    ("UPDATE idempotency SET endpoint = 3, hash = x'0a'", "idempotency", "7, 3, 0a", "endpoint"),
    ("UPDATE idempotency SET hash = x'0a'", "idempotency", "7, 0, 0a", "hash"),
    ("UPDATE idempotency SET result = x'00'", "idempotency", "7, 0, 03030303030303030303030303030303", "result"),
    ("UPDATE staged SET part = -1", "staged", "-1, -1", "part"),
];

#[test]
fn a_value_that_cannot_be_right_is_named_with_its_table_and_key() {
    for (damage, table, key, column) in DAMAGES {
        let (dir, mut tables) = sale::tables();
        assert!(raw(&dir).execute(damage, []).expect(damage) > 0, "{damage}");
        match tables.load(&mut |_| Ok(())) {
            Err(Error::Corrupt { table: t, key: k, column: c }) => {
                assert_eq!((t, k.as_str(), c.as_str()), (*table, *key, *column), "{damage}");
            }
            other => panic!("{damage}: {other:?}"),
        }
    }
}

#[test]
fn a_mark_that_cannot_be_right_is_named() {
    let (dir, tables) = sale::tables();
    raw(&dir).execute("UPDATE mark SET hash = x'00'", []).expect("an update");
    assert!(matches!(tables.mark(), Err(Error::Corrupt { table: "mark", .. })));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join(onsale_tables::FILE_NAME), vec![b'x'; 9_000]).expect("a file");
    let refused = onsale_tables::Tables::open(dir.path()).err().expect("a refusal");
    assert!(matches!(refused, Error::Open { .. }), "{refused:?}");
}
