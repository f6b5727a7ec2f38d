//! Buyers who charge their wallets without end, over all nodes, and keep the receipts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use onsale_testkit::{Buyer, Client, eventually_some};
use tokio::task::JoinSet;

/// How long one try waits for its answer.
const PATIENCE: Duration = Duration::from_secs(4);
const AMOUNT: u64 = 7;

/// A load of charges, each sent again with its key until a node says that it is done.
pub(crate) struct Till {
    running: JoinSet<(Buyer, u64)>,
    stop: Arc<AtomicBool>,
    receipts: Arc<AtomicU64>,
    /// The longest that anybody had to try for one receipt, in milliseconds.
    longest_ms: Arc<AtomicU64>,
}

impl Till {
    /// Opens for so many users. Every one of them goes from node to node.
    pub(crate) async fn open(clients: &[Client], users: u64) -> Self {
        let (stop, receipts, longest_ms) = (Arc::default(), Arc::default(), Arc::default());
        let mut till = Self { running: JoinSet::new(), stop, receipts, longest_ms };
        for user in 1..=users {
            let buyer = Buyer::join(&clients[0], user).await;
            let clients = clients.to_vec();
            let (stop, receipts, longest_ms) = (till.stop.clone(), till.receipts.clone(), till.longest_ms.clone());
            till.running.spawn(async move {
                let mut count = 0;
                while !stop.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    charge(&clients, &buyer, count).await;
                    count += 1;
                    receipts.fetch_add(1, Ordering::Relaxed);
                    longest_ms.fetch_max(began.elapsed().as_millis() as u64, Ordering::Relaxed);
                }
                (buyer, count)
            });
        }
        till
    }

    /// Waits until so many more receipts are out.
    pub(crate) async fn more(&self, count: u64) {
        let until = self.receipts.load(Ordering::Relaxed) + count;
        eventually_some("charges go through", async || (self.receipts.load(Ordering::Relaxed) >= until).then_some(()))
            .await;
    }

    /// Closes, and expects that every receipt counts once, and nothing else does, whichever node is asked.
    pub(crate) async fn close(mut self, clients: &[Client]) {
        self.stop.store(true, Ordering::Relaxed);
        let mut total = 0;
        while let Some(ended) = self.running.join_next().await {
            let (buyer, count) = ended.expect("no buyer panics");
            total += count;
            for client in clients {
                assert_eq!(buyer.through(client).balance().await, count * AMOUNT, "user {}", buyer.user());
            }
        }
        let longest = self.longest_ms.load(Ordering::Relaxed);
        eprintln!("{total} receipts, the longest after {longest} ms");
    }
}

/// One charge, from node to node until it is acknowledged.
async fn charge(clients: &[Client], buyer: &Buyer, number: u64) {
    let key = format!("{}-{number}", buyer.user());
    for node in (buyer.user() + number) as usize.. {
        let call = Buyer::charging(AMOUNT).key(&key).token(buyer.token());
        let client = &clients[node % clients.len()];
        match tokio::time::timeout(PATIENCE, client.send(&call)).await {
            Ok(Ok(reply)) if reply.status == 200 => return,
            Ok(Ok(reply)) => assert!(matches!(reply.status, 503 | 504), "{reply}"),
            // The node is gone, or the answer is: the key makes another try harmless.
            Ok(Err(_)) | Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
