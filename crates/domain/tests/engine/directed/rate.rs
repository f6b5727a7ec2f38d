//! Admissions per second.

use onsale_domain::command::{Batch, Command};
use onsale_domain::queue::Status;
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};

use super::patient;
use crate::shop::{self, QUEUE, Shop};

fn limited(per_second: u32) -> QueueSettings {
    QueueSettings { admit_per_second: Some(per_second), ..patient(u32::MAX) }
}

/// Ticks come late, and unevenly: no second sees more than the limit, and nobody is stuck.
#[test]
fn late_ticks_admit_no_more_and_lose_nobody() {
    for (per_second, late_ms) in [(1, 7), (10, 0), (10, 333), (50, 45), (100, 1_001)] {
        let mut shop = Shop::open(limited(per_second), Settings::default(), 1);
        shop.all((1..=200).map(shop::join).collect());
        let mut admitted = vec![shop.now; shop.engine.queues()[0].active() as usize];
        while admitted.len() < 200 {
            let next = shop.engine.next_deadline().0;
            assert!(next > shop.now && next < shop.now + 2_000, "the node is told when to come back");
            shop.now = next + late_ms;
            let (_, rows) = shop.batch(&Batch { commands: vec![Command::Tick] });
            let inside = |row: &&Row| matches!(row, Row::Ticket(row) if row.state.status() == Status::Progress);
            admitted.extend(rows.iter().filter(inside).map(|_| shop.now));
        }
        for &start in &admitted {
            let in_second = admitted.iter().filter(|&&at| at >= start && at < start + 1_000).count();
            assert!(in_second <= per_second as usize, "{per_second}/s: {in_second}");
        }
    }
}

/// Asking in vain changes nothing: an engine loaded from the rows goes on as the one that wrote them.
#[test]
fn a_refusal_by_the_rate_leaves_no_trace() {
    let mut shop = Shop::open(limited(50), Settings::default(), 1);
    for user in 1..=4 {
        shop.now += 200;
        shop.one(shop::join(user)).expect("the queue is open");
    }
    shop.all(vec![Command::ConfigureQueue { queue: QUEUE, settings: Some(limited(1)), mode: None }, shop::join(5)]);
    shop.now += 500;
    shop.tick();
    let mark = shop.engine.mark();
    let engine = shop.tables.load(&mark).expect("the rows fit");
    let mut other = Shop { engine, tables: shop.tables.clone(), now: shop.now };
    let full = QueueSettings { active_limit: 1, ..limited(1) };
    let configure = Command::ConfigureQueue { queue: QUEUE, settings: Some(full), mode: None };
    other.one(configure.clone()).expect("the settings are valid");
    shop.one(configure).expect("the settings are valid");
    assert_eq!(shop.engine.mark(), other.engine.mark());
}

/// A node that has just loaded knows that somebody waits for the rate alone.
#[test]
fn a_loaded_engine_says_when_admission_goes_on() {
    let mut shop = Shop::open(limited(1), Settings::default(), 1);
    shop.all(vec![shop::join(1), shop::join(2)]);
    let before = shop.engine.next_deadline();
    shop.restart();
    assert!(shop.engine.next_deadline() <= before);
}
