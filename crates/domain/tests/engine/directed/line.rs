//! Readers beside the engine: they take no lock, and what they see is true of some moment of their reading.

use std::sync::atomic::{AtomicU32, Ordering};

use onsale_domain::command::Command;
use onsale_domain::queue;
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop, ticket};

const USERS: u32 = 140_000;
const STEP: u32 = 500;

/// From the front and from the middle people leave, while readers watch some places behind them. The number of
/// those gone is raised before each batch as `at_most`, and after it as `at_least`.
#[test]
fn places_never_rise_and_are_never_wrong_by_more_than_what_happens_meanwhile() {
    let mut shop = Shop::open(patient(1), Settings::default(), 1);
    shop.all((1..=u64::from(USERS)).map(shop::join).collect());
    let line = shop.engine.queues()[0].line().clone();
    let (at_least, at_most) = (AtomicU32::new(0), AtomicU32::new(0));
    let watch = |number: u32| {
        let mut last = u32::MAX;
        loop {
            let least = at_least.load(Ordering::Acquire);
            let place = queue::position(&line, number);
            let most = at_most.load(Ordering::Acquire);
            assert!(place <= last, "the place of {number} rose from {last} to {place}");
            assert!((number - most..=number - least).contains(&place), "{place} with {least} to {most} gone");
            last = place;
            if least == USERS / 2 {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        for number in [USERS - 1, USERS - 70, 131_072, 110_001] {
            let watch = &watch;
            scope.spawn(move || watch(number));
        }
        let leaving: Vec<u32> = (1..=USERS / 4).flat_map(|n| [n, USERS / 2 + n]).collect();
        for some in leaving.chunks(STEP as usize) {
            at_most.fetch_add(some.len() as u32, Ordering::AcqRel);
            shop.all(some.iter().map(|&number| Command::Leave { ticket: ticket(number), user: None }).collect());
            at_least.fetch_add(some.len() as u32, Ordering::AcqRel);
        }
    });
}
