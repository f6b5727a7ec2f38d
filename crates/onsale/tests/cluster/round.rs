//! One buyer's way through a sale, again and again, over all nodes: a place, a charge, a hold, a payment. Everything is
//! sent again until a node says how it ended, with the same key, as a client does that must not lose its money.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use onsale_testkit::{Buyer, Call, Client, Reply};

use crate::nodes::{PRICE, SEATS};

/// How long one try waits for its answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a node that gave none is left alone. Then one tries it, and the others when that one has had an answer: where each
/// found out for itself, with nodes that stand still most would wait most of the time, and the fewer come through the longer it
/// takes.
const SHUN: Duration = Duration::from_secs(3);
/// In place of a time until which a node is shunned.
const TRUSTED: u64 = 0;
/// The pause between two tries, and between two polls.
const PAUSE: Duration = Duration::from_millis(20);
/// What every charge adds: enough for one seat, and something is left.
pub(crate) const AMOUNT: u64 = PRICE + 7;

/// What the buyers of one till share.
pub(crate) struct Counter {
    clients: Vec<Client>,
    began: Instant,
    /// Until when each node is shunned, in milliseconds since `began`; [`TRUSTED`] where it answers.
    shunned_ms: Vec<AtomicU64>,
    /// Every seat is asked for twice.
    next_seat: AtomicU64,
    /// Charges, holds and payments that were acknowledged.
    pub(crate) receipts: AtomicU64,
    /// The longest that anybody had to try for one answer, in milliseconds.
    pub(crate) longest_ms: AtomicU64,
}

/// What one buyer has in writing.
pub(crate) struct Receipts {
    pub(crate) buyer: Buyer,
    pub(crate) charges: u64,
    /// Reservation, payment and seat.
    pub(crate) paid: Vec<(u64, u64, u64)>,
}

impl Counter {
    pub(crate) fn new(clients: &[Client]) -> Self {
        Self {
            clients: clients.to_vec(),
            began: Instant::now(),
            shunned_ms: clients.iter().map(|_| AtomicU64::new(TRUSTED)).collect(),
            next_seat: AtomicU64::new(0),
            receipts: AtomicU64::new(0),
            longest_ms: AtomicU64::new(0),
        }
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// Whether to try a node: one that answers, or that it is time to try again, for the first who comes then. Where all are shunned
    /// nobody is choosy.
    fn is_tried(&self, node: usize) -> bool {
        let (now_ms, until_ms) = (self.now_ms(), self.shunned_ms[node].load(Ordering::Relaxed));
        if until_ms == TRUSTED || self.shunned_ms.iter().all(|until| until.load(Ordering::Relaxed) > now_ms) {
            return true;
        }
        let next_ms = now_ms + (PATIENCE + SHUN).as_millis() as u64;
        until_ms <= now_ms
            && self.shunned_ms[node].compare_exchange(until_ms, next_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Sends a call from node to node, each time another first, until it is answered with anything but 503 and 504.
    async fn until_answered(&self, first: u64, call: Call) -> Reply {
        let began = Instant::now();
        for node in first as usize.. {
            let node = node % self.clients.len();
            if !self.is_tried(node) {
                continue;
            }
            match tokio::time::timeout(PATIENCE, self.clients[node].send(&call)).await {
                Ok(Ok(reply)) => {
                    self.shunned_ms[node].store(TRUSTED, Ordering::Relaxed);
                    if !matches!(reply.status, 503 | 504) {
                        self.longest_ms.fetch_max(began.elapsed().as_millis() as u64, Ordering::Relaxed);
                        return reply;
                    }
                    // It has a reason, and says when to come again; another node may do.
                }
                // The node is gone, or the answer is: the key makes another try harmless.
                Ok(Err(_)) | Err(_) => {
                    let until_ms = self.now_ms() + SHUN.as_millis() as u64;
                    self.shunned_ms[node].store(until_ms, Ordering::Relaxed);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        unreachable!("there is always another node to ask")
    }

    fn receipt(&self) {
        self.receipts.fetch_add(1, Ordering::Relaxed);
    }
}

impl Receipts {
    /// Before the first round.
    pub(crate) async fn none(counter: &Counter, user: u64) -> Self {
        Self { buyer: place(counter, user, user).await, charges: 0, paid: Vec::new() }
    }

    /// One round, after which the user is not inside any more. Who comes too late for a seat leaves.
    pub(crate) async fn round(&mut self, counter: &Arc<Counter>, round: u64) {
        let user = self.buyer.user();
        let first = user + round;
        let keyed = |what: &str, call: Call| call.key(&format!("{what}-{user}-{round}"));
        self.buyer = place(counter, user, first).await;
        while !self.is_inside(counter, first).await {
            tokio::time::sleep(PAUSE).await;
        }
        let charge = keyed("charge", Buyer::charging(AMOUNT)).token(self.buyer.token());
        counter.until_answered(first, charge).await.data();
        self.charges += 1;
        counter.receipt();
        let seat = counter.next_seat.fetch_add(1, Ordering::Relaxed) / 2 % u64::from(SEATS) + 1;
        let hold = keyed("hold", Buyer::reserving(1, seat)).token(self.buyer.token());
        let held = counter.until_answered(first + 1, hold).await;
        if held.status == 409 {
            let code = held.code();
            assert!(matches!(code.as_deref(), Some("SEAT_NOT_AVAILABLE" | "SOLD_OUT")), "{held}");
            let leave = Call::post("/v1/api/queue/token/leave").token(self.buyer.token());
            counter.until_answered(first, leave).await;
            return;
        }
        let reservation = number(&held, "reservationId");
        counter.receipt();
        let pay = keyed("pay", Buyer::paying(reservation)).token(self.buyer.token());
        let paid = counter.until_answered(first + 2, pay).await;
        self.paid.push((reservation, number(&paid, "paymentId"), seat));
        counter.receipt();
    }

    async fn is_inside(&self, counter: &Counter, first: u64) -> bool {
        let poll = Call::post("/v1/api/queue/token/check").token(self.buyer.token());
        let status = counter.until_answered(first, poll).await.data()["status"].clone();
        assert!(status == "WAITING" || status == "PROGRESS", "user {} is {status}", self.buyer.user());
        status == "PROGRESS"
    }

    /// What the wallet must hold.
    pub(crate) fn balance(&self) -> u64 {
        self.charges * AMOUNT - self.paid.len() as u64 * PRICE
    }
}

/// A place in the queue: a new one, or the one that the user has.
async fn place(counter: &Counter, user: u64, first: u64) -> Buyer {
    let issued = counter.until_answered(first, Buyer::issue(user)).await;
    Buyer::from_issue(&counter.clients[0], user, &issued)
}

fn number(reply: &Reply, name: &str) -> u64 {
    reply.data()[name].as_u64().unwrap_or_else(|| panic!("{name} is a number: {reply}"))
}
