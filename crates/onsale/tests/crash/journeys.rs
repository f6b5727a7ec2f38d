//! Buyers who go from the queue to a ticket whatever happens to the server, and note what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use onsale_testkit::{Acknowledged, Buyer, Call, Client, Log, Reply};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

pub(crate) const PRICE: u64 = 50_000;

/// How long a buyer waits before the same request is sent again.
const PAUSE: Duration = Duration::from_millis(10);
/// How long the server may be away.
const PATIENCE: Duration = Duration::from_secs(60);

/// Many buyers at a time, until they are told to stop; each of them finishes the journey that it has begun.
pub(crate) struct Journeys {
    running: JoinSet<()>,
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    log: Log,
    next_user: AtomicU64,
    stop: AtomicBool,
}

impl Journeys {
    /// Starts `concurrent` of them against a server that will keep its address. Users are 1, 2, 3, …; users 1 and 2
    /// want seat 1, users 3 and 4 want seat 2, and so on.
    pub(crate) fn start(client: &Client, concurrent: usize) -> Self {
        let shared = Arc::new(Shared {
            client: client.clone(),
            log: Log::new(),
            next_user: AtomicU64::new(1),
            stop: AtomicBool::new(false),
        });
        let mut running = JoinSet::new();
        for _ in 0..concurrent {
            let shared = Arc::clone(&shared);
            running.spawn(async move {
                while !shared.stop.load(Ordering::Relaxed) {
                    let user = shared.next_user.fetch_add(1, Ordering::Relaxed);
                    shared.journey(user).await;
                }
            });
        }
        Self { running, shared }
    }

    /// How much was acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.shared.log.len()
    }

    /// Lets everybody finish, and hands over what they were told.
    pub(crate) async fn finish(self) -> Vec<Acknowledged> {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.running.join_all().await;
        self.shared.log.entries()
    }
}

impl Shared {
    async fn journey(&self, user: u64) {
        let token = self.join(user).await;
        let seat = user.div_ceil(2);
        let reserve = Buyer::reserving(1, seat).token(&token).key(&format!("reserve-{user}"));
        let held = self.insist(&reserve).await;
        if held.status == 409 {
            held.refused(409, "SEAT_NOT_AVAILABLE");
            self.insist(&Call::post("/v1/api/queue/token/leave").token(&token)).await.data();
            return;
        }
        let reservation = id(&held.data(), "reservationId");
        self.log.add(Acknowledged::Hold { user, reservation, seat });
        let charge = Buyer::charging(PRICE).token(&token).key(&format!("charge-{user}"));
        assert_eq!(self.insist(&charge).await.data()["amount"], PRICE, "user {user} charged once");
        self.log.add(Acknowledged::Charge { user, amount: PRICE });
        let pay = Buyer::paying(reservation).token(&token).key(&format!("pay-{user}"));
        let paid = self.insist(&pay).await.data();
        let (payment, amount) = (id(&paid, "paymentId"), id(&paid, "paymentAmount"));
        self.log.add(Acknowledged::Payment { user, reservation, seat, payment, amount });
    }

    /// Takes a place and polls to PROGRESS: the token.
    async fn join(&self, user: u64) -> String {
        let issued = self.insist(&Buyer::issue(user)).await.data();
        let token = issued["queueToken"].as_str().expect("queueToken is a text").to_owned();
        self.log.add(Acknowledged::Issue { user, token: token.clone() });
        let check = Call::post("/v1/api/queue/token/check").token(&token);
        loop {
            let data = self.insist(&check).await.data();
            match data["status"].as_str() {
                Some("PROGRESS") => return token,
                Some("WAITING") => sleep(PAUSE).await,
                _ => panic!("user {user} lost the place: {data}"),
            }
        }
    }

    /// Sends it until it is settled: a broken connection, 503 and 504 leave open whether it was done, and every
    /// write here is one that may be repeated.
    async fn insist(&self, call: &Call) -> Reply {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.client.send(call).await {
                Ok(reply) if reply.status < 500 => return reply,
                unsettled => assert!(Instant::now() < deadline, "it was never settled: {call}: {unsettled:?}"),
            }
            sleep(PAUSE).await;
        }
    }
}

fn id(data: &Value, name: &str) -> u64 {
    data[name].as_u64().unwrap_or_else(|| panic!("{name} is a number: {data}"))
}
