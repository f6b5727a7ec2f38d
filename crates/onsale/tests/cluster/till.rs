//! Buyers who buy without end, over all nodes, and keep the receipts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use onsale_testkit::{Client, eventually_some};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::round::{Counter, Receipts};

/// After so many rounds a buyer comes as another user: keys and reservations that are shown are limited for each. No fewer than
/// that asks for: a node that stood still lets in whoever asked it meanwhile, and who does not come any more keeps the slot.
const ROUNDS_MAX: u64 = 240;
/// The users of one buyer are so far apart.
const USERS_APART: u64 = 1_000;

/// A load of places, polls, charges, holds and payments.
pub(crate) struct Till {
    running: JoinSet<Vec<Receipts>>,
    stop: Arc<AtomicBool>,
    counter: Arc<Counter>,
}

impl Till {
    /// Opens for so many buyers at a time. Every one of them goes from node to node.
    pub(crate) async fn open(clients: &[Client], buyers: u64) -> Self {
        let counter = Arc::new(Counter::new(clients));
        let mut till = Self { running: JoinSet::new(), stop: Arc::default(), counter };
        for buyer in 1..=buyers {
            let (stop, counter) = (till.stop.clone(), till.counter.clone());
            till.running.spawn(async move {
                let mut all = Vec::new();
                for user in (buyer..).step_by(USERS_APART as usize) {
                    let mut receipts = Receipts::none(&counter, user).await;
                    let mut rounds = 0..ROUNDS_MAX;
                    while !stop.load(Ordering::Relaxed)
                        && let Some(round) = rounds.next()
                    {
                        receipts.round(&counter, round).await;
                    }
                    all.push(receipts);
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
                all
            });
        }
        till
    }

    /// Waits until so many more receipts are out, and tells how long it took.
    pub(crate) async fn more(&mut self, count: u64) {
        let began = Instant::now();
        let until = self.receipts() + count;
        let (running, receipts) = (&mut self.running, &self.counter.receipts);
        eventually_some("receipts come in", async || {
            if let Some(ended) = running.try_join_next() {
                ended.expect("no buyer panics");
            }
            (receipts.load(Ordering::Relaxed) >= until).then_some(())
        })
        .await;
        eprintln!("{count} more receipts after {} ms", began.elapsed().as_millis());
    }

    /// How many there are so far.
    pub(crate) fn receipts(&self) -> u64 {
        self.counter.receipts.load(Ordering::Relaxed)
    }

    /// Closes, and expects that every receipt counts once, and nothing else does, whichever node is asked.
    pub(crate) async fn close(mut self, clients: &[Client]) {
        self.stop.store(true, Ordering::Relaxed);
        let mut sold = BTreeSet::new();
        while let Some(ended) = self.running.join_next().await {
            for receipts in ended.expect("no buyer panics") {
                for client in clients {
                    assert_counted(&receipts, client).await;
                }
                for (reservation, _, seat) in receipts.paid {
                    assert!(sold.insert(seat), "seat {seat} was sold twice, then by reservation {reservation}");
                }
            }
        }
        for client in clients {
            assert_eq!(taken(client).await, sold, "other seats are taken than were paid for");
        }
        let longest = self.counter.longest_ms.load(Ordering::Relaxed);
        eprintln!("{} receipts, {} seats sold, the longest after {longest} ms", self.receipts(), sold.len());
    }
}

/// The wallet holds what the receipts come to, and each payment stands once.
async fn assert_counted(receipts: &Receipts, client: &Client) {
    let buyer = receipts.buyer.through(client);
    assert_eq!(buyer.balance().await, receipts.balance(), "user {}", buyer.user());
    let Value::Array(list) = buyer.reservations().await.data() else { panic!("a list was expected") };
    let number = |value: &Value| value.as_u64().expect("a number");
    let paid = list.iter().filter(|one| !one["paymentId"].is_null());
    let shown: BTreeSet<_> = paid
        .map(|one| (number(&one["reservationId"]), number(&one["paymentId"]), number(&one["seatIds"][0])))
        .collect();
    assert_eq!(shown, receipts.paid.iter().copied().collect(), "user {}", buyer.user());
    assert_eq!(list.len(), receipts.paid.len(), "user {} holds what was not acknowledged", buyer.user());
}

/// The seats that are not to be had any more, as somebody sees them who has just come.
async fn taken(client: &Client) -> BTreeSet<u64> {
    let looker = onsale_testkit::Buyer::admitted(client, 1_000_000).await;
    let Value::Array(seats) = looker.seats(1).await.data() else { panic!("a list was expected") };
    let taken = seats.iter().filter(|seat| seat["seatStatus"] != "AVAILABLE");
    taken.map(|seat| seat["seatId"].as_u64().expect("a number")).collect()
}
