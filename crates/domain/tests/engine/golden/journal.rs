//! A journal, and the state after each of its entries.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{ReservationId, UploadId, UserId};
use onsale_domain::settings::{QueueSettings, Settings};

use super::commands::{of_level_1, of_level_2, of_operators, of_revocation, one_of_each};
use super::{check, to_hex};
use crate::shop::{self, QUEUE, Shop};

const QUEUE_SETTINGS: QueueSettings = QueueSettings {
    active_limit: 2,
    admit_per_second: Some(50),
    session_ttl_ms: 2_000,
    waiting_ttl_ms: 1_000,
    waiting_grace_ms: 1_000,
    session_idle_ms: None,
    proof_bits: None,
    network_places: None,
    session_max_ms: None,
};

/// Batches, each so many milliseconds after the one before.
fn script() -> Vec<(u64, Vec<Command>)> {
    let settings = Settings { hold_ttl_ms: 1_500, ..Settings::default() };
    let paid = ReservationId(1);
    let keyed = Command::Pay { user: UserId(1), reservation: paid, key: shop::key(5) };
    let quiet = std::iter::repeat_with(|| (200, vec![Command::Tick])).take(12);
    let mut script = vec![
        (0, one_of_each()),
        (
            1,
            vec![
                Command::Configure { settings },
                Command::ConfigureQueue { queue: QUEUE, settings: Some(QUEUE_SETTINGS), mode: None },
            ],
        ),
        (
            1,
            vec![
                Command::Stage { upload: UploadId(4), part: shop::catalog(4) },
                Command::Publish { upload: UploadId(4) },
            ],
        ),
        (20, (1..=6).map(shop::join).collect()),
        (20, vec![shop::join(7), shop::charge(1, 500), shop::charge(2, 50)]),
        (20, vec![shop::reserve_all(0, 1, &[1, 2]), shop::reserve(1, 2, 2), shop::reserve(1, 2, 3)]),
        (20, vec![keyed.clone(), keyed, shop::pay(2, ReservationId(2))]),
        (20, vec![Command::Cancel { user: UserId(2), reservation: ReservationId(2) }, shop::reserve(1, 2, 4)]),
    ];
    script.extend(quiet);
    script.push((100, vec![shop::seen([3, 5]), shop::pay(2, ReservationId(3))]));
    script.push((100, vec![Command::Leave { ticket: shop::ticket(6), user: None }, Command::Start, shop::join(1)]));
    script.push((86_400_000, vec![Command::Tick]));
    script.push((100, of_operators()));
    script.push((100, of_level_1()));
    script.push((100, of_level_2()));
    script.push((100, of_revocation()));
    script.push((100, vec![shop::join(7), shop::join(1)]));
    script
}

#[test]
fn an_old_journal_comes_to_the_same_state() {
    let mut shop = Shop::new();
    let mut lines = Vec::new();
    for (after, commands) in script() {
        shop.now += after;
        let batch = Batch { commands };
        let mut bytes = Vec::new();
        batch.encode_into(&mut bytes);
        shop.batch(&batch);
        lines.push(format!("{} {:#018x} {}", shop.now, shop.engine.mark().fingerprint, to_hex(&bytes)));
    }
    check(
        "journal.txt",
        &lines,
        "an existing journal comes to another state now; a rule that changes outcomes must become a command",
    );
}
