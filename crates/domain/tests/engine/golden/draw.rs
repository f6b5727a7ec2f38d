//! A journal with draws: the state after each of its entries, and the places that tickets have drawn by then.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{KeyId, UserId};
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::{Opening, Order};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use super::{check, to_hex};
use crate::shop::{self, BEGIN_MS, QUEUE, Shop};

const QUEUE_SETTINGS: QueueSettings = QueueSettings {
    active_limit: 3,
    admit_per_second: None,
    session_ttl_ms: 60_000,
    waiting_ttl_ms: 600_000,
    waiting_grace_ms: 1_000,
    session_idle_ms: None,
    proof_bits: None,
    network_places: None,
    session_max_ms: None,
};

fn by_draw(seed: u8) -> Command {
    Command::SetOrder { queue: QUEUE, order: Order::Draw { seed: [seed; 32] } }
}

/// Moments of an opening, in milliseconds since the beginning.
fn opening(prequeue_ms: u64, opens_ms: u64) -> Command {
    let at = |ms| Some(Time(BEGIN_MS + ms));
    let opening = Opening { prequeue_at: at(prequeue_ms), opens_at: at(opens_ms), closes_at: None };
    Command::SetOpening { queue: QUEUE, opening }
}

fn beacon(beacon: &str) -> Command {
    Command::SetBeacon { queue: QUEUE, beacon: beacon.to_owned() }
}

fn leave(numbers: impl Iterator<Item = u32>) -> Vec<Command> {
    numbers.map(|number| Command::Leave { ticket: shop::ticket(number), user: None }).collect()
}

/// Batches, each so many milliseconds after the beginning.
fn script() -> Vec<(u64, Vec<Command>)> {
    let by = Operator { key: KeyId(1), name: None };
    let revoke = Command::Operate { by, command: Box::new(Command::Revoke { user: UserId(4) }) };
    vec![
        (
            0,
            vec![
                Command::Raise { level: level::OFFERS },
                Command::Configure { settings: Settings::default() },
                Command::ConfigureQueue { queue: QUEUE, settings: Some(QUEUE_SETTINGS), mode: None },
            ],
        ),
        // Who is there before the pre-queue begins takes no part.
        (10, vec![shop::join(90)]),
        (20, vec![by_draw(1), by_draw(2), opening(1_000, 5_000)]),
        (1_000, (1..=5).map(shop::join).collect()),
        (1_500, (6..=12).map(shop::join).chain([shop::join(3), beacon("drand 7"), beacon("drand 8")]).collect()),
        (2_000, [leave(3..5), vec![revoke, shop::join(13)]].concat()),
        (4_999, vec![shop::join(14)]),
        // In the entry that opens it is too late.
        (5_000, vec![shop::join(15), shop::join(16)]),
        (6_000, [leave(0..17), vec![by_draw(3), opening(7_000, 8_000)]].concat()),
        (7_000, (20..=50).map(shop::join).collect()),
        (8_400, vec![Command::Tick]),
        (9_000, [leave(17..48), vec![Command::SetOrder { queue: QUEUE, order: Order::Fifo }, shop::join(1)]].concat()),
        // Nobody came before it.
        (10_000, [leave(48..49), vec![by_draw(4), opening(10_500, 11_000)]].concat()),
        (11_500, vec![shop::join(2)]),
    ]
}

/// The places that were drawn, in order of joining, where they count.
fn places(shop: &Shop) -> String {
    let queue = &shop.engine.queues()[0];
    let drawn = |number| queue.line().drawn(number).map(|(place, _)| place.to_string());
    let places: Vec<_> = (0..queue.issued()).filter_map(drawn).collect();
    if places.is_empty() { "-".to_owned() } else { places.join(",") }
}

#[test]
fn an_old_draw_comes_to_the_same_places() {
    let mut shop = Shop::new();
    let mut lines = Vec::new();
    for (at_ms, commands) in script() {
        shop.now = BEGIN_MS + at_ms;
        let batch = Batch { commands };
        let mut bytes = Vec::new();
        batch.encode_into(&mut bytes);
        shop.batch(&batch);
        let fingerprint = shop.engine.mark().fingerprint;
        lines.push(format!("{} {fingerprint:#018x} {} {}", shop.now, places(&shop), to_hex(&bytes)));
    }
    let counts = |places: &str| places.split(',').filter(|place| *place != "-").count();
    let drawn: Vec<_> = lines.iter().map(|line| counts(line.split(' ').nth(2).unwrap_or_default())).collect();
    assert_eq!(drawn, [0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 31, 0, 0, 0], "in each entry so many have a place");
    check("draw.txt", &lines, "a draw of before comes to other places now, or to another state");
}
